package console

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/netra-id/netra/pipeline/audit"
	"github.com/netra-id/netra/pipeline/capture"
)

// tipsPageSize is how many tips are on one page.
const tipsPageSize = 25

// tipsView is the inbox.
type tipsView struct {
	Flash              *flash
	Tabs               []tipTabView
	Tips               []tipView
	Oldest             string
	Late               bool
	NewerURL, OlderURL string
	Public             string // where tips are handed in
}

type tipTabView struct {
	URL, Text, Count string
	Here             bool
}

// tipView is a tip as people look at it. Its link is text: nobody should open a
// stranger's link by accident.
type tipView struct {
	URL, Receipt      string
	Link, Seen        string
	Platform, Account string
	NoWeb             bool
	Age               string
	At                timeView
	State, Class      string
	Origin, Proof     string
	HasContact        bool
	Contact           string
	Cause, By         string
	Decided           timeView
	Same              string
	CaptureURL        string
	Open, Waiting     bool
	Number            int64
	Error             string
	Before            *capturedView
}

func tipURL(number int64) string { return "/tips/" + strconv.FormatInt(number, 10) }

func (c *Console) tips(w http.ResponseWriter, r *http.Request) error {
	state := capture.TipState(r.URL.Query().Get("state"))
	if !slices.Contains(capture.TipStates, state) {
		state = capture.TipWaiting
	}
	page, _ := strconv.Atoi(r.URL.Query().Get("page"))
	page = min(max(page, 1), 10_000)
	box, err := c.capture.Inbox(r.Context(), of(r).viewer, state, (page-1)*tipsPageSize, tipsPageSize)
	if err != nil {
		return err
	}
	see := c.viewer(r)
	view := tipsView{Flash: c.flashed(r)}
	if c.capture.TipsOpen() {
		view.Public = "/lapor"
	}
	for _, s := range capture.TipStates {
		view.Tabs = append(view.Tabs, tipTabView{
			URL: tipsURL(s, 1), Text: see.words.T("tips.state." + string(s)), Count: see.words.Number(uint64(box.Counts[s])), Here: s == state, //nolint:gosec // a count
		})
	}
	for i := range box.Tips {
		view.Tips = append(view.Tips, see.tip(&box.Tips[i], c.deps.Now(), 280))
	}
	if !box.Oldest.IsZero() {
		view.Oldest = see.words.T("tips.oldest", "age", see.age(c.deps.Now().Sub(box.Oldest)))
		view.Late = c.deps.Now().Sub(box.Oldest) > 24*time.Hour
	}
	if page > 1 {
		view.NewerURL = tipsURL(state, page-1)
	}
	if box.More {
		view.OlderURL = tipsURL(state, page+1)
	}
	return c.render(w, r, http.StatusOK, "tips", view)
}

func tipsURL(state capture.TipState, page int) string {
	query := url.Values{"state": {string(state)}}
	if page > 1 {
		query.Set("page", strconv.Itoa(page))
	}
	return (&url.URL{Path: "/tips", RawQuery: query.Encode()}).String()
}

// age says how long ago something was, in the largest unit of which there are two.
func (v viewer) age(d time.Duration) string {
	for _, unit := range []struct {
		word string
		of   time.Duration
	}{{"days", 24 * time.Hour}, {"hours", time.Hour}} {
		if d >= 2*unit.of {
			return v.words.T("tips.age."+unit.word, "n", strconv.Itoa(int(d/unit.of)))
		}
	}
	if d < 2*time.Minute {
		return v.words.T("tips.age.now")
	}
	return v.words.T("tips.age.minutes", "n", strconv.Itoa(max(int(d/time.Minute), 0)))
}

