package tuning_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"github.com/netra-id/netra/pipeline/tuning"
)

func sheet(t *testing.T, rows ...[]any) []byte {
	t.Helper()
	book := excelize.NewFile()
	for i, row := range rows {
		cell, err := excelize.CoordinatesToCellName(1, i+1)
		if err != nil {
			t.Fatal(err)
		}
		if err := book.SetSheetRow("Sheet1", cell, &row); err != nil {
			t.Fatal(err)
		}
	}
	var out bytes.Buffer
	if err := book.Write(&out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestReadWords(t *testing.T) {
	for name, test := range map[string]struct {
		data   []byte
		column string
		want   string
		err    string
	}{
		"one word a line":      {data: []byte("gaspol\nsatu komando\n\ngaspol\n"), want: "gaspol|satu komando"},
		"a header":             {data: []byte("no,Kata,catatan\n1,gaspol,x\n2, jaya  raya ,\n"), want: "gaspol|jaya raya"},
		"semicolons and a BOM": {data: []byte("\uFEFFslogan;asal\n\"dua; jari\";Landak\n"), want: "dua; jari"},
		"a column by name":     {data: []byte("a,b\nx,y\n"), column: "B", want: "y"},
		"a column by letter":   {data: []byte("x,1\ny,2\n"), column: "b", want: "1|2"},
		"no such column":       {data: []byte("x,1\n"), column: "kolom", err: `value kolom: allowed: one of x, 1, A, B`},
		"a sheet":              {data: sheet(t, []any{}, []any{"nomor", "frasa"}, []any{1, "menyala"}, []any{2, "salam dua jari"}), want: "menyala|salam dua jari"},
		"a picture":            {data: []byte("\x89PNG\x00\x00"), err: "no UTF-8 text and no XLSX"},
		"a broken sheet":       {data: []byte("PK\x03\x04broken"), err: "read list"},
		"empty":                {data: nil, err: "no row"},
		"only a header":        {data: []byte("kata\n"), err: "no word in column kata"},
		"too many":             {data: []byte(strings.Repeat("x", 10) + manyLines(6000)), err: "allowed: at most 5000"},
	} {
		list, err := tuning.ReadWords("list", test.data, test.column)
		if test.err != "" {
			if err == nil || !strings.Contains(err.Error(), test.err) {
				t.Errorf("%s: %v, want %q", name, err, test.err)
			}
			continue
		}
		if err != nil || strings.Join(list.Words, "|") != test.want || !slices.Contains(list.Columns, list.Column) {
			t.Errorf("%s: %v %+v", name, err, list)
		}
	}
}

func manyLines(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString("\nkata" + strings.Repeat("a", i%7) + string(rune('a'+i%26)) + strings.Repeat("b", i/26%50) + strings.Repeat("c", i/1300))
	}
	return b.String()
}

func FuzzReadWords(f *testing.F) {
	f.Add([]byte("kata\ngaspol"), "")
	f.Add([]byte("PK\x03\x04"), "A")
	f.Fuzz(func(t *testing.T, data []byte, column string) {
		list, err := tuning.ReadWords("f", data, column)
		if err == nil && (len(list.Words) == 0 || len(tuning.Words(list.Words)) != len(list.Words)) {
			t.Errorf("%q: %+v", data, list)
		}
	})
}
