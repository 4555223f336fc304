package capture

import (
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

type metrics struct {
	captures *prometheus.CounterVec
	files    *prometheus.CounterVec
	tips     *prometheus.CounterVec
	requests *prometheus.CounterVec
	items    *prometheus.CounterVec
	errors   *prometheus.CounterVec
	waiting  prometheus.Gauge
}

func newMetrics(registerer prometheus.Registerer) *metrics {
	factory := promauto.With(registerer)
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		return factory.NewCounterVec(prometheus.CounterOpts{Name: "netra_capture_" + name, Help: help}, labels)
	}
	return &metrics{
		captures: counter("posts_total", "Posts captured by hand, by what became of them.", "result"),
		files:    counter("files_total", "Files handed in with captures, by what became of them.", "result"),
		tips:     counter("tips_total", "Tips of the public, by what became of them.", "result"),
		requests: counter("hook_requests_total", "Requests of partners' systems, by what became of them.", "partner", "result"),
		items:    counter("hook_items_total", "Posts that partners' systems sent, by what became of them.", "partner", "result"),
		errors:   counter("errors_total", "Errors of work in the background.", "doing"),
		waiting:  factory.NewGauge(prometheus.GaugeOpts{Name: "netra_capture_tips_waiting", Help: "Tips that nobody has decided on yet."}),
	}
}
