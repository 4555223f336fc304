package export

import (
	"errors"
	"fmt"
	"io"
	"time"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"
)

// Bounds of an XLSX: what a sheet and a cell can hold.
const (
	mostSheetRows = 1_048_576
	mostCellRunes = 32_767
)

// ErrTooLong says that a sheet holds no more rows.
var ErrTooLong = fmt.Errorf("a sheet holds %d rows", mostSheetRows)

type xlsxWriter struct {
	to     io.Writer
	file   *excelize.File
	sheet  *excelize.StreamWriter
	zone   *time.Location
	styles struct{ head, time int }
	rows   int
}

// newXLSX begins a workbook of one sheet. Long ones wait in a temporary file.
func newXLSX(w io.Writer, o Options) (_ Writer, err error) {
	x := &xlsxWriter{to: w, file: excelize.NewFile(), zone: o.Zone}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("begin the workbook: %w", err), x.file.Close())
		}
	}()
	if o.Sheet == "" {
		o.Sheet = "Netra"
	}
	if err := x.file.SetSheetName("Sheet1", o.Sheet); err != nil {
		return nil, err
	}
	when := "yyyy-mm-dd hh:mm:ss"
	if x.styles.time, err = x.file.NewStyle(&excelize.Style{CustomNumFmt: &when}); err != nil {
		return nil, err
	}
	if x.styles.head, err = x.file.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}}); err != nil {
		return nil, err
	}
	if x.sheet, err = x.file.NewStreamWriter(o.Sheet); err != nil {
		return nil, err
	}
	const columns = 40
	if err := x.sheet.SetColWidth(1, columns, 18); err != nil {
		return nil, err
	}
	return x, x.sheet.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"})
}

func (x *xlsxWriter) Row(cells ...any) error {
	if x.rows++; x.rows > mostSheetRows {
		return ErrTooLong
	}
	row := make([]any, len(cells))
	for i, cell := range cells {
		row[i] = x.cell(cell)
	}
	at, err := excelize.CoordinatesToCellName(1, x.rows)
	if err != nil {
		return err
	}
	return x.sheet.SetRow(at, row)
}

// cell makes a cell with its type: a text is a text, whatever it begins with, and
// is guarded all the same, for whoever saves the sheet as CSV.
func (x *xlsxWriter) cell(cell any) any {
	var value excelize.Cell
	switch v := cell.(type) {
	case nil:
		return nil
	case string:
		value.Value = cut(Guard(clean(v)))
	case time.Time:
		if v.IsZero() {
			return nil
		}
		local := v.In(x.zone)
		value.StyleID = x.styles.time
		value.Value = time.Date(local.Year(), local.Month(), local.Day(), local.Hour(), local.Minute(), local.Second(), 0, time.UTC)
	case int, int64, uint8, uint32, uint64, float64, bool:
		value.Value = v
	default:
		value.Value = cut(Guard(clean(fmt.Sprint(cell))))
	}
	if x.rows == 1 {
		value.StyleID = x.styles.head
	}
	return value
}

func cut(text string) string {
	if utf8.RuneCountInString(text) <= mostCellRunes {
		return text
	}
	return string([]rune(text)[:mostCellRunes])
}

func (x *xlsxWriter) Close() (err error) {
	defer func() { err = errors.Join(err, x.file.Close()) }()
	if err := x.sheet.Flush(); err != nil {
		return fmt.Errorf("end the sheet: %w", err)
	}
	if err := x.file.Write(x.to); err != nil {
		return fmt.Errorf("write the workbook: %w", err)
	}
	return nil
}
