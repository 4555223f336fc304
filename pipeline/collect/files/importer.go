package files

import (
	"context"
	"errors"
	"path/filepath"
	"time"

	"github.com/netra-id/netra/pipeline/collect"
)

// ImportSource is the name of the source of imported posts that name none.
const ImportSource = "import"

// Taker takes pages: a *collect.Intake for an import, a *collect.Rehearsal to
// see what one would do.
type Taker interface {
	Take(ctx context.Context, source, target string, page collect.Page) (collect.Tally, error)
}

// Cursors remembers how far an import is, over a stop; a *collect.State does.
type Cursors interface {
	Cursor(ctx context.Context, source, target string) (collect.Cursor, error)
	Forget(ctx context.Context, source, target string) error
}

// Importer brings the posts of files to the queue once. An import that was
// broken off goes on where it was when it is started again; one that was
// completed begins anew, and what was sent before is a duplicate.
type Importer struct {
	// Configuration says how files are read; its paths are not looked at.
	Configuration Configuration
	Taker         Taker
	// Cursors may be nil: then every import begins anew.
	Cursors Cursors
	// Progress is called after every page; it may be nil.
	Progress func(Progress)
	// Problems is how many problems a report keeps; all are counted.
	Problems int
	// Patience is how long the queue may fail to take a page, before the import
	// gives up; 0 is for ever.
	Patience time.Duration
	// Grace is how long a page may take after ctx has ended.
	Grace time.Duration
}

// Progress is how far an import is.
type Progress struct {
	Path string
	// Lines is the number of the line that was read last; Bytes of Size is how
	// much of the file that is, -1 where a packed file cannot tell.
	Lines       int
	Bytes, Size int64
	// Tally is over all files so far.
	Tally   collect.Tally
	Elapsed time.Duration
}

// PerSecond is how many items were read a second.
func (p Progress) PerSecond() float64 {
	if p.Elapsed <= 0 {
		return 0
	}
	return float64(p.Tally.Items) / p.Elapsed.Seconds()
}

// Report is what became of an import.
type Report struct {
	Files   []FileReport
	Total   collect.Tally
	Elapsed time.Duration
}

// FileReport is what became of one file.
type FileReport struct {
	Path  string
	Lines int
	Tally collect.Tally
	// Resumed is the line behind which an import that was broken off went on.
	Resumed int
	// Err says why the file was not read to its end.
	Err error
}

// Err joins the errors of the files that were not read to their end.
func (r Report) Err() error {
	var problems []error
	for _, f := range r.Files {
		problems = append(problems, f.Err)
	}
	return errors.Join(problems...)
}

// Import brings the files to the queue, one after another. A file that cannot
// be read does not keep back the others; its error is in the report. It stops
// at the end of ctx.
func (m *Importer) Import(ctx context.Context, paths []string) Report {
	start := time.Now()
	var report Report
	for _, path := range paths {
		report.Files = append(report.Files, m.file(ctx, path, &report.Total, start))
		if ctx.Err() != nil {
			break
		}
	}
	report.Elapsed = time.Since(start)
	return report
}

func (m *Importer) file(ctx context.Context, path string, total *collect.Tally, start time.Time) FileReport {
	report := FileReport{Path: path}
	report.Err = m.importFile(ctx, path, &report, total, start)
	return report
}

func (m *Importer) importFile(ctx context.Context, path string, report *FileReport, total *collect.Tally, start time.Time) (err error) {
	target, err := filepath.Abs(path)
	if err != nil {
		return fileError(err)
	}
	how, err := newReading(&m.Configuration)
	if err != nil {
		return err
	}
	from, err := m.resume(ctx, target)
	if err != nil {
		return err
	}
	f, err := openFile(path, &m.Configuration, how, from)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.close()) }()
	_, report.Resumed = f.reader.position()
	report.Lines = report.Resumed
	err = newPager(f, nil, func(ctx context.Context, page collect.Page, at progress) error {
		tally, err := m.take(ctx, target, page)
		if err != nil {
			return err
		}
		report.Tally.Add(&tally, m.Problems)
		total.Add(&tally, m.Problems)
		report.Lines = at.read
		m.tell(f, path, at, total, start)
		return nil
	}).run(ctx)
	if err != nil || m.Cursors == nil {
		return err
	}
	return m.Cursors.Forget(ctx, ImportSource, target)
}

// resume returns where an import of the file was broken off.
func (m *Importer) resume(ctx context.Context, target string) (progress, error) {
	if m.Cursors == nil {
		return progress{}, nil
	}
	cursor, err := m.Cursors.Cursor(ctx, ImportSource, target)
	if err != nil {
		return progress{}, err
	}
	from, err := decodeProgress(cursor)
	if err != nil || from.Done {
		return progress{}, err
	}
	return from, nil
}

func (m *Importer) take(ctx context.Context, target string, page collect.Page) (collect.Tally, error) {
	delivery, end := collect.Outlive(ctx, m.Grace)
	defer end()
	if m.Patience > 0 {
		var endPatience context.CancelFunc
		delivery, endPatience = context.WithTimeout(delivery, m.Patience)
		defer endPatience()
	}
	return m.Taker.Take(delivery, ImportSource, target, page)
}

func (m *Importer) tell(f *file, path string, at progress, total *collect.Tally, start time.Time) {
	if m.Progress == nil {
		return
	}
	now := Progress{Path: path, Lines: at.read, Bytes: at.Offset, Size: f.info.Size(), Tally: *total, Elapsed: time.Since(start)}
	if f.packed || f.whole {
		now.Bytes = -1
	}
	m.Progress(now)
}
