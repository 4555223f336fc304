package report

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/netra-id/netra/pipeline/cases"
	"github.com/netra-id/netra/pipeline/evidence"
	"github.com/netra-id/netra/pipeline/evidence/seal"
	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/review/law"
)

// value is a text that a template may put anywhere: its signs are none of the
// template's.
type value string

func (v value) String() string { return escape(string(v)) }

// marked is the markup of a text with marks, already escaped.
type marked string

// The templates' data. Its names are Indonesian, as the templates are.
type viewReport struct {
	Nomor, Judul, Status, Wilayah, Diketahui, BatasWaktu, Dibuka, DibukaOleh value
	Tahapan, Penerima, NomorPenerima, TanggalSerah                           value
	Dibuat, DibuatOleh, Versi, SidikJariKunci                                value
	PosPertama, PosTerakhir, Platform                                        value
	JumlahPos, JumlahAkun, JumlahPosLain                                     int
	Orang                                                                    []viewPerson
	Pos                                                                      []viewPost
	Aturan                                                                   []viewRule
	Bukti                                                                    []viewPiece
	Keputusan                                                                []viewDecision
}

type viewPerson struct {
	No                                                int
	Nama, Jabatan, Unit, Instansi, Wilayah, Kedudukan value
	Dasar                                             value // how the account was tied to the person
	Akun                                              []viewAccount
	Dikenal                                           bool
}

type viewAccount struct{ Platform, Nama, Tanda, ID value }

type viewPost struct {
	No                                                  int
	ID, Platform, Jenis, Alamat, Akun, NamaAkun, IDAkun value
	Orang, Dasar                                        value
	Waktu, Dikumpulkan, Diketahui, Tahap                value
	Teks, Kutipan                                       marked
	AdaTeks, AdaKutipan                                 bool
	Media                                               []value
	Dugaan                                              []viewAllegation
	Aturan                                              []viewRule
	Gambar                                              []viewPicture
	TanpaGambar                                         value // why there is none
	Publik, SidikJariMentah, VersiDaftar                value
}

type viewAllegation struct{ Label, Sasaran, Skor, Alasan value }

type viewRule struct {
	Kode, Bunyi value
	// Sumber says whether a reviewer named it or the program suggests it.
	Sumber value
	Pos    value
}

type viewPicture struct{ Nama value }

type viewPiece struct {
	No                                              int
	Pos                                             int
	Jenis, SHA256, Ukuran, Waktu, Oleh, Jam, Alamat value
	Masalah                                         value
}

type viewDecision struct {
	Pos                                        int
	Waktu, Oleh, Putusan, Aturan, Catatan, Ket value
}

// view words the facts, and gives the pictures by their names.
func (f *Facts) view() (viewReport, map[string]Image) {
	zone := time.UTC
	if len(f.Case.Regions) > 0 || len(f.Posts) > 0 {
		zone = cases.Zone(f.firstRegion())
	}
	images := map[string]Image{}
	v := viewReport{
		Nomor: value(f.Case.Number), Judul: value(f.Case.Title), Status: value(named(statusNames, f.Case.Status)), Wilayah: value(f.regions()),
		Diketahui: value(moment(f.Case.KnownAt, zone)), BatasWaktu: value(moment(f.Case.Due, zone)), Dibuka: value(moment(f.Case.CreatedAt, zone)),
		DibukaOleh: value(f.Case.CreatedBy), Penerima: value(f.Case.Receiver), NomorPenerima: value(f.Case.Reference), TanggalSerah: value(moment(f.Case.HandedAt, zone)),
		Dibuat: value(moment(f.At, zone)), DibuatOleh: value(f.By), Versi: value(f.Version), SidikJariKunci: value(seal.Fingerprint(f.Key)),
		JumlahPos: len(f.Posts), JumlahPosLain: f.Case.Hidden,
	}
	var stages, accounts []string
	for i := range f.Posts {
		p := &f.Posts[i]
		v.Pos = append(v.Pos, f.post(i+1, p, images))
		v.Bukti = append(v.Bukti, f.pieces(i+1, p, len(v.Bukti))...)
		v.Keputusan = append(v.Keputusan, f.decisions(i+1, p)...)
		v.Orang = f.addPerson(v.Orang, p)
		if stage := named(stageNames, p.Stage); stage != "" && !slices.Contains(stages, stage) {
			stages = append(stages, stage)
		}
		if key := p.Flag.Post.Key(); !slices.Contains(accounts, key) {
			accounts = append(accounts, key)
		}
	}
	v.PosPertama, v.PosTerakhir, v.Platform = f.span(zone)
	v.JumlahAkun, v.Tahapan = len(accounts), value(strings.Join(stages, "; "))
	v.Aturan = gatherRules(v.Pos)
	return v, images
}

