package worker

import (
	"cmp"
	"slices"
	"time"

	"github.com/netra-id/netra/classifiers"
	"github.com/netra-id/netra/pipeline/post"
)

// ShadowCount is how many posts of one hour the version in force, the shadow and
// both flag with a label; label "" is any.
type ShadowCount struct {
	// Hour is that in which the batch's first record reached the broker.
	Hour               time.Time
	Version, Published string
	Label              post.Label
	Posts              uint64
	Live, Shadow, Both uint64
}

// ShadowSample is a post on which the version in force and the shadow differ.
type ShadowSample struct {
	Version, Published       string
	ID, Account, Region      string
	Excerpt                  string
	LiveLabels, ShadowLabels []post.Label
	ShadowRules              []string
	At                       time.Time
}

const (
	// mostShadowSamples bounds the samples of one batch.
	mostShadowSamples = 20
	// shadowExcerpt bounds the text of a sample, in characters.
	shadowExcerpt = 200
)

// SetShadow sets the classifier whose verdicts are counted and sampled beside
// those in force, and shown in no queue; nil is none. It costs as much time as
// the one in force.
func (w *Worker) SetShadow(classifier classifiers.Classifier) {
	if classifier == nil {
		w.shadow.Store(nil)
		return
	}
	w.shadow.Store(&classifier)
}

// shadowOf judges the items by the shadow, where there is one, and adds what
// differs to the batch. A shadow that fails on a post flags nothing there.
func (w *Worker) shadowOf(items []*item, published string, batch *Batch) {
	shadow := w.shadow.Load()
	if shadow == nil || len(items) == 0 {
		return
	}
	begin := time.Now()
	verdicts := make([]post.Verdict, len(items))
	w.parallel(len(items), func(i int) {
		if items[i].dead == nil {
			verdicts[i] = judgeQuietly(*shadow, items[i])
		}
	})
	count := shadowCounter{
		hour: items[0].record.Time.UTC().Truncate(time.Hour), version: (*shadow).Versions().Lists, published: published,
		counts: map[post.Label]*ShadowCount{},
	}
	for i, it := range items {
		if it.dead == nil {
			count.add(it, &verdicts[i])
		}
	}
	batch.ShadowCounts, batch.ShadowSamples = count.sorted(), count.samples
	w.metrics.shadowTime.Observe(time.Since(begin).Seconds())
}

func judgeQuietly(classifier classifiers.Classifier, it *item) (verdict post.Verdict) {
	defer func() {
		if recover() != nil {
			verdict = post.Verdict{}
		}
	}()
	return classifier.Classify(&it.post, it.person.Region)
}

type shadowCounter struct {
	hour               time.Time
	version, published string
	counts             map[post.Label]*ShadowCount
	samples            []ShadowSample
}

func (c *shadowCounter) count(label post.Label, live, shadow bool) {
	row := c.counts[label]
	if row == nil {
		row = &ShadowCount{Hour: c.hour, Version: c.version, Published: c.published, Label: label}
		c.counts[label] = row
	}
	switch {
	case live && shadow:
		row.Live, row.Shadow, row.Both = row.Live+1, row.Shadow+1, row.Both+1
	case live:
		row.Live++
	case shadow:
		row.Shadow++
	}
}

func (c *shadowCounter) add(it *item, verdict *post.Verdict) {
	live, shadow := it.labels(), labelsOf(verdict)
	c.count("", it.verdict.Flagged, verdict.Flagged)
	c.counts[""].Posts++
	for _, label := range post.Labels {
		if is, would := slices.Contains(live, label), slices.Contains(shadow, label); is || would {
			c.count(label, is, would)
		}
	}
	if len(c.samples) == mostShadowSamples || sameLabels(live, shadow) {
		return
	}
	c.samples = append(c.samples, ShadowSample{
		Version: c.version, Published: c.published, ID: it.post.ID, Account: it.post.Key(), Region: it.person.Region,
		Excerpt: firstRunes(cmp.Or(it.post.Text, it.post.Quoted), shadowExcerpt), LiveLabels: live, ShadowLabels: shadow,
		ShadowRules: rulesOf(verdict), At: it.record.Time,
	})
}

// sorted lists the counts in order; every one has the number of all posts.
func (c *shadowCounter) sorted() []ShadowCount {
	var rows []ShadowCount
	for _, label := range append([]post.Label{""}, post.Labels...) {
		if row := c.counts[label]; row != nil {
			row.Posts = c.counts[""].Posts
			rows = append(rows, *row)
		}
	}
	return rows
}

func labelsOf(verdict *post.Verdict) []post.Label {
	return (&item{verdict: *verdict}).labels()
}

func sameLabels(a, b []post.Label) bool {
	return len(a) == len(b) && !slices.ContainsFunc(a, func(label post.Label) bool { return !slices.Contains(b, label) })
}

func rulesOf(verdict *post.Verdict) []string {
	var rules []string
	for _, label := range verdict.Labels {
		for _, reason := range label.Reasons {
			if reason.Kind == post.ReasonKeyword && !slices.Contains(rules, reason.Source) {
				rules = append(rules, reason.Source)
			}
		}
	}
	return rules
}

func firstRunes(s string, n int) string {
	for i := range s {
		if n == 0 {
			return s[:i] + "…"
		}
		n--
	}
	return s
}
