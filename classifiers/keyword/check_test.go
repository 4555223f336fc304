package keyword_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/netra-id/netra/classifiers/keyword"
)

func TestCheckFinds(t *testing.T) {
	const good = `flags: [a], passes: [b], description: {id: x}`
	tests := map[string]struct {
		rules string
		want  string // "" for nothing
	}{
		"nothing":                        {`{id: a, any: [gunama], ` + good + `}`, ""},
		"a phrase of nothing":            {`{id: a, any: [gunama, "..."], ` + good + `}`, `error: rule l/a: any: phrase "...": nothing is left`},
		"only phrases of nothing":        {`{id: a, any: ["..."], ` + good + `}`, "can never match: no phrase of any"},
		"invisible phrase":               {"{id: a, any: [gunama, \"\u200b\"], " + good + `}`, "nothing is left"},
		"short prefix":                   {`{id: a, any: ["a*"], ` + good + `}`, "at least 2 letters"},
		"none holds any":                 {`{id: a, any: [dukung], none: [mendukung], ` + good + `}`, "can never match: none holds every phrase of any"},
		"none holds a part of any":       {`{id: a, any: ["pilih dia", gunama], none: [pilih], ` + good + `}`, "1 of 2 phrases of any can never match"},
		"none holds all":                 {`{id: a, all: [gunama, amplop], none_anywhere: [amplop], ` + good + `}`, `"amplop" is in all and in none`},
		"none holds near":                {`{id: a, any: [gunama], near: {what: "@party", within: 3}, none: ["@party"], ` + good + `}`, "none holds everything that near asks for"},
		"same rule":                      {`{id: a, any: [gunama], ` + good + `}, {id: b, any: [Gunama], ` + good + `}`, "rule l/b: is the same as l/a"},
		"shadowed":                       {`{id: a, any: [gunama, budi], ` + good + `}, {id: b, any: [budi], near: {what: "@party", within: 3}, ` + good + `}`, "rule l/b: adds nothing: l/a"},
		"shadowed by one without none":   {`{id: a, any: [gunama], ` + good + `}, {id: b, any: [gunama], none: [x], ` + good + `}`, "rule l/b: adds nothing"},
		"not shadowed by less weight":    {`{id: a, any: [gunama], weight: 0.1, ` + good + `}, {id: b, any: [gunama], none: [x], weight: 0.9, ` + good + `}`, ""},
		"not shadowed by another period": {`{id: a, any: [gunama], until: 2024-01-01, ` + good + `}, {id: b, any: [gunama], none: [x], ` + good + `}`, ""},
		"common word":                    {`{id: a, any: [yang], ` + good + `}`, `"yang" stands in most posts`},
		"common word near something":     {`{id: a, any: [yang], near: {what: "@party", within: 3}, ` + good + `}`, ""},
		"same phrase in other spelling":  {`{id: a, any: [dukung, mendukung], ` + good + `}`, `"mendukung" matches the same as "dukung"`},
		"common word in none":            {`{id: a, any: [gunama], none: [yang], ` + good + `}`, "will hardly ever match"},
		"negation as a word":             {`{id: a, any: [gunama, "@negation"], ` + good + `}`, "belongs under none"},
		"no flags":                       {`{id: a, any: [gunama], passes: [b], description: {id: x}}`, "no example under flags"},
		"no passes":                      {`{id: a, any: [gunama], flags: [b], description: {id: x}}`, "no example under passes"},
		"no description":                 {`{id: a, any: [gunama], flags: [b], passes: [c]}`, "no description"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			set, err := parse("list: l\nlabel: support\nrules: [" + test.rules + "]\n")
			if err != nil {
				t.Fatal(err)
			}
			var all []string
			for _, finding := range keyword.Check(set) {
				all = append(all, finding.String())
			}
			got := strings.Join(all, "\n")
			if test.want == "" && got != "" || !strings.Contains(got, test.want) {
				t.Errorf("got:\n%s\nwant: %s", got, test.want)
			}
			if got != "" && !strings.HasPrefix(got, "l1.yaml:3: ") {
				t.Errorf("the finding has no place: %s", got)
			}
		})
	}
}

