package similar_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/netra-id/netra/pipeline/similar"
)

const call = "Ayo warga Landak, besok kita rapatkan barisan dan coblos nomor 2 di TPS masing-masing, jangan lupa ajak keluarga dan tetangga semua!"

func TestCopiesAreToldFromOppositesAndStrangers(t *testing.T) {
	reader := similar.NewReader()
	const exact, near, other = "exact", "near", "other"
	tests := map[string]struct{ a, b, want string }{
		"the same":                {call, call, exact},
		"another case and space":  {call, strings.ToUpper(strings.ReplaceAll(call, " ", "  ")), exact},
		"another link":            {call + " https://a.id/1", call + " https://b.id/2", exact},
		"other punctuation":       {call, strings.ReplaceAll(call, ",", " ..."), exact},
		"zero-width letters":      {call, strings.ReplaceAll(call, "coblos", "cob\u200blos"), exact},
		"a word more":             {call, call + " Gaspol", near},
		"a word another":          {call, strings.Replace(call, "tetangga", "saudara", 1), near},
		"a word less":             {call, strings.Replace(call, " semua", "", 1), near},
		"another number":          {call, strings.Replace(call, "nomor 2", "nomor 1", 1), other},
		"another number in words": {call, strings.Replace(call, "nomor 2", "nomor tiga", 1), other},
		"denied":                  {call, strings.Replace(call, "besok kita", "besok kita tidak", 1), other},
		"another text":            {call, "Rapat koordinasi dinas pendidikan hari ini membahas penyaluran bantuan sekolah di kabupaten", other},
		"short, a word another":   {"coblos nomor 2 ya", "coblos nomor 2 dong", other},
		"short, the same":         {"coblos nomor 2 ya", "Coblos nomor 2, ya!", exact},
		"nothing and nothing":     {"", "  ", other},
		"links only":              {"https://a.id", "https://b.id", other},
		"emoji only":              {"👍", "👍", exact},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			a, b := reader.Read(test.a), reader.Read(test.b)
			got := other
			switch {
			case a.Exact != 0 && a.Exact == b.Exact:
				got = exact
			case slices.ContainsFunc(a.Bands, func(band uint64) bool { return slices.Contains(b.Bands, band) }) &&
				similar.Similarity(a.Signature, b.Signature) >= similar.Near:
				got = near
			}
			if got != test.want {
				t.Errorf("are %s (similarity %.2f), want %s", got, similar.Similarity(a.Signature, b.Signature), test.want)
			}
		})
	}
}

func TestAFingerprintStaysTheSame(t *testing.T) {
	// It is kept in databases: whoever changes how it is made must make those
	// anew.
	f := similar.NewReader().Read(call)
	if f.Exact != wantExact || f.Bands[0] != wantBand {
		t.Errorf("exact %#x, first band %#x; kept ones have %#x and %#x", f.Exact, f.Bands[0], uint64(wantExact), uint64(wantBand))
	}
}

func FuzzRead(f *testing.F) {
	f.Add(call)
	f.Add("a\xff\x00😀😀😀😀😀😀😀😀😀")
	f.Add(strings.Repeat("1 ", 20))
	reader := similar.NewReader()
	f.Fuzz(func(t *testing.T, s string) {
		a, b := reader.Read(s), reader.Read(s)
		if a.Exact != b.Exact || !slices.Equal(a.Bands, b.Bands) || !slices.Equal(a.Signature, b.Signature) {
			t.Error("the same text has two fingerprints")
		}
		if a.Signature != nil && similar.Similarity(a.Signature, b.Signature) != 1 {
			t.Error("a text is not like itself")
		}
	})
}

func BenchmarkRead(b *testing.B) {
	reader := similar.NewReader()
	for b.Loop() {
		reader.Read(call)
	}
}

const (
	wantExact = 0xc87372bf64e74218
	wantBand  = 0x9d9f963be679a4f7
)
