package sources_test

import (
	"errors"
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/netra-id/netra/pipeline/collect"
	"github.com/netra-id/netra/pipeline/collect/sources"
	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/strict"
)

const valid = `
seen_for: 1000h
sources:
  - name: ekspor
    interval: 5s
    files: {paths: [/data/masuk], move_to: selesai, time_zone: Asia/Pontianak}
  - name: berita
    rate: 2
    feed:
      feeds:
        - {url: "https://humas.example/feed", account_id: humas}
      fetch: {hosts: [.example], timeout: 10s}
`

// configuration is as in the package config.
type configuration struct {
	collect.Configuration `yaml:",inline"`
	Sources               []sources.Source `yaml:"sources"`
}

func read(t *testing.T, text string) (configuration, error) {
	t.Helper()
	cfg := configuration{Configuration: collect.DefaultConfiguration()}
	if _, err := strict.Decode("netra.yaml", []byte(text), &cfg); err != nil {
		return cfg, err
	}
	return cfg, errors.Join(cfg.Validate("collect"), sources.Validate("collect.sources", cfg.Sources))
}

func TestSourcesAreBuiltFromTheFile(t *testing.T) {
	cfg, err := read(t, valid)
	if err != nil {
		t.Fatal(err)
	}
	if cfg.SeenFor != 1000*time.Hour || cfg.RetryMax == 0 {
		t.Errorf("configuration %+v", cfg)
	}
	logger := slog.New(slog.NewTextHandler(io.Discard, nil))
	schedules, err := sources.Build(cfg.Sources, sources.Dependencies{Logger: logger, Registerer: prometheus.NewRegistry()})
	if err != nil || len(schedules) != 2 {
		t.Fatal(schedules, err)
	}
	files, feeds := schedules[0], schedules[1]
	if files.Source.Name() != "ekspor" || files.Interval != 5*time.Second || files.Concurrency == 0 {
		t.Errorf("files %+v", files)
	}
	if feeds.Source.Name() != "berita" || feeds.Interval != 15*time.Minute || feeds.Rate != 2 || feeds.Jitter == 0 {
		t.Errorf("feeds %+v", feeds)
	}
	targets, err := feeds.Source.Targets(t.Context())
	if err != nil || len(targets) != 1 || targets[0].Account != "rss:humas" {
		t.Errorf("targets %v, %v", targets, err)
	}
}

func TestWhatIsWrongIsNamed(t *testing.T) {
	tests := map[string]struct{ from, to, want string }{
		"unknown key":        {"move_to", "moveto", `key "sources[0].files.moveto"`},
		"no kind":            {"    files: {paths: [/data/masuk], move_to: selesai, time_zone: Asia/Pontianak}\n", "", `key "collect.sources[0].files": value missing: allowed: one of files, feed`},
		"two of one name":    {"berita", "ekspor", `key "collect.sources[1].name": value "ekspor"`},
		"the import's name":  {"berita", "import", `key "collect.sources[1].name"`},
		"interval too short": {"interval: 5s", "interval: 5ms", `key "collect.sources[0].interval": value 5ms: allowed: a duration of at least 100ms`},
		"no duration":        {"interval: 5s", "interval: often", `allowed: a duration`},
		"negative rate":      {"rate: 2", "rate: -2", `key "collect.sources[1].rate"`},
		"time zone":          {"Asia/Pontianak", "Kalimantan", `key "collect.sources[0].files.time_zone"`},
		"feed without url":   {"https://humas.example/feed", "humas", `key "collect.sources[1].feed.feeds[0].url"`},
		"longest too short":  {"rate: 2", "rate: 2\n    interval: 1h\n    max_interval: 30m", `key "collect.sources[1].max_interval": value 30m0s: allowed: a duration of at least 1h0m0s`},
		"longest too long":   {"rate: 2", "rate: 2\n    max_interval: 1000h", `key "collect.sources[1].max_interval": value 1000h0m0s: allowed: at most 672h`},
		"shortest too short": {"rate: 2", "rate: 2\n    min_interval: 1ms", `key "collect.sources[1].min_interval"`},
		"quota's zone":       {"rate: 2", "rate: 2\n    quota: {units: 10, time_zone: Bulan}", `key "collect.sources[1].quota.time_zone": value "Bulan"`},
		"quota's key":        {"rate: 2", "rate: 2\n    quota: {unit: 10}", `did you mean "units"?`},
		"negative circuit":   {"rate: 2", "rate: 2\n    circuit_after: -1", `key "collect.sources[1].circuit_after"`},
		"speed-up":           {"seen_for: 1000h", "silent_speedup: 0", `key "collect.silent_speedup": value 0: allowed: a number from 1`},
		"seen too short":     {"1000h", "1s", `key "collect.seen_for"`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			changed := strings.Replace(valid, test.from, test.to, 1)
			if changed == valid {
				t.Fatal("the test changes nothing")
			}
			_, err := read(t, changed)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want it to contain %q", err, test.want)
			}
			var field *post.FieldError
			var line *strict.Error
			if !errors.As(err, &field) && !errors.As(err, &line) {
				t.Errorf("%T says no key", err)
			}
		})
	}
}

func TestIntervalsOfAccountsHaveBounds(t *testing.T) {
	tests := map[string]struct {
		change         string
		shortest, most time.Duration
		interval       time.Duration
	}{
		"defaults":                     {"", 15 * time.Minute / 4, 6 * time.Hour, 15 * time.Minute},
		"an interval is also the most": {"interval: 1h", 15 * time.Minute, time.Hour, time.Hour},
		"unless another one is set":    {"interval: 1h\n    max_interval: 12h", 15 * time.Minute, 12 * time.Hour, time.Hour},
		"the same for all":             {"interval: 1h\n    min_interval: 1h", time.Hour, time.Hour, time.Hour},
		"only the longest":             {"max_interval: 30m", 15 * time.Minute / 4, 30 * time.Minute, 15 * time.Minute},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			cfg, err := read(t, strings.Replace(valid, "rate: 2", "rate: 2\n    "+test.change, 1))
			if err != nil {
				t.Fatal(err)
			}
			logger := slog.New(slog.NewTextHandler(io.Discard, nil))
			schedules, err := sources.Build(cfg.Sources, sources.Dependencies{Logger: logger, Registerer: prometheus.NewRegistry()})
			if err != nil {
				t.Fatal(err)
			}
			if got := schedules[1]; got.MinInterval != test.shortest || got.MaxInterval != test.most || got.Interval != test.interval {
				t.Errorf("%s, %s to %s; want %s, %s to %s", got.Interval, got.MinInterval, got.MaxInterval, test.interval, test.shortest, test.most)
			}
			if files := schedules[0]; files.MaxInterval > files.Interval {
				t.Errorf("files are visited every %s to %s", files.Interval, files.MaxInterval)
			}
		})
	}
}
