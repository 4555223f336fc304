package console

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/review"
	"github.com/netra-id/netra/pipeline/store"
)

const (
	// exportedAtOnce are read at once of items and of decisions, accountsAtOnce of
	// accounts.
	exportedAtOnce = review.MostPage
	accountsAtOnce = 20_000
	// exportSeparator stands between several values of one cell.
	exportSeparator = "; "
)

// exportQueue sends the items of the queue's filter in its order: what the list
// shows to the same person.
func (c *Console) exportQueue(w http.ResponseWriter, r *http.Request) error {
	f, see := c.readQueueFilter(r), c.reader(r)
	detail := chosenDetail(f.values)
	detail["sort"] = string(f.sort)
	return c.export(w, r, exported{
		name: "queue", zone: c.zone, detail: detail,
		head: []string{
			"id", "status", "label", "score", "contestant", "region_code", "region", "agency", "platform", "language", "handle", "account",
			"created", "flagged", "opened", "due", "decided", "copies", "holder", "assignee", "rules", "lists", "excerpt",
		},
		rows: func(ctx context.Context, emit func(cells ...any) error) error {
			for cursor := ""; ; {
				page, err := c.review.List(ctx, see.who, f.review(), f.sort, cursor, exportedAtOnce)
				if err != nil {
					return refused("export the queue", err)
				}
				for i := range page.Items {
					if err := emit(see.itemCells(&page.Items[i])...); err != nil {
						return err
					}
				}
				if cursor = page.Next; cursor == "" {
					return nil
				}
			}
		},
	})
}

func (v reader) itemCells(item *review.Item) []any {
	holder := ""
	if item.HeldUntil.After(v.now) && waits(item.Status) {
		holder = item.Holder
	}
	return []any{
		item.ID, v.status(item.Status), v.labelList(item.Labels), item.Score, strings.Join(item.Contestants, exportSeparator), item.Region, v.regionName(item.Region),
		item.Agency, v.platform(item.Platform), item.Language, item.Handle, item.Account, item.CreatedAt, item.FlaggedAt, item.OpenedAt,
		item.Due, item.Decided, item.Copies, holder, item.Assignee, strings.Join(item.Rules, exportSeparator), item.Lists, item.Excerpt,
	}
}

func (v reader) labelList(labels []post.Label) string {
	names := make([]string, len(labels))
	for i, label := range labels {
		names[i] = v.label(string(label))
	}
	return strings.Join(names, exportSeparator)
}

// exportDecisions sends the decisions of a period. Those that the reader must not
// know yet, since items wait for a second opinion, are left out.
func (c *Console) exportDecisions(w http.ResponseWriter, r *http.Request) error {
	f, see := c.readSuperviseFilter(r, "/supervise", zoneOf(zoneNames[0], review.Zone), byRegion), c.reader(r)
	return c.export(w, r, exported{
		name: "decisions", zone: f.zone, detail: f.detail(),
		head: []string{
			"decision", "id", "at", "made_by", "round", "verdict", "verdict_label", "neutrality_rule", "cause", "same", "note", "replaces", "withdrawn", "current",
			"status", "label", "region_code", "region", "agency", "platform", "language", "handle", "account", "created", "rules", "lists",
		},
		rows: func(ctx context.Context, emit func(cells ...any) error) error {
			for after := int64(0); ; {
				made, next, err := c.review.Decisions(ctx, see.who, f.period(), after, exportedAtOnce)
				if err != nil {
					return refused("export decisions", err)
				}
				for i := range made {
					if err := emit(see.decisionCells(&made[i])...); err != nil {
						return err
					}
				}
				if after = next; after == 0 {
					return nil
				}
			}
		},
	})
}

func (v reader) decisionCells(m *review.MadeDecision) []any {
	d, item := &m.Decision, &m.Item
	verdict, cause, label := v.words.T("verdict."+string(d.Verdict)), "", ""
	if d.Withdrawn {
		verdict = v.words.T("verdict.withdrawn")
	}
	if d.Cause != "" {
		cause = v.cause(d.Cause)
	}
	if d.Label != "" {
		label = v.label(string(d.Label))
	}
	return []any{
		d.ID, item.ID, d.At, d.By, d.Round, verdict, label, d.Rule, cause, d.Same, d.Note, d.Replaces, v.yes(d.Withdrawn), v.yes(d.Current),
		v.status(item.Status), v.labelList(item.Labels), item.Region, v.regionName(item.Region), item.Agency, v.platform(item.Platform), item.Language,
		item.Handle, item.Account, item.CreatedAt, strings.Join(item.Rules, exportSeparator), item.Lists,
	}
}

