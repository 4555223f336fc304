package cases

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/netra-id/netra/pipeline/access"
	"github.com/netra-id/netra/pipeline/database"
	"github.com/netra-id/netra/pipeline/evidence/seal"
)

// Change is what happened to a case.
type Change string

// The changes.
const (
	Created     Change = "created"
	PostsAdded  Change = "posts_added"
	PostRemoved Change = "post_removed"
	Noted       Change = "note"
	Renamed     Change = "renamed"
	Assigned    Change = "assigned"
	Unassigned  Change = "unassigned"
	StatusSet   Change = "status"
	HandedTo    Change = "handed_over"
	HoldSet     Change = "hold"
	HoldLifted  Change = "hold_lifted"
	ClosedAs    Change = "closed"
	Reopened    Change = "reopened"
	Exported    Change = "exported"
)

// Event is one thing that happened to a case. Its JSON, with the fields in this
// order and without white space, is its statement: the bytes that are sealed,
// kept and exported as they are.
type Event struct {
	// Format is 1.
	Format int `json:"format"`
	// ID is a UUID.
	ID     string `json:"id"`
	Case   string `json:"case"`
	Number string `json:"number"`
	// Revision is the case's after it.
	Revision int64     `json:"revision"`
	Change   Change    `json:"change"`
	At       time.Time `json:"at"`
	By       string    `json:"by"`
	// Posts are those that were added or removed.
	Posts []string `json:"posts,omitempty"`
	// Person is who was assigned or taken off.
	Person string `json:"person,omitempty"`
	From   Status `json:"from,omitempty"`
	To     Status `json:"to,omitempty"`
	// Receiver, Reference and Date are of the hand-over.
	Receiver  string  `json:"receiver,omitempty"`
	Reference string  `json:"reference,omitempty"`
	Date      string  `json:"date,omitempty"`
	Outcome   Outcome `json:"outcome,omitempty"`
	// Text is the note, the reason or the title.
	Text string `json:"text,omitempty"`
	// SHA256 is that of the pack that was exported.
	SHA256 string `json:"sha256,omitempty"`
	// Salt is 16 random bytes in hexadecimal.
	Salt string `json:"salt"`
	// Statement is the JSON itself.
	Statement []byte `json:"-"`
}

// happened writes down what happened to a case: in its time line, in the audit
// log and for the sealed log.
func (c *Cases) happened(ctx context.Context, tx *database.Tx, viewer access.Viewer, row *row, e Event) error {
	var salt [16]byte
	_, _ = rand.Read(salt[:]) // it never fails
	e.Format, e.ID, e.Case, e.Number, e.Revision = 1, uuid.NewString(), row.ID, row.Number, row.Revision
	e.By, e.At, e.Salt = viewer.Name, c.now(), hex.EncodeToString(salt[:])
	statement, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("state what happened to case %s: %w", row.Number, err)
	}
	if _, err := tx.Exec(ctx, "INSERT INTO case_events (case_num, statement) VALUES (?, ?)", row.num, string(statement)); err != nil {
		return fmt.Errorf("write down what happened to case %s: %w", row.Number, err)
	}
	if c.deps.Seal != nil {
		if err := c.deps.Seal.Add(ctx, tx, seal.KindCase, statement); err != nil {
			return fmt.Errorf("seal what happened to case %s: %w", row.Number, err)
		}
	}
	return c.audit(ctx, tx, viewer, "case."+string(e.Change), row, e.details())
}

// mostDetail bounds the bytes of one detail in the audit log.
const mostDetail = 500

func (e *Event) details() map[string]string {
	details := map[string]string{}
	for key, value := range map[string]string{
		"posts": strings.Join(e.Posts, " "), "person": e.Person, "from": string(e.From), "to": string(e.To), "receiver": e.Receiver,
		"reference": e.Reference, "date": e.Date, "outcome": string(e.Outcome), "sha256": e.SHA256, "event": e.ID,
	} {
		if value != "" {
			details[key] = strings.ToValidUTF8(value[:min(len(value), mostDetail)], "")
		}
	}
	return details
}

func (c *Cases) audit(ctx context.Context, tx *database.Tx, viewer access.Viewer, action string, row *row, details map[string]string) error {
	if c.deps.Audit == nil {
		return nil
	}
	return c.deps.Audit.Record(ctx, tx, viewer, action, "case "+row.Number, details)
}

// Timeline returns what happened to a case, oldest first.
func (c *Cases) Timeline(ctx context.Context, viewer access.Viewer, id string) ([]Event, error) {
	found, err := c.find(ctx, c.db, viewer, id)
	if err != nil {
		return nil, err
	}
	rows, err := c.db.Query(ctx, "SELECT statement FROM case_events WHERE case_num = ? ORDER BY num", found.num)
	if err != nil {
		return nil, fmt.Errorf("read what happened to a case: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var events []Event
	for rows.Next() {
		var e Event
		if err := rows.Scan(&e.Statement); err != nil {
			return nil, fmt.Errorf("read what happened to a case: %w", err)
		}
		if err := json.Unmarshal(e.Statement, &e); err != nil {
			return nil, fmt.Errorf("read what happened to case %s: %w", found.Number, err)
		}
		events = append(events, e)
	}
	return events, doing("read what happened to a case", rows.Err())
}
