package youtube

import (
	"context"
	"encoding/json"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/netra-id/netra/pipeline/collect"
)

// channel is what YouTube tells of a channel.
type channel struct {
	ID      string `json:"id"`
	Snippet struct {
		Title     string `json:"title"`
		CustomURL string `json:"customUrl"`
	} `json:"snippet"`
	ContentDetails struct {
		RelatedPlaylists struct {
			Uploads string `json:"uploads"`
		} `json:"relatedPlaylists"`
	} `json:"contentDetails"`
	Status struct {
		Privacy string `json:"privacyStatus"`
	} `json:"status"`
}

// Handle is the channel's handle, with its @, empty where it has none.
func (c *channel) Handle() string {
	if c.Snippet.CustomURL == "" {
		return ""
	}
	return "@" + strings.TrimPrefix(c.Snippet.CustomURL, "@")
}

// directory remembers channels for a day, so that a visit does not cost a unit
// more; many are asked for at once.
type directory struct {
	mu      sync.Mutex
	known   []string
	entries map[string]entry
}

type entry struct {
	channel *channel // nil where YouTube does not know it
	at      time.Time
}

const (
	freshFor = 24 * time.Hour
	// atOnce is how many channels may be asked for with one unit.
	atOnce = 50
)

// channelForm is that of a channel's id.
var channelForm = regexp.MustCompile(`^UC[A-Za-z0-9_-]{22}$`)

// know takes note of the channels that are collected.
func (d *directory) know(targets []collect.Target) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.known = d.known[:0]
	for _, t := range targets {
		if channelForm.MatchString(t.ID) {
			d.known = append(d.known, t.ID)
		}
	}
}

// find returns what is known of a channel, and where that is nothing, the ids to
// ask for: its own and those of others of which nothing is known.
func (d *directory) find(id string, now time.Time) (e entry, missing []string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if e := d.entries[id]; now.Sub(e.at) < freshFor {
		return e, nil
	}
	missing = []string{id}
	for _, other := range d.known {
		if other != id && len(missing) < atOnce && now.Sub(d.entries[other].at) >= freshFor {
			missing = append(missing, other)
		}
	}
	return entry{}, missing
}

// keep remembers what was found under the ids that were asked for.
func (d *directory) keep(asked []string, found map[string]*channel, now time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.entries == nil {
		d.entries = map[string]entry{}
	}
	for _, id := range asked {
		d.entries[id] = entry{channel: found[id], at: now}
	}
}

// forget makes the channel be asked for again.
func (d *directory) forget(id string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.entries, id)
}

// channel returns the owner's channel.
func (s *Source) channel(ctx context.Context, owner collect.Account, sink collect.Sink) (*channel, error) {
	now := time.Now()
	e, missing := s.directory.find(owner.ID, now)
	if missing != nil {
		found, asked, err := s.lookUp(ctx, owner, missing, sink)
		if err != nil {
			return nil, err
		}
		s.directory.keep(asked, found, now)
		e.channel = found[owner.ID]
	}
	switch {
	case e.channel == nil:
		s.directory.forget(owner.ID) // the next visit, much later, asks again
		return nil, collect.Errorf(collect.KindGone, "YouTube has no channel %s: it was deleted or terminated", owner.ID)
	case e.channel.Status.Privacy == "private":
		s.directory.forget(owner.ID)
		return nil, collect.Errorf(collect.KindPrivate, "the channel %s is private", owner.ID)
	}
	return e.channel, nil
}

// lookUp asks for channels, by id, or by handle where the roster has no id.
func (s *Source) lookUp(ctx context.Context, owner collect.Account, ids []string, sink collect.Sink) (map[string]*channel, []string, error) {
	query := url.Values{"part": {"snippet,contentDetails,status"}, "maxResults": {"50"}}
	byHandle := !channelForm.MatchString(owner.ID)
	if byHandle {
		handle := owner.Handle
		if handle == "" {
			handle = owner.ID
		}
		query.Set("forHandle", strings.TrimPrefix(strings.TrimSpace(handle), "@"))
		ids = []string{owner.ID}
	} else {
		query.Set("id", strings.Join(ids, ","))
	}
	answer, err := s.ask(ctx, sink, "channels", query, "")
	if err != nil {
		return nil, nil, err
	}
	found := map[string]*channel{}
	for _, raw := range answer.Items {
		c := &channel{}
		if err := json.Unmarshal(raw, c); err != nil || c.ID == "" {
			return nil, nil, collect.Errorf(collect.KindMalformed, "a channel in the answer cannot be read: %w", err)
		}
		if byHandle {
			found[owner.ID] = c
		}
		found[c.ID] = c
	}
	return found, ids, nil
}
