package bluesky

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/netra-id/netra/pipeline/collect"
	"github.com/netra-id/netra/pipeline/collect/collecttest"
)

// fromStart is a cursor before all events.
func fromStart() collect.Cursor {
	return collect.Cursor(fmt.Sprintf(`{"time_us":%d}`, start.Add(-time.Hour).UnixMicro()))
}

func streaming(c *Configuration) { c.Stream.Enabled = true }

func TestTheStreamTellsWhatTheFeedTells(t *testing.T) {
	s := serve(t)
	everything(s)
	s.tell(aniDID, collectionPost, 20, recordOf(20, "orang lain", nil))
	sink, err := hear(t, sourceOf(t, s, streaming), fromStart(), 8)
	if !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	if diff := cmp.Diff(wanted(), contents(t, sink.Items())); diff != "" {
		t.Error(diff)
	}
	options, _ := json.Marshal(s.hello[0])
	for _, part := range []string{`"options_update"`, `"wantedDids":["` + budiDID + `"]`, collectionRepost} {
		if !strings.Contains(string(options), part) {
			t.Errorf("%s is not in %s", part, options)
		}
	}
}

func TestTheStreamGoesOnWhereItWas(t *testing.T) {
	s := serve(t)
	s.cut = 7
	want := map[string]int{}
	for n := range 40 {
		s.tell(budiDID, collectionPost, n, recordOf(n, fmt.Sprint("pesan ", n), nil))
		want[fmt.Sprint("pesan ", n)] = 1
	}
	source := sourceOf(t, s, streaming)
	source.cfg.Stream.Session = 500 * time.Millisecond
	got := map[string]int{}
	cursor := fromStart()
	for connections := 0; len(got) < len(want); connections++ {
		if connections > 40 {
			t.Fatalf("only %d posts have come", len(got))
		}
		refused := 0
		sink := &collecttest.Sink{Refuse: func(collect.Page) error {
			if refused++; connections == 2 {
				return errors.New("killed")
			}
			return nil
		}}
		_, err := source.Collect(t.Context(), source.streamTarget(0), cursor, sink)
		if err == nil && len(sink.Items()) == s.cut {
			t.Fatal("a connection that was cut is no failure")
		}
		for _, text := range texts(sink.Items()) {
			got[text] = 1
		}
		if sink.Cursor() != nil {
			cursor = sink.Cursor()
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestTheFirstConnectionHasNoCursor(t *testing.T) {
	s := serve(t)
	s.tell(budiDID, collectionPost, 1, recordOf(1, "satu", nil))
	if _, err := hear(t, sourceOf(t, s, streaming), nil, 1); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	if s.cursors[0] != "" {
		t.Errorf("cursor %q", s.cursors[0])
	}
}

func TestEventsThatAreNone(t *testing.T) {
	s := serve(t)
	s.tell(budiDID, collectionPost, 1, recordOf(1, "satu", nil))
	s.events = append(s.events,
		map[string]any{"time_us": at(2).UnixMicro(), "raw": "[]"},
		map[string]any{"time_us": at(2).UnixMicro(), "raw": "\x00"},
		map[string]any{"time_us": at(2).UnixMicro(), "did": budiDID, "kind": "identity", "identity": map[string]any{"did": budiDID, "handle": "baru.id"}},
		map[string]any{"time_us": at(2).UnixMicro(), "did": budiDID, "kind": "account", "account": map[string]any{"active": false, "status": "takendown"}},
		map[string]any{"time_us": at(2).UnixMicro(), "did": budiDID, "kind": "commit", "commit": map[string]any{"operation": "delete", "collection": collectionPost, "rkey": key(1)}},
		map[string]any{"time_us": at(2).UnixMicro(), "did": budiDID, "kind": "commit", "commit": map[string]any{"operation": "create", "collection": "app.bsky.feed.like", "rkey": key(1)}},
		map[string]any{"time_us": at(2).UnixMicro(), "did": budiDID, "kind": "commit", "commit": map[string]any{"operation": "create", "collection": collectionPost, "rkey": "../x", "record": recordOf(2, "x", nil)}},
		map[string]any{"time_us": at(2).UnixMicro(), "did": budiDID, "kind": "commit", "commit": map[string]any{"operation": "create", "collection": collectionRepost, "rkey": key(2), "record": map[string]any{"subject": map[string]any{"uri": "aneh"}}}},
	)
	s.tell(budiDID, collectionPost, 3, recordOf(3, "tiga", map[string]any{"embed": "aneh"}))
	s.tell(budiDID, collectionPost, 4, recordOf(4, "empat", map[string]any{"embed": map[string]any{"record": map[string]any{"uri": "at://" + aniDID + "/" + collectionPost + "/buruk"}}}))
	s.tell(budiDID, collectionPost, 5, recordOf(5, "lima", map[string]any{"embed": map[string]any{"record": strongRef(0)}}))
	s.posts[strongRef(0)["uri"].(string)] = viewOf(aniDID, 0, recordOf(0, "dikutip", nil), nil)
	// An event from the future must not end all hearing.
	s.events = append(s.events, map[string]any{
		"did": budiDID, "time_us": time.Now().Add(1000 * time.Hour).UnixMicro(), "kind": "commit",
		"commit": map[string]any{"operation": "create", "collection": collectionPost, "rkey": key(6), "record": recordOf(6, "enam", nil)},
	})
	sink, err := hear(t, sourceOf(t, s, streaming), fromStart(), 9)
	if !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	want := []string{"satu", "! malformed", "! malformed", "! malformed", "! malformed", "! malformed", "empat", "lima", "enam"}
	if diff := cmp.Diff(want, texts(sink.Items())); diff != "" {
		t.Error(diff)
	}
	if got := sink.Items()[7].Post.Quoted; got != "dikutip" {
		t.Errorf("quoted %q: one address that cannot be asked for takes the others with it", got)
	}
	var saved streamState
	if err := json.Unmarshal(sink.Cursor(), &saved); err != nil || saved.TimeUS > time.Now().UnixMicro() {
		t.Errorf("cursor %s, %v", sink.Cursor(), err)
	}
}

func TestAMessageThatIsTooLongEndsTheConnection(t *testing.T) {
	s := serve(t)
	s.tell(budiDID, collectionPost, 1, recordOf(1, strings.Repeat("x", 100_000), nil))
	source := sourceOf(t, s, func(c *Configuration) { c.Stream.Enabled, c.Fetch.MaxBodyBytes = true, 10_000 })
	_, err := source.Collect(t.Context(), source.streamTarget(0), fromStart(), &collecttest.Sink{})
	var typed *collect.Error
	if !errors.As(err, &typed) || typed.Kind != collect.KindMalformed {
		t.Errorf("got %v", err)
	}
}

func TestTheStreamIsGuarded(t *testing.T) {
	s := serve(t)
	source := sourceOf(t, s, func(c *Configuration) { c.Stream.Enabled, c.Fetch.AllowPrivate = true, false })
	_, err := source.Collect(t.Context(), source.streamTarget(0), nil, &collecttest.Sink{})
	var typed *collect.Error
	if !errors.As(err, &typed) || typed.Kind != collect.KindRefused {
		t.Errorf("an internal address: got %v", err)
	}
	source = sourceOf(t, s, func(c *Configuration) {
		c.Stream.Enabled, c.Stream.URL = true, strings.Replace(s.URL, "http", "ws", 1)+"/xrpc/nothing"
	})
	_, err = source.Collect(t.Context(), source.streamTarget(0), nil, &collecttest.Sink{})
	if !errors.As(err, &typed) || typed.Kind != collect.KindTemporary {
		t.Errorf("no WebSocket: got %v", err)
	}
}

func TestASessionEndsByItself(t *testing.T) {
	s := serve(t)
	s.tell(budiDID, collectionPost, 1, recordOf(1, "satu", nil))
	source := sourceOf(t, s, streaming)
	source.cfg.Stream.Session = 50 * time.Millisecond
	sink := &collecttest.Sink{}
	result, err := source.Collect(t.Context(), source.streamTarget(0), fromStart(), sink)
	if err != nil || result.Next == 0 || len(sink.Items()) != 1 {
		t.Errorf("%+v, %v, %v", result, err, texts(sink.Items()))
	}
}

func TestAccountsAreDividedOverConnections(t *testing.T) {
	s := serve(t)
	var accounts []collect.Account
	for n := range 1000 {
		accounts = append(accounts, collect.Account{ID: fmt.Sprintf("did:plc:%024d", n)})
	}
	accounts = append(accounts, collect.Account{ID: "budi.bsky.social"})
	source := sourceOf(t, s, func(c *Configuration) { c.Stream.Enabled, c.Stream.Connections = true, 3 }, accounts...)
	targets, err := source.Targets(t.Context())
	if err != nil || len(targets) != len(accounts)+3 || targets[len(accounts)].Account != "" || targets[len(accounts)].Host != "127.0.0.1" {
		t.Fatal(len(targets), err)
	}
	var all []string
	for shard := range 3 {
		l := &listener{Source: source, shard: shard}
		if changed, err := l.refresh(t.Context()); err != nil || !changed {
			t.Fatal(changed, err)
		}
		if changed, err := l.refresh(t.Context()); err != nil || changed {
			t.Fatal(changed, err)
		}
		if len(l.wanted) < 200 {
			t.Errorf("shard %d has only %d accounts", shard, len(l.wanted))
		}
		for did := range l.wanted {
			all = append(all, did)
		}
	}
	slices.Sort(all)
	if len(slices.Compact(all)) != 1000 {
		t.Errorf("%d accounts", len(all))
	}
	none := sourceOf(t, s, streaming, collect.Account{ID: "budi.bsky.social"})
	if result, err := none.Collect(t.Context(), none.streamTarget(0), nil, &collecttest.Sink{}); err != nil || result.Next == 0 || len(s.hello) != 0 {
		t.Errorf("%+v, %v", result, err)
	}
}

func FuzzEvent(f *testing.F) {
	s := &server{posts: map[string]map[string]any{}}
	everything(s)
	for _, e := range s.events {
		data, err := json.Marshal(e)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		l := &listener{wanted: map[string]collect.Account{budiDID: budi}}
		l.take(data)
		for n := range l.batch {
			item := l.batch[n].item(budi, nil)
			if item.Err == nil && (item.Post.Account.ID != budi.ID || item.Post.ID == "" || item.Post.CreatedAt.IsZero()) {
				t.Errorf("post %+v", item.Post)
			}
		}
	})
}
