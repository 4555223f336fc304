package files

import (
	"bytes"
	"encoding/csv"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// readAll reads everything and checks what must hold for any input.
func readAll(t *testing.T, r reader, size int64) (texts []string) {
	t.Helper()
	for n := 0; ; n++ {
		item, err := r.next()
		if isEnd(err) {
			break
		}
		if err != nil {
			t.Fatalf("after the header: %v", err)
		}
		if item.Err == nil && !utf8.ValidString(item.Post.Text) {
			t.Errorf("a text of invalid UTF-8 passed: %q", item.Post.Text)
		}
		if item.Err == nil {
			texts = append(texts, item.Post.ID+"="+item.Post.Text)
		}
		if int64(n) > size {
			t.Fatal("more records than bytes")
		}
	}
	if offset, _ := r.position(); offset > size {
		t.Errorf("position %d of %d bytes", offset, size)
	}
	return texts
}

var testOptions = options{name: "f", limit: 4096, location: time.UTC}

func FuzzJSONL(f *testing.F) {
	f.Add([]byte(lines("a", "b")))
	f.Add([]byte("{}\r{\"id\":\"x\"}\r\n\x00\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if checkEncoding("f", data) != nil {
			return
		}
		readAll(t, &jsonlReader{options: testOptions, lines: newLineReader(bytes.NewReader(data), testOptions.limit)}, int64(len(data)))
	})
}

func FuzzCSV(f *testing.F) {
	f.Add([]byte(row("1", "a") + "\r\n" + row("2", `"b, ""c""`+"\n"+`d"`) + "\r" + row("3", "e")))
	f.Add([]byte(row("1", `"a`) + "\n" + row("2", "b")))
	f.Add([]byte(`"` + "\n" + `"""` + "\r\r\n,,,,"))
	f.Fuzz(func(t *testing.T, rows []byte) {
		data := append([]byte(header), rows...)
		open := func() *csvReader {
			r := &csvReader{options: testOptions, lines: newLineReader(bytes.NewReader(data), testOptions.limit)}
			if err := r.readHeader(); err != nil {
				t.Fatal(err)
			}
			return r
		}
		texts := readAll(t, open(), int64(len(data)))
		// Where encoding/csv finds nothing wrong, the rows must be the same ones.
		want, ok := standardRows(data)
		if ok && len(data) < testOptions.limit {
			if diff := cmp.Diff(want, texts); diff != "" {
				t.Errorf("encoding/csv reads it otherwise:\n%s", diff)
			}
		}
	})
}

// standardRows reads rows by encoding/csv; not ok where it reads them otherwise
// by design: a lone \r is no line end to it, and \r\n in quotes becomes \n.
func standardRows(data []byte) (rows []string, ok bool) {
	if bytes.ContainsRune(data, '\r') {
		return nil, false
	}
	r := csv.NewReader(bytes.NewReader(data))
	r.FieldsPerRecord = 5
	all, err := r.ReadAll()
	if err != nil {
		return nil, false
	}
	for _, fields := range all[1:] {
		if _, err := parseDate("", fields[4], time.UTC); err != nil || !utf8.ValidString(strings.Join(fields, "")) {
			return nil, false
		}
		rows = append(rows, fields[0]+"="+fields[3])
	}
	return rows, true
}

func TestReadingGoesOnFromEveryPosition(t *testing.T) {
	content := header + row("1", "a") + "\r\n" + row("2", "\"b\nb2\"") + "\n" + row("3", "c") + "\r" + row("4", "\"d") + "\n" + row("5", "e") + "\n"
	path := write(t, t.TempDir()+"/a.csv", content)
	cfg := DefaultConfiguration()
	open := func(from progress) *file {
		f, err := openFile(path, &cfg, reading{location: time.UTC}, from)
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	whole := open(progress{})
	defer whole.close()
	var states []progress
	var ids []string
	var numbers []int
	for {
		item, err := whole.reader.next()
		if err != nil {
			break
		}
		state, err := whole.progress(false)
		if err != nil {
			t.Fatal(err)
		}
		states, ids = append(states, state), append(ids, item.Position+item.Post.ID)
		number, err := strconv.Atoi(strings.TrimPrefix(item.Position, path+":"))
		if err != nil {
			t.Fatal(err)
		}
		numbers = append(numbers, number)
	}
	if len(ids) != 5 {
		t.Fatalf("records %q, want 5", ids)
	}
	for n, state := range states {
		rest := open(state)
		// Behind the row whose quotes are not closed it may begin again there.
		from := slices.IndexFunc(numbers, func(number int) bool { return number > state.Line })
		if from < 0 {
			from = len(ids)
		}
		if n < 3 && from != n+1 {
			t.Errorf("after record %d it goes on with %d", n, from)
		}
		for _, want := range ids[from:] {
			item, err := rest.reader.next()
			if err != nil || item.Position+item.Post.ID != want {
				t.Errorf("from %+v: got %s%s %v, want %s", state, item.Position, item.Post.ID, err, want)
			}
		}
		if _, err := rest.reader.next(); !isEnd(err) {
			t.Errorf("from %+v: got %v, want the end", state, err)
		}
		if err := rest.close(); err != nil {
			t.Error(err)
		}
	}
}

func BenchmarkJSONL(b *testing.B) {
	data := []byte(strings.Repeat(jsonl(strings.Repeat("coblos nomor 2 ", 10))+"\n", 1000))
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		r := &jsonlReader{options: testOptions, lines: newLineReader(bytes.NewReader(data), 1<<20)}
		for {
			if _, err := r.next(); err != nil {
				break
			}
		}
	}
}