// span is from when to when the posts were made, and where.
func (f *Facts) span(zone *time.Location) (first, last, platforms value) {
	var from, until time.Time
	var names []string
	for i := range f.Posts {
		p := &f.Posts[i].Flag.Post
		if name := named(platformNames, p.Platform); !slices.Contains(names, name) {
			names = append(names, name)
		}
		if p.CreatedAt.IsZero() {
			continue
		}
		if from.IsZero() || p.CreatedAt.Before(from) {
			from = p.CreatedAt
		}
		if p.CreatedAt.After(until) {
			until = p.CreatedAt
		}
	}
	return value(moment(from, zone)), value(moment(until, zone)), value(strings.Join(names, ", "))
}

func (f *Facts) firstRegion() string {
	if len(f.Case.Regions) > 0 {
		return f.Case.Regions[0]
	}
	return f.Posts[0].Flag.Person.Region
}

func (f *Facts) region(code string) string {
	if f.Region != nil && code != "" {
		if name := f.Region(code); name != "" {
			return name + " (" + code + ")"
		}
	}
	return code
}

func (f *Facts) regions() string {
	names := make([]string, 0, len(f.Case.Regions))
	for _, code := range f.Case.Regions {
		if name := f.region(code); name != "" {
			names = append(names, name)
		}
	}
	return strings.Join(names, "; ")
}

func (f *Facts) contestant(id string) string {
	if f.Contestant != nil && id != "" {
		if name := f.Contestant(id); name != "" {
			return name
		}
	}
	return id
}

// addPerson adds the person of a post, or of an unknown one the account.
func (f *Facts) addPerson(list []viewPerson, p *Post) []viewPerson {
	person, account := &p.Flag.Person, &p.Flag.Post.Account
	known := person.PersonID != "" || person.Name != ""
	one := viewPerson{
		No: len(list) + 1, Nama: value(person.Name), Jabatan: value(person.Position), Unit: value(person.Unit), Instansi: value(person.Agency),
		Wilayah: value(f.region(person.Region)), Kedudukan: value(strings.ToUpper(person.Status)), Dasar: value(person.Basis), Dikenal: known,
	}
	own := viewAccount{Platform: value(named(platformNames, p.Flag.Post.Platform)), Nama: value(account.Name), Tanda: value(account.Handle), ID: value(account.ID)}
	for i := range list {
		same := known && list[i].Nama == one.Nama && list[i].Instansi == one.Instansi && list[i].Dasar == one.Dasar
		if !known {
			same = slices.ContainsFunc(list[i].Akun, func(a viewAccount) bool { return a.Platform == own.Platform && a.ID == own.ID })
		}
		if !same {
			continue
		}
		if !slices.Contains(list[i].Akun, own) {
			list[i].Akun = append(list[i].Akun, own)
		}
		return list
	}
	one.Akun = []viewAccount{own}
	return append(list, one)
}

func (f *Facts) post(no int, p *Post, images map[string]Image) viewPost {
	flag := &p.Flag
	zone := cases.Zone(flag.Person.Region)
	v := viewPost{
		No: no, ID: value(flag.Post.ID), Platform: value(named(platformNames, flag.Post.Platform)), Jenis: value(named(kindNames, flag.Post.Kind)), Alamat: value(flag.Post.URL),
		Akun: value(cmp.Or(flag.Post.Account.Handle, flag.Post.Account.ID)), NamaAkun: value(flag.Post.Account.Name), IDAkun: value(flag.Post.Account.ID),
		Orang: value(flag.Person.Name), Dasar: value(flag.Person.Basis), Waktu: value(moment(flag.Post.CreatedAt, zone)), Dikumpulkan: value(moment(flag.Post.CollectedAt, zone)),
		Diketahui: value(moment(p.KnownAt, zone)), Tahap: value(named(stageNames, p.Stage)), Teks: markedText(flag, false), Kutipan: markedText(flag, true),
		AdaTeks: flag.Post.Text != "", AdaKutipan: flag.Post.Quoted != "", Publik: value(public(p.Pieces)),
		SidikJariMentah: value(flag.Post.RawSHA256), VersiDaftar: value(flag.Verdict.Versions.Lists),
	}
	for _, m := range flag.Post.Media {
		v.Media = append(v.Media, value(strings.Join(compact(m.Type, m.URL, m.Alt), " · ")))
	}
	for _, l := range flag.Verdict.Labels {
		v.Dugaan = append(v.Dugaan, f.allegation(&l))
	}
	v.Aturan = rules(no, p)
	v.Gambar, v.TanpaGambar = f.pictures(no, p, zone, images)
	return v
}

// mostReasons bounds how many reasons are told of one label.
const mostReasons = 8

