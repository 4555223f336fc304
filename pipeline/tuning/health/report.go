package health

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/netra-id/netra/pipeline/backtest"
	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/store"
)

// New makes the report for a time.
func New(ctx context.Context, cfg Configuration, data Data, in InForce, at time.Time) (Report, error) {
	until := End(at)
	hits, err := data.RuleHits(ctx, until, cfg.Days)
	if err != nil {
		return Report{}, fmt.Errorf("count what rules found: %w", err)
	}
	posts, err := data.PostDays(ctx, until, cfg.Days)
	if err != nil {
		return Report{}, fmt.Errorf("count posts: %w", err)
	}
	decisions, err := data.RuleDecisions(ctx, until, 7*cfg.Weeks)
	if err != nil {
		return Report{}, fmt.Errorf("count decisions: %w", err)
	}
	return Of(cfg, in, at, Counts{Hits: hits, Posts: posts, Decisions: decisions}), nil
}

// Counts are what a report is made of.
type Counts struct {
	Hits      []store.RuleHit
	Posts     []store.PostDay
	Decisions []store.RuleDecision
}

// End is the end of the last day of a report for a time: posts are counted by the
// hour, so that it is the end of the hour.
func End(at time.Time) time.Time {
	end := at.UTC().Truncate(time.Hour)
	if end.Before(at) {
		end = end.Add(time.Hour)
	}
	return end
}

// Of makes the report for a time of counts that end at End of it.
func Of(cfg Configuration, in InForce, at time.Time, counts Counts) Report {
	r := &reporter{cfg: cfg, at: at.UTC(), until: End(at), posts: make([]int, cfg.Days), rows: map[rowKey]*Row{}, fresh: map[rowKey]backtest.Precision{}}
	for _, day := range counts.Posts {
		if day.Day >= 0 && int(day.Day) < cfg.Days {
			r.posts[day.Day] += int(day.Posts) //nolint:gosec // fits: posts of a day
		}
	}
	r.all = r.newRow(rowKey{store.HitFlag, ""})
	r.models = in.Models
	r.enforce(in)
	for _, hit := range counts.Hits {
		r.hit(hit)
	}
	for _, decision := range counts.Decisions {
		r.decide(decision)
	}
	r.alarm(in)
	return r.report(in)
}

type rowKey struct{ kind, source string }

type reporter struct {
	cfg   Configuration
	at    time.Time
	until time.Time
	posts []int // by days back
	all   *Row
	// models is when the models came in force as they are.
	models time.Time
	rows   map[rowKey]*Row
	// fresh are the decisions on what was flagged since the row last changed.
	fresh map[rowKey]backtest.Precision
}

// newRow is an empty row with its days and weeks, the newest last.
func (r *reporter) newRow(key rowKey) *Row {
	row := &Row{Name: key.source, Kind: key.kind, Days: make([]Day, r.cfg.Days), Weeks: make([]Week, r.cfg.Weeks)}
	for i := range row.Days {
		back := r.cfg.Days - i
		row.Days[i] = Day{From: r.until.Add(-time.Duration(back) * 24 * time.Hour), Posts: r.posts[back-1]}
	}
	for i := range row.Weeks {
		row.Weeks[i].From = r.until.Add(-time.Duration(r.cfg.Weeks-i) * 7 * 24 * time.Hour)
	}
	return row
}

// enforce makes a row for every rule and list in force. A list is as old as its
// oldest rule, and changed when one of its rules did.
func (r *reporter) enforce(in InForce) {
	for _, rule := range in.Rules {
		row := r.newRow(rowKey{store.HitRule, rule.Source()})
		row.Label, row.InForce, row.Since, row.Changed = rule.List.Label, true, rule.Since, rule.Changed
		r.rows[rowKey{store.HitRule, rule.Source()}] = row
		key := rowKey{store.HitList, rule.List.Name}
		list, there := r.rows[key]
		if !there {
			list = r.newRow(key)
			list.Label, list.InForce, list.Since, list.Changed = rule.List.Label, true, rule.Since, rule.Changed
			r.rows[key] = list
		}
		if rule.Since.Before(list.Since) {
			list.Since = rule.Since
		}
		if rule.Changed.After(list.Changed) {
			list.Changed = rule.Changed
		}
	}
}

