package text_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/netra-id/netra/classifiers/text"
)

// newAnalyzer knows the given terms.
func newAnalyzer(terms ...string) *text.Analyzer {
	b := text.NewVocabularyBuilder()
	for _, term := range terms {
		b.AddTerm(term)
	}
	return text.NewAnalyzer(b.Freeze())
}

// stems writes the stem (or the root, if that is another word: stem/root) of
// every token that has one.
func stems(a *text.Analyzer, s string) string {
	var d text.Doc
	a.Analyze(&d, s)
	var out []string
	for i := range d.Tokens {
		t := &d.Tokens[i]
		if t.Stem == 0 {
			continue
		}
		stem := a.Vocabulary().Word(t.Stem)
		if t.Root != t.Stem {
			stem += "/" + a.Vocabulary().Word(t.Root)
		}
		out = append(out, stem)
	}
	return strings.Join(out, " ")
}

func TestOneTermCatchesItsForms(t *testing.T) {
	forms := map[string]string{
		"dukung": `dukung Dukung DUKUNG mendukung didukung dukunglah dukungnya didukungnya dukungkan dukungi kudukung
			kaudukung ngedukung ndukung mandukung ndhukung dukungin dukungg dukunggg dduukkuunngg duKUng d.u.k.u.n.g d-u-k-u-n-g`,
		"pilih":     `memilih dipilih milih mamilih pilihlah pilihkan dipilihnya memilihnya pilihen p1lih pil1h p!lih p|lih PILIH piliiih mamilihakan dipilihkeun milihin`,
		"coblos":    `mencoblos nyoblos dicoblos coblosin cobloskan coblosno c0bl0s coblo5 cobl0s nyobloskeun c*blos cobloz`,
		"serang":    `menyerang diserang nyerang serangkan manyarang`,
		"kritik":    `mengkritik dikritik ngritik kritiknya`,
		"tolak":     `menolak ditolak nolak tolaklah`,
		"cat":       `mengecat dicat catnya`,
		"menang":    `menangkan memenangkan dimenangkan menangin menangi m3nang men4ng menanglah`,
		"atur":      `mengatur diatur ngatur aturkan`,
		"bayar":     `membayar dibayar mbayar bayarkan bayarin`,
		"maaf":      `maaf maaaf maaaaaf`,
		"saat":      `saat saaat saatnya`,
		"bohong":    `bohong boong b0hong bohonnng`,
		"nomor":     `nomor no nmr nomer nomornya`,
		"tidak":     `tidak gak ga nggak tdk ngga gaaak`,
		"paslon":    `paslon p@slon pasl0n`,
		"korupsi":   `korupsi k0rup5i korup51`,
		"gunama":    `gunama Gunama gun4ma`,
		"amplop":    `amplop amplopnya ampl0p am-plop am.plop amp_lop`,
		"jangan":    `jangan jgn janganlah`,
		"gas":       `gas gasss gaskan gaslah`,
		"bersatu":   `bersatu bersatulah`,
		"mata-mata": `mata-mata mata2 Mata-Mata`,
	}
	misses := map[string]bool{"cobloz": true, "dduukkuunngg": false, "pilihen": true, "manyarang": true}
	for term, list := range forms {
		a := newAnalyzer(term)
		for _, form := range strings.Fields(list) {
			got := stems(a, form)
			want := term
			if misses[form] {
				want = ""
			}
			if got != want && !strings.HasSuffix(got, "/"+want) {
				t.Errorf("term %q: %q gave %q, want %q", term, form, got, want)
			}
		}
	}
}

func TestOtherWordsStayOther(t *testing.T) {
	others := map[string]string{
		"pilih":  "pilihan pemilihan terpilih pemilih pilihanku",
		"dukung": "dukungan pendukung berdukung",
		"taik":   "naik",
		"salah":  "masalah",
		"dia":    "media",
		"menang": "pemenang kemenangan",
		"satu":   "bersatu persatuan",
		"mana":   "dimana",
		"masa":   "masalah",
		"pati":   "mati",
		"tama":   "nama",
		"buku":   "bukunomor",
		"kali":   "menggali",
		"jala":   "jalannya",
		"kamu":   "uu",
		"belum":  "bloon",
		"1":      "menyatu satunya",
		"tetap":  "tetapi",
		"adi":    "jadi adil",
		"budi":   "budiman budidaya",
	}
	for term, list := range others {
		a := newAnalyzer(term)
		for _, form := range strings.Fields(list) {
			if got := stems(a, form); got != "" {
				t.Errorf("term %q: %q gave %q, want nothing", term, form, got)
			}
		}
	}
}

