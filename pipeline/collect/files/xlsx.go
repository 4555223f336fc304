package files

import (
	"archive/zip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"

	"github.com/netra-id/netra/pipeline/collect"
	"github.com/netra-id/netra/pipeline/post"
)

// The bounds of a spreadsheet, which is a packed file: what a few bytes of it
// unpack to is checked before anything is.
const (
	mostXLSXBytes    = 256 << 20 // packed
	mostXLSXUnpacked = 2 << 30
	mostXLSXRatio    = 200
	mostXLSXParts    = 10_000
	mostXLSXColumns  = 1000
	// xlsxInMemory is how large a part may be that is held in memory; larger
	// ones are unpacked to a temporary file.
	xlsxInMemory = 32 << 20
)

// xlsxReader reads a post from each row of one sheet of a spreadsheet, row by
// row.
type xlsxReader struct {
	options
	book  *excelize.File
	rows  *excelize.Rows
	sheet string
	names []string
	// columns are those of a sheet that is read without a mapping.
	columns []column
	// large says that the sheet is not held in memory.
	large bool
	read  int // the number of the row that was read last
}

func openXLSX(handle *os.File, size int64, opts options) (*xlsxReader, error) {
	large, err := checkXLSX(handle, size)
	if err != nil {
		return nil, collect.Errorf(collect.KindMalformed, "%s: %w", opts.name, err)
	}
	if _, err := handle.Seek(0, io.SeekStart); err != nil {
		return nil, fileError(err)
	}
	book, err := excelize.OpenReader(handle, excelize.Options{
		RawCellValue: true, UnzipSizeLimit: mostXLSXUnpacked, UnzipXMLSizeLimit: xlsxInMemory,
	})
	if err != nil {
		return nil, collect.Errorf(collect.KindMalformed, "%s: not a spreadsheet: %w", opts.name, err)
	}
	r := &xlsxReader{options: opts, book: book, large: large}
	if err := r.begin(); err != nil {
		return nil, errors.Join(err, r.Close())
	}
	return r, nil
}

// checkXLSX refuses what unpacks to more than a spreadsheet of posts does, and
// says whether a part of it is too large for the memory.
func checkXLSX(handle io.ReaderAt, size int64) (large bool, err error) {
	if size > mostXLSXBytes {
		return false, fmt.Errorf("spreadsheet of %d bytes: allowed: at most %d; export it as CSV instead", size, int64(mostXLSXBytes))
	}
	archive, err := zip.NewReader(handle, size)
	if err != nil {
		return false, fmt.Errorf("not a spreadsheet: %w", err)
	}
	if len(archive.File) > mostXLSXParts {
		return false, fmt.Errorf("spreadsheet of %d parts: allowed: at most %d", len(archive.File), mostXLSXParts)
	}
	var unpacked uint64
	for _, part := range archive.File {
		large = large || part.UncompressedSize64 > xlsxInMemory
		unpacked += part.UncompressedSize64
		if part.UncompressedSize64 > mostXLSXUnpacked || unpacked > mostXLSXUnpacked {
			return false, fmt.Errorf("spreadsheet that unpacks to more than %d bytes: allowed: at most that", int64(mostXLSXUnpacked))
		}
	}
	if unpacked > 64<<20 && unpacked > uint64(size)*mostXLSXRatio {
		return false, fmt.Errorf("spreadsheet that unpacks to %d times its size: allowed: at most %d times", unpacked/uint64(size), mostXLSXRatio)
	}
	return large, nil
}

// begin finds the sheet and reads its header.
func (r *xlsxReader) begin() error {
	sheets := r.book.GetSheetList()
	if len(sheets) == 0 {
		return collect.Errorf(collect.KindMalformed, "%s: spreadsheet without a sheet", r.name)
	}
	r.sheet = sheets[0]
	if r.mapping != nil && r.mapping.Sheet != "" {
		r.sheet = r.mapping.Sheet
	}
	var err error
	if r.rows, err = r.book.Rows(r.sheet); err != nil {
		return collect.Errorf(collect.KindMalformed, "%s: sheet: value %q: allowed: %s", r.name, r.sheet, strings.Join(sheets, ", "))
	}
	for len(r.names) == 0 {
		cells, err := r.cells()
		if isEnd(err) {
			return nil // an empty sheet
		}
		if err != nil {
			return err
		}
		for _, cell := range cells {
			r.names = append(r.names, strings.TrimSpace(cell))
		}
		if strings.Join(r.names, "") == "" {
			r.names = nil
		}
	}
	if err := r.checkHeader(); err != nil {
		return collect.Errorf(collect.KindMalformed, "%s: %w", r.place(r.read), err)
	}
	return nil
}

func (r *xlsxReader) checkHeader() (err error) {
	if len(r.names) > mostXLSXColumns {
		return fmt.Errorf("header of %d columns: allowed: at most %d", len(r.names), mostXLSXColumns)
	}
	if r.mapping != nil {
		return r.mapping.checkHeader(r.names)
	}
	r.columns, err = columnsOf(r.names)
	return err
}

