package main

import (
	"context"
	"fmt"
	"os"
	"time"
)

// ticker writes a live line of counts, from the metrics of the parts.
type ticker struct {
	app      *app
	terminal bool
	began    time.Time
}

func newTicker(a *app) *ticker {
	file, ok := a.out.(*os.File)
	terminal := false
	if ok {
		info, err := file.Stat()
		terminal = err == nil && info.Mode()&os.ModeCharDevice != 0
	}
	return &ticker{app: a, terminal: terminal, began: time.Now()}
}

// run writes the line every second on a terminal, else every five seconds.
func (t *ticker) run(ctx context.Context) error {
	every := 5 * time.Second
	if t.terminal {
		every = time.Second
	}
	tick := time.NewTicker(every)
	defer tick.Stop()
	var before float64
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		collected, classified, flagged, err := t.counts()
		if err != nil {
			return err
		}
		t.write(collected, classified, flagged, (classified-before)/every.Seconds())
		before = classified
	}
}

func (t *ticker) write(collected, classified, flagged, rate float64) {
	line := fmt.Sprintf("%s  in this run: collected %.0f  classified %.0f  flagged %.0f  %.1f a second",
		time.Now().Format(time.TimeOnly), collected, classified, flagged, rate)
	if t.terminal {
		_, _ = fmt.Fprintf(t.app.out, "\r\033[K%s", line)
		return
	}
	_, _ = fmt.Fprintln(t.app.out, line)
}

// counts sums the counters of this run over their labels.
func (t *ticker) counts() (collected, classified, flagged float64, err error) {
	families, err := t.app.registry.Gather()
	if err != nil {
		return 0, 0, 0, fmt.Errorf("read the counts: %w", err)
	}
	for _, family := range families {
		var sum *float64
		switch family.GetName() {
		case "netra_collect_sent_total":
			sum = &collected
		case "netra_worker_posts_total":
			sum = &classified
		case "netra_worker_flagged_posts_total":
			sum = &flagged
		default:
			continue
		}
		for _, metric := range family.GetMetric() {
			*sum += metric.GetCounter().GetValue()
		}
	}
	return collected, classified, flagged, nil
}
