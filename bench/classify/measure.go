package main

import (
	"cmp"
	"fmt"
	"math"
	"runtime"
	"time"

	"github.com/netra-id/netra/bench/corpus"
	"github.com/netra-id/netra/bench/table"
	"github.com/netra-id/netra/classifiers/judge"
	"github.com/netra-id/netra/pipeline/post"
)

// measureAll measures Netra's classifier and the plain build in turns, so that
// whatever else the machine does hits both.
func measureAll(cfg settings, j *judge.Judge, lines [][]byte, rows *table.Rows) error {
	posts := make([]post.Post, len(lines))
	for i, line := range lines {
		p, err := post.Decode(line)
		if err != nil {
			return err
		}
		posts[i] = p
	}
	theirs, err := newPlain()
	if err != nil {
		return err
	}
	n := len(lines)
	whole, alone, decode := newMeasurement(n), newMeasurement(n), newMeasurement(n)
	plainWhole, plainJSON, plainWords := newMeasurement(n), newMeasurement(n), newMeasurement(n)
	var failed error
	for pass := range cfg.passes {
		whole.pass(func(from, to int) { failed = cmp.Or(failed, classifyLines(j, lines[from:to])) })
		alone.pass(func(from, to int) {
			for i := from; i < to; i++ {
				j.Classify(&posts[i], corpus.Region)
			}
		})
		decode.pass(func(from, to int) {
			for _, line := range lines[from:to] {
				_, err := post.Decode(line)
				failed = cmp.Or(failed, err)
			}
		})
		if pass%4 != 0 {
			continue // it takes long
		}
		plainWhole.pass(func(from, to int) {
			failed = cmp.Or(failed, theirs.classifyLines(lines[from:to]))
		})
		plainJSON.pass(func(from, to int) {
			for _, line := range lines[from:to] {
				_, _ = theirs.decode(line)
			}
		})
		plainWords.pass(func(from, to int) {
			for i := from; i < to; i++ {
				runtime.KeepAlive(theirs.hits(posts[i].Text))
			}
		})
	}
	if failed != nil {
		return failed
	}
	add := func(what string, m *measurement, aim string, held bool) {
		rows.Add(table.Row{What: what, Figure: m.String(), Aim: aim, Held: held})
	}
	add("whole classifier, JSON line to verdict", whole, ">= 100,000 posts/s (250,000)", whole.rate() >= 100_000)
	add("  classify alone, without JSON", alone, "", true)
	add("  decode JSON alone", decode, "", true)
	add("plain build: encoding/json + lingua-go + ahocorasick", plainWhole, "", true)
	rows.Add(table.Row{What: "  of which JSON, language, words", Figure: fmt.Sprintf("%.1f, %.1f, %.1f µs",
		plainJSON.micros(), plainWhole.micros()-plainJSON.micros()-plainWords.micros(), plainWords.micros())})
	times := plainWhole.micros() / whole.micros()
	rows.Add(table.Row{What: "whole classifier, times the plain build", Figure: fmt.Sprintf("%.1f", times), Aim: ">= 20", Held: times >= 20})
	return nil
}

// lot is how many posts are timed as one: so few that some pass over each finds
// the machine undisturbed by what others do on it.
const lot = 100

// measurement is the time of every lot in its fastest pass so far, with what all
// passes allocated.
type measurement struct {
	posts, passes      int
	lots               []time.Duration
	allocations, bytes uint64
}

func newMeasurement(posts int) *measurement {
	lots := make([]time.Duration, (posts+lot-1)/lot)
	for i := range lots {
		lots[i] = math.MaxInt64
	}
	return &measurement{posts: posts, lots: lots}
}

// pass goes over all posts once, from those before one index to another.
func (m *measurement) pass(some func(from, to int)) {
	runtime.GC()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for i := range m.lots {
		begun := time.Now()
		some(i*lot, min(i*lot+lot, m.posts))
		m.lots[i] = min(m.lots[i], time.Since(begun))
	}
	runtime.ReadMemStats(&after)
	m.passes++
	m.allocations += after.Mallocs - before.Mallocs
	m.bytes += after.TotalAlloc - before.TotalAlloc
}

// micros is the time a post.
func (m *measurement) micros() float64 {
	total := time.Duration(0)
	for _, took := range m.lots {
		total += took
	}
	return float64(total.Nanoseconds()) / 1000 / float64(m.posts)
}

func (m *measurement) rate() float64 { return 1e6 / m.micros() }

func (m *measurement) String() string {
	count := float64(m.posts * m.passes)
	return fmt.Sprintf("%.2f µs, %.0f posts/s, %.1f allocations (%.0f B)", m.micros(), m.rate(), float64(m.allocations)/count, float64(m.bytes)/count)
}
