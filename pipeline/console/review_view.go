package console

import (
	"net/url"
	"strings"

	"github.com/netra-id/netra/pipeline/access"
	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/review"
)

// itemView is what the page of one item shows: the post and its evidence, and
// around them the work on it.
type itemView struct {
	postView
	ID           string
	Flash        *flash
	Problems     []string
	State        stateView
	Role         []string
	KindName     string
	LanguageName string
	Peek         bool
	MayReview    bool
	MayAssign    bool
	Decidable    bool
	TakeOver     string
	WhyNot       string
	Blind        string
	Note         string
	Replaces     string
	Law          *lawView
	LabelChoices []optionView
	RuleChoices  []groupView
	SameChoices  []optionView
	Causes       []choiceView
	Copies       []relatedView
	CopiesTotal  string
	Others       []relatedView
	OthersTotal  string
	History      []decisionView
	// Casework is nil where there are no cases.
	Casework  *itemCases
	NoHistory string
	People    []optionView
	Keys      []keyView

	// Evidence is nil where none is kept.
	Evidence *evidenceView

	PreviousURL, NextURL, SkipURL, OpenURL, ClaimURL, AssignURL, DecideURL, CorrectURL, LoginURL string
}

// stateView is whose an item is and how long there is.
type stateView struct {
	Revision    int64
	Due         string
	DueDate     timeView
	Soon        bool
	Status      string
	StatusClass string
	Round       string
	Holder      string
	Taken       bool
	Assignee    string
	// Reload says that more has changed than this.
	Reload bool
}

// relatedView is another item that has to do with this one.
type relatedView struct {
	Pick    string
	URL     string
	Class   string
	Label   string
	Text    string
	Handle  string
	About   []string
	Created timeView
	Status  string
	Open    bool
}

// decisionView is one decision of the history.
type decisionView struct {
	Class, Verdict, Detail, Note, By, Round string
	At                                      timeView
}

// itemView puts an item into words. correct is the decision that the reader
// wants to correct.
func (v reader) itemView(f queueFilter, found foundItem, correct string) itemView {
	item, path := &found.item, itemPath(found.item.ID)
	view := itemView{
		postView: v.post(&found.flag), ID: item.ID, State: v.itemState(item), KindName: v.kind(found.flag.Post.Kind),
		LanguageName: v.language(found.flag.Verdict.Language.Code), MayReview: v.who.May(access.Review), Causes: v.causes(), Keys: v.itemKeys(),
		Role:    compact(short(found.flag.Person.Position, mostRowFieldBytes), short(found.flag.Person.Agency, mostRowFieldBytes), v.regionName(item.Region)),
		NextURL: f.to(path + "/next"), SkipURL: f.to(path + "/skip"), OpenURL: f.to(path + "/open"), ClaimURL: f.to(path + "/claim"),
		AssignURL: f.to(path + "/assign"), DecideURL: f.to(path + "/decide"), LoginURL: loginTo(f.to(path)),
	}
	view.Back, view.TextURL = f.with(), path+"/text"
	if found.walk.Previous != "" {
		view.PreviousURL = f.to(itemPath(found.walk.Previous))
	}
	view.decision(v, f, found, correct)
	view.related(v, f, found)
	for i := range found.history {
		view.History = append(view.History, v.decisionView(&found.history[i]))
	}
	view.NoHistory = v.words.T("history.none")
	if item.Status == review.Second {
		view.NoHistory = v.words.T("history.blind")
	}
	for _, name := range found.people {
		view.People = append(view.People, optionView{Value: name, Text: v.person(name), Selected: name == item.Assignee})
	}
	view.MayAssign = len(view.People) > 0 && waits(item.Status)
	view.Casework, view.Evidence = found.cases, found.evidence
	return view
}

