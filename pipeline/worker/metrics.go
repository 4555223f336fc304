package worker

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/netra-id/netra/pipeline/monitor"
)

type metrics struct {
	posts        prometheus.Counter
	flagged      *prometheus.CounterVec
	flaggedPosts prometheus.Counter
	deadLetters  *prometheus.CounterVec
	repeats      *prometheus.CounterVec
	unresolved   prometheus.Counter
	classifyTime prometheus.Histogram
	shadowTime   prometheus.Histogram
	batchTime    prometheus.Histogram
	batchRecords prometheus.Histogram
	insertTime   prometheus.Histogram
	retries      *prometheus.CounterVec
	errors       *prometheus.CounterVec
	storeUp      prometheus.Gauge
}

func newMetrics(registry prometheus.Registerer) *metrics {
	seconds := prometheus.ExponentialBuckets(0.001, 2, 16)
	m := &metrics{
		posts: monitor.Register(registry, prometheus.NewCounter(prometheus.CounterOpts{
			Name: "netra_worker_posts_total", Help: "Posts classified and counted; repeats and dead letters are not among them.",
		})),
		flagged: monitor.Register(registry, prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "netra_worker_flagged_total", Help: "Posts flagged, by label; a post with two labels counts under both.",
		}, []string{"label"})),
		flaggedPosts: monitor.Register(registry, prometheus.NewCounter(prometheus.CounterOpts{
			Name: "netra_worker_flagged_posts_total", Help: "Posts flagged with any label.",
		})),
		deadLetters: monitor.Register(registry, prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "netra_worker_dead_letters_total", Help: "Records sent to the dead letters, by reason: empty, json, field, classifier, refused.",
		}, []string{"reason"})),
		repeats: monitor.Register(registry, prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "netra_worker_repeats_total", Help: "Records of a post that came before, by kind: same (skipped) or edit (classified again, not counted again).",
		}, []string{"kind"})),
		unresolved: monitor.Register(registry, prometheus.NewCounter(prometheus.CounterOpts{
			Name: "netra_worker_unresolved_accounts_total", Help: "Posts whose account is not in the roster on the post's date; they are stored without a person.",
		})),
		classifyTime: monitor.Register(registry, prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "netra_worker_classify_seconds", Help: "Time to classify the posts of a batch, all processors together.", Buckets: seconds,
		})),
		shadowTime: monitor.Register(registry, prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "netra_worker_shadow_seconds", Help: "Time to judge the posts of a batch by the draft in shadow.", Buckets: seconds,
		})),
		batchTime: monitor.Register(registry, prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "netra_worker_batch_seconds", Help: "Time for a batch from its records to the store's acknowledgement.", Buckets: seconds,
		})),
		batchRecords: monitor.Register(registry, prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "netra_worker_batch_records", Help: "Records in a batch.", Buckets: prometheus.ExponentialBuckets(1, 3, 10),
		})),
		insertTime: monitor.Register(registry, prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "netra_worker_insert_seconds", Help: "Time of one insert that the store acknowledged.", Buckets: seconds,
		})),
		retries: monitor.Register(registry, prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "netra_worker_retries_total", Help: "Tries that failed and were repeated, by operation: insert, dead_letter.",
		}, []string{"operation"})),
		errors: monitor.Register(registry, prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "netra_worker_errors_total", Help: "Errors by kind: insert, insert_refused, insert_timeout, dead_letter, classifier_panic, counts_refused.",
		}, []string{"kind"})),
		storeUp: monitor.Register(registry, prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "netra_worker_store_up", Help: "1 when the last insert was acknowledged, 0 while inserts fail.",
		})),
	}
	monitor.Zero(m.deadLetters, ReasonEmpty, ReasonJSON, ReasonField, ReasonClassifier, ReasonRefused)
	monitor.Zero(m.retries, "insert", "dead_letter")
	monitor.Zero(m.errors, "insert", "insert_refused", "insert_timeout", "dead_letter", "classifier_panic", "counts_refused")
	return m
}
