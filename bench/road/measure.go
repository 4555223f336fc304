package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// rate is what one program did: posts a second by the clock, processor time a
// post (which says more on a machine that others use), and its memory at most.
type rate struct {
	rate      float64
	processor time.Duration
	peakMB    int
}

// kcat reads the topic to nowhere: what librdkafka can do.
func (b *bench) kcat(ctx context.Context) (float64, error) {
	begun := time.Now()
	command := exec.CommandContext(ctx, "kcat", "-C", "-q", "-e", "-b", b.broker, "-t", "netra.posts", "-o", "beginning", "-c", fmt.Sprint(b.cfg.posts))
	command.Stderr = os.Stderr
	if err := command.Run(); err != nil {
		return 0, fmt.Errorf("kcat (Debian package kcat): %w", err)
	}
	return float64(b.cfg.posts) / time.Since(begun).Seconds(), nil
}

// netraWorker times one `netra work` from the first stored post to the last.
func (b *bench) netraWorker(ctx context.Context) (rate, error) {
	return b.timeWorker(ctx, b.cfg.netra, []string{"work"}, "SELECT toUInt64(sum(posts)) FROM netra.hourly_counts", b.cfg.posts)
}

// plainWorker times the plain program on a part of the topic.
func (b *bench) plainWorker(ctx context.Context) (rate, error) {
	program := filepath.Join(b.dir, "plain")
	build := exec.CommandContext(ctx, "go", "build", "-o", program, "./plain")
	build.Stderr = os.Stderr
	if err := build.Run(); err != nil {
		return rate{}, fmt.Errorf("build the plain program: %w", err)
	}
	return b.timeWorker(ctx, program, nil, "SELECT toUInt64(sum(posts)) FROM plain.counts", b.cfg.plainPosts)
}

// timeWorker starts a worker and times from the first stored posts until at
// least `wanted` are stored, so that start-up does not count.
func (b *bench) timeWorker(ctx context.Context, program string, args []string, counter string, wanted int) (rate, error) {
	worker, err := b.spawn(program, args, nil)
	if err != nil {
		return rate{}, err
	}
	defer worker.stop()
	first, begun, used := 0, time.Time{}, time.Duration(0)
	for {
		stored, err := b.count(ctx, counter)
		if err != nil {
			return rate{}, err
		}
		switch {
		case first == 0 && stored > 0:
			first, begun, used = stored, time.Now(), worker.processorTime()
		case stored >= wanted && stored > first:
			posts := float64(stored - first)
			processor := float64(worker.processorTime()-used) / posts
			return rate{posts / time.Since(begun).Seconds(), time.Duration(processor), worker.peakMB()}, nil
		}
		if err := pause(ctx, 20*time.Millisecond); err != nil {
			return rate{}, err
		}
	}
}

type latency struct{ p50, p99, timed int }

// latency times flagged posts from the producer's call until ClickHouse gives
// them back, at a steady load.
func (b *bench) latency(ctx context.Context) (latency, error) {
	worker, err := b.spawn(b.cfg.netra, []string{"work"}, nil)
	if err != nil {
		return latency{}, err
	}
	defer worker.stop()
	if err := pause(ctx, 5*time.Second); err != nil { // it joins the group
		return latency{}, err
	}
	var lock sync.Mutex
	sent := map[string]time.Time{}
	done := make(chan error, 1)
	go func() {
		done <- b.produceSteady(ctx, func(id string, at time.Time) {
			lock.Lock()
			defer lock.Unlock()
			sent[id] = at
		})
	}()
	var took []time.Duration
	seen := map[string]bool{}
	wanted := b.cfg.steady * b.cfg.seconds / 10
	var patience <-chan time.Time
	for producing := true; producing || len(took) < wanted; {
		select {
		case err := <-done:
			if err != nil {
				return latency{}, err
			}
			producing, patience = false, time.After(15*time.Second)
		case <-patience:
			return latency{}, fmt.Errorf("%d of %d flagged posts are in ClickHouse 15 s after the last was sent; is %s built from these sources?", len(took), wanted, b.cfg.netra)
		default:
		}
		answer, err := b.query(ctx, "SELECT id FROM netra.flagged_posts WHERE id LIKE '%:steady-%' AND flagged_at > now64(3) - 10")
		if err != nil {
			return latency{}, err
		}
		now := time.Now()
		lock.Lock()
		for id := range strings.FieldsSeq(answer) {
			if at, ok := sent[id]; ok && !seen[id] {
				seen[id] = true
				took = append(took, now.Sub(at))
			}
		}
		lock.Unlock()
		if err := pause(ctx, 20*time.Millisecond); err != nil {
			return latency{}, err
		}
	}
	slices.Sort(took)
	at := func(share float64) int { return int(took[int(share*float64(len(took)-1))].Milliseconds()) }
	return latency{at(0.5), at(0.99), len(took)}, nil
}