func (v reader) yes(is bool) string {
	if is {
		return v.words.T("export.yes")
	}
	return v.words.T("export.no")
}

// exportCoverage sends the accounts of a filter.
func (c *Console) exportCoverage(w http.ResponseWriter, r *http.Request) error {
	f, see := c.readSuperviseFilter(r, "/coverage", c.zone, byRegion, byPlatform, byAgency, byState), c.reader(r)
	figures, err := c.figures()
	if err != nil {
		return err
	}
	return c.export(w, r, exported{
		name: "coverage", zone: f.zone, detail: f.detail(),
		head: []string{
			"platform", "account_id", "handle", "agency", "region_code", "region", "listed", "state", "source", "last_success", "last_post",
			"failures", "failing_since", "problem", "reason", "missing_hours", "missing",
		},
		rows: func(ctx context.Context, emit func(cells ...any) error) error {
			var last store.CoveredAccount
			for {
				accounts, err := figures.CoveredAccounts(ctx, see.coverageFilter(&f), last, accountsAtOnce)
				if err != nil {
					return unreachable("export coverage", err)
				}
				for i := range accounts {
					if err := emit(see.accountCells(&accounts[i])...); err != nil {
						return err
					}
				}
				if len(accounts) < accountsAtOnce {
					return nil
				}
				last = accounts[len(accounts)-1]
			}
		},
	})
}

func (v reader) accountCells(a *store.CoveredAccount) []any {
	missing := make([]string, len(a.MissingFrom))
	for i := range a.MissingFrom {
		missing[i] = a.MissingFrom[i].In(v.zone).Format(time.RFC3339) + "/" + a.MissingUntil[i].In(v.zone).Format(time.RFC3339)
		if a.MissingReason[i] != "" {
			missing[i] += " " + a.MissingReason[i]
		}
	}
	return []any{
		v.platform(a.Platform), a.AccountID, a.Handle, a.Agency, a.Region, v.regionName(a.Region), v.yes(a.Listed), v.words.T("coverage.state." + a.State),
		a.Source, a.LastSuccess, a.LastPost, a.Failures, a.FailingSince, a.Problem, v.coverageReason(a), float64(int(a.MissingSeconds/36+0.5)) / 100,
		strings.Join(missing, exportSeparator),
	}
}

// exportTrends sends the numbers of the page of trends, of all values.
func (c *Console) exportTrends(w http.ResponseWriter, r *http.Request) error {
	f, see := c.readSuperviseFilter(r, "/trends", c.zone, trendNames...), c.reader(r)
	figures, err := c.figures()
	if err != nil {
		return err
	}
	return c.export(w, r, exported{
		name: "trends", zone: f.zone, detail: f.detail(),
		head: []string{"from", "step", "by", "value", "name", "flagged_posts", "posts", "rate"},
		rows: func(ctx context.Context, emit func(cells ...any) error) error {
			kind, step := f.kind(), f.step()
			trends, err := figures.Trends(ctx, see.trendQuery(&f, kind, step))
			if err != nil {
				return unreachable("export trends", err)
			}
			for _, t := range trends {
				if t.Flagged == 0 && (kind == byLabel || kind == byContestant) {
					continue // the denominator alone
				}
				var rate any
				if t.Posts > 0 {
					rate = perPosts * float64(t.Flagged) / float64(t.Posts)
				}
				if err := emit(trendTime(t.At, f.zone), see.words.T("trends.step."+step), see.words.T("trends.by."+kind), t.Value,
					see.trendName(kind, t.Value), t.Flagged, t.Posts, rate); err != nil {
					return err
				}
			}
			return nil
		},
	})
}

// detail is the period and what else was chosen, for the audit log.
func (f *superviseFilter) detail() map[string]string {
	detail := chosenDetail(f.values)
	detail["period"] = fmt.Sprintf("%s %s", f.firstDay(), f.lastDay())
	return detail
}
