package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"time"

	"github.com/netra-id/netra/classifiers/claims"
	"github.com/netra-id/netra/classifiers/judge"
	"github.com/netra-id/netra/classifiers/keyword"
	"github.com/netra-id/netra/classifiers/language"
	"github.com/netra-id/netra/classifiers/linear"
	"github.com/netra-id/netra/deploy/sample"
	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/queue"
	"github.com/netra-id/netra/pipeline/roster"
)

// texts are the sample's posts, apart by whether Netra flags them, so that the
// share of flagged posts can be set.
type texts struct{ benign, flagged []post.Post }

func loadTexts() (texts, error) {
	var t texts
	file, err := sample.Files.ReadFile("contestants.yaml")
	if err != nil {
		return t, err
	}
	elections, err := roster.ParseElections("contestants.yaml", file)
	if err != nil {
		return t, err
	}
	j, err := newJudge(elections)
	if err != nil {
		return t, err
	}
	data, err := sample.Files.ReadFile("posts.jsonl")
	if err != nil {
		return t, err
	}
	for lines := bufio.NewScanner(bytes.NewReader(data)); lines.Scan(); {
		p, err := post.Decode(lines.Bytes())
		if err != nil {
			return t, err
		}
		if j.Classify(&p, "97").Flagged {
			t.flagged = append(t.flagged, p)
		} else {
			t.benign = append(t.benign, p)
		}
	}
	return t, nil
}

func newJudge(elections *roster.Elections) (*judge.Judge, error) {
	lists, err := keyword.Default()
	if err != nil {
		return nil, err
	}
	identifier, err := language.New(language.DefaultConfiguration())
	if err != nil {
		return nil, err
	}
	models, err := linear.Default()
	if err != nil {
		return nil, err
	}
	known, err := claims.Default()
	if err != nil {
		return nil, err
	}
	fusion, err := judge.DefaultFusion()
	if err != nil {
		return nil, err
	}
	return judge.New(judge.Configuration{
		Elections: elections, Lists: lists, Language: identifier, Models: models, Claims: known, Fusion: fusion,
	})
}

// post returns the n-th post: one in `every` is flagged.
func (t *texts) post(n, every int, prefix string) post.Post {
	p := t.benign[n%len(t.benign)]
	if n%every == 0 {
		p = t.flagged[n/every%len(t.flagged)]
	}
	p.ID = fmt.Sprintf("%s:%s-%d", p.Platform, prefix, n)
	p.Account.ID = fmt.Sprintf("%s-%d", p.Account.ID, n%997)
	return p
}

type produced struct {
	meanBytes    int
	flaggedShare float64
}

const flaggedEvery = 100 // 1% flagged

func (b *bench) produceAll(ctx context.Context) (produced, error) {
	producer := b.queue.NewProducer()
	defer func() { _ = producer.Close() }()
	const lot = 2000
	size := 0
	for from := 0; from < b.cfg.posts; from += lot {
		records := make([]queue.Record, 0, lot)
		for n := from; n < min(from+lot, b.cfg.posts); n++ {
			p := b.texts.post(n, flaggedEvery, "bench")
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
	return produced{meanBytes: size / b.cfg.posts, flaggedShare: 1.0 / flaggedEvery}, nil
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
			p := b.texts.post(i, 10, "steady")
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
