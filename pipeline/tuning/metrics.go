package tuning

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/netra-id/netra/pipeline/monitor"
)

// metrics tell which version a process works with.
type metrics struct {
	loads       *prometheus.CounterVec
	duration    prometheus.Gauge
	loaded      prometheus.Gauge
	publication prometheus.Gauge
	version     *prometheus.GaugeVec
}

func newMetrics(registerer prometheus.Registerer) *metrics {
	m := &metrics{
		loads: monitor.Register(registerer, prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "netra_lists_loads_total", Help: "Published versions of the lists that this process looked at, by outcome: ok, refused, unreachable.",
		}, []string{"outcome"})),
		duration: monitor.Register(registerer, prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "netra_lists_load_seconds", Help: "How long the last load of a published version took, with its examples.",
		})),
		loaded: monitor.Register(registerer, prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "netra_lists_loaded_timestamp_seconds", Help: "When this process put its version of the lists in force.",
		})),
		publication: monitor.Register(registerer, prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "netra_lists_publication", Help: "The number of the publication in force in this process; 0 for the configured files.",
		})),
		version: monitor.Register(registerer, prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "netra_lists_version_info", Help: "1 for the version of the lists in force in this process.",
		}, []string{"version"})),
	}
	monitor.Zero(m.loads, "ok", "refused", "unreachable")
	return m
}

func (m *metrics) took(p Publication, took time.Duration) {
	m.loads.WithLabelValues("ok").Inc()
	m.duration.Set(took.Seconds())
	m.loaded.SetToCurrentTime()
	m.publication.Set(float64(p.Number))
	m.version.Reset()
	m.version.WithLabelValues(Short(p.Version)).Set(1)
}