func (f *Facts) allegation(l *post.LabelScore) viewAllegation {
	var reasons []string
	for _, r := range l.Reasons {
		if told := "“" + r.Text + "”"; r.Text != "" && !slices.Contains(reasons, told) && len(reasons) < mostReasons {
			reasons = append(reasons, told)
		}
	}
	return viewAllegation{
		Label: value(named(labelNames, l.Label)), Sasaran: value(f.contestant(l.Contestant)),
		Skor: value(strings.ReplaceAll(fmt.Sprintf("%.2f", l.Score), ".", ",")), Alasan: value(strings.Join(reasons, ", ")),
	}
}

// rules are those that reviewers named, then those that the law in force at the
// post's date suggests.
func rules(no int, p *Post) []viewRule {
	var list []viewRule
	add := func(code, text, source string) {
		if !slices.ContainsFunc(list, func(r viewRule) bool { return r.Kode == value(code) }) {
			list = append(list, viewRule{Kode: value(code), Bunyi: value(text), Sumber: value(source), Pos: value(fmt.Sprint(no))})
		}
	}
	for _, d := range p.Decisions {
		if d.Current && d.Rule != "" {
			add(d.Rule, ruleText(d.Rule), "keputusan "+d.By)
		}
	}
	var labels []post.Label
	for _, l := range p.Flag.Verdict.Labels {
		labels = append(labels, l.Label)
	}
	may := law.Suggest(labels, p.Stage, p.Flag.Post.CreatedAt)
	for _, r := range may.Rules {
		add(r.Code, r.Text.ID, suggested)
	}
	for _, b := range may.Basis {
		add(b.Code, basisText(&b), suggested)
	}
	return list
}

func ruleText(code string) string {
	shipped := law.Shipped()
	for _, r := range shipped.Rules {
		if r.Code == code {
			return r.Text.ID
		}
	}
	for _, b := range shipped.Basis {
		if b.Code == code {
			return basisText(&b)
		}
	}
	return ""
}

func basisText(b *law.Basis) string {
	text := "dugaan pelanggaran " + b.Article
	if b.Note.ID != "" {
		text += " (" + b.Note.ID + ")"
	}
	if b.Uncertain {
		text += " (perlu diperiksa pada naskah resmi)"
	}
	return text
}

// gatherRules puts the posts' rules together: those of decisions first. Where a
// rule has several sources, it says which posts each is about: that somebody
// decided on one post says nothing of the others.
func gatherRules(posts []viewPost) []viewRule {
	var list []viewRule
	var sources [][]viewRule // by the place in list
	for _, p := range posts {
		for _, r := range p.Aturan {
			i := slices.IndexFunc(list, func(known viewRule) bool { return known.Kode == r.Kode })
			if i < 0 {
				list, sources = append(list, r), append(sources, []viewRule{r})
				continue
			}
			list[i].Pos += ", " + r.Pos
			j := slices.IndexFunc(sources[i], func(known viewRule) bool { return known.Sumber == r.Sumber })
			if j < 0 {
				sources[i] = append(sources[i], r)
			} else {
				sources[i][j].Pos += ", " + r.Pos
			}
		}
	}
	for i := range list {
		list[i].Pos, list[i].Sumber = value(ranges(string(list[i].Pos))), sourcesInWords(sources[i])
	}
	slices.SortStableFunc(list, func(a, b viewRule) int { return cmp.Compare(b2i(a.Sumber == suggested), b2i(b.Sumber == suggested)) })
	return list
}

func sourcesInWords(sources []viewRule) value {
	if len(sources) == 1 {
		return sources[0].Sumber
	}
	slices.SortStableFunc(sources, func(a, b viewRule) int { return cmp.Compare(b2i(a.Sumber == suggested), b2i(b.Sumber == suggested)) })
	told := make([]string, len(sources))
	for i, s := range sources {
		told[i] = fmt.Sprintf("%s (unggahan %s)", string(s.Sumber), ranges(string(s.Pos)))
	}
	return value(strings.Join(told, "; "))
}

// suggested is the source of a rule that nobody has decided on.
const suggested = "usulan"

