package worker

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/queue"
)

// insert stores flags, and the counts of batch, under the batch's token. It waits
// for a store that is away until ctx ends: that is the back-pressure. Rows that
// the store refuses become dead letters, so that they do not hold the partition
// up.
func (w *Worker) insert(ctx context.Context, b *queue.Batch, flagged []*item, batch Batch) error {
	now := w.now()
	batch.Flags = flags(b, flagged, now)
	err := w.insertPatiently(ctx, b, batch)
	if !isRefused(err) {
		return err
	}
	w.deps.Logger.Error("the store refuses rows of a batch; looking for them", "batch", b.Token(), "flags", len(flagged), "error", err)
	if err := w.insertHalves(ctx, b, flagged, 0, len(flagged), err, now); err != nil {
		return err
	}
	batch.Flags = nil
	err = w.insertPatiently(ctx, b, batch)
	if isRefused(err) {
		w.metrics.errors.WithLabelValues("counts_refused").Inc()
		w.deps.Logger.Error("the store refuses the counts of a batch; they are missing from the totals", "batch", b.Token(), "error", err)
		return nil
	}
	return err
}

// insertHalves stores the flags from low to high, of which at least one is
// refused, by halves, each under a token of its own: it follows from the
// batch's, so a repetition is dropped here too. What is refused alone becomes a
// dead letter.
func (w *Worker) insertHalves(ctx context.Context, b *queue.Batch, flagged []*item, low, high int, refusal error, now time.Time) error {
	if high-low == 0 {
		return nil
	}
	if high-low == 1 {
		flagged[low].dead = &deadLetter{reason: ReasonRefused, err: refusal}
		return w.bury(ctx, b, flagged[low:high])
	}
	middle := (low + high) / 2
	for _, half := range [][2]int{{low, middle}, {middle, high}} {
		part := flagged[half[0]:half[1]]
		token := fmt.Sprintf("%s/%d-%d", b.Token(), part[0].record.Offset, part[len(part)-1].record.Offset)
		err := w.insertPatiently(ctx, b, Batch{Token: token, Flags: flags(b, part, now)})
		if isRefused(err) {
			err = w.insertHalves(ctx, b, flagged, half[0], half[1], err, now)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// insertPatiently tries until the batch is stored or refused, or ctx ends.
func (w *Worker) insertPatiently(ctx context.Context, b *queue.Batch, batch Batch) error {
	if len(batch.Flags)+len(batch.Counts)+len(batch.ShadowCounts)+len(batch.Sketches)+len(batch.Edits) == 0 {
		return nil
	}
	for attempt := 0; ; attempt++ {
		if err := b.Confirm(ctx); err != nil {
			return err
		}
		err := w.insertOnce(ctx, batch)
		if err == nil || isRefused(err) {
			w.storeDown.Store(false)
			return err
		}
		w.storeDown.Store(true)
		w.metrics.storeUp.Set(0)
		if attempt%10 == 3 {
			w.deps.Logger.Warn("the store does not take a batch; waiting", "batch", batch.Token, "tries", attempt+1, "error", err)
		}
		if paused := w.pause(ctx, attempt); paused != nil {
			return fmt.Errorf("insert batch %s: %w", batch.Token, errors.Join(err, paused))
		}
		w.metrics.retries.WithLabelValues("insert").Inc()
	}
}

func (w *Worker) insertOnce(ctx context.Context, batch Batch) error {
	ctx, cancel := context.WithTimeout(ctx, w.cfg.InsertTimeout)
	defer cancel()
	begin := time.Now()
	err := w.deps.Store.Insert(ctx, batch)
	switch {
	case err == nil:
		w.metrics.insertTime.Observe(time.Since(begin).Seconds())
		w.metrics.storeUp.Set(1)
	case isRefused(err):
		w.metrics.errors.WithLabelValues("insert_refused").Inc()
	case errors.Is(err, context.DeadlineExceeded):
		w.metrics.errors.WithLabelValues("insert_timeout").Inc()
	default:
		w.metrics.errors.WithLabelValues("insert").Inc()
	}
	return err
}

func isRefused(err error) bool { return errors.Is(err, ErrRefused) }

func flags(b *queue.Batch, items []*item, now time.Time) []post.Flag {
	flags := make([]post.Flag, len(items))
	for i, it := range items {
		flags[i] = post.Flag{
			Post: it.post, Person: it.person, Verdict: it.verdict, FlaggedAt: now,
			Topic: b.Topic, Partition: b.Partition, Offset: it.record.Offset,
		}
	}
	return flags
}

// pause waits before the next try, longer each time, with jitter.
func (w *Worker) pause(ctx context.Context, attempt int) error {
	wait := w.cfg.RetryMost
	if attempt < 20 {
		wait = min(w.cfg.RetryLeast<<attempt, w.cfg.RetryMost)
	}
	timer := time.NewTimer(wait/2 + rand.N(wait/2+1))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-timer.C:
		return nil
	}
}
