package capture

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/netra-id/netra/pipeline/blobs"
	"github.com/netra-id/netra/pipeline/collect"
	"github.com/netra-id/netra/pipeline/database"
	"github.com/netra-id/netra/pipeline/evidence"
	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/queue"
	"github.com/netra-id/netra/pipeline/store"
)

// Types of what is kept.
const (
	typeJSON = "application/json"
	typeAny  = "application/octet-stream"
)

// captureStored captures what is in the queue and in the store. A nil error is
// that the task is done.
func (w *Worker) captureStored(ctx context.Context, t *task) error {
	found, err := w.find(ctx, t)
	if err != nil {
		if !w.last(t) {
			return err
		}
		found.recordProblem = err
	}
	if found.post == nil { // neither the flag nor the record is known: there is nothing to seal
		w.logger.ErrorContext(ctx, "no evidence can be captured of a post", "post", t.post, "occasion", t.occasion, "error", err)
		return w.finish(ctx, t, nil, cut(fmt.Sprint(found.recordProblem), 500), nil)
	}
	drafts := w.draftsOf(t, found)
	handed, err := w.handed(ctx, t, found)
	if err != nil && !w.last(t) {
		return err
	}
	drafts, err = w.notKeptYet(ctx, t, append(drafts, handed...))
	if err != nil {
		return err
	}
	text := ""
	for _, d := range drafts {
		if d.Problem != "" {
			text = d.Problem
		}
	}
	return w.finish(ctx, t, drafts, text, found)
}

// finish keeps the pieces and ends the task in one transaction, in which also the
// task is noted of what must be fetched.
func (w *Worker) finish(ctx context.Context, t *task, drafts []evidence.Draft, text string, found *finding) error {
	_, err := w.keeper.Keep(ctx, drafts, func(tx *database.Tx) error {
		if found != nil && w.wants(t, found) {
			next := &task{post: t.post, stage: fetched, occasion: t.occasion, wantedBy: t.wantedBy, what: target{Flag: &post.Flag{Post: *found.post}, Version: found.version}}
			key, err := next.key(t.num)
			if err != nil {
				return err
			}
			if err := w.add(ctx, tx, next, key); err != nil {
				return err
			}
		}
		return w.end(ctx, tx, t, text)
	})
	if err != nil {
		return err
	}
	w.count(t, text)
	return nil
}

func (w *Worker) count(t *task, text string) {
	result := "whole"
	if text != "" {
		result = "problem"
	}
	w.metrics.tasks.WithLabelValues(string(t.stage), result).Inc()
}

// finding is what was found of a post.
type finding struct {
	post    *post.Post
	flag    *post.Flag // nil of an edit that is not flagged
	version string
	// record is nil where recordProblem says why.
	record        *queue.Record
	recordProblem error
	raw           []byte
	rawProblem    error
	exchange      *collect.Exchange
	fetch         []byte
}

// find reads the flag and its record. Its error is of what may pass; found says
// then what is known nevertheless.
func (w *Worker) find(ctx context.Context, t *task) (found *finding, err error) {
	found = &finding{flag: t.what.Flag}
	place := t.what.Place
	if place == nil {
		if found.flag == nil {
			flag, err := w.deps.Flags.Flag(ctx, t.post)
			if errors.Is(err, store.ErrNotFound) {
				found.recordProblem = err
				return found, nil
			}
			if err != nil {
				return found, err
			}
			found.flag = &flag
		}
		f := found.flag
		found.post, place = &f.Post, &store.Edit{ID: f.Post.ID, Topic: f.Topic, Partition: f.Partition, Offset: f.Offset}
		// Without the record this is what it was, as far as the store tells.
		if err := found.known(); err != nil {
			return found, err
		}
	}
	record, err := w.deps.Queue.Read(ctx, place.Topic, place.Partition, place.Offset)
	if errors.Is(err, queue.ErrExpired) {
		found.recordProblem = err
		return found, nil
	}
	if err != nil {
		return found, err
	}
	w.readRecord(t, found, place, &record)
	return found, nil
}

func (f *finding) known() error {
	encoded, err := post.Encode(f.post)
	f.version = sumOf(encoded)
	return err
}

// readRecord takes apart what the queue holds at the place.
func (w *Worker) readRecord(t *task, found *finding, place *store.Edit, record *queue.Record) {
	p, err := post.Decode(record.Value)
	if err == nil && p.ID != t.post {
		err = fmt.Errorf("it is of the post %q", p.ID)
	}
	if err != nil {
		found.recordProblem = fmt.Errorf("the queue holds another record at %s/%d/%d than the one that was flagged: %w", place.Topic, place.Partition, place.Offset, err)
		return
	}
	found.record, found.post, found.version = record, &p, sumOf(record.Value)
	if found.fetch = record.Fetch(); found.fetch != nil {
		var exchange collect.Exchange
		if err := json.Unmarshal(found.fetch, &exchange); err == nil {
			found.exchange = &exchange
		}
	}
	found.raw, found.rawProblem = w.deps.Queue.Raw(record)
	if found.rawProblem == nil && sumOf(found.raw) != p.RawSHA256 {
		found.rawProblem = fmt.Errorf("the answer beside the post has the SHA-256 %s, the post names %s", sumOf(found.raw), p.RawSHA256)
	}
}

