package bluesky

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/bluesky-social/indigo/atproto/syntax"
	"github.com/coder/websocket"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/netra-id/netra/pipeline/collect"
	"github.com/netra-id/netra/pipeline/collect/collecttest"
	"github.com/netra-id/netra/pipeline/collect/fetch"
)

const (
	budiDID = "did:plc:4uz2445cjiw7w4nobfgnu35f"
	aniDID  = "did:plc:z72i7hdynmk6r22z27h6tvur"
	cid     = "bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy"
)

var budi = collect.Account{ID: budiDID, Handle: "@budi.bsky.social", Name: "Budi Santoso"}

// server answers as the lexicons and the documentation of Jetstream say the
// AppView and a Jetstream do.
type server struct {
	*httptest.Server
	mu       sync.Mutex
	feed     []map[string]any // newest first
	posts    map[string]map[string]any
	handle   string
	pageSize int
	requests []string
	// intercept answers instead, where it returns true.
	intercept func(w http.ResponseWriter, r *http.Request) bool
	// events are what Jetstream has, in order; more are waited for.
	events []map[string]any
	more   chan struct{}
	// hello are the options that clients sent, cursors those in their addresses.
	hello   []map[string]any
	cursors []string
	// cut ends each connection after so many events; 0 is never.
	cut int
}

func serve(t testing.TB) *server {
	t.Helper()
	s := &server{handle: "budi.bsky.social", posts: map[string]map[string]any{}, pageSize: 100, more: make(chan struct{}, 100)}
	s.Server = httptest.NewServer(s)
	t.Cleanup(s.Close)
	return s
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/subscribe" {
		s.subscribe(w, r)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = append(s.requests, r.URL.RequestURI())
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("RateLimit-Limit", "3000")
	w.Header().Set("RateLimit-Remaining", strconv.Itoa(3000-len(s.requests)))
	w.Header().Set("RateLimit-Reset", strconv.FormatInt(time.Now().Add(5*time.Minute).Unix(), 10))
	if s.intercept != nil && s.intercept(w, r) {
		return
	}
	switch strings.TrimPrefix(r.URL.Path, "/xrpc/") {
	case "com.atproto.identity.resolveHandle":
		if r.URL.Query().Get("handle") != s.handle {
			refuse(w, http.StatusBadRequest, "InvalidRequest", "Unable to resolve handle")
			return
		}
		reply(w, map[string]any{"did": budiDID})
	case "app.bsky.feed.getAuthorFeed":
		s.authorFeed(w, r)
	case "app.bsky.feed.getPosts":
		s.getPosts(w, r)
	default:
		refuse(w, http.StatusNotImplemented, "MethodNotImplemented", "")
	}
}

func (s *server) authorFeed(w http.ResponseWriter, r *http.Request) {
	if r.URL.Query().Get("actor") != budiDID {
		refuse(w, http.StatusBadRequest, "InvalidRequest", "Profile not found")
		return
	}
	begin := 0
	if cursor := r.URL.Query().Get("cursor"); cursor != "" {
		begin = slices.IndexFunc(s.feed, func(v map[string]any) bool { return indexedAt(v) < cursor })
		if begin < 0 {
			begin = len(s.feed)
		}
	}
	limit, err := strconv.Atoi(r.URL.Query().Get("limit"))
	if err != nil {
		limit = 50
	}
	end := min(begin+min(limit, s.pageSize), len(s.feed))
	answer := map[string]any{"feed": s.feed[begin:end]}
	if end > begin {
		answer["cursor"] = indexedAt(s.feed[end-1])
	}
	reply(w, answer)
}

func indexedAt(view map[string]any) string {
	if reason, ok := view["reason"].(map[string]any); ok {
		return fmt.Sprint(reason["indexedAt"])
	}
	return fmt.Sprint(view["post"].(map[string]any)["indexedAt"])
}

func (s *server) getPosts(w http.ResponseWriter, r *http.Request) {
	uris := r.URL.Query()["uris"]
	if len(uris) > 25 {
		refuse(w, http.StatusBadRequest, "InvalidRequest", "too many")
		return
	}
	found := []any{}
	for _, uri := range uris {
		if strings.Contains(uri, "buruk") {
			refuse(w, http.StatusBadRequest, "InvalidRequest", "Invalid uri")
			return
		}
		if p, ok := s.posts[uri]; ok {
			found = append(found, p)
		}
	}
	reply(w, map[string]any{"posts": found})
}

