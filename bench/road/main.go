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
)

func main() {
	var cfg settings
	flag.StringVar(&cfg.netra, "netra", "../bin/netra", "the netra binary")
	flag.IntVar(&cfg.posts, "posts", 400_000, "posts in the topic")
	flag.IntVar(&cfg.plainPosts, "plain-posts", 60_000, "posts that the plain program is timed on")
	flag.IntVar(&cfg.steady, "steady", 500, "posts a second of the latency run")
	flag.IntVar(&cfg.seconds, "seconds", 30, "length of the latency run")
	flag.StringVar(&cfg.broker, "broker", "kafka", "kafka (Apache Kafka, make kafka-jars) or embedded")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, cfg); err != nil {
		log.Fatal(err)
	}
}

type settings struct {
	netra, broker     string
	posts, plainPosts int
	steady, seconds   int
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
	fmt.Printf("machine            %s\n", machine())
	fmt.Printf("broker             %s, 6 partitions\n", cfg.broker)
	fmt.Printf("posts              %d, %d bytes each, %.1f%% flagged\n", cfg.posts, produced.meanBytes, 100*produced.flaggedShare)
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
	fmt.Printf("kcat to nowhere    %9.0f posts/s  (the floor)\n", floor)
	fmt.Printf("netra work         %9.0f posts/s  %.2f of kcat, %.1f times plain\n", netra.rate, netra.rate/floor, netra.rate/plain.rate)
	fmt.Printf("plain program      %9.0f posts/s\n", plain.rate)
	fmt.Printf("resident memory    netra %d MB, plain %d MB (peak)\n", netra.peakMB, plain.peakMB)
	fmt.Printf("produce→queryable  p50 %d ms, p99 %d ms at %d posts/s (%d posts timed)\n", latency.p50, latency.p99, cfg.steady, latency.timed)
	return nil
}
