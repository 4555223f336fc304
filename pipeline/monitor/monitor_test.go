package monitor_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/netra-id/netra/pipeline/monitor"
)

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

func TestHandlerServesMetricsHealthAndReadiness(t *testing.T) {
	registry := prometheus.NewRegistry()
	counter := prometheus.NewCounter(prometheus.CounterOpts{Name: "netra_test_total", Help: "A test."})
	registry.MustRegister(counter)
	counter.Add(3)
	var away atomic.Bool
	handler := monitor.New(monitor.DefaultConfiguration(), registry, []monitor.Check{
		{Name: "fine", Ready: func(context.Context) error { return nil }},
		{Name: "store", Ready: func(context.Context) error {
			if away.Load() {
				return errors.New("it is away")
			}
			return nil
		}},
	}, quiet()).Handler()

	tests := map[string]struct {
		path string
		away bool
		code int
		want string
	}{
		"metrics":          {"/metrics", false, http.StatusOK, "netra_test_total 3"},
		"healthy":          {"/healthz", false, http.StatusOK, "ok"},
		"ready":            {"/readyz", false, http.StatusOK, "ok"},
		"not ready":        {"/readyz", true, http.StatusServiceUnavailable, "store: it is away"},
		"healthy, unready": {"/healthz", true, http.StatusOK, "ok"},
		"no profiles here": {"/debug/pprof/", false, http.StatusNotFound, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			away.Store(test.away)
			answer := httptest.NewRecorder()
			handler.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, test.path, nil))
			if answer.Code != test.code || !strings.Contains(answer.Body.String(), test.want) {
				t.Errorf("got %d %q", answer.Code, answer.Body)
			}
		})
	}
}

func TestRunServesUntilTheEnd(t *testing.T) {
	cfg := monitor.Configuration{Listen: freeAddress(t), Pprof: freeAddress(t)}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- monitor.New(cfg, prometheus.NewRegistry(), nil, quiet()).Run(ctx) }()
	for _, url := range []string{"http://" + cfg.Listen + "/readyz", "http://" + cfg.Pprof + "/debug/pprof/cmdline"} {
		if code, err := get(t, url); err != nil || code != http.StatusOK {
			t.Errorf("%s: %d %v", url, code, err)
		}
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestAddressThatIsTakenIsAnError(t *testing.T) {
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	cfg := monitor.Configuration{Listen: listener.Addr().String()}
	err = monitor.New(cfg, prometheus.NewRegistry(), nil, quiet()).Run(t.Context())
	if err == nil || !strings.Contains(err.Error(), "monitor.listen") || !strings.Contains(err.Error(), cfg.Listen) {
		t.Errorf("got %v, want it to name key and address", err)
	}
}

func TestEmptyAddressesServeNothing(t *testing.T) {
	if err := monitor.New(monitor.Configuration{}, prometheus.NewRegistry(), nil, quiet()).Run(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestValidate(t *testing.T) {
	tests := map[string]struct {
		cfg  monitor.Configuration
		want string // "" where it is right
	}{
		"defaults":            {monitor.DefaultConfiguration(), ""},
		"nothing":             {monitor.Configuration{}, ""},
		"metrics for all":     {monitor.Configuration{Listen: ":9464"}, ""},
		"no port":             {monitor.Configuration{Listen: "127.0.0.1"}, `key "listen": value "127.0.0.1": allowed: host:port`},
		"pprof here":          {monitor.Configuration{Pprof: "[::1]:6060"}, ""},
		"pprof at localhost":  {monitor.Configuration{Pprof: "localhost:6060"}, ""},
		"pprof for all":       {monitor.Configuration{Pprof: ":6060"}, `key "pprof"`},
		"pprof for a network": {monitor.Configuration{Pprof: "10.0.0.1:6060"}, `key "pprof"`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			err := test.cfg.Validate()
			if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}

func TestStartupWaitsWithLongerPauses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var logged strings.Builder
		up := monitor.NewStartup(slog.New(slog.NewTextHandler(&logged, nil)))
		if err := up.Ready(t.Context()); err == nil {
			t.Error("ready before it has begun")
		}
		var tries []time.Duration
		begin := time.Now()
		err := up.Await(t.Context(), "reach the store", func(context.Context) error {
			tries = append(tries, time.Since(begin))
			if len(tries) < 9 {
				return errors.New("connection refused")
			}
			if err := up.Ready(t.Context()); err == nil || !strings.Contains(err.Error(), "reach the store: waiting since") || !strings.Contains(err.Error(), "connection refused") {
				t.Errorf("readiness says %v", err)
			}
			return nil
		}, never)
		if err != nil {
			t.Fatal(err)
		}
		want := "[0s 250ms 750ms 1.75s 3.75s 7.75s 15.75s 25.75s 35.75s]"
		if got := fmt.Sprint(tries); got != want {
			t.Errorf("tried at %s, want %s", got, want)
		}
		if n := strings.Count(logged.String(), "connection refused"); n != 8 {
			t.Errorf("the log tells of %d failures, want 8:\n%s", n, logged.String())
		}
		if err := up.Ready(t.Context()); err == nil {
			t.Error("ready before all is done")
		}
		up.Done(monitor.Check{Name: "worker", Ready: func(context.Context) error { return errors.New("no group") }})
		if err := up.Ready(t.Context()); err == nil || err.Error() != "worker: no group" {
			t.Errorf("got %v, want the check's error", err)
		}
		up.Done()
		if err := up.Ready(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

func TestStartupDoesNotWaitForWhatStaysWrong(t *testing.T) {
	wrong, tries := errors.New("wrong password"), 0
	err := monitor.NewStartup(quiet()).Await(t.Context(), "reach the store", func(context.Context) error {
		tries++
		return fmt.Errorf("ping: %w", wrong)
	}, func(err error) bool { return errors.Is(err, wrong) })
	if !errors.Is(err, wrong) || tries != 1 {
		t.Errorf("got %v after %d tries", err, tries)
	}
}

func TestStartupEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		away := errors.New("away")
		begin := time.Now()
		err := monitor.NewStartup(quiet()).Await(ctx, "reach the store", func(context.Context) error { return away }, never)
		if !errors.Is(err, away) || time.Since(begin) != 5*time.Second {
			t.Errorf("got %v after %s", err, time.Since(begin))
		}
	})
}

func never(error) bool { return false }

func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	return listener.Addr().String()
}

// get asks until somebody listens.
func get(t *testing.T, url string) (int, error) {
	t.Helper()
	for {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
		if err != nil {
			return 0, err
		}
		answer, err := http.DefaultClient.Do(request)
		if err == nil {
			_, _ = io.Copy(io.Discard, answer.Body)
			return answer.StatusCode, answer.Body.Close()
		}
		time.Sleep(10 * time.Millisecond)
	}
}
