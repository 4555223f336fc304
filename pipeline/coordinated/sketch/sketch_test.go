package sketch_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/netra-id/netra/pipeline/coordinated/sketch"
	"github.com/netra-id/netra/pipeline/post"
)

const call = "Ayo warga Landak, besok kita rapatkan barisan dan coblos nomor 2 di TPS masing-masing, jangan lupa ajak keluarga dan tetangga semua!"

var queued = time.Date(2024, 11, 20, 8, 0, 0, 0, time.UTC)

func newMaker() *sketch.Maker { return sketch.NewMaker([]byte("a key for tests only"), 24*time.Hour) }

func sketchOf(t testing.TB, m *sketch.Maker, text string) sketch.Sketch {
	t.Helper()
	var s sketch.Sketch
	m.Make(&s, &post.Post{ID: "x:1", Platform: "x", Account: post.Account{ID: "42"}, Text: text}, &post.Person{}, queued)
	return s
}

func TestCopiesAreToldFromOppositesAndStrangers(t *testing.T) {
	m := newMaker()
	const exact, near, other = "exact", "near", "other"
	tests := map[string]struct{ a, b, want string }{
		"the same":                  {call, call, exact},
		"another case and space":    {call, strings.ToUpper(strings.ReplaceAll(call, " ", "  ")), exact},
		"a link more":               {call, call + " https://a.id/1?x=2", exact},
		"another link":              {call + " www.a.id", call + " HTTPS://b.id/2", exact},
		"hashtags and people more":  {call, call + " #menang2 @budi", exact},
		"emoji and marks":           {call, strings.ReplaceAll(call, ",", " 🔥✌️...") + " 👍", exact},
		"zero-width letters":        {call, strings.ReplaceAll(call, "coblos", "cob\u200blos"), exact},
		"digits as letters":         {call, strings.ReplaceAll(call, "coblos", "c0bl0s"), exact},
		"letters of other scripts":  {call, strings.ReplaceAll(call, "coblos", "соblоs"), exact},
		"letters repeated":          {call, strings.ReplaceAll(call, "semua", "semuaaaa"), exact},
		"bold letters of Unicode":   {call, strings.ReplaceAll(call, "coblos", "𝐜𝐨𝐛𝐥𝐨𝐬"), exact},
		"a number with a zero":      {call, strings.Replace(call, "nomor 2", "nomor 02", 1), exact},
		"a word more":               {call, call + " Gaspol", near},
		"a word another":            {call, strings.Replace(call, "tetangga", "saudara", 1), near},
		"a word less":               {call, strings.Replace(call, " semua", "", 1), near},
		"the number in words":       {call, strings.Replace(call, "nomor 2", "nomor dua", 1), near},
		"another number":            {call, strings.Replace(call, "nomor 2", "nomor 1", 1), other},
		"another number, joined on": {call, strings.Replace(call, "nomor 2", "nomor1", 1), other},
		"another number in words":   {call, strings.Replace(call, "nomor 2", "nomor tiga", 1), other},
		"denied":                    {call, strings.Replace(call, "besok kita", "besok kita tidak", 1), other},
		"another text":              {call, "Rapat koordinasi dinas pendidikan hari ini membahas penyaluran bantuan sekolah di kabupaten", other},
		"short, a word another":     {"coblos nomor 2 ya kawan", "coblos nomor 2 ya teman", other},
		"short, the same":           {"coblos nomor 2 ya kawan", "Coblos nomor 2, ya, kawan!", exact},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			a, b := sketchOf(t, m, test.a), sketchOf(t, m, test.b)
			got := other
			switch {
			case a.Exact != 0 && a.Exact == b.Exact:
				got = exact
			case slices.ContainsFunc(a.Bands[:], func(band uint32) bool { return slices.Contains(b.Bands[:], band) }) &&
				a.Turns == b.Turns && sketch.SimilarityOf(a.Signature[:], b.Signature[:]) >= sketch.Near:
				got = near
			}
			if got != test.want {
				t.Errorf("are %s (similarity %.2f), want %s", got, sketch.SimilarityOf(a.Signature[:], b.Signature[:]), test.want)
			}
		})
	}
}

func TestWhatIsNotSketched(t *testing.T) {
	m := newMaker()
	for name, text := range map[string]string{
		"nothing": "", "few words": "coblos nomor 2 ya", "links only": "https://a.id/b https://b.id/c http://c.id/d www.d.id www.e.id", "emoji": "👍 👍 👍 👍 👍 👍",
	} {
		if m.Make(new(sketch.Sketch), &post.Post{ID: "x:1", Text: text}, &post.Person{}, queued) {
			t.Errorf("%s: sketched", name)
		}
	}
}

