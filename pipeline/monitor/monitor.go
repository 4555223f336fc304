// Package monitor serves what operators and orchestrators look at: Prometheus
// metrics, /healthz, /readyz, and, on an address of its own that stays on this
// machine, pprof. Every command that runs on starts one; it knows nothing of
// what it serves.
package monitor

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/pprof"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"golang.org/x/sync/errgroup"

	"github.com/netra-id/netra/pipeline/post"
)

// Configuration says where to listen; an empty address turns a server off.
type Configuration struct {
	// Listen serves /metrics, /healthz and /readyz.
	Listen string `yaml:"listen"`
	// Pprof serves /debug/pprof/; only loopback addresses are allowed.
	Pprof string `yaml:"pprof"`
}

// DefaultConfiguration serves metrics on this machine, and no pprof.
func DefaultConfiguration() Configuration { return Configuration{Listen: "127.0.0.1:9464"} }

// Validate names the first key that is wrong.
func (c Configuration) Validate() error {
	for key, address := range map[string]string{"listen": c.Listen, "pprof": c.Pprof} {
		if address == "" {
			continue
		}
		host, _, err := net.SplitHostPort(address)
		if err != nil {
			return &post.FieldError{Key: key, Value: fmt.Sprintf("%q", address), Allowed: "host:port, or empty for none"}
		}
		if ip := net.ParseIP(host); key == "pprof" && host != "localhost" && (ip == nil || !ip.IsLoopback()) {
			return &post.FieldError{Key: key, Value: fmt.Sprintf("%q", address), Allowed: "an address of this machine such as 127.0.0.1:6060: profiles show what is in memory"}
		}
	}
	return nil
}

// Check says whether one part of the program is ready, and if not, why.
type Check struct {
	Name  string
	Ready func(context.Context) error
}

// Monitor serves metrics and checks.
type Monitor struct {
	cfg      Configuration
	gatherer prometheus.Gatherer
	checks   []Check
	log      *slog.Logger
}

// New builds a monitor.
func New(cfg Configuration, gatherer prometheus.Gatherer, checks []Check, log *slog.Logger) *Monitor {
	return &Monitor{cfg: cfg, gatherer: gatherer, checks: checks, log: log}
}

// Run serves until ctx ends. An address that is taken is an error.
func (m *Monitor) Run(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	if m.cfg.Listen != "" {
		group.Go(func() error { return m.serve(ctx, m.cfg.Listen, m.Handler()) })
	}
	if m.cfg.Pprof != "" {
		group.Go(func() error { return m.serve(ctx, m.cfg.Pprof, profiles()) })
	}
	return group.Wait()
}

// Handler serves /metrics, /healthz and /readyz.
func (m *Monitor) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(m.gatherer, promhttp.HandlerOpts{}))
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprintln(w, "ok") })
	mux.HandleFunc("GET /readyz", m.ready)
	return mux
}

func (m *Monitor) ready(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), 5*time.Second)
	defer cancel()
	for _, check := range m.checks {
		if err := check.Ready(ctx); err != nil {
			http.Error(w, fmt.Sprintf("%s: %v", check.Name, err), http.StatusServiceUnavailable)
			return
		}
	}
	_, _ = fmt.Fprintln(w, "ok")
}

func profiles() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/debug/pprof/", pprof.Index)
	mux.HandleFunc("/debug/pprof/cmdline", pprof.Cmdline)
	mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("/debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("/debug/pprof/trace", pprof.Trace)
	return mux
}

func (m *Monitor) serve(ctx context.Context, address string, handler http.Handler) error {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err != nil {
		return fmt.Errorf("listen for metrics on %s (keys monitor.listen, monitor.pprof): %w", address, err)
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 5 * time.Second}
	stop := context.AfterFunc(ctx, func() {
		closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		_ = server.Shutdown(closing)
	})
	defer stop()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve metrics on %s: %w", address, err)
	}
	return nil
}