func TestTermsAreLedBackToTheirRoot(t *testing.T) {
	a := newAnalyzer("mendukung", "menangkan", "nyoblos")
	if got := stems(a, "didukung dukung memenangkan menang coblos"); got != "dukung dukung menangkan coblos" {
		t.Errorf("got %q", got)
	}
}

// tokens writes kind:original(normal) for every token.
func tokens(d *text.Doc) string {
	var out []string
	for i := range d.Tokens {
		t := &d.Tokens[i]
		s := fmt.Sprintf("%s:%s", t.Kind, d.Text[t.Start:t.End])
		if norm := string(d.Norm(t)); norm != d.Text[t.Start:t.End] {
			s += "(" + norm + ")"
		}
		if t.Number >= 0 {
			s += fmt.Sprintf("=%d", t.Number)
		}
		out = append(out, s)
	}
	return strings.Join(out, " ")
}

func TestTokens(t *testing.T) {
	tests := map[string]struct{ in, want string }{
		"empty":                 {"", ""},
		"spaces":                {" \t\n ", ""},
		"words":                 {"Ayo Pilih", "word:Ayo(ayo) word:Pilih(pilih)"},
		"one emoji":             {"✌️", "emoji:✌️(✌)"},
		"skin and repeats":      {"👍🏽👍🏽", "emoji:👍🏽👍🏽(👍)"},
		"joined emoji":          {"👨‍👩‍👧 x", "emoji:👨‍👩‍👧(👨👩👧) word:x"},
		"flags":                 {"🇮🇩🇲🇾", "emoji:🇮🇩 emoji:🇲🇾"},
		"keycap":                {"2️⃣", "emoji:2️⃣(2)=2"},
		"circled":               {"② ❷", "number:②(2)=2 number:❷(2)=2"},
		"full width":            {"２ ｐｉｌｉｈ", "number:２(2)=2 word:ｐｉｌｉｈ(pilih)"},
		"leading zero":          {"02", "number:02=2"},
		"grouped":               {"50.000 8,5", "number:50.000 number:8,5"},
		"currency":              {"Rp50.000,", "word:Rp(rp) number:50.000 punct:,"},
		"no2":                   {"no2", "word:no number:2=2"},
		"no1":                   {"no1 nomor1 nomer02", "word:no number:1=1 word:nomor number:1=1 word:nomer number:02=2"},
		"no.2":                  {"no.2", "word:no punct:. number:2=2"},
		"u19 and 2x":            {"u19 2x", "word:u19 word:2x"},
		"10rb":                  {"10rb", "number:10=10 word:rb"},
		"roman":                 {"II", "word:II(ii)=2"},
		"link":                  {"lihat https://x.id/a?b=c.", "word:lihat url:https://x.id/a?b=c punct:."},
		"bare link":             {"di kompas.com, bit.ly/Ab", "word:di url:kompas.com punct:, url:bit.ly/Ab(bit.ly/ab)"},
		"mention":               {"@Budi_1.", "mention:@Budi_1(@budi_1) punct:."},
		"fediverse":             {"@budi@contoh.id", "mention:@budi@contoh.id"},
		"e-mail":                {"a.b@contoh.id", "word:a punct:. word:b mention:@contoh.id"},
		"reduplicated":          {"anak2 anak-anak anak2nya", "word:anak2(anak-anak) word:anak-anak word:anak2nya(anak-anaknya)"},
		"apostrophe":            {"jum'at ma’ruf", "word:jum'at(jumat) word:ma’ruf(maruf)"},
		"accents":               {"é e\u0301", "word:é(e) word:e\u0301(e)"},
		"soft hyphen":           {"du\u00adkung", "word:du\u00adkung(dukung)"},
		"trailing zero width":   {"du\u200b kung", "word:du word:kung"},
		"direction marks":       {"\u202edukung\u202c", "word:dukung"},
		"mathematical":          {"𝕡𝕚𝕝𝕚𝕙", "word:𝕡𝕚𝕝𝕚𝕙(pilih)"},
		"Cyrillic twins":        {"сoblоs", "word:сoblоs(coblos)"},
		"small capitals":        {"ᴅᴜᴋᴜɴɢ", "word:ᴅᴜᴋᴜɴɢ(dukung)"},
		"squared letters":       {"🅳🆄🅺🆄🅽🅶", "word:🅳🆄🅺🆄🅽🅶(dukung)"},
		"other scripts":         {"حزب 选举", "word:حزب word:选举"},
		"invalid UTF-8":         {"a\xffb \xc3", "word:a\xffb(ab)"},
		"NUL":                   {"a\x00b", "word:a word:b"},
		"quotation marks":       {"“ya”", "punct:“(\") word:ya punct:”(\")"},
		"hashtag by case":       {"#AyoMenang", "hashtag:#AyoMenang(#ayomenang) word:Ayo(ayo) word:Menang(menang)"},
		"hashtag by vocabulary": {"#gunamamenang2024", "hashtag:#gunamamenang2024 word:gunama word:menang number:2024"},
		"hashtag capitals":      {"#GUNAMAmenang", "hashtag:#GUNAMAmenang(#gunamamenang) word:GUNAMA(gunama) word:menang"},
		"hashtag underscore":    {"#ayo_menang", "hashtag:#ayo_menang(#ayomenang) word:ayo word:menang"},
		"hashtag number":        {"#02", "hashtag:#02 number:02=2"},
		"lone sign":             {"# a", "punct:# word:a"},
		"spaced out":            {"m e n a n g ya", "word:m e n a n g(menang) word:ya"},
		"spaced out words":      {"m e n a n g g u n a m a", "word:m e n a n g(menang) word:g u n a m a(gunama)"},
		"spaced out, masked":    {"m 3 n 4 n g 0 2", "word:m 3 n 4 n g(menang) number:0=0 number:2=2"},
		"initials stay":         {"a b c d", "word:a word:b word:c word:d"},
		"runs of marks":         {"apa?!?!...", "word:apa punct:? punct:! punct:? punct:! punct:...(.)"},
	}
	a := newAnalyzer("menang", "gunama", "anak")
	var d text.Doc
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			a.Analyze(&d, test.in)
			if got := tokens(&d); got != test.want {
				t.Errorf("%q gave\n%s\nwant\n%s", test.in, got, test.want)
			}
		})
	}
}