// decision fills what the reader can decide, or why not.
func (view *itemView) decision(v reader, f queueFilter, found foundItem, correct string) {
	item := &found.item
	own := ownDecision(found.history, v.who.Name)
	_, mine := v.holder(item)
	correcting := own != nil && correct == own.ID
	switch {
	case !view.MayReview:
		view.WhyNot = v.words.T("decide.not.role")
	case correcting:
		view.Decidable, view.Replaces, view.Note = true, own.ID, own.Note
		view.Blind = v.words.T("decide.correcting")
	case !waits(item.Status):
		view.WhyNot = v.words.T("decide.not.done", "status", v.status(item.Status))
	case view.State.Taken:
		view.TakeOver = v.words.T("item.taken", "user", v.person(item.Holder))
	case item.Status == review.Conflict && !v.who.May(access.Supervise):
		view.WhyNot = v.words.T("decide.not.conflict")
	case item.Status == review.Second && own != nil:
		view.WhyNot = v.words.T("decide.not.own")
	case mine || item.Holder == "" || view.State.Holder == "":
		view.Decidable = true
	}
	if own != nil && !correcting && !view.Decidable && view.MayReview {
		view.CorrectURL = f.to(itemPath(item.ID), "correct", own.ID)
	}
	if view.Decidable && item.Status == review.Second && !correcting {
		view.Blind = v.words.T("decide.blind")
	}
	for _, label := range item.Labels {
		view.LabelChoices = append(view.LabelChoices, optionView{Value: string(label), Text: v.label(string(label))})
	}
	view.Law = v.lawView(&found.flag)
	chosen := ""
	if correcting {
		chosen = own.Rule
	}
	view.RuleChoices = v.ruleChoices(&found.flag, chosen)
}

// ownDecision is the decision of a person that stands, or nil.
func ownDecision(history []review.Decision, name string) *review.Decision {
	for i := len(history) - 1; i >= 0; i-- {
		if history[i].By == name && history[i].Current {
			return &history[i]
		}
	}
	return nil
}

// related fills what else has to do with the item.
func (view *itemView) related(v reader, f queueFilter, found foundItem) {
	view.CopiesTotal, view.OthersTotal = v.number(len(found.copies)), v.number(max(len(found.others)-1, 0))
	for i := range found.copies[:min(len(found.copies), mostCopies)] {
		copied := v.relatedView(f, &found.copies[i])
		view.Copies = append(view.Copies, copied)
		view.SameChoices = append(view.SameChoices, optionView{Value: found.copies[i].ID, Text: copied.Handle + " · " + copied.Created.Text})
	}
	for i := range found.others {
		if other := &found.others[i]; other.Item.ID != found.item.ID && len(view.Others) < mostOthers {
			one := v.relatedView(f, &other.Item)
			if last := lastDecision(other.Decisions); last != nil {
				one.Status = v.verdict(*last)
			}
			view.Others = append(view.Others, one)
		}
	}
}

func lastDecision(decisions []review.Decision) *review.Decision {
	for i := len(decisions) - 1; i >= 0; i-- {
		if decisions[i].Current {
			return &decisions[i]
		}
	}
	return nil
}

func (v reader) relatedView(f queueFilter, item *review.Item) relatedView {
	view := relatedView{
		Pick: pick(item), URL: f.to(itemPath(item.ID)), Text: short(strings.Join(strings.Fields(item.Excerpt), " "), snippetBytes/2),
		Handle: short(v.handle(item), mostRowFieldBytes), About: compact(short(item.Agency, mostRowFieldBytes), v.platform(item.Platform)),
		Created: v.time(item.CreatedAt), Status: v.status(item.Status), Open: item.Status == review.Open,
	}
	if len(item.Labels) > 0 {
		view.Class, view.Label = labelClass(item.Labels[0]), v.label(string(item.Labels[0]))
	}
	return view
}

func (v reader) itemState(item *review.Item) stateView {
	due := v.due(item)
	view := stateView{
		Revision: item.Revision, Due: due.Text, DueDate: v.time(item.Due), Soon: due.Soon && waits(item.Status),
		Status: v.status(item.Status), StatusClass: "status-" + string(item.Status),
	}
	if !waits(item.Status) {
		view.DueDate = timeView{}
	}
	holder, mine := v.holder(item)
	view.Holder, view.Taken = holder, holder != "" && !mine
	if item.Assignee != "" && waits(item.Status) {
		view.Assignee = v.words.T("queue.assigned", "user", v.person(item.Assignee))
	}
	return view
}

func (v reader) decisionView(d *review.Decision) decisionView {
	view := decisionView{
		Class: "verdict-" + strings.ReplaceAll(string(d.Verdict), "_", "-"), Verdict: v.verdict(*d), Note: short(d.Note, mostNoteBytes/4),
		By: v.person(d.By), At: v.time(d.At), Round: v.words.Or("round."+v.number(d.Round), ""),
	}
	switch {
	case d.Withdrawn:
		view.Class = "verdict-withdrawn"
	case d.Replaces != "":
		view.Detail = v.words.T("history.correction")
	}
	if !d.Current && !d.Withdrawn {
		view.Class += " replaced"
	}
	if d.Label != post.Label("") {
		view.Detail = strings.Join(compact(view.Detail, v.label(string(d.Label))), " · ")
	}
	return view
}

func loginTo(path string) string { return "/login?ended=1&next=" + url.QueryEscape(path) }
