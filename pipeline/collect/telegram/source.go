// Package telegram collects the messages of the roster's public channels from
// the preview pages that Telegram shows to everybody (https://t.me/s/NAME),
// newest first, down to what has been seen. It tells forwarded messages and
// replies from others, and looks at young messages again for edits. It joins
// nothing, logs in nowhere, and sees neither groups nor private channels nor the
// comments below messages. The package sources builds it.
package telegram

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/netra-id/netra/pipeline/collect"
	"github.com/netra-id/netra/pipeline/collect/fetch"
	"github.com/netra-id/netra/pipeline/collect/sweep"
	"github.com/netra-id/netra/pipeline/post"
)

const platform = "telegram"

// Source is a collect.Source of the roster's channels.
type Source struct {
	name     string
	cfg      Configuration
	accounts collect.Accounts
	client   *fetch.Client
	// recheckEvery is how often a channel's young messages are looked at again:
	// those of a busy one stand on many pages.
	recheckEvery time.Duration
}

// New builds a source; cfg has been validated.
func New(name string, cfg Configuration, accounts collect.Accounts, metrics *fetch.Metrics) *Source {
	return &Source{name: name, cfg: cfg, accounts: accounts, client: fetch.New(name, cfg.Fetch, metrics), recheckEvery: time.Hour}
}

// Name returns the source's name.
func (s *Source) Name() string { return s.name }

// Close ends idle connections.
func (s *Source) Close() { s.client.Close() }

// Targets lists the channels.
func (s *Source) Targets(ctx context.Context) ([]collect.Target, error) {
	return collect.AccountTargets(ctx, s.accounts, platform)
}

// Collect emits the messages that are newer than the cursor, or edited.
func (s *Source) Collect(ctx context.Context, target collect.Target, cursor collect.Cursor, sink collect.Sink) (collect.Result, error) {
	v, err := s.visit(target, cursor, sink)
	if err != nil {
		return collect.Result{}, err
	}
	result, err := v.listing().Run(ctx, collect.Cursor(v.Walk), v)
	result.Handle = v.shown()
	return result, err
}

// Backfill emits the messages of a period.
func (s *Source) Backfill(ctx context.Context, target collect.Target, period collect.Period, cursor collect.Cursor, sink collect.Sink) (collect.Result, error) {
	v, err := s.visit(target, cursor, sink)
	if err != nil {
		return collect.Result{}, err
	}
	listing := v.listing()
	listing.MostPages = 0 // a backfill that returns is complete
	return listing.Backfill(ctx, period, collect.Cursor(v.Walk), v)
}

// shown is the channel's handle as the page shows it, in the roster's words
// where it is the same.
func (v *visit) shown() string {
	if name, ok := channelOf(collect.Account{Handle: v.owner.Handle}); ok && strings.EqualFold("@"+name, v.handle) {
		return v.owner.Handle
	}
	return v.handle
}

// state is what is remembered of a channel; as JSON it is its cursor.
type state struct {
	// Walk is the cursor of the walk through the pages.
	Walk json.RawMessage `json:"walk,omitempty"`
	// Channel is the channel's number, by which another one that takes its name
	// is told from it.
	Channel int64 `json:"channel,omitempty"`
	// Checked is when young messages were last looked at again for edits.
	Checked time.Time `json:"checked,omitzero"`
	// Seen holds the prints of the newest messages: the addresses of their media
	// change from answer to answer, which is no edit.
	Seen map[string]string `json:"seen,omitempty"`
}

// mostSeen is how many messages' prints are kept: those of three pages.
const mostSeen = 60

// visit is one visit of a channel. It is the sink of the walk, and puts its own
// state around the walk's.
type visit struct {
	*Source
	state
	collect.Sink
	channel string
	owner   collect.Account
	handle  string // as the page has it
}

func (s *Source) visit(target collect.Target, cursor collect.Cursor, sink collect.Sink) (*visit, error) {
	v := &visit{Source: s, Sink: sink, owner: target.Owner}
	if v.owner.ID == "" {
		v.owner.ID = target.ID
	}
	if cursor != nil {
		if err := json.Unmarshal(cursor, &v.state); err != nil {
			return nil, fmt.Errorf("cursor of channel %s: %w", target.ID, err)
		}
	}
	var ok bool
	if v.channel, ok = channelOf(v.owner); !ok {
		return nil, collect.Errorf(collect.KindRefused, "channel %q with handle %q has no public name: allowed: a handle such as @budi_resmi", v.owner.ID, v.owner.Handle)
	}
	return v, nil
}

