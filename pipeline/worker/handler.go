package worker

import (
	"cmp"
	"context"
	"fmt"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/netra-id/netra/classifiers"
	"github.com/netra-id/netra/pipeline/coordinated/sketch"
	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/queue"
)

// handler works on the batches of one partition.
type handler struct {
	worker *Worker
	window *window
}

// item is one record on its way through a batch.
type item struct {
	record  *queue.Record
	post    post.Post
	person  post.Person
	known   bool
	repeat  repeat
	verdict post.Verdict
	dead    *deadLetter
}

// counts says whether the post is new, so that it is counted.
func (it *item) counts() bool { return it.repeat == notRepeat && it.record.Revision() == 1 }

// Recall remembers the posts before the first batch.
func (h *handler) Recall(record queue.Record) {
	it := item{record: &record}
	if read(&it, h.worker.deps.Roster, h.worker.now()); it.dead == nil {
		h.window.see(record.Offset, &it.post)
	}
}

// Handle returns when everything that follows from the batch is durable.
func (h *handler) Handle(ctx context.Context, b queue.Batch) error {
	begin := time.Now()
	w := h.worker
	items := make([]item, len(b.Records))
	now := w.now()
	w.parallel(len(items), func(i int) {
		items[i].record = &b.Records[i]
		read(&items[i], w.deps.Roster, now)
	})
	fresh := h.sift(items)
	batch := Batch{Token: b.Token()}
	w.shadowOf(fresh, w.classify(fresh), &batch)

	dead, flags, counts := gather(items, fresh)
	if err := w.bury(ctx, &b, dead); err != nil {
		return err
	}
	batch.Counts, batch.Sketches, batch.Edits = counts, w.sketches(fresh), edits(&b, fresh)
	if err := w.insert(ctx, &b, flags, batch); err != nil {
		return err
	}
	w.observe(items, time.Since(begin))
	return nil
}

// sift marks repeats, in the order of the log, and returns the items that are
// to be classified.
func (h *handler) sift(items []item) []*item {
	fresh := make([]*item, 0, len(items))
	for i := range items {
		it := &items[i]
		if it.dead != nil {
			continue
		}
		if it.repeat = h.window.see(it.record.Offset, &it.post); it.repeat != sameRepeat {
			fresh = append(fresh, it)
		}
	}
	return fresh
}

// classify judges the items by one classifier, in parallel, and returns the
// version of its lists.
func (w *Worker) classify(items []*item) (lists string) {
	begin := time.Now()
	classifier := *w.classifier.Load()
	w.parallel(len(items), func(i int) { w.classifyOne(classifier, items[i]) })
	w.metrics.classifyTime.Observe(time.Since(begin).Seconds())
	return classifier.Versions().Lists
}

// classifyOne turns a panic into a dead letter: one post must not stop a
// partition.
func (w *Worker) classifyOne(classifier classifiers.Classifier, it *item) {
	defer func() {
		if cause := recover(); cause != nil {
			w.metrics.errors.WithLabelValues("classifier_panic").Inc()
			w.deps.Logger.Error("the classifier failed on a post", "post", it.post.ID, "cause", cause, "stack", string(debug.Stack()))
			it.dead = &deadLetter{reason: ReasonClassifier, err: fmt.Errorf("the classifier failed: %v", cause)}
		}
	}()
	it.verdict = classifier.Classify(&it.post, it.person.Region)
}

// edits are the places of the records that are later contents of their posts. The
// posts themselves are not looked at: whoever keeps evidence of one that was
// flagged before must see that it was changed, whatever it says now.
func edits(b *queue.Batch, fresh []*item) []Edit {
	var all []Edit
	for _, it := range fresh {
		if it.dead == nil && !it.counts() {
			all = append(all, Edit{ID: it.post.ID, Topic: b.Topic, Partition: b.Partition, Offset: it.record.Offset})
		}
	}
	return all
}

