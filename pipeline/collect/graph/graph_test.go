package graph_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/netra-id/netra/pipeline/collect"
	"github.com/netra-id/netra/pipeline/collect/collecttest"
	"github.com/netra-id/netra/pipeline/collect/fetch"
	"github.com/netra-id/netra/pipeline/collect/graph"
	"github.com/netra-id/netra/pipeline/collect/platformtest"
	"github.com/netra-id/netra/pipeline/collect/sweep"
)

const token = "EAABsecret0token"

func clientOf(t *testing.T, handler http.HandlerFunc, change func(*graph.Configuration)) *graph.Client {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	t.Setenv("GRAPH_TOKEN", token)
	var cfg graph.Configuration
	cfg.TokenEnv = "GRAPH_TOKEN"
	cfg.Fetch.AllowPrivate = true
	cfg.Fetch.BaseURL = server.URL
	cfg = cfg.WithDefaults("", "v24.0")
	if change != nil {
		change(&cfg)
	}
	if err := cfg.Validate("facebook"); err != nil {
		t.Fatal(err)
	}
	c, err := graph.New("fb", cfg, fetch.NewMetrics(prometheus.NewRegistry()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func ask(t *testing.T, c *graph.Client) (*collecttest.Sink, error) {
	t.Helper()
	sink := &collecttest.Sink{}
	var into any
	_, err := c.Ask(t.Context(), sink, "/1/posts", nil, &into)
	return sink, err
}

func TestErrorsHaveTheirKind(t *testing.T) {
	regain := `{"17":[{"type":"pages","call_count":100,"total_cputime":20,"total_time":30,"estimated_time_to_regain_access":19}]}`
	tests := map[string]struct {
		status        int
		code, subcode int
		header        map[string]string
		kind          collect.Kind
		retryAfter    time.Duration
	}{
		"token":                    {401, 190, 463, nil, collect.KindRefused, 0},
		"session":                  {401, 102, 0, nil, collect.KindRefused, 0},
		"permission":               {403, 10, 0, nil, collect.KindRefused, 0},
		"permission 200":           {403, 200, 0, nil, collect.KindRefused, 0},
		"policy":                   {400, 368, 0, nil, collect.KindRefused, 0},
		"app limit":                {403, 4, 0, nil, collect.KindRateLimited, 10 * time.Minute},
		"user limit":               {400, 17, 2446079, nil, collect.KindRateLimited, 10 * time.Minute},
		"page limit":               {400, 32, 0, map[string]string{"X-Business-Use-Case-Usage": regain}, collect.KindRateLimited, 19 * time.Minute},
		"custom limit":             {400, 613, 0, nil, collect.KindRateLimited, 10 * time.Minute},
		"business limit":           {400, 80001, 0, map[string]string{"X-Business-Use-Case-Usage": regain}, collect.KindRateLimited, 19 * time.Minute},
		"gone":                     {400, 100, 33, nil, collect.KindGone, 0},
		"alias":                    {404, 803, 0, nil, collect.KindGone, 0},
		"merged":                   {400, 21, 0, nil, collect.KindRenamed, 0},
		"unknown":                  {500, 1, 0, nil, collect.KindTemporary, 0},
		"service":                  {503, 2, 0, nil, collect.KindTemporary, 0},
		"in an answer that is 200": {200, 4, 0, nil, collect.KindRateLimited, 10 * time.Minute},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			c := clientOf(t, func(w http.ResponseWriter, r *http.Request) {
				for key, value := range test.header {
					w.Header().Set(key, value)
				}
				w.WriteHeader(test.status)
				_, _ = w.Write([]byte(platformtest.GraphError(test.code, test.subcode, "Ada apa dengan "+r.Header.Get("Authorization"))))
			}, nil)
			_, err := ask(t, c)
			var typed *collect.Error
			if !errors.As(err, &typed) || typed.Kind != test.kind || typed.RetryAfter != test.retryAfter {
				t.Errorf("got %v, want %s and %s", err, test.kind, test.retryAfter)
			}
			if strings.Contains(err.Error(), token) || !strings.Contains(err.Error(), "Ada apa") {
				t.Errorf("the message is %v", err)
			}
		})
	}
}

func TestOddErrors(t *testing.T) {
	tests := map[string]struct {
		status int
		body   string
		kind   collect.Kind
	}{
		"a page instead":       {503, "<html>maaf</html>", collect.KindTemporary},
		"a page that is 200":   {200, "<html>masuk dulu</html>", collect.KindMalformed},
		"nothing":              {200, "", collect.KindMalformed},
		"half":                 {200, `{"data":[{"id":`, collect.KindMalformed},
		"an error of no form":  {400, `{"error":"bad"}`, collect.KindRefused},
		"an error of no code":  {400, `{"error":{}}`, collect.KindRefused},
		"a list":               {200, `[]`, collect.KindMalformed},
		"deep":                 {200, strings.Repeat("[", 100_000), collect.KindMalformed},
		"an expired parameter": {400, platformtest.GraphError(100, 0, "bad cursor"), collect.KindRefused},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			c := clientOf(t, func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(test.status)
				_, _ = w.Write([]byte(test.body))
			}, nil)
			_, err := ask(t, c)
			var typed *collect.Error
			if !errors.As(err, &typed) || typed.Kind != test.kind {
				t.Errorf("got %v, want %s", err, test.kind)
			}
			if got := errors.Is(err, sweep.ErrToken); got != (name == "an expired parameter") {
				t.Errorf("it is a paging token's error: %v", got)
			}
		})
	}
}

