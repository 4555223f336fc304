package keyword_test

import (
	"strings"
	"testing"
	"time"

	"github.com/netra-id/netra/classifiers/keyword"
	"github.com/netra-id/netra/classifiers/text"
)

const designExample = `list: support
label: support
rules:
  - id: vote-for
    any: ["coblos", "nyoblos", "pilih", "menangkan"]   # whole words and phrases, normalised as posts are
    near: {what: "@contestant", within: 6}            # tokens; @contestant, @number, @party, @hashtag
    none: ["@negation", "dilarang", "simulasi"]
    weight: 0.7
    languages: [id, ms]                                # optional
    flags: ["ayo coblos nomor 2"]                      # examples that must flag
    passes: ["ASN dilarang mengajak coblos nomor 2"]   # examples that must not
`

// bench is a small world around lists: "nomor N" is contestant N, and "tidak"
// negates the next three words.
type world struct {
	matcher  *keyword.Matcher
	compiled *keyword.Compiled
	own      keyword.Space
	doc      text.Doc
	scratch  keyword.Scratch
	matches  []keyword.Match
	specials []keyword.Special
}

func newWorld(t testing.TB, lists ...string) *world {
	t.Helper()
	files := make([]keyword.File, len(lists))
	for i, list := range lists {
		files[i] = keyword.File{Name: "list.yaml", Data: []byte(list)}
	}
	set, err := keyword.Parse(files...)
	if err != nil {
		t.Fatal(err)
	}
	b := keyword.NewBuilder()
	w := &world{}
	if w.compiled, err = keyword.Compile(set, b); err != nil {
		t.Fatal(err)
	}
	w.own = b.NewSpace()
	for payload, phrase := range []string{"nomor 1", "nomor 2", "tidak"} {
		if err := b.Add(w.own, phrase, uint32(payload)); err != nil {
			t.Fatal(err)
		}
	}
	w.matcher = b.Freeze()
	return w
}

func (w *world) evaluate(s string, ctx keyword.Context) []keyword.Hit {
	w.matcher.Analyze(&w.doc, s)
	w.matches = w.matcher.Match(&w.doc, w.matches[:0])
	w.specials = w.specials[:0]
	for _, m := range w.matches {
		switch {
		case m.Space != w.own:
		case m.Payload == 2:
			last := min(int(m.Last)+3, len(w.doc.Tokens)-1)
			w.specials = append(w.specials, keyword.Special{Groups: keyword.Negation, First: m.First, Last: int32(last)})
		default:
			w.specials = append(w.specials, keyword.Special{Groups: keyword.Contestant | keyword.Number, First: m.First, Last: m.Last})
		}
	}
	ctx.Specials = w.specials
	if ctx.Scope == 0 {
		ctx.Scope = keyword.Authored
	}
	return w.compiled.Evaluate(&w.doc, w.matches, &ctx, &w.scratch, nil)
}

// show writes the hits as rule: part + part.
func (w *world) show(hits []keyword.Hit) string {
	var out []string
	for _, hit := range hits {
		var parts []string
		for _, part := range hit.Parts {
			parts = append(parts, w.doc.Slice(int(part.First), int(part.Last)))
		}
		out = append(out, hit.Rule.ID+": "+strings.Join(parts, " + "))
	}
	return strings.Join(out, "; ")
}

func TestTheDesignsExampleHolds(t *testing.T) {
	w := newWorld(t, designExample)
	rule := w.compiled.Set().Rules()[0]
	if got := w.show(w.evaluate(rule.Flags[0].Text, keyword.Context{})); got != "vote-for: coblos + nomor 2" {
		t.Errorf("the example that must flag gave %q", got)
	}
	if got := w.show(w.evaluate(rule.Passes[0].Text, keyword.Context{})); got != "" {
		t.Errorf("the example that must pass gave %q", got)
	}
	if rule.Source() != "support/vote-for" || rule.Weight != 0.7 {
		t.Errorf("source %q, weight %v", rule.Source(), rule.Weight)
	}
}

