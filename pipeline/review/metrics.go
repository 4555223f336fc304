package review

import "github.com/prometheus/client_golang/prometheus"

type metrics struct {
	decisions *prometheus.CounterVec
	sent      prometheus.Counter
	outbox    prometheus.Gauge
	outboxLag prometheus.Gauge
	taken     *prometheus.CounterVec
	intakeLag prometheus.Gauge
	items     *prometheus.GaugeVec
	oldest    prometheus.Gauge
	overdue   prometheus.Gauge
	due       *prometheus.GaugeVec
	failures  *prometheus.CounterVec
}

func newMetrics(registerer prometheus.Registerer) *metrics {
	m := &metrics{
		decisions: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "netra_review_decisions_total", Help: "Decisions that were made in this process, by verdict.",
		}, []string{"verdict"}),
		sent: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "netra_review_sent_total", Help: "Decisions that ClickHouse took. A repeated batch counts again, although it is stored once.",
		}),
		outbox: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "netra_review_outbox", Help: "Decisions that ClickHouse does not have yet.",
		}),
		outboxLag: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "netra_review_outbox_lag_seconds", Help: "Age of the oldest decision that ClickHouse does not have yet.",
		}),
		taken: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "netra_review_taken_in_total", Help: "Flagged posts taken into the queue, by what became of the item: new, changed, edited, withdrawn or same.",
		}, []string{"result"}),
		intakeLag: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "netra_review_intake_lag_seconds", Help: "Age of the newest flagged post when it was taken into the queue last.",
		}),
		items: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "netra_review_items", Help: "Items by status.",
		}, []string{"status"}),
		oldest: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "netra_review_oldest_due_seconds", Help: "Time left to the legal deadline of the opened item that is due next; 0 where none is. Those whose time is over are netra_review_overdue.",
		}),
		overdue: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "netra_review_overdue", Help: "Opened items that still wait although their legal time is over.",
		}),
		due: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "netra_review_due_items", Help: "Opened items that wait for a decision, by the time left to their legal deadline: 24h, 48h, 72h, each with those before it.",
		}, []string{"within"}),
		failures: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "netra_review_failures_total", Help: "Failures of the review's own work, by what it could not do.",
		}, []string{"task"}),
	}
	registerer.MustRegister(m.decisions, m.sent, m.outbox, m.outboxLag, m.taken, m.intakeLag, m.items, m.oldest, m.overdue, m.due, m.failures)
	return m
}
