package audit

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/netra-id/netra/pipeline/monitor"
)

// metrics are all figures that the log gives of itself.
type metrics struct {
	events  *prometheus.CounterVec
	sealed  prometheus.Counter
	errors  *prometheus.CounterVec
	holds   prometheus.Gauge
	entries prometheus.Gauge
	at      prometheus.Gauge
}

func newMetrics(registerer prometheus.Registerer) *metrics {
	m := &metrics{
		events: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "netra_audit_events_total", Help: "Events recorded in the audit log, by action.",
		}, []string{"action"}),
		sealed: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "netra_audit_sealed_total", Help: "Events appended to the audit log's chain by this process.",
		}),
		errors: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "netra_audit_errors_total", Help: "Failures of the audit log, by what failed: seal, verify.",
		}, []string{"kind"}),
		holds: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "netra_audit_chain_holds", Help: "1 where the last verification found nothing wrong, 0 where it did, or before the first one -1.",
		}),
		entries: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "netra_audit_verified_entries", Help: "Entries that the last verification found to hold, from the first on.",
		}),
		at: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "netra_audit_verified_timestamp_seconds", Help: "When the chain was walked last, whatever was found; 0 before the first time.",
		}),
	}
	m.holds.Set(-1)
	monitor.Zero(m.errors, "seal", "verify")
	registerer.MustRegister(m.events, m.sealed, m.errors, m.holds, m.entries, m.at)
	return m
}

func (m *metrics) verified(check Check) {
	m.entries.Set(float64(check.Entries))
	m.at.Set(float64(check.At.Unix()))
	m.holds.Set(0)
	if check.Holds() {
		m.holds.Set(1)
	}
}
