package retention

import "github.com/prometheus/client_golang/prometheus"

type metrics struct {
	purged   *prometheus.CounterVec
	files    prometheus.Counter
	due      *prometheus.GaugeVec
	held     prometheus.Gauge
	returned prometheus.Counter
	failures prometheus.Counter
}

func newMetrics(registerer prometheus.Registerer) *metrics {
	m := &metrics{
		purged: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "netra_retention_purged_total", Help: "Posts that were purged, by why: dismissed, withdrawn, closed, duplicate.",
		}, []string{"why"}),
		files: prometheus.NewCounter(prometheus.CounterOpts{Name: "netra_retention_files_total", Help: "Files that were removed since nothing needs them."}),
		due: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "netra_retention_due", Help: "Posts that are due to be purged, by why, counted once an hour.",
		}, []string{"why"}),
		held:     prometheus.NewGauge(prometheus.GaugeOpts{Name: "netra_retention_held", Help: "Decided posts that a legal hold keeps."}),
		returned: prometheus.NewCounter(prometheus.CounterOpts{Name: "netra_retention_returned_total", Help: "Purged posts that came back from the queue and were purged again."}),
		failures: prometheus.NewCounter(prometheus.CounterOpts{Name: "netra_retention_failures_total", Help: "Purges that failed; they are made again."}),
	}
	for _, why := range Goes {
		m.purged.WithLabelValues(string(why))
	}
	registerer.MustRegister(m.purged, m.files, m.due, m.held, m.returned, m.failures)
	return m
}
