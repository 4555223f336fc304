package collect

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/netra-id/netra/pipeline/post"
)

// Intake brings pages to the queue: it passes them through the gate, drops what
// was sent before, sends the rest, and saves the cursor when everything is
// acknowledged. It is what all sources and the import have in common. A page
// that is broken off anywhere can be taken again.
type Intake struct {
	gate     *Gate
	state    *State
	producer Producer
	rejecter Rejecter
	logger   *slog.Logger
	metrics  *metrics
	retry    backoff
}

// NewIntake builds an intake. Only one may be made with the same registerer.
func NewIntake(cfg Configuration, deps Dependencies) *Intake {
	return &Intake{
		gate: NewGate(deps.Roster), state: deps.State, producer: deps.Producer, rejecter: deps.Rejecter,
		logger: deps.Logger, metrics: newMetrics(deps.Registerer), retry: backoff{cfg.RetryInitial, cfg.RetryMax},
	}
}

// Take brings one page of a target to the queue. While the queue fails it
// repeats the call until ctx ends: that is the back-pressure on the sources. An
// error is an *Error of KindDelivery.
func (i *Intake) Take(ctx context.Context, source, target string, page Page) (Tally, error) {
	now := time.Now()
	batch := i.gate.sort(source, page.Items, now)
	if err := i.deliver(ctx, targetKey{source, target}, batch, page.Cursor, now); err != nil {
		return Tally{}, &Error{Kind: KindDelivery, Err: err}
	}
	i.metrics.count(source, &batch.tally, time.Now())
	for n := range batch.sent {
		i.metrics.delay.WithLabelValues(source).Observe(time.Since(batch.sent[n].Post.CreatedAt).Seconds())
	}
	return batch.tally, nil
}

// batch is a page after the gate.
type batch struct {
	posts    []Outgoing
	rejected []*Rejected
	// sent are the posts that the queue had not acknowledged before.
	sent  []Outgoing
	tally Tally
}

// sort passes the items through the gate.
func (g *Gate) sort(source string, items []Item, now time.Time) *batch {
	b := &batch{tally: Tally{Items: len(items)}}
	for n := range items {
		switch pass := g.judge(source, &items[n], now); {
		case pass.rejected != nil:
			b.reject(pass.rejected)
		case pass.dropped != "":
			b.tally.drop(pass.dropped, 1)
		default:
			p := items[n].Post
			b.posts = append(b.posts, Outgoing{Post: p, Raw: rawOf(&items[n]), Exchange: items[n].Exchange})
			b.tally.post(p.Key(), p.CreatedAt)
		}
	}
	return b
}

func (b *batch) reject(r *Rejected) {
	b.rejected = append(b.rejected, r)
	b.tally.reject(r.Cause, 1)
	b.tally.Problems = append(b.tally.Problems, Problem{Position: r.Position, Cause: r.Cause, Reason: r.Reason})
}

func (i *Intake) deliver(ctx context.Context, key targetKey, b *batch, cursor Cursor, now time.Time) error {
	posts := make([]version, 0, len(b.posts))
	for n := range b.posts {
		posts = append(posts, versionOf(&b.posts[n].Post))
	}
	reserved, err := i.state.reserve(ctx, posts, now)
	if err != nil {
		return err
	}
	if err := i.send(ctx, key, b, b.unsent(reserved, now), now); err != nil {
		return err
	}
	letters, err := i.handOnRejected(ctx, b.rejected, now)
	if err != nil {
		return err
	}
	return i.state.acknowledge(ctx, key, cursor, append(reserved, letters...), now)
}

// unsent returns the posts that the queue has not acknowledged before, with
// their revisions, and counts the others as duplicates.
func (b *batch) unsent(reserved []reservation, now time.Time) []Outgoing {
	fresh := make([]Outgoing, 0, len(b.posts))
	inPage := map[version]bool{}
	for n, r := range reserved {
		if r.sent || inPage[r.version] {
			b.tally.drop(CauseDuplicate, 1)
			continue
		}
		inPage[r.version] = true
		if r.revision > 1 {
			b.tally.Edited++
		}
		if now.Sub(b.posts[n].Post.CreatedAt) <= forgetsMonth {
			b.tally.recent++
		}
		out := b.posts[n]
		out.Revision = r.revision
		fresh = append(fresh, out)
	}
	b.tally.Remembered = len(fresh)
	return fresh
}

func (i *Intake) send(ctx context.Context, key targetKey, b *batch, posts []Outgoing, now time.Time) error {
	if len(posts) == 0 {
		return nil
	}
	start := time.Now()
	var refused *RefusedError
	err := i.untilDone(ctx, "send", func(ctx context.Context) error {
		err := i.producer.Send(ctx, posts)
		if errors.As(err, &refused) {
			return nil
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("send %d posts of %s: %w", len(posts), key, err)
	}
	b.sent = posts
	b.tally.Sent = len(posts)
	if refused != nil {
		b.tally.Sent -= len(refused.Refused)
		for index, reason := range refused.Refused {
			b.reject(refusedLetter(key.source, &posts[index], reason, now))
		}
	}
	i.metrics.send.Observe(time.Since(start).Seconds())
	return nil
}

func refusedLetter(source string, out *Outgoing, reason error, now time.Time) *Rejected {
	raw, err := post.Encode(&out.Post)
	if err != nil {
		raw = []byte(out.Post.Text)
	}
	return &Rejected{
		Source: source, Position: out.Post.ID, Cause: CauseRefused,
		Reason: reason.Error(), Raw: raw[:min(len(raw), MaxRawBytes)], At: now,
	}
}

// handOnRejected gives the rejected items to the dead letters, each once.
func (i *Intake) handOnRejected(ctx context.Context, rejected []*Rejected, now time.Time) ([]reservation, error) {
	if len(rejected) == 0 {
		return nil, nil
	}
	versions := make([]version, 0, len(rejected))
	for _, r := range rejected {
		versions = append(versions, versionOfRejected(r))
	}
	reserved, err := i.state.reserve(ctx, versions, now)
	if err != nil {
		return nil, err
	}
	var fresh []Rejected
	for n, r := range reserved {
		if !r.sent {
			fresh = append(fresh, *rejected[n])
		}
	}
	if len(fresh) == 0 {
		return reserved, nil
	}
	err = i.untilDone(ctx, "reject", func(ctx context.Context) error { return i.rejecter.Reject(ctx, fresh) })
	if err != nil {
		return nil, fmt.Errorf("hand on %d dead letters: %w", len(fresh), err)
	}
	return reserved, nil
}

// untilDone repeats a call with back-off until it succeeds or ctx ends.
func (i *Intake) untilDone(ctx context.Context, name string, call func(context.Context) error) error {
	for failures := 1; ; failures++ {
		err := call(ctx)
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return errors.Join(err, ctx.Err())
		}
		i.metrics.retries.WithLabelValues(name).Inc()
		if failures&(failures-1) == 0 { // at 1, 2, 4, 8 …: a long outage must not fill the log
			i.logger.Warn("the queue does not take what was collected; trying again", "call", name, "failures", failures, "error", err)
		}
		if stop := sleep(ctx, i.retry.after(failures)); stop != nil {
			return errors.Join(err, stop)
		}
	}
}
