package fetch

import (
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

// Metrics are shared by the clients of all sources.
type Metrics struct {
	requests *prometheus.HistogramVec
	bytes    *prometheus.CounterVec
}

// NewMetrics registers the metrics.
func NewMetrics(registerer prometheus.Registerer) *Metrics {
	factory := promauto.With(registerer)
	return &Metrics{
		requests: factory.NewHistogramVec(prometheus.HistogramOpts{
			Name: "netra_collect_request_seconds", Help: "Time of one request to a platform, by the status of its answer, or error.",
			Buckets: prometheus.ExponentialBuckets(0.01, 3, 9),
		}, []string{"source", "code"}),
		bytes: factory.NewCounterVec(prometheus.CounterOpts{
			Name: "netra_collect_request_bytes_total", Help: "Bytes of answers of platforms, after decompression.",
		}, []string{"source"}),
	}
}