func TestUsageBecomesALimit(t *testing.T) {
	tests := map[string]struct {
		header    map[string]string
		remaining int
		reset     time.Duration
	}{
		"calm":     {map[string]string{"X-App-Usage": `{"call_count":28,"total_time":25,"total_cputime":25}`}, -1, 0},
		"busy":     {map[string]string{"X-App-Usage": `{"call_count":28,"total_time":90,"total_cputime":25}`}, 10, time.Hour},
		"full":     {map[string]string{"X-App-Usage": `{"call_count":130}`}, 0, time.Hour},
		"page":     {map[string]string{"X-Page-Usage": `{"call_count":80}`}, 20, time.Hour},
		"business": {map[string]string{"X-App-Usage": `{"call_count":1}`, "X-Business-Use-Case-Usage": `{"1":[{"call_count":100,"estimated_time_to_regain_access":5}]}`}, 0, 5 * time.Minute},
		"nonsense": {map[string]string{"X-App-Usage": `{"call_count":`, "X-Business-Use-Case-Usage": `[]`}, -1, 0},
		"hostile":  {map[string]string{"X-Business-Use-Case-Usage": `{"1":[{"estimated_time_to_regain_access":1e300,"call_count":-1e300}]}`}, 0, 24 * time.Hour},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			c := clientOf(t, func(w http.ResponseWriter, _ *http.Request) {
				for key, value := range test.header {
					w.Header().Set(key, value)
				}
				_, _ = w.Write([]byte(`{"data":[]}`))
			}, nil)
			sink, err := ask(t, c)
			if err != nil {
				t.Fatal(err)
			}
			limits := sink.Limits()
			if test.remaining < 0 {
				if len(limits) != 0 {
					t.Errorf("limits %v", limits)
				}
				return
			}
			if len(limits) != 1 || limits[0].Remaining != test.remaining || (time.Until(limits[0].Reset)-test.reset).Abs() > time.Minute {
				t.Errorf("limits %v, want %d in %s", limits, test.remaining, test.reset)
			}
		})
	}
}

