// Package x collects the posts of roster accounts on X through version 2 of its
// API: posts, replies, quotes and reposts from each account's timeline. It runs
// only under an agreement with X that the operator states in the configuration.
package x

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/netra-id/netra/pipeline/collect"
	"github.com/netra-id/netra/pipeline/collect/fetch"
	"github.com/netra-id/netra/pipeline/collect/piece"
	"github.com/netra-id/netra/pipeline/collect/secret"
	"github.com/netra-id/netra/pipeline/collect/sweep"
)

// Platform is the roster's name of the platform.
const Platform = "x"

// mostListed is how many posts of an account X lists at most.
const mostListed = 3200

// Source is a collect.Source of accounts; each account is a target.
type Source struct {
	name     string
	cfg      Configuration
	client   *fetch.Client
	token    *secret.Secret
	accounts collect.Accounts
	// ids are the ids of accounts that the roster knows by name only.
	ids sync.Map
}

// New builds a source; cfg has been validated. It fails where the token is not
// there or no agreement is stated.
func New(name string, cfg Configuration, accounts collect.Accounts, metrics *fetch.Metrics) (*Source, error) {
	if strings.TrimSpace(cfg.Agreement) == "" {
		return nil, errors.New("no agreement with X is stated, so it is not collected: set agreement")
	}
	token, err := cfg.Open()
	if err != nil {
		return nil, err
	}
	return &Source{name: name, cfg: cfg, client: fetch.New(name, cfg.Fetch, metrics), token: token, accounts: accounts}, nil
}

// Name returns the source's name.
func (s *Source) Name() string { return s.name }

// Close ends idle connections.
func (s *Source) Close() { s.client.Close() }

// Targets lists the roster's accounts.
func (s *Source) Targets(ctx context.Context) ([]collect.Target, error) {
	return collect.AccountTargets(ctx, s.accounts, Platform)
}

// Collect brings what an account has posted since the last visit.
func (s *Source) Collect(ctx context.Context, target collect.Target, cursor collect.Cursor, sink collect.Sink) (collect.Result, error) {
	var handle string
	result, err := s.listing(target.Owner, sink, &handle).Run(ctx, cursor, sink)
	result.Handle = handle
	return result, err
}

// Backfill brings what an account has posted in a period.
func (s *Source) Backfill(ctx context.Context, target collect.Target, period collect.Period, cursor collect.Cursor, sink collect.Sink) (collect.Result, error) {
	var handle string
	return s.listing(target.Owner, sink, &handle).Backfill(ctx, period, cursor, sink)
}

func (s *Source) listing(owner collect.Account, sink collect.Sink, handle *string) sweep.Listing {
	since := time.Now().Add(-s.cfg.History)
	if owner.From.After(since) {
		since = owner.From
	}
	return sweep.Listing{Since: since, MostPages: s.cfg.MaxPages, MostItems: mostListed, Page: func(ctx context.Context, ask sweep.Ask) (sweep.Page, error) {
		id, err := s.idOf(ctx, owner, sink)
		if err != nil {
			return sweep.Page{}, err
		}
		t, err := s.timeline(ctx, id, ask, sink)
		if err != nil {
			return sweep.Page{}, err
		}
		if name := t.users[id].Username; name != "" {
			*handle = "@" + name
		}
		page := sweep.Page{Next: t.Meta.NextToken, Mark: t.Meta.NewestID}
		for _, raw := range t.Data {
			page.Items = append(page.Items, t.itemOf(owner, raw))
		}
		t.exchange.Of(page.Items)
		return page, nil
	}}
}

// timeline is one page of an account's posts, with what they refer to.
type timeline struct {
	Data     piece.List `json:"data"`
	Includes struct {
		Tweets []tweet `json:"tweets"`
		Users  []user  `json:"users"`
		Media  []media `json:"media"`
	} `json:"includes"`
	Errors []problem `json:"errors"`
	Meta   *meta     `json:"meta"`

	tweets map[string]*tweet
	users  map[string]user
	media  map[string]media
	// exchange tells how it was fetched.
	exchange *collect.Exchange
}

// meta is where a page stands in the listing.
type meta struct {
	NewestID  string `json:"newest_id"`
	NextToken string `json:"next_token"`
}

