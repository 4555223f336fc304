package sources_test

import (
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/netra-id/netra/pipeline/collect"
	"github.com/netra-id/netra/pipeline/collect/collecttest"
	"github.com/netra-id/netra/pipeline/collect/sources"
)

var configurations = regexp.MustCompile("(?s)```yaml\n(collect:\n.*?)```")

// TestTheConfigurationsInTheDocumentation loads every example of
// docs/collectors.md and builds its sources.
func TestTheConfigurationsInTheDocumentation(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "..", "..", "docs", "collectors.md"))
	if err != nil {
		t.Fatal(err)
	}
	examples := configurations.FindAllStringSubmatch(string(page), -1)
	if len(examples) < 3 {
		t.Fatalf("only %d examples are found", len(examples))
	}
	for _, example := range examples {
		name, _, _ := strings.Cut(strings.TrimPrefix(strings.TrimSpace(strings.TrimPrefix(example[1], "collect:\n")), "sources:"), "\n    ")
		t.Run(strings.TrimSpace(name), func(t *testing.T) {
			for _, variable := range regexp.MustCompile(`_env: ([A-Z_0-9]+)`).FindAllStringSubmatch(example[1], -1) {
				t.Setenv(variable[1], "example")
			}
			cfg, err := read(t, unindent(example[1]))
			if err != nil {
				t.Fatal(err)
			}
			schedules, err := sources.Build(cfg.Sources, sources.Dependencies{
				Logger: slog.New(slog.NewTextHandler(io.Discard, nil)), Registerer: prometheus.NewRegistry(), Accounts: accounts,
			})
			if err != nil {
				t.Fatal(err)
			}
			for _, schedule := range schedules {
				if _, err := schedule.Source.Targets(t.Context()); err != nil || schedule.Interval == 0 {
					t.Errorf("%s: %v, interval %s", schedule.Source.Name(), err, schedule.Interval)
				}
			}
		})
	}
}

var accounts = collecttest.Accounts{"mastodon": {collect.Account{ID: "42", Handle: "@budi@contoh.id"}}}

// unindent makes the part collect of a configuration a document of its own.
func unindent(text string) string {
	return strings.ReplaceAll(strings.TrimPrefix(text, "collect:\n"), "\n  ", "\n")[2:]
}
