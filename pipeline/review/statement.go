package review

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"github.com/netra-id/netra/pipeline/database"
	"github.com/netra-id/netra/pipeline/evidence/seal"
	"github.com/netra-id/netra/pipeline/post"
)

// Statement is what is sealed of a decision. Its JSON, with the fields in this
// order and without white space, is kept as it was sealed and never encoded anew.
type Statement struct {
	// Format is 1.
	Format int    `json:"format"`
	ID     string `json:"id"`
	Post   string `json:"post"`
	// Edition counts the texts of the post that were decided on.
	Edition int64      `json:"edition"`
	Verdict Verdict    `json:"verdict"`
	Label   post.Label `json:"label,omitempty"`
	Rule    string     `json:"rule,omitempty"`
	Cause   Cause      `json:"cause,omitempty"`
	Same    string     `json:"same,omitempty"`
	Note    string     `json:"note,omitempty"`
	By      string     `json:"by"`
	At      time.Time  `json:"at"`
	Round   int        `json:"round"`
	// Replaces is the decision that this one corrects, or takes back where
	// Withdrawn is set.
	Replaces  string `json:"replaces,omitempty"`
	Withdrawn bool   `json:"withdrawn,omitempty"`
	// Late says that the decision is older than its statement: it was made before
	// decisions were sealed.
	Late bool `json:"late,omitempty"`
	// Salt is 16 random bytes in hexadecimal, so that the leaf of a decision that
	// was purged does not tell what it was.
	Salt string `json:"salt"`
}

// seal has a decision sealed in its own transaction.
func (r *Review) seal(ctx context.Context, tx *database.Tx, d Decision, edition int64, late bool) error {
	if r.deps.Seal == nil {
		return nil
	}
	salt := make([]byte, 16)
	_, _ = rand.Read(salt) // never fails
	statement, err := json.Marshal(Statement{
		Format: 1, ID: d.ID, Post: d.Item, Edition: edition, Verdict: d.Verdict, Label: d.Label, Rule: d.Rule, Cause: d.Cause, Same: d.Same,
		Note: d.Note, By: d.By, At: d.At.UTC(), Round: d.Round, Replaces: d.Replaces, Withdrawn: d.Withdrawn, Late: late, Salt: hex.EncodeToString(salt),
	})
	if err != nil {
		return fmt.Errorf("state decision %s: %w", d.ID, err)
	}
	if _, err := tx.Exec(ctx, "INSERT INTO review_statements (decision, statement) VALUES (?, ?)", d.ID, string(statement)); err != nil {
		return fmt.Errorf("state decision %s: %w", d.ID, err)
	}
	return r.deps.Seal.Add(ctx, tx, seal.KindDecision, statement)
}

// Statements returns what was sealed of the decisions on a post, oldest first,
// byte for byte.
func (r *Review) Statements(ctx context.Context, post string) ([][]byte, error) {
	return Statements(ctx, r.db, post)
}

// Statements returns what was sealed of the decisions on a post from a database
// whose tables Migrate has made. What was purged is left out.
func Statements(ctx context.Context, db database.Querier, post string) ([][]byte, error) {
	rows, err := db.Query(ctx, `SELECT s.statement FROM review_statements s JOIN review_decisions d ON d.id = s.decision
		JOIN review_items i ON i.num = d.item WHERE i.id = ? AND s.statement <> '' ORDER BY d.seq`, post)
	if err != nil {
		return nil, fmt.Errorf("read what was sealed of decisions: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var all [][]byte
	for rows.Next() {
		var statement string
		if err := rows.Scan(&statement); err != nil {
			return nil, fmt.Errorf("read what was sealed of decisions: %w", err)
		}
		all = append(all, []byte(statement))
	}
	return all, inWords("read what was sealed of decisions", rows.Err())
}

// sealAtOnce is how many older decisions one transaction seals; sealOlderEvery is
// how often it is looked for them: after the start there are none.
const (
	sealAtOnce     = 100
	sealOlderEvery = 24 * time.Hour
)

// SealOlder seals the decisions that were made before decisions were sealed.
func (r *Review) SealOlder(ctx context.Context) error {
	if r.deps.Seal == nil {
		return nil
	}
	for {
		some := 0
		err := r.db.Write(ctx, func(tx *database.Tx) error {
			decisions, editions, err := unsealed(ctx, tx)
			if err != nil {
				return err
			}
			some = len(decisions)
			for i, d := range decisions {
				if err := r.seal(ctx, tx, d, editions[i], true); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil || some == 0 {
			return err
		}
	}
}

func unsealed(ctx context.Context, tx *database.Tx) (decisions []Decision, editions []int64, err error) {
	rows, err := tx.Query(ctx, `SELECT i.id, d.id, d.edition, d.verdict, d.label, d.rule, d.cause, d.same, d.note, d.made_by, d.made_at, d.round, d.replaces, d.withdrawn
		FROM review_decisions d JOIN review_items i ON i.num = d.item
		WHERE NOT EXISTS (SELECT 1 FROM review_statements s WHERE s.decision = d.id) ORDER BY d.seq LIMIT ?`, sealAtOnce)
	if err != nil {
		return nil, nil, fmt.Errorf("read decisions that are not sealed: %w", err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var d Decision
		var edition, at int64
		var withdrawn int
		if err := rows.Scan(&d.Item, &d.ID, &edition, &d.Verdict, &d.Label, &d.Rule, &d.Cause, &d.Same, &d.Note, &d.By, &at, &d.Round, &d.Replaces, &withdrawn); err != nil {
			return nil, nil, fmt.Errorf("read decisions that are not sealed: %w", err)
		}
		d.At, d.Withdrawn = database.Time(at), withdrawn != 0
		decisions, editions = append(decisions, d), append(editions, edition)
	}
	return decisions, editions, inWords("read decisions that are not sealed", rows.Err())
}
