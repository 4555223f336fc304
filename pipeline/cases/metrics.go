package cases

import "github.com/prometheus/client_golang/prometheus"

type metrics struct {
	changes *prometheus.CounterVec
	cases   *prometheus.GaugeVec
	overdue prometheus.Gauge
	failed  prometheus.Counter
}

func newMetrics(registerer prometheus.Registerer) *metrics {
	m := &metrics{
		changes: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "netra_cases_changes_total", Help: "Changes of cases that were made in this process, by what was changed.",
		}, []string{"change"}),
		cases: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "netra_cases", Help: "Cases by status.",
		}, []string{"status"}),
		overdue: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "netra_cases_overdue", Help: "Cases that still wait to be handed over although their legal time is over.",
		}),
		failed: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "netra_cases_failures_total", Help: "How often the cases could not be counted or their clocks not be set.",
		}),
	}
	registerer.MustRegister(m.changes, m.cases, m.overdue, m.failed)
	return m
}