func TestRuleLanguage(t *testing.T) {
	tests := map[string]struct{ rule, text, want string }{
		"any":                    {`any: [coblos, pilih]`, "ayo pilih dia", "r: pilih"},
		"phrase":                 {`any: ["all in"]`, "gas all in!", "r: all in"},
		"prefix":                 {`any: ["menyal*"]`, "menyalaaa abangku", "r: menyalaaa"},
		"emoji":                  {`any: ["✌️"]`, "salam ✌🏽", "r: ✌🏽"},
		"hashtag":                {`any: ["#2Periode"]`, "#2periode ya", "r: #2periode"},
		"all":                    {`all: [amplop, pilih]`, "pilih dia, ada amplop", "r: amplop + pilih"},
		"all lacks one":          {`all: [amplop, pilih]`, "ada amplop", ""},
		"any and all":            {`{any: [pilih], all: [amplop]}`, "amplop dulu baru pilih", "r: pilih + amplop"},
		"none":                   {`{any: [pilih], none: [simulasi]}`, "simulasi pilih", ""},
		"none in next sentence":  {`{any: [pilih], none: [simulasi]}`, "pilih dia. simulasi besok", "r: pilih"},
		"none anywhere":          {`{any: [pilih], none_anywhere: [simulasi]}`, "pilih dia. simulasi besok", ""},
		"negation":               {`{any: [pilih], none: ["@negation"]}`, "saya tidak pilih dia", ""},
		"negation elsewhere":     {`{any: [pilih], none: ["@negation"]}`, "pilih dia, saya tidak", "r: pilih"},
		"near":                   {`{any: [pilih], near: {what: "@number", within: 2}}`, "pilih si nomor 2", "r: pilih + nomor 2"},
		"near too far":           {`{any: [pilih], near: {what: "@number", within: 2}}`, "pilih si dia nomor 2", ""},
		"near before":            {`{any: [pilih], near: {what: "@number", within: 2}}`, "nomor 2 pilih", "r: pilih + nomor 2"},
		"near ordered":           {`{any: [pilih], near: {what: "@number", within: 2, ordered: true}}`, "nomor 2 pilih", ""},
		"near ordered before":    {`{any: [pilih], near: {what: "@number", within: 2, ordered: before}}`, "nomor 2 pilih", "r: pilih + nomor 2"},
		"near a word":            {`{any: [pilih], near: {what: [amplop, uang], within: 3}}`, "pilih, ada uang", "r: pilih + uang"},
		"near twice":             {`{any: [pilih], near: [{what: "@number", within: 3}, {what: uang, within: 5}]}`, "uang nomor 2 pilih", "r: pilih + nomor 2 + uang"},
		"near takes the nearest": {`{any: [pilih], near: {what: "@contestant", within: 9}}`, "nomor 1 bohong terus, pilih nomor 2", "r: pilih + nomor 2"},
		"near prefers behind":    {`{any: [pilih], near: {what: "@contestant", within: 9}}`, "nomor 1 pilih nomor 2", "r: pilih + nomor 2"},
		"near prefers clause":    {`{any: [juara], near: {what: "@contestant", within: 9}}`, "nomor 1 juara, nomor 2 tidak", "r: juara + nomor 1"},
		"near itself":            {`{any: [pilih], near: {what: pilih, within: 9}}`, "pilih dia", ""},
		"special anchor":         {`any: ["@contestant"]`, "dua kali nomor 2", "r: nomor 2"},
		"group":                  {`any: ["@suara"]`, "saya pilih dia", "r: pilih"},
		"exact":                  {`any: ["=pilih"]`, "saya memilih dia", ""},
		"each place":             {`any: [pilih]`, "pilih. pilih", "r: pilih; r: pilih"},
		"longest place":          {`any: [pilih, "pilih dia"]`, "pilih dia", "r: pilih dia"},
		"punctuation is free":    {`{any: [pilih], near: {what: "@number", within: 1}}`, "pilih: \"nomor 2\"", "r: pilih + nomor 2"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			body := test.rule
			if body[0] == '{' {
				body = strings.TrimSuffix(body[1:], "}")
				body = "- {id: r, " + body + "}"
			} else {
				body = "- {id: r, " + body + "}"
			}
			w := newWorld(t, "list: l\nlabel: support\ngroups:\n  suara: [coblos, \"@lain\"]\n  lain: [pilih]\nrules:\n  "+body+"\n")
			if got := w.show(w.evaluate(test.text, keyword.Context{})); got != test.want {
				t.Errorf("rule {%s} on %q gave %q, want %q", test.rule, test.text, got, test.want)
			}
		})
	}
}

func TestConditionsOfThePost(t *testing.T) {
	list := func(extra string) string {
		return "list: l\nlabel: support\nrules:\n  - {id: r, any: [pilih], " + extra + "}\n"
	}
	on := func(s string) time.Time {
		at, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	tests := map[string]struct {
		extra string
		ctx   keyword.Context
		want  bool
	}{
		"authored by default":          {"weight: 1", keyword.Context{Scope: keyword.Authored}, true},
		"not in the quoted":            {"weight: 1", keyword.Context{Scope: keyword.Quoted}, false},
		"quoted only":                  {"scope: quoted", keyword.Context{Scope: keyword.Authored}, false},
		"both":                         {"scope: both", keyword.Context{Scope: keyword.Quoted}, true},
		"on the first day":             {"from: 2024-09-22", keyword.Context{When: on("2024-09-22T00:00:00+07:00")}, true},
		"before the first day":         {"from: 2024-09-22", keyword.Context{When: on("2024-09-21T23:59:59+07:00")}, false},
		"on the last day":              {"until: 2024-11-23", keyword.Context{When: on("2024-11-23T23:59:59+07:00")}, true},
		"after the last day":           {"until: 2024-11-23", keyword.Context{When: on("2024-11-24T00:00:00+07:00")}, false},
		"language":                     {"languages: [bjn]", keyword.Context{Language: "bjn", Confidence: 1}, true},
		"other language":               {"languages: [bjn]", keyword.Context{Language: "en", Confidence: 1}, false},
		"uncertain language":           {"languages: [bjn]", keyword.Context{Language: "en", Confidence: 0.3}, true},
		"undetermined language":        {"languages: [bjn]", keyword.Context{Language: "und"}, true},
		"regional text, national rule": {"languages: [id]", keyword.Context{Language: "jv", Confidence: 1}, true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, list(test.extra))
			if got := len(w.evaluate("pilih", test.ctx)) > 0; got != test.want {
				t.Errorf("rule with %s: got %v, want %v", test.extra, got, test.want)
			}
		})
	}
}
