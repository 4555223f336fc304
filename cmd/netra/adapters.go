package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/netra-id/netra/pipeline/collect"
	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/queue"
	"github.com/netra-id/netra/pipeline/store"
	"github.com/netra-id/netra/pipeline/worker"
)

// The types here fit one package's types to the small interfaces of another.

type storeBatches struct{ *store.Store }

func (s storeBatches) Insert(ctx context.Context, batch worker.Batch) error {
	err := s.Store.Insert(ctx, store.Batch{
		Token: batch.Token, Flags: batch.Flags, Counts: batch.Counts,
		ShadowCounts: shadowCounts(batch.ShadowCounts), ShadowSamples: shadowSamples(batch.ShadowSamples),
		Sketches: batch.Sketches, Edits: editPlaces(batch.Edits),
	})
	if errors.Is(err, store.ErrRefused) {
		return fmt.Errorf("%w: %w", worker.ErrRefused, err)
	}
	return err
}

func editPlaces(edits []worker.Edit) []store.Edit {
	places := make([]store.Edit, len(edits))
	for i, e := range edits {
		places[i] = store.Edit{ID: e.ID, Topic: e.Topic, Partition: e.Partition, Offset: e.Offset}
	}
	return places
}

func shadowCounts(counts []worker.ShadowCount) []store.ShadowCount {
	rows := make([]store.ShadowCount, len(counts))
	for i, c := range counts {
		rows[i] = store.ShadowCount{
			Hour: c.Hour, Version: c.Version, Published: c.Published, Label: string(c.Label), Posts: c.Posts, Live: c.Live, Shadow: c.Shadow, Both: c.Both,
		}
	}
	return rows
}

func shadowSamples(samples []worker.ShadowSample) []store.ShadowSample {
	rows := make([]store.ShadowSample, len(samples))
	for i, s := range samples {
		rows[i] = store.ShadowSample{
			Version: s.Version, Published: s.Published, ID: s.ID, Account: s.Account, Region: s.Region, Excerpt: s.Excerpt,
			LiveLabels: post.Strings(s.LiveLabels), ShadowLabels: post.Strings(s.ShadowLabels), ShadowRules: s.ShadowRules, At: s.At,
		}
	}
	return rows
}

type postProducer struct{ *queue.Producer }

func (p postProducer) Send(ctx context.Context, posts []collect.Outgoing) error {
	records := make([]queue.Record, len(posts))
	for i := range posts {
		record, err := queue.PostRecord(&posts[i].Post, posts[i].Revision)
		if err != nil {
			return err
		}
		var fetched any
		if exchange := posts[i].Exchange; exchange != nil {
			fetched = exchange
		}
		if err := p.AttachRaw(&record, posts[i].Raw, fetched); err != nil {
			return err
		}
		records[i] = record
	}
	return refusals(p.SendRecords(ctx, records...))
}

// refusals tells the collector which posts the queue will never take, where
// those are all that failed.
func refusals(err error) error {
	var sent *queue.SendError
	if !errors.As(err, &sent) {
		return err
	}
	refused := map[int]error{}
	for index, cause := range sent.Failed {
		if !errors.Is(cause, queue.ErrTooLarge) {
			return err
		}
		refused[index] = cause
	}
	return &collect.RefusedError{Refused: refused}
}

type deadLetters struct {
	producer *queue.Producer
	topic    string
}

func (d deadLetters) Reject(ctx context.Context, rejected []collect.Rejected) error {
	records := make([]queue.Record, len(rejected))
	for i, r := range rejected {
		records[i] = queue.Record{
			Topic: d.topic, Value: r.Raw, Time: r.At,
			Headers: []queue.Header{
				{Key: "reason", Value: []byte(r.Reason)}, {Key: "cause", Value: []byte(r.Cause)},
				{Key: "source", Value: []byte(r.Source)}, {Key: "position", Value: []byte(r.Position)},
			},
		}
	}
	return d.producer.SendRecords(ctx, records...)
}

type coverageStore struct{ *store.Store }

func (c coverageStore) Record(ctx context.Context, entries []collect.CoverageEntry) error {
	states := make([]store.Coverage, len(entries))
	for i, e := range entries {
		platform, account, _ := strings.Cut(e.Account, ":")
		states[i] = store.Coverage{
			Platform: platform, AccountID: account, Source: e.Source, LastSuccess: e.LastSuccess, LastPost: e.LastPost,
			Gaps: uint32(max(e.Failures, 0)), Problem: string(e.Problem), Reason: e.Reason, FailingSince: e.Since, UpdatedAt: e.At, //nolint:gosec // a count of failures fits
			Handle: e.Handle,
		}
		for _, gap := range e.Gaps {
			states[i].Missing = append(states[i].Missing, store.MissingPeriod{From: gap.From, Until: gap.Until, Reason: gap.Reason})
		}
	}
	return c.SaveCoverage(ctx, states)
}

// ruleWords says what a rule looks for, in words of a language.
func (a *app) ruleWords() (func(language, source string) string, error) {
	lists, err := a.lists(a.cfg.Classify)
	if err != nil {
		return nil, err
	}
	words := map[string]string{}
	for _, list := range lists.Lists {
		for _, rule := range list.Rules {
			words["id "+rule.Source()] = rule.Description.ID
			words["en "+rule.Source()] = rule.Description.EN
		}
	}
	return func(language, source string) string { return words[language+" "+source] }, nil
}
