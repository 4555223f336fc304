// Command all runs every benchmark of docs/benchmarks.md and prints one table
// with the aims: the whole classifier, its parts beside their peers, the
// back-test, and the road from Kafka to ClickHouse. It is what `make bench` runs, in this folder.
package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"log"
	"os"
	"os/exec"

	"github.com/netra-id/netra/bench/table"
)

func main() {
	count := flag.Int("count", 3, "how often each part is measured; the fastest counts")
	road := flag.Bool("road", true, "measure the road, too (needs bin/netra, the engine, kcat and the jars of Kafka)")
	flag.Parse()
	if err := run(*count, *road); err != nil {
		log.Fatal(err)
	}
}

func run(count int, road bool) error {
	var rows table.Rows
	rows.Note("The whole classifier")
	if err := program(&rows, "./classify"); err != nil {
		return err
	}
	measured, err := measureParts(count)
	if err != nil {
		return err
	}
	rows.Note("\nParts, on one core (the fastest of %d)", count)
	addParts(&rows, measured)
	rows.Note("\nThe back-test")
	if err := program(&rows, "./backtest"); err != nil {
		return err
	}
	if road {
		for _, broker := range []string{"kafka", "embedded"} {
			rows.Note("\nThe road from Kafka to ClickHouse")
			if err := program(&rows, "./road", "-broker", broker); err != nil {
				return err
			}
		}
	}
	return rows.Write(os.Stdout, false)
}

// program runs a benchmark that prints rows.
func program(rows *table.Rows, path string, args ...string) error {
	fmt.Fprintln(os.Stderr, "measuring", path, args)
	var out bytes.Buffer
	command := exec.CommandContext(context.Background(), "go", append([]string{"run", path, "-raw"}, args...)...)
	command.Stdout, command.Stderr = &out, os.Stderr
	if err := command.Run(); err != nil {
		return fmt.Errorf("run %s: %w", path, err)
	}
	return rows.Read(&out)
}
