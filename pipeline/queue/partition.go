package queue

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// partition is one partition while this worker owns it in one generation.
type partition struct {
	queue   *Queue
	member  *member
	topic   string
	id      int
	recall  int
	handler Handler
	rest    *rest
	reader  *reader
	// done is the offset behind the last batch that was finished here, and
	// settled says that it has been committed.
	done    atomic.Int64
	settled bool
}

// run handles the partition until stop or work ends. When stop ends, the batch
// in hand is finished and committed; when work ends everything is left as it
// is: the next owner rebuilds the batch.
func (p *partition) run(stop, work context.Context) error {
	start, err := p.locate(work)
	if err != nil {
		return err
	}
	reading, cancel := context.WithCancel(work)
	release := context.AfterFunc(stop, cancel)
	var running sync.WaitGroup
	defer running.Wait()
	defer cancel()
	defer release()

	p.reader = p.queue.newReader(p.topic, p.id, start.readFrom)
	running.Go(func() { p.reader.run(reading) })
	rest, err := p.catchUp(work, start)
	if err != nil {
		if stop.Err() != nil {
			return nil // told to end before anything was handled
		}
		return err
	}
	b := newBatcher(p.topic, p.id, p.queue.cfg.Consumer, rest)
	running.Go(func() { b.run(reading, p.reader.chunks) })
	return p.handleAll(stop, work, b.batches)
}

// start says where a partition is taken up.
type start struct {
	// first is the offset of the first record that is to be handled.
	first int64
	// readFrom is where reading begins: before first, to recall.
	readFrom int64
	// planned is the batch of the owner before, when hasPlan.
	planned plan
	hasPlan bool
}

// locate finds out what the owner before has left.
func (p *partition) locate(ctx context.Context) (start, error) {
	offset, metadata, err := p.member.committed(ctx, p.id)
	if err != nil {
		return start{}, err
	}
	var s start
	s.planned, s.hasPlan = parsePlan(metadata, offset)
	needed := max(offset, 0)
	if s.hasPlan {
		needed = s.planned.last + 1
	}
	logStart, logEnd, err := p.queue.settledBounds(ctx, p.topic, p.id, needed)
	if err != nil {
		return start{}, err
	}
	s.first = p.firstWithin(offset, logStart, logEnd)
	if s.hasPlan && needed > logEnd {
		p.queue.log.Error("planned records are no longer in the log; batching anew, so that nothing is missed",
			"topic", p.topic, "partition", p.id, "plan", s.planned.String(), "log_end", logEnd)
		s.hasPlan = false
	}
	if s.hasPlan && s.planned.last < s.first { // all of it expired
		s.hasPlan = false
	}
	s.readFrom = max(s.first-int64(p.recall), logStart)
	p.done.Store(s.first)
	p.settled = true
	p.setLag(logEnd)
	return s, nil
}

func (p *partition) firstWithin(offset, logStart, logEnd int64) int64 {
	switch {
	case offset < 0:
		return logStart
	case offset < logStart:
		p.queue.countExpired(p.topic, p.id, offset, logStart)
		return logStart
	case offset > logEnd:
		p.queue.log.Error("the log ends before the committed offset; handling it from its start, so that nothing is missed",
			"topic", p.topic, "partition", p.id, "committed", offset, "log_start", logStart, "log_end", logEnd)
		return logStart
	}
	return offset
}

// catchUp reads up to the first record that has not been planned: it recalls
// what lies before first, then rebuilds and handles the planned batch. It
// returns the records that were read beyond.
func (p *partition) catchUp(work context.Context, s start) (rest []Record, err error) {
	until := s.first
	if s.hasPlan {
		until = s.planned.last + 1
	}
	planned := Batch{Topic: p.topic, Partition: p.id, First: s.planned.first, Last: s.planned.last, Rebuilt: true}
	for next := s.readFrom; next < until; {
		c, ok := <-p.reader.chunks
		if !ok {
			return nil, fmt.Errorf("read %s/%d up to offset %d: %w", p.topic, p.id, until, context.Canceled)
		}
		next = c.next
		for _, record := range c.records {
			switch {
			case record.Offset < s.first:
				p.handler.Recall(record)
			case record.Offset < until:
				planned.Records = append(planned.Records, record)
			default:
				rest = append(rest, record)
			}
		}
		p.setLag(c.highWater)
	}
	if len(planned.Records) == 0 {
		return rest, nil
	}
	return rest, p.handle(work, gathered{batch: planned})
}

