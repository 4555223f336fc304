package queue

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/netra-id/netra/pipeline/monitor"
)

type metrics struct {
	produced      *prometheus.CounterVec
	produceErrors *prometheus.CounterVec
	produceTime   prometheus.Histogram
	rawBytes      *prometheus.CounterVec
	rawDropped    prometheus.Counter
	consumed      *prometheus.CounterVec
	lag           *prometheus.GaugeVec
	groupLag      *prometheus.GaugeVec
	generation    prometheus.Gauge
	partitions    prometheus.Gauge
	rebalances    *prometheus.CounterVec
	batches       *prometheus.CounterVec
	batchRecords  prometheus.Histogram
	batchTime     prometheus.Histogram
	commits       *prometheus.CounterVec
	commitTime    prometheus.Histogram
	expired       *prometheus.CounterVec
	errors        *prometheus.CounterVec
}

func newMetrics(registry prometheus.Registerer) *metrics {
	return &metrics{
		produced: monitor.Register(registry, prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "netra_queue_produced_total", Help: "Records that the broker has acknowledged, by topic.",
		}, []string{"topic"})),
		produceErrors: monitor.Register(registry, prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "netra_queue_produce_errors_total", Help: "Records that a producer could not send, by kind of error; a retry that helped is not counted.",
		}, []string{"kind"})),
		produceTime: monitor.Register(registry, prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "netra_queue_produce_seconds", Help: "Time from a send to the acknowledgement of all its records.",
			Buckets: prometheus.ExponentialBuckets(0.002, 2, 14),
		})),
		consumed: monitor.Register(registry, prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "netra_queue_consumed_total", Help: "Records handed to the handler in batches that it has finished, by partition.",
		}, []string{"topic", "partition"})),
		rawBytes: monitor.Register(registry, prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "netra_queue_raw_bytes_total", Help: "Bytes of platforms' answers that were laid beside their posts: as answered, and as they lie in the queue.",
		}, []string{"as"})),
		rawDropped: monitor.Register(registry, prometheus.NewCounter(prometheus.CounterOpts{
			Name: "netra_queue_raw_left_out_total", Help: "Posts that were sent without the platform's answer, since it was too large or the source did not bring it.",
		})),
		lag: monitor.Register(registry, prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "netra_queue_lag_records", Help: "Records in the partition behind the last batch that was finished.",
		}, []string{"topic", "partition"})),
		groupLag: monitor.Register(registry, prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "netra_queue_group_lag_records", Help: "Records that the workers' group has not acknowledged, by partition, as the broker tells; also right while no worker runs. Missing where the broker does not answer.",
		}, []string{"topic", "partition"})),
		generation: monitor.Register(registry, prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "netra_queue_generation", Help: "Generation of the consumer group that this worker is in, -1 in none.",
		})),
		partitions: monitor.Register(registry, prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "netra_queue_assigned_partitions", Help: "Partitions that this worker owns.",
		})),
		rebalances: monitor.Register(registry, prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "netra_queue_generations_ended_total", Help: "Generations of the group that ended here, by cause: rebalance, fenced, stopped, error.",
		}, []string{"cause"})),
		batches: monitor.Register(registry, prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "netra_queue_batches_total", Help: "Batches that were finished, by origin: new, or rebuilt from the plan of an earlier owner.",
		}, []string{"origin"})),
		batchRecords: monitor.Register(registry, prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "netra_queue_batch_records", Help: "Records in a batch.",
			Buckets: prometheus.ExponentialBuckets(1, 3, 10),
		})),
		batchTime: monitor.Register(registry, prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "netra_queue_batch_seconds", Help: "Time that the handler took for a batch.",
			Buckets: prometheus.ExponentialBuckets(0.002, 2, 14),
		})),
		commits: monitor.Register(registry, prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "netra_queue_commits_total", Help: "Commits of offsets that the broker took, by kind: plan, or end when idle.",
		}, []string{"kind"})),
		commitTime: monitor.Register(registry, prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "netra_queue_commit_seconds", Help: "Time that a commit took with its retries.",
			Buckets: prometheus.ExponentialBuckets(0.001, 2, 14),
		})),
		expired: monitor.Register(registry, prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "netra_queue_expired_records_total", Help: "Offsets that retention removed before they were handled. Anything above 0 is a loss.",
		}, []string{"topic", "partition"})),
		errors: monitor.Register(registry, prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "netra_queue_errors_total", Help: "Errors of the consumer, by operation (join, locate, fetch, commit, handle, lag, group_lag) and kind; each is retried.",
		}, []string{"operation", "kind"})),
	}
}
