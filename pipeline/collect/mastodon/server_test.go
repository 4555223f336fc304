package mastodon

import (
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

	"github.com/prometheus/client_golang/prometheus"

	"github.com/netra-id/netra/pipeline/collect"
	"github.com/netra-id/netra/pipeline/collect/collecttest"
	"github.com/netra-id/netra/pipeline/collect/fetch"
)

// server answers as the documentation of Mastodon's API says an instance does.
type server struct {
	*httptest.Server
	mu       sync.Mutex
	accounts map[string]map[string]any // by name
	statuses []map[string]any          // oldest first
	requests []string
	token    string
	// intercept answers instead, where it returns true.
	intercept func(w http.ResponseWriter, r *http.Request) bool
}

const nativeID = "109876"

func serve(t testing.TB) *server {
	t.Helper()
	s := &server{accounts: map[string]map[string]any{"budi": {"id": nativeID, "username": "budi", "acct": "budi", "display_name": "Budi S."}}}
	s.Server = httptest.NewServer(s)
	t.Cleanup(s.Close)
	return s
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = append(s.requests, r.URL.RequestURI())
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("X-RateLimit-Limit", "300")
	w.Header().Set("X-RateLimit-Remaining", strconv.Itoa(300-len(s.requests)))
	w.Header().Set("X-RateLimit-Reset", time.Now().Add(5*time.Minute).UTC().Format("2006-01-02T15:04:05.000000Z"))
	if s.intercept != nil && s.intercept(w, r) {
		return
	}
	if s.token != "" && r.Header.Get("Authorization") != "Bearer "+s.token {
		refuse(w, http.StatusUnauthorized, "This API requires an authenticated user")
		return
	}
	path := strings.TrimPrefix(r.URL.Path, "/api/v1/accounts/")
	switch path {
	case "lookup":
		found, ok := s.accounts[r.URL.Query().Get("acct")]
		if !ok {
			refuse(w, http.StatusNotFound, "Record not found")
			return
		}
		reply(w, found)
	case nativeID:
		reply(w, s.accounts["budi"])
	case nativeID + "/statuses":
		s.list(w, r)
	default:
		refuse(w, http.StatusNotFound, "Record not found")
	}
}

// list answers with a page, the newest status first, and links to its
// neighbours.
func (s *server) list(w http.ResponseWriter, r *http.Request) {
	limit, err := strconv.Atoi(r.URL.Query().Get("limit"))
	if err != nil || limit > 40 {
		limit = 40
	}
	all := s.statuses
	if least := r.URL.Query().Get("min_id"); least != "" {
		first := slices.IndexFunc(all, func(m map[string]any) bool { return idLess(least, fmt.Sprint(m["id"])) })
		if first < 0 {
			first = len(all)
		}
		all = all[first:min(first+limit, len(all))]
	} else {
		all = all[max(len(all)-limit, 0):]
	}
	page := slices.Clone(all)
	slices.Reverse(page)
	if len(page) > 0 {
		at := s.URL + r.URL.Path
		w.Header().Set("Link", fmt.Sprintf(`<%s?max_id=%s>; rel="next", <%s?min_id=%s>; rel="prev"`, at, page[len(page)-1]["id"], at, page[0]["id"]))
	}
	reply(w, page)
}

func reply(w http.ResponseWriter, body any) { _ = json.NewEncoder(w).Encode(body) }

func refuse(w http.ResponseWriter, status int, message string) {
	w.WriteHeader(status)
	reply(w, map[string]string{"error": message})
}

var start = time.Now().Add(-48 * time.Hour).Truncate(time.Hour)

// add makes a status of budi, so many minutes after start.
func (s *server) add(minute int, content string, with map[string]any) string {
	at := start.Add(time.Duration(minute) * time.Minute)
	id := idAt(at.Add(time.Millisecond))
	made := map[string]any{
		"id": id, "uri": "https://contoh.id/users/budi/statuses/" + id, "url": "https://contoh.id/@budi/" + id,
		"created_at": at.UTC().Format("2006-01-02T15:04:05.000Z"), "edited_at": nil, "in_reply_to_id": nil, "visibility": "public",
		"spoiler_text": "", "content": content, "reblog": nil, "quote": nil, "media_attachments": []any{}, "poll": nil,
		"account": map[string]any{"id": nativeID, "username": "budi", "acct": "budi", "display_name": "Budi S."},
	}
	for key, value := range with {
		made[key] = value
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.statuses = append(s.statuses, made)
	return id
}

func (s *server) asked() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.requests)
}

var budi = collect.Account{ID: "42", Handle: "@budi@contoh.id", Name: "Budi Santoso"}

func sourceOf(t testing.TB, s *server, change func(*Configuration)) *Source {
	t.Helper()
	cfg := Configuration{Instances: []Instance{{Domain: "contoh.id", BaseURL: s.URL}}}
	cfg.Fetch.AllowPrivate = true
	cfg = cfg.WithDefaults()
	if change != nil {
		change(&cfg)
	}
	if err := cfg.Validate("mastodon"); err != nil {
		t.Fatal(err)
	}
	source, err := New("mastodon", cfg, collecttest.Accounts{platform: {budi}}, fetch.NewMetrics(prometheus.NewRegistry()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(source.Close)
	return source
}

func visitOnce(t testing.TB, s *Source, cursor collect.Cursor) (*collecttest.Sink, collect.Result, error) {
	t.Helper()
	sink := &collecttest.Sink{}
	result, err := s.Collect(t.Context(), collect.Target{ID: budi.ID, Owner: budi}, cursor, sink)
	return sink, result, err
}
