package capture

import (
	"context"
	"fmt"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

type metrics struct {
	tasks    *prometheus.CounterVec
	waiting  *prometheus.GaugeVec
	oldest   prometheus.Gauge
	failures *prometheus.CounterVec
	retries  *prometheus.CounterVec
	duration *prometheus.HistogramVec
	fetched  *prometheus.CounterVec
}

func newMetrics(registerer prometheus.Registerer) *metrics {
	m := &metrics{
		tasks: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "netra_evidence_tasks_total", Help: "Tasks of capturing that were done in this process, by stage and result: whole, or problem where something could not be captured.",
		}, []string{"stage", "result"}),
		waiting: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "netra_evidence_tasks_waiting", Help: "Tasks of capturing that are not done, by stage.",
		}, []string{"stage"}),
		oldest: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "netra_evidence_oldest_task_seconds", Help: "Age of the oldest task of capturing that is not done; 0 where none waits.",
		}),
		failures: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "netra_evidence_failures_total", Help: "Failures of the evidence worker's own work, by what it could not do; each is tried again.",
		}, []string{"task"}),
		retries: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "netra_evidence_retries_total", Help: "Tasks of capturing that failed and are tried again, by stage.",
		}, []string{"stage"}),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "netra_evidence_task_seconds", Help: "Time of one try of a task of capturing, by stage.", Buckets: prometheus.ExponentialBuckets(0.005, 3, 9),
		}, []string{"stage"}),
		fetched: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "netra_evidence_fetches_total", Help: "Media and pages that were asked for, by kind and result: ok, gone, refused (by our own rules), failed.",
		}, []string{"kind", "result"}),
	}
	registerer.MustRegister(m.tasks, m.waiting, m.oldest, m.failures, m.retries, m.duration, m.fetched)
	return m
}

// measure counts what waits, and forgets tasks that were done long ago.
func (w *Worker) measure(ctx context.Context) error {
	now := w.deps.Now()
	oldest := now
	for _, stage := range stages {
		var n, made int64
		err := w.db.QueryRow(ctx, "SELECT count(*), coalesce(min(made_at), 0) FROM evidence_tasks WHERE done_at = 0 AND stage = ?", string(stage)).Scan(&n, &made)
		if err != nil {
			return fmt.Errorf("count the tasks: %w", err)
		}
		w.metrics.waiting.WithLabelValues(string(stage)).Set(float64(n))
		if at := time.UnixMilli(made); n > 0 && at.Before(oldest) {
			oldest = at
		}
	}
	w.metrics.oldest.Set(now.Sub(oldest).Seconds())
	return w.forget(ctx, now)
}
