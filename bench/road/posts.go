package main

import (
	"context"
	"time"

	"github.com/netra-id/netra/bench/corpus"
	"github.com/netra-id/netra/pipeline/queue"
)

// texts is how many different texts the posts are made of.
const texts = 20_000

func newCorpus() (*corpus.Corpus, error) {
	j, err := corpus.NewJudge(nil)
	if err != nil {
		return nil, err
	}
	return corpus.New(j, texts)
}

type produced struct {
	meanBytes    int
	flaggedShare float64
}

func (b *bench) produceAll(ctx context.Context) (produced, error) {
	producer := b.queue.NewProducer()
	defer func() { _ = producer.Close() }()
	const lot = 2000
	size := 0
	for from := 0; from < b.cfg.posts; from += lot {
		records := make([]queue.Record, 0, lot)
		for n := from; n < min(from+lot, b.cfg.posts); n++ {
			p := b.corpus.Post(n, corpus.FlaggedEvery, "bench")
			record, err := queue.PostRecord(&p, 1)
			if err != nil {
				return produced{}, err
			}
			size += len(record.Value)
			records = append(records, record)
		}
		if err := producer.SendRecords(ctx, records...); err != nil {
			return produced{}, err
		}
	}
	return produced{meanBytes: size / b.cfg.posts, flaggedShare: 1.0 / corpus.FlaggedEvery}, nil
}

// produceSteady sends posts at the steady rate, one in ten flagged, and tells
// when each flagged one was acknowledged.
func (b *bench) produceSteady(ctx context.Context, sent func(id string, at time.Time)) error {
	producer := b.queue.NewProducer()
	defer func() { _ = producer.Close() }()
	const ticks = 50
	tick := time.NewTicker(time.Second / ticks)
	defer tick.Stop()
	lot := b.cfg.steady / ticks
	for n := 0; n < b.cfg.steady*b.cfg.seconds; n += lot {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
		records := make([]queue.Record, 0, lot)
		begun := time.Now()
		for i := n; i < n+lot; i++ {
			p := b.corpus.Post(i, 10, "steady")
			record, err := queue.PostRecord(&p, 1)
			if err != nil {
				return err
			}
			records = append(records, record)
			if i%10 == 0 {
				sent(p.ID, begun)
			}
		}
		if err := producer.SendRecords(ctx, records...); err != nil {
			return err
		}
	}
	return nil
}