func TestTestReportsFailingExamples(t *testing.T) {
	set, err := parse("list: l\nlabel: support\nrules:\n  - id: a\n    any: [gunama]\n    flags: [gunama, budi]\n    passes:\n      - budi\n      - gunama kalah\n")
	if err != nil {
		t.Fatal(err)
	}
	examples, failures := keyword.Test(set, func(rule *keyword.Rule, text string) (bool, string) {
		return strings.Contains(text, rule.Any[0].Text), "because"
	})
	var got []string
	for _, failure := range failures {
		got = append(got, failure.String())
	}
	want := `l1.yaml:6: rule l/a: example "budi" must flag, but does not: because
l1.yaml:9: rule l/a: example "gunama kalah" must not flag, but does: because`
	if examples != 4 || strings.Join(got, "\n") != want {
		t.Errorf("%d examples, failures:\n%s\nwant:\n%s", examples, strings.Join(got, "\n"), want)
	}
}

func TestHugeLists(t *testing.T) {
	var rules, alternatives strings.Builder
	for i := range 100_000 {
		fmt.Fprintf(&rules, "\"frasa %d kata%d\",", i%90, i)
	}
	for i := range 1_000 {
		fmt.Fprintf(&alternatives, "istilah%dx,", i+1000)
	}
	w := newWorld(t, "list: l\nlabel: support\nrules:\n  - id: many\n    any: ["+rules.String()+"]\n"+
		"  - id: wide\n    any: ["+alternatives.String()+"]\n    near: {what: ["+alternatives.String()+"], within: 3}\n    none: ["+alternatives.String()+"tidakada]\n"+
		"  - id: wider\n    any: ["+alternatives.String()+"]\n    near: {what: ["+alternatives.String()+"], within: 3}\n")
	if got := w.show(w.evaluate("ini frasa 7 kata99997 ya, istilah1001x istilah1999x", keyword.Context{})); got != "many: frasa 7 kata99997; wider: istilah1001x + istilah1999x; wider: istilah1999x + istilah1001x" {
		t.Errorf("got %q", got)
	}
}

func TestLongTextsTakeBoundedTime(t *testing.T) {
	w := newWorld(t, `list: l
label: support
rules:
  - {id: a, any: [pilih, coblos], all: [amplop], near: [{what: "@contestant", within: 50}, {what: [pilih, coblos], within: 50}], none: ["@negation", simulasi]}
  - {id: b, any: ["@contestant"], near: {what: "@contestant", within: 100}, none: ["@negation"]}
`)
	for _, unit := range []string{"pilih nomor 1 tidak ", "tidak nomor 2 ", "pilih coblos amplop simulasi. ", "nomor 1 nomor 2, "} {
		hits := w.evaluate(strings.Repeat(unit, 200_000/len(unit)), keyword.Context{})
		if len(hits) > 64 {
			t.Errorf("%d hits of two rules in %q…", len(hits), unit)
		}
	}
}

func TestHotPathDoesNotAllocate(t *testing.T) {
	w := newWorld(t, designExample)
	const post = "ayo coblos nomor 2, jangan pilih nomor 1. tidak coblos nomor 2"
	w.evaluate(post, keyword.Context{})
	hits := make([]keyword.Hit, 0, 16)
	ctx := keyword.Context{Scope: keyword.Authored, Specials: w.specials}
	if allocs := testing.AllocsPerRun(50, func() {
		w.matcher.Analyze(&w.doc, post)
		w.matches = w.matcher.Match(&w.doc, w.matches[:0])
		hits = w.compiled.Evaluate(&w.doc, w.matches, &ctx, &w.scratch, hits[:0])
	}); allocs != 0 {
		t.Errorf("%v allocations for a post", allocs)
	}
	if len(hits) == 0 {
		t.Error("nothing was evaluated")
	}
}
