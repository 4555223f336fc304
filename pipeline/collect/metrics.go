package collect

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

type metrics struct {
	collected   *prometheus.CounterVec
	sent        *prometheus.CounterVec
	edited      *prometheus.CounterVec
	dropped     *prometheus.CounterVec
	rejected    *prometheus.CounterVec
	errors      *prometheus.CounterVec
	retries     *prometheus.CounterVec
	lastSuccess *prometheus.GaugeVec
	cursorLag   *prometheus.GaugeVec
	overdue     *prometheus.GaugeVec
	targets     *prometheus.GaugeVec
	fresh       *prometheus.GaugeVec
	interval    *prometheus.GaugeVec
	unwatched   prometheus.Gauge
	failing     *prometheus.GaugeVec
	paused      *prometheus.GaugeVec
	visit       *prometheus.HistogramVec
	send        prometheus.Histogram
	delay       *prometheus.HistogramVec
	stretch     *prometheus.GaugeVec
	units       *prometheus.CounterVec
	quotaLeft   *prometheus.GaugeVec
	noBudget    *prometheus.CounterVec
	ended       *prometheus.GaugeVec
	seen        prometheus.Gauge
	expired     prometheus.Counter
}

func newMetrics(registerer prometheus.Registerer) *metrics {
	factory := promauto.With(registerer)
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		return factory.NewCounterVec(prometheus.CounterOpts{Name: "netra_collect_" + name, Help: help}, labels)
	}
	gauge := func(name, help string, labels ...string) *prometheus.GaugeVec {
		return factory.NewGaugeVec(prometheus.GaugeOpts{Name: "netra_collect_" + name, Help: help}, labels)
	}
	return &metrics{
		collected:   counter("items_total", "Items that a source found, posts or not.", "source"),
		sent:        counter("sent_total", "Posts that the queue has acknowledged.", "source"),
		edited:      counter("edited_total", "Posts sent again because their content changed; part of the sent.", "source"),
		dropped:     counter("dropped_total", "Posts that did not go on, by cause; they are not stored.", "source", "cause"),
		rejected:    counter("rejected_total", "Items that became dead letters, by cause.", "source", "cause"),
		errors:      counter("source_errors_total", "Failed visits of targets, by kind of failure.", "source", "kind"),
		retries:     counter("send_retries_total", "Repeated calls to the queue after a failure.", "call"),
		lastSuccess: gauge("last_success_timestamp_seconds", "When a target of the source was last visited with success.", "source"),
		cursorLag:   gauge("cursor_lag_seconds", "Age of the newest post of the page that was sent last, at that time.", "source"),
		overdue:     gauge("overdue_seconds", "By how much the target that is most overdue is late.", "source"),
		targets:     gauge("targets", "Targets of the source.", "source"),
		fresh:       gauge("targets_fresh", "Targets that were visited with success in the last 24 hours, or in two of the source's longest intervals where that is more.", "source"),
		interval:    gauge("interval_seconds", "The longest interval between two visits of a target that the source is configured for.", "source"),
		unwatched:   factory.NewGauge(prometheus.GaugeOpts{Name: "netra_collect_accounts_unwatched", Help: "Accounts of the roster that no source collects, once all sources have told theirs."}),
		failing:     gauge("targets_failing", "Targets whose last visit failed.", "source"),
		paused:      gauge("source_paused", "Part of the source's hosts that pause, from 0 to 1: the circuit is open, the platform asked for it, or the budget is used up.", "source"),
		visit: factory.NewHistogramVec(prometheus.HistogramOpts{
			Name: "netra_collect_visit_seconds", Help: "Time of one visit of a target, with its requests and the queue.",
			Buckets: prometheus.ExponentialBuckets(0.005, 4, 9),
		}, []string{"source"}),
		send: factory.NewHistogram(prometheus.HistogramOpts{
			Name: "netra_collect_send_seconds", Help: "Time until the queue has acknowledged a page.",
			Buckets: prometheus.ExponentialBuckets(0.001, 3, 10),
		}),
		delay: factory.NewHistogramVec(prometheus.HistogramOpts{
			Name: "netra_collect_delay_seconds", Help: "Time from a post's date until the queue has acknowledged it; the first visit of an account brings its older posts, too.",
			Buckets: prometheus.ExponentialBuckets(1, 4, 11),
		}, []string{"source"}),
		stretch:   gauge("interval_stretch", "By how much intervals are longer than wanted, because rate limit or quota allow no more visits; 1 where they do.", "source"),
		units:     counter("units_total", "Requests to the platform, in units of its quota.", "source"),
		quotaLeft: gauge("quota_left_units", "What is left of the quota of this window.", "source"),
		noBudget:  counter("visits_without_budget_total", "Visits that ended early, to be gone on with, because rate limit or quota were used up.", "source"),
		ended:     gauge("accounts_ended", "Targets whose account is gone, private, suspended or renamed.", "source"),
		seen:      factory.NewGauge(prometheus.GaugeOpts{Name: "netra_collect_seen_versions", Help: "Contents of posts that are remembered as sent."}),
		expired:   factory.NewCounter(prometheus.CounterOpts{Name: "netra_collect_seen_expired_total", Help: "Contents of posts that were forgotten for their age."}),
	}
}

// count adds the tally of one page.
func (m *metrics) count(source string, tally *Tally, now time.Time) {
	m.collected.WithLabelValues(source).Add(float64(tally.Items))
	m.sent.WithLabelValues(source).Add(float64(tally.Sent))
	m.edited.WithLabelValues(source).Add(float64(tally.Edited))
	for cause, n := range tally.Dropped {
		m.dropped.WithLabelValues(source, string(cause)).Add(float64(n))
	}
	for cause, n := range tally.Rejected {
		m.rejected.WithLabelValues(source, string(cause)).Add(float64(n))
	}
	m.seen.Add(float64(tally.Remembered))
	if newest := tally.newest(); tally.Sent > 0 && !newest.IsZero() {
		m.cursorLag.WithLabelValues(source).Set(now.Sub(newest).Seconds())
	}
}
