// Package reclassify judges the posts that Kafka keeps once more, by the lists in
// force, and writes what has changed since they were flagged: new flags, flags
// with other labels or reasons, and flags that are withdrawn. Decisions stay as
// they are. Nothing is written of a post whose flag stays the same, so that a run
// that was broken off is simply made again. It is called by the reclassify
// command.
package reclassify

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/netra-id/netra/classifiers"
	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/queue"
	"github.com/netra-id/netra/pipeline/worker"
)

// Standing is a flag as it is stored.
type Standing struct {
	// Version orders the rows of one post; the greatest one holds.
	Version     time.Time
	CollectedAt time.Time
	Labels      []string
	Contestants []string
	Scores      []float64
	Rules       []string
}

// Rewrite is a flag to be stored over what stands. Without labels in its verdict
// it withdraws the flag.
type Rewrite struct {
	Flag post.Flag
	// Version is greater than that of what it replaces.
	Version time.Time
}

// Store has the flags.
type Store interface {
	// Standing returns what is stored of these posts, withdrawn flags too.
	Standing(ctx context.Context, ids []string) (map[string]Standing, error)
	// Rewrite stores flags, whole or not at all; the same token changes nothing.
	Rewrite(ctx context.Context, token string, flags []Rewrite) error
}

// Log is where the posts are kept. The queue implements it.
type Log interface {
	ReplayRange(ctx context.Context, topic string, of queue.Range, each func(records []queue.Record, next int64) error) error
}

// Counts say what a run did.
type Counts struct {
	Posts int64 `json:"posts"`
	// New, Changed and Withdrawn flags were written; Same ones were not.
	New       int64 `json:"new"`
	Changed   int64 `json:"changed"`
	Withdrawn int64 `json:"withdrawn"`
	Same      int64 `json:"same"`
}

// Job is one run.
type Job struct {
	Log        Log
	Topic      string
	Ranges     []queue.Range
	Roster     worker.Roster
	Classifier classifiers.Classifier
	Store      Store
	// RepeatWindow is the workers'.
	RepeatWindow int
	// Publication is the number of the lists in force; it is part of the tokens.
	Publication int64
	// DryRun counts, and writes nothing.
	DryRun bool
	Now    func() time.Time
	// Progress may be nil; it is called after every run of records.
	Progress func(done int64)

	mu     sync.Mutex
	counts Counts
	done   int64
}

// Run judges all ranges, a partition beside another. It can be run again after
// an error.
func (j *Job) Run(ctx context.Context) (Counts, error) {
	errs := make([]error, len(j.Ranges))
	var all sync.WaitGroup
	for i, r := range j.Ranges {
		all.Go(func() { errs[i] = j.partition(ctx, r) })
	}
	all.Wait()
	return j.counts, errors.Join(errs...)
}

func (j *Job) partition(ctx context.Context, r queue.Range) error {
	sifter := worker.NewSifter(j.RepeatWindow)
	return j.Log.ReplayRange(ctx, j.Topic, r, func(records []queue.Record, _ int64) error {
		flags, posts := j.judge(r.Partition, sifter, records)
		if err := j.write(ctx, r.Partition, records, flags, posts); err != nil {
			return err
		}
		j.mu.Lock()
		defer j.mu.Unlock()
		j.done += int64(len(records))
		if j.Progress != nil {
			j.Progress(j.done)
		}
		return ctx.Err()
	})
}

// judge returns the verdicts on the posts of a run, of each post's last edition.
func (j *Job) judge(partition int, sifter *worker.Sifter, records []queue.Record) (flags []post.Flag, posts int64) {
	place := map[string]int{}
	for i := range records {
		record := &records[i]
		reading := worker.Read(record, j.Roster, record.Time)
		if reading.Err != nil {
			continue
		}
		pass, counts := sifter.Sift(record, &reading.Post)
		if pass {
			continue
		}
		if counts {
			posts++
		}
		flag := post.Flag{
			Post: reading.Post, Person: reading.Person, Verdict: j.Classifier.Classify(&reading.Post, reading.Person.Region),
			FlaggedAt: j.Now(), Topic: j.Topic, Partition: partition, Offset: record.Offset,
		}
		if at, ok := place[reading.Post.ID]; ok {
			flags[at] = flag
			continue
		}
		place[reading.Post.ID] = len(flags)
		flags = append(flags, flag)
	}
	return flags, posts
}

// write stores what differs from what stands.
func (j *Job) write(ctx context.Context, partition int, records []queue.Record, flags []post.Flag, posts int64) error {
	if len(records) == 0 {
		return nil
	}
	ids := make([]string, len(flags))
	for i := range flags {
		ids[i] = flags[i].Post.ID
	}
	standing, err := j.Store.Standing(ctx, ids)
	if err != nil {
		return fmt.Errorf("reclassify: %w", err)
	}
	counts := Counts{Posts: posts}
	var rewrites []Rewrite
	for i := range flags {
		stands, is := standing[flags[i].Post.ID]
		if rewrite, ok := compare(&flags[i], stands, is, j.Publication, &counts); ok {
			rewrites = append(rewrites, rewrite)
		}
	}
	if len(rewrites) > 0 && !j.DryRun {
		token := fmt.Sprintf("reclassify/%d/%s/%d/%d-%d", j.Publication, j.Topic, partition, records[0].Offset, records[len(records)-1].Offset)
		if err := j.Store.Rewrite(ctx, token, rewrites); err != nil {
			return fmt.Errorf("reclassify: %w", err)
		}
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.counts.Posts += counts.Posts
	j.counts.New += counts.New
	j.counts.Changed += counts.Changed
	j.counts.Withdrawn += counts.Withdrawn
	j.counts.Same += counts.Same
	return nil
}

// compare says whether a verdict has to be written over what stands, and counts
// it. An edition of the post that was collected later is left alone.
func compare(flag *post.Flag, stands Standing, is bool, publication int64, counts *Counts) (Rewrite, bool) {
	base := flag.Post.CollectedAt
	if is && stands.CollectedAt.After(base) {
		return Rewrite{}, false
	}
	same := is && stands.CollectedAt.Equal(base)
	was := is && len(stands.Labels) > 0
	version := base.Add(time.Duration(publication)) // later than the worker's, earlier than an edition's
	if same {
		version = stands.Version.Add(1)
	}
	switch {
	case flag.Verdict.Flagged && same && was && equal(flag, stands):
		counts.Same++
		return Rewrite{}, false
	case flag.Verdict.Flagged && was:
		counts.Changed++
	case flag.Verdict.Flagged:
		counts.New++
	case same && was:
		counts.Withdrawn++
	default:
		return Rewrite{}, false
	}
	return Rewrite{Flag: *flag, Version: version}, true
}

// equal says whether a verdict has the labels, contestants, scores and rules
// that are stored.
func equal(flag *post.Flag, stands Standing) bool {
	var rules []string
	if len(flag.Verdict.Labels) != len(stands.Labels) || len(stands.Scores) != len(stands.Labels) || len(stands.Contestants) != len(stands.Labels) {
		return false
	}
	for i, label := range flag.Verdict.Labels {
		if string(label.Label) != stands.Labels[i] || label.Contestant != stands.Contestants[i] || label.Score != stands.Scores[i] {
			return false
		}
		for _, reason := range label.Reasons {
			if !slices.Contains(rules, reason.Source) {
				rules = append(rules, reason.Source)
			}
		}
	}
	return slices.Equal(rules, stands.Rules)
}