// sketches are those of the posts that are none of the dead and have enough words,
// in the order of the batch.
func (w *Worker) sketches(fresh []*item) []sketch.Sketch {
	if w.deps.Sketcher == nil {
		return nil
	}
	all, made := make([]sketch.Sketch, len(fresh)), make([]bool, len(fresh))
	w.parallel(len(fresh), func(i int) {
		if it := fresh[i]; it.dead == nil {
			made[i] = w.deps.Sketcher.Make(&all[i], &it.post, &it.person, it.record.Time)
		}
	})
	kept := 0
	for i := range all {
		if !made[i] {
			continue
		}
		if kept != i {
			all[kept] = all[i]
		}
		kept++
	}
	return all[:kept]
}

// gather sorts a batch into dead letters, flagged posts and hourly counts. The
// order of each is fixed by the batch.
func gather(items []item, fresh []*item) (dead, flagged []*item, counts []post.HourlyCount) {
	for i := range items {
		if items[i].dead != nil {
			dead = append(dead, &items[i])
		}
	}
	hours := map[post.HourlyCount]uint64{}
	for _, it := range fresh {
		if it.dead != nil {
			continue
		}
		if it.verdict.Flagged {
			flagged = append(flagged, it)
		}
		if it.counts() {
			hours[it.hour()]++
		}
	}
	return dead, flagged, sortedCounts(hours)
}

// hour is the count that the post belongs to, without a number.
func (it *item) hour() post.HourlyCount {
	return post.HourlyCount{
		Hour: it.post.CreatedAt.UTC().Truncate(time.Hour), Platform: it.post.Platform,
		Region: it.person.Region, Agency: it.person.Agency, Language: it.verdict.Language.Code,
	}
}

func sortedCounts(hours map[post.HourlyCount]uint64) []post.HourlyCount {
	counts := make([]post.HourlyCount, 0, len(hours))
	for count, posts := range hours {
		count.Posts = posts
		counts = append(counts, count)
	}
	slices.SortFunc(counts, func(a, b post.HourlyCount) int {
		return cmp.Or(a.Hour.Compare(b.Hour), cmp.Compare(a.Platform, b.Platform), cmp.Compare(a.Region, b.Region),
			cmp.Compare(a.Agency, b.Agency), cmp.Compare(a.Language, b.Language))
	})
	return counts
}

// parallel calls f for every index below n, on all processors.
func (w *Worker) parallel(n int, f func(i int)) {
	const stride = 32
	workers := min(w.processors, (n+stride-1)/stride)
	if workers <= 1 {
		for i := range n {
			f(i)
		}
		return
	}
	var next atomic.Int64
	var running sync.WaitGroup
	for range workers {
		running.Go(func() {
			for {
				end := int(next.Add(stride))
				for i := end - stride; i < min(end, n); i++ {
					f(i)
				}
				if end >= n {
					return
				}
			}
		})
	}
	running.Wait()
}

func (w *Worker) observe(items []item, took time.Duration) {
	m := w.metrics
	m.batchTime.Observe(took.Seconds())
	m.batchRecords.Observe(float64(len(items)))
	for i := range items {
		it := &items[i]
		switch {
		case it.repeat == sameRepeat:
			m.repeats.WithLabelValues("same").Inc()
			continue
		case it.dead != nil:
			continue
		case !it.counts():
			m.repeats.WithLabelValues("edit").Inc()
		}
		m.posts.Inc()
		if !it.known {
			m.unresolved.Inc()
		}
		if it.verdict.Flagged {
			m.flaggedPosts.Inc()
		}
		for _, label := range it.labels() {
			m.flagged.WithLabelValues(string(label)).Inc()
		}
	}
}

// labels are the verdict's labels, each once.
func (it *item) labels() []post.Label {
	labels := make([]post.Label, 0, len(it.verdict.Labels))
	for _, score := range it.verdict.Labels {
		if !slices.Contains(labels, score.Label) {
			labels = append(labels, score.Label)
		}
	}
	return labels
}
