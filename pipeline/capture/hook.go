package capture

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/netra-id/netra/pipeline/access"
	"github.com/netra-id/netra/pipeline/audit"
	"github.com/netra-id/netra/pipeline/collect"
	"github.com/netra-id/netra/pipeline/collect/files"
	"github.com/netra-id/netra/pipeline/collect/secret"
)

// leastSecret is how many characters a partner's secret has at least.
const leastSecret = 32

// partner is a partner whose secret has been read.
type partner struct {
	Partner
	secret  *secret.Secret
	mapping *files.Mapping
}

func openPartners(configured []Partner) (map[string]*partner, error) {
	partners := map[string]*partner{}
	for _, p := range configured {
		one := &partner{Partner: p}
		var err error
		if one.secret, err = secret.Open("secret", p.SecretEnv, p.SecretFile); err != nil {
			return nil, fmt.Errorf("partner %s (key capture.hooks.partners): %w", p.Name, err)
		}
		value, err := one.secret.Value()
		if err == nil && len(value) < leastSecret {
			err = fmt.Errorf("a secret of %d characters (not shown): allowed: %d or more", len(value), leastSecret)
		}
		if err != nil {
			return nil, fmt.Errorf("partner %s (key capture.hooks.partners): %w", p.Name, err)
		}
		if p.Mapping != "" {
			if one.mapping, err = files.LoadMapping(p.Mapping); err != nil {
				return nil, fmt.Errorf("partner %s (key capture.hooks.partners): %w", p.Name, err)
			}
		}
		partners[p.Name] = one
	}
	return partners, nil
}

// HooksOpen says whether any partner may send.
func (d *Desk) HooksOpen() bool { return len(d.partners) > 0 }

// Sign is the signature of a request: the hexadecimal HMAC-SHA256 of the time (in
// seconds since 1970), a point and the body.
func Sign(key, timestamp string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte(timestamp + "."))
	mac.Write(body)
	return "sha256=" + hex.EncodeToString(mac.Sum(nil))
}

// Delivery is one request of a partner's system.
type Delivery struct {
	Partner, Timestamp, Signature string
	Body                          []byte
	// Address is where it came from.
	Address string
}

// ItemResult says what became of one post.
type ItemResult struct {
	// Index counts from 0 in the order of the request.
	Index int    `json:"index"`
	ID    string `json:"id,omitempty"`
	// Result is taken, duplicate or refused.
	Result string `json:"result"`
	Cause  string `json:"cause,omitempty"`
	Reason string `json:"reason,omitempty"`
}

// Receipt is the answer to a partner's system.
type Receipt struct {
	Received   int          `json:"received"`
	Taken      int          `json:"taken"`
	Duplicates int          `json:"duplicates"`
	Refused    int          `json:"refused"`
	Items      []ItemResult `json:"items"`
}

// HookError says why a request is not taken.
type HookError struct {
	// Why is unknown, time, signature, replay, often, body or away.
	Why string
	// Message is for the partner's people.
	Message string
	// Wait is how long to wait before the next try, where that helps.
	Wait time.Duration
}

func (e *HookError) Error() string { return e.Message }

// Receive takes what a partner sent. Where the queue fails in the middle, the
// receipt tells of the posts before, and the same request may be sent again.
func (d *Desk) Receive(ctx context.Context, in Delivery) (receipt Receipt, err error) {
	name := "unknown"
	defer func() {
		result := "taken"
		if refused, ok := err.(*HookError); ok { //nolint:errorlint // it is ours
			result = refused.Why
		} else if err != nil {
			result = "error"
		}
		d.metrics.requests.WithLabelValues(name, result).Inc()
	}()
	from, err := d.genuine(ctx, in)
	if from != nil {
		name = from.Name
	}
	if err != nil {
		return Receipt{}, err
	}
	items, err := files.Parse("body", in.Body, from.mapping, d.cfg.Hooks.MaxItems)
	if err == nil && len(items) == 0 {
		err = fmt.Errorf("there is no post in the body")
	}
	if err != nil {
		return Receipt{}, &HookError{Why: "body", Message: err.Error()}
	}
	receipt, err = d.takeAll(ctx, from, items)
	if err != nil {
		d.logger.Warn("a partner's posts wait with the partner", "partner", name, "taken", receipt.Taken, "error", err)
		if _, forget := d.db.Exec(context.WithoutCancel(ctx), `DELETE FROM capture_spent WHERE proof = ?`, spentHook(in)); forget != nil {
			return receipt, forget
		}
		return receipt, &HookError{Why: "away", Message: "the queue takes nothing at the moment; send the same request again later", Wait: 30 * time.Second}
	}
	return receipt, d.audit.Tell(ctx, audit.Event{By: access.Viewer{Name: "partner " + name}, Action: DidHook, Subject: "partner " + name, Detail: map[string]string{
		"received": strconv.Itoa(receipt.Received), "taken": strconv.Itoa(receipt.Taken), "refused": strconv.Itoa(receipt.Refused),
	}})
}

