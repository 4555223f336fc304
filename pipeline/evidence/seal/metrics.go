package seal

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// metrics are all figures that the log gives of itself.
type metrics struct {
	sealed    prometheus.Counter
	waiting   prometheus.Gauge
	sealedAt  prometheus.Gauge
	holds     prometheus.Gauge
	stamps    *prometheus.CounterVec
	stampedAt prometheus.Gauge
	unstamped prometheus.Gauge
	skew      prometheus.Gauge
	clock     prometheus.Counter
	errors    *prometheus.CounterVec
}

func newMetrics(registerer prometheus.Registerer) *metrics {
	m := &metrics{
		sealed: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "netra_evidence_log_sealed_total", Help: "Statements appended to the sealed log by this process.",
		}),
		waiting: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "netra_evidence_log_waiting", Help: "Statements that are committed and wait to be appended to the sealed log.",
		}),
		sealedAt: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "netra_evidence_log_sealed_timestamp_seconds", Help: "When this process last appended to the sealed log, in seconds since 1970; 0 before.",
		}),
		holds: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "netra_evidence_log_holds", Help: "1 where the sealed log agrees with its signed checkpoints, 0 where it was rewritten, or before the first look -1.",
		}),
		stamps: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "netra_evidence_stamps_total", Help: "Time stamps that were asked for, by result: granted, failed.",
		}, []string{"result"}),
		stampedAt: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "netra_evidence_stamp_timestamp_seconds", Help: "The authority's time in the last time stamp, in seconds since 1970; 0 before the first.",
		}),
		unstamped: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "netra_evidence_unstamped_leaves", Help: "Leaves of the sealed log that no time-stamped checkpoint covers yet.",
		}),
		skew: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "netra_evidence_clock_skew_seconds", Help: "This machine's clock less the authority's at the last time stamp.",
		}),
		clock: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "netra_evidence_clock_jumps_total", Help: "Times that this machine's clock was seen to be set by a second or more.",
		}),
		errors: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "netra_evidence_log_errors_total", Help: "Failures of the sealed log, by what failed: seal, check, stamp, head.",
		}, []string{"kind"}),
	}
	m.holds.Set(-1)
	registerer.MustRegister(m.sealed, m.waiting, m.sealedAt, m.holds, m.stamps, m.stampedAt, m.unstamped, m.skew, m.clock, m.errors)
	return m
}

func (m *metrics) sealedSome(n int, at time.Time) {
	m.sealed.Add(float64(n))
	m.sealedAt.Set(float64(at.UnixMilli()) / 1000)
	m.holds.Set(1)
}