// row finds the row of a source, and makes one for what is not in force.
func (r *reporter) row(kind, source string) *Row {
	if kind == store.HitFlag {
		return r.all
	}
	key := rowKey{kind, source}
	row := r.rows[key]
	if row != nil {
		return row
	}
	row = r.newRow(key)
	list, _, isRule := strings.Cut(source, "/")
	switch {
	case kind == store.HitList, isRule:
		row.Label = labelNamed(list)
	case labelNamed(source) != "":
		row.Kind, row.Label, row.InForce = KindModel, post.Label(source), true
		row.Changed = r.models
	default:
		row.Kind, row.Label, row.InForce = KindClaim, post.Hoax, true
	}
	r.rows[key] = row
	return row
}

// labelNamed is the label of that name, empty where there is none.
func labelNamed(name string) post.Label {
	if slices.Contains(post.Labels, post.Label(name)) {
		return post.Label(name)
	}
	return ""
}

func (r *reporter) hit(hit store.RuleHit) {
	row := r.row(hit.Kind, hit.Source)
	n := int(hit.Hits) //nolint:gosec // fits: posts
	row.Hits += n
	if hit.Last.After(row.LastHit) {
		row.LastHit = hit.Last.UTC()
	}
	if hit.Day >= 0 && int(hit.Day) < r.cfg.Days {
		row.Days[r.cfg.Days-1-int(hit.Day)].Hits += n
		row.Hits30d += n
	}
	if hit.Day == 0 {
		row.Hits24h += n
	}
}

func (r *reporter) decide(d store.RuleDecision) {
	row := r.row(d.Kind, d.Source)
	if d.Label != "" && row != r.all && row.Label != post.Label(d.Label) {
		return
	}
	n := int(d.Decisions) //nolint:gosec // fits: decisions of people
	add := func(p *backtest.Precision) {
		if d.Confirmed {
			p.Confirmed += n
		} else {
			p.Dismissed += n
		}
	}
	add(&row.Precision)
	if week := int(d.Day) / 7; d.Day >= 0 && week < r.cfg.Weeks {
		add(&row.Weeks[r.cfg.Weeks-1-week].Precision)
	}
	if !d.FlaggedHour.Before(row.Changed.Truncate(time.Hour)) {
		key := rowKey{d.Kind, d.Source}
		fresh := r.fresh[key]
		add(&fresh)
		r.fresh[key] = fresh
	}
}

// alarm finds the alarms of what is in force.
func (r *reporter) alarm(in InForce) {
	r.alarmChanges()
	for key, row := range r.rows {
		if fresh := r.fresh[key]; row.InForce && fresh.Confirmed == 0 && fresh.Dismissed >= r.cfg.LeastDismissed {
			row.Alarms = append(row.Alarms, Alarm{Kind: OnlyDismissed, Dismissed: fresh.Dismissed})
		}
	}
	from := r.until.Add(-time.Duration(r.cfg.Days) * 24 * time.Hour)
	if total(r.posts) == 0 {
		return
	}
	for _, rule := range in.Rules {
		row := r.rows[rowKey{store.HitRule, rule.Source()}]
		since := rule.Since
		if rule.Changed.After(since) {
			since = rule.Changed
		}
		whole := !since.IsZero() && !since.After(from) && !rule.From.After(from) && (rule.Until.IsZero() || !rule.Until.Before(r.until))
		if whole && row.Hits30d == 0 {
			row.Alarms = append(row.Alarms, Alarm{Kind: NeverMatched, Days: r.cfg.Days})
		}
	}
}

func total(counts []int) (sum int) {
	for _, n := range counts {
		sum += n
	}
	return sum
}

