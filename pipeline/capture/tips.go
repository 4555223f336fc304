package capture

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/netra-id/netra/pipeline/access"
	"github.com/netra-id/netra/pipeline/audit"
	"github.com/netra-id/netra/pipeline/database"
)

// Bounds of what a tip says, in characters.
const (
	MaxSeenRunes    = 4000
	MaxContactRunes = 200
)

// Offer is what somebody hands in.
type Offer struct {
	Link, Seen, Contact string
	// Challenge and Number are of the form; Number is empty where the browser ran
	// no script.
	Challenge, Number string
	// Trap is a field that people do not see.
	Trap string
	// Address is where it came from.
	Address string
}

// TipError says why a tip is not taken.
type TipError struct {
	// Why is empty, too_long, often, early, expired, used or full.
	Why string
	// Wait is how long to wait, where that helps.
	Wait time.Duration
}

func (e *TipError) Error() string { return "the tip is not taken: " + e.Why }

// TipState is where a tip is.
type TipState string

// The states of a tip.
const (
	TipWaiting  TipState = "waiting"
	TipAccepted TipState = "accepted" // somebody goes on with it as a capture
	TipCaptured TipState = "captured"
	TipRejected TipState = "rejected"
	TipSpam     TipState = "spam"
)

// TipStates lists the states.
var TipStates = []TipState{TipWaiting, TipAccepted, TipCaptured, TipRejected, TipSpam}

// Offer takes a tip of the public and returns its receipt. Its error is a
// *TipError where the sender can do something about it.
func (d *Desk) Offer(ctx context.Context, o Offer) (receipt string, err error) {
	defer func() {
		var refused *TipError
		if errors.As(err, &refused) {
			d.metrics.tips.WithLabelValues(refused.Why).Inc()
		}
	}()
	o.Link, o.Seen, o.Contact = clean(strings.TrimSpace(o.Link)), clean(o.Seen), strings.TrimSpace(clean(o.Contact))
	switch {
	case strings.TrimSpace(o.Trap) != "":
		d.metrics.tips.WithLabelValues("trap").Inc()
		return newReceipt(), nil // a machine need not know that it was seen
	case o.Link == "" && strings.TrimSpace(o.Seen) == "":
		return "", &TipError{Why: "empty"}
	case len(o.Link) > MaxLinkBytes || utf8.RuneCountInString(o.Seen) > MaxSeenRunes || utf8.RuneCountInString(o.Contact) > MaxContactRunes:
		return "", &TipError{Why: "too_long"}
	}
	proof, err := d.proven(&o)
	if err != nil {
		return "", err
	}
	return d.keepTip(ctx, &o, proof)
}

// proven checks the work, or the time that passed, and the limits.
func (d *Desk) proven(o *Offer) (proof string, err error) {
	now := d.now()
	begun, ok := d.begun(o.Challenge)
	age := now.Sub(begun)
	if !ok || age < -time.Minute || age > challengeFor {
		return "", &TipError{Why: "expired"}
	}
	cfg := d.cfg.Tips
	budgets := []budget{{"address " + o.Address, cfg.PerHour, time.Hour}}
	proof = "work"
	if !worked(o.Challenge, o.Number, cfg.ProofBits) {
		proof = "wait"
		if age < cfg.Wait {
			return "", &TipError{Why: "early", Wait: cfg.Wait - age}
		}
		budgets = append(budgets, budget{"waited " + o.Address, cfg.PerHourWithoutScript, time.Hour}, budget{"waited", cfg.AllWithoutScript, time.Hour})
	}
	if wait := d.tips.take(now, budgets...); wait > 0 {
		return "", &TipError{Why: "often", Wait: wait}
	}
	return proof, nil
}

func (d *Desk) keepTip(ctx context.Context, o *Offer, proof string) (receipt string, err error) {
	link := ParseLink(o.Link)
	match := d.hinted(link)
	receipt = newReceipt()
	now := d.now()
	err = d.db.Write(ctx, func(tx *database.Tx) error {
		fresh, err := spend(ctx, tx, "tip "+o.Challenge, now.Add(challengeFor))
		if err != nil {
			return err
		}
		if !fresh {
			return &TipError{Why: "used"}
		}
		var waiting int
		if err := tx.QueryRow(ctx, `SELECT count(*) FROM capture_tips WHERE state = 'waiting'`).Scan(&waiting); err != nil {
			return err
		}
		if waiting >= d.cfg.Tips.MostWaiting {
			return &TipError{Why: "full"}
		}
		return d.insertTip(ctx, tx, tip{Tip: Tip{
			Receipt: receipt, Link: link, Seen: o.Seen, Account: match.Key, Region: match.Person.Region, Origin: "public", Proof: proof, ReceivedAt: now,
		}, contact: o.Contact}, access.Viewer{Name: "netra"})
	})
	if err != nil {
		return "", err
	}
	d.metrics.tips.WithLabelValues("taken").Inc()
	return receipt, nil
}

