package fetch_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/netra-id/netra/pipeline/collect"
	"github.com/netra-id/netra/pipeline/collect/collecttest"
	"github.com/netra-id/netra/pipeline/collect/fetch"
)

const token = "rahasia-4711"

func clientOf(t *testing.T, change func(*fetch.Configuration), handler http.HandlerFunc) *fetch.Client {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	cfg := fetch.Configuration{BaseURL: server.URL + "/v1/", AllowPrivate: true}.WithDefaults()
	if change != nil {
		change(&cfg)
	}
	if err := cfg.Validate("fetch"); err != nil {
		t.Fatal(err)
	}
	client := fetch.New("s", cfg, fetch.NewMetrics(prometheus.NewRegistry()))
	t.Cleanup(client.Close)
	return client
}

func kindOf(err error) collect.Kind {
	var typed *collect.Error
	if errors.As(err, &typed) {
		return typed.Kind
	}
	return ""
}

func secret() (string, error) { return token, nil }

func TestAskWaitsForTheBudgetAndTellsTheLimit(t *testing.T) {
	client := clientOf(t, nil, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/v1/posts" || r.URL.Query().Get("q") != "a b" || r.Header.Get("Authorization") != "Bearer "+token || r.Header.Get("Accept") != "application/json" {
			t.Errorf("asked for %s with %v", r.URL, r.Header)
		}
		w.Header().Set("X-RateLimit-Remaining", "17")
		w.Header().Set("X-RateLimit-Reset", time.Now().Add(5*time.Minute).UTC().Format(time.RFC3339))
		_, _ = fmt.Fprint(w, `{"name": "Budi"}`)
	})
	var sink collecttest.Sink
	var answer struct{ Name string }
	_, err := client.AskJSON(t.Context(), &sink, fetch.Request{
		URL: "/posts", Query: url.Values{"q": {"a b"}}, Authorize: fetch.Bearer(secret), Units: 100,
	}, &answer)
	if err != nil || answer.Name != "Budi" {
		t.Errorf("%+v, %v", answer, err)
	}
	if units := sink.Units(); len(units) != 1 || units[0] != 100 {
		t.Errorf("units %v", units)
	}
	if limits := sink.Limits(); len(limits) != 1 || limits[0].Remaining != 17 || time.Until(limits[0].Reset) < 4*time.Minute {
		t.Errorf("limits %v", limits)
	}
	refused := errors.New("no budget")
	_, err = client.Ask(t.Context(), &collecttest.Sink{Budget: func(int) error { return refused }}, fetch.Request{URL: "/posts"})
	if !errors.Is(err, refused) {
		t.Errorf("asked without budget: %v", err)
	}
}

func TestErrorsHaveKindsAndWhatThePlatformSaid(t *testing.T) {
	tests := map[string]struct {
		status int
		header string
		want   collect.Kind
		after  time.Duration
	}{
		"rate limit with seconds": {429, "Retry-After: 90", collect.KindRateLimited, 90 * time.Second},
		"rate limit with reset":   {429, "X-RateLimit-Reset: 120", collect.KindRateLimited, 2 * time.Minute},
		"gone":                    {410, "", collect.KindGone, 0},
		"credentials":             {401, "", collect.KindRefused, 0},
		"server":                  {503, "Retry-After: 5", collect.KindTemporary, 5 * time.Second},
		"redirect without place":  {304 - 4, "", collect.KindRefused, 0},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			client := clientOf(t, nil, func(w http.ResponseWriter, _ *http.Request) {
				if key, value, ok := strings.Cut(test.header, ": "); ok {
					w.Header().Set(key, value)
				}
				w.WriteHeader(test.status)
				_, _ = fmt.Fprint(w, `{"error": {"code": 190}}`)
			})
			_, err := client.Do(t.Context(), fetch.Request{URL: "/x"})
			var typed *collect.Error
			if !errors.As(err, &typed) || typed.Kind != test.want || (typed.RetryAfter-test.after).Abs() > 2*time.Second {
				t.Fatalf("got %v (%s), want %s after %s", err, kindOf(err), test.want, test.after)
			}
			var said struct{ Error struct{ Code int } }
			if status := fetch.Status(err); status == nil || status.Status != test.status || !status.JSON(&said) || said.Error.Code != 190 {
				t.Errorf("status %+v", status)
			}
		})
	}
}