func TestSentencesAndClauses(t *testing.T) {
	tests := map[string]struct{ in, want string }{
		"stops":         {"a1a. b1b! c1c? d1d", "0 1 2 3"},
		"abbreviation":  {"coblos no. 2 ya", "0 0 0 0"},
		"title":         {"pilih dr. Budi", "0 0 0"},
		"initial":       {"pilih H. Budi", "0 0 0"},
		"number at end": {"pilih 2. Lalu", "0 0 1"},
		"list":          {"1. ktp", "0 0"},
		"line":          {"ayo\ncoblos", "0 0"},
		"empty line":    {"ayo\n\ncoblos", "0 1"},
		"decimal":       {"naik 2.5 persen", "0 0 0"},
		"link":          {"di kompas.com ya", "0 0 0"},
	}
	a := newAnalyzer()
	var d text.Doc
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			a.Analyze(&d, test.in)
			var out []string
			for i := range d.Tokens {
				if d.Tokens[i].Kind != text.Punct {
					out = append(out, fmt.Sprint(d.Tokens[i].Sentence))
				}
			}
			if got := strings.Join(out, " "); got != test.want {
				t.Errorf("%q: sentences %s, want %s", test.in, got, test.want)
			}
		})
	}
}

func TestFlags(t *testing.T) {
	tests := map[string]struct {
		in    string
		token int
		want  text.Flags
		not   text.Flags
	}{
		"capitals":          {"ayo MENANG", 1, text.AllCaps | text.Capital, text.LineStart},
		"capital":           {"ayo Menang", 1, text.Capital, text.AllCaps},
		"line start":        {"ayo\nMenang", 1, text.LineStart, 0},
		"in quotes":         {`kata "pilih dia" ya`, 2, text.InQuotes, 0},
		"behind quotes":     {`kata "pilih dia" ya`, 5, 0, text.InQuotes},
		"unclosed quotes":   {`kata "pilih dia`, 2, 0, text.InQuotes},
		"glued":             {"no2", 1, text.Glued, 0},
		"ordinal":           {"yang ke-2", 3, text.Ordinal, 0},
		"no ordinal":        {"nomor 2", 1, 0, text.Ordinal},
		"disguised":         {"m3nang", 0, text.Altered, 0},
		"plain":             {"menang", 0, 0, text.Altered},
		"repeated":          {"menangggg", 0, text.Altered, 0},
		"in hashtag":        {"#AyoMenang", 2, text.InHashtag, 0},
		"ends the sentence": {"ayo!", 1, text.EndsSentence, 0},
	}
	a := newAnalyzer("menang")
	var d text.Doc
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			a.Analyze(&d, test.in)
			got := d.Tokens[test.token].Flags
			if got&test.want != test.want || got&test.not != 0 {
				t.Errorf("%q: flags %b, want %b and not %b", test.in, got, test.want, test.not)
			}
		})
	}
}
