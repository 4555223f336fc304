package store

import "github.com/prometheus/client_golang/prometheus"

type metrics struct {
	insertSeconds *prometheus.HistogramVec
	rows          *prometheus.CounterVec
	querySeconds  *prometheus.HistogramVec
	errors        *prometheus.CounterVec
}

func newMetrics(registerer prometheus.Registerer) *metrics {
	buckets := []float64{.002, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60}
	m := &metrics{
		insertSeconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "netra_store_insert_seconds", Help: "Time until ClickHouse had stored one block, by table.", Buckets: buckets,
		}, []string{"table"}),
		rows: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "netra_store_inserted_rows_total",
			Help: "Rows that ClickHouse took, by table. A repeated block counts again, although it is stored once.",
		}, []string{"table"}),
		querySeconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "netra_store_query_seconds", Help: "Time of a query, by what it asks for.", Buckets: buckets,
		}, []string{"query"}),
		errors: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "netra_store_errors_total",
			Help: "Failed inserts and queries by operation and kind: refused, login, database, table, unreachable, timeout, canceled or server.",
		}, []string{"operation", "kind"}),
	}
	if registerer != nil {
		registerer.MustRegister(m.insertSeconds, m.rows, m.querySeconds, m.errors)
	}
	return m
}