// handleAll plans and handles one batch after the other, and commits the end
// when no more come.
func (p *partition) handleAll(stop, work context.Context, batches <-chan gathered) error {
	idle := time.NewTimer(p.queue.cfg.Consumer.Idle)
	defer idle.Stop()
	for {
		select {
		case <-stop.Done():
			return p.settle(work)
		default:
		}
		select {
		case <-stop.Done():
		case <-work.Done():
			return context.Cause(work)
		case <-idle.C:
			if err := p.settle(work); err != nil {
				return err
			}
		case g, ok := <-batches:
			if !ok {
				batches = nil // stop or work has ended, or is about to
				continue
			}
			if err := p.restAsAsked(stop, work); err != nil {
				return err
			}
			if stop.Err() != nil {
				continue // nothing of it was planned
			}
			if err := p.handle(work, g); err != nil {
				return err
			}
			idle.Reset(p.queue.cfg.Consumer.Idle)
		}
	}
}

// restAsAsked commits what was done and waits as long as a rest is asked for.
func (p *partition) restAsAsked(stop, work context.Context) error {
	for p.rest.asked() {
		if err := p.settle(work); err != nil {
			return err
		}
		select {
		case <-stop.Done():
			return nil
		case <-work.Done():
			return context.Cause(work)
		case <-time.After(100 * time.Millisecond):
		}
	}
	return nil
}

// handle plans the batch, which acknowledges the one before and makes sure that
// the partition is still ours, and hands it over.
func (p *partition) handle(work context.Context, g gathered) error {
	b := g.batch
	if err := p.member.commit(work, p.id, b.First, plan{b.First, b.Last}.String()); err != nil {
		return fmt.Errorf("plan batch %s: %w", b.Token(), err)
	}
	p.queue.metrics.commits.WithLabelValues("plan").Inc()
	b.confirm = p.confirmer(b)
	begin := time.Now()
	if err := p.handler.Handle(work, b); err != nil {
		p.queue.metrics.errors.WithLabelValues("handle", kindOf(err)).Inc()
		return fmt.Errorf("handle batch %s: %w", b.Token(), err)
	}
	p.observe(b, time.Since(begin))
	p.done.Store(b.Last + 1)
	p.settled = false
	p.setLag(g.highWater)
	return nil
}

// confirmer makes sure, at most twice a session, that the batch is still ours,
// by planning it again.
func (p *partition) confirmer(b Batch) func(context.Context) error {
	// Without its monotonic part the clock also counts what a machine sleeps.
	confirmed := time.Now().Round(0)
	return func(ctx context.Context) error {
		if time.Now().Round(0).Sub(confirmed) < p.queue.cfg.Consumer.SessionTimeout/2 {
			return nil
		}
		if err := p.member.commit(ctx, p.id, b.First, plan{b.First, b.Last}.String()); err != nil {
			return fmt.Errorf("confirm batch %s: %w", b.Token(), err)
		}
		confirmed = time.Now().Round(0)
		return nil
	}
}

// settle commits the end of what was finished, so that the lag is zero when
// nothing more comes.
func (p *partition) settle(work context.Context) error {
	if p.settled {
		return nil
	}
	if err := p.member.commit(work, p.id, p.done.Load(), ""); err != nil {
		return fmt.Errorf("commit the end of %s/%d: %w", p.topic, p.id, err)
	}
	p.queue.metrics.commits.WithLabelValues("end").Inc()
	p.settled = true
	return nil
}

func (p *partition) observe(b Batch, took time.Duration) {
	m := p.queue.metrics
	origin := "new"
	if b.Rebuilt {
		origin = "rebuilt"
	}
	m.batches.WithLabelValues(origin).Inc()
	m.batchRecords.Observe(float64(len(b.Records)))
	m.batchTime.Observe(took.Seconds())
	m.consumed.WithLabelValues(p.topic, label(p.id)).Add(float64(len(b.Records)))
}

func (p *partition) setLag(highWater int64) {
	p.queue.metrics.lag.WithLabelValues(p.topic, label(p.id)).Set(float64(max(highWater-p.done.Load(), 0)))
}

func label(partition int) string { return strconv.Itoa(partition) }
