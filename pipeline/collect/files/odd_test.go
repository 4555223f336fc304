package files

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"
)

// utf16Of is the text in UTF-16, with the byte order mark or without.
func utf16Of(text string, big, mark bool) string {
	if mark {
		text = utf8BOM + text
	}
	var b strings.Builder
	for _, unit := range utf16.Encode([]rune(text)) {
		first, second := byte(unit), byte(unit>>8)
		if big {
			first, second = second, first
		}
		b.Write([]byte{first, second})
	}
	return b.String()
}

func gzipOf(t *testing.T, content string) string {
	t.Helper()
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	if _, err := w.Write([]byte(content)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return packed.String()
}

// TestOddFiles imports files as other programs and hostile hands make them.
func TestOddFiles(t *testing.T) {
	list := "[" + jsonl("a") + ",\n" + jsonl("b") + "]"
	pretty := strings.NewReplacer("{", "{\n  ", `,"`, ",\n  \"").Replace(jsonl("a"))
	tests := map[string]struct {
		name, content string
		sent, letters int
		err           string
	}{
		"a list that is packed":              {"a.json.gz", gzipOf(t, list), 2, 0, ""},
		"a list in JSON lines' name":         {"a.jsonl.gz", gzipOf(t, list), 2, 0, ""},
		"a record over several lines":        {"a.json", pretty + "\n" + pretty, 1, 0, ""}, // the second is a duplicate
		"the same packed":                    {"a.json.gz", gzipOf(t, pretty), 1, 0, ""},
		"lines with a broken first one":      {"a.json", "{\"id\":\n" + lines("b"), 1, 1, ""},
		"UTF-16 with a mark":                 {"a.csv", utf16Of(header+row("1", "x")+"\r\n", false, true), 0, 0, "allowed: UTF-8"},
		"UTF-16 with a mark, big first":      {"a.jsonl", utf16Of(lines("a"), true, true), 0, 0, "allowed: UTF-8"},
		"UTF-16 without a mark":              {"a.csv", utf16Of(header+row("1", "x")+"\r\n", false, false), 0, 0, "allowed: UTF-8"},
		"UTF-16 lines without a mark":        {"a.jsonl", utf16Of(lines("a", "b"), false, false), 0, 0, "allowed: UTF-8"},
		"UTF-16 list without a mark, packed": {"a.json.gz", gzipOf(t, utf16Of(list, true, false)), 0, 0, "allowed: UTF-8"},
		"UTF-32":                             {"a.jsonl", "\xff\xfe\x00\x00{\x00\x00\x00", 0, 0, "allowed: UTF-8"},
		"Windows-1252":                       {"a.csv", header + row("1", "caf\xe9") + "\n" + row("2", "susu") + "\n", 1, 1, ""},
		"nothing but zeros":                  {"a.jsonl", strings.Repeat("\x00", 1<<20), 0, 0, "allowed: UTF-8"},
		"a line of 200 MB, packed":           {"a.jsonl.gz", gzipOf(t, lines("a")+strings.Repeat("x", 200<<20)+"\n"+lines("b")), 2, 1, ""},
		"ragged rows":                        {"a.csv", header + row("1", "x") + "\n1,2\n" + row("3", "y") + ",,,\n" + row("4", "z"), 2, 2, ""},
		"quotes inside":                      {"a.csv", header + row("1", `"a, ""b""`+"\n"+`c"`) + "\n", 1, 0, ""},
		"a quote that is never closed":       {"a.csv", header + row("1", `"a`) + "\n" + row("2", "b") + "\n", 1, 1, ""},
		"semicolons":                         {"a.csv", strings.ReplaceAll(header+row("1", "x")+"\n", ",", ";"), 1, 0, ""},
		"old Mac's line ends":                {"a.csv", strings.ReplaceAll(header+row("1", "x")+"\n"+row("2", "y")+"\n", "\n", "\r"), 2, 0, ""},
		"the header twice":                   {"a.csv", header + header + row("1", "x"), 1, 1, ""},
		"a formula as text":                  {"a.csv", header + row("1", `"=HYPERLINK(""http://x"")"`), 1, 0, ""},
		"an archive with a wrong name":       {"a.jsonl", "PK\x03\x04" + strings.Repeat("\x00\x01", 100), 0, 0, "allowed: UTF-8"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			report, in := importing(t, write(t, filepath.Join(t.TempDir(), test.name), test.content))
			if err := report.Err(); (err == nil) != (test.err == "") || err != nil && (!strings.Contains(err.Error(), test.err) || !strings.Contains(err.Error(), test.name)) {
				t.Errorf("got %v, want %q", err, test.err)
			}
			if len(in.posts) != test.sent || len(in.letters) != test.letters {
				t.Errorf("%d sent, %d dead letters, want %d and %d: %s", len(in.posts), len(in.letters), test.sent, test.letters, shorten(fmt.Sprint(in.reasons())))
			}
		})
	}
}
