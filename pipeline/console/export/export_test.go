package export_test

import (
	"bytes"
	"encoding/csv"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"github.com/netra-id/netra/pipeline/console/export"
)

var wita = time.FixedZone("WITA", 8*60*60)

func written(t *testing.T, o export.Options, rows ...[]any) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := export.New(&out, o)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		if err := w.Row(row...); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestGuardStopsFormulas(t *testing.T) {
	for text, want := range map[string]string{
		"": "", "biasa": "biasa", "2-1": "2-1", "a=b": "a=b", "'=1": "'=1", "=1+1": "'=1+1", "+62812": "'+62812", "-1": "'-1", "@budi": "'@budi",
		"\tx": "'\tx", "\r=1": "'\r=1", "\n=1": "'\n=1", "  =1": "'  =1", "\u200b=1": "'\u200b=1", "＝1": "'＝1", "＠x": "'＠x", "\u00a0+1": "'\u00a0+1",
		`=HYPERLINK("http://x","y")`: `'=HYPERLINK("http://x","y")`, "=cmd|' /C calc'!A0": "'=cmd|' /C calc'!A0",
	} {
		if got := export.Guard(text); got != want {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
}

func TestCSVIsAsTheStandardHasIt(t *testing.T) {
	at := time.Date(2024, 11, 20, 16, 30, 0, 0, time.UTC)
	rows := [][]any{
		{"nama", "isi, kutip"},
		{"a,b", "ia bilang \"ya\"\nlalu pergi"},
		{7, uint64(8), -3, 0.25, true, at, time.Time{}, nil},
		{"=1+1", "@budi", "\x00a\xffb\x07"},
	}
	got := string(written(t, export.Options{Format: export.CSV, Zone: wita}, rows...))
	want := "nama,\"isi, kutip\"\r\n\"a,b\",\"ia bilang \"\"ya\"\"\r\nlalu pergi\"\r\n7,8,-3,0.25,true,2024-11-21T00:30:00+08:00,,\r\n'=1+1,'@budi,a\uFFFDb\r\n"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	marked := written(t, export.Options{Format: export.CSV, BOM: true}, rows...)
	if !bytes.HasPrefix(marked, []byte{0xEF, 0xBB, 0xBF}) || bytes.Contains(marked[3:], []byte{0xEF, 0xBB, 0xBF}) {
		t.Error("the mark of UTF-8 is not at the begin, once")
	}
}

func FuzzCSVComesBack(f *testing.F) {
	f.Add("=1", "a\"b,c\r\nd")
	f.Add("\t", "\ufeff@x")
	f.Add("0", "")
	f.Fuzz(func(t *testing.T, a, b string) {
		read := csv.NewReader(bytes.NewReader(written(t, export.Options{Format: export.CSV}, []any{a, b, "akhir"})))
		rows, err := read.ReadAll()
		if err != nil || len(rows) != 1 || len(rows[0]) != 3 {
			t.Fatalf("%q %q: %v (%v)", a, b, rows, err)
		}
		for _, cell := range rows[0] {
			if bare := strings.TrimLeft(cell, " "); bare != "" && strings.ContainsAny(bare[:1], "=+-@\t\r\n") {
				t.Errorf("%q begins like a formula", cell)
			}
		}
	})
}

func TestXLSXKeepsTypes(t *testing.T) {
	at := time.Date(2024, 11, 20, 16, 30, 0, 0, time.UTC)
	long := strings.Repeat("é", 40_000)
	file, err := excelize.OpenReader(bytes.NewReader(written(t, export.Options{Format: export.XLSX, Zone: wita, Sheet: "Antrean"},
		[]any{"nama", "jumlah"}, []any{"=1+1", 42, 0.5, at, nil, time.Time{}, true, "a\x00b\x0bc", long})))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	rows, err := file.GetRows("Antrean")
	if err != nil {
		t.Fatal(err)
	}
	want := [][]string{{"nama", "jumlah"}, {"'=1+1", "42", "0.5", "2024-11-21 00:30:00", "", "", "TRUE", "abc", strings.Repeat("é", 32_767)}}
	if diff := cmp.Diff(want, rows); diff != "" {
		t.Error(diff)
	}
	if formula, err := file.GetCellFormula("Antrean", "A2"); err != nil || formula != "" {
		t.Errorf("formula %q (%v)", formula, err)
	}
	if kind, err := file.GetCellType("Antrean", "A2"); err != nil || kind != excelize.CellTypeInlineString {
		t.Errorf("a text is of type %v (%v)", kind, err)
	}
}

type full struct{}

var errFull = errors.New("full")

func (full) Write([]byte) (int, error) { return 0, errFull }

func TestErrorsAreTold(t *testing.T) {
	if _, err := export.New(full{}, export.Options{Format: "pdf"}); err == nil || !strings.Contains(err.Error(), "csv") {
		t.Errorf("an unknown format: %v", err)
	}
	for _, format := range export.Formats {
		w, err := export.New(full{}, export.Options{Format: format})
		if err == nil {
			if err = w.Row("a"); err == nil {
				err = w.Close()
			}
		}
		if !errors.Is(err, errFull) {
			t.Errorf("%s: %v", format, err)
		}
	}
}
