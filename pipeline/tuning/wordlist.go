package tuning

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"

	"github.com/netra-id/netra/pipeline/post"
)

// The bounds of a list of words that is imported.
const (
	MaxWordListBytes = 4 << 20
	maxUnzipped      = 64 << 20
	MaxWords         = 5000
)

// WordList is one column of a table that somebody brings.
type WordList struct {
	// Columns are the names of all columns, as the first row has them or "A", "B".
	Columns []string
	// Column is the one that was read.
	Column string
	Words  []string
	// Repeated and Blank count the cells that were left out.
	Repeated, Blank int
}

// wordColumns are how people name the column with the words.
var wordColumns = []string{"kata", "kata kunci", "frasa", "slogan", "istilah", "kata/frasa", "tagar", "word", "words", "phrase", "term", "keyword", "text", "teks"}

// ReadWords reads words from a CSV or XLSX file. The column is a name of the first
// row or a letter; empty takes the one that is named like words, else the first.
func ReadWords(name string, data []byte, column string) (WordList, error) {
	if len(data) > MaxWordListBytes {
		return WordList{}, fmt.Errorf("%s: %d bytes; allowed: at most %d", name, len(data), MaxWordListBytes)
	}
	rows, err := tableOf(name, data)
	if err != nil {
		return WordList{}, err
	}
	list := WordList{}
	at, header, err := list.choose(rows, strings.TrimSpace(column))
	if err != nil {
		return WordList{}, fmt.Errorf("%s: %w", name, err)
	}
	if header {
		rows = rows[1:]
	}
	seen := map[string]bool{}
	for _, row := range rows {
		word := ""
		if at < len(row) {
			word = strings.Join(strings.Fields(cleaned(row[at])), " ")
		}
		switch {
		case word == "":
			list.Blank++
		case seen[strings.ToLower(word)]:
			list.Repeated++
		default:
			seen[strings.ToLower(word)] = true
			list.Words = append(list.Words, word)
		}
	}
	if len(list.Words) == 0 {
		return list, fmt.Errorf("%s: no word in column %s", name, list.Column)
	}
	if len(list.Words) > MaxWords {
		return list, fmt.Errorf("%s: %d words; allowed: at most %d at once", name, len(list.Words), MaxWords)
	}
	return list, nil
}

// choose finds the column, and says whether the first row names the columns.
func (l *WordList) choose(rows [][]string, column string) (at int, header bool, err error) {
	if len(rows) == 0 {
		return 0, false, errors.New("no row")
	}
	width := 0
	for _, row := range rows {
		width = max(width, len(row))
	}
	named := make([]string, width)
	for i := range named {
		l.Columns = append(l.Columns, letter(i))
		if i < len(rows[0]) {
			named[i] = strings.ToLower(strings.TrimSpace(rows[0][i]))
		}
	}
	at = slices.IndexFunc(named, func(name string) bool { return slices.Contains(wordColumns, name) })
	header = at >= 0
	if column != "" {
		if i := slices.Index(named, strings.ToLower(column)); i >= 0 {
			at, header = i, true
		} else if i := slices.Index(l.Columns, strings.ToUpper(column)); i >= 0 {
			at = i
		} else {
			return 0, false, &post.FieldError{Key: "column", Value: column, Allowed: "one of " + strings.Join(slices.Concat(named, l.Columns), ", ")}
		}
	}
	at = max(at, 0)
	if header {
		l.Columns = named
	}
	l.Column = l.Columns[at]
	return at, header, nil
}

func letter(i int) string {
	name, err := excelize.ColumnNumberToName(i + 1)
	if err != nil {
		return fmt.Sprint(i + 1)
	}
	return name
}

// tableOf reads the rows of a file; an XLSX file is known by its first bytes.
func tableOf(name string, data []byte) ([][]string, error) {
	if bytes.HasPrefix(data, []byte("PK")) {
		return sheetOf(name, data)
	}
	data = bytes.TrimPrefix(data, []byte("\uFEFF"))
	if !utf8.Valid(data) || bytes.ContainsRune(data, 0) {
		return nil, fmt.Errorf("%s: it is no UTF-8 text and no XLSX file; allowed: .csv, .txt, .xlsx", name)
	}
	reader := csv.NewReader(bytes.NewReader(data))
	reader.Comma, reader.FieldsPerRecord, reader.LazyQuotes, reader.TrimLeadingSpace = delimiter(data), -1, true, true
	var rows [][]string
	for {
		row, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", name, err)
		}
		rows = append(rows, row)
	}
}

// delimiter is what the first line is divided by: Indonesian spreadsheets write
// semicolons.
func delimiter(data []byte) rune {
	first, _, _ := bytes.Cut(data, []byte("\n"))
	best, most := ',', 0
	for _, r := range ";\t," {
		if n := strings.Count(string(first), string(r)); n > most {
			best, most = r, n
		}
	}
	return best
}

func sheetOf(name string, data []byte) (rows [][]string, err error) {
	book, err := excelize.OpenReader(bytes.NewReader(data), excelize.Options{UnzipSizeLimit: maxUnzipped, UnzipXMLSizeLimit: maxUnzipped})
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	defer func() { err = errors.Join(err, book.Close()) }()
	sheets := book.GetSheetList()
	if len(sheets) == 0 {
		return nil, fmt.Errorf("read %s: it has no sheet", name)
	}
	lines, err := book.Rows(sheets[0])
	if err != nil {
		return nil, fmt.Errorf("read sheet %s of %s: %w", sheets[0], name, err)
	}
	defer func() { err = errors.Join(err, lines.Close()) }()
	for lines.Next() && len(rows) <= 4*MaxWords {
		row, err := lines.Columns()
		if err != nil {
			return nil, fmt.Errorf("read sheet %s of %s: %w", sheets[0], name, err)
		}
		if len(rows) > 0 || slices.ContainsFunc(row, func(cell string) bool { return strings.ContainsFunc(cell, unicode.IsGraphic) }) {
			rows = append(rows, row)
		}
	}
	return rows, lines.Error()
}