func spentHook(in Delivery) string { return "hook " + in.Partner + " " + in.Signature }

// genuine checks who sent a request, when, and that it is not a copy of an
// earlier one. Who has no secret learns only that.
func (d *Desk) genuine(ctx context.Context, in Delivery) (*partner, error) {
	now := d.now()
	if wait := d.hooks.take(now, budget{"address " + in.Address, max(4*d.cfg.Hooks.PerMinute, 120), time.Minute}); wait > 0 {
		return nil, &HookError{Why: "often", Message: "too many requests from this address", Wait: wait}
	}
	from, ok := d.partners[in.Partner]
	stranger := &HookError{Why: "signature", Message: "the signature does not fit: allowed: X-Netra-Partner as configured, and X-Netra-Signature sha256=HMAC of X-Netra-Timestamp, a point and the body"}
	if !ok {
		return nil, stranger
	}
	key, err := from.secret.Value()
	if err != nil || len(key) < leastSecret {
		return from, fmt.Errorf("the secret of the partner %s: %w", from.Name, err)
	}
	if !hmac.Equal([]byte(Sign(key, in.Timestamp, in.Body)), []byte(strings.ToLower(in.Signature))) {
		return from, stranger
	}
	seconds, err := strconv.ParseInt(in.Timestamp, 10, 64)
	sent := time.Unix(seconds, 0)
	if err != nil || sent.Sub(now).Abs() > d.cfg.Hooks.Window {
		return from, &HookError{Why: "time", Message: fmt.Sprintf("X-Netra-Timestamp %s: allowed: seconds since 1970, at most %s from now (%d)", short(in.Timestamp), d.cfg.Hooks.Window, now.Unix())}
	}
	if wait := d.hooks.take(now, budget{"partner " + from.Name, d.cfg.Hooks.PerMinute, time.Minute}); wait > 0 {
		return from, &HookError{Why: "often", Message: fmt.Sprintf("too many requests: allowed: %d a minute", d.cfg.Hooks.PerMinute), Wait: wait}
	}
	fresh, err := spend(ctx, d.db, spentHook(in), now.Add(2*d.cfg.Hooks.Window))
	if err != nil {
		return from, fmt.Errorf("remember a signature: %w", err)
	}
	if !fresh {
		return from, &HookError{Why: "replay", Message: "this very request was taken before; sign it again with a new X-Netra-Timestamp to send it again"}
	}
	return from, nil
}

func short(text string) string {
	if len(text) > 40 {
		text = text[:40] + "…"
	}
	return strconv.Quote(text)
}

// takeAll gives each post to the intake by itself, so that the answer says of each
// what became of it.
func (d *Desk) takeAll(ctx context.Context, from *partner, items []collect.Item) (Receipt, error) {
	source := "hook-" + from.Name
	receipt := Receipt{Items: []ItemResult{}}
	for i := range items {
		items[i].Post.Source = source // what it says of itself does not count
		items[i].Position = fmt.Sprintf("%s %d", source, i)
		tally, err := d.intake.Take(ctx, source, "posts", collect.Page{Items: items[i : i+1]})
		if err != nil {
			return receipt, err
		}
		result := resultOf(&tally)
		result.Index, result.ID = i, items[i].Post.ID
		receipt.add(result)
		d.metrics.items.WithLabelValues(from.Name, result.Result).Inc()
	}
	return receipt, nil
}

func resultOf(tally *collect.Tally) ItemResult {
	if tally.Sent > 0 {
		return ItemResult{Result: "taken"}
	}
	for cause := range tally.Dropped {
		if cause == collect.CauseDuplicate {
			return ItemResult{Result: "duplicate"}
		}
		reason := "the account is not in the roster"
		if cause == collect.CauseNotValidOnDate {
			reason = "the account is not in the roster on the date of the post"
		}
		return ItemResult{Result: "refused", Cause: string(cause), Reason: reason}
	}
	result := ItemResult{Result: "refused"}
	for _, problem := range tally.Problems {
		result.Cause, result.Reason = string(problem.Cause), problem.Reason
	}
	return result
}

func (r *Receipt) add(result ItemResult) {
	r.Received++
	switch result.Result {
	case "taken":
		r.Taken++
	case "duplicate":
		r.Duplicates++
	default:
		r.Refused++
	}
	r.Items = append(r.Items, result)
}
