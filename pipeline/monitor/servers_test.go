package monitor_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/netra-id/netra/pipeline/monitor"
)

// gauges are the values of a metric by one label.
func gauges(t *testing.T, registry *prometheus.Registry, name, label string) map[string]float64 {
	t.Helper()
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	values := map[string]float64{}
	for _, family := range families {
		if family.GetName() != name {
			continue
		}
		for _, metric := range family.GetMetric() {
			for _, pair := range metric.GetLabel() {
				if pair.GetName() == label {
					values[pair.GetValue()] = metric.GetGauge().GetValue()
				}
			}
		}
	}
	return values
}

func TestProbesTellWhichServersAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		registry := prometheus.NewRegistry()
		probes := monitor.NewProbes(registry)
		up := func() map[string]float64 { return gauges(t, registry, "netra_server_up", "server") }
		var away atomic.Bool
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() { defer close(ended); probes.Run(ctx) }()
		synctest.Wait()
		if len(up()) != 0 {
			t.Errorf("%v before any server is known", up())
		}
		probes.Add(monitor.Check{Name: "kafka", Ready: func(context.Context) error {
			if away.Load() {
				return errors.New("connection refused")
			}
			return nil
		}})
		probes.Add(monitor.Check{Name: "clickhouse", Ready: func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }})
		synctest.Wait()
		if got := up(); got["kafka"] != 1 {
			t.Errorf("%v at once, want kafka", got)
		}
		time.Sleep(time.Second)
		if _, known := up()["clickhouse"]; known {
			t.Error("a server is told of before it had its time to answer")
		}
		away.Store(true)
		time.Sleep(probes.Within + probes.Every)
		synctest.Wait()
		if got := up(); got["clickhouse"] != 0 || got["kafka"] != 0 || len(got) != 2 {
			t.Errorf("%v, want both away", got)
		}
		away.Store(false)
		time.Sleep(2 * (probes.Within + probes.Every))
		synctest.Wait()
		if got := up(); got["kafka"] != 1 {
			t.Errorf("%v, want kafka back", got)
		}
		cancel()
		<-ended
		if got := up(); got["kafka"] != 1 {
			t.Errorf("%v: the end of the process is no server's fault", got)
		}
	})
}

func TestDisksAreToldOncePerFileSystem(t *testing.T) {
	dir := t.TempDir()
	later := filepath.Join(dir, "later")
	registry := prometheus.NewRegistry()
	monitor.RegisterDisks(registry, "", later, dir, filepath.Join(dir, "never"), "/proc")
	free, size := gauges(t, registry, "netra_disk_free_bytes", "path"), gauges(t, registry, "netra_disk_size_bytes", "path")
	if _, told := free["/proc"]; len(free) != 2 || !told || free[dir] <= 0 || free[dir] > size[dir] {
		t.Errorf("free %v of %v, want those of %s and /proc", free, size, dir)
	}
	if err := os.Mkdir(later, 0o700); err != nil {
		t.Fatal(err)
	}
	free = gauges(t, registry, "netra_disk_free_bytes", "path")
	if _, told := free[dir]; told || len(free) != 2 || free[later] <= 0 {
		t.Errorf("%v, want one file system by its first folder %s", free, later)
	}
}

func TestBuildIsTold(t *testing.T) {
	registry := prometheus.NewRegistry()
	monitor.RegisterBuild(registry, "v1.2.3")
	if got := gauges(t, registry, "netra_build_info", "version"); got["v1.2.3"] != 1 {
		t.Error(got)
	}
}
