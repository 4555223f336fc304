package chaos

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/queue"
)

// flaggedEvery, repeatedEvery and brokenEvery say how often a post is one that
// is flagged, is sent again some time later, or has a broken record behind it.
const (
	flaggedEvery  = 37
	repeatedEvery = 101
	brokenEvery   = 997
	hours         = 48
)

var benign = []string{
	"Selamat pagi, semoga hari ini lancar.", "Rapat koordinasi pelayanan dimulai pukul sembilan.",
	"Jalan desa sudah diperbaiki, terima kasih warga.", "Jangan lupa gunakan hak pilih, jangan golput.",
	"ASN dilarang berpihak; jaga netralitas.", "Hujan sejak subuh, hati-hati di jalan.",
}

// load produces posts, each acknowledged before the next lot goes out, and
// remembers which were.
type load struct {
	cfg      Configuration
	queue    *queue.Queue
	start    time.Time
	produced atomic.Int64
	retries  int
}

func newLoad(cfg Configuration, q *queue.Queue) *load {
	return &load{cfg: cfg, queue: q, start: time.Now().UTC().Truncate(time.Hour).Add(-2 * hours * time.Hour)}
}

// run produces until ctx ends. A lot that was not acknowledged is sent again
// until it is, as a collector does.
func (l *load) run(ctx context.Context) error {
	producer := l.queue.NewProducer()
	const lot = 50
	ticker := time.NewTicker(time.Second * lot / time.Duration(l.cfg.Rate))
	defer ticker.Stop()
	for ctx.Err() == nil {
		records, err := l.lot(int(l.produced.Load()), lot)
		if err != nil {
			return errors.Join(err, producer.Close())
		}
		// The last lot is seen through when the load is told to end.
		if err := l.send(context.WithoutCancel(ctx), producer, records); err != nil {
			return errors.Join(err, producer.Close())
		}
		l.produced.Add(lot)
		select {
		case <-ctx.Done():
		case <-ticker.C:
		}
	}
	return producer.Close()
}

func (l *load) send(ctx context.Context, producer *queue.Producer, records []queue.Record) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Minute)
	defer cancel()
	for {
		err := producer.SendRecords(ctx, records...)
		if err == nil {
			return nil
		}
		l.retries++
		if ctx.Err() != nil {
			return fmt.Errorf("the load could not be produced: %w", err)
		}
		// All of it again, also what was acknowledged: the worker must bear it.
	}
}

// lot makes the records of n posts from the given number on.
func (l *load) lot(from, n int) (records []queue.Record, err error) {
	for number := from; number < from+n; number++ {
		numbers := []int{number}
		if number%repeatedEvery == 0 && number > 700 {
			numbers = append(numbers, number-700) // collected a second time
		}
		for _, number := range numbers {
			p := l.post(number)
			record, err := queue.PostRecord(&p, 1)
			if err != nil {
				return nil, err
			}
			records = append(records, record)
		}
		if number%brokenEvery == 0 {
			records = append(records, queue.Record{
				Key: fmt.Appendf(nil, "mastodon:%d", number), Value: fmt.Appendf(nil, `{"id":"mastodon:broken-%d","text":`, number),
			})
		}
	}
	return records, nil
}

// post is the post of a number: always the same.
func (l *load) post(number int) post.Post {
	p := post.Post{
		ID: fmt.Sprintf("mastodon:chaos-%d", number), Platform: "mastodon", Kind: post.KindPost,
		Account: post.Account{ID: fmt.Sprintf("akun-%d", number%211), Handle: fmt.Sprintf("@akun%d", number%211)},
		Text:    fmt.Sprintf("%s (%d)", benign[number%len(benign)], number), Source: "chaos",
		CreatedAt: l.start.Add(time.Duration(number%hours) * time.Hour).Add(time.Duration(number%3600) * time.Second),
	}
	if number%flaggedEvery == 0 {
		p.Text = fmt.Sprintf("%s (%d)", l.cfg.FlaggedText, number)
	}
	return p
}
