package files

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/netra-id/netra/pipeline/collect"
)

// collector runs a collector on the source until the test calls stop.
func collector(t *testing.T, statePath string, in *inbox, interval time.Duration, cfg Configuration) (stop func()) {
	t.Helper()
	state := openState(t, statePath)
	source, err := New("folder", cfg.WithDefaults(), discard())
	if err != nil {
		t.Fatal(err)
	}
	settings := collect.DefaultConfiguration()
	settings.RetryInitial, settings.RetryMax = 20*time.Millisecond, 50*time.Millisecond
	c, err := collect.New(settings, []collect.Schedule{{Source: source, Interval: interval, Concurrency: 2}}, dependencies(state, in))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- c.Run(ctx) }()
	stopped := false
	stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		if err := state.Close(); err != nil {
			t.Error(err)
		}
	}
	t.Cleanup(stop)
	return stop
}

// eventually waits until the texts have arrived, in any order.
func eventually(t *testing.T, in *inbox, want ...string) {
	t.Helper()
	slices.Sort(want)
	var got []string
	for range 500 {
		got = in.texts()
		slices.Sort(got)
		if slices.Equal(got, want) {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatalf("arrived:\n%s", cmp.Diff(want, got))
}

const quick = 20 * time.Millisecond

func settings(paths ...string) Configuration {
	return Configuration{Paths: paths, Settle: quick}
}

func TestAFolderIsWatched(t *testing.T) {
	for name, interval := range map[string]time.Duration{"by events": time.Hour, "by the interval": 50 * time.Millisecond} {
		t.Run(name, func(t *testing.T) {
			folder, state := t.TempDir(), filepath.Join(t.TempDir(), "s.db")
			write(t, filepath.Join(folder, "a.jsonl"), lines("a"))
			var in inbox
			stop := collector(t, state, &in, interval, settings(folder))
			eventually(t, &in, "a 1")
			write(t, filepath.Join(folder, "b.csv"), header+row("1", "b")+"\n")
			write(t, filepath.Join(folder, ".hidden.jsonl"), lines("x"))
			write(t, filepath.Join(folder, "c.jsonl.part"), lines("c"))
			write(t, filepath.Join(folder, "notes.txt"), "x")
			eventually(t, &in, "a 1", "b 1")
			if err := os.Rename(filepath.Join(folder, "c.jsonl.part"), filepath.Join(folder, "c.jsonl")); err != nil {
				t.Fatal(err)
			}
			appendTo(t, filepath.Join(folder, "a.jsonl"), lines("a2"))
			eventually(t, &in, "a 1", "b 1", "c 1", "a2 1")
			stop()
			appendTo(t, filepath.Join(folder, "b.csv"), row("2", "b2")+"\n")
			collector(t, state, &in, interval, settings(folder))
			eventually(t, &in, "a 1", "b 1", "c 1", "a2 1", "b2 1")
			if len(in.letters) != 0 {
				t.Errorf("dead letters %q", in.reasons())
			}
		})
	}
}

func TestAnotherFileOfTheSameNameIsReadFromItsStart(t *testing.T) {
	folder := t.TempDir()
	path := write(t, filepath.Join(folder, "a.jsonl"), lines("a", "b"))
	var in inbox
	collector(t, filepath.Join(t.TempDir(), "s.db"), &in, 50*time.Millisecond, settings(path))
	eventually(t, &in, "a 1", "b 1")
	write(t, path, lines("c", "d", "e"))
	eventually(t, &in, "a 1", "b 1", "c 1", "d 1", "e 1")
	write(t, path, lines("f"))
	eventually(t, &in, "a 1", "b 1", "c 1", "d 1", "e 1", "f 1")
}

func TestALastLineThatIsWrittenLaterIsReadWhole(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.jsonl")
	half := len(jsonl("b")) / 2
	write(t, path, lines("a")+jsonl("b")[:half])
	var in inbox
	collector(t, filepath.Join(t.TempDir(), "s.db"), &in, 50*time.Millisecond, settings(path))
	eventually(t, &in, "a 1")
	appendTo(t, path, jsonl("b")[half:])
	eventually(t, &in, "a 1", "b 1")
	appendTo(t, path, "\n"+lines("c"))
	eventually(t, &in, "a 1", "b 1", "c 1")
}

func TestReadFilesAreMovedAway(t *testing.T) {
	folder := t.TempDir()
	cfg := settings(folder)
	cfg.MoveTo = "done"
	var in inbox
	collector(t, filepath.Join(t.TempDir(), "s.db"), &in, 50*time.Millisecond, cfg)
	for n, name := range []string{"a.jsonl", "2-a.jsonl"} {
		write(t, filepath.Join(folder, "a.jsonl"), lines(fmt.Sprint("text", n)))
		moved := filepath.Join(folder, "done", name)
		for range 500 {
			if _, err := os.Stat(moved); err == nil {
				break
			}
			time.Sleep(20 * time.Millisecond)
		}
		if _, err := os.Stat(moved); err != nil {
			t.Fatal(err)
		}
	}
	eventually(t, &in, "text0 1", "text1 1")
}

func TestAFolderThatCannotBeReadDoesNotHoldUpAnother(t *testing.T) {
	good, missing := t.TempDir(), filepath.Join(t.TempDir(), "later")
	write(t, filepath.Join(good, "a.jsonl"), lines("a"))
	source, err := New("folder", settings(missing, good).WithDefaults(), discard())
	if err != nil {
		t.Fatal(err)
	}
	targets, err := source.Targets(t.Context())
	if len(targets) != 1 || err == nil || !strings.Contains(err.Error(), missing) {
		t.Errorf("%v, %v: want the good folder's file and an error that names the other", targets, err)
	}
	var in inbox
	collector(t, filepath.Join(t.TempDir(), "s.db"), &in, 50*time.Millisecond, settings(missing, good))
	eventually(t, &in, "a 1")
	if err := os.Mkdir(missing, 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(missing, "b.jsonl"), lines("b"))
	eventually(t, &in, "a 1", "b 1")
}

func TestAFolderWithoutPermission(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root may read everything")
	}
	folder := t.TempDir()
	if err := os.Chmod(folder, 0); err != nil {
		t.Fatal(err)
	}
	source, err := New("folder", settings(folder).WithDefaults(), discard())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := source.Targets(t.Context()); err == nil || !strings.Contains(err.Error(), "may read") {
		t.Errorf("got %v", err)
	}
}

func TestAGrowingFileIsWaitedFor(t *testing.T) {
	path := write(t, filepath.Join(t.TempDir(), "a.jsonl"), lines("a"))
	cfg := settings(path)
	cfg.Settle = time.Hour
	source, err := New("folder", cfg.WithDefaults(), discard())
	if err != nil {
		t.Fatal(err)
	}
	result, err := source.Collect(t.Context(), collect.Target{ID: path}, nil, nil)
	if err != nil || result.Next <= 50*time.Minute || result.Next > time.Hour {
		t.Errorf("%v, %v: want to be asked again in an hour", result, err)
	}
}

func TestPostsArriveAtThePace(t *testing.T) {
	path := write(t, filepath.Join(t.TempDir(), "a.jsonl"), lines(strings.Split(strings.Repeat("x", 30), "")...))
	for name, change := range map[string]func(*Configuration){
		"pace":   func(c *Configuration) { c.Pace = 40 },
		"spread": func(c *Configuration) { c.Spread = 750 * time.Millisecond },
	} {
		t.Run(name, func(t *testing.T) {
			cfg := settings(path)
			change(&cfg)
			var in inbox
			start := time.Now()
			sends := 0
			var last time.Time
			in.onSend = func() error { sends++; last = time.Now(); return nil }
			distinct(t, path)
			stop := collector(t, filepath.Join(t.TempDir(), "s.db"), &in, 50*time.Millisecond, cfg)
			for range 500 {
				if len(in.texts()) == 30 {
					break
				}
				time.Sleep(20 * time.Millisecond)
			}
			stop()
			if len(in.texts()) != 30 || sends < 3 || last.Sub(start) < 450*time.Millisecond {
				t.Errorf("%d posts in %d pages within %s", len(in.texts()), sends, last.Sub(start))
			}
		})
	}
}

// distinct rewrites the file with 30 different posts.
func distinct(t *testing.T, path string) {
	var texts []string
	for n := range 30 {
		texts = append(texts, fmt.Sprint("t", n))
	}
	write(t, path, lines(texts...))
}

func TestConfigurationNamesWhatIsWrong(t *testing.T) {
	cfg := Configuration{Match: []string{"["}, Format: "xml", TimeZone: "Mars/Olympus", MaxRecordBytes: 1, Settle: -1, Pace: 1, Spread: 1}
	err := cfg.Validate("collect.sources[0].files")
	for _, key := range []string{"paths", "match[0]", "format", "time_zone", "max_record_bytes", "settle", "spread"} {
		if err == nil || !strings.Contains(err.Error(), `key "collect.sources[0].files.`+key+`"`) {
			t.Errorf("%s is not named in %v", key, err)
		}
	}
	good := DefaultConfiguration()
	good.Paths = []string{"/tmp"}
	if err := good.Validate("x"); err != nil {
		t.Error(err)
	}
}
