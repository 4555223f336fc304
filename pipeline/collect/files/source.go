// Package files collects posts from JSONL, JSON, CSV and XLSX files: exports of
// tools and manual captures, the lines of text also compressed by gzip or zstd.
// Source reads given files and watches folders for the collector; Importer reads
// files once, for the command `netra import`. Both go on where they were after a
// stop or a crash. Exports of other tools become posts by a Mapping.
package files

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/netra-id/netra/pipeline/collect"
)

// Source is a collect.Source of files; each file is a target.
type Source struct {
	name   string
	cfg    Configuration
	how    reading
	logger *slog.Logger
	pace   *rate.Limiter

	mu      sync.Mutex
	growing map[string]sighting // files that may still be written
}

// sighting is how a file was when it was first seen unchanged.
type sighting struct {
	size     int64
	modified time.Time
	at       time.Time
}

// New builds a source; cfg has been validated.
func New(name string, cfg Configuration, logger *slog.Logger) (*Source, error) {
	how, err := newReading(&cfg)
	if err != nil {
		return nil, err
	}
	s := &Source{name: name, cfg: cfg, how: how, logger: logger, growing: map[string]sighting{}}
	if cfg.Pace > 0 {
		s.pace = perSecond(cfg.Pace)
	}
	return s, nil
}

// Name returns the source's name.
func (s *Source) Name() string { return s.name }

// Targets lists the files. Where a folder cannot be read, it returns those of
// the others, and the error.
func (s *Source) Targets(context.Context) ([]collect.Target, error) {
	var targets []collect.Target
	var problems []error
	for _, p := range s.cfg.Paths {
		paths, err := s.list(p)
		if err != nil {
			problems = append(problems, err)
		}
		for _, found := range paths {
			targets = append(targets, collect.Target{ID: found})
		}
	}
	return targets, errors.Join(problems...)
}

// list returns the files that a path stands for.
func (s *Source) list(p string) ([]string, error) {
	absolute, err := filepath.Abs(p)
	if err != nil {
		return nil, fileError(err)
	}
	info, err := os.Stat(absolute)
	if err != nil {
		return nil, fileError(err)
	}
	if !info.IsDir() {
		return []string{absolute}, nil
	}
	entries, err := os.ReadDir(absolute)
	if err != nil {
		return nil, fileError(err)
	}
	var paths []string
	for _, entry := range entries {
		if s.matches(entry) {
			paths = append(paths, filepath.Join(absolute, entry.Name()))
		}
	}
	return paths, nil
}

// matches says whether a folder's entry is to be read: neither hidden nor named
// as an unfinished copy.
func (s *Source) matches(entry fs.DirEntry) bool {
	name := entry.Name()
	if entry.IsDir() || strings.HasPrefix(name, ".") || strings.HasSuffix(name, "~") {
		return false
	}
	switch strings.ToLower(filepath.Ext(name)) {
	case ".tmp", ".part", ".partial", ".crdownload", ".swp":
		return false
	}
	if len(s.cfg.Match) == 0 {
		_, ok := formatOf(name)
		return ok || s.cfg.Format != FormatAuto
	}
	for _, pattern := range s.cfg.Match {
		if ok, err := path.Match(pattern, name); ok && err == nil {
			return true
		}
	}
	return false
}

// Collect reads what is new in one file.
func (s *Source) Collect(ctx context.Context, target collect.Target, cursor collect.Cursor, sink collect.Sink) (collect.Result, error) {
	from, err := decodeProgress(cursor)
	if err != nil {
		return collect.Result{}, err
	}
	info, err := os.Stat(target.ID)
	if err != nil {
		return collect.Result{}, fileError(err)
	}
	if from.unchanged(info) {
		return collect.Result{}, s.moveAway(target.ID, info)
	}
	if wait := s.untilSettled(target.ID, info); wait > 0 {
		return collect.Result{Next: wait}, nil
	}
	if err := s.read(ctx, target.ID, from, sink); err != nil {
		return collect.Result{}, err
	}
	return collect.Result{}, s.moveAway(target.ID, info)
}

func (s *Source) read(ctx context.Context, path string, from progress, sink collect.Sink) (err error) {
	f, err := openFile(path, &s.cfg, s.how, from)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.close()) }()
	pace := s.pace
	if s.cfg.Spread > 0 {
		records, err := countRecords(path, &s.cfg, s.how)
		if err != nil {
			return err
		}
		pace = spreadOver(records, s.cfg.Spread)
	}
	return newPager(f, pace, func(ctx context.Context, page collect.Page, _ progress) error {
		return sink.Emit(ctx, page)
	}).run(ctx)
}

// untilSettled returns how long a file must still stay unchanged before it is
// taken as complete; 0 when it is. A file that was moved into the folder has an
// old date and is complete at once.
func (s *Source) untilSettled(path string, info fs.FileInfo) time.Duration {
	now := time.Now()
	age := now.Sub(info.ModTime())
	s.mu.Lock()
	defer s.mu.Unlock()
	if age >= s.cfg.Settle {
		delete(s.growing, path)
		return 0
	}
	seen := s.growing[path]
	if seen.size != info.Size() || !seen.modified.Equal(info.ModTime()) {
		seen = sighting{size: info.Size(), modified: info.ModTime(), at: now}
		s.growing[path] = seen
	}
	// The dates of a file may be ahead of this machine's clock, so what counts
	// beside its age is how long it was seen unchanged.
	wait := min(s.cfg.Settle-age, s.cfg.Settle-now.Sub(seen.at))
	if wait <= 0 {
		delete(s.growing, path)
		return 0
	}
	return wait
}

// moveAway moves a file that has been read to the end, if that is configured
// and nothing was appended since.
func (s *Source) moveAway(path string, read fs.FileInfo) error {
	if s.cfg.MoveTo == "" {
		return nil
	}
	now, err := os.Stat(path)
	if err != nil {
		return fileError(err)
	}
	if now.Size() != read.Size() || !now.ModTime().Equal(read.ModTime()) {
		return nil
	}
	folder := s.cfg.MoveTo
	if !filepath.IsAbs(folder) {
		folder = filepath.Join(filepath.Dir(path), folder)
	}
	if err := os.MkdirAll(folder, 0o750); err != nil {
		return fileError(err)
	}
	to := freeName(folder, filepath.Base(path))
	if err := os.Rename(path, to); err != nil {
		return fileError(err)
	}
	s.logger.Info("a file was read and moved away", "source", s.name, "file", path, "to", to)
	return nil
}

// freeName returns a path in the folder that no file has yet.
func freeName(folder, name string) string {
	for n := 1; ; n++ {
		to := filepath.Join(folder, name)
		if n > 1 {
			to = filepath.Join(folder, fmt.Sprintf("%d-%s", n, name))
		}
		if _, err := os.Lstat(to); err != nil {
			return to
		}
	}
}

// countRecords counts the records of a file.
func countRecords(path string, cfg *Configuration, how reading) (n int, err error) {
	f, err := openFile(path, cfg, how, progress{})
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, f.close()) }()
	for {
		_, err := f.reader.next()
		if isEnd(err) {
			return n, nil
		}
		if err != nil {
			return n, f.readError(err)
		}
		n++
	}
}
