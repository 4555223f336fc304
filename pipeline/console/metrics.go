package console

import "github.com/prometheus/client_golang/prometheus"

// metrics are all figures that the console gives of itself.
type metrics struct {
	requests *prometheus.CounterVec
	duration *prometheus.HistogramVec
	logins   *prometheus.CounterVec
	refused  *prometheus.CounterVec
	errors   *prometheus.CounterVec
}

func newMetrics(registerer prometheus.Registerer) *metrics {
	m := &metrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "netra_console_requests_total",
			Help: "Requests answered by the console, by route and HTTP status.",
		}, []string{"route", "status"}),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "netra_console_request_duration_seconds",
			Help:    "Time from a request's head to the end of its answer, by route.",
			Buckets: []float64{.001, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10},
		}, []string{"route"}),
		logins: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "netra_console_logins_total",
			Help: "Attempts to log in, by result: ok, wrong, limited, error.",
		}, []string{"result"}),
		refused: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "netra_console_forgeries_refused_total",
			Help: "Requests refused, by cause: origin and token did not come from a page of the console, right is not the role's.",
		}, []string{"cause"}),
		errors: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "netra_console_errors_total",
			Help: "Errors of the console itself, by what failed: page, session, purge, panic.",
		}, []string{"kind"}),
	}
	registerer.MustRegister(m.requests, m.duration, m.logins, m.refused, m.errors)
	return m
}