// subscribe plays back from the cursor, or tells only what comes, to a client
// that has said hello.
func (s *server) subscribe(w http.ResponseWriter, r *http.Request) {
	conn, err := websocket.Accept(w, r, nil)
	if err != nil {
		return
	}
	defer func() { _ = conn.CloseNow() }()
	conn.SetReadLimit(10 << 20)
	ctx := r.Context()
	_, data, err := conn.Read(ctx)
	if err != nil {
		return
	}
	var options map[string]any
	if json.Unmarshal(data, &options) != nil {
		return
	}
	s.mu.Lock()
	s.hello = append(s.hello, options)
	s.cursors = append(s.cursors, r.URL.Query().Get("cursor"))
	from, cut := 0, s.cut
	if cursor, err := strconv.ParseInt(r.URL.Query().Get("cursor"), 10, 64); err == nil {
		for from < len(s.events) && s.events[from]["time_us"].(int64) < cursor {
			from++
		}
	}
	s.mu.Unlock()
	reading := conn.CloseRead(ctx)
	for sent := 0; ; {
		s.mu.Lock()
		waiting := slices.Clone(s.events[from:])
		s.mu.Unlock()
		for _, e := range waiting {
			data, err := json.Marshal(e)
			if raw, ok := e["raw"].(string); ok {
				data = []byte(raw)
			}
			if err != nil || conn.Write(ctx, websocket.MessageText, data) != nil {
				return
			}
			from++
			if sent++; cut > 0 && sent >= cut {
				return // as a server that falls over
			}
		}
		select {
		case <-s.more:
		case <-reading.Done():
			return
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func reply(w http.ResponseWriter, body any) { _ = json.NewEncoder(w).Encode(body) }

func refuse(w http.ResponseWriter, status int, name, message string) {
	w.WriteHeader(status)
	reply(w, map[string]string{"error": name, "message": message})
}

var start = time.Now().Add(-48 * time.Hour).Truncate(time.Hour)

func at(minute int) time.Time { return start.Add(time.Duration(minute) * time.Minute) }

// key makes the key of a record of the minute.
func key(minute int) string { return string(syntax.NewTIDFromTime(at(minute), 1)) }

func isoOf(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// recordOf makes a record of a post.
func recordOf(minute int, text string, with map[string]any) map[string]any {
	record := map[string]any{"$type": collectionPost, "text": text, "createdAt": at(minute).Format("2006-01-02T15:04:05.000Z07:00"), "langs": []string{"id"}}
	for k, v := range with {
		record[k] = v
	}
	return record
}

// viewOf makes the view of a post.
func viewOf(did string, minute int, record map[string]any, embed any) map[string]any {
	view := map[string]any{
		"uri": "at://" + did + "/" + collectionPost + "/" + key(minute), "cid": cid,
		"author": map[string]any{"did": did, "handle": "budi.bsky.social", "displayName": "Budi S."},
		"record": record, "indexedAt": isoOf(at(minute).Add(time.Second)), "likeCount": 3,
	}
	if embed != nil {
		view["embed"] = embed
	}
	return view
}

// add puts an entry on top of budi's feed.
func (s *server) add(entry map[string]any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.feed = append([]map[string]any{entry}, s.feed...)
}

// write adds a post of budi's to the feed.
func (s *server) write(minute int, text string) {
	s.add(map[string]any{"post": viewOf(budiDID, minute, recordOf(minute, text, nil), nil)})
}

// tell adds an event of a new record.
func (s *server) tell(did, collection string, minute int, record any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.events = append(s.events, map[string]any{
		"did": did, "time_us": at(minute).Add(time.Second).UnixMicro(), "kind": "commit",
		"commit": map[string]any{"rev": "1", "operation": "create", "collection": collection, "rkey": key(minute), "record": record, "cid": cid},
	})
}

func (s *server) asked(part string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(s.requests), func(r string) bool { return !strings.Contains(r, part) })
}

func sourceOf(t testing.TB, s *server, change func(*Configuration), accounts ...collect.Account) *Source {
	t.Helper()
	cfg := Configuration{}.WithDefaults()
	cfg.Fetch.AllowPrivate, cfg.Fetch.BaseURL = true, s.URL
	cfg.Stream.URL = strings.Replace(s.URL, "http", "ws", 1) + "/subscribe"
	if change != nil {
		change(&cfg)
	}
	if err := cfg.Validate("bluesky"); err != nil {
		t.Fatal(err)
	}
	if accounts == nil {
		accounts = []collect.Account{budi}
	}
	source := New("bluesky", cfg, collecttest.Accounts{platform: accounts}, fetch.NewMetrics(prometheus.NewRegistry()))
	t.Cleanup(source.Close)
	return source
}

func visitOnce(t testing.TB, s *Source, owner collect.Account, cursor collect.Cursor) (*collecttest.Sink, collect.Result, error) {
	t.Helper()
	sink := &collecttest.Sink{}
	result, err := s.Collect(t.Context(), collect.Target{ID: owner.ID, Owner: owner}, cursor, sink)
	return sink, result, err
}

// hear listens until so many items have come, then for a little while.
func hear(t testing.TB, s *Source, cursor collect.Cursor, items int) (*collecttest.Sink, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	sink := &collecttest.Sink{}
	heard := make(chan error, 1)
	go func() {
		_, err := s.Collect(ctx, s.streamTarget(0), cursor, sink)
		heard <- err
	}()
	for len(sink.Items()) < items {
		select {
		case err := <-heard:
			return sink, err
		case <-ctx.Done():
			t.Fatalf("only %d items have come", len(sink.Items()))
		case <-time.After(5 * time.Millisecond):
		}
	}
	time.Sleep(30 * time.Millisecond)
	cancel()
	return sink, <-heard
}

func texts(items []collect.Item) []string {
	var all []string
	for _, item := range items {
		if item.Err != nil {
			all = append(all, "! "+string(item.Err.Cause))
			continue
		}
		all = append(all, item.Post.Text)
	}
	return all
}
