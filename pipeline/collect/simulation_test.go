package collect_test

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/netra-id/netra/pipeline/collect"
)

var (
	simulatedAccounts = flag.Int("sim.accounts", 1000, "accounts of the simulation of the scheduler")
	simulatedDays     = flag.Int("sim.days", 3, "days of the simulation, 3 or more")
	simulatedReport   = flag.String("sim.report", "", "file for the simulation's table")
)

// simulatedPlatform is a platform of the simulation: its share of 100,000
// accounts, and what it allows for so many.
type simulatedPlatform struct {
	name      string
	accounts  int
	quota     collect.Quota
	rate      float64
	hosts     int
	perWindow int
	interval  time.Duration
	most      time.Duration
	away      collect.Period
}

// simulatedPlatforms are as the platforms' limits are that Netra knows.
func simulatedPlatforms(start time.Time) []simulatedPlatform {
	hour := func(n int) time.Time { return start.Add(time.Duration(n) * time.Hour) }
	return []simulatedPlatform{
		{name: "youtube", accounts: 8000, quota: collect.Quota{Units: 10000, TimeZone: "America/Los_Angeles"}, interval: time.Hour, most: 24 * time.Hour},
		{name: "facebook", accounts: 25000, quota: collect.Quota{Units: 48000}, interval: time.Hour, most: 24 * time.Hour},
		{name: "x", accounts: 12000, quota: collect.Quota{Units: 20000}, interval: time.Hour, most: 24 * time.Hour},
		{name: "threads", accounts: 5000, quota: collect.Quota{Units: 24000}, interval: time.Hour, most: 24 * time.Hour},
		{name: "telegram", accounts: 20000, rate: 1, interval: time.Hour, most: 12 * time.Hour, away: collect.Period{From: hour(30), Until: hour(32)}},
		{name: "mastodon", accounts: 5000, hosts: 50, perWindow: 300, interval: 30 * time.Minute, most: 8 * time.Hour, away: collect.Period{From: hour(26), Until: hour(32)}},
		{name: "bluesky", accounts: 10000, perWindow: 3000, interval: 30 * time.Minute, most: 8 * time.Hour},
		{name: "rss", accounts: 15000, interval: time.Hour, most: 12 * time.Hour},
	}
}

// TestSimulationKeepsQuotasAndStarvesNobody runs the real scheduler, intake and
// state over days of a virtual clock, with a restart, platforms that are away,
// and a silent period.
func TestSimulationKeepsQuotasAndStarvesNobody(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes some seconds")
	}
	path := filepath.Join(t.TempDir(), "s.db")
	began := time.Now()
	var report string
	synctest.Test(t, func(t *testing.T) {
		start := time.Date(2024, 11, 21, 0, 0, 0, 0, time.UTC)
		time.Sleep(time.Until(start))
		s := newSimulation(start, *simulatedAccounts, *simulatedDays)
		s.run(t, path, start.Add(36*time.Hour+7*time.Minute))
		s.run(t, path, s.period.Until) // after a restart
		report = s.check(t)
	})
	report = fmt.Sprintf("%s\n%d accounts, %d days, in %s\n", report, *simulatedAccounts, *simulatedDays, time.Since(began).Round(time.Second))
	t.Log("\n" + report)
	if *simulatedReport != "" {
		if err := os.WriteFile(*simulatedReport, []byte(report), 0o600); err != nil {
			t.Error(err)
		}
	}
}

type simulation struct {
	period    collect.Period
	platforms []*simulated
	schedules []collect.Schedule
	arrivals  *arrivals
	silence   silence
}

func newSimulation(start time.Time, accounts, days int) *simulation {
	s := &simulation{period: collect.Period{From: start, Until: start.Add(time.Duration(days) * 24 * time.Hour)}}
	s.silence.from = s.period.Until.Add(-24 * time.Hour)
	byName := map[string]*simulated{}
	random := rand.New(rand.NewPCG(6, uint64(accounts))) //nolint:gosec // the same every time
	for _, p := range simulatedPlatforms(start) {
		part := float64(accounts) / 100000
		p.quota.Units = int(float64(p.quota.Units) * part)
		if p.hosts == 0 { // an instance of its own keeps its limit, however many accounts it has
			p.perWindow = int(float64(p.perWindow) * part)
		}
		platform := newSimulated(p, p.accounts*accounts/100000, s.period, random)
		byName[p.name] = platform
		s.platforms = append(s.platforms, platform)
		s.schedules = append(s.schedules, collect.Schedule{
			Source: platform, Interval: p.interval, MinInterval: p.interval / 4, MaxInterval: p.most, Jitter: 0.1,
			Rate: p.rate * part, Quota: p.quota, Concurrency: 16, CircuitAfter: 10, Refresh: 30 * time.Minute,
		})
	}
	s.arrivals = &arrivals{
		times: map[string]time.Time{}, delays: map[string][]time.Duration{}, settled: start.Add(24 * time.Hour), silentFrom: s.silence.from,
		platformOf: func(account string) *simulated { return byName[strings.TrimRight(account, "0123456789")] },
	}
	return s
}

