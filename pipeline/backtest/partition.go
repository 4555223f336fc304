package backtest

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"github.com/netra-id/netra/classifiers"
	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/queue"
	"github.com/netra-id/netra/pipeline/worker"
)

// partition is how far one partition is, and what was found in it.
type partition struct {
	Range queue.Range `json:"range"`
	// Next is the offset that is judged next.
	Next int64 `json:"next"`
	// Records were read; of these Unreadable are dead letters, and Posts are
	// counted as posts, as the workers count them.
	Records    int64 `json:"records"`
	Unreadable int64 `json:"unreadable"`
	Posts      int64 `json:"posts"`
	// Oldest and Newest are when the first and the last of them reached the
	// broker.
	Oldest time.Time `json:"oldest"`
	Newest time.Time `json:"newest"`
	// Found are the posts that one of the versions flags, by id.
	Found map[string]*Finding `json:"found"`

	mu sync.Mutex
}

// Finding is one post that at least one of the versions flags.
type Finding struct {
	ID        string   `json:"id"`
	Account   string   `json:"account"`
	Region    string   `json:"region"`
	Excerpt   string   `json:"excerpt"`
	Published *Outcome `json:"published,omitempty"`
	Draft     *Outcome `json:"draft,omitempty"`
}

// Outcome is a verdict that flags.
type Outcome struct {
	Labels []post.Label `json:"labels"`
	Rules  []string     `json:"rules,omitempty"`
	Score  float64      `json:"score"`
}

// excerptBytes bounds the text that is kept of a post.
const excerptBytes = 240

// partition judges what is left of one partition.
func (r *run) partition(ctx context.Context, p *partition) error {
	sifter := worker.NewSifter(r.plan.RepeatWindow)
	from := queue.Range{Partition: p.Range.Partition, First: max(p.Next-int64(r.plan.RepeatWindow), p.Range.First), End: p.Range.End}
	if p.Next >= p.Range.End {
		return nil
	}
	return r.deps.Log.ReplayRange(ctx, r.plan.Topic, from, func(records []queue.Record, next int64) error {
		items := r.judge(sifter, records, p.Next)
		p.mu.Lock()
		defer p.mu.Unlock()
		for i := range items {
			p.add(&items[i])
		}
		p.Next = max(p.Next, next)
		return ctx.Err()
	})
}

// judge reads the records, tells repeats in their order, and judges the rest by
// both versions. Records before from are only remembered for repeats.
func (r *run) judge(sifter *worker.Sifter, records []queue.Record, from int64) []judged {
	items := make([]judged, len(records))
	r.pool.each(len(items), func(i int) {
		record := &records[i]
		items[i] = judged{Reading: worker.Read(record, r.deps.Roster, record.Time), record: record}
	})
	fresh := items[:0]
	for i := range items {
		it := items[i]
		if it.Err == nil {
			it.pass, it.counts = sifter.Sift(it.record, &it.Post)
		}
		if it.record.Offset >= from {
			fresh = append(fresh, it)
		}
	}
	r.pool.each(len(fresh), func(i int) {
		it := &fresh[i]
		if it.Err != nil || it.pass {
			return
		}
		it.published = classify(r.deps.Published, it)
		it.draft = classify(r.deps.Draft, it)
	})
	return fresh
}

// classify judges one post. A classifier that fails flags nothing: the worker
// makes a dead letter of such a post.
func classify(by classifiers.Classifier, it *judged) (verdict post.Verdict) {
	defer func() {
		if recover() != nil {
			verdict = post.Verdict{}
		}
	}()
	return by.Classify(&it.Post, it.Person.Region)
}

// add counts one record. A post that is edited has the outcome of its last
// version that flags, as in the store.
func (p *partition) add(it *judged) {
	p.Records++
	if at := it.record.Time.UTC(); p.Oldest.IsZero() {
		p.Oldest, p.Newest = at, at
	} else if at.After(p.Newest) {
		p.Newest = at
	}
	switch {
	case it.Err != nil:
		p.Unreadable++
		return
	case it.pass:
		return
	}
	if it.counts {
		p.Posts++
	}
	published, draft := outcomeOf(&it.published), outcomeOf(&it.draft)
	if published == nil && draft == nil {
		return
	}
	found := p.Found[it.Post.ID]
	if found == nil {
		found = &Finding{ID: it.Post.ID, Account: it.Post.Key(), Region: it.Person.Region}
		p.Found[it.Post.ID] = found
	}
	found.Excerpt = excerpt(cmp.Or(it.Post.Text, it.Post.Quoted))
	found.Published = cmp.Or(published, found.Published)
	found.Draft = cmp.Or(draft, found.Draft)
}

func outcomeOf(v *post.Verdict) *Outcome {
	if !v.Flagged {
		return nil
	}
	o := &Outcome{}
	for _, label := range v.Labels {
		if !slices.Contains(o.Labels, label.Label) {
			o.Labels = append(o.Labels, label.Label)
		}
		o.Score = max(o.Score, label.Score)
		for _, reason := range label.Reasons {
			if reason.Kind == post.ReasonKeyword && !slices.Contains(o.Rules, reason.Source) {
				o.Rules = append(o.Rules, reason.Source)
			}
		}
	}
	slices.Sort(o.Rules)
	return o
}

// excerpt cuts a text at a character.
func excerpt(text string) string {
	if len(text) <= excerptBytes {
		return text
	}
	cut := excerptBytes
	for cut > 0 && text[cut]&0xC0 == 0x80 {
		cut--
	}
	return text[:cut] + "…"
}
