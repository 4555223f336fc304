// Command backtest measures a back-test on real parts: posts in the embedded
// broker, judged by the built-in lists and by a draft that differs in one rule.
// Beside it, in the same run: a plain loop over the same posts in memory, on one
// processor, which decodes and judges each twice.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log"
	"log/slog"
	"os"
	"os/signal"
	"runtime"
	"syscall"
	"time"

	"github.com/netra-id/netra/bench/corpus"
	"github.com/netra-id/netra/bench/table"
	"github.com/netra-id/netra/deploy/sample"
	"github.com/netra-id/netra/pipeline/backtest"
	"github.com/netra-id/netra/pipeline/embedded"
	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/queue"
	"github.com/netra-id/netra/pipeline/tuning"
)

// aim is the rate that a back-test should reach on two processors.
const aim = 60_000

func main() {
	posts := flag.Int("posts", 400_000, "posts in the topic")
	raw := flag.Bool("raw", false, "print rows for bench/all")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Stdout, *posts, *raw)
	stop()
	if err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, out io.Writer, posts int, raw bool) error {
	published, draft, err := versions()
	if err != nil {
		return err
	}
	texts, err := corpus.New(published.Judge, 20_000)
	if err != nil {
		return err
	}
	q, end, err := fill(ctx, texts, posts)
	if err != nil {
		return err
	}
	defer end()
	var rows table.Rows
	rows.Note("back-test of %d posts (%s), 6 partitions, embedded broker in the same process, %d processors", posts, texts.From, runtime.GOMAXPROCS(0))
	plain, err := loop(texts, published, draft, min(posts, 100_000))
	if err != nil {
		return err
	}
	rows.Add(table.Row{What: "a plain loop in memory, one processor", Figure: fmt.Sprintf("%.0f posts/s", plain), Held: true})
	for range 3 {
		rate, found, err := measure(ctx, q, published, draft)
		if err != nil {
			return err
		}
		rows.Add(table.Row{
			What: "netra backtest, both versions", Figure: fmt.Sprintf("%.0f posts/s, %.1f times the loop; %d flagged, %d added", rate, rate/plain, found.Published.Flagged, found.Added),
			Aim: fmt.Sprintf(">= %d posts/s", aim), Held: rate >= aim,
		})
	}
	return rows.Write(out, raw)
}

// versions are the built-in lists with the sample's contestants, and the same
// with another rule.
func versions() (published, draft *tuning.Compiled, err error) {
	contestants, err := sample.Files.ReadFile("contestants.yaml")
	if err != nil {
		return nil, nil, err
	}
	base, err := tuning.Default(contestants, nil)
	if err != nil {
		return nil, nil, err
	}
	changed, err := base.With("keywords/slogan.yaml", []byte("list: slogan\nlabel: support\nrules:\n  - {id: new, any: [rapat, hadir, acara, pasar], near: {what: \"@contestant\", within: 8}, weight: 0.9}\n"))
	if err != nil {
		return nil, nil, err
	}
	compiler, err := tuning.NewCompiler()
	if err != nil {
		return nil, nil, err
	}
	if published, err = compiler.Compile(base); err != nil {
		return nil, nil, err
	}
	draft, err = compiler.Compile(changed)
	return published, draft, err
}

// fill produces the posts into an embedded broker.
func fill(ctx context.Context, texts *corpus.Corpus, posts int) (_ *queue.Queue, end func(), err error) {
	dir, err := os.MkdirTemp("", "netra-bench-")
	if err != nil {
		return nil, nil, err
	}
	quiet := slog.New(slog.DiscardHandler)
	own := embedded.DefaultBrokerConfiguration()
	own.Listen, own.DataDir = "127.0.0.1:0", dir
	broker, err := embedded.StartBroker(own, quiet)
	if err != nil {
		return nil, nil, err
	}
	cfg := queue.DefaultConfiguration()
	cfg.Brokers = broker.Addresses()
	q, err := queue.New(cfg, quiet, nil)
	if err != nil {
		return nil, nil, err
	}
	end = func() { q.Close(); _ = broker.Close(); _ = os.RemoveAll(dir) }
	if _, err := q.EnsureTopics(ctx); err != nil {
		end()
		return nil, nil, err
	}
	producer := q.NewProducer()
	for from := 0; from < posts && err == nil; from += 2000 {
		var records []queue.Record
		for n := from; n < min(from+2000, posts) && err == nil; n++ {
			p := texts.Post(n, corpus.FlaggedEvery, "bench")
			var record queue.Record
			record, err = queue.PostRecord(&p, 1)
			records = append(records, record)
		}
		if err == nil {
			err = producer.SendRecords(ctx, records...)
		}
	}
	if closing := producer.Close(); err == nil {
		err = closing
	}
	if err != nil {
		end()
		return nil, nil, err
	}
	return q, end, nil
}

// nobody is a roster without entries: every election counts.
type nobody struct{}

func (nobody) Resolve(string, time.Time) (post.Person, bool) {
	return post.Person{Region: corpus.Region}, true
}

func measure(ctx context.Context, q *queue.Queue, published, draft *tuning.Compiled) (float64, backtest.Report, error) {
	plan, err := backtest.NewPlan(ctx, q, published.Version, draft.Version, time.Time{}, time.Time{}, 8192)
	if err != nil {
		return 0, backtest.Report{}, err
	}
	state := backtest.NewState(plan)
	began := time.Now()
	err = backtest.Run(ctx, state, backtest.Dependencies{Log: q, Roster: nobody{}, Published: published.Judge, Draft: draft.Judge})
	took := time.Since(began)
	return float64(plan.Records()) / took.Seconds(), backtest.ReportOf(state, nil), err
}

// loop is the plain loop: posts a second.
func loop(texts *corpus.Corpus, published, draft *tuning.Compiled, n int) (float64, error) {
	lines, err := texts.Lines(n)
	if err != nil {
		return 0, err
	}
	began := time.Now()
	for _, line := range lines {
		p, err := post.Decode(line)
		if err != nil {
			return 0, err
		}
		published.Judge.Classify(&p, corpus.Region)
		draft.Judge.Classify(&p, corpus.Region)
	}
	return float64(n) / time.Since(began).Seconds(), nil
}
