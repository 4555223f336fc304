package console

import (
	"strconv"
	"time"

	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/review"
)

// apiItem is an item as programs read it. What is not known, or not yet, is left
// out.
type apiItemView struct {
	ID          string        `json:"id"`
	Status      review.Status `json:"status"`
	Revision    int64         `json:"revision"`
	Labels      []post.Label  `json:"labels"`
	Score       float64       `json:"score"`
	Contestants []string      `json:"contestants"`
	Rules       []string      `json:"rules"`
	Account     string        `json:"account"`
	Handle      string        `json:"handle,omitzero"`
	Region      string        `json:"region,omitzero"`
	Agency      string        `json:"agency,omitzero"`
	Platform    string        `json:"platform"`
	Language    string        `json:"language,omitzero"`
	Lists       string        `json:"lists"`
	Excerpt     string        `json:"excerpt"`
	CreatedAt   time.Time     `json:"created_at"`
	FlaggedAt   time.Time     `json:"flagged_at"`
	Urgency     int64         `json:"urgency"`
	Group       string        `json:"group,omitzero"`
	Copies      int           `json:"copies"`
	OpenedAt    time.Time     `json:"opened_at,omitzero"`
	DueAt       time.Time     `json:"due_at,omitzero"`
	Holder      string        `json:"holder,omitzero"`
	HeldUntil   time.Time     `json:"held_until,omitzero"`
	Assignee    string        `json:"assignee,omitzero"`
	DecidedAt   time.Time     `json:"decided_at,omitzero"`
	EditedAt    time.Time     `json:"edited_at,omitzero"`
}

func apiItemOf(item *review.Item) apiItemView {
	return apiItemView{
		ID: item.ID, Status: item.Status, Revision: item.Revision, Labels: filled(item.Labels), Score: item.Score,
		Contestants: filled(item.Contestants), Rules: filled(item.Rules), Account: item.Account, Handle: item.Handle, Region: item.Region,
		Agency: item.Agency, Platform: item.Platform, Language: item.Language, Lists: item.Lists, Excerpt: item.Excerpt,
		CreatedAt: item.CreatedAt.UTC(), FlaggedAt: item.FlaggedAt.UTC(), Urgency: item.Urgency, Group: item.Group, Copies: item.Copies,
		OpenedAt: utc(item.OpenedAt), DueAt: utc(item.Due), Holder: item.Holder, HeldUntil: utc(item.HeldUntil), Assignee: item.Assignee,
		DecidedAt: utc(item.Decided), EditedAt: utc(item.Edited),
	}
}

func apiItemsOf(items []review.Item) []apiItemView {
	views := make([]apiItemView, len(items))
	for i := range items {
		views[i] = apiItemOf(&items[i])
	}
	return views
}

// filled makes an empty list of none, for programs that expect a list.
func filled[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

func utc(t time.Time) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	return t.UTC()
}

// apiDecisionView is a decision as programs read it.
type apiDecisionView struct {
	ID        string         `json:"id"`
	Item      string         `json:"item"`
	Verdict   review.Verdict `json:"verdict"`
	Label     post.Label     `json:"label,omitzero"`
	Rule      string         `json:"rule,omitzero"`
	Cause     review.Cause   `json:"cause,omitzero"`
	Same      string         `json:"same,omitzero"`
	Note      string         `json:"note,omitzero"`
	By        string         `json:"by"`
	At        time.Time      `json:"at"`
	Round     int            `json:"round"`
	Replaces  string         `json:"replaces,omitzero"`
	Withdrawn bool           `json:"withdrawn"`
	Current   bool           `json:"current"`
}

func apiDecisionOf(d *review.Decision) apiDecisionView {
	return apiDecisionView{
		ID: d.ID, Item: d.Item, Verdict: d.Verdict, Label: d.Label, Rule: d.Rule, Cause: d.Cause, Same: d.Same, Note: d.Note, By: d.By,
		At: d.At.UTC(), Round: d.Round, Replaces: d.Replaces, Withdrawn: d.Withdrawn, Current: d.Current,
	}
}

func apiDecisionsOf(decisions []review.Decision) []apiDecisionView {
	views := make([]apiDecisionView, len(decisions))
	for i := range decisions {
		views[i] = apiDecisionOf(&decisions[i])
	}
	return views
}

// apiPerson is the roster's entry as of the post's date; the key of the person
// stays inside.
type apiPerson struct {
	Name     string    `json:"name,omitzero"`
	Agency   string    `json:"agency,omitzero"`
	Unit     string    `json:"unit,omitzero"`
	Position string    `json:"position,omitzero"`
	Region   string    `json:"region,omitzero"`
	Status   string    `json:"status,omitzero"`
	Basis    string    `json:"basis,omitzero"`
	AsOf     time.Time `json:"as_of"`
}

func apiPersonOf(flag *post.Flag) apiPerson {
	p := &flag.Person
	return apiPerson{
		Name: p.Name, Agency: p.Agency, Unit: p.Unit, Position: p.Position, Region: p.Region, Status: p.Status, Basis: p.Basis,
		AsOf: flag.Post.CreatedAt.UTC(),
	}
}

// apiVerdict is a verdict whose reasons are also told in words.
type apiVerdict struct {
	Language   post.Language      `json:"language"`
	Labels     []apiLabel         `json:"labels"`
	Attributes map[string]float64 `json:"attributes"`
	Versions   post.Versions      `json:"versions"`
}

type apiLabel struct {
	Label      post.Label  `json:"label"`
	Score      float64     `json:"score"`
	Contestant string      `json:"contestant,omitzero"`
	Reasons    []apiReason `json:"reasons"`
}

type apiReason struct {
	post.Reason
	// Explanation says what the rule looks for, in the language asked for.
	Explanation string `json:"explanation,omitzero"`
}

func (v viewer) apiVerdict(verdict *post.Verdict) apiVerdict {
	view := apiVerdict{Language: verdict.Language, Labels: []apiLabel{}, Attributes: verdict.Attributes, Versions: verdict.Versions}
	if view.Attributes == nil {
		view.Attributes = map[string]float64{}
	}
	for _, l := range verdict.Labels {
		one := apiLabel{Label: l.Label, Score: l.Score, Contestant: l.Contestant, Reasons: []apiReason{}}
		for _, reason := range l.Reasons {
			words := ""
			if reason.Kind == post.ReasonKeyword {
				words = v.dictionary(v.words.Language, reason.Source)
			}
			one.Reasons = append(one.Reasons, apiReason{Reason: reason, Explanation: words})
		}
		view.Labels = append(view.Labels, one)
	}
	return view
}

// recordOf says which record of the queue a flagged post came from.
func recordOf(flag *post.Flag) string {
	if flag.Topic == "" {
		return ""
	}
	return flag.Topic + "/" + strconv.Itoa(flag.Partition) + "/" + strconv.FormatInt(flag.Offset, 10)
}
