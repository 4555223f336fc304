package health

import (
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/netra-id/netra/pipeline/monitor"
)

// metrics tell of the rules in force, and of no others, so that what is retired
// leaves no series behind. They are made anew for every scrape from the last
// report.
type metrics struct {
	last  atomic.Pointer[Report]
	hits  *prometheus.Desc
	alarm *prometheus.Desc
	at    *prometheus.Desc
	runs  *prometheus.CounterVec
}

func newMetrics(registerer prometheus.Registerer) *metrics {
	m := &metrics{
		hits: prometheus.NewDesc("netra_rule_hits_24h",
			"Flagged posts of the last 24 hours of which a rule in force is a reason.", []string{"rule"}, nil),
		alarm: prometheus.NewDesc("netra_rule_alarm",
			"1 for each alarm of a rule in force: rise, drop, only_dismissed, never_matched. Missing where there is none.", []string{"rule", "kind"}, nil),
		at: prometheus.NewDesc("netra_rule_health_timestamp_seconds",
			"When the health of the rules was last worked out; the other netra_rule metrics are of that time.", nil, nil),
		runs: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "netra_rule_health_runs_total", Help: "Tries to work out the health of the rules, by outcome: ok, failed.",
		}, []string{"outcome"}),
	}
	monitor.Zero(m.runs, "ok", "failed")
	if registerer != nil {
		registerer.MustRegister(m, m.runs)
	}
	return m
}

// Describe implements prometheus.Collector.
func (m *metrics) Describe(to chan<- *prometheus.Desc) {
	to <- m.hits
	to <- m.alarm
	to <- m.at
}

// Collect implements prometheus.Collector.
func (m *metrics) Collect(to chan<- prometheus.Metric) {
	report := m.last.Load()
	if report == nil {
		return
	}
	gauge := func(desc *prometheus.Desc, value float64, labels ...string) {
		to <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, value, labels...)
	}
	gauge(m.at, float64(report.At.Unix()))
	for i := range report.Rules {
		row := &report.Rules[i]
		if row.Kind != KindRule || !row.InForce {
			continue
		}
		gauge(m.hits, float64(row.Hits24h), row.Name)
		for _, alarm := range row.Alarms {
			gauge(m.alarm, 1, row.Name, alarm.Kind)
		}
	}
}
