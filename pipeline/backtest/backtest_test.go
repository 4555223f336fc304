package backtest_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/netra-id/netra/pipeline/backtest"
	"github.com/netra-id/netra/pipeline/embedded/embeddedtest"
	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/queue"
	"github.com/netra-id/netra/pipeline/queue/kafkatest"
	"github.com/netra-id/netra/pipeline/review"
)

func TestMain(m *testing.M) { embeddedtest.Main(m) }

// words flags posts that hold one of its words, by a rule a word.
type words []string

func (w words) Classify(p *post.Post, _ string) post.Verdict {
	v := post.Verdict{ID: p.ID}
	for _, word := range w {
		if at := strings.Index(p.Text, word); at >= 0 {
			v.Flagged = true
			v.Labels = append(v.Labels, post.LabelScore{Label: post.Support, Score: 0.9, Reasons: []post.Reason{
				{Kind: post.ReasonKeyword, Source: "support/" + word, Start: at, End: at + len(word), Text: word},
			}})
		}
	}
	return v
}

func (w words) Versions() post.Versions { return post.Versions{} }

type nobody struct{}

func (nobody) Resolve(string, time.Time) (post.Person, bool) { return post.Person{}, false }

const window = 50

func open(t *testing.T, broker string) *queue.Queue {
	t.Helper()
	cfg := queue.DefaultConfiguration()
	cfg.Brokers = []string{broker}
	cfg.Topics.Partitions = 3
	q, err := queue.New(cfg, slog.New(slog.DiscardHandler), prometheus.NewRegistry())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(q.Close)
	for range 300 {
		if _, err = q.EnsureTopics(t.Context()); err == nil {
			return q
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Fatal(err)
	return nil
}

var vocabulary = []string{"coblos", "dukung", "gaskeun", "pasar", "rapat", "hujan", "kopi", "kantor"}

// fill produces posts with repeats, edits and what is no post, and returns what
// a plain loop over them finds: by post, whether each version flags it.
func fill(t *testing.T, q *queue.Queue, n int, published, draft words) (flagged map[string][2]bool, posts int64) {
	t.Helper()
	random := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // a test's
	flagged = map[string][2]bool{}
	var records []queue.Record
	for i := range n {
		p := post.Post{
			ID: fmt.Sprintf("rss:%d", i), Platform: "rss", Kind: post.KindPost, Account: post.Account{ID: fmt.Sprint(i % 17), Handle: "x"},
			Text: vocabulary[random.IntN(len(vocabulary))] + " " + vocabulary[random.IntN(len(vocabulary))], Source: "test",
			CreatedAt: time.Date(2024, 11, 1, 0, 0, i, 0, time.UTC), CollectedAt: time.Date(2024, 11, 2, 0, 0, 0, 0, time.UTC),
		}
		posts++
		note := func(p *post.Post, revision int) {
			record, err := queue.PostRecord(p, revision)
			if err != nil {
				t.Fatal(err)
			}
			records = append(records, record)
			was := flagged[p.ID]
			flagged[p.ID] = [2]bool{was[0] || published.Classify(p, "").Flagged, was[1] || draft.Classify(p, "").Flagged}
		}
		note(&p, 1)
		switch i % 10 {
		case 3: // collected again
			note(&p, 1)
		case 5: // edited
			p.Text += " dukung"
			note(&p, 2)
		case 7:
			records = append(records, queue.Record{Key: []byte("rss:1"), Value: []byte("{}")})
		}
	}
	producer := q.NewProducer()
	if err := producer.SendRecords(t.Context(), records...); err != nil {
		t.Fatal(err)
	}
	if err := producer.Close(); err != nil {
		t.Fatal(err)
	}
	return flagged, posts
}

func eachBroker(t *testing.T, test func(t *testing.T, q *queue.Queue)) {
	t.Run("embedded", func(t *testing.T) { test(t, open(t, embeddedtest.Broker(t))) })
	t.Run("kafka", func(t *testing.T) { test(t, open(t, kafkatest.Kafka(t))) })
}

func TestABacktestFindsWhatAPlainLoopFindsAlsoWhenItIsStoppedAndGoesOn(t *testing.T) {
	eachBroker(t, func(t *testing.T, q *queue.Queue) {
		published, draft := words{"coblos", "dukung"}, words{"dukung", "gaskeun"}
		want, posts := fill(t, q, 3000, published, draft)
		plan, err := backtest.NewPlan(t.Context(), q, "old", "new", time.Time{}, time.Time{}, window)
		if err != nil {
			t.Fatal(err)
		}
		whole := run(t, q, plan, published, draft, 0)
		stopped := run(t, q, plan, published, draft, 400)
		report := backtest.ReportOf(whole, nil)
		if diff := cmp.Diff(asJSON(t, report), asJSON(t, backtest.ReportOf(stopped, nil))); diff != "" {
			t.Errorf("stopped and gone on with, it found otherwise: %s", diff)
		}
		got := map[string][2]bool{}
		for _, p := range whole.Partitions {
			for id, f := range p.Found {
				got[id] = [2]bool{f.Published != nil, f.Draft != nil}
			}
		}
		for id, f := range want {
			if f == [2]bool{} {
				delete(want, id)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("other posts than a plain loop: %s", diff)
		}
		if report.Posts != posts || report.Unreadable != 300 || report.Records != 3900 {
			t.Errorf("%d posts of %d records, %d unreadable; want %d of 3900, 300", report.Posts, report.Records, report.Unreadable, posts)
		}
	})
}

// run runs a back-test, which is stopped about every few records where few is
// not 0, and goes on from what was saved as JSON.
func run(t *testing.T, q *queue.Queue, plan backtest.Plan, published, draft words, few int64) backtest.State {
	t.Helper()
	state := backtest.NewState(plan)
	for stops := 0; !state.Done(); stops++ {
		ctx, cancel := context.WithCancel(t.Context())
		saved := []byte(asJSON(t, state))
		var fence *fence
		deps := backtest.Dependencies{
			Log: q, Roster: nobody{}, Published: published, Draft: draft,
			Save: func(s backtest.State) error { var err error; saved, err = json.Marshal(s); return err },
		}
		if few > 0 {
			fence = newFence(q, few, cancel)
			deps.Log = fence
		}
		err := backtest.Run(ctx, state, deps)
		cancel()
		if err != nil && !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		state = backtest.State{}
		if err := json.Unmarshal(saved, &state); err != nil {
			t.Fatal(err)
		}
		if stops > 1000 {
			t.Fatal("it does not come to an end")
		}
	}
	return state
}

// fence ends the context after some records.
type fence struct {
	queue *queue.Queue
	few   int64
	stop  func()
}

func newFence(q *queue.Queue, few int64, stop func()) *fence { return &fence{q, few, stop} }

func (f *fence) ReplayRange(ctx context.Context, topic string, of queue.Range, each func([]queue.Record, int64) error) error {
	return f.queue.ReplayRange(ctx, topic, of, func(records []queue.Record, next int64) error {
		for len(records) > 0 { // runs as small as a stop could leave
			n := min(int64(len(records)), f.few)
			after := next
			if n < int64(len(records)) {
				after = records[n].Offset
			}
			if err := each(records[:n], after); err != nil {
				return err
			}
			records = records[n:]
			if next > of.First+f.few {
				f.stop()
			}
		}
		return nil
	})
}

func asJSON(t *testing.T, v any) string {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestAPeriodChoosesWhatReachedTheBrokerInIt(t *testing.T) {
	eachBroker(t, func(t *testing.T, q *queue.Queue) {
		none := words{"nothing"}
		fill(t, q, 50, none, none)
		time.Sleep(20 * time.Millisecond)
		between := time.Now()
		time.Sleep(20 * time.Millisecond)
		fill(t, q, 100, none, none)
		count := func(from, until time.Time) int64 {
			plan, err := backtest.NewPlan(t.Context(), q, "", "", from, until, window)
			if err != nil {
				t.Fatal(err)
			}
			return plan.Records()
		}
		if got := count(time.Time{}, between); got != 65 {
			t.Errorf("%d records before, want 65", got)
		}
		if got := count(between, time.Time{}); got != 130 {
			t.Errorf("%d records after, want 130", got)
		}
		if got := count(time.Now().Add(time.Hour), time.Time{}); got != 0 {
			t.Errorf("%d records in the future", got)
		}
	})
}

func TestReportSaysWhatAnalystsWouldLose(t *testing.T) {
	q := open(t, embeddedtest.Broker(t))
	published, draft := words{"coblos", "dukung"}, words{"dukung", "gaskeun"}
	fill(t, q, 400, published, draft)
	plan, err := backtest.NewPlan(t.Context(), q, "old", "new", time.Time{}, time.Time{}, window)
	if err != nil {
		t.Fatal(err)
	}
	state := run(t, q, plan, published, draft, 0)
	rulings := map[string]review.Verdict{}
	lost, back, saved := 0, 0, 0
	for _, p := range state.Partitions {
		for id, f := range p.Found {
			switch {
			case f.Draft == nil && lost <= saved:
				rulings[id], lost = review.Violation, lost+1
			case f.Draft == nil:
				rulings[id], saved = review.NoViolation, saved+1
			case f.Published == nil:
				rulings[id], back = review.NoViolation, back+1
			default:
				rulings[id] = review.Violation
			}
		}
	}
	report := backtest.ReportOf(state, rulings)
	if lost == 0 || back == 0 || len(report.LostConfirmed) != lost || len(report.BroughtBack) != back || report.SavedDismissed != saved {
		t.Errorf("lost %d, back %d, saved %d; want %d, %d, %d", len(report.LostConfirmed), len(report.BroughtBack), report.SavedDismissed, lost, back, saved)
	}
	if want := float64(report.Draft.Flagged - report.Published.Flagged); report.ExtraADay != want {
		t.Errorf("%v extra a day, want %v", report.ExtraADay, want)
	}
	p := report.Draft.Precision
	if p.Dismissed != back || !(p.Low < p.Value && p.Value < p.High) {
		t.Errorf("precision %+v", p)
	}
}

func TestWhatRetentionRemovesDuringABacktestIsToldAndDoesNotStopIt(t *testing.T) {
	eachBroker(t, func(t *testing.T, q *queue.Queue) {
		always := words{"coblos"}
		fill(t, q, 600, always, always)
		plan, err := backtest.NewPlan(t.Context(), q, "old", "new", time.Time{}, time.Time{}, window)
		if err != nil {
			t.Fatal(err)
		}
		var removed int64
		for i, r := range plan.Ranges {
			before := r.First + int64(10*(i+1))
			deleteRecords(t, q, int32(r.Partition), before) //nolint:gosec // a few
			removed += before - r.First
		}
		report := backtest.ReportOf(run(t, q, plan, always, always, 0), nil)
		if report.Missed != removed || report.Records != plan.Records()-removed {
			t.Errorf("%d records missed and %d judged, want %d and %d", report.Missed, report.Records, removed, plan.Records()-removed)
		}
	})
}

// deleteRecords removes what is before an offset, as retention does.
func deleteRecords(t *testing.T, q *queue.Queue, partition int32, before int64) {
	t.Helper()
	client, err := kgo.NewClient(kgo.SeedBrokers(q.Configuration().Brokers...))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	request := kmsg.NewDeleteRecordsRequest()
	topic := kmsg.NewDeleteRecordsRequestTopic()
	topic.Topic = q.Configuration().Topic
	topic.Partitions = []kmsg.DeleteRecordsRequestTopicPartition{{Partition: partition, Offset: before}}
	request.Topics = append(request.Topics, topic)
	response, err := request.RequestWith(t.Context(), client)
	if err != nil {
		t.Fatal(err)
	}
	for _, topic := range response.Topics {
		for _, p := range topic.Partitions {
			if err := kerr.ErrorForCode(p.ErrorCode); err != nil {
				t.Fatal(err)
			}
		}
	}
}
