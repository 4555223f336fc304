package keyword

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// parseBothWays reads a file whole, and in chunks of two rules.
func parseBothWays(t *testing.T, file File) (whole, chunked *parser) {
	t.Helper()
	whole = &parser{set: &Set{Groups: map[string][]Term{}}, file: file.Name}
	in, ok := whole.decode(file.Data)
	if ok {
		whole.listOrGroups(in)
	}
	chunked = &parser{set: &Set{Groups: map[string][]Term{}}, file: file.Name}
	head, chunks, ok := splitRules(file.Data, 2)
	if !ok {
		t.Fatalf("%s cannot be split", file.Name)
	}
	chunked.parseChunks(head, chunks)
	return whole, chunked
}

func messages(errs []error) string {
	var shown []string
	for _, err := range errs {
		shown = append(shown, err.Error())
	}
	return strings.Join(shown, "\n")
}

func TestChunksReadAsTheWholeFile(t *testing.T) {
	files, err := DefaultFiles()
	if err != nil {
		t.Fatal(err)
	}
	split := 0
	for _, file := range files {
		if !strings.Contains(string(file.Data), "\nrules:") {
			continue
		}
		split++
		whole, chunked := parseBothWays(t, file)
		ignore := cmpopts.IgnoreFields(Rule{}, "List") // it leads back here
		if diff := cmp.Diff(whole.set, chunked.set, ignore); diff != "" || len(chunked.errs) > 0 {
			t.Errorf("%s: %v (-whole +chunks):\n%s", file.Name, chunked.errs, diff)
		}
	}
	if split < 3 {
		t.Errorf("%d lists have rules, want more", split)
	}
}

func TestChunksNameThePlaceOfWhatIsWrong(t *testing.T) {
	rules := `
  - id: one
    any: [satu]

  # a remark
  - id: two
    any: [dua, dua]
  - id: one
    any: ["- tiga"]
    wieght: 1
  -
    id: four
    description: {id: "lebih dari
      satu baris", en: "more"}
    any: [empat]
    weight: 3
  - id: five
    near: {what: "@contestant", within: 0}
    any:
    - lima
    - ""
`
	for name, text := range map[string]string{
		"keys behind":  "list: contoh\nlabel: attack\nrules: # all" + rules + "languages: [xx]\ngroups:\n  kata: []\n",
		"keys before":  "label: attak\nlist: contoh\nrules:" + rules,
		"no column":    "list: contoh\nlabel: attack\nrules:" + strings.ReplaceAll(rules, "\n  ", "\n"),
		"unknown head": "list: contoh\nlabel: attack\nrule: 1\nrules:" + rules,
	} {
		t.Run(name, func(t *testing.T) {
			whole, chunked := parseBothWays(t, File{Name: "contoh.yaml", Data: []byte(text)})
			// Where a key is not known, nothing else of the file, or chunk, is looked at.
			got := messages(chunked.errs)
			for line := range strings.Lines(messages(whole.errs)) {
				if !strings.Contains(got+"\n", strings.TrimSuffix(line, "\n")+"\n") {
					t.Errorf("it does not say\n%sbut\n%s", line, got)
				}
			}
			if !strings.Contains(got, "rules[4].near.within") {
				t.Errorf("nothing of the last chunk: %s", got)
			}
		})
	}
}

func TestAFileInAnotherFormIsReadWhole(t *testing.T) {
	for name, text := range map[string]string{
		"rules in brackets": "list: a\nlabel: attack\nrules: [{id: one, any: [x]}]\n",
		"no rules":          "groups:\n  kata: [a]\n",
		"odd columns":       "list: a\nrules:\n    - id: one\n      any: [x]\n  - id: two\n",
		"words before":      "list: a\nrules:\n  id: one\n",
	} {
		t.Run(name, func(t *testing.T) {
			if _, _, ok := splitRules([]byte(text), 2); ok {
				t.Error("it was split")
			}
		})
	}
}

func TestALargeFileIsReadInChunks(t *testing.T) {
	var text strings.Builder
	text.WriteString("list: besar\nlabel: attack\nrules:\n")
	const rules = 10_000
	for i := range rules {
		_, _ = fmt.Fprintf(&text, "  - id: r%d\n    any: [kata%d]\n", i, i)
	}
	if text.Len() < largeFile {
		t.Fatal("the file is not large")
	}
	set, err := Parse(File{Name: "besar.yaml", Data: []byte(text.String())})
	if err != nil {
		t.Fatal(err)
	}
	if n := len(set.Lists[0].Rules); n != rules {
		t.Fatalf("%d rules, want %d", n, rules)
	}
	for i, rule := range set.Lists[0].Rules {
		if want := 4 + 2*i; rule.Line != want || rule.Any[0].Line != want+1 || rule.ID != fmt.Sprintf("r%d", i) {
			t.Fatalf("rule %d is %s on line %d, its phrase on line %d, want line %d", i, rule.ID, rule.Line, rule.Any[0].Line, want)
		}
	}
}
