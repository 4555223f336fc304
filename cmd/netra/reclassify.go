package main

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/netra-id/netra/pipeline/backtest"
	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/queue"
	"github.com/netra-id/netra/pipeline/reclassify"
	"github.com/netra-id/netra/pipeline/roster"
	"github.com/netra-id/netra/pipeline/store"
	"github.com/netra-id/netra/pipeline/tuning"
)

func reclassifyCommand(a *app) *cobra.Command {
	var from, until string
	var dryRun bool
	cmd := drains(&cobra.Command{
		Use:   "reclassify",
		Short: "Judge the posts kept in Kafka once more by the lists in force, and write what has changed",
		Long: `Reclassify judges the posts that reached the queue in a period by the published lists
and writes new flags, changed flags and withdrawn flags; what stays the same is not
written, and decisions stay. It can be broken off and run again.

--from and --until are a date, a time (RFC 3339), or how long ago: 7d, 36h.`,
		Example: "  netra reclassify --from 7d --dry-run\n  netra reclassify --from 7d",
		Args:    noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			now := time.Now()
			begin, err := moment(from, now)
			if err != nil {
				return usage(fmt.Errorf("--from %w", err))
			}
			end, err := moment(until, now)
			if err != nil {
				return usage(fmt.Errorf("--until %w", err))
			}
			if err := backtest.StepBack(); err != nil {
				a.log.Warn("reclassification runs at the usual priority", "error", err)
			}
			return a.reclassify(cmd.Context(), begin, end, dryRun)
		},
	})
	cmd.Flags().StringVar(&from, "from", "", "begin of the period (default: the oldest post that Kafka keeps)")
	cmd.Flags().StringVar(&until, "until", "", "end of the period (default: now)")
	cmd.Flags().BoolVar(&dryRun, "dry-run", false, "say what would change, and write nothing")
	return cmd
}

func (a *app) reclassify(ctx context.Context, from, until time.Time, dryRun bool) error {
	s, err := a.newStore()
	if err != nil {
		return err
	}
	defer func() { a.logged("the connection to ClickHouse did not close", s.Close()) }()
	q, err := a.newQueue()
	if err != nil {
		return err
	}
	defer q.Close()
	job, total, err := a.reclassification(ctx, s, q, from, until)
	if err != nil {
		return err
	}
	job.DryRun = dryRun
	line := newProgressLine(a.errOut)
	began := time.Now()
	var shown sync.Mutex
	job.Progress = func(done int64) {
		shown.Lock()
		defer shown.Unlock()
		line.show(backtest.Progress{Done: done, Total: total, Rate: float64(done) / max(time.Since(began).Seconds(), 1e-3)})
	}
	counts, err := job.Run(ctx)
	line.end()
	if err != nil {
		return fmt.Errorf("%w; what was written stays, and the command can be run again", err)
	}
	verb := "written"
	if dryRun {
		verb = "would be written"
	}
	_, err = fmt.Fprintf(a.out, "%d posts: %d new flags, %d changed, %d withdrawn %s; %d stay the same\n",
		counts.Posts, counts.New, counts.Changed, counts.Withdrawn, verb, counts.Same)
	return err
}

func (a *app) reclassification(ctx context.Context, s *store.Store, q *queue.Queue, from, until time.Time) (*reclassify.Job, int64, error) {
	compiler, err := a.compiler()
	if err != nil {
		return nil, 0, err
	}
	lists := tuning.NewFollower(a.cfg.Tuning, listsBoard{s}, compiler, a.log, nil)
	published, err := lists.Load(ctx)
	if err == nil && !published {
		err = usage(fmt.Errorf("nothing is published: `netra keywords publish` or `netra all` publishes lists"))
	}
	if err != nil {
		return nil, 0, err
	}
	holder := roster.NewHolder(a.cfg.Roster, s, a.log, nil)
	if err := a.loadRoster(ctx, holder); err != nil {
		return nil, 0, err
	}
	topic := q.Configuration().Topic
	ranges, err := q.Ranges(ctx, topic, from, until)
	if err != nil {
		return nil, 0, err
	}
	var total int64
	for _, r := range ranges {
		total += r.Records()
	}
	return &reclassify.Job{
		Log: q, Topic: topic, Ranges: ranges, Roster: holder, Classifier: lists.Current().Judge, Store: standingFlags{s},
		RepeatWindow: a.cfg.Worker.RepeatWindow, Publication: lists.Current().Publication.Number, Now: time.Now,
	}, total, nil
}

// standingFlags fits the store to the reclassification.
type standingFlags struct{ *store.Store }

func (s standingFlags) Standing(ctx context.Context, ids []string) (map[string]reclassify.Standing, error) {
	rows, err := s.StandingFlags(ctx, ids)
	standing := make(map[string]reclassify.Standing, len(rows))
	for _, row := range rows {
		standing[row.ID] = reclassify.Standing{
			Version: row.Version, CollectedAt: row.CollectedAt, Labels: row.Labels, Contestants: row.Contestants, Scores: row.Scores, Rules: row.Rules,
		}
	}
	return standing, err
}

func (s standingFlags) Rewrite(ctx context.Context, token string, rewrites []reclassify.Rewrite) error {
	flags := make([]post.Flag, len(rewrites))
	versions := make([]time.Time, len(rewrites))
	for i, rewrite := range rewrites {
		flags[i], versions[i] = rewrite.Flag, rewrite.Version
	}
	return s.RewriteFlags(ctx, token, flags, versions)
}
