package export

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"time"
)

type csvWriter struct {
	out  *csv.Writer
	zone *time.Location
	row  []string
}

func newCSV(w io.Writer, o Options) (Writer, error) {
	if o.BOM {
		if _, err := io.WriteString(w, "\ufeff"); err != nil {
			return nil, fmt.Errorf("begin the table: %w", err)
		}
	}
	out := csv.NewWriter(w)
	out.UseCRLF = true
	return &csvWriter{out: out, zone: o.Zone}, nil
}

func (c *csvWriter) Row(cells ...any) error {
	c.row = c.row[:0]
	for _, cell := range cells {
		c.row = append(c.row, c.text(cell))
	}
	return c.out.Write(c.row)
}

func (c *csvWriter) text(cell any) string {
	switch v := cell.(type) {
	case nil:
		return ""
	case string:
		return Guard(clean(v))
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case time.Time:
		if v.IsZero() {
			return ""
		}
		return v.In(c.zone).Format(time.RFC3339)
	case int, int64, uint8, uint32, uint64, bool:
		return fmt.Sprint(v)
	}
	return Guard(clean(fmt.Sprint(cell)))
}

func (c *csvWriter) Close() error {
	c.out.Flush()
	return c.out.Error()
}
