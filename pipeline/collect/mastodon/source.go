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
	"fmt"
	"math"
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
		result.Next, result.More = time.Second, more
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
