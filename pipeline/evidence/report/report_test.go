package report

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/netra-id/netra/pipeline/evidence"
	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/review"
)

// nasty is a case with all that made reports fail elsewhere.
func nasty(tb testing.TB) Facts {
	tb.Helper()
	f := Example()
	f.Case.Title, f.Case.Hidden = "Akun @contoh — seruan **bukan tebal** # bukan judul", 2
	f.Region = func(code string) string { return map[string]string{"61.08": "Kabupaten Landak"}[code] }
	f.Contestant = func(string) string { return "nomor 2, Bernadus Lantang – Rusdi Halim" }
	texts := []string{
		"Ayo coblos nomor 2 ✌️🇮🇩👨‍👩‍👧‍👦👍🏽 besok!\nBaris kedua\n\n\nsesudah dua baris kosong   dan   spasi ganda\ttab",
		"صوتوا للرقم ٢ غداً، لا تنسوا! Pilih nomor 2 ya 😀",
		"ꦲꦪꦺꦴꦩꦶꦭꦶꦃꦤꦺꦴꦩꦺꦂ꧒ — pilih nomor 2 (Jawa), ᬳᬶᬤᬾᬧ᭄ (Bali), ᮕᮤᮜᮤᮂ (Sunda), ᨕᨙᨑ (Bugis), ᯇᯤᯞᯪᯂ᯲ (Batak)",
		"𝗣𝗜𝗟𝗜𝗛 𝓷𝓸𝓶𝓸𝓻 ② Ⓒⓞⓑⓛⓞⓢ ★☆✔✗ → ½ № ① 中文字 ไทย 한국",
		"tersembunyi: c\u200bo\u200bblos \u202eterbalik\u202c akhir \u0000 nol \ufeff bom",
		"> # - | :: @gambar x\n=== \n--- **a** __b__ ==c== \\n {{.Nomor}} [x](y) ",
		"https://contoh.id/" + strings.Repeat("alamat-yang-sangat-panjang/", 30) + "?q=" + strings.Repeat("x", 300),
		strings.Repeat("Kata yang sama terus diulang sampai lima ribu huruf. ", 95),
		"",
		"rusak: \xff\xfe di tengah coblos nomor 2",
	}
	one := f.Posts[0]
	f.Posts = nil
	for i := range 30 {
		p := one
		p.Flag.Post.ID = fmt.Sprintf("mastodon:%d", i+1)
		p.Flag.Post.Text = texts[i%len(texts)]
		p.Flag.Post.CreatedAt = one.Flag.Post.CreatedAt.Add(time.Duration(i) * time.Hour)
		p.Flag.Verdict.Labels = nil
		for _, words := range []string{"coblos nomor 2", "nomor 2", "صوتوا للرقم", "diulang"} {
			if start := strings.Index(p.Flag.Post.Text, words); start >= 0 {
				p.Flag.Verdict.Labels = append(p.Flag.Verdict.Labels, post.LabelScore{Label: post.Support, Score: 0.9, Contestant: "landak-2", Reasons: []post.Reason{{Start: start, End: start + len(words), Text: words}}})
			}
		}
		if i == 3 {
			p.Flag.Person = post.Person{}
			p.Flag.Post.Account = post.Account{ID: "90210"}
		}
		p.Pictures = map[string][]byte{}
		p.Pieces = append([]evidence.Piece(nil), one.Pieces...)
		switch i {
		case 0:
			for j := range 6 {
				addPicture(&p, fmt.Sprintf("%02d", j), picturePNG(tb, 800, 500+300*j, uint8(40*j)))
			}
		case 1:
			addPicture(&p, "aa", picturePNG(tb, 1280, 6400, 90))
			addPicture(&p, "ad", pictureJPEG(tb, 640, 480))
			addPicture(&p, "ac", []byte("GIF89a bukan gambar yang dapat ditampilkan"))
		}
		f.Posts = append(f.Posts, p)
	}
	return f
}

func addPicture(p *Post, sum string, data []byte) {
	sha := strings.Repeat(sum, 32)
	p.Pieces = append(p.Pieces, evidence.Piece{Kind: evidence.Screenshot, SHA256: sha, Size: int64(len(data)), CapturedAt: p.Flag.Post.CreatedAt.Add(time.Minute), By: "netra capture", Clock: "ntp synchronised, ±4 ms", Address: "https://contoh.id/@contoh/1"})
	p.Pictures[sha] = data
}