// cells reads the next row.
func (r *xlsxReader) cells() ([]string, error) {
	if r.rows == nil || !r.rows.Next() {
		if r.rows != nil && r.rows.Error() != nil {
			return nil, collect.Errorf(collect.KindMalformed, "%s: %w", r.place(r.read+1), r.rows.Error())
		}
		return nil, io.EOF
	}
	r.read++
	cells, err := r.rows.Columns(excelize.Options{RawCellValue: true})
	if err != nil {
		return nil, collect.Errorf(collect.KindMalformed, "%s: %w", r.place(r.read), err)
	}
	return cells, nil
}

// place says sheet and row, as the spreadsheet program shows them.
func (r *xlsxReader) place(number int) string {
	return fmt.Sprintf("%s:%d", r.name, number)
}

// skip passes over rows that were read before.
func (r *xlsxReader) skip(rows int) error {
	for r.read < rows {
		if _, err := r.cells(); err != nil {
			if isEnd(err) {
				return nil
			}
			return err
		}
	}
	return nil
}

func (r *xlsxReader) next() (collect.Item, error) {
	for {
		cells, err := r.cells()
		if err != nil {
			return collect.Item{}, err
		}
		if strings.TrimSpace(strings.Join(cells, "")) == "" {
			continue
		}
		return r.item(cells), nil
	}
}

// item makes a post of a row. What stands for the row as evidence is the list of
// its cells as JSON, since the bytes of a row are not together in the file.
func (r *xlsxReader) item(cells []string) collect.Item {
	item := collect.Item{Position: r.place(r.read)}
	r.unround(cells)
	raw, err := json.Marshal(cells)
	if err != nil || len(raw) > r.limit {
		item.Err = tooLong(int64(len(raw)), r.limit)
		return item
	}
	item.Raw = raw
	if len(cells) > len(r.names) {
		item.Err = malformed("row", fmt.Sprintf("of %d columns", len(cells)), fmt.Sprintf("%d, as in the header", len(r.names)))
		return item
	}
	var p post.Post
	if r.mapping != nil {
		p, item.Err = r.mapping.post(tableRow{r.names, cells}, r.location)
	} else {
		p, item.Err = r.plain(cells)
	}
	if item.Err == nil {
		item.Post = withRawHash(p, raw)
	}
	return item
}

// suspect is a number that may be one of more than 15 digits, of which a
// spreadsheet keeps no more.
var suspect = regexp.MustCompile(`^[1-9][0-9]{14}0+$`)

// unround writes numbers whose last digits are lost as spreadsheet programs show
// them, so that none is taken for an id. One that was kept as text is whole.
func (r *xlsxReader) unround(cells []string) {
	for n, value := range cells {
		if !suspect.MatchString(value) || !r.isNumber(n+1) {
			continue
		}
		if number, err := strconv.ParseFloat(value, 64); err == nil {
			cells[n] = strconv.FormatFloat(number, 'E', -1, 64)
		}
	}
}

// isNumber says whether a cell of this row is kept as a number.
func (r *xlsxReader) isNumber(column int) bool {
	if r.large {
		return true // to look would take the whole sheet into memory
	}
	name, err := excelize.CoordinatesToCellName(column, r.read)
	if err != nil {
		return true
	}
	kind, err := r.book.GetCellType(r.sheet, name)
	return err != nil || kind == excelize.CellTypeNumber || kind == excelize.CellTypeUnset
}

// plain makes a post of a row whose columns are a post's.
func (r *xlsxReader) plain(cells []string) (p post.Post, problem *collect.ItemError) {
	for n, value := range cells {
		c := r.columns[n]
		if !utf8.ValidString(value) {
			return p, malformed(c.name, shorten(value), "valid UTF-8")
		}
		if rounded.MatchString(value) && (c.name == "id" || c.name == "account_id") {
			return p, malformed(c.name, shorten(value), "the whole number: the spreadsheet program has rounded it, so make the column text")
		}
		if strings.HasSuffix(c.name, "_at") {
			if at, ok := excelFormat(value, r.location); ok {
				value = at.Format(time.RFC3339)
			}
		}
		if err := c.set(&p, value, r.location); err != nil {
			return p, &collect.ItemError{Cause: collect.CauseMalformed, Err: err}
		}
	}
	return p, nil
}

// position counts rows instead of bytes: a spreadsheet is not appended to.
func (r *xlsxReader) position() (int64, int) { return int64(r.read), r.read }

func (r *xlsxReader) linesRead() int { return r.read }

// Close removes the temporary files.
func (r *xlsxReader) Close() error {
	var err error
	if r.rows != nil {
		err = r.rows.Close()
	}
	return errors.Join(err, r.book.Close())
}

var _ reader = (*xlsxReader)(nil)
