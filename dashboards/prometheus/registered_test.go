package prometheus_test

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"github.com/netra-id/netra/classifiers"
	"github.com/netra-id/netra/pipeline/blobs"
	"github.com/netra-id/netra/pipeline/collect"
	"github.com/netra-id/netra/pipeline/console"
	"github.com/netra-id/netra/pipeline/database"
	"github.com/netra-id/netra/pipeline/evidence"
	"github.com/netra-id/netra/pipeline/evidence/capture"
	"github.com/netra-id/netra/pipeline/evidence/seal"
	"github.com/netra-id/netra/pipeline/monitor"
	"github.com/netra-id/netra/pipeline/queue"
	"github.com/netra-id/netra/pipeline/review"
	"github.com/netra-id/netra/pipeline/roster"
	"github.com/netra-id/netra/pipeline/store"
	"github.com/netra-id/netra/pipeline/tuning"
	"github.com/netra-id/netra/pipeline/tuning/health"
	"github.com/netra-id/netra/pipeline/worker"
)

// described is a registerer that keeps what is registered by name, with its
// labels: also metrics that have no series yet.
type described map[string][]string

var description = regexp.MustCompile(`^Desc\{fqName: "([^"]+)", .*variableLabels: \{([^}]*)\}\}$`)

func (d described) Register(c prometheus.Collector) error {
	descriptions := make(chan *prometheus.Desc)
	go func() {
		defer close(descriptions)
		c.Describe(descriptions)
	}()
	for desc := range descriptions {
		if found := description.FindStringSubmatch(desc.String()); found != nil {
			d[found[1]] = strings.FieldsFunc(found[2], func(r rune) bool { return r == ',' || r == ' ' })
		}
	}
	return nil
}

func (d described) MustRegister(all ...prometheus.Collector) {
	for _, c := range all {
		_ = d.Register(c)
	}
}

func (described) Unregister(prometheus.Collector) bool { return false }