func drawn(width, height int, shade uint8) *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			m.SetNRGBA(x, y, color.NRGBA{R: uint8(x / 6), G: uint8(y / 8), B: shade, A: uint8(255 - (x/40)%2*60)})
		}
	}
	return m
}

func picturePNG(tb testing.TB, width, height int, shade uint8) []byte {
	tb.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, drawn(width, height, shade)); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

func pictureJPEG(tb testing.TB, width, height int) []byte {
	tb.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, drawn(width, height, 200), nil); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

func filled(tb testing.TB, f Facts) *Document {
	tb.Helper()
	d, err := Fill(f, ShippedTemplate())
	if err != nil {
		tb.Fatal(err)
	}
	return d
}

func drawPDF(tb testing.TB, d *Document) []byte {
	tb.Helper()
	var b bytes.Buffer
	if err := d.PDF(&b); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

func drawDOCX(tb testing.TB, d *Document) []byte {
	tb.Helper()
	var b bytes.Buffer
	if err := d.DOCX(&b); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

// keep writes a file to NETRA_ARTIFACTS, for people to look at.
func keep(tb testing.TB, name string, data []byte) {
	tb.Helper()
	if folder := os.Getenv("NETRA_ARTIFACTS"); folder != "" {
		if err := os.WriteFile(filepath.Join(folder, name), data, 0o600); err != nil {
			tb.Fatal(err)
		}
	}
}

// readBack is the text of a PDF as a reader of it finds it.
func readBack(t *testing.T, data []byte) string {
	t.Helper()
	path, err := exec.LookPath("pdftotext")
	if err != nil {
		t.Fatal("pdftotext is missing; apt-get install poppler-utils (deploy/install-test-tools.sh)")
	}
	cmd := exec.CommandContext(t.Context(), path, "-layout", "-", "-")
	cmd.Stdin = bytes.NewReader(data)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("pdftotext: %v", err)
	}
	return string(out)
}

func TestTheShippedTemplateHoldsForWhatIsKnownAndForNothing(t *testing.T) {
	if err := Check(ShippedTemplate()); err != nil {
		t.Fatal(err)
	}
	for name, facts := range map[string]Facts{"nothing": {}, "an example": Example()} {
		d := filled(t, facts)
		if data := drawPDF(t, d); !bytes.HasPrefix(data, []byte("%PDF-1.7")) {
			t.Errorf("%s: no PDF", name)
		}
		drawDOCX(t, d)
	}
}

func TestTheReportTellsWhatIsKnown(t *testing.T) {
	data := drawPDF(t, filled(t, Example()))
	keep(t, "laporan-contoh.pdf", data)
	text := readBack(t, data)
	for _, want := range []string{
		"LAPORAN HASIL PENGAWASAN", "DRAF – dugaan, belum diputus", "2024/61/0001", "halaman 1 dari", "Kamis, 21 November 2024 pukul 08.12.00 WIB",
		"2024-11-21 01:12:00", "Nama Contoh", "contoh dasar", "coblos nomor 2", "dugaan dukungan", "DS-2", "keputusan contoh", "usulan", "abababab",
		"contoh masalah", "contoh catatan", "Nomor surat perintah tugas", "Saksi-saksi", "NIP/NIK", "https://contoh.id/@contoh/1", "UU 7/2017 Pasal 282",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the report does not say %q", want)
		}
	}
}

