// Command road measures the road from Kafka to ClickHouse with real parts, and
// beside it, in the same run on the same topic: kcat reading to nowhere, which
// is the floor, and the plain program of bench/plain. It prints posts a second
// and ratios, the time from produce to queryable at a steady load, and the
// worker's memory.
//
// `make bench` runs it. It needs bin/netra, the engine library and kcat.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"os"
	"os/signal"
	"syscall"

	"github.com/netra-id/netra/bench/table"
)

func main() {
	var cfg settings
	flag.StringVar(&cfg.netra, "netra", "../bin/netra", "the netra binary")
	flag.IntVar(&cfg.posts, "posts", 400_000, "posts in the topic")
	flag.IntVar(&cfg.plainPosts, "plain-posts", 60_000, "posts that the plain program is timed on")
	flag.IntVar(&cfg.steady, "steady", 500, "posts a second of the latency run")
	flag.IntVar(&cfg.seconds, "seconds", 30, "length of the latency run")
	flag.StringVar(&cfg.broker, "broker", "kafka", "kafka (Apache Kafka, make kafka-jars) or embedded")
	flag.IntVar(&cfg.sketches, "sketches", 0, "instead of all else: so many turns of the worker with and without sketches of all posts")
	flag.BoolVar(&cfg.raw, "raw", false, "print rows for bench/all")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, cfg)
	stop()
	if err != nil {
		log.Fatal(err)
	}
}

type settings struct {
	netra, broker     string
	posts, plainPosts int
	steady, seconds   int
	raw               bool
	sketches          int
}

func run(ctx context.Context, cfg settings) error {
	b, err := newBench(ctx, cfg)
	if err != nil {
		return err
	}
	defer b.close()
	produced, err := b.produceAll(ctx)
	if err != nil {
		return err
	}
	if cfg.sketches > 0 {
		return b.sketches(ctx, cfg.sketches)
	}
	var rows table.Rows
	rows.Note("%s; broker: %s, 6 partitions, on the same cores as the engine; %d posts of %d bytes, %.0f%% flagged",
		machine(), cfg.broker, cfg.posts, produced.meanBytes, 100*produced.flaggedShare)
	floor, err := b.kcat(ctx)
	if err != nil {
		return err
	}
	netra, err := b.netraWorker(ctx)
	if err != nil {
		return err
	}
	plain, err := b.plainWorker(ctx)
	if err != nil {
		return err
	}
	latency, err := b.latency(ctx)
	if err != nil {
		return err
	}
	add := func(what, figure, aim string, held bool) {
		rows.Add(table.Row{What: what, Figure: figure, Aim: aim, Held: held})
	}
	add("kcat reading to nowhere (the floor)", fmt.Sprintf("%.0f posts/s", floor), "", true)
	add("netra work", netra.String(), ">= 40,000 posts/s", netra.rate >= 40_000)
	add("plain program", plain.String(), "", true)
	add("netra, times the plain program", fmt.Sprintf("%.1f (%.2f of kcat)", netra.rate/plain.rate, netra.rate/floor), "", true)
	add("netra work, resident memory at most", fmt.Sprintf("%d MB", netra.peakMB), "< 300 MB", netra.peakMB < 300)
	add("plain program, resident memory at most", fmt.Sprintf("%d MB", plain.peakMB), "", true)
	add(fmt.Sprintf("produce to queryable at %d posts/s", cfg.steady),
		fmt.Sprintf("p50 %d ms, p99 %d ms of %d", latency.p50, latency.p99, latency.timed), "p99 < 2 s", latency.p99 < 2000)
	return rows.Write(os.Stdout, cfg.raw)
}

func (r rate) String() string {
	return fmt.Sprintf("%.0f posts/s, processor %.1f µs a post", r.rate, float64(r.processor.Nanoseconds())/1000)
}
