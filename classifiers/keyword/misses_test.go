package keyword_test

import (
	"testing"
	"time"

	"github.com/netra-id/netra/classifiers/keyword"
)

const missesList = `list: support
label: support
rules:
  - {id: near, any: [coblos], near: {what: "@contestant", within: 3}, none: [dilarang, "@negation"]}
  - {id: all, any: [menang], all: [pasti]}
  - {id: anywhere, any: [dukung], none_anywhere: [timnas]}
  - {id: quoted, any: [gaspol], scope: quoted}
  - {id: banjar, any: [mamilih], languages: [bjn]}
  - {id: dated, any: [slogan], from: 2024-11-01, until: 2024-11-30}
`

func TestARuleThatNearlyHoldsSaysWhatKeepsIt(t *testing.T) {
	w := newWorld(t, missesList)
	november := time.Date(2024, 11, 20, 0, 0, 0, 0, time.UTC)
	for name, test := range map[string]struct {
		text        string
		ctx         keyword.Context
		rule        string
		why         keyword.Missed
		term, other string
	}{
		"nobody near":         {"coblos saja", keyword.Context{}, "near", keyword.MissedNear, "@contestant", ""},
		"too far":             {"coblos pagi pagi sekali di dekat rumah nomor 1", keyword.Context{}, "near", keyword.MissedNear, "@contestant", "nomor 1"},
		"forbidden":           {"dilarang coblos nomor 1", keyword.Context{}, "near", keyword.MissedNone, "", "dilarang"},
		"negated":             {"tidak coblos nomor 1", keyword.Context{}, "near", keyword.MissedNone, "", "tidak coblos nomor 1"},
		"a part is missing":   {"menang nih", keyword.Context{}, "all", keyword.MissedAll, "pasti", ""},
		"unwanted anywhere":   {"dukung yuk. hidup timnas", keyword.Context{}, "anywhere", keyword.MissedNoneAnywhere, "", "timnas"},
		"in the wrong text":   {"gaspol", keyword.Context{}, "quoted", keyword.MissedScope, "", ""},
		"in another language": {"mamilih", keyword.Context{Language: "id", Confidence: 0.99}, "banjar", keyword.MissedLanguage, "", ""},
		"out of its time":     {"slogan", keyword.Context{When: november.AddDate(0, 1, 0)}, "dated", keyword.MissedPeriod, "", ""},
		"it holds":            {"coblos nomor 1", keyword.Context{}, "", "", "", ""},
		"it holds in time":    {"slogan", keyword.Context{When: november}, "", "", "", ""},
		"no trigger":          {"selamat pagi nomor 1", keyword.Context{}, "", "", "", ""},
	} {
		test.ctx.Scope = keyword.Authored
		w.evaluate(test.text, test.ctx)
		test.ctx.Specials = w.specials
		misses := w.compiled.Misses(&w.doc, w.matches, &test.ctx)
		if test.rule == "" {
			if len(misses) != 0 {
				t.Errorf("%s: %+v", name, misses)
			}
			continue
		}
		if len(misses) != 1 || misses[0].Rule.ID != test.rule || misses[0].Why != test.why {
			t.Errorf("%s: %+v", name, misses)
			continue
		}
		m := misses[0]
		if test.term != "" && (len(m.Terms) != 1 || m.Terms[0].Text != test.term) {
			t.Errorf("%s: terms %+v", name, m.Terms)
		}
		other := ""
		if m.Other.First >= 0 {
			start, end := w.doc.Span(int(m.Other.First), int(m.Other.Last))
			other = w.doc.Text[start:end]
		}
		if other != test.other {
			t.Errorf("%s: in the way %q, want %q", name, other, test.other)
		}
	}
}