var channelName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]{3,31}$`)

// channelOf finds a channel's public name in its handle or id.
func channelOf(owner collect.Account) (string, bool) {
	for _, name := range []string{owner.Handle, owner.ID} {
		name = strings.TrimSpace(name)
		for _, before := range []string{"https://", "http://", "www.", "t.me/", "telegram.me/", "s/", "@"} {
			name = strings.TrimPrefix(name, before)
		}
		if name = strings.TrimSuffix(name, "/"); channelName.MatchString(name) {
			return name, true
		}
	}
	return "", false
}

func (v *visit) listing() sweep.Listing {
	since := time.Now().Add(-v.cfg.History)
	if v.owner.From.After(since) {
		since = v.owner.From
	}
	var overlap time.Duration
	if now := time.Now(); now.Sub(v.Checked).Abs() >= v.recheckEvery {
		overlap, v.Checked = v.cfg.Recheck, now.UTC().Truncate(time.Second)
	}
	return sweep.Listing{Page: v.page, Overlap: overlap, Since: since, MostPages: v.cfg.MaxPages}
}

// page asks for the page of messages before the one that the token names.
func (v *visit) page(ctx context.Context, ask sweep.Ask) (sweep.Page, error) {
	request := fetch.Request{
		URL: "/s/" + v.channel, ContentTypes: []string{"text/html"},
		Header: http.Header{"Accept": {"text/html"}, "Accept-Language": {"en"}},
	}
	if ask.Token != "" {
		request.Query = url.Values{"before": {ask.Token}}
	}
	answer, err := v.client.Ask(ctx, v.Sink, request)
	if err != nil {
		return sweep.Page{}, err
	}
	p := readPreview(answer.Body)
	if err := v.checkPreview(p, answer.URL); err != nil {
		return sweep.Page{}, err
	}
	page, err := v.read(p, ask.Token)
	answer.Exchange.Of(page.Items)
	return page, err
}

// checkPreview says what it means where the page is none of a channel's history.
func (v *visit) checkPreview(p *preview, from *url.URL) error {
	switch {
	case strings.HasPrefix(from.Path, "/s/") && (p.channel || len(p.pieces) > 0):
		return nil
	case strings.HasPrefix(strings.TrimSpace(p.title), "Telegram: Contact"):
		return collect.Errorf(collect.KindGone, "there is no channel of the name %s: it was deleted, renamed or never there", v.channel)
	case strings.HasPrefix(strings.TrimSpace(p.title), "Telegram:"):
		return collect.Errorf(collect.KindPrivate, "%s has no public preview: it is a group, or its messages are not shown to everybody", v.channel)
	}
	return collect.Errorf(collect.KindMalformed, "the answer for channel %s is no page of Telegram's", v.channel)
}

// read makes posts of a page's messages.
func (v *visit) read(p *preview, token string) (sweep.Page, error) {
	r := reader{channel: v.channel, base: strings.TrimSuffix(v.cfg.Fetch.BaseURL, "/"), owner: v.owner, title: strings.Join(strings.Fields(p.owner), " ")}
	var page sweep.Page
	var oldest int64
	for _, piece := range slices.Backward(p.pieces) {
		m := r.message(piece)
		if err := v.checkChannel(&m); err != nil {
			return sweep.Page{}, err
		}
		if m.id > 0 && (oldest == 0 || m.id < oldest) {
			oldest = m.id
		}
		if !m.service {
			page.Items = append(page.Items, m.item)
		}
	}
	if p.older && oldest > 1 {
		page.Next = strconv.FormatInt(oldest, 10)
		if before, err := strconv.ParseInt(token, 10, 64); err == nil && oldest >= before {
			return sweep.Page{}, collect.Errorf(collect.KindMalformed, "the page before message %s of %s begins with message %d", token, v.channel, oldest)
		}
	}
	return page, nil
}

// checkChannel finds out whether the name now is another channel's.
func (v *visit) checkChannel(m *message) error {
	if m.named == "" {
		return nil
	}
	if v.handle == "" {
		v.handle = "@" + m.named
	}
	if !strings.EqualFold(v.handle, "@"+m.named) {
		m.item = collect.Item{Position: m.item.Position, Err: &collect.ItemError{Cause: collect.CauseMalformed, Err: &post.FieldError{
			Key: "data-post", Value: strconv.Quote(m.named), Allowed: "the channel of the page, " + v.handle,
		}}}
		return nil
	}
	if m.number == 0 {
		return nil
	}
	if v.Channel == 0 {
		v.Channel = m.number
	}
	if v.Channel != m.number {
		return collect.Errorf(collect.KindRenamed, "%s is another channel than before: number %d, before %d", v.channel, m.number, v.Channel)
	}
	return nil
}

// Emit hands a page of the walk on without the messages that are as they were,
// and with the channel's state around the walk's.
func (v *visit) Emit(ctx context.Context, page collect.Page) error {
	next := v.state
	next.Seen = maps.Clone(v.Seen)
	if next.Seen == nil {
		next.Seen = map[string]string{}
	}
	var items []collect.Item
	for _, item := range page.Items {
		id, shown := path(item.Post.URL), printOf(&item)
		if item.Err == nil && next.Seen[id] == shown {
			continue
		}
		if item.Err == nil {
			next.Seen[id] = shown
		}
		items = append(items, item)
	}
	keepNewest(next.Seen, mostSeen)
	next.Walk = json.RawMessage(page.Cursor)
	cursor, err := json.Marshal(&next)
	if err != nil {
		return err
	}
	v.state = next
	return v.Sink.Emit(ctx, collect.Page{Items: items, Cursor: cursor})
}

// path is the last part of an address: a message's number.
func path(address string) string { return address[strings.LastIndexByte(address, '/')+1:] }

// printOf hashes what makes a message's content, apart from the addresses of its
// media.
func printOf(item *collect.Item) string {
	h := sha256.New()
	fmt.Fprintf(h, "%s\x00%s\x00%s", item.Post.Kind, item.Post.Text, item.Post.Quoted)
	for _, m := range item.Post.Media {
		fmt.Fprintf(h, "\x00%s\x00%s", m.Type, m.Alt)
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}

// keepNewest removes all but the most prints of the newest messages.
func keepNewest(seen map[string]string, most int) {
	if len(seen) <= most {
		return
	}
	ids := make([]int, 0, len(seen))
	for id := range seen {
		n, _ := strconv.Atoi(id)
		ids = append(ids, n)
	}
	slices.Sort(ids)
	for _, id := range ids[:len(ids)-most] {
		delete(seen, strconv.Itoa(id))
	}
}