// draftsOf makes pieces of what was found.
func (w *Worker) draftsOf(t *task, f *finding) []evidence.Draft {
	var drafts []evidence.Draft
	record := about(t, f.version, evidence.Record)
	raw := about(t, f.version, evidence.Raw)
	raw.By, raw.Type = "netra collect "+f.post.Source, typeAny
	if json.Valid(f.raw) {
		raw.Type = typeJSON
	}
	if at := f.post.CollectedAt; !at.IsZero() {
		raw.CapturedAt, raw.Clock = at, evidence.NotChecked
	}
	if e := f.exchange; e != nil {
		raw.By, raw.Address, raw.CapturedAt, raw.Clock, raw.Public = e.By, e.Address, e.FetchedAt, e.Clock, publicOf(e)
	}
	switch {
	case f.record == nil:
		drafts = append(drafts, problem(record, f.recordProblem))
		raw.CapturedAt, raw.Clock = time.Time{}, ""
		drafts = append(drafts, problem(raw, f.recordProblem))
	case f.rawProblem != nil:
		record.Type = typeJSON
		raw.CapturedAt, raw.Clock = time.Time{}, ""
		drafts = append(drafts, evidence.Draft{Piece: record, Bytes: f.record.Value}, problem(raw, f.rawProblem))
	default:
		record.Type = typeJSON
		drafts = append(drafts, evidence.Draft{Piece: record, Bytes: f.record.Value}, evidence.Draft{Piece: raw, Bytes: f.raw})
	}
	if f.exchange != nil {
		exchange := about(t, f.version, evidence.HTTP)
		exchange.By, exchange.Address, exchange.Type = f.exchange.By, f.exchange.Address, typeJSON
		exchange.CapturedAt, exchange.Clock, exchange.Public = f.exchange.FetchedAt, f.exchange.Clock, publicOf(f.exchange)
		drafts = append(drafts, evidence.Draft{Piece: exchange, Bytes: f.fetch})
	}
	if f.flag != nil {
		drafts = append(drafts, w.verdict(t, f))
	}
	return drafts
}

// publicOf says whether anybody would have got the answer.
func publicOf(e *collect.Exchange) evidence.Public {
	if e.Status == 200 && !e.Credentials {
		return evidence.PublicYes
	}
	return evidence.PublicUnknown
}

// FlagFile is the file of a verdict's piece: the flag as it was stored, without
// the post, which is in the record.
type FlagFile struct {
	Post      string       `json:"post"`
	Record    string       `json:"record"` // topic/partition/offset
	FlaggedAt time.Time    `json:"flagged_at"`
	Person    post.Person  `json:"person"`
	Verdict   post.Verdict `json:"verdict"`
}

func (w *Worker) verdict(t *task, f *finding) evidence.Draft {
	piece := about(t, f.version, evidence.Verdict)
	piece.Type = typeJSON
	data, err := json.Marshal(FlagFile{
		Post: t.post, Record: fmt.Sprintf("%s/%d/%d", f.flag.Topic, f.flag.Partition, f.flag.Offset),
		FlaggedAt: f.flag.FlaggedAt.UTC(), Person: f.flag.Person, Verdict: f.flag.Verdict,
	})
	if err != nil {
		return problem(piece, err)
	}
	return evidence.Draft{Piece: piece, Bytes: data}
}

// handed makes pieces of the files that a person handed in with the post.
func (w *Worker) handed(ctx context.Context, t *task, f *finding) (drafts []evidence.Draft, err error) {
	if w.deps.Handed == nil {
		return nil, nil
	}
	for _, m := range f.post.Media {
		if m.SHA256 == "" || m.URL != "" || !blobs.IsSum(m.SHA256) {
			continue
		}
		draft, failed := w.handedFile(ctx, t, f, m.SHA256)
		drafts, err = append(drafts, draft), errors.Join(err, failed)
	}
	return drafts, err
}

func (w *Worker) handedFile(ctx context.Context, t *task, f *finding, sum string) (evidence.Draft, error) {
	piece := about(t, f.version, evidence.Handed)
	piece.By = "netra collect " + f.post.Source
	file, from, err := w.deps.Handed.Handed(ctx, sum)
	if err != nil {
		return problem(piece, err), ignore(err, blobs.ErrNotFound)
	}
	defer func() { _ = file.Close() }()
	if from.By != "" {
		piece.By = from.By
	}
	if !from.At.IsZero() {
		piece.CapturedAt, piece.Clock = from.At, evidence.NotChecked
	}
	kept, err := w.keeper.Put(ctx, file, 0)
	if err == nil && kept.SHA256 != sum {
		err = fmt.Errorf("the file that was handed in has the SHA-256 %s, the post names %s", kept.SHA256, sum)
	}
	if err != nil {
		return problem(piece, err), err
	}
	return evidence.Draft{Piece: piece, File: kept}, nil
}

func ignore(err, what error) error {
	if errors.Is(err, what) {
		return nil
	}
	return err
}

// notKeptYet leaves out what is evidence already: the same bytes of the same
// version say nothing new, unless they were fetched anew.
func (w *Worker) notKeptYet(ctx context.Context, t *task, drafts []evidence.Draft) ([]evidence.Draft, error) {
	pieces, err := w.keeper.OfPost(ctx, t.post)
	if err != nil {
		return nil, err
	}
	type mark struct {
		kind             evidence.Kind
		version, content string
	}
	kept := map[mark]bool{}
	for _, p := range pieces {
		kept[mark{p.Kind, p.Version, p.SHA256 + p.Problem}] = true
	}
	fresh := drafts[:0]
	for _, d := range drafts {
		content := d.Problem
		switch {
		case d.File != nil:
			content = d.File.SHA256
		case content == "":
			content = sumOf(d.Bytes)
		}
		if m := (mark{d.Kind, d.Version, content}); !kept[m] {
			kept[m] = true
			fresh = append(fresh, d)
		}
	}
	return fresh, nil
}

func sumOf(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}
