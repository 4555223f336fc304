package coordinated

import "github.com/prometheus/client_golang/prometheus"

type metrics struct {
	clusters *prometheus.GaugeVec
	found    prometheus.Counter
	seconds  prometheus.Histogram
	failures prometheus.Counter
	behind   prometheus.Gauge
	cut      prometheus.Counter
	foreign  prometheus.Gauge
}

func newMetrics(registerer prometheus.Registerer) *metrics {
	m := &metrics{
		clusters: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "netra_coordinated_clusters", Help: "Clusters of near-identical posts by many accounts that grew in the last 24 hours, by grade: high, medium, low. Only in the console that looks for them.",
		}, []string{"grade"}),
		found: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "netra_coordinated_found_total", Help: "Clusters that were found for the first time.",
		}),
		seconds: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "netra_coordinated_run_seconds", Help: "Time of one look for copies.", Buckets: []float64{.05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 300},
		}),
		failures: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "netra_coordinated_failures_total", Help: "Looks for copies that failed; they are made again.",
		}),
		behind: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "netra_coordinated_behind_seconds", Help: "Age of the newest sketch that was looked at, when it was.",
		}),
		cut: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "netra_coordinated_cut_total", Help: "Looks for copies that found more texts than are put together at once: the least copied were left out.",
		}),
		foreign: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "netra_coordinated_foreign_sketches", Help: "Sketches of the last look that were made with another key (coordinated.hash_key) and cannot be compared.",
		}),
	}
	registerer.MustRegister(m.clusters, m.found, m.seconds, m.failures, m.behind, m.cut, m.foreign)
	return m
}