// registered builds the parts as cmd/netra does, and returns their metrics.
func registered(t *testing.T) described {
	t.Helper()
	all, quiet := described{}, slog.New(slog.DiscardHandler)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	all.MustRegister(collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	monitor.NewProbes(all)
	monitor.RegisterDisks(all, t.TempDir())
	monitor.RegisterBuild(all, "test")

	brokers := queue.DefaultConfiguration()
	brokers.Brokers = []string{"127.0.0.1:1"}
	q, err := queue.New(brokers, quiet, all)
	must(err)
	t.Cleanup(q.Close)
	tables := store.DefaultConfiguration()
	tables.Address = "http://127.0.0.1:1"
	s, err := store.New(tables, quiet, all)
	must(err)
	t.Cleanup(func() { _ = s.Close() })
	holder := roster.NewHolder(roster.DefaultConfiguration(), s, quiet, all)
	collect.NewIntake(collect.DefaultConfiguration(), collect.Dependencies{Registerer: all, Roster: holder, Logger: quiet})
	_, err = worker.New(worker.DefaultConfiguration(), worker.Dependencies{
		Queue: q, Store: struct{ worker.Store }{}, Roster: holder, Classifier: struct{ classifiers.Classifier }{}, Logger: quiet, Registerer: all,
	})
	must(err)
	tuning.NewFollower(tuning.Configuration{}, nil, nil, quiet, all)
	health.NewWatch(health.DefaultConfiguration(), health.Dependencies{Registerer: all})

	pages := console.DefaultConfiguration()
	pages.Database = filepath.Join(t.TempDir(), "console.db")
	c, err := console.New(pages, console.Dependencies{
		Data: s, Logger: quiet, Registerer: all,
		Review: func(_ context.Context, parts console.ReviewParts) (console.Review, error) {
			evidenceOf(t, parts.Database, q, s, all)
			return review.New(review.DefaultConfiguration(), review.Dependencies{Database: parts.Database, Registerer: all})
		},
	})
	must(err)
	t.Cleanup(func() { _ = c.Close() })
	return all
}

// evidenceOf builds what captures and seals evidence.
func evidenceOf(t *testing.T, db *database.DB, q *queue.Queue, s *store.Store, all described) {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	cfg := seal.DefaultConfiguration()
	cfg.KeyFile, cfg.HeadFile = filepath.Join(t.TempDir(), "key"), filepath.Join(t.TempDir(), "head")
	log, err := seal.New(t.Context(), cfg, seal.Dependencies{Database: db, Registerer: all})
	must(err)
	folder := blobs.DefaultConfiguration()
	folder.Dir = t.TempDir()
	files, err := blobs.New(folder)
	must(err)
	keeper, err := evidence.New(evidence.Dependencies{Database: db, Files: files, Log: log, Registerer: all})
	must(err)
	_, err = capture.New(capture.DefaultConfiguration(), capture.Dependencies{Database: db, Keeper: keeper, Flags: s, Queue: q, Registerer: all})
	must(err)
}

// elsewhere are metrics of Prometheus and Alertmanager themselves.
var elsewhere = []string{"up", "alertmanager_notifications_failed_total"}

var (
	quoted     = regexp.MustCompile(`"[^"]*"`)
	named      = regexp.MustCompile(`\b(?:netra_[a-z0-9_]+|netra:[a-z0-9_:]+|process_[a-z_]+|alertmanager_[a-z_]+|up)\b`)
	grouped    = regexp.MustCompile(`\b(?:by|on|without|ignoring|group_left|group_right) ?\(([^)]*)\)`)
	selected   = regexp.MustCompile(`(netra_[a-z0-9_]+)\{([^}]*)\}`)
	matchLabel = regexp.MustCompile(`([a-z_]+) ?(?:=~|!~|!=|=)`)
)

// TestRulesAreAboutMetricsOfTheParts: each name is registered by a part or
// recorded by a rule, and each label is one that it has.
func TestRulesAreAboutMetricsOfTheParts(t *testing.T) {
	known := registered(t)
	for name := range mentioned(t) {
		known[name] = nil
	}
	recorded := map[string]bool{}
	for _, r := range rules(t) {
		recorded[r.Record] = true
	}
	everyLabel := []string{"instance", "job", "part", "severity", "version", "integration"}
	for _, labels := range known {
		everyLabel = append(everyLabel, labels...)
	}
	for _, r := range rules(t) {
		rule := r.Record + r.Alert
		for _, name := range named.FindAllString(quoted.ReplaceAllString(r.Expr, ""), -1) {
			if _, known := known[name]; !known && !recorded[name] && !slices.Contains(elsewhere, name) {
				t.Errorf("%s is about %s, which no part registers", rule, name)
			}
		}
		for _, group := range grouped.FindAllStringSubmatch(r.Expr, -1) {
			for _, label := range strings.FieldsFunc(group[1], func(r rune) bool { return r == ',' || r == ' ' }) {
				if !slices.Contains(everyLabel, label) {
					t.Errorf("%s groups by %s, which no metric has", rule, label)
				}
			}
		}
		for _, selector := range selected.FindAllStringSubmatch(r.Expr, -1) {
			for _, match := range matchLabel.FindAllStringSubmatch(quoted.ReplaceAllString(selector[2], ""), -1) {
				if labels := known[selector[1]]; !slices.Contains(labels, match[1]) && match[1] != "job" && match[1] != "instance" {
					t.Errorf("%s asks %s for the label %s; it has %v", rule, selector[1], match[1], labels)
				}
			}
		}
	}
}

// mentioned are metrics that cmd/netra registers itself.
func mentioned(t *testing.T) map[string]bool {
	t.Helper()
	names := map[string]bool{}
	files, err := filepath.Glob("../../cmd/netra/*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file) //nolint:gosec // of this repository
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(file, "_test.go") || !strings.Contains(string(text), "registry.MustRegister(") {
			continue
		}
		for _, name := range regexp.MustCompile(`"(netra_[a-z_]+)"`).FindAllStringSubmatch(string(text), -1) {
			names[name[1]] = true
		}
	}
	return names
}