// tip is a tip with its contact in the clear.
type tip struct {
	Tip
	contact string
}

func (d *Desk) insertTip(ctx context.Context, tx *database.Tx, t tip, by access.Viewer) error {
	_, err := tx.Exec(ctx, `INSERT INTO capture_tips (receipt, link, link_key, seen, contact, account, region, origin, proof, received_at, state) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		t.Receipt, t.Link.Text, t.Link.Key, t.Seen, d.keys.seal(t.contact, t.Receipt), t.Account, t.Region, t.Origin, t.Proof, t.ReceivedAt.UnixMilli(), string(TipWaiting))
	if err != nil {
		return err
	}
	return d.audit.Append(ctx, tx, audit.Event{By: by, Action: DidTip, Subject: "tip " + t.Receipt, Detail: map[string]string{"origin": t.Origin}})
}

// Put keeps what a person captured of an account that the roster does not have as
// a tip, for somebody who may know whose it is.
func (d *Desk) Put(ctx context.Context, by access.Viewer, linkText, seen string) (Tip, error) {
	link := ParseLink(clean(linkText))
	seen = clean(seen)
	if link.Text == "" && strings.TrimSpace(seen) == "" {
		return Tip{}, &TipError{Why: "empty"}
	}
	if len(link.Text) > MaxLinkBytes || utf8.RuneCountInString(seen) > 2*MaxTextRunes+MaxSeenRunes {
		return Tip{}, &TipError{Why: "too_long"}
	}
	match := d.hinted(link)
	t := Tip{
		Receipt: newReceipt(), Link: link, Seen: seen, Account: match.Key, Region: match.Person.Region,
		Origin: "console " + by.Name, Proof: "login", ReceivedAt: d.now(), State: TipWaiting,
	}
	err := d.db.Write(ctx, func(tx *database.Tx) error { return d.insertTip(ctx, tx, tip{Tip: t}, by) })
	if err != nil {
		return Tip{}, fmt.Errorf("keep a tip: %w", err)
	}
	d.metrics.tips.WithLabelValues("taken").Inc()
	return t, nil
}

// newReceipt makes a number that people can read to one another.
func newReceipt() string {
	text := rand.Text()
	return text[:4] + "-" + text[4:8] + "-" + text[8:12]
}

// Tip is a tip as people look at it. It never holds the contact.
type Tip struct {
	Number  int64
	Receipt string
	Link    Link
	Seen    string
	// HasContact says that the sender left one that is still kept.
	HasContact bool
	// Account and Region are of the roster's account to which the link leads.
	Account, Region string
	// Origin is public, or console and the name of who put it there.
	Origin string
	// Proof is how a machine was ruled out: work, wait or login.
	Proof      string
	ReceivedAt time.Time
	State      TipState
	Cause      string
	By         string
	DecidedAt  time.Time
	Capture    int64
}

const tipColumns = `num, receipt, link, seen, length(contact), account, region, origin, proof, received_at, state, cause, by_name, decided_at, capture`

func scanTip(row interface{ Scan(...any) error }) (t Tip, err error) {
	var link, state string
	var contact, received, decided int64
	err = row.Scan(&t.Number, &t.Receipt, &link, &t.Seen, &contact, &t.Account, &t.Region, &t.Origin, &t.Proof, &received, &state, &t.Cause, &t.By, &decided, &t.Capture)
	t.Link, t.HasContact, t.ReceivedAt, t.State = ParseLink(link), contact > 0, time.UnixMilli(received), TipState(state)
	if decided > 0 {
		t.DecidedAt = time.UnixMilli(decided)
	}
	return t, err
}

// Tip is the tip with a number, where the viewer sees its region. A tip whose
// region is not known is seen by those who see all, and by who put it there.
func (d *Desk) Tip(ctx context.Context, by access.Viewer, number int64) (Tip, error) {
	t, err := scanTip(d.db.QueryRow(ctx, `SELECT `+tipColumns+` FROM capture_tips WHERE num = ?`, number))
	if errors.Is(err, sql.ErrNoRows) || err == nil && !t.seenBy(by) {
		return Tip{}, ErrNone
	}
	if err != nil {
		return Tip{}, fmt.Errorf("read a tip: %w", err)
	}
	return t, nil
}

func (t *Tip) seenBy(by access.Viewer) bool {
	return by.Sees(t.Region) || t.Origin == "console "+by.Name
}
