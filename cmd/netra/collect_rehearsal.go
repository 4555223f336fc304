package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"github.com/netra-id/netra/pipeline/collect"
	"github.com/netra-id/netra/pipeline/collect/sources"
	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/roster"
)

// rehearseCollecting shows what the flags' order would bring.
func (a *app) rehearseCollecting(ctx context.Context, o *collectOptions) error {
	order, err := o.order()
	if err != nil {
		return usage(err)
	}
	known, err := a.rosterFor(ctx, o.roster)
	if err != nil {
		return err
	}
	state, closeState, err := a.stateToRead(ctx)
	if err != nil {
		return err
	}
	defer closeState()
	schedules, err := sources.Build(a.cfg.Collect.Sources, sources.Dependencies{
		Logger: a.log, Registerer: a.registry, Accounts: rosterAccounts{func() *roster.Roster { return known }},
	})
	if err != nil {
		return usage(err)
	}
	collector, err := collect.New(a.cfg.Collect.Configuration, schedules, collect.Dependencies{
		Logger: a.log, Registerer: a.registry, State: state, Roster: known,
	})
	if err != nil {
		return usage(err)
	}
	display := newRehearsalDisplay(a.out, o.format, o.limit)
	order.Show = display.show
	round, err := collector.Round(ctx, order)
	if err != nil {
		return orderError(err)
	}
	if err := display.end(); err != nil {
		return err
	}
	return a.reportRehearsal(&round, display.left)
}

func (a *app) reportRehearsal(round *collect.Round, left int) error {
	for n := range round.Visits {
		if v := &round.Visits[n]; v.Err != nil || len(v.Gaps) > 0 {
			_, _ = fmt.Fprintln(a.errOut, describeVisit(v))
		}
	}
	sum := round.Tally()
	line := fmt.Sprintf("dry run: %d targets, %d items, %d would be sent%s%s; nothing was sent", len(round.Visits), sum.Items, sum.Sent,
		causes("dropped", sum.Dropped), causes("rejected", sum.Rejected))
	if left > 0 {
		line += fmt.Sprintf("; %d not shown (--limit)", left)
	}
	if round.Waiting > 0 {
		line += fmt.Sprintf("; %d not due (--all shows them, too)", round.Waiting)
	}
	_, _ = fmt.Fprintln(a.errOut, line)
	if round.Failed() > 0 || round.Paused > 0 {
		return fails()
	}
	return nil
}

// rosterFor returns the roster of a file, or that of the store.
func (a *app) rosterFor(ctx context.Context, file string) (*roster.Roster, error) {
	if file != "" {
		if err := readable([]string{file}); err != nil {
			return nil, err
		}
		entries, err := parseRoster(file, make([]byte, roster.MinKeyBytes))
		if err != nil {
			return nil, usage(err)
		}
		return roster.New(entries), nil
	}
	s, err := a.newStore()
	if err != nil {
		return nil, err
	}
	defer func() { _ = s.Close() }()
	holder := roster.NewHolder(a.cfg.Roster, s, a.log, a.registry)
	if err := a.loadRoster(ctx, holder); err != nil {
		return nil, err
	}
	if holder.Roster().Len() == 0 {
		return nil, usage(errors.New("the roster is empty, so nobody's posts would be collected: first `netra roster import FILE`, or --roster FILE"))
	}
	return holder.Roster(), nil
}

// stateToRead opens the collector's state where there is one, else an empty one
// that is gone afterwards: looking leaves no trace.
func (a *app) stateToRead(ctx context.Context) (*collect.State, func(), error) {
	path, remove := a.cfg.Path("collect.db"), func() {}
	if _, err := os.Stat(path); err != nil {
		folder, err := os.MkdirTemp("", "netra-rehearsal-*")
		if err != nil {
			return nil, nil, fmt.Errorf("make a folder for the rehearsal: %w", err)
		}
		path, remove = filepath.Join(folder, "collect.db"), func() { _ = os.RemoveAll(folder) }
	}
	state, err := collect.OpenState(ctx, path)
	if err != nil {
		remove()
		return nil, nil, err
	}
	return state, func() {
		a.logged("the collector's state did not close", state.Close())
		remove()
	}, nil
}

// rehearsalDisplay shows items as a table or as JSON lines.
type rehearsalDisplay struct {
	out   io.Writer
	table *tabwriter.Writer // nil for JSON lines
	limit int
	shown int
	left  int
	err   error
}

func newRehearsalDisplay(out io.Writer, format string, limit int) *rehearsalDisplay {
	d := &rehearsalDisplay{out: out, limit: limit}
	if format == "table" {
		d.table = tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	}
	return d
}

// wouldBe is one line of JSON.
type wouldBe struct {
	Would  string        `json:"would"` // send, drop, reject
	Cause  collect.Cause `json:"cause,omitempty"`
	Reason string        `json:"reason,omitempty"`
	Source string        `json:"source"`
	Target string        `json:"target"`
	// Position is where the item was found.
	Position string     `json:"position,omitempty"`
	Post     *post.Post `json:"post,omitempty"`
}

func (d *rehearsalDisplay) show(s collect.Shown) {
	if d.err != nil {
		return
	}
	if d.limit > 0 && d.shown >= d.limit {
		d.left++
		return
	}
	d.shown++
	line := wouldBe{Would: "send", Source: s.Source, Target: s.Target, Position: s.Item.Position}
	switch {
	case s.Rejected != "":
		line.Would, line.Cause, line.Reason = "reject", s.Rejected, s.Reason
	case s.Dropped != "":
		line.Would, line.Cause = "drop", s.Dropped
	}
	if s.Item.Err == nil && s.Dropped != collect.CauseNotInRoster { // what strangers wrote is not shown
		line.Post = &s.Item.Post
	}
	if d.table == nil {
		d.err = json.NewEncoder(d.out).Encode(line)
		return
	}
	d.row(&line)
}

func (d *rehearsalDisplay) row(line *wouldBe) {
	if d.shown == 1 {
		_, d.err = fmt.Fprintln(d.table, "DATE (WIB)\tACCOUNT\tKIND\tWOULD\tTEXT\tADDRESS")
	}
	would := line.Would
	if line.Cause != "" {
		would += ": " + string(line.Cause)
	}
	date, account, kind, text, address := "-", line.Target, "-", line.Reason, line.Position
	if p := line.Post; p != nil {
		date, account, kind, address = when(p.CreatedAt), p.Account.ID, string(p.Kind), p.URL
		if p.Account.Handle != "" {
			account = p.Account.Handle
		}
		if text == "" {
			text = p.Text
		}
		if text == "" && p.Quoted != "" {
			text = "» " + p.Quoted
		}
	}
	cells := []string{date, account, kind, would, shorten(text, 60), address}
	for n := range cells {
		cells[n] = plain(cells[n], "")
	}
	_, err := fmt.Fprintln(d.table, strings.Join(cells, "\t"))
	d.err = errors.Join(d.err, err)
}

func (d *rehearsalDisplay) end() error {
	if d.table == nil || d.err != nil {
		return d.err
	}
	return d.table.Flush()
}

// shorten cuts a text to so many characters, on one line.
func shorten(s string, most int) string {
	s = strings.Join(strings.Fields(s), " ")
	if runes := []rune(s); len(runes) > most {
		return string(runes[:most-1]) + "…"
	}
	return s
}
