// Command fill puts a number of flagged posts into the queue of an empty console
// database, for measuring:
//
//	go run ./pipeline/review/reviewtest/fill -database console.db -items 1000000
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"time"

	"github.com/netra-id/netra/pipeline/database"
	"github.com/netra-id/netra/pipeline/review"
	"github.com/netra-id/netra/pipeline/review/reviewtest"
)

func main() {
	address := flag.String("database", "", "path of a SQLite file or URL of a PostgreSQL database")
	items := flag.Int("items", 1_000_000, "how many flagged posts")
	flag.Parse()
	if *address == "" || *items < 1 {
		flag.Usage()
		os.Exit(2)
	}
	if err := fill(context.Background(), *address, *items); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func fill(ctx context.Context, address string, items int) error {
	db, err := database.Open(ctx, address)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	r, err := review.New(review.DefaultConfiguration(), review.Dependencies{Database: db})
	if err != nil {
		return err
	}
	if err := r.Migrate(ctx); err != nil {
		return err
	}
	start := time.Now()
	if err := r.Fill(ctx, reviewtest.Flags(items, start)); err != nil {
		return err
	}
	fmt.Printf("%d items in %s\n", items, time.Since(start).Round(time.Second))
	return nil
}
