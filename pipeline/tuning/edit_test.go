package tuning_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/netra-id/netra/classifiers/keyword"
	"github.com/netra-id/netra/pipeline/tuning"
)

const commented = `# Lists of the regency, kept by two people.
list: support
label: support   # of a contestant
groups:
  # what people shout
  "@call": [ayo, "mari",   # both spellings
    yuk]
  plain:
    - satu   # one
    - dua
rules:
  # the plainest of all
  - id: vote-for
    description: {id: "ajakan memilih", en: "a call to vote"}
    any: ["coblos", # by nail
      'pilih', nyoblos]  # of old
    near: {what: "@contestant", within: 6}   # words
    weight: 0.75
    flags: ["ayo coblos nomor 2"]

  # said with a hand
  - any:
      - "salam dua jari"   # both hands
      - satu komando
    id: salute
    near:
      - {what: "@contestant", within: 8}
      - what: ["@call", kawan]
        within: 4
        ordered: true
  - {id: short, any: [menyala], weight: 0.3}

# the end
`

func ruleOf(t *testing.T, data []byte, id string) tuning.RuleText {
	t.Helper()
	rules, err := tuning.ReadRules("l.yaml", data)
	if err != nil {
		t.Fatal(err)
	}
	at := slices.IndexFunc(rules, func(r tuning.RuleText) bool { return r.ID == id })
	if at < 0 {
		t.Fatalf("no rule %s in\n%s", id, data)
	}
	return rules[at]
}

func TestReadRules(t *testing.T) {
	want := tuning.RuleText{ID: "salute", Any: []string{"salam dua jari", "satu komando"}, Near: []tuning.NearText{
		{What: []string{"@contestant"}, Within: "8"}, {What: []string{"@call", "kawan"}, Within: "4", Order: "after"},
	}}
	if diff := cmp.Diff(want, ruleOf(t, []byte(commented), "salute")); diff != "" {
		t.Error(diff)
	}
}

