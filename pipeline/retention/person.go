package retention

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/netra-id/netra/pipeline/access"
	"github.com/netra-id/netra/pipeline/database"
	"github.com/netra-id/netra/pipeline/roster"
	"github.com/netra-id/netra/pipeline/store"
)

// PersonStore is what is asked for what is held of a person outside of the
// console's database. The store implements it.
type PersonStore interface {
	LoadRoster(ctx context.Context) ([]roster.Entry, string, error)
	FlaggedOf(ctx context.Context, personID string, accounts []string) ([]store.PersonFlag, error)
	SketchesOf(ctx context.Context, keyID uint16, accounts []uint64) ([]store.SketchedPost, error)
}

// Sketches are by whom accounts are hashed; *sketch.Maker implements it.
type Sketches interface {
	KeyID() uint16
	AccountHash(key string) uint64
}

// Report is what is held of one person. Posts that are not flagged are only in the
// queue, for as long as it keeps them (kafka.topics.retention), and as hashes in
// the sketches.
type Report struct {
	At time.Time `json:"at"`
	// Person is the id under which the person is known, Accounts are those that the
	// roster ties to the person or that were asked for.
	Person   string             `json:"person"`
	Accounts []string           `json:"accounts"`
	Roster   []HeldPeriod       `json:"roster"`
	Flags    []store.PersonFlag `json:"flags"`
	Items    []HeldRow          `json:"items"`
	// Decisions are on those items, Evidence is of them, Cases hold them.
	Decisions []HeldRow `json:"decisions"`
	Evidence  []HeldRow `json:"evidence"`
	Cases     []HeldRow `json:"cases"`
	Clusters  []HeldRow `json:"clusters"`
	Captures  []HeldRow `json:"captures"`
	Tips      []HeldRow `json:"tips"`
	Holds     []HeldRow `json:"holds"`
	// Looked are the entries of the audit log about the items.
	Looked   []HeldRow    `json:"looked_at"`
	Sketches HeldSketches `json:"sketches"`
}

// HeldPeriod is a time in which the roster ties an account to the person.
type HeldPeriod struct {
	Account  string    `json:"account"`
	Handle   string    `json:"handle"`
	Name     string    `json:"name"`
	Agency   string    `json:"agency"`
	Unit     string    `json:"unit"`
	Position string    `json:"position"`
	Region   string    `json:"region"`
	Status   string    `json:"status"`
	Basis    string    `json:"basis"`
	From     time.Time `json:"valid_from"`
	Until    time.Time `json:"valid_until,omitzero"`
}

// HeldRow is one thing: when it is from, what it is about, and what it says.
type HeldRow struct {
	At      time.Time `json:"at,omitzero"`
	Subject string    `json:"subject"`
	Kind    string    `json:"kind"`
	Text    string    `json:"text,omitempty"`
	By      string    `json:"by,omitempty"`
}

// HeldSketches says how many posts are known by their hashes only.
type HeldSketches struct {
	Posts int       `json:"posts"`
	First time.Time `json:"first,omitzero"`
	Last  time.Time `json:"last,omitzero"`
}

// Person lists what is held of a person, by the id or by one of the accounts
// ("platform:account id"), and records in the audit log that it was asked.
func (r *Retention) Person(ctx context.Context, by access.Viewer, from PersonStore, sketches Sketches, person, account string) (Report, error) {
	h := Report{At: r.deps.Now().UTC(), Person: person}
	if err := r.lookAround(ctx); err != nil {
		return h, err
	}
	if err := h.readRoster(ctx, from, account); err != nil {
		return h, err
	}
	var err error
	if h.Flags, err = from.FlaggedOf(ctx, h.Person, h.Accounts); err != nil {
		return h, err
	}
	if err := r.readHeld(ctx, &h); err != nil {
		return h, err
	}
	if sketches != nil {
		if err := h.readSketches(ctx, from, sketches); err != nil {
			return h, err
		}
	}
	err = r.db.Write(ctx, func(tx *database.Tx) error {
		return r.deps.Audit.Record(ctx, tx, by, "person.report", "person", map[string]string{
			"person": h.Person, "accounts": strings.Join(h.Accounts, " "), "flags": fmt.Sprint(len(h.Flags)), "evidence": fmt.Sprint(len(h.Evidence)),
		})
	})
	return h, err
}

// readRoster finds the accounts of the person; by an account, the person that it
// was tied to last.
func (h *Report) readRoster(ctx context.Context, from PersonStore, account string) error {
	entries, _, err := from.LoadRoster(ctx)
	if err != nil {
		return err
	}
	if account != "" {
		h.Accounts = append(h.Accounts, account)
	}
	key := func(e *roster.Entry) string { return e.Platform + ":" + e.AccountID }
	if h.Person == "" {
		for i := range entries {
			if key(&entries[i]) == account {
				h.Person = entries[i].Person.PersonID
			}
		}
	}
	for i := range entries {
		e := &entries[i]
		if (h.Person == "" || e.Person.PersonID != h.Person) && key(e) != account {
			continue
		}
		if e.Person.PersonID == h.Person && !slices.Contains(h.Accounts, key(e)) {
			h.Accounts = append(h.Accounts, key(e))
		}
		period := HeldPeriod{
			Account: key(e), Handle: e.Handle, Name: e.Person.Name, Agency: e.Person.Agency, Unit: e.Person.Unit, Position: e.Person.Position,
			Region: e.Person.Region, Status: e.Person.Status, Basis: e.Person.Basis, From: e.ValidFrom,
		}
		if !e.Open() {
			period.Until = e.ValidUntil
		}
		h.Roster = append(h.Roster, period)
	}
	return nil
}

