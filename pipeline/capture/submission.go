package capture

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/netra-id/netra/pipeline/access"
	"github.com/netra-id/netra/pipeline/audit"
	"github.com/netra-id/netra/pipeline/database"
	"github.com/netra-id/netra/pipeline/post"
)

// MaxTextRunes bounds each text that a person writes.
const MaxTextRunes = 20_000

// What is written into the audit log; the console has the words.
const (
	DidCapture    = "capture.post"
	DidKeepFile   = "capture.file"
	DidViewFile   = "capture.file_view"
	DidTip        = "tip.receive"
	DidTipAccept  = "tip.accept"
	DidTipReject  = "tip.reject"
	DidTipSpam    = "tip.spam"
	DidTipContact = "tip.contact"
	DidTipView    = "tip.view"
	DidHook       = "hook.receive"
)

// Submission is what a person captured.
type Submission struct {
	Link     string
	Platform string
	Kind     post.Kind
	// Account is the key of the roster's account, "platform:account id".
	Account string
	Text    string
	Quoted  string
	// SeenAt is when the person saw it, PostedAt when it was posted, zero where
	// that cannot be told.
	SeenAt, PostedAt time.Time
	// Files are the hashes of files that the same person handed in.
	Files []string
	// Again says that the person knows that the link was captured before.
	Again bool
	// Tip is the number of the tip that it comes from, 0 where it does not.
	Tip int64
}

// Problem is one thing that is wrong with what was handed in.
type Problem struct {
	// Field is link, platform, kind, account, text, quoted, seen_at, posted_at or
	// files.
	Field string
	// Why is a word for what is wrong with it.
	Why string
}

// Problems are all that is wrong.
type Problems []Problem

func (p Problems) Error() string {
	texts := make([]string, len(p))
	for i, one := range p {
		texts[i] = one.Field + ": " + one.Why
	}
	return "not captured: " + strings.Join(texts, ", ")
}

// Has says whether the field has that problem.
func (p Problems) Has(field, why string) bool { return slices.Contains(p, Problem{field, why}) }

// Captured is a capture as it is kept.
type Captured struct {
	Number  int64
	PostID  string
	Link    string
	Account string
	Region  string
	Who     string
	Files   int
	Tip     int64
	By      string
	At      time.Time
	State   State
	// Outcome says why a post did not go on.
	Outcome string
}

// State is where a capture is on its way.
type State string

// The states of a capture.
const (
	// Waiting captures are kept, and are sent as soon as the queue takes them.
	Waiting State = "waiting"
	// Sent captures are in the queue, or were there before with the same content.
	Sent State = "sent"
	// Refused captures were turned back by the gate: the roster has changed.
	Refused State = "refused"
)

// DuplicateError says that the link was captured before.
type DuplicateError struct{ Before Captured }

func (e *DuplicateError) Error() string {
	return fmt.Sprintf("the link was captured before, by %s, as number %d", e.Before.By, e.Before.Number)
}

// Capture keeps what a person captured and sends it on its way. Its error is
// Problems or a *DuplicateError where the person can do something about it.
func (d *Desk) Capture(ctx context.Context, by access.Viewer, s Submission) (Captured, error) {
	link := ParseLink(s.Link)
	account, p, err := d.compose(ctx, by, &s, link)
	if err != nil {
		d.metrics.captures.WithLabelValues("incomplete").Inc()
		return Captured{}, err
	}
	if !s.Again {
		before, found, err := d.Before(ctx, by, s.Link)
		if err != nil {
			return Captured{}, err
		}
		if found {
			d.metrics.captures.WithLabelValues("duplicate").Inc()
			return Captured{}, &DuplicateError{before}
		}
	}
	c := Captured{
		PostID: p.ID, Link: link.Text, Account: account.Key, Region: account.Person.Region, Who: account.Account.Handle, Files: len(s.Files),
		Tip: s.Tip, By: by.Name, At: d.now(), State: Waiting,
	}
	if err := d.keep(ctx, by, &c, link.Key, p); err != nil {
		return Captured{}, err
	}
	d.sendOne(ctx, c.Number)
	return d.Captured(ctx, by, c.Number)
}

// compose checks a submission and makes the post of it.
func (d *Desk) compose(ctx context.Context, by access.Viewer, s *Submission, link Link) (Match, *post.Post, error) {
	var problems Problems
	bad := func(field, why string) { problems = append(problems, Problem{field, why}) }
	now := d.now()
	if s.SeenAt.IsZero() {
		s.SeenAt = now
	}
	s.Text, s.Quoted = clean(s.Text), clean(s.Quoted)
	account, known := d.account(by, s.Account)
	switch {
	case strings.TrimSpace(s.Account) == "":
		bad("account", "missing")
	case !known:
		bad("account", "unknown")
	case s.Platform != "" && s.Platform != account.Platform:
		bad("platform", "other")
	}
	if link.Text != "" && !link.Web {
		bad("link", "no_web")
	}
	if link.Text == "" && s.Text == "" && s.Quoted == "" && len(s.Files) == 0 {
		bad("text", "missing")
	}
	for field, text := range map[string]string{"text": s.Text, "quoted": s.Quoted} {
		if utf8.RuneCountInString(text) > MaxTextRunes {
			bad(field, "too_long")
		}
	}
	if s.Kind == "" {
		s.Kind = post.KindPost
	}
	if !slices.Contains(post.Kinds, s.Kind) || s.Kind == post.KindLike || s.Kind == post.KindFollow {
		bad("kind", "unknown")
	}
	posted := s.PostedAt
	if posted.IsZero() {
		posted = s.SeenAt
	}
	if s.SeenAt.Before(post.Earliest) || s.SeenAt.After(now.Add(time.Hour)) {
		bad("seen_at", "date")
	}
	if posted.Before(post.Earliest) || posted.After(s.SeenAt.Add(time.Hour)) {
		bad("posted_at", "date")
	}
	if known && len(problems) == 0 {
		if _, ok := d.roster().Resolve(account.Key, posted); !ok {
			bad("account", "not_then")
		}
	}
	media, err := d.media(ctx, by, s.Files)
	if err != nil {
		return account, nil, err
	}
	if len(media) != len(s.Files) || len(media) > d.cfg.MaxFiles {
		bad("files", "unknown")
	}
	if len(problems) > 0 {
		return account, nil, problems
	}
	return account, &post.Post{
		ID: link.postID(account.Platform, s.Text+"\x00"+s.Quoted+"\x00"+strings.Join(s.Files, " "), account.Key), Platform: account.Platform, Kind: s.Kind,
		Account: account.Account, URL: link.Text, Text: s.Text, Quoted: s.Quoted, Media: media,
		CreatedAt: posted.Truncate(time.Second), CollectedAt: s.SeenAt, Source: Source,
	}, nil
}

