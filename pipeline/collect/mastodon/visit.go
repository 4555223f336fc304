package mastodon

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/netra-id/netra/pipeline/collect"
	"github.com/netra-id/netra/pipeline/collect/fetch"
)

// visit is one visit of an account.
type visit struct {
	*Source
	state
	home  home
	owner collect.Account
	sink  collect.Sink
	// ended is why nothing more will come of the account, which is said when
	// what there is has been collected.
	ended error
}

func (s *Source) visit(target collect.Target, cursor collect.Cursor, sink collect.Sink) (*visit, error) {
	v := &visit{Source: s, owner: target.Owner, sink: sink}
	if v.owner.ID == "" {
		v.owner.ID = target.ID
	}
	if cursor != nil {
		if err := json.Unmarshal(cursor, &v.state); err != nil {
			return nil, fmt.Errorf("cursor of account %s: %w", target.ID, err)
		}
	}
	var err error
	v.home, err = s.homeOf(v.owner)
	return v, err
}

// shown is the account's handle as the instance shows it, in the roster's words
// where it is the same.
func (v *visit) shown() string {
	if same, err := v.homeOf(collect.Account{Handle: v.owner.Handle}); err == nil && strings.EqualFold(same.String(), v.Handle) {
		return v.owner.Handle
	}
	return v.Handle
}

// since is where the first visit begins.
func (v *visit) since() time.Time {
	since := time.Now().Add(-v.cfg.History)
	if v.owner.From.After(since) {
		return v.owner.From
	}
	return since
}

// lookUp asks for the account itself where that was not done for a while.
func (v *visit) lookUp(ctx context.Context) (looked bool, err error) {
	if v.Native != "" && time.Since(v.Checked).Abs() < v.cfg.Recheck {
		return false, nil
	}
	var found account
	request := v.request("/api/v1/accounts/lookup", url.Values{"acct": {v.home.acct}})
	if v.home.acct == "" {
		request = v.request("/api/v1/accounts/"+url.PathEscape(v.home.id), nil)
	}
	if _, err := v.client.AskJSON(ctx, v.sink, request, &found); err != nil {
		return false, v.accountError(err)
	}
	return true, v.take(&found)
}

// take judges the account as it is now.
func (v *visit) take(found *account) error {
	name, _, _ := strings.Cut(found.Acct, "@")
	switch {
	case found.ID == "" || found.Acct == "":
		return collect.Errorf(collect.KindMalformed, "%s: the answer has no account", v.home)
	case v.home.acct != "" && !strings.EqualFold(name, v.home.acct):
		return collect.Errorf(collect.KindMalformed, "%s: the answer is of another account, %q", v.home, found.Acct)
	case v.Native != "" && v.Native != found.ID:
		return collect.Errorf(collect.KindRenamed, "%s is another account than before: id %s, before %s", v.home, found.ID, v.Native)
	case found.Suspended:
		return collect.Errorf(collect.KindSuspended, "%s was suspended", v.home)
	}
	v.Native, v.Handle = found.ID, handleOf(found.Acct, v.home.domain)
	if found.Moved != nil && found.Moved.Acct != "" {
		to := handleOf(found.Moved.Acct, v.home.domain)
		v.ended = &collect.Error{Kind: collect.KindRenamed, Handle: to, Err: fmt.Errorf("%s has moved to %s", v.home, to)}
	}
	return nil
}

// accountError says what a refusal to show the account means.
func (v *visit) accountError(err error) error {
	status := fetch.Status(err)
	if status == nil {
		return err
	}
	var body struct {
		Error string `json:"error"`
	}
	said := status.JSON(&body) && body.Error != ""
	switch {
	case status.Status == http.StatusNotFound && said:
		return collect.Errorf(collect.KindGone, "%s: %w", v.home, err)
	case status.Status == http.StatusGone:
		return collect.Errorf(collect.KindSuspended, "%s: %w", v.home, err)
	case status.Status == http.StatusUnauthorized || status.Status == http.StatusForbidden:
		return collect.Errorf(collect.KindRefused, "%s: the instance answers known applications only (token_env, token_file): %w", v.home, err)
	}
	return err
}

// begin finds where the first visit begins: behind the id that a status of that
// time would have. An instance whose ids are of another make is told by its
// newest statuses; it is collected from those on.
func (v *visit) begin(ctx context.Context) ([]collect.Gap, error) {
	since := v.since()
	v.Newest = idAt(since)
	newest, err := v.page(ctx, nil)
	if err != nil || newest.newest == "" || isSnowflake(newest.newest) {
		return nil, err
	}
	v.Newest = newest.newest
	if err := v.emit(ctx, newest.items); err != nil {
		return nil, err
	}
	if len(newest.items) < pageSize {
		return nil, nil
	}
	oldest := newest.items[0].Post.CreatedAt
	if oldest.Before(since) {
		return nil, nil
	}
	return []collect.Gap{{
		Period: collect.Period{From: since, Until: oldest},
		Reason: v.home.domain + " has ids that do not tell the time, so the first visit reads the newest statuses only",
	}}, nil
}

// newer emits what is newer than the newest status known, page by page, up to
// the end of the period where it has one, and to so many pages. It returns true
// where there is more.
func (v *visit) newer(ctx context.Context, period collect.Period, mostPages int) (more bool, err error) {
	for range mostPages {
		page, err := v.page(ctx, url.Values{"min_id": {v.Newest}})
		if err != nil {
			return false, err
		}
		switch {
		case page.newest == "" && len(page.items) > 0 && !page.ahead:
			return false, collect.Errorf(collect.KindMalformed, "%s: the page after status %s has no ids", v.home, v.Newest)
		case !idLess(v.Newest, page.newest):
			return false, nil
		}
		v.Newest = page.newest
		items := slices.DeleteFunc(page.items, func(i collect.Item) bool {
			return i.Err == nil && !period.Contains(i.Post.CreatedAt)
		})
		if err := v.emit(ctx, items); err != nil {
			return false, err
		}
		if !period.Until.IsZero() && !page.last.Before(period.Until) {
			return false, nil
		}
	}
	return true, nil
}

// edited emits those of the newest statuses that were edited, and notes when
// that was looked at.
func (v *visit) edited(ctx context.Context, known bool) error {
	var items []collect.Item
	if known {
		page, err := v.page(ctx, nil)
		if err != nil {
			return err
		}
		items = page.edited
	}
	v.Checked = time.Now().UTC().Truncate(time.Second)
	return v.emit(ctx, items)
}

func (v *visit) emit(ctx context.Context, items []collect.Item) error {
	cursor, err := json.Marshal(&v.state)
	if err != nil {
		return err
	}
	return v.sink.Emit(ctx, collect.Page{Items: items, Cursor: cursor})
}

func (v *visit) request(path string, query url.Values) fetch.Request {
	request := fetch.Request{URL: v.home.base + path, Query: query}
	if v.home.token.Set() {
		request.Authorize = fetch.Bearer(v.home.token.Value)
	}
	return request
}
