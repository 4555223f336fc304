package main

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/netra-id/netra/pipeline/embedded/embeddedtest"
	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/store"
	"github.com/netra-id/netra/pipeline/tuning/health"
)

// tables is a fresh database that the commands of a test work with.
func tables(t *testing.T) (*store.Store, embeddedtest.Connection) {
	t.Helper()
	c := embeddedtest.Engine(t)
	for name, value := range map[string]string{
		"DATA_DIR": t.TempDir(), "CLICKHOUSE_ADDRESS": "http://" + c.Address, "CLICKHOUSE_USER": c.User, "CLICKHOUSE_PASSWORD": c.Password,
		"CLICKHOUSE_DATABASE": c.Database, "TUNING_BACKTEST_FIRST": "false",
	} {
		t.Setenv("NETRA_"+name, value)
	}
	cfg := store.DefaultConfiguration()
	cfg.Address, cfg.User, cfg.Password, cfg.Database = "http://"+c.Address, c.User, c.Password, c.Database
	s, err := store.New(cfg, slog.New(slog.DiscardHandler), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s, c
}

// TestHealthOfRulesAndLearningFromDecisions has a fortnight of flags of which one
// rule's double, and decisions on some.
func TestHealthOfRulesAndLearningFromDecisions(t *testing.T) {
	s, connection := tables(t)
	now := time.Now().UTC().Truncate(time.Hour)
	var flags []post.Flag
	var counts []post.HourlyCount
	var decisions []store.DecisionRow
	for day := range 15 {
		at := now.Add(-time.Duration(24*day+1) * time.Hour)
		counts = append(counts, post.HourlyCount{Hour: at, Platform: "x", Language: "id", Posts: 1000})
		hits := 5
		if day == 0 {
			hits = 60
		}
		for i := range hits {
			id := fmt.Sprintf("x:%d-%d", day, i)
			f := post.Flag{
				Post:      post.Post{ID: id, Platform: "x", Kind: post.KindPost, Account: post.Account{ID: id}, Text: fmt.Sprintf("gaspol mbois warga %d", i), CreatedAt: at, CollectedAt: at},
				FlaggedAt: at,
			}
			f.Verdict = post.Verdict{ID: id, Flagged: true, Labels: []post.LabelScore{{Label: post.Support, Score: 0.9, Reasons: []post.Reason{
				{Kind: post.ReasonKeyword, Source: "support/vote-for"}, {Kind: post.ReasonModel, Source: "support"},
			}}}}
			flags = append(flags, f)
			if day == 1 {
				decisions = append(decisions, store.DecisionRow{
					ID: "d" + id, Item: id, Edition: 1, Labels: []string{"support"}, Rules: []string{"support/vote-for", "support"}, Contestants: []string{},
					Verdict: "violation", Rule: "KE-4", At: at.Add(time.Minute), Round: 1, FlaggedAt: at, CreatedAt: at,
				})
			}
		}
	}
	if err := s.Insert(t.Context(), store.Batch{Token: "a", Flags: flags, Counts: counts}); err != nil {
		t.Fatal(err)
	}
	if err := s.InsertDecisions(t.Context(), "d", decisions); err != nil {
		t.Fatal(err)
	}
	r := netra(t, nil, "keywords", "health", "--json")
	r.expect(t, exitDone)
	var report health.Report
	if err := json.Unmarshal([]byte(r.out), &report); err != nil {
		t.Fatal(err)
	}
	rows := map[string]health.Row{}
	for _, row := range report.Rules {
		rows[row.Name] = row
	}
	row := rows["support/vote-for"]
	if row.Hits != len(flags) || row.Hits24h != 60 || row.Precision.Confirmed != 5 || row.Share != 1 || !row.Has(health.Rise) || !row.InForce {
		t.Errorf("%+v", row)
	}
	if n := count(t, connection, "SELECT count() FROM flagged_posts FINAL WHERE notEmpty(labels) AND has(rules, 'support/vote-for')"); n != row.Hits {
		t.Errorf("%d hits, flagged_posts have %d", row.Hits, n)
	}
	if rows["support"].Kind != health.KindModel || rows["hoax/hearsay"].Has(health.NeverMatched) {
		t.Errorf("%+v", rows["support"])
	}
	netra(t, nil, "keywords", "health").expect(t, exitDone, "support/vote-for", "ALARM rise: 60 of 1000 posts in 24 h, 70 of 14000 before")
	netra(t, nil, "keywords", "health", "--at", "gestern").expect(t, exitUsage, `--at "gestern"; allowed:`)
	netra(t, nil, "keywords", "suggest").expect(t, exitDone, "mbois")
	netra(t, nil, "keywords", "suggest", "gazpol").expect(t, exitDone, "gaspol")
	netra(t, nil, "keywords", "suggest", "…").expect(t, exitUsage, "allowed: one to four words")

	netra(t, nil, "train", "--from-decisions", "--out", "x").expect(t, exitUsage, "--out; allowed: without --from-decisions")
	netra(t, nil, "train", "--from-decisions", "--least", "1").expect(t, exitUsage, "--least 1; allowed: 5 or more")
	netra(t, nil, "train", "--from-decisions", "/nowhere.tsv").expect(t, exitUsage, "/nowhere.tsv")
	netra(t, nil, "train", "--from-decisions").expect(t, exitUsage, "nothing is published")
	lists := t.TempDir()
	write(t, lists, "thresholds.yaml", "thresholds: {support: 0.5}\n")
	netra(t, nil, "keywords", "push", lists, "--draft", "pertama").expect(t, exitDone)
	netra(t, nil, "keywords", "publish", "pertama").expect(t, exitDone, "publication 1")
	netra(t, nil, "train", "--from-decisions").expect(t, exitFails, "too few decisions", "support: 5 confirmed, 0 dismissed", "at least 20")
	if r := netra(t, nil, "keywords", "log"); strings.Contains(r.out, "draft:learned") {
		t.Errorf("a draft was made of nothing: %s", r.out)
	}
}