func TestTokensAreInNoError(t *testing.T) {
	client := clientOf(t, func(c *fetch.Configuration) { c.Timeout = time.Second }, func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.Contains(r.URL.Path, "slow"):
			<-r.Context().Done()
		case strings.Contains(r.URL.Path, "cut"):
			w.Header().Set("Content-Length", "100")
			_, _ = fmt.Fprint(w, "x")
		case strings.Contains(r.URL.Path, "redirect"):
			http.Redirect(w, r, "ftp://x/?access_token="+token, http.StatusFound)
		default:
			http.Error(w, token, http.StatusForbidden)
		}
	})
	for _, path := range []string{"/slow", "/cut", "/redirect", "/forbidden", "ftp://x/", "http://127.0.0.1:1/", "http://other.example/", "http://%zz/"} {
		_, err := client.Do(t.Context(), fetch.Request{
			URL: path, Query: url.Values{"access_token": {token}}, Authorize: fetch.Key("X-Goog-Api-Key", secret),
		})
		if err == nil || strings.Contains(err.Error(), token) {
			t.Errorf("%s: %v", path, err)
		}
	}
	_, err := client.Do(t.Context(), fetch.Request{URL: "http://" + token + "@%zz/?access_token=" + token})
	if err == nil || strings.Contains(err.Error(), token) {
		t.Errorf("bad address: %v", err)
	}
}

func TestCredentialsDoNotFollowARedirectToAnotherHost(t *testing.T) {
	var leaked atomic.Bool
	other := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if strings.Contains(fmt.Sprint(r.Header, r.URL), token) {
			leaked.Store(true)
		}
	}))
	defer other.Close()
	client := clientOf(t, nil, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, other.URL+"/here", http.StatusFound)
	})
	// The other server has the same host name, so only its port differs.
	_, err := client.Do(t.Context(), fetch.Request{URL: "/x", Authorize: fetch.Key("X-Goog-Api-Key", secret)})
	if kindOf(err) != collect.KindRefused {
		t.Errorf("with credentials: %v", err)
	}
	if _, err = client.Do(t.Context(), fetch.Request{URL: "/x?key=" + token}); err != nil {
		t.Errorf("without: %v", err)
	}
	if leaked.Load() {
		t.Error("a credential or a query reached another host")
	}
}

func TestAnswersAreBounded(t *testing.T) {
	var bomb bytes.Buffer
	packer := gzip.NewWriter(&bomb)
	for range 64 {
		_, _ = packer.Write(make([]byte, 1<<20))
	}
	_ = packer.Close()
	client := clientOf(t, func(c *fetch.Configuration) { c.MaxBodyBytes = 1 << 20 }, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/v1/bomb":
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = w.Write(bomb.Bytes())
		case "/v1/unknown":
			w.Header().Set("Content-Encoding", "br")
			_, _ = w.Write([]byte("x"))
		case "/v1/page":
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			_, _ = w.Write([]byte("<html>log in"))
		case "/v1/deep":
			_, _ = w.Write([]byte(strings.Repeat("[", 100000)))
		case "/v1/two":
			_, _ = w.Write([]byte(`{} {}`))
		}
	})
	var into any
	for _, path := range []string{"/bomb", "/unknown", "/page", "/deep", "/two"} {
		_, err := client.AskJSON(t.Context(), &collecttest.Sink{}, fetch.Request{URL: path}, &into)
		if kindOf(err) != collect.KindMalformed {
			t.Errorf("%s: %v", path, err)
		}
	}
	_, err := client.Do(t.Context(), fetch.Request{URL: "/page", ContentTypes: []string{"application/json"}})
	if kindOf(err) != collect.KindMalformed || !strings.Contains(err.Error(), "text/html") {
		t.Errorf("wrong type: %v", err)
	}
	if _, err = client.Do(t.Context(), fetch.Request{URL: "/page", ContentTypes: []string{"text/html"}}); err != nil {
		t.Errorf("right type: %v", err)
	}
}

func TestAHostGetsSoManyRequestsAtOnce(t *testing.T) {
	var now, most atomic.Int64
	client := clientOf(t, func(c *fetch.Configuration) { c.PerHost = 3 }, func(http.ResponseWriter, *http.Request) {
		n := now.Add(1)
		for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
			continue
		}
		time.Sleep(10 * time.Millisecond)
		now.Add(-1)
	})
	done := make(chan error)
	for range 12 {
		go func() {
			_, err := client.Do(context.Background(), fetch.Request{URL: "/"})
			done <- err
		}()
	}
	for range 12 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	if got := most.Load(); got != 3 {
		t.Errorf("%d requests at once, want 3", got)
	}
}

func TestConfigurationSaysWhatIsWrong(t *testing.T) {
	tests := map[string]fetch.Configuration{
		"base_url": {BaseURL: "api.example"}, "per_host": {PerHost: -1}, "hosts[0]": {Hosts: []string{"https://a"}},
	}
	for key, cfg := range tests {
		cfg = cfg.WithDefaults()
		if err := cfg.Validate("f"); err == nil || !strings.Contains(err.Error(), `"f.`+key+`"`) {
			t.Errorf("%s: %v", key, err)
		}
	}
}