func (s *simulation) run(t *testing.T, path string, until time.Time) {
	t.Helper()
	state := openState(t, path)
	c, err := collect.New(collect.DefaultConfiguration(), s.schedules, collect.Dependencies{
		Logger: slog.New(slog.NewTextHandler(io.Discard, nil)), Registerer: prometheus.NewRegistry(), State: state,
		Roster: everybody{}, Producer: s.arrivals, Rejecter: s.arrivals, Calendar: s.silence,
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithDeadline(t.Context(), until)
	defer cancel()
	if err := c.Run(ctx); err != nil {
		t.Error(err)
	}
	if err := state.Close(); err != nil {
		t.Error(err)
	}
}

// check fails the test where a limit was not kept, an account was forgotten, or
// a post was lost or came twice, and returns the table of delays.
func (s *simulation) check(t *testing.T) string {
	t.Helper()
	var table strings.Builder
	table.WriteString("| platform | accounts | requests a day | allowed a day | posts | delay: median | 99% | longest without a visit |\n")
	table.WriteString("|---|---:|---:|---:|---:|---:|---:|---:|\n")
	days := s.period.Until.Sub(s.period.From).Hours() / 24
	for n, p := range s.platforms {
		if p.tooMany > 0 {
			t.Errorf("%s was asked %d times more than it allows", p.name, p.tooMany)
		}
		longest := p.longestUnvisited(s.period)
		if most := s.mostWithoutVisit(n); longest > most {
			t.Errorf("%s: an account waited %s for a visit, want %s at most", p.name, longest, most)
		}
		s.checkPosts(t, p, s.mostWithoutVisit(n))
		delays := s.arrivals.delays[p.name]
		fmt.Fprintf(&table, "| %s | %d | %.0f | %s | %d | %s | %s | %s |\n", p.name, len(p.accounts), float64(p.visits)/days,
			allowedADay(&s.schedules[n], p), len(delays), quantile(delays, 0.5), quantile(delays, 0.99), longest.Round(time.Minute))
	}
	if s.arrivals.twice > 0 {
		t.Errorf("%d posts came twice", s.arrivals.twice)
	}
	before, silent := quantile(s.arrivals.before, 0.5), quantile(s.arrivals.silent, 0.5)
	if silent >= before {
		t.Errorf("in the silent period the median delay of its region is %s, before %s", silent, before)
	}
	all := slices.Concat(s.arrivals.delays["youtube"], nil)
	for _, p := range s.platforms[1:] {
		all = append(all, s.arrivals.delays[p.name]...)
	}
	fmt.Fprintf(&table, "\nAll posts: median %s, 99%% %s. Accounts of the region in its silent period: median %s, 99%% %s (before it: median %s, 99%% %s).\n",
		quantile(all, 0.5), quantile(all, 0.99), silent, quantile(s.arrivals.silent, 0.99), before, quantile(s.arrivals.before, 0.99))
	return table.String()
}

// mostWithoutVisit is how long an account of the platform may wait: its longest
// interval, which all the simulated quotas allow, with its jitter and repeated
// failures, and what the platform was away.
func (s *simulation) mostWithoutVisit(n int) time.Duration {
	schedule, p := &s.schedules[n], s.platforms[n]
	return schedule.MaxInterval*5/4 + p.away.Until.Sub(p.away.From) + time.Hour
}

// checkPosts fails the test where a post is missing that there was time for.
func (s *simulation) checkPosts(t *testing.T, p *simulated, late time.Duration) {
	t.Helper()
	missing := 0
	for _, a := range p.accounts {
		if a.ended != "" {
			continue
		}
		for n, at := range a.posts {
			if _, ok := s.arrivals.times[fmt.Sprintf("web:%s:%d", a.ID, n)]; !ok && at.Before(s.period.Until.Add(-late)) {
				missing++
			}
		}
	}
	if missing > 0 {
		t.Errorf("%s: %d posts older than %s are missing", p.name, missing, late)
	}
}

func allowedADay(schedule *collect.Schedule, p *simulated) string {
	switch {
	case schedule.Quota.Units > 0:
		return fmt.Sprint(schedule.Quota.Units)
	case schedule.Rate > 0:
		return fmt.Sprintf("%.0f", schedule.Rate*24*60*60)
	case p.perWindow > 0:
		return fmt.Sprint(p.perWindow * 288 * max(p.hosts, 1))
	}
	return "any"
}
