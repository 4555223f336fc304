package queue

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/segmentio/kafka-go"

	"github.com/netra-id/netra/pipeline/post"
)

// RevisionHeader names the header that counts the versions of a post that its
// collector has seen: an ASCII number, absent for the first.
const RevisionHeader = "revision"

// Header is one header of a record.
type Header = kafka.Header

// Record is one record of a partition. Topic and Offset are set by the broker;
// Topic is also how a producer is told where to send it (empty: the posts).
type Record struct {
	Topic   string
	Offset  int64
	Key     []byte
	Value   []byte
	Headers []Header
	Time    time.Time
}

// PostRecord encodes a post for the posts topic. A revision above 1 says that
// the post was collected before and has been edited since.
func PostRecord(p *post.Post, revision int) (Record, error) {
	value, err := post.Encode(p)
	if err != nil {
		return Record{}, fmt.Errorf("encode post %q: %w", p.ID, err)
	}
	record := Record{Key: []byte(p.Key()), Value: value}
	if revision > 1 {
		record.Headers = []Header{{Key: RevisionHeader, Value: strconv.AppendInt(nil, int64(revision), 10)}}
	}
	return record, nil
}

// Revision is the record's revision header, 1 where there is none or it is not
// a number above 1.
func (r *Record) Revision() int {
	for _, header := range r.Headers {
		if header.Key != RevisionHeader {
			continue
		}
		if n, err := strconv.Atoi(string(header.Value)); err == nil && n > 1 {
			return n
		}
	}
	return 1
}

// size is about the memory that the record holds.
func (r *Record) size() int {
	size := len(r.Key) + len(r.Value) + 128
	for _, header := range r.Headers {
		size += len(header.Key) + len(header.Value) + 40
	}
	return size
}

// Batch is a run of records of one partition, in order. Its boundaries were
// committed before it is handed out and are the same after a crash.
type Batch struct {
	Topic     string
	Partition int
	// First and Last are the planned boundaries, inclusive. Records may be
	// missing between them where the broker has dropped some since.
	First, Last int64
	Records     []Record
	// Rebuilt says that the batch was planned by an earlier owner of the
	// partition, who may have handled it.
	Rebuilt bool

	confirm func(ctx context.Context) error
}

// Confirm says whether the batch is still this worker's: ErrFenced when it may
// not be. A handler calls it before what it does last, since a process that was
// stopped for long does not notice by itself that it is too late. It costs
// nothing when the batch was planned or confirmed a moment ago.
func (b *Batch) Confirm(ctx context.Context) error {
	if b.confirm == nil {
		return nil
	}
	return b.confirm(ctx)
}

// Token names the batch: "topic/partition/first-last".
func (b *Batch) Token() string {
	return fmt.Sprintf("%s/%d/%d-%d", b.Topic, b.Partition, b.First, b.Last)
}
