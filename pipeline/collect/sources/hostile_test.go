package sources_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/netra-id/netra/pipeline/collect"
	"github.com/netra-id/netra/pipeline/collect/collecttest"
	"github.com/netra-id/netra/pipeline/collect/sources"
)

// everyKind configures a source of every kind that asks a server.
const everyKind = `
sources:
  - {name: facebook, facebook: {token_env: SECRET, fetch: {base_url: "SERVER", allow_private: true, timeout: 1s}}}
  - {name: instagram, instagram: {token_env: SECRET, user_id: "17841405309211844", fetch: {base_url: "SERVER", allow_private: true, timeout: 1s}}}
  - {name: threads, threads: {token_env: SECRET, fetch: {base_url: "SERVER", allow_private: true, timeout: 1s}}}
  - {name: x, x: {token_env: SECRET, agreement: "Perjanjian 12/2026", fetch: {base_url: "SERVER", allow_private: true, timeout: 1s}}}
  - {name: youtube, youtube: {token_env: SECRET, fetch: {base_url: "SERVER", allow_private: true, timeout: 1s}}}
  - {name: mastodon, mastodon: {instances: [{domain: contoh.id, base_url: "SERVER", token_env: SECRET}], fetch: {allow_private: true, timeout: 1s}}}
  - {name: bluesky, bluesky: {fetch: {base_url: "SERVER", allow_private: true, timeout: 1s}}}
  - {name: telegram, telegram: {fetch: {base_url: "SERVER", allow_private: true, timeout: 1s}}}
  - {name: feed, feed: {feeds: [{url: "SERVER/feed", account_id: humas}], fetch: {hosts: [127.0.0.1], allow_private: true, timeout: 1s}}}
`

const hostileSecret = "s3cret0token"

var everyAccount = collecttest.Accounts{
	"facebook": {{ID: "1001"}}, "instagram": {{ID: "budi"}}, "threads": {{ID: "budi"}}, "x": {{ID: "42"}},
	"youtube": {{ID: "UCaaaaaaaaaaaaaaaaaaaaaa"}}, "mastodon": {{ID: "42", Handle: "@budi@contoh.id"}},
	"bluesky": {{ID: "did:plc:4uz2445cjiw7w4nobfgnu35f"}}, "telegram": {{ID: "-1001", Handle: "@humas_budi"}},
}

// hostile is a server's answer that is not as it should be.
type hostile struct {
	answer http.HandlerFunc
	kinds  []collect.Kind
	after  time.Duration // RetryAfter, where it is said
}

func says(status int, contentType, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

func hostiles(inside string) map[string]hostile {
	var bomb bytes.Buffer
	packed := gzip.NewWriter(&bomb)
	for range 64 {
		_, _ = packed.Write(make([]byte, 1<<20))
	}
	_ = packed.Close()
	limited, temporary := []collect.Kind{collect.KindRateLimited}, []collect.Kind{collect.KindTemporary}
	malformed, refused := []collect.Kind{collect.KindMalformed}, []collect.Kind{collect.KindRefused}
	return map[string]hostile{
		"429 that says until when": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "77")
			w.WriteHeader(http.StatusTooManyRequests)
		}, limited, 77 * time.Second},
		"429":              {says(429, "text/plain", "slow down"), limited, 0},
		"500":              {says(500, "application/json", `{}`), temporary, 0},
		"502 with a page":  {says(502, "text/html", "<html>Bad Gateway</html>"), temporary, 0},
		"503 with nothing": {says(503, "", ""), temporary, 0},
		"a page":           {says(200, "text/html", "<html><title>Masuk</title><form></form></html>"), malformed, 0},
		"a page as JSON":   {says(200, "application/json", "<html></html>"), malformed, 0},
		"a picture":        {says(200, "image/png", "\x89PNG\r\n\x1a\n\x00\x00"), malformed, 0},
		"nothing":          {says(200, "application/json", ""), malformed, 0},
		"null":             {says(200, "application/json", "null"), malformed, 0},
		"an empty object":  {says(200, "application/json", "{}"), malformed, 0},
		"a number":         {says(200, "application/json", "42"), malformed, 0},
		"half":             {says(200, "application/json", `{"data":[{"id":"1","mess`), malformed, 0},
		"deep":             {says(200, "application/json", strings.Repeat(`{"data":[`, 200_000)), malformed, 0},
		"UTF-16":           {says(200, "application/json", "\xff\xfe{\x00}\x00"), malformed, 0},
		"packed otherwise": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "br")
			_, _ = w.Write([]byte("xx"))
		}, malformed, 0},
		"packed not at all": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = w.Write([]byte("{}"))
		}, temporary, 0},
		"a bomb": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = w.Write(bomb.Bytes())
		}, malformed, 0},
		"without end": {func(w http.ResponseWriter, r *http.Request) {
			for r.Context().Err() == nil {
				if _, err := w.Write(make([]byte, 1<<16)); err != nil {
					return
				}
			}
		}, []collect.Kind{collect.KindMalformed, collect.KindTemporary}, 0},
		"byte by byte": {func(w http.ResponseWriter, r *http.Request) {
			for r.Context().Err() == nil {
				if _, err := w.Write([]byte("[")); err != nil {
					return
				}
				w.(http.Flusher).Flush()
				time.Sleep(50 * time.Millisecond)
			}
		}, temporary, 0},
		"broken off": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1000")
			_, _ = w.Write([]byte("{"))
			panic(http.ErrAbortHandler)
		}, temporary, 0},
		"no header ends": {func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("X-Long", strings.Repeat("x", 1<<20)) }, temporary, 0},
		"a redirect inside": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, strings.Replace(inside, "127.0.0.1", "localhost", 1)+"/?token="+r.URL.Query().Get("access_token"), http.StatusFound)
		}, refused, 0},
		"a redirect to a cloud's metadata": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://169.254.169.254/latest/meta-data/", http.StatusTemporaryRedirect)
		}, refused, 0},
		"a redirect to a file": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "file:///etc/passwd", http.StatusFound)
		}, refused, 0},
		"redirects without end": {func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, r.URL.Path+"x", http.StatusFound) }, refused, 0},
	}
}