// TestAnEditTouchesItsLinesOnly compares the file with what a careful person
// would have written by hand.
func TestAnEditTouchesItsLinesOnly(t *testing.T) {
	for name, test := range map[string]struct {
		rule   string
		change func(*tuning.RuleText)
		old    string
		now    string
	}{
		"a word is added": {"vote-for", func(r *tuning.RuleText) { r.Any = append(r.Any, "tusuk") }, `'pilih', nyoblos]  # of old`, `'pilih', nyoblos, "tusuk"]  # of old`},
		"a word goes":     {"vote-for", func(r *tuning.RuleText) { r.Any = []string{"coblos", "nyoblos"} }, `      'pilih', nyoblos]`, `      nyoblos]`},
		"the last goes":   {"vote-for", func(r *tuning.RuleText) { r.Any = []string{"coblos", "pilih"} }, `'pilih', nyoblos]`, `'pilih']`},
		"in a block":      {"salute", func(r *tuning.RuleText) { r.Any = []string{"salam dua jari", "gas"} }, "      - satu komando\n", "      - \"gas\"\n"},
		"a weight":        {"vote-for", func(r *tuning.RuleText) { r.Weight = "0,9" }, "weight: 0.75", "weight: 0.9"},
		"a new key":       {"vote-for", func(r *tuning.RuleText) { r.Until = "2024-11-30"; r.From = "2024-11-01" }, "    weight: 0.75", "    from: 2024-11-01\n    until: 2024-11-30\n    weight: 0.75"},
		"a key goes":      {"vote-for", func(r *tuning.RuleText) { r.Near = nil }, "    near: {what: \"@contestant\", within: 6}   # words\n", ""},
		"another id":      {"vote-for", func(r *tuning.RuleText) { r.ID = "vote" }, "- id: vote-for", "- id: vote"},
		"short rule":      {"short", func(r *tuning.RuleText) { r.Weight = "0.4" }, "  - {id: short, any: [menyala], weight: 0.3}", "  - id: short\n    any: [\"menyala\"]\n    weight: 0.4"},
		"hostile":         {"vote-for", func(r *tuning.RuleText) { r.Flags = append(r.Flags, "a\"b\\c: #d [e] {f} ✌️\n'x'") }, `flags: ["ayo coblos nomor 2"]`, `flags: ["ayo coblos nomor 2", "a\"b\\c: #d [e] {f} ✌️\n'x'"]`},
	} {
		t.Run(name, func(t *testing.T) {
			rule := ruleOf(t, []byte(commented), test.rule)
			test.change(&rule)
			got, err := tuning.WithRule("l.yaml", []byte(commented), test.rule, rule)
			if err != nil {
				t.Fatal(err)
			}
			want := strings.Replace(commented, test.old, test.now, 1)
			if want == commented {
				t.Fatal("the test changes nothing")
			}
			if diff := cmp.Diff(want, string(got)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestRulesComeAndGo(t *testing.T) {
	added, err := tuning.WithRule("l.yaml", []byte(commented), "", tuning.RuleText{ID: "new", Any: []string{" jaya ", "", "jaya"}, Weight: "0.50"})
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Replace(commented, "weight: 0.3}\n", "weight: 0.3}\n  - id: new\n    any: [\"jaya\"]\n    weight: 0.5\n", 1)
	if diff := cmp.Diff(want, string(added)); diff != "" {
		t.Error(diff)
	}
	gone, err := tuning.WithoutRule("l.yaml", added, "new")
	if err != nil || string(gone) != commented {
		t.Errorf("%v\n%s", err, cmp.Diff(commented, string(gone)))
	}
	list := tuning.NewList("slogan", "support", tuning.RuleText{ID: "one", Any: []string{"x"}})
	if _, err := keyword.Parse(keyword.File{Name: "s.yaml", Data: list}); err != nil {
		t.Errorf("%v\n%s", err, list)
	}
	if _, err := tuning.WithoutRule("s.yaml", list, "one"); err == nil || !strings.Contains(err.Error(), "at least one rule") {
		t.Errorf("the last rule goes: %v", err)
	}
	if _, err := tuning.WithoutRule("s.yaml", list, "two"); !errors.Is(err, tuning.ErrNotFound) {
		t.Error(err)
	}
}

func TestGroupsAreEdited(t *testing.T) {
	groups, err := tuning.Groups("l.yaml", []byte(commented))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string][]string{"@call": {"ayo", "mari", "yuk"}, "@plain": {"satu", "dua"}}, groups); diff != "" {
		t.Error(diff)
	}
	got, err := tuning.WithGroup("l.yaml", []byte(commented), "@call", []string{"ayo", "mari", "yuk", "hayu"})
	if err != nil || string(got) != strings.Replace(commented, "    yuk]", "    yuk, \"hayu\"]", 1) {
		t.Errorf("%v\n%s", err, got)
	}
	got, err = tuning.WithGroup("l.yaml", []byte(commented), "@plain", []string{"dua", "tiga"})
	if err != nil || string(got) != strings.Replace(commented, "    - satu   # one\n    - dua\n", "    - dua\n    - \"tiga\"\n", 1) {
		t.Errorf("%v\n%s", err, got)
	}
}

// TestEveryDefaultRuleCanBeEdited adds and removes a word of every list of every
// rule that is built in, and finds the file as it was.
func TestEveryDefaultRuleCanBeEdited(t *testing.T) {
	files, err := keyword.DefaultFiles()
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		rules, err := tuning.ReadRules(file.Name, file.Data)
		if err != nil {
			t.Fatal(err)
		}
		for _, rule := range rules {
			changed := rule
			changed.Any, changed.Flags, changed.Weight = append(slices.Clone(rule.Any), "kata baru"), append(slices.Clone(rule.Flags), "contoh: \"baru\""), "0.11"
			got, err := tuning.WithRule(file.Name, file.Data, rule.ID, changed)
			if err != nil {
				t.Errorf("%s %s: %v", file.Name, rule.ID, err)
				continue
			}
			back, err := tuning.WithRule(file.Name, got, rule.ID, rule)
			if err != nil || string(back) != string(file.Data) {
				t.Errorf("%s %s: %v\n%s", file.Name, rule.ID, err, cmp.Diff(string(file.Data), string(back)))
			}
		}
		groups, err := tuning.Groups(file.Name, file.Data)
		if err != nil {
			t.Fatal(err)
		}
		for name, words := range groups {
			got, err := tuning.WithGroup(file.Name, file.Data, name, append(slices.Clone(words), "kata baru"))
			if err != nil {
				t.Errorf("%s %s: %v", file.Name, name, err)
			} else if before, after := strings.Count(string(file.Data), "\n"), strings.Count(string(got), "\n"); after-before > 1 {
				t.Errorf("%s %s: %d lines became %d", file.Name, name, before, after)
			}
		}
	}
}

func FuzzWithRule(f *testing.F) {
	f.Add(commented, "vote-for", "kata", "0.5", "contoh")
	f.Add("rules: [{id: a, any: [b]}]", "a", "x\ny", "", "")
	f.Add("rules:\n-\n  id: a\n  any: |\n    # b\n", "a", "null", "true", "'")
	f.Fuzz(func(t *testing.T, text, id, word, weight, example string) {
		rule := tuning.RuleText{ID: "fuzz", Any: []string{word}, Weight: weight, Flags: []string{example}, Near: []tuning.NearText{{What: []string{word}, Within: weight}}}
		before, err := tuning.ReadRules("f.yaml", []byte(text))
		if err != nil {
			return
		}
		got, err := tuning.WithRule("f.yaml", []byte(text), id, rule)
		if err != nil {
			return // it says so
		}
		after, err := tuning.ReadRules("f.yaml", got)
		if err != nil {
			t.Fatalf("%v\n%s", err, got)
		}
		others := 0
		for i := range after {
			if i < len(before) && fmt.Sprint(before[i]) == fmt.Sprint(after[i]) {
				others++
			}
		}
		if others < len(before)-1 {
			t.Errorf("other rules changed:\n%s\n%s", text, got)
		}
	})
}

func TestTwoEditsOfOneRuleAreJoined(t *testing.T) {
	base := ruleOf(t, []byte(commented), "vote-for")
	mine, theirs := base, base
	mine.DescriptionID, mine.Flags = "ajakan", append(slices.Clone(base.Flags), "gas")
	theirs.Weight, theirs.Flags, theirs.Any = "0.5", nil, []string{"coblos"}
	want := base
	want.DescriptionID, want.Flags, want.Weight, want.Any = "ajakan", mine.Flags, "0.5", []string{"coblos"}
	if diff := cmp.Diff(want, tuning.MergeRule(base, mine, theirs)); diff != "" {
		t.Error(diff)
	}
}
