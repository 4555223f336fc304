package evidence

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/netra-id/netra/pipeline/monitor"
)

type metrics struct {
	kept     *prometheus.CounterVec
	problems *prometheus.CounterVec
	bytes    prometheus.Counter
	damaged  prometheus.Counter
	purged   prometheus.Counter
	removed  prometheus.Counter
}

func newMetrics(registerer prometheus.Registerer) *metrics {
	return &metrics{
		kept: monitor.Register(registerer, prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "netra_evidence_pieces_total", Help: "Pieces of evidence that were kept in this process, by kind and occasion.",
		}, []string{"kind", "occasion"})),
		problems: monitor.Register(registerer, prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "netra_evidence_problems_total", Help: "Pieces that could not be captured, of which the reason was kept instead, by kind.",
		}, []string{"kind"})),
		bytes: monitor.Register(registerer, prometheus.NewCounter(prometheus.CounterOpts{
			Name: "netra_evidence_bytes_total", Help: "Bytes of the files of pieces that were kept in this process; a file that was there already counts again.",
		})),
		damaged: monitor.Register(registerer, prometheus.NewCounter(prometheus.CounterOpts{
			Name: "netra_evidence_damaged_total", Help: "Files of pieces that were missing or not what was kept when they were put or opened. Any is an alarm.",
		})),
		purged: monitor.Register(registerer, prometheus.NewCounter(prometheus.CounterOpts{
			Name: "netra_evidence_purged_total", Help: "Pieces that were purged in this process.",
		})),
		removed: monitor.Register(registerer, prometheus.NewCounter(prometheus.CounterOpts{
			Name: "netra_evidence_files_removed_total", Help: "Files that were removed in this process since no piece is about them any more.",
		})),
	}
}