// ranges says "1–3, 7" of "1, 2, 3, 7".
func ranges(numbers string) string {
	var told []string
	from, until := 0, 0
	end := func() {
		switch {
		case from == 0:
		case from == until:
			told = append(told, strconv.Itoa(from))
		case from+1 == until:
			told = append(told, strconv.Itoa(from), strconv.Itoa(until))
		default:
			told = append(told, fmt.Sprintf("%d–%d", from, until))
		}
	}
	for n := range strings.SplitSeq(numbers, ", ") {
		next, _ := strconv.Atoi(n) // we wrote it
		if next != until+1 || from == 0 {
			end()
			from = next
		}
		until = next
	}
	end()
	return strings.Join(told, ", ")
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// pictured are the kinds of pieces that are shown, where they are pictures.
var pictured = []evidence.Kind{evidence.Screenshot, evidence.Media, evidence.Handed}

func (f *Facts) pictures(no int, p *Post, zone *time.Location, images map[string]Image) ([]viewPicture, value) {
	var list []viewPicture
	var shown []string
	why := "Tidak ada tangkapan layar unggahan ini."
	for i := range p.Pieces {
		piece := &p.Pieces[i]
		if piece.Kind == evidence.Screenshot && piece.SHA256 == "" && piece.Problem != "" {
			why = "Tangkapan layar tidak dapat dibuat: " + piece.Problem
		}
		data, found := p.Pictures[piece.SHA256]
		if !found || piece.SHA256 == "" || !slices.Contains(pictured, piece.Kind) || slices.Contains(shown, piece.SHA256) {
			continue
		}
		shown = append(shown, piece.SHA256)
		name := fmt.Sprintf("p%d-%d", no, len(list)+1)
		images[name] = Image{Data: data, Caption: fmt.Sprintf("Unggahan %d: %s, diambil %s oleh %s. SHA-256 %s", no, strings.ToLower(named(pieceNames, piece.Kind)), instant(piece.CapturedAt, zone), piece.By, piece.SHA256)}
		list = append(list, viewPicture{Nama: value(name)})
	}
	if len(list) > 0 {
		why = ""
	}
	return list, value(why)
}

func (f *Facts) pieces(no int, p *Post, before int) []viewPiece {
	zone := cases.Zone(p.Flag.Person.Region)
	list := make([]viewPiece, len(p.Pieces))
	for i := range p.Pieces {
		piece := &p.Pieces[i]
		list[i] = viewPiece{
			No: before + i + 1, Pos: no, Jenis: value(named(pieceNames, piece.Kind)), SHA256: value(piece.SHA256), Waktu: value(instant(piece.CapturedAt, zone)),
			Oleh: value(piece.By), Jam: value(clockWords.Replace(piece.Clock)), Alamat: value(piece.Address), Masalah: value(piece.Problem),
		}
		if piece.SHA256 != "" {
			list[i].Ukuran = value(fmt.Sprintf("%d B", piece.Size))
		}
	}
	return list
}

func (f *Facts) decisions(no int, p *Post) []viewDecision {
	zone := cases.Zone(p.Flag.Person.Region)
	var list []viewDecision
	for _, d := range p.Decisions {
		one := viewDecision{Pos: no, Waktu: value(instant(d.At, zone)), Oleh: value(d.By), Putusan: value(named(verdictNames, d.Verdict)), Aturan: value(d.Rule), Catatan: value(d.Note)}
		if d.Cause != "" {
			one.Aturan = value(named(causeNames, d.Cause))
		}
		switch {
		case d.Withdrawn:
			one.Ket = "pencabutan"
		case !d.Current:
			one.Ket = "tidak berlaku lagi"
		default:
			one.Ket = "berlaku"
		}
		list = append(list, one)
	}
	return list
}

// public is what the captures say of whether anybody could see the post.
func public(pieces []evidence.Piece) string {
	said := evidence.PublicUnknown
	for _, p := range pieces {
		if p.Public == evidence.PublicNo || p.Public == evidence.PublicYes && said != evidence.PublicNo {
			said = p.Public
		}
	}
	return named(publicNames, said)
}

// markedText is the text, verbatim, with the words marked at which the reasons
// were found, as lines of a quote.
func markedText(flag *post.Flag, quoted bool) marked {
	text := flag.Post.Text
	if quoted {
		text = flag.Post.Quoted
	}
	at := make([]bool, len(text)+1)
	for _, l := range flag.Verdict.Labels {
		for _, r := range l.Reasons {
			for i := max(r.Start, 0); r.Quoted == quoted && i < min(r.End, len(text)); i++ {
				at[i] = true
			}
		}
	}
	var b strings.Builder
	b.WriteString("> ")
	on := false
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		if at[i] != on {
			b.WriteString("==")
			on = at[i]
		}
		if r == utf8.RuneError && size == 1 {
			b.WriteString(escape(fmt.Sprintf("[0x%02X]", text[i])))
		} else {
			b.WriteString(escapeAt(text, i, size))
		}
		i += size
	}
	if on {
		b.WriteString("==")
	}
	return marked(b.String())
}

// escapeAt escapes the rune at a place in a text; spaces at the edge of a line
// would be taken for none.
func escapeAt(text string, i, size int) string {
	edge := i == 0 || i+size == len(text) || text[i-1] == '\n' || text[i+size] == '\n'
	if r := text[i : i+size]; edge && (r == " " || r == "\t") {
		return `\s`
	}
	return escape(text[i : i+size])
}

func compact(texts ...string) []string {
	return slices.DeleteFunc(texts, func(s string) bool { return s == "" })
}
