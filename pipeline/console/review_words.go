package console

import (
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/netra-id/netra/pipeline/access"
	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/review"
)

// mostNoteBytes bounds the note of a decision.
const mostNoteBytes = 16_000

func (v viewer) number(n int) string { return v.words.Number(uint64(max(n, 0))) }

// person names a colleague.
func (v viewer) person(name string) string { return short(name, mostWordBytes) }

func (v viewer) status(status review.Status) string {
	return v.words.Or("status.item."+string(status), string(status))
}

func (v viewer) cause(cause review.Cause) string {
	return v.words.Or("cause."+string(cause), string(cause))
}

// verdict says a decision in a few words: "Bukan pelanggaran (laporan berita)".
func (v viewer) verdict(decision review.Decision) string {
	text := v.words.T("verdict." + string(decision.Verdict))
	switch {
	case decision.Withdrawn:
		return v.words.T("verdict.withdrawn")
	case decision.Verdict == review.NoViolation && decision.Cause != "":
		return text + " (" + v.cause(decision.Cause) + ")"
	case decision.Verdict == review.Violation && decision.Rule != "":
		return text + " (" + short(decision.Rule, mostWordBytes) + ")"
	}
	return text
}

// causes are the causes of a dismissal, each with its digit.
func (v viewer) causes() []choiceView {
	choices := make([]choiceView, 0, len(review.Causes))
	for i, cause := range review.Causes {
		choices = append(choices, choiceView{Key: strconv.Itoa(i + 1), Value: string(cause), Text: v.cause(cause)})
	}
	return choices
}

// waits says whether items of the status wait for somebody.
func waits(status review.Status) bool {
	return status == review.Open || status == review.Second || status == review.Conflict
}

// dueView is how long an item's clock still runs.
type dueView struct {
	Text       string
	Soon, Late bool
}

// soonDays is how many days before its end a deadline is near.
const soonDays = 2

func (v reader) due(item *review.Item) dueView {
	switch {
	case !waits(item.Status):
		if item.Decided.IsZero() {
			return dueView{}
		}
		return dueView{Text: v.words.T("due.decided", "date", v.words.Date(item.Decided.In(v.zone)))}
	case item.Due.IsZero():
		return dueView{Text: v.words.T("due.unopened")}
	}
	days := daysBetween(v.now.In(v.zone), item.Due.In(v.zone))
	view := dueView{Soon: days < soonDays, Late: item.Due.Before(v.now)}
	switch {
	case view.Late && days == 0:
		view.Text = v.words.T("due.over")
	case view.Late:
		view.Text = v.words.T("due.late", "n", -days)
	case days == 0:
		view.Text = v.words.T("due.hours", "n", int(math.Ceil(item.Due.Sub(v.now).Hours())))
	default:
		view.Text = v.words.T("due.days", "n", days)
	}
	return view
}

// daysBetween counts the days from one date to another, by the calendar.
func daysBetween(from, to time.Time) int {
	day := func(t time.Time) time.Time { return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC) }
	return int(day(to).Sub(day(from)).Hours() / 24)
}

// holder says who has taken an item, and whether that is the reader.
func (v reader) holder(item *review.Item) (text string, mine bool) {
	switch {
	case item.Holder == "" || !waits(item.Status) || !item.HeldUntil.After(v.now):
		return "", false
	case item.Holder == v.who.Name:
		return v.words.T("queue.held.mine"), true
	default:
		return v.words.T("queue.held", "user", v.person(item.Holder)), false
	}
}

func (v reader) assigned(n int, to string) string {
	if to == "" {
		return v.words.T("assign.taken_back", "n", n)
	}
	return v.words.T("assign.done", "n", n, "user", v.person(to))
}

func labelOf(value string) post.Label {
	for _, known := range post.Labels {
		if string(known) == value {
			return known
		}
	}
	return ""
}

func (v viewer) queueKeys() []keyView {
	return v.keys("j ↓", "next_row", "k ↑", "previous_row", "Enter", "open_row", "x", "pick", "t", "start", "g", "take", "n", "more", "/", "search", "u", "undo", "?", "help", "Esc", "escape")
}

func (v reader) itemKeys() []keyView {
	assign := "take_over"
	if v.who.May(access.Supervise) {
		assign = "assign"
	}
	return v.keys("b c", "confirm", "d", "dismiss", "1–9", "cause", "p", "unsure", "m", "more_choices", "w", "duplicate", "s", "skip", "u", "undo",
		"j →", "next", "k ←", "previous", "x", "copies", "n", "note_field", "r", "rule", "o", "open_platform", "a", assign, "q", "back", "?", "help", "Esc", "escape")
}

// keys pairs keys, with spaces between them, with the names of what they do.
func (v viewer) keys(keysAndNames ...string) []keyView {
	var views []keyView
	for i := 0; i+1 < len(keysAndNames); i += 2 {
		views = append(views, keyView{Keys: strings.Fields(keysAndNames[i]), Text: v.words.T("keys." + keysAndNames[i+1])})
	}
	return views
}