func TestAPassedOnTextIsKnownAsAnothers(t *testing.T) {
	m := newMaker()
	own := sketchOf(t, m, call)
	var passed, repost sketch.Sketch
	made := m.Make(&passed, &post.Post{ID: "x:2", Kind: post.KindQuote, Text: "setuju", Quoted: call}, &post.Person{}, queued)
	if !made || !passed.Shared || passed.Exact != own.Exact {
		t.Errorf("a quoted text: made %v, shared %v, same text %v", made, passed.Shared, passed.Exact == own.Exact)
	}
	made = m.Make(&repost, &post.Post{ID: "x:3", Kind: post.KindRepost, Quoted: call}, &post.Person{}, queued)
	if !made || !repost.Shared {
		t.Error("a repost is not known as one")
	}
	if own.Shared {
		t.Error("an author's text is called another's")
	}
}

func TestOrdinaryReasonsForCopiesAreKnown(t *testing.T) {
	m := newMaker()
	for text, want := range map[string]sketch.Harmless{
		"Selamat Hari Raya Idul Fitri, mohon maaf lahir dan batin untuk semuanya":         sketch.Greeting,
		"Keluarga besar dinas mengucapkan: SELAMAT  HARI guru nasional untuk bapak ibu":   sketch.Greeting,
		"Innalillahi wa inna ilaihi rojiun, turut berduka cita atas wafatnya bapak camat": sketch.Condolence,
		"ASN dilarang berpihak, mari jaga netralitas ASN menjelang pemungutan suara":      sketch.Circular,
		"Saudara selamat sampai tujuan pada hari minggu yang cerah di kota":               sketch.NotHarmless,
		"hari selamat tidak pernah datang kepada orang yang tidak mau bekerja":            sketch.NotHarmless,
		call: sketch.NotHarmless,
	} {
		if got := sketchOf(t, m, text).Harmless; got != want {
			t.Errorf("%q: %d, want %d", text, got, want)
		}
	}
}

func TestNothingIsComparableWithoutTheKey(t *testing.T) {
	a, b := sketchOf(t, newMaker(), call), sketchOf(t, sketch.NewMaker([]byte("another key for tests"), time.Hour), call)
	if a.KeyID == b.KeyID || a.Post == b.Post || a.Account == b.Account || a.Exact == b.Exact || a.Bands[1] == b.Bands[1] {
		t.Error("two keys give the same hashes")
	}
	if s := sketch.SimilarityOf(a.Signature[:], b.Signature[:]); s > 0.2 {
		t.Errorf("signatures of two keys are alike: %.2f", s)
	}
}

func TestAHashIsThatOfThePostAndAccount(t *testing.T) {
	m := newMaker()
	s := sketchOf(t, m, call)
	if s.Post != m.PostHash("x:1") || s.Account != m.AccountHash("x:42") || s.KeyID != m.KeyID() {
		t.Error("the hashes by which a post and an account are found are not those that are kept")
	}
	if !s.Expires.Equal(queued.Add(24 * time.Hour)) {
		t.Errorf("expires %s", s.Expires)
	}
}

func TestASketchStaysTheSame(t *testing.T) {
	// It is kept for weeks: whoever changes how it is made must give keys another
	// KeyID, by the label in NewMaker.
	s := sketchOf(t, newMaker(), call)
	if s.Exact != wantExact || s.Bands[1] != wantBand {
		t.Errorf("exact %#x, band %#x; kept ones have %#x and %#x", s.Exact, s.Bands[1], uint64(wantExact), wantBand)
	}
}

func FuzzMake(f *testing.F) {
	f.Add(call)
	f.Add("a\xff\x00😀😀 1 2 3 4 5 c0 0c0 99999999999999999999999")
	f.Add(strings.Repeat("https:// #a @b 'x-y' ", 20))
	m := newMaker()
	f.Fuzz(func(t *testing.T, text string) {
		a, b := sketchOf(t, m, text), sketchOf(t, m, text)
		if a != b {
			t.Error("the same text has two sketches")
		}
	})
}

func BenchmarkMake(b *testing.B) {
	m := newMaker()
	p := &post.Post{ID: "mastodon:1093847", Platform: "mastodon", Account: post.Account{ID: "10938"}, Text: call}
	var s sketch.Sketch
	b.ReportAllocs()
	for b.Loop() {
		m.Make(&s, p, &post.Person{}, queued)
	}
}

const (
	wantExact = 0xb0e16beb0bd84fd9
	wantBand  = uint32(0xeb845d81)
)