func TestTheReportSpeaksOfClocksPlatformsAndTheKeyInWords(t *testing.T) {
	facts := Example()
	facts.Key = "netra-evidence+76a432fd+ATfvP4zpXF9Lrz4CSM+ELnhAJOz2x+m5HtlZLaN2/b85"
	facts.Posts[0].Flag.Post.Platform = "tiktok"
	facts.Posts[0].Pieces[0].Clock = "not synchronised; set by 3s since the program started"
	text := strings.Join(strings.Fields(readBack(t, drawPDF(t, filled(t, facts)))), " ")
	if said := clockWords.Replace(facts.Posts[0].Pieces[0].Clock); said != "jam tidak disinkronkan; digeser 3s sejak program dimulai" {
		t.Errorf("a clock is said to be %q", said)
	}
	for _, want := range []string{"(TikTok)", "jam tidak", "6c71ebda 08114341"} { // a table's cells are read line by line
		if !strings.Contains(text, want) {
			t.Errorf("the report does not say %q", want)
		}
	}
	for _, wrong := range []string{"(tiktok)", "not synchronised", facts.Key} {
		if strings.Contains(text, wrong) {
			t.Errorf("the report says %q", wrong)
		}
	}
}

func TestWhatIsNotKnownIsADottedLine(t *testing.T) {
	d := filled(t, Facts{})
	dotted := 0
	for _, b := range d.Blocks {
		if b.Kind == Field && strings.TrimSpace(plain(b.Cells[1])) == "" {
			dotted++
		}
		for _, cell := range b.Cells {
			if strings.Contains(plain(cell), "0001") || strings.Contains(plain(cell), "1970") {
				t.Errorf("made up: %q", plain(cell))
			}
		}
	}
	if dotted < 10 {
		t.Errorf("%d fields are left to be filled in", dotted)
	}
}

func TestADecisionOnOnePostIsNoneOnTheOthers(t *testing.T) {
	facts := Example()
	for i := range 4 {
		other := facts.Posts[0]
		other.Decisions = nil
		if i == 2 {
			other.Decisions = []review.Decision{{Verdict: review.Violation, Rule: "DS-2", By: "budi", Current: true}, {Verdict: review.Violation, Rule: "DS-8", By: "lama"}}
		}
		facts.Posts = append(facts.Posts, other)
	}
	v, _ := facts.view()
	got := map[value]viewRule{}
	for _, r := range v.Aturan {
		got[r.Kode] = r
	}
	if r := got["DS-2"]; r.Pos != "1–5" || r.Sumber != "keputusan contoh (unggahan 1); keputusan budi (unggahan 4); usulan (unggahan 2, 3, 5)" {
		t.Errorf("DS-2: %q, %q", r.Pos, r.Sumber)
	}
	if r := got["DS-8"]; r.Pos != "1–5" || r.Sumber != suggested {
		t.Errorf("DS-8, of which a decision is over: %q, %q", r.Pos, r.Sumber)
	}
	if v.Aturan[0].Kode != "DS-2" {
		t.Errorf("%q is before what was decided", v.Aturan[0].Kode)
	}
}

func TestAPostsTextStaysAsItIs(t *testing.T) {
	facts := nasty(t)
	d := filled(t, facts)
	quotes := map[string]bool{}
	for _, b := range d.Blocks {
		if b.Kind == Quote {
			quotes[plain(b.Spans)] = true
		}
	}
	for i := range facts.Posts {
		want := strings.ReplaceAll(facts.Posts[i].Flag.Post.Text, "\t", " ")
		want = strings.ReplaceAll(strings.ReplaceAll(want, "\xff", "[0xFF]"), "\xfe", "[0xFE]")
		if want != "" && !quotes[want] {
			t.Errorf("post %d is not in the report as it is: %q", i+1, want[:min(len(want), 60)])
		}
	}
	var marks []string
	for _, b := range d.Blocks {
		for _, span := range b.Spans {
			if b.Kind == Quote && span.Mark {
				marks = append(marks, span.Text)
			}
		}
	}
	if len(marks) == 0 || marks[0] != "coblos nomor 2" || marks[1] != "صوتوا للرقم" {
		t.Errorf("marked %q", marks)
	}
}

func TestNastyPostsAreDrawn(t *testing.T) {
	d := filled(t, nasty(t))
	data := drawPDF(t, d)
	keep(t, "laporan-sulit.pdf", data)
	text := readBack(t, data)
	for _, want := range []string{"[U+202E]", "[U+200B]", "[U+4E2D]", "[0xFF]", "{{.Nomor}}", "@gambar x", "bukan tebal", "[U+FEFF]", "halaman 1 dari", "tidak dapat ditampilkan"} {
		if !strings.Contains(text, want) {
			t.Errorf("the report does not say %q", want)
		}
	}
	if pages := bytes.Count(data, []byte("/Type /Page ")); pages < 30 || pages > 120 {
		t.Errorf("%d pages", pages)
	}
}

