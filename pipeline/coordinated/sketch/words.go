package sketch

import "strings"

// known is a word that the sketch knows.
type known struct {
	hash uint64
	// turn is what it does to the meaning: 0 for nothing.
	turn uint64
	// id is its number in the phrases: 0 for none.
	id uint16
}

// wordTable finds known words by their hash. Nearly all words are none of them:
// the bits tell that at once.
type wordTable struct {
	bits  [128]uint64
	words map[uint64]*known
}

func (t *wordTable) find(hash uint64) *known {
	h := hash ^ hash>>29
	if t.bits[h>>6&127]&(1<<(h&63)) == 0 {
		return nil
	}
	return t.words[hash]
}

func (t *wordTable) word(s string) *known {
	h := wordHash(s)
	w := t.words[h]
	if w == nil {
		w = &known{hash: h}
		t.words[h] = w
		spread := h ^ h>>29
		t.bits[spread>>6&127] |= 1 << (spread & 63)
	}
	return w
}

// wordHash is the hash of a word as the reading makes it: repeated letters count
// once.
func wordHash(s string) uint64 {
	h := uint64(offset)
	for i := range len(s) {
		if i > 0 && s[i] == s[i-1] {
			continue
		}
		h = (h ^ uint64(s[i])) * prime
	}
	return h
}

// negations in the languages of the posts, as people write them.
const negations = `tidak tdk tak tidaklah bukan bukanlah bkn jangan janganlah jgn gak ga gk nggak ngga enggak engga kagak belum blm tanpa
	anti tolak menolak dilarang kada kadada dia diak ela ora ojo aja mboten dudu teu henteu ulah sanes indak ndak not no never dont`

// numerals are numbers in words. Where one word is two things, it is the number.
var numerals = []string{
	1: "satu siji setunggal hiji ciek ije",
	2: "dua loro kalih due duo",
	3: "tiga telu tilu tigo telo",
	4: "empat papat sekawan opat ampek epat",
	5: "lima limo gangsal",
	6: "enam enem genep anam",
	7: "tujuh pitu tujuah",
	8: "delapan wolu dalapan salapan",
	9: "sembilan sanga sanga sambilan",
}

// common phrases by which ordinary copies are known. What is meant is the whole
// text: a campaign with a greeting before it is flagged, and flags outweigh this.
var phrases = map[Harmless]string{
	Greeting: `selamat hari; selamat pagi; selamat idul; selamat idulfitri; selamat natal; selamat tahun baru; selamat hut; selamat ulang tahun;
		selamat nyepi; selamat waisak; selamat imlek; selamat galungan; selamat menunaikan; selamat memperingati; selamat datang; selamat sore;
		selamat berbuka; selamat atas; selamat dan sukses; selamat menempuh; dirgahayu; mohon maaf lahir; minal aidin; minal aidzin;
		happy new year; happy birthday; merry christmas; marhaban ya ramadhan; barakallah fii umrik; sugeng riyadi; wilujeng`,
	Condolence: `turut berduka; berduka cita; berdukacita; innalillahi; inna lillahi; selamat jalan; rest in peace; duka cita`,
	Circular: `surat edaran; diumumkan kepada; pengumuman; disampaikan kepada; diinformasikan; jadwal pelayanan; jam pelayanan; siaran pers; rilis resmi;
		netralitas asn; netralitas aparatur; ikrar netralitas; asn netral; jaga netralitas; gunakan hak pilih; jangan golput; ayo ke tps; hari pemungutan suara;
		bayar pajak; pajak kendaraan; stop stunting; cegah stunting; imunisasi; donor darah; hari kesehatan; sensus; upacara bendera; lowongan; pendaftaran cpns`,
	Prayer: `aamiin ya; semoga allah; doa bersama; baca surat; jumat berkah; waspada penipuan; mohon doanya; dibagikan ke`,
}

// phrase is a sequence of words.
type phrase struct {
	words []uint16
	why   Harmless
}

var wordsByHash, phrasesByFirst = buildWords()

func buildWords() (*wordTable, [][]phrase) {
	table := &wordTable{words: map[uint64]*known{}}
	for w := range strings.FieldsSeq(negations) {
		table.word(w).turn = mix(0x74)
	}
	for value, words := range numerals {
		for w := range strings.FieldsSeq(words) {
			table.word(w).turn = numberTurn(uint64(value)) //nolint:gosec // below ten
		}
	}
	byFirst := make([][]phrase, 1) // 0 is no word
	next := uint16(1)
	for _, why := range []Harmless{Greeting, Condolence, Circular, Prayer} {
		for text := range strings.SplitSeq(phrases[why], ";") {
			p := phrase{why: why}
			for w := range strings.FieldsSeq(text) {
				word := table.word(w)
				if word.id == 0 {
					word.id, next, byFirst = next, next+1, append(byFirst, nil)
				}
				p.words = append(p.words, word.id)
			}
			byFirst[p.words[0]] = append(byFirst[p.words[0]], p)
		}
	}
	return table, byFirst
}

// phraseState remembers the last words that are in a phrase.
type phraseState struct {
	last [3]uint16
}

// word takes the next word and sees whether a phrase ends with it: those that
// begin one, two or three words back.
func (p *phraseState) word(r *reading, id uint16) {
	if r.harmless != NotHarmless {
		return
	}
	p.last[0], p.last[1], p.last[2] = p.last[1], p.last[2], id
	if id == 0 {
		return
	}
	for from := range p.last {
		for _, candidate := range phrasesByFirst[p.last[from]] { // none of 0
			if len(candidate.words) == len(p.last)-from && equal(candidate.words, p.last[from:]) {
				r.harmless = candidate.why
				return
			}
		}
	}
}

func equal(a, b []uint16) bool {
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}
