package keyword_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/netra-id/netra/classifiers/keyword"
)

func parse(lists ...string) (*keyword.Set, error) {
	files := make([]keyword.File, len(lists))
	for i, list := range lists {
		files[i] = keyword.File{Name: fmt.Sprintf("l%d.yaml", i+1), Data: []byte(list)}
	}
	return keyword.Parse(files...)
}

func TestParseNamesWhatIsWrong(t *testing.T) {
	const head = "list: l\nlabel: support\nrules:\n"
	tests := map[string]struct {
		in   string
		want []string
	}{
		"not YAML":             {"list: [", []string{"l1.yaml", "not valid YAML"}},
		"empty file":           {"", []string{"l1.yaml", `key "list"`}},
		"unknown key":          {head + "  - id: a\n    any: [x]\n    wieght: 1\n", []string{"l1.yaml:6", "rules[0].wieght", "value 1", "allowed: the keys", `did you mean "weight"?`}},
		"repeated key":         {"list: l\nlist: m\n", []string{"l1.yaml:2", "list"}},
		"wrong type":           {head + "  - id: a\n    any: x\n", []string{"l1.yaml:5", "rules[0].any", "a list"}},
		"number as phrase":     {head + "  - id: a\n    any: [02]\n", []string{"l1.yaml:5", "rules[0].any[0]", "write it in quotes"}},
		"unknown label":        {"list: l\nlabel: suport\nrules: [{id: a, any: [x]}]\n", []string{"l1.yaml:2", `"suport"`, `did you mean "support"?`}},
		"bad list name":        {"list: A b\nlabel: support\nrules: [{id: a, any: [x]}]\n", []string{"l1.yaml:1", `"A b"`, "small letters"}},
		"no rules":             {"list: l\nlabel: support\nrules: []\n", []string{"l1.yaml:3", "at least one rule"}},
		"no id":                {head + "  - any: [x]\n", []string{"l1.yaml:4", "rules[0].id", "missing"}},
		"duplicate id":         {head + "  - {id: a, any: [x]}\n  - {id: a, any: [y]}\n", []string{"l1.yaml:5", `"a"`, "line 4"}},
		"empty any":            {head + "  - id: a\n    any: []\n", []string{"l1.yaml:5", "rules[0].any", "at least one phrase"}},
		"no any and no all":    {head + "  - {id: a, none: [x]}\n", []string{"l1.yaml:4", "any or all"}},
		"blank phrase":         {head + "  - {id: a, any: [\" \"]}\n", []string{"rules[0].any[0]"}},
		"repeated phrase":      {head + "  - {id: a, any: [x, x]}\n", []string{"rules[0].any[1]", "each phrase once"}},
		"unknown group":        {head + "  - {id: a, any: [\"@contestan\"]}\n", []string{"l1.yaml:4", `"@contestan"`, `did you mean "@contestant"?`}},
		"unknown near key":     {head + "  - id: a\n    any: [x]\n    near: {what: y, withn: 3}\n", []string{"l1.yaml:6", "withn", `did you mean "within"?`}},
		"near without what":    {head + "  - {id: a, any: [x], near: {within: 3}}\n", []string{"near.what", "missing"}},
		"near too wide":        {head + "  - {id: a, any: [x], near: {what: y, within: 1000}}\n", []string{"near.within", "1000", "from 1 to 100"}},
		"near not a map":       {head + "  - {id: a, any: [x], near: y}\n", []string{"rules[0].near", "within: 6"}},
		"bad order":            {head + "  - {id: a, any: [x], near: {what: y, within: 3, ordered: maybe}}\n", []string{"near.ordered", "maybe"}},
		"bad scope":            {head + "  - {id: a, any: [x], scope: quotd}\n", []string{`"quotd"`, `did you mean "quoted"?`}},
		"unknown language":     {head + "  - {id: a, any: [x], languages: [id, xx]}\n", []string{"rules[0].languages[1]", `"xx"`}},
		"bad date":             {head + "  - id: a\n    any: [x]\n    from: 2024-13-01\n", []string{"l1.yaml:6", "rules[0].from", "2024-13-01", "a date such as"}},
		"until before from":    {head + "  - {id: a, any: [x], from: 2024-02-02, until: 2024-01-01}\n", []string{"until", "not before from"}},
		"weight of zero":       {head + "  - {id: a, any: [x], weight: 0}\n", []string{"rules[0].weight", "above 0, at most 1"}},
		"weight above one":     {head + "  - {id: a, any: [x], weight: 1.5}\n", []string{"1.5"}},
		"group in a circle":    {"list: l\nlabel: support\ngroups: {a: [\"@b\"], b: [\"@a\"]}\nrules: [{id: r, any: [\"@a\"]}]\n", []string{"does not contain itself"}},
		"built-in group":       {"list: l\nlabel: support\ngroups: {party: [x]}\nrules: [{id: r, any: [x]}]\n", []string{"groups.party", "built-in"}},
		"all errors are given": {head + "  - {id: A, any: [], weight: 7}\n", []string{"rules[0].id", "rules[0].any", "rules[0].weight"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := parse(test.in)
			if err == nil {
				t.Fatal("accepted")
			}
			for _, want := range test.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("the error lacks %q:\n%v", want, err)
				}
			}
		})
	}
}

