package files

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/fsnotify/fsnotify"
)

// calm is how long the folders must be quiet before changes are told, so that a
// file that is being written is told of once, not for every write.
const calm = 200 * time.Millisecond

// Watch tells of files that came or changed, until ctx ends.
func (s *Source) Watch(ctx context.Context, changed func(target string)) (err error) {
	watcher, err := fsnotify.NewWatcher()
	if err != nil {
		return fmt.Errorf("watch folders: %w", err)
	}
	defer func() { err = errors.Join(err, watcher.Close()) }()
	if err := s.addFolders(watcher); err != nil {
		return err
	}
	pending := map[string]bool{}
	quiet := time.NewTimer(calm)
	defer quiet.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case event, ok := <-watcher.Events:
			if !ok {
				return errors.New("watch folders: no more events")
			}
			if event.Has(fsnotify.Chmod) && !event.Has(fsnotify.Write) {
				continue
			}
			pending[event.Name] = true
			quiet.Reset(calm)
		case err := <-watcher.Errors:
			if errors.Is(err, fsnotify.ErrEventOverflow) {
				changed("")
				continue
			}
			return fmt.Errorf("watch folders: %w", err)
		case <-quiet.C:
			for name := range pending {
				changed(name)
			}
			clear(pending)
		}
	}
}

// addFolders watches the folders, and those of single files. Some that cannot
// be watched are left to the interval; it fails where none can.
func (s *Source) addFolders(watcher *fsnotify.Watcher) error {
	var problems []error
	for _, p := range s.cfg.Paths {
		folder, err := filepath.Abs(p)
		if err == nil {
			if info, statErr := os.Stat(folder); statErr == nil && !info.IsDir() {
				folder = filepath.Dir(folder)
			}
			err = watcher.Add(folder)
		}
		if err != nil {
			problems = append(problems, fmt.Errorf("watch %s: %w", p, err))
		}
	}
	if len(problems) == len(s.cfg.Paths) {
		return errors.Join(problems...)
	}
	for _, problem := range problems {
		s.logger.Warn("a folder is not watched; it is still visited by the interval", "source", s.name, "error", problem)
	}
	return nil
}