func TestCredentials(t *testing.T) {
	tests := map[string]struct {
		in        string
		appSecret bool
	}{"header": {graph.TokenInHeader, false}, "query": {graph.TokenInQuery, false}, "proof": {graph.TokenInHeader, true}}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Setenv("GRAPH_APP_SECRET", "rahasia")
			c := clientOf(t, func(w http.ResponseWriter, r *http.Request) {
				header, query := r.Header.Get("Authorization"), r.URL.Query().Get("access_token")
				if test.in == graph.TokenInHeader && (header != "Bearer "+token || query != "") || test.in == graph.TokenInQuery && (header != "" || query != token) {
					t.Errorf("header %q, query %q", header, query)
				}
				proof := r.URL.Query().Get("appsecret_proof")
				if test.appSecret != (len(proof) == 64) || strings.Contains(r.URL.String(), "rahasia") {
					t.Errorf("proof %q", proof)
				}
				_, _ = w.Write([]byte(`{}`))
			}, func(c *graph.Configuration) {
				c.TokenIn = test.in
				if test.appSecret {
					c.AppSecretEnv = "GRAPH_APP_SECRET"
				}
			})
			if _, err := ask(t, c); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestARedirectDoesNotTakeTheTokenAlong(t *testing.T) {
	c := clientOf(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "http://localhost:1/?stolen="+r.URL.Query().Get("access_token"), http.StatusFound)
	}, func(c *graph.Configuration) { c.TokenIn, c.Fetch.Hosts = graph.TokenInQuery, []string{"localhost"} })
	_, err := ask(t, c)
	var typed *collect.Error
	if !errors.As(err, &typed) || typed.Kind != collect.KindRefused || strings.Contains(err.Error(), token) {
		t.Errorf("got %v", err)
	}
}

func TestConfigurationNamesWhatIsWrong(t *testing.T) {
	cfg := graph.Configuration{TokenIn: "cookie", Version: "24", PageSize: 1000, MaxPages: -1, History: 1, MoreFields: []string{"a{b}"}}
	err := cfg.Validate("s")
	for _, key := range []string{"token_env", "token_in", "version", "page_size", "max_pages", "history", "more_fields[0]", "fetch.timeout"} {
		if err == nil || !strings.Contains(err.Error(), `key "s.`+key+`"`) {
			t.Errorf("%s is not named in %v", key, err)
		}
	}
}

func TestUsernames(t *testing.T) {
	tests := map[string]struct {
		account collect.Account
		want    string
	}{
		"handle":     {collect.Account{ID: "1784", Handle: "@budi.asn"}, "budi.asn"},
		"id":         {collect.Account{ID: "budi_asn"}, "budi_asn"},
		"number":     {collect.Account{ID: "1784"}, ""},
		"expression": {collect.Account{ID: "1", Handle: "x){id}"}, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := graph.Username(test.account)
			if got != test.want || (err == nil) != (test.want != "") {
				t.Errorf("got %q, %v", got, err)
			}
		})
	}
}

func TestPaging(t *testing.T) {
	tests := map[string]struct{ paging, want string }{
		"last page":               {`{"cursors":{"after":"a"}}`, ""},
		"cursor":                  {`{"cursors":{"after":"QVFI"},"next":"https://graph.facebook.com/x?access_token=T&after=QVFI"}`, "after=QVFI"},
		"cursor in the address":   {`{"next":"https://evil.example/x?access_token=T&after=a%26b"}`, "after=a%26b"},
		"by time":                 {`{"next":"https://graph.facebook.com/x?access_token=T&until=1732000000&__paging_token=enc&limit=99"}`, "__paging_token=enc&until=1732000000"},
		"an address of no use":    {`{"next":"https://graph.facebook.com/x?access_token=T"}`, ""},
		"an address that is none": {`{"next":"://"}`, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var paging graph.Paging
			if err := json.Unmarshal([]byte(test.paging), &paging); err != nil {
				t.Fatal(err)
			}
			query, token := url.Values{}, paging.Token()
			if token != "" {
				graph.SetToken(query, token)
			}
			if got := query.Encode(); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func FuzzUsageHeaders(f *testing.F) {
	f.Add(`{"call_count":28}`, `{"1":[{"call_count":100,"estimated_time_to_regain_access":5}]}`)
	f.Fuzz(func(t *testing.T, app, business string) {
		limit := graph.LimitOf(http.Header{"X-App-Usage": {app}, "X-Business-Use-Case-Usage": {business}}, time.Now())
		if limit.Said() && (limit.Remaining > 200 || time.Until(limit.Reset) > 25*time.Hour) {
			t.Errorf("limit %v", limit)
		}
	})
}
