package strict_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/netra-id/netra/pipeline/strict"
)

type inner struct {
	Name   string            `yaml:"name"`
	Number int               `yaml:"number"`
	From   strict.Date       `yaml:"from"`
	Tags   []string          `yaml:"tags"`
	Extra  map[string]string `yaml:"extra"`
	Wait   time.Duration     `yaml:"wait"`
	Share  float64           `yaml:"share"`
	On     bool              `yaml:"on"`
}

type outer struct {
	Items []inner `yaml:"items"`
	Title string  `yaml:"title"`
}

func TestDecodeReadsEveryKind(t *testing.T) {
	const in = "title: \"61.10\"\nitems:\n  - name: a\n    number: 2\n    from: 2024-08-27\n    tags: [x, \"1\"]\n    extra: {k: v}\n    wait: 5s\n    share: 1\n    on: true\n"
	var got outer
	document, err := strict.Decode("f.yaml", []byte(in), &got)
	if err != nil {
		t.Fatal(err)
	}
	want := outer{Title: "61.10", Items: []inner{{
		Name: "a", Number: 2, From: strict.Date{Time: time.Date(2024, 8, 27, 0, 0, 0, 0, strict.WIB)},
		Tags: []string{"x", "1"}, Extra: map[string]string{"k": "v"}, Wait: 5 * time.Second, Share: 1, On: true,
	}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if line := document.Line("items[0].number"); line != 4 {
		t.Errorf("line %d, want 4", line)
	}
}

func TestDecodeSaysWhatIsWrong(t *testing.T) {
	tests := map[string]struct{ in, want string }{
		"unknown key":        {"titel: a\n", `f.yaml:1: key "titel": value a: allowed: the keys items, title (did you mean "title"?)`},
		"unknown inner key":  {"items:\n  - name: a\n    nummer: 1\n", `f.yaml:3: key "items[0].nummer"`},
		"number as text":     {"items:\n  - number: \"2\"\n", `f.yaml:2: key "items[0].number": value "2": allowed: a whole number`},
		"text as number":     {"title: 61.10\n", `allowed: a text; write it in quotes: "61.10"`},
		"list expected":      {"items:\n  - tags: x\n", `key "items[0].tags": value x: allowed: a list`},
		"keys expected":      {"items: [a]\n", `key "items[0]": value a: allowed: keys with values`},
		"bad date":           {"items: [{from: 27-08-2024}]\n", `value 27-08-2024: allowed: a date such as 2024-08-27`},
		"bad duration":       {"items: [{wait: 5}]\n", "a duration such as"},
		"bad bool":           {"items: [{on: yes}]\n", "true or false"},
		"repeated key":       {"title: a\ntitle: b\n", "title"},
		"not YAML":           {"title: [a\n", "not valid YAML"},
		"not a map":          {"- a\n", "keys with values"},
		"two errors at once": {"titel: a\nitemz: b\n", `key "itemz"`},
		"two documents":      {"title: a\n---\ntitle: b\n", "one YAML document a file"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var got outer
			_, err := strict.Decode("f.yaml", []byte(test.in), &got)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v\nwant it to contain %q", err, test.want)
			}
		})
	}
}

func TestEmptyFileIsEmpty(t *testing.T) {
	var got outer
	if _, err := strict.Decode("f.yaml", nil, &got); err != nil {
		t.Error(err)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte("title: a\nitems:\n  - name: a\n"))
	f.Add([]byte("a: &x [*x]\n"))
	f.Fuzz(func(_ *testing.T, data []byte) {
		var got outer
		_, _ = strict.Decode("f.yaml", data, &got)
	})
}