func TestParseReadsEverything(t *testing.T) {
	set, err := parse(`
list: attack
label: attack
languages: [id]
from: 2024-08-27
description: {id: serangan, en: attack}
groups:
  "@musuh": [boneka, "@lain"]
  lain: ["omon-omon"]
rules:
  - id: puppet
    any: ["@musuh"]
    all: [calon]
    none: [bukan]
    none_anywhere: [hoaks]
    near:
      - {what: ["@contestant", dia], within: 4, ordered: after}
      - {what: "si", within: 2, ordered: before}
    scope: both
    until: 2024-11-27
    weight: 1
    description: {id: menyebut calon boneka}
    flags: ["calon boneka"]
    passes: ["bukan boneka"]
`, "groups:\n  umum: [a]\n")
	if err != nil {
		t.Fatal(err)
	}
	rule := set.Rules()[0]
	list := rule.List
	rule.List = nil
	day := func(s string) time.Time {
		at, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	want := &keyword.Rule{
		ID: "puppet", Line: 11, Weight: 1, Scope: keyword.Both, Languages: []string{"id"},
		Any: []keyword.Term{{Text: "@musuh", File: "l1.yaml", Line: 12}}, All: []keyword.Term{{Text: "calon", File: "l1.yaml", Line: 13}},
		None: []keyword.Term{{Text: "bukan", File: "l1.yaml", Line: 14}}, NoneAnywhere: []keyword.Term{{Text: "hoaks", File: "l1.yaml", Line: 15}},
		Near: []keyword.Near{
			{What: []keyword.Term{{Text: "@contestant", File: "l1.yaml", Line: 16}, {Text: "dia", File: "l1.yaml", Line: 16}}, Within: 4, Order: keyword.After, Line: 16},
			{What: []keyword.Term{{Text: "si", File: "l1.yaml", Line: 16}}, Within: 2, Order: keyword.Before, Line: 16},
		},
		Period:      keyword.Period{Until: day("2024-11-28T00:00:00+07:00")},
		Description: keyword.Words{ID: "menyebut calon boneka"},
		Flags:       []keyword.Example{{Text: "calon boneka", Line: 23}}, Passes: []keyword.Example{{Text: "bukan boneka", Line: 24}},
	}
	if diff := cmp.Diff(want, rule); diff != "" {
		t.Errorf("rule:\n%s", diff)
	}
	if len(list.Groups["@musuh"]) != 2 || len(set.Groups["@umum"]) != 1 || list.Description.EN != "attack" {
		t.Errorf("groups %v and %v, description %v", list.Groups, set.Groups, list.Description)
	}
}

func TestLoadDir(t *testing.T) {
	dir := t.TempDir()
	if _, err := keyword.LoadDir(dir); err == nil || !strings.Contains(err.Error(), "holds no .yaml file") {
		t.Errorf("an empty folder gave %v", err)
	}
	if _, err := keyword.LoadDir(filepath.Join(dir, "none")); err == nil {
		t.Error("a folder that is not there is accepted")
	}
	for name, data := range map[string]string{
		"b.yaml": "list: b\nlabel: attack\nrules: [{id: r, any: [\"@x\"]}]\n", "a.yml": "list: a\nlabel: support\nrules: [{id: r, any: [y]}]\n",
		"groups.yaml": "groups: {x: [z]}\n", "note.txt": "not a list",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	set, err := keyword.LoadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(set.Lists) != 2 || set.Lists[0].Name != "a" || set.Lists[1].Name != "b" {
		t.Errorf("lists %+v", set.Lists)
	}
}

func TestListNamesAreUnique(t *testing.T) {
	const list = "list: same\nlabel: support\nrules: [{id: r, any: [y]}]\n"
	if _, err := parse(list, list); err == nil || !strings.Contains(err.Error(), "l2.yaml:1") || !strings.Contains(err.Error(), "l1.yaml:1") {
		t.Errorf("got %v", err)
	}
}

func TestVersionFollowsWhatBearsOnVerdicts(t *testing.T) {
	version := func(list string) string {
		set, err := parse(list)
		if err != nil {
			t.Fatal(err)
		}
		return set.Version()
	}
	const list = "list: l\nlabel: support\nrules: [{id: r, any: [y, z], weight: 0.5}]\n"
	base := version(list)
	if !strings.HasPrefix(base, "sha256:") || len(base) != len("sha256:")+64 {
		t.Errorf("version %q", base)
	}
	if version("# a comment\n"+strings.Replace(list, "any:", "flags: [x], any:", 1)) != base {
		t.Error("a comment and an example change the version")
	}
	for _, change := range []string{"weight: 0.6", "weight: 0.5, scope: both", "weight: 0.5, none: [x]", "weight: 0.5, until: 2024-01-01"} {
		if version(strings.Replace(list, "weight: 0.5", change, 1)) == base {
			t.Errorf("%q leaves the version as it is", change)
		}
	}
	if version(strings.Replace(list, "y, z", "y z", 1)) == base {
		t.Error("two phrases have the version of one")
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(designExample))
	f.Add([]byte("groups:\n  a: [\"@b\"]\n"))
	f.Add([]byte("list: l\nlabel: support\ngroups: {a: [\"@a\"]}\nrules: [{id: r, any: [\"@a\", \"#x\", \"✌\"], near: [{what: [a], within: 3}]}]\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		set, err := keyword.Parse(keyword.File{Name: "f.yaml", Data: data})
		if err != nil {
			return
		}
		keyword.Check(set)
		if _, err := keyword.Compile(set, keyword.NewBuilder()); err != nil {
			t.Log(err)
		}
	})
}
