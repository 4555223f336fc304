package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// turn is one run of the worker through the topic.
type turn struct {
	rate
	// engine is the processor time of the engine, a post.
	engine time.Duration
}

// sketches times the worker with and without sketches of all posts, in turns, each
// with a group and a database of its own.
func (b *bench) sketches(ctx context.Context, turns int) error {
	var with, without []turn
	for i := range turns {
		for _, enabled := range []bool{i%2 == 0, i%2 != 0} {
			t, err := b.turn(ctx, fmt.Sprintf("turn%d%v", i, enabled), enabled)
			if err != nil {
				return err
			}
			fmt.Printf("sketches %v: %s, engine %.1f µs a post\n", enabled, t.rate, float64(t.engine.Nanoseconds())/1000)
			if enabled {
				with = append(with, t)
			} else {
				without = append(without, t)
			}
		}
	}
	median := func(turns []turn, of func(turn) float64) float64 {
		var values []float64
		for _, t := range turns {
			values = append(values, of(t))
		}
		slices.Sort(values)
		return values[len(values)/2]
	}
	for name, of := range map[string]func(turn) float64{
		"posts/s": func(t turn) float64 { return t.rate.rate }, "processor of the worker": func(t turn) float64 { return float64(t.processor) },
		"processor of worker and engine": func(t turn) float64 { return float64(t.processor + t.engine) },
	} {
		fmt.Printf("%s: with sketches %.2f times without (medians of %d)\n", name, median(with, of)/median(without, of), turns)
	}
	return nil
}

func (b *bench) turn(ctx context.Context, name string, enabled bool) (turn, error) {
	b.extra = []string{"NETRA_CLICKHOUSE_DATABASE=" + name, "NETRA_KAFKA_CONSUMER_GROUP=" + name, "NETRA_COORDINATED_ENABLED=" + strconv.FormatBool(enabled)}
	defer func() { b.extra = nil }()
	migrate, err := b.spawn(b.cfg.netra, []string{"migrate"}, nil)
	if err != nil {
		return turn{}, err
	}
	if err := migrate.command.Wait(); err != nil {
		return turn{}, fmt.Errorf("netra migrate: %w", err)
	}
	before := processorTimeUnder(b.enginePid)
	r, err := b.timeWorker(ctx, b.cfg.netra, []string{"work"}, "SELECT toUInt64(sum(posts)) FROM "+name+".hourly_counts", b.cfg.posts)
	used := processorTimeUnder(b.enginePid) - before
	if err == nil {
		_, err = b.query(ctx, "DROP DATABASE "+name)
	}
	return turn{rate: r, engine: used / time.Duration(b.cfg.posts)}, err
}

// processorTimeUnder is what a process and its children have used.
func processorTimeUnder(pid int) time.Duration {
	total := time.Duration(0)
	files, _ := filepath.Glob("/proc/[0-9]*/stat") // the pattern is well formed
	for _, file := range files {
		data, err := os.ReadFile(file) //nolint:gosec // of /proc
		if err != nil {
			continue // it has ended
		}
		id, rest, _ := strings.Cut(string(data), " ")
		_, rest, _ = strings.Cut(rest, ") ")
		fields := strings.Fields(rest)
		if id != strconv.Itoa(pid) && fields[1] != strconv.Itoa(pid) {
			continue
		}
		for _, field := range fields[11:13] {
			ticks, _ := strconv.Atoi(field)
			total += time.Duration(ticks) * 10 * time.Millisecond
		}
	}
	return total
}