// clean takes what a form makes of a text, and keeps the rest as it was written.
func clean(text string) string {
	text = strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), "\r\n", "\n")
	return strings.TrimRight(strings.Trim(strings.ReplaceAll(text, "\x00", ""), "\n"), " \t\n")
}

// keep writes the capture, so that nothing is lost if the queue is away.
func (d *Desk) keep(ctx context.Context, by access.Viewer, c *Captured, linkKey string, p *post.Post) error {
	encoded, err := post.Encode(p)
	if err != nil {
		return err
	}
	now := d.now().UnixMilli()
	err = d.db.Write(ctx, func(tx *database.Tx) error {
		err := tx.QueryRow(ctx, `INSERT INTO capture_posts (post_id, link, link_key, account, region, who, files, tip, by_id, by_name, captured_at, state, post, next_at)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING num`,
			c.PostID, c.Link, linkKey, c.Account, c.Region, c.Who, c.Files, c.Tip, by.ID, by.Name, now, string(Waiting), string(encoded), now).Scan(&c.Number)
		if err != nil {
			return err
		}
		if c.Tip != 0 {
			if _, err := tx.Exec(ctx, `UPDATE capture_tips SET state = ?, capture = ? WHERE num = ? AND state IN (?, ?)`,
				string(TipCaptured), c.Number, c.Tip, string(TipWaiting), string(TipAccepted)); err != nil {
				return err
			}
		}
		detail := map[string]string{"account": c.Account}
		if c.Files > 0 {
			detail["files"] = fmt.Sprint(c.Files)
		}
		if c.Tip != 0 {
			detail["tip"] = fmt.Sprint(c.Tip)
		}
		return d.audit.Append(ctx, tx, audit.Event{By: by, Action: DidCapture, Subject: "post " + c.PostID, Detail: detail})
	})
	if err != nil {
		return fmt.Errorf("keep a capture: %w", err)
	}
	d.metrics.captures.WithLabelValues("taken").Inc()
	return nil
}

const capturedColumns = `num, post_id, link, account, region, who, files, tip, by_name, captured_at, state, outcome`

func scanCaptured(row interface{ Scan(...any) error }) (c Captured, err error) {
	var at int64
	var state string
	err = row.Scan(&c.Number, &c.PostID, &c.Link, &c.Account, &c.Region, &c.Who, &c.Files, &c.Tip, &c.By, &at, &state, &c.Outcome)
	c.At, c.State = time.UnixMilli(at), State(state)
	return c, err
}

// Before finds the last capture of a link, in the viewer's regions.
func (d *Desk) Before(ctx context.Context, by access.Viewer, text string) (Captured, bool, error) {
	link := ParseLink(text)
	if link.Key == "" {
		return Captured{}, false, nil
	}
	c, err := scanCaptured(d.db.QueryRow(ctx, `SELECT `+capturedColumns+` FROM capture_posts WHERE link_key = ? AND state <> ? ORDER BY num DESC LIMIT 1`, link.Key, string(Refused)))
	if errors.Is(err, sql.ErrNoRows) {
		return Captured{}, false, nil
	}
	if err != nil {
		return Captured{}, false, fmt.Errorf("look for earlier captures: %w", err)
	}
	return c, by.Sees(c.Region), nil
}

// ErrNone says that there is no such capture or tip, or none that the viewer sees.
var ErrNone = errors.New("there is none with this number")

// Captured is the capture with a number.
func (d *Desk) Captured(ctx context.Context, by access.Viewer, number int64) (Captured, error) {
	c, err := scanCaptured(d.db.QueryRow(ctx, `SELECT `+capturedColumns+` FROM capture_posts WHERE num = ?`, number))
	if errors.Is(err, sql.ErrNoRows) || err == nil && !by.Sees(c.Region) {
		return Captured{}, ErrNone
	}
	if err != nil {
		return Captured{}, fmt.Errorf("read a capture: %w", err)
	}
	return c, nil
}

// Last are the last captures in the viewer's regions, the newest first.
func (d *Desk) Last(ctx context.Context, by access.Viewer, most int) (list []Captured, err error) {
	rows, err := d.db.Query(ctx, `SELECT `+capturedColumns+` FROM capture_posts ORDER BY num DESC LIMIT 500`)
	if err != nil {
		return nil, fmt.Errorf("list captures: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() && len(list) < most {
		c, err := scanCaptured(rows)
		if err != nil {
			return nil, fmt.Errorf("list captures: %w", err)
		}
		if by.Sees(c.Region) {
			list = append(list, c)
		}
	}
	return list, rows.Err()
}