func (h *Report) readSketches(ctx context.Context, from PersonStore, sketches Sketches) error {
	hashes := make([]uint64, len(h.Accounts))
	for i, account := range h.Accounts {
		hashes[i] = sketches.AccountHash(account)
	}
	rows, err := from.SketchesOf(ctx, sketches.KeyID(), hashes)
	if err != nil || len(rows) == 0 {
		return err
	}
	h.Sketches = HeldSketches{Posts: len(rows), First: rows[0].CreatedAt.UTC(), Last: rows[len(rows)-1].CreatedAt.UTC()}
	return nil
}

// readHeld reads what the console's database holds.
func (r *Retention) readHeld(ctx context.Context, h *Report) error {
	mine := "(SELECT i.num FROM review_items i WHERE " + whose(h, "i.person_id", "i.account") + ")"
	posts := "(SELECT i.id FROM review_items i WHERE " + whose(h, "i.person_id", "i.account") + ")"
	for _, part := range []struct {
		table, query string
		into         *[]HeldRow
	}{
		{"", "SELECT created_at, id, status, excerpt, agency FROM review_items i WHERE num IN " + mine + " ORDER BY created_at", &h.Items},
		{"", `SELECT d.made_at, (SELECT i.id FROM review_items i WHERE i.num = d.item), d.verdict || CASE WHEN d.rule <> '' THEN ' ' || d.rule ELSE '' END ||
			CASE WHEN d.cause <> '' THEN ' ' || d.cause ELSE '' END, d.note, d.made_by FROM review_decisions d WHERE d.item IN ` + mine + " ORDER BY d.seq", &h.Decisions},
		{"", "SELECT captured_at, post, kind, sha256, occasion FROM evidence_pieces WHERE post IN " + posts + " ORDER BY num", &h.Evidence},
		{"cases", `SELECT p.added_at, p.post, c.number || ' ' || c.status, c.title, p.added_by FROM case_posts p JOIN cases c ON c.num = p.case_num
			WHERE ` + whose(h, "p.person_id", "p.account") + " ORDER BY p.num", &h.Cases},
		{"coordinated_items", "SELECT created_at, item, 'cluster', cluster, '' FROM coordinated_items WHERE " + whose(h, "", "account") + " ORDER BY created_at", &h.Clusters},
		{"capture_posts", "SELECT captured_at, post_id, state, link, by_name FROM capture_posts WHERE " + whose(h, "", "account") + " ORDER BY num", &h.Captures},
		{"capture_tips", "SELECT received_at, receipt, state, seen, '' FROM capture_tips WHERE " + whose(h, "", "account") + " ORDER BY num", &h.Tips},
		{"", "SELECT made_at, post, 'hold', reason, made_by FROM retention_holds WHERE post IN " + posts + " ORDER BY num", &h.Holds},
		{"", "SELECT at, subject, action, '', actor FROM audit_entries WHERE subject IN " + posts + " ORDER BY number", &h.Looked},
	} {
		*part.into = []HeldRow{}
		if part.table != "" && !r.has(part.table) {
			continue
		}
		if err := r.readRows(ctx, part.query, whoseArgs(h, part.query), part.into); err != nil {
			return fmt.Errorf("list what is held of a person: %w", err)
		}
	}
	return nil
}

// whose is the condition on a person's rows; the same is not asked twice.
func whose(h *Report, person, account string) string {
	var conditions []string
	if person != "" && h.Person != "" {
		conditions = append(conditions, person+" = ?")
	}
	if account != "" && len(h.Accounts) > 0 {
		conditions = append(conditions, account+" IN ("+database.Marks(len(h.Accounts))+")")
	}
	if len(conditions) == 0 {
		return "1 = 0"
	}
	return "(" + strings.Join(conditions, " OR ") + ")"
}

// whoseArgs are the arguments of the one condition in a query.
func whoseArgs(h *Report, query string) []any {
	var args []any
	if strings.Contains(query, "person_id = ?") {
		args = append(args, h.Person)
	}
	if strings.Contains(query, "account IN (") {
		for _, account := range h.Accounts {
			args = append(args, account)
		}
	}
	return args
}

func (r *Retention) readRows(ctx context.Context, query string, args []any, into *[]HeldRow) (err error) {
	rows, err := r.db.Query(ctx, query, args...)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var row HeldRow
		var at int64
		if err := rows.Scan(&at, &row.Subject, &row.Kind, &row.Text, &row.By); err != nil {
			return err
		}
		row.At = database.Time(at)
		*into = append(*into, row)
	}
	return rows.Err()
}
