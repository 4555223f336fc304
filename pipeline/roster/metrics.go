package roster

import "github.com/prometheus/client_golang/prometheus"

type metrics struct {
	accounts prometheus.Gauge
	periods  prometheus.Gauge
	loaded   prometheus.Gauge
	reloads  *prometheus.CounterVec
}

func newMetrics(registerer prometheus.Registerer) *metrics {
	m := &metrics{
		accounts: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "netra_roster_accounts", Help: "Accounts in the roster that is in use.",
		}),
		periods: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "netra_roster_periods", Help: "Dated periods of accounts in the roster that is in use.",
		}),
		loaded: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "netra_roster_loaded_timestamp_seconds", Help: "When the roster that is in use was loaded.",
		}),
		reloads: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "netra_roster_reloads_total",
			Help: "Looks for a new roster, by result: loaded, same or failed.",
		}, []string{"result"}),
	}
	if registerer != nil {
		registerer.MustRegister(m.accounts, m.periods, m.loaded, m.reloads)
	}
	return m
}