func (v viewer) tip(t *capture.Tip, now time.Time, seenBytes int) tipView {
	view := tipView{
		URL: tipURL(t.Number), Number: t.Number, Receipt: t.Receipt, Link: short(t.Link.Text, 600), Seen: short(t.Seen, seenBytes), NoWeb: t.Link.Text != "" && !t.Link.Web,
		Account: short(t.Account, mostRowFieldBytes), Age: v.age(now.Sub(t.ReceivedAt)), At: v.time(t.ReceivedAt),
		State: v.words.T("tips.state." + string(t.State)), Class: string(t.State), Origin: v.words.T("tips.origin.public"),
		Proof: v.words.T("tips.proof." + t.Proof), HasContact: t.HasContact, Cause: t.Cause, By: t.By, Decided: v.time(t.DecidedAt),
		Waiting: t.State == capture.TipWaiting, Open: t.State == capture.TipWaiting || t.State == capture.TipAccepted,
	}
	if guess := t.Link.Guess(); guess != "" {
		view.Platform = v.platform(guess)
	}
	if name, ok := cutPrefix(t.Origin, "console "); ok {
		view.Origin = v.words.T("tips.origin.console", "name", name)
	}
	if t.Capture != 0 {
		view.CaptureURL = "/capture/" + strconv.FormatInt(t.Capture, 10)
	}
	return view
}

func cutPrefix(text, front string) (string, bool) {
	if len(text) > len(front) && text[:len(front)] == front {
		return text[len(front):], true
	}
	return text, false
}

func (c *Console) tipOf(r *http.Request) (capture.Tip, error) {
	number, err := strconv.ParseInt(r.PathValue("tip"), 10, 64)
	if err != nil {
		return capture.Tip{}, failure{status: http.StatusNotFound}
	}
	t, err := c.capture.Tip(r.Context(), of(r).viewer, number)
	return t, noneOr(err)
}

func (c *Console) tip(w http.ResponseWriter, r *http.Request) error {
	t, err := c.tipOf(r)
	if err != nil {
		return err
	}
	if err := c.audit.Tell(r.Context(), event(r, capture.DidTipView, "tip "+t.Receipt, nil)); err != nil {
		return err
	}
	return c.showTip(w, r, http.StatusOK, &t, "", "")
}

func (c *Console) showTip(w http.ResponseWriter, r *http.Request, status int, t *capture.Tip, contact, problem string) error {
	see := c.viewer(r)
	view := see.tip(t, c.deps.Now(), 64<<10)
	view.Contact, view.Error = contact, problem
	same, err := c.capture.Same(r.Context(), t)
	if err != nil {
		return err
	}
	if same > 0 {
		view.Same = see.words.T("tips.same", "n", strconv.Itoa(same))
	}
	before, found, err := c.capture.Before(r.Context(), of(r).viewer, t.Link.Text)
	if err != nil {
		return err
	}
	if shown := see.captured(before); found && before.Number != t.Capture {
		view.Before = &shown
	}
	return c.render(w, r, status, "tip", view)
}

// tipDecide accepts a tip, which leads to its capture, or closes it.
func (c *Console) tipDecide(w http.ResponseWriter, r *http.Request) error {
	t, err := c.tipOf(r)
	if err != nil {
		return err
	}
	state := map[string]capture.TipState{"accept": capture.TipAccepted, "reject": capture.TipRejected, "spam": capture.TipSpam}[r.PostForm.Get("do")]
	if state == "" {
		return failure{status: http.StatusBadRequest}
	}
	words := c.pages.words(r)
	err = c.capture.Decide(r.Context(), of(r).viewer, t.Number, state, r.PostForm.Get("cause"))
	var refused *capture.TipError
	switch {
	case errors.As(err, &refused):
		return c.showTip(w, r, http.StatusUnprocessableEntity, &t, "", words.T("tips.bad."+refused.Why))
	case errors.Is(err, capture.ErrDecided):
		return c.showTip(w, r, http.StatusConflict, &t, "", words.T("tips.bad.decided"))
	case err != nil:
		return err
	case state == capture.TipAccepted:
		http.Redirect(w, r, fmt.Sprintf("/capture?tip=%d&done=accepted", t.Number), http.StatusSeeOther)
		return nil
	}
	c.later(r, flash{Text: words.T("tips.done."+string(state), "receipt", t.Receipt)})
	http.Redirect(w, r, "/tips", http.StatusSeeOther)
	return nil
}

// tipContact shows the contact that the sender left, once; who asked is in the
// log.
func (c *Console) tipContact(w http.ResponseWriter, r *http.Request) error {
	t, err := c.tipOf(r)
	if err != nil {
		return err
	}
	contact, err := c.capture.Contact(audit.WithAddress(r.Context(), c.clients.of(r)), of(r).viewer, t.Number)
	if err != nil {
		return noneOr(err)
	}
	return c.showTip(w, r, http.StatusOK, &t, contact, "")
}
