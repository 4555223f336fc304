package console

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/netra-id/netra/pipeline/console/export"
)

const (
	// mostExported bounds the rows of a table that is taken along.
	mostExported = 250_000
	// exportWithin bounds the time that one may take.
	exportWithin = 10 * time.Minute
	// exportBuffer is how much is held back, so that what fails at the begin is
	// answered with a page.
	exportBuffer = 64 << 10

	didExport   = "export"
	didExported = "export_done"
)

// exported is a table to take along.
type exported struct {
	// name is what is exported, as the address and the audit log have it.
	name string
	zone *time.Location
	// detail is what was chosen, for the audit log.
	detail map[string]string
	// head are the keys of the columns' names.
	head []string
	// rows calls emit with each row until there are no more or it fails.
	rows func(ctx context.Context, emit func(cells ...any) error) error
}

// errEnough ends the rows of a table that is as long as it may be.
var errEnough = errors.New("the table is as long as it may be")

// export sends a table. That somebody takes it is in the audit log before the
// first row leaves; how much was taken, after the last.
func (c *Console) export(w http.ResponseWriter, r *http.Request, e exported) error {
	format := export.Format(r.URL.Query().Get("format"))
	if format == "" {
		format = export.CSV
	}
	if format != export.CSV && format != export.XLSX {
		return failure{status: http.StatusBadRequest}
	}
	e.detail["format"] = string(format)
	if err := c.audit.Tell(r.Context(), event(r, didExport, e.name, e.detail)); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(r.Context(), exportWithin)
	defer cancel()
	if err := http.NewResponseController(w).SetWriteDeadline(time.Now().Add(exportWithin)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return fmt.Errorf("give an export its time: %w", err)
	}
	words, late := c.pages.words(r), &lateWriter{ResponseWriter: w, begin: func() {
		w.Header().Set("Content-Type", format.ContentType())
		w.Header().Set("Content-Disposition", fmt.Sprintf(`attachment; filename="netra-%s-%s.%s"`, e.name, c.deps.Now().In(e.zone).Format("20060102-1504"), format))
	}}
	rows, err := c.writeTable(ctx, late, e, words.T, export.Options{
		Format: format, BOM: r.URL.Query().Get("bom") != "", Sheet: words.T("export." + e.name + ".sheet"), Zone: e.zone,
	})
	told := map[string]string{"rows": strconv.Itoa(rows), "whole": strconv.FormatBool(err == nil)}
	if audited := c.audit.Tell(context.WithoutCancel(r.Context()), event(r, didExported, e.name, told)); audited != nil {
		c.logger.ErrorContext(ctx, "an export's end is not in the audit log", "request", of(r).id, "error", audited)
	}
	if err == nil || !late.begun {
		return err
	}
	c.metrics.errors.WithLabelValues("export").Inc()
	c.logger.ErrorContext(ctx, "an export broke off", "request", of(r).id, "export", e.name, "rows", rows, "error", err)
	panic(http.ErrAbortHandler) // a table that is cut off must not look whole
}

// writeTable writes the rows and returns how many there were.
func (c *Console) writeTable(ctx context.Context, w *lateWriter, e exported, say func(string, ...any) string, options export.Options) (rows int, err error) {
	buffer := bufio.NewWriterSize(w, exportBuffer)
	table, err := export.New(buffer, options)
	if err != nil {
		return 0, err
	}
	closed := false
	defer func() {
		if !closed {
			err = errors.Join(err, table.Close())
		}
	}()
	head := make([]any, len(e.head))
	for i, key := range e.head {
		head[i] = say("column." + key)
	}
	if err := table.Row(head...); err != nil {
		return 0, err
	}
	err = e.rows(ctx, func(cells ...any) error {
		if rows++; rows > mostExported {
			rows = mostExported
			return errEnough
		}
		return table.Row(cells...)
	})
	if errors.Is(err, errEnough) {
		err = table.Row(say("export.cut", "n", strconv.Itoa(mostExported)))
	}
	if err != nil {
		return rows, err
	}
	closed = true
	if err := table.Close(); err != nil {
		return rows, err
	}
	return rows, buffer.Flush()
}

// lateWriter sets the answer's headers when its first bytes come.
type lateWriter struct {
	http.ResponseWriter
	begin func()
	begun bool
}

func (l *lateWriter) Write(data []byte) (int, error) {
	if !l.begun {
		l.begun = true
		l.begin()
	}
	return l.ResponseWriter.Write(data)
}

// chosenDetail is what a filter says, for the audit log.
func chosenDetail(values map[string]string) map[string]string {
	detail := map[string]string{}
	for name, value := range values {
		detail[name] = short(value, mostDetailBytes)
	}
	return detail
}
