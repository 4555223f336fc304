package worker

import (
	"errors"

	"github.com/prometheus/client_golang/prometheus"
)

type metrics struct {
	posts        prometheus.Counter
	flagged      *prometheus.CounterVec
	flaggedPosts prometheus.Counter
	deadLetters  *prometheus.CounterVec
	repeats      *prometheus.CounterVec
	unresolved   prometheus.Counter
	classifyTime prometheus.Histogram
	batchTime    prometheus.Histogram
	batchRecords prometheus.Histogram
	insertTime   prometheus.Histogram
	retries      *prometheus.CounterVec
	errors       *prometheus.CounterVec
	storeUp      prometheus.Gauge
}

func newMetrics(registry prometheus.Registerer) *metrics {
	seconds := prometheus.ExponentialBuckets(0.001, 2, 16)
	return &metrics{
		posts: register(registry, prometheus.NewCounter(prometheus.CounterOpts{
			Name: "netra_worker_posts_total", Help: "Posts classified and counted; repeats and dead letters are not among them.",
		})),
		flagged: register(registry, prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "netra_worker_flagged_total", Help: "Posts flagged, by label; a post with two labels counts under both.",
		}, []string{"label"})),
		flaggedPosts: register(registry, prometheus.NewCounter(prometheus.CounterOpts{
			Name: "netra_worker_flagged_posts_total", Help: "Posts flagged with any label.",
		})),
		deadLetters: register(registry, prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "netra_worker_dead_letters_total", Help: "Records sent to the dead letters, by reason: empty, json, field, classifier, refused.",
		}, []string{"reason"})),
		repeats: register(registry, prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "netra_worker_repeats_total", Help: "Records of a post that came before, by kind: same (skipped) or edit (classified again, not counted again).",
		}, []string{"kind"})),
		unresolved: register(registry, prometheus.NewCounter(prometheus.CounterOpts{
			Name: "netra_worker_unresolved_accounts_total", Help: "Posts whose account is not in the roster on the post's date; they are stored without a person.",
		})),
		classifyTime: register(registry, prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "netra_worker_classify_seconds", Help: "Time to classify the posts of a batch, all processors together.", Buckets: seconds,
		})),
		batchTime: register(registry, prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "netra_worker_batch_seconds", Help: "Time for a batch from its records to the store's acknowledgement.", Buckets: seconds,
		})),
		batchRecords: register(registry, prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "netra_worker_batch_records", Help: "Records in a batch.", Buckets: prometheus.ExponentialBuckets(1, 3, 10),
		})),
		insertTime: register(registry, prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "netra_worker_insert_seconds", Help: "Time of one insert that the store acknowledged.", Buckets: seconds,
		})),
		retries: register(registry, prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "netra_worker_retries_total", Help: "Tries that failed and were repeated, by operation: insert, dead_letter.",
		}, []string{"operation"})),
		errors: register(registry, prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "netra_worker_errors_total", Help: "Errors by kind: insert, insert_refused, insert_timeout, dead_letter, classifier_panic, counts_refused.",
		}, []string{"kind"})),
		storeUp: register(registry, prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "netra_worker_store_up", Help: "1 when the last insert was acknowledged, 0 while inserts fail.",
		})),
	}
}

// register lets several parts of one process share a registry.
func register[C prometheus.Collector](registry prometheus.Registerer, collector C) C {
	if registry == nil {
		return collector
	}
	err := registry.Register(collector)
	var already prometheus.AlreadyRegisteredError
	if errors.As(err, &already) {
		if existing, ok := already.ExistingCollector.(C); ok {
			return existing
		}
	}
	if err != nil {
		panic(err) // two different metrics of one name: a mistake in this file
	}
	return collector
}