// TestHostileAnswersAreFailuresOfTheirKind lets every source ask servers that
// answer as none should: each visit ends, fails with the kind by which the
// scheduler decides, brings nothing, asks nobody else, and keeps its token to
// itself.
func TestHostileAnswersAreFailuresOfTheirKind(t *testing.T) {
	t.Setenv("SECRET", hostileSecret)
	var reached atomic.Int64
	inside := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached.Add(1) }))
	defer inside.Close()
	for name, test := range hostiles(inside.URL) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewUnstartedServer(test.answer)
			server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
			server.Start()
			t.Cleanup(server.Close)
			cfg, err := read(t, strings.ReplaceAll(everyKind, "SERVER", server.URL))
			if err != nil {
				t.Fatal(err)
			}
			registry := prometheus.NewRegistry()
			schedules, err := sources.Build(cfg.Sources, sources.Dependencies{Logger: slog.New(slog.DiscardHandler), Registerer: registry, Accounts: everyAccount})
			if err != nil {
				t.Fatal(err)
			}
			for _, schedule := range schedules {
				targets, err := schedule.Source.Targets(t.Context())
				if err != nil || len(targets) == 0 {
					t.Fatal(schedule.Source.Name(), targets, err)
				}
				for _, target := range targets {
					test.check(t, schedule.Source, target)
				}
			}
			if families, err := registry.Gather(); err != nil || strings.Contains(fmt.Sprint(families), hostileSecret) {
				t.Errorf("the token is in the metrics, or %v", err)
			}
		})
	}
	t.Cleanup(func() {
		if n := reached.Load(); n > 0 {
			t.Errorf("%d requests reached a server inside", n)
		}
	})
}

func (h *hostile) check(t *testing.T, source collect.Source, target collect.Target) {
	t.Helper()
	sink := &collecttest.Sink{}
	_, err := source.Collect(t.Context(), target, nil, sink)
	var typed *collect.Error
	switch {
	case !errors.As(err, &typed):
		t.Errorf("%s: got %v, want one of %s", target.ID, err, h.kinds)
	case !slices.Contains(h.kinds, typed.Kind) || h.after > 0 && typed.RetryAfter != h.after:
		t.Errorf("%s %s: got %v after %s, want one of %s", source.Name(), target.ID, err, typed.RetryAfter, h.kinds)
	case strings.Contains(err.Error(), hostileSecret):
		t.Errorf("%s: the token is in %v", source.Name(), err)
	}
	if items := sink.Items(); len(items) > 0 {
		t.Errorf("%s: it brought %v", source.Name(), items)
	}
}