func (s *Source) timeline(ctx context.Context, id string, ask sweep.Ask, sink collect.Sink) (*timeline, error) {
	t := &timeline{}
	exchange, err := s.ask(ctx, sink, "/2/users/"+url.PathEscape(id)+"/tweets", s.query(ask), t)
	if ask.Token != "" && isAbout(err, "pagination_token") {
		return nil, errors.Join(err, sweep.ErrToken)
	}
	if err == nil {
		err = accountProblem(t.Errors, len(t.Data) == 0)
	}
	if err != nil {
		return nil, s.distinguish(ctx, id, err, sink)
	}
	switch {
	case t.Meta == nil && t.Data == nil: // without posts there is meta only
		return nil, collect.Errorf(collect.KindMalformed, "the answer has neither data nor meta")
	case t.Meta == nil:
		t.Meta = &meta{}
	}
	t.exchange = exchange
	t.index()
	return t, nil
}

func (s *Source) query(ask sweep.Ask) url.Values {
	query := url.Values{
		"max_results":  {strconv.Itoa(s.cfg.PageSize)},
		"tweet.fields": {"id,text,note_tweet,created_at,author_id,referenced_tweets,attachments,edit_history_tweet_ids"},
		"expansions":   {"author_id,referenced_tweets.id,attachments.media_keys"},
		"user.fields":  {"id,name,username"},
		"media.fields": {"media_key,type,url,preview_image_url,alt_text"},
	}
	if ask.Token != "" {
		query.Set("pagination_token", ask.Token)
	}
	switch {
	case ask.Mark != "":
		query.Set("since_id", ask.Mark)
	case !ask.Since.IsZero():
		query.Set("start_time", ask.Since.UTC().Format(time.RFC3339))
	}
	if !ask.Until.IsZero() && ask.Until.Before(time.Now().Add(-time.Minute)) {
		query.Set("end_time", ask.Until.UTC().Format(time.RFC3339))
	}
	return query
}

func (s *Source) ask(ctx context.Context, sink collect.Sink, path string, query url.Values, into any) (*collect.Exchange, error) {
	answer, err := s.client.Ask(ctx, sink, fetch.Request{
		URL: path, Query: query, Authorize: fetch.Bearer(s.token.Value), Header: http.Header{"Accept": {"application/json"}},
	})
	if err != nil {
		return nil, typed(err)
	}
	return answer.Exchange, answer.JSON(into)
}

var numberForm = regexp.MustCompile(`^[0-9]{1,19}$`)

// idOf returns the number of an account. The roster may have its name in its
// place; then X is asked once.
func (s *Source) idOf(ctx context.Context, owner collect.Account, sink collect.Sink) (string, error) {
	if numberForm.MatchString(owner.ID) {
		return owner.ID, nil
	}
	name := strings.TrimPrefix(strings.TrimSpace(owner.Handle), "@")
	if name == "" {
		name = strings.TrimPrefix(owner.ID, "@")
	}
	if id, ok := s.ids.Load(name); ok {
		return id.(string), nil
	}
	var found struct {
		Data   user      `json:"data"`
		Errors []problem `json:"errors"`
	}
	_, err := s.ask(ctx, sink, "/2/users/by/username/"+url.PathEscape(name), nil, &found)
	if err == nil {
		err = accountProblem(found.Errors, found.Data.ID == "")
	}
	if err == nil && !numberForm.MatchString(found.Data.ID) {
		err = collect.Errorf(collect.KindMalformed, "the answer has no id of account %s", name)
	}
	if err != nil {
		return "", err
	}
	s.ids.Store(name, found.Data.ID)
	return found.Data.ID, nil
}

// distinguish asks for the account itself where its timeline is not found: X
// tells only there whether it was deleted or suspended.
func (s *Source) distinguish(ctx context.Context, id string, err error, sink collect.Sink) error {
	var gone *collect.Error
	if !errors.As(err, &gone) || gone.Kind != collect.KindGone {
		return err
	}
	var found struct {
		Data   user      `json:"data"`
		Errors []problem `json:"errors"`
	}
	_, asked := s.ask(ctx, sink, "/2/users/"+url.PathEscape(id), nil, &found)
	if asked == nil {
		asked = accountProblem(found.Errors, found.Data.ID == "")
	}
	var other *collect.Error
	if errors.As(asked, &other) && (other.Kind == collect.KindSuspended || other.Kind == collect.KindPrivate) {
		return other
	}
	return err
}

var (
	_ collect.Source     = (*Source)(nil)
	_ collect.Backfiller = (*Source)(nil)
)
