// Package worker turns records of the posts topic into flagged posts and hourly
// counts in the store: it decodes each record strictly, resolves the account to
// the person behind it on the post's date, classifies in parallel, sends what
// cannot be processed to the dead letters with the reason, and inserts the rest
// under the batch's token.
//
// It rests on the queue's batches, whose boundaries survive a crash, and on a
// store that drops a repeated token: together nothing is lost and nothing is
// stored twice. When the store is away the worker waits; it does not drop and
// it does not grow. It is called by `netra work`, `netra all` and `netra demo`.
package worker

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/netra-id/netra/classifiers"
	"github.com/netra-id/netra/pipeline/coordinated/sketch"
	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/queue"
)

// Roster knows who is behind an account.
type Roster interface {
	// Resolve returns the person behind the account ("platform:account id") on
	// a date, and false where the roster does not know one.
	Resolve(key string, at time.Time) (post.Person, bool)
}

// Batch is what one batch of records comes to.
type Batch struct {
	// Token names the batch. It is the same when the batch is inserted again,
	// and so is the content as long as lists and models are.
	Token  string
	Flags  []post.Flag
	Counts []post.HourlyCount
	// ShadowCounts and ShadowSamples are what a draft in shadow would flag.
	ShadowCounts  []ShadowCount
	ShadowSamples []ShadowSample
	// Sketches are what copies are found by: hashes of all posts, flagged or not.
	Sketches []sketch.Sketch
	// Edits are the offsets of later contents of posts, flagged or not, of the
	// batch's partition.
	Edits []Edit
}

// Edit is the place of a record that is a later content of a post.
type Edit struct {
	ID        string
	Topic     string
	Partition int
	Offset    int64
}

// Sketcher makes what copies of posts are found by. *sketch.Maker implements it.
type Sketcher interface {
	// Make makes the sketch of a post that was queued at a time, and returns false
	// where it has too few words.
	Make(s *sketch.Sketch, p *post.Post, person *post.Person, queued time.Time) bool
}

// ErrRefused marks an error of a Store that will come again however often the
// batch is inserted, since a row cannot be stored.
var ErrRefused = errors.New("the store refuses a row")

// Store keeps batches. An Insert of a token that is stored already changes
// nothing. An error that wraps ErrRefused is about the rows themselves; any
// other may pass, and the batch is inserted again.
type Store interface {
	Insert(ctx context.Context, batch Batch) error
	// Ping says whether the store can be reached.
	Ping(ctx context.Context) error
}

// Dependencies of a worker. All are needed but Sketcher and Registerer.
type Dependencies struct {
	Queue *queue.Queue
	Store Store
	// Classifier judges the posts. SetClassifier replaces it later.
	Classifier classifiers.Classifier
	Roster     Roster
	// Sketcher makes sketches; without one none are made.
	Sketcher   Sketcher
	Logger     *slog.Logger
	Registerer prometheus.Registerer
}

// Worker is one member of the group of workers.
type Worker struct {
	cfg        Configuration
	deps       Dependencies
	classifier atomic.Pointer[classifiers.Classifier]
	shadow     atomic.Pointer[classifiers.Classifier]
	producer   *queue.Producer
	metrics    *metrics
	consumer   *queue.Consumer
	processors int
	deadTopic  string
	// storeDown is set while an insert fails.
	storeDown atomic.Bool
	now       func() time.Time
}

// New builds a worker.
func New(cfg Configuration, deps Dependencies) (*Worker, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	w := &Worker{
		cfg: cfg, deps: deps, metrics: newMetrics(deps.Registerer), now: time.Now,
		processors: cfg.Processors, deadTopic: deps.Queue.Configuration().DeadTopic,
	}
	w.SetClassifier(deps.Classifier)
	if w.processors == 0 {
		w.processors = runtime.GOMAXPROCS(0)
	}
	w.consumer = deps.Queue.NewConsumer(cfg.RepeatWindow, func(string, int) queue.Handler {
		return &handler{worker: w, window: newWindow(cfg.RepeatWindow)}
	})
	return w, nil
}

// SetClassifier replaces the classifier, after lists or models were reloaded.
// A batch is judged by one classifier: the next batch is the first that the new
// one judges.
func (w *Worker) SetClassifier(classifier classifiers.Classifier) { w.classifier.Store(&classifier) }

// Run works until ctx ends, then finishes the batches in hand and leaves the
// group. Brokers and stores that are away are waited for. It may be called once.
func (w *Worker) Run(ctx context.Context) error {
	w.producer = w.deps.Queue.NewProducer()
	err := w.consumer.Run(ctx)
	if err = errors.Join(err, w.producer.Close()); err != nil {
		return fmt.Errorf("worker: %w", err)
	}
	return nil
}

// Ready says why the worker does not work at the moment, or nil when it is in
// the group and the store can be reached.
func (w *Worker) Ready(ctx context.Context) error {
	if !w.consumer.Joined() {
		return errors.New("not in the group of workers: is the broker there?")
	}
	if err := w.deps.Store.Ping(ctx); err != nil {
		return fmt.Errorf("the store cannot be reached: %w", err)
	}
	if w.storeDown.Load() {
		return errors.New("the store does not take batches")
	}
	return nil
}
