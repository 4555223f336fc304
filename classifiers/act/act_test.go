package act_test

import (
	"slices"
	"testing"

	"github.com/netra-id/netra/classifiers/act"
	"github.com/netra-id/netra/classifiers/keyword"
	"github.com/netra-id/netra/classifiers/text"
	"github.com/netra-id/netra/pipeline/post"
)

// reader reads texts as the judge does, and finds the word "coblos" in them.
type reader struct {
	matcher    *keyword.Matcher
	cues, vote keyword.Space
}

func newReader(t *testing.T) *reader {
	t.Helper()
	builder := keyword.NewBuilder()
	r := &reader{cues: builder.NewSpace(), vote: builder.NewSpace()}
	err := act.Phrases(func(phrase string, class act.Class) error { return builder.Add(r.cues, phrase, uint32(class)) })
	if err != nil {
		t.Fatal(err)
	}
	if err := builder.Add(r.vote, "coblos", 0); err != nil {
		t.Fatal(err)
	}
	r.matcher = builder.Freeze()
	return r
}

// effects names what weakens "coblos" in a text.
func (r *reader) effects(in string) []string {
	var doc text.Doc
	r.matcher.Analyze(&doc, in)
	var cues []act.Cue
	first, last := -1, -1
	for _, m := range r.matcher.Match(&doc, nil) {
		if m.Space == r.vote {
			first, last = int(m.First), int(m.Last)
			continue
		}
		cues = append(cues, act.Cue{Class: act.Class(m.Payload), First: int(m.First), Last: int(m.Last)})
	}
	var reading act.Reading
	reading.Read(&doc, cues)
	_, applied := act.Force(post.Support, reading.Context(first, last, first, last))
	var names []string
	for i, name := range act.EffectNames() {
		if applied.Has(i) {
			names = append(names, name)
		}
	}
	return names
}

func TestForceNamesWhatWeakensAMatch(t *testing.T) {
	r := newReader(t)
	tests := map[string]struct {
		in   string
		want string // an effect that must be there; empty for none at all
	}{
		"a plain call":                    {"ayo coblos nomor 2", ""},
		"jangan lupa is a call":           {"jangan lupa coblos nomor 2", ""},
		"tidak usah ragu is a call":       {"tidak usah ragu, coblos nomor 2", ""},
		"a denial":                        {"saya tidak coblos nomor 2", "denied"},
		"a denial of another clause":      {"gak neko-neko, coblos nomor 2", ""},
		"a prohibition":                   {"ASN dilarang mengajak orang coblos nomor 2", "forbidden"},
		"a turn ends a prohibition":       {"dilarang golput tapi coblos nomor 2", ""},
		"a rule of law":                   {"sesuai pasal 280 mengajak coblos nomor 2 kena sanksi", "by rule"},
		"a report":                        {"dilaporkan ada camat yang mengajak coblos nomor 2", "reported"},
		"one's own opinion is no report":  {"menurut saya coblos nomor 2", ""},
		"a quotation":                     {"isi pesannya \"coblos nomor 2\"", "quoted"},
		"a fact-checker's verdict":        {"[SALAH] KPU menyuruh coblos nomor 2", "debunked"},
		"a mistake is no verdict":         {"jangan salah coblos nomor 2", ""},
		"a pledge":                        {"kami berikrar netral dan tidak menyuruh coblos nomor 2", "recited"},
		"a question":                      {"apakah boleh coblos nomor 2?", "asked"},
		"Sundanese and Banjar forbid too": {"ulah coblos nomor 2", "forbidden"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got := r.effects(test.in)
			if test.want == "" && len(got) > 0 || test.want != "" && !slices.Contains(got, test.want) {
				t.Errorf("%q: effects %v, want %q", test.in, got, test.want)
			}
		})
	}
}
