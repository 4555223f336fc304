// Package mastodon collects the public statuses of the roster's accounts on
// Mastodon and on what speaks its client API: posts, replies, boosts and quotes.
// It asks the instance where an account is at home, for what is newer than what
// it has seen, oldest first, and looks now and then whether the account was
// moved or suspended and which statuses were edited. It sees no statuses for
// followers only, follows nobody, and does not learn of deleted statuses. The
// package sources builds it.
package mastodon

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/netra-id/netra/pipeline/collect"
	"github.com/netra-id/netra/pipeline/collect/fetch"
	"github.com/netra-id/netra/pipeline/collect/secret"
)

const platform = "mastodon"

// pageSize is the most statuses that one answer holds.
const pageSize = 40

// Source is a collect.Source of the roster's accounts on Mastodon.
type Source struct {
	name      string
	cfg       Configuration
	accounts  collect.Accounts
	client    *fetch.Client
	instances map[string]*instance
	domains   []string
}

// instance is one server.
type instance struct {
	domain, base string
	token        *secret.Secret
}

// New builds a source; cfg has been validated. It fails where a token cannot be
// read.
func New(name string, cfg Configuration, accounts collect.Accounts, metrics *fetch.Metrics) (*Source, error) {
	s := &Source{name: name, cfg: cfg, accounts: accounts, instances: map[string]*instance{}, domains: domainsOf(cfg.Instances)}
	asking := cfg.Fetch
	asking.Hosts = slices.Clone(asking.Hosts)
	for _, i := range cfg.Instances {
		token, err := i.Open()
		if err != nil {
			return nil, fmt.Errorf("instance %s: %w", i.Domain, err)
		}
		u, err := url.Parse(i.BaseURL)
		if err != nil {
			return nil, fmt.Errorf("instance %s: %w", i.Domain, err)
		}
		asking.Hosts = append(asking.Hosts, u.Hostname())
		domain := strings.ToLower(i.Domain)
		s.instances[domain] = &instance{domain: domain, base: strings.TrimSuffix(i.BaseURL, "/"), token: token}
	}
	s.client = fetch.New(name, asking, metrics)
	return s, nil
}

// Name returns the source's name.
func (s *Source) Name() string { return s.name }

// Close ends idle connections.
func (s *Source) Close() { s.client.Close() }

// Targets lists the accounts, each with the instance that is asked for it.
func (s *Source) Targets(ctx context.Context) ([]collect.Target, error) {
	targets, err := collect.AccountTargets(ctx, s.accounts, platform)
	for n := range targets {
		if h, err := s.homeOf(targets[n].Owner); err == nil {
			targets[n].Host = h.domain
		}
	}
	return targets, err
}

// state is what is remembered of an account; as JSON it is its cursor.
type state struct {
	// Native is the account's id on its instance.
	Native string `json:"native,omitempty"`
	Handle string `json:"handle,omitempty"`
	// Newest is the id of the newest status that was collected, or one between
	// those of the time before and after which statuses are collected.
	Newest string `json:"newest,omitempty"`
	// Checked is when the account was last looked up and its newest statuses
	// were read again.
	Checked time.Time `json:"checked,omitzero"`
	// Done says that a backfill is complete.
	Done bool `json:"done,omitempty"`
}

// Collect emits the statuses that are newer than the cursor, oldest first.
func (s *Source) Collect(ctx context.Context, target collect.Target, cursor collect.Cursor, sink collect.Sink) (collect.Result, error) {
	v, err := s.visit(target, cursor, sink)
	if err != nil {
		return collect.Result{}, err
	}
	known := v.Newest != ""
	looked, err := v.lookUp(ctx)
	if err != nil {
		return collect.Result{}, err
	}
	result := collect.Result{Handle: v.shown()}
	if !known {
		if result.Gaps, err = v.begin(ctx); err != nil {
			return collect.Result{}, err
		}
	}
	more, err := v.newer(ctx, collect.Period{}, v.cfg.MaxPages)
	if err != nil || more {
		result.Next = time.Second
		return result, err
	}
	if looked {
		if err := v.edited(ctx, known); err != nil {
			return collect.Result{}, err
		}
	}
	return result, v.ended
}

// Backfill emits the statuses of a period, oldest first.
func (s *Source) Backfill(ctx context.Context, target collect.Target, period collect.Period, cursor collect.Cursor, sink collect.Sink) (collect.Result, error) {
	v, err := s.visit(target, cursor, sink)
	if err != nil || v.Done {
		return collect.Result{}, err
	}
	if _, err := v.lookUp(ctx); err != nil {
		return collect.Result{}, err
	}
	if v.Newest == "" {
		v.Newest = idAt(period.From)
	}
	if _, err := v.newer(ctx, period, math.MaxInt); err != nil {
		return collect.Result{}, err
	}
	v.Done = true
	return collect.Result{}, v.emit(ctx, nil)
}

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
