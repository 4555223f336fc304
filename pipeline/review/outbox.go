package review

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/netra-id/netra/pipeline/database"
	"github.com/netra-id/netra/pipeline/store"
)

// Decisions go to ClickHouse through a table of the same database, written in
// the transaction of the decision. Sending first fixes which rows are a batch,
// under a name that is ClickHouse's token for it, then inserts the batch, then
// deletes it. Whoever comes after a crash, or sends at the same time, sends the
// same rows under the same token, which ClickHouse stores once.

// mostBatch bounds the rows of a batch.
const mostBatch = 1000

// queue puts a decision into the outbox.
func (r *Review) queue(ctx context.Context, tx *database.Tx, item *row, d Decision) error {
	contestants, rules, labels := item.Contestants, item.Rules, make([]string, len(item.Labels))
	for i, label := range item.Labels {
		labels[i] = string(label)
	}
	data, err := json.Marshal(store.DecisionRow{
		ID: d.ID, Item: item.ID, Edition: uint32(item.edition), Account: item.Account, PersonID: item.PersonID,
		Labels: labels, Rules: rules, Contestants: contestants,
		Region: item.Region, Agency: item.Agency, Platform: item.Platform, Language: item.Language,
		Verdict: string(d.Verdict), Label: string(d.Label), Rule: d.Rule, Cause: string(d.Cause),
		By: d.By, At: d.At, Round: uint8(d.Round), Replaces: d.Replaces, Withdrawn: d.Withdrawn,
		ListsVersion: item.Lists, CreatedAt: item.CreatedAt, FlaggedAt: item.FlaggedAt, OpenedAt: item.OpenedAt,
	})
	if err != nil {
		return fmt.Errorf("queue a decision for ClickHouse: %w", err)
	}
	_, err = tx.Exec(ctx, "INSERT INTO review_outbox (row_json, queued_at) VALUES (?, ?)", string(data), r.deps.Now().UnixMilli())
	return inWords("queue a decision for ClickHouse", err)
}

// Send sends all decisions in the outbox to ClickHouse.
func (r *Review) Send(ctx context.Context) error {
	if r.deps.Decisions == nil {
		return nil
	}
	for {
		batch, err := r.fixBatch(ctx)
		if err != nil || batch == "" {
			return err
		}
		if err := r.sendBatch(ctx, batch); err != nil {
			return err
		}
	}
}

// fixBatch returns the name of the batch to send next, the oldest that was begun
// or else a new one; empty where nothing waits.
func (r *Review) fixBatch(ctx context.Context) (string, error) {
	var waiting bool
	if err := r.db.QueryRow(ctx, "SELECT EXISTS (SELECT 1 FROM review_outbox)").Scan(&waiting); err != nil || !waiting {
		return "", inWords("look into the outbox", err)
	}
	var batch string
	err := r.db.Write(ctx, func(tx *database.Tx) error {
		batch = ""
		err := tx.QueryRow(ctx, "SELECT batch FROM review_outbox WHERE batch <> '' ORDER BY seq LIMIT 1").Scan(&batch)
		if !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		batch = uuid.NewString()
		_, err = tx.Exec(ctx, "UPDATE review_outbox SET batch = ? WHERE seq IN (SELECT seq FROM review_outbox WHERE batch = '' ORDER BY seq LIMIT ?)", batch, mostBatch)
		return err
	})
	return batch, inWords("fix a batch of decisions", err)
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func (r *Review) sendBatch(ctx context.Context, batch string) error {
	rows, err := r.batchRows(ctx, batch)
	if err != nil {
		return err
	}
	if len(rows) > 0 { // else another process has sent it
		if err := r.deps.Decisions.InsertDecisions(ctx, "decisions/"+batch, rows); err != nil {
			return err
		}
		r.metrics.sent.Add(float64(len(rows)))
	}
	_, err = r.db.Exec(ctx, "DELETE FROM review_outbox WHERE batch = ?", batch)
	return inWords("take sent decisions out of the outbox", err)
}

func (r *Review) batchRows(ctx context.Context, batch string) ([]store.DecisionRow, error) {
	rows, err := r.db.Query(ctx, "SELECT row_json FROM review_outbox WHERE batch = ? ORDER BY seq", batch)
	if err != nil {
		return nil, fmt.Errorf("read a batch of decisions: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var list []store.DecisionRow
	for rows.Next() {
		var data string
		if err := rows.Scan(&data); err != nil {
			return nil, fmt.Errorf("read a batch of decisions: %w", err)
		}
		var row store.DecisionRow
		if err := json.Unmarshal([]byte(data), &row); err != nil {
			return nil, fmt.Errorf("read a batch of decisions: %w", err)
		}
		list = append(list, row)
	}
	return list, inWords("read a batch of decisions", rows.Err())
}

const measureEvery = 15 * time.Second

// measure sets the gauges.
func (r *Review) measure(ctx context.Context) error {
	var waiting, oldest int64
	if err := r.db.QueryRow(ctx, "SELECT count(*), COALESCE(min(queued_at), 0) FROM review_outbox").Scan(&waiting, &oldest); err != nil {
		return err
	}
	r.metrics.outbox.Set(float64(waiting))
	lag := 0.0
	if waiting > 0 {
		lag = max(0, r.deps.Now().Sub(database.Time(oldest)).Seconds())
	}
	r.metrics.outboxLag.Set(lag)
	return r.measureBacklog(ctx)
}