// alarmChanges compares the rate of the last day with the days before, of all
// that is in force and had hits. A change is told where it is not by chance, is
// large, and goes beyond each of the days of the past.
func (r *reporter) alarmChanges() {
	var changed []*Row
	var alarms []Alarm
	var chances []float64
	for _, key := range r.keys() {
		row := r.rows[key]
		alarm, beyond, ok := r.change(row)
		if !row.InForce || !ok {
			continue
		}
		changed, alarms = append(changed, row), append(alarms, alarm)
		chances = append(chances, alarm.P)
		if !beyond {
			alarms[len(alarms)-1].Kind = ""
		}
	}
	for i, p := range corrected(chances) {
		if alarms[i].Kind != "" && p <= r.cfg.Alpha {
			alarms[i].P = p
			changed[i].Alarms = append(changed[i].Alarms, alarms[i])
		}
	}
}

// change compares the last day of a row with its past. Beyond is false where the
// rate lies within those of the past days; ok is false where nothing can be told.
func (r *reporter) change(row *Row) (alarm Alarm, beyond, ok bool) {
	days := row.Days
	last, past := days[len(days)-1], days[max(len(days)-1-r.cfg.PastDays, 0):len(days)-1]
	a := Alarm{Hits: last.Hits, Posts: last.Posts}
	least, most, counted := math.Inf(1), 0.0, 0
	for _, day := range past {
		if day.Posts == 0 || day.From.Before(row.Changed) {
			continue
		}
		counted++
		a.PastHits += day.Hits
		a.PastPosts += day.Posts
		rate := float64(day.Hits) / float64(day.Posts)
		least, most = min(least, rate), max(most, rate)
	}
	if last.Posts == 0 || counted < r.cfg.LeastDays || a.Hits+a.PastHits == 0 {
		return a, false, false
	}
	a.P = burstyChance(a, burstiness(past, row.Changed))
	now, before := float64(a.Hits)/float64(a.Posts), float64(a.PastHits)/float64(a.PastPosts)
	a.Kind = Rise
	beyond = now > most && now >= r.cfg.Times*before
	if now < before {
		a.Kind = Drop
		beyond = now < least && now*r.cfg.Times <= before
	}
	return a, beyond, true
}

// keys lists the rows in the order of their names.
func (r *reporter) keys() []rowKey {
	keys := make([]rowKey, 0, len(r.rows))
	for key := range r.rows {
		keys = append(keys, key)
	}
	slices.SortFunc(keys, func(a, b rowKey) int { return cmp.Or(cmp.Compare(a.kind, b.kind), cmp.Compare(a.source, b.source)) })
	return keys
}

func (r *reporter) report(in InForce) Report {
	finish(r.all)
	report := Report{
		At: r.at, Version: in.Version, Days: r.all.Days, Flags: r.all.Hits, Precision: r.all.Precision, Lists: []Row{}, Rules: []Row{},
	}
	for _, key := range r.keys() {
		row := r.rows[key]
		finish(row)
		if r.all.Hits > 0 {
			row.Share = float64(row.Hits) / float64(r.all.Hits)
		}
		if key.kind == store.HitList {
			report.Lists = append(report.Lists, *row)
			continue
		}
		report.Rules = append(report.Rules, *row)
	}
	order := func(a, b Row) int {
		return cmp.Or(cmp.Compare(len(b.Alarms), len(a.Alarms)), cmp.Compare(b.Hits, a.Hits))
	}
	slices.SortStableFunc(report.Lists, order)
	slices.SortStableFunc(report.Rules, order)
	return report
}

// finish works out shares and intervals.
func finish(row *Row) {
	row.Precision = backtest.PrecisionOf(row.Precision.Confirmed, row.Precision.Dismissed)
	for i := range row.Weeks {
		row.Weeks[i].Precision = backtest.PrecisionOf(row.Weeks[i].Confirmed, row.Weeks[i].Dismissed)
	}
}