func TestTheSameCaseIsTheSameBytes(t *testing.T) {
	if !bytes.Equal(drawPDF(t, filled(t, nasty(t))), drawPDF(t, filled(t, nasty(t)))) {
		t.Error("two PDFs of one case differ")
	}
	if !bytes.Equal(drawDOCX(t, filled(t, nasty(t))), drawDOCX(t, filled(t, nasty(t)))) {
		t.Error("two DOCX files of one case differ")
	}
}

func TestTheDOCXFileIsWellFormedAndComplete(t *testing.T) {
	data := drawDOCX(t, filled(t, nasty(t)))
	keep(t, "laporan-sulit.docx", data)
	archive, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	parts := map[string]string{}
	for _, file := range archive.File {
		r, err := file.Open()
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		parts[file.Name] = string(content)
		if !strings.HasSuffix(file.Name, ".xml") && !strings.HasSuffix(file.Name, ".rels") {
			continue
		}
		decoder := xml.NewDecoder(bytes.NewReader(content))
		for {
			if _, err := decoder.Token(); err != nil {
				if !errors.Is(err, io.EOF) {
					t.Errorf("%s: %s", file.Name, err)
				}
				break
			}
		}
	}
	for _, want := range []string{"[Content_Types].xml", "_rels/.rels", "word/document.xml", "word/styles.xml", "word/header1.xml", "word/footer1.xml", "word/media/gambar1.png", "word/media/gambar8.jpg"} {
		if parts[want] == "" {
			t.Errorf("there is no %s", want)
		}
	}
	body := parts["word/document.xml"]
	for _, want := range []string{`<w:highlight w:val="yellow"/>`, "LAPORAN HASIL PENGAWASAN", "[U+202E]", "صوتوا", "<w:bidi/>", `r:embed="media8"`} {
		if !strings.Contains(body, want) {
			t.Errorf("the document has no %q", want)
		}
	}
}

func TestABadTemplateSaysWhere(t *testing.T) {
	for text, want := range map[string]string{
		"{{.Nama}}":                  "Nama",
		"{{if}}":                     "laporan.tmpl",
		"# a\n| x | y\n":             "line 2",
		"| x 50 | y 50\n| a | b | c": "line 2",
		"@gambar tidak-ada":          "tidak-ada",
		"@ttdd x":                    "@ttdd",
		"....  99":                   "1 to 40",
		":: tanpa nilai":             ":: label :: value",
	} {
		if err := Check(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want it to say %q", text, err, want)
		}
	}
	folder := t.TempDir()
	cfg := Configuration{Template: folder}
	if err := cfg.Validate(); err == nil || !strings.Contains(err.Error(), "laporan.tmpl") {
		t.Errorf("an empty folder: %v", err)
	}
	if err := os.WriteFile(filepath.Join(folder, TemplateName), []byte("# Formulir Dinas\n:: Nomor :: {{.Nomor}}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := cfg.Validate(); err != nil {
		t.Error(err)
	}
	if text, err := cfg.Text(); err != nil || !strings.Contains(text, "Dinas") {
		t.Errorf("%q, %v", text, err)
	}
}

func FuzzMarkup(f *testing.F) {
	for _, seed := range []string{"# a\n> b\n| x 5 | y 5\n| a | b\n", ":: a :: b", "**a==b__c", `\`, "@gambar", "....", "@ttd a|b"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		blocks, err := parse("f", text)
		if err != nil {
			return
		}
		for _, b := range blocks {
			if b.Kind == Table && len(b.Rows) == 0 {
				t.Errorf("a table without rows of %q", text)
			}
		}
		// What is escaped is one paragraph with the same text.
		quoted, err := parse("f", "> "+escape(text))
		if err != nil || len(quoted) != 1 {
			t.Fatalf("%q is %d blocks, %v", text, len(quoted), err)
		}
	})
}

func BenchmarkReportOf30Posts(b *testing.B) {
	facts := nasty(b)
	for b.Loop() {
		drawPDF(b, filled(b, facts))
	}
}
