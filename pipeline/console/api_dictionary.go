package console

import (
	"net/http"
	"slices"
	"strings"

	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/review"
	"github.com/netra-id/netra/pipeline/review/law"
	"github.com/netra-id/netra/pipeline/strict"
)

// ContestantList is what Contestants can do, too, where they can all be listed.
type ContestantList interface {
	List() []ListedContestant
}

// ListedContestant is a contestant with its id and its election.
type ListedContestant struct {
	Contestant
	ID string
	// ElectionID and Region are the election's.
	ElectionID, Region string
}

// apiContestant is a contestant as programs read it.
type apiContestant struct {
	ID         string   `json:"id"`
	Number     int      `json:"number,omitzero"`
	Names      []string `json:"names"`
	Election   string   `json:"election"`
	ElectionID string   `json:"election_id"`
	Region     string   `json:"region,omitzero"`
}

// apiContestants lists whom posts can support or attack.
func (c *Console) apiContestants(w http.ResponseWriter, _ *http.Request) error {
	views := []apiContestant{}
	if list, ok := c.deps.Contestants.(ContestantList); ok {
		for _, known := range list.List() {
			views = append(views, apiContestant{
				ID: known.ID, Number: known.Number, Names: filled(known.Names), Election: known.Election, ElectionID: known.ElectionID, Region: known.Region,
			})
		}
	}
	slices.SortStableFunc(views, func(a, b apiContestant) int { return strings.Compare(a.ID, b.ID) })
	return apiList(w, "contestants", views)
}

// apiRule is a rule of the joint decree that a decision can name.
type apiRule struct {
	Code      string       `json:"code"`
	From      string       `json:"from,omitzero"`
	Until     string       `json:"until,omitzero"`
	Labels    []post.Label `json:"labels"`
	Text      string       `json:"text"`
	Uncertain bool         `json:"uncertain"`
}

// apiBasis is an article of law that a decision can name.
type apiBasis struct {
	Code      string       `json:"code"`
	Regime    string       `json:"regime"`
	Article   string       `json:"article"`
	From      string       `json:"from,omitzero"`
	Until     string       `json:"until,omitzero"`
	Labels    []post.Label `json:"labels"`
	Note      string       `json:"note,omitzero"`
	Uncertain bool         `json:"uncertain"`
}

// apiRules lists the codes that a decision can name.
func (c *Console) apiRules(w http.ResponseWriter, r *http.Request) error {
	v, known := c.viewer(r), law.Shipped()
	return writeJSON(w, http.StatusOK, struct {
		Rules []apiRule  `json:"rules"`
		Basis []apiBasis `json:"basis"`
	}{v.apiRules(known.Rules), v.apiBasis(known.Basis)})
}

func (v viewer) apiRules(rules []law.Rule) []apiRule {
	views := make([]apiRule, len(rules))
	for i, rule := range rules {
		views[i] = apiRule{Code: rule.Code, From: dateOf(rule.From), Until: dateOf(rule.Until), Labels: filled(rule.Labels), Text: v.in(rule.Text), Uncertain: rule.Uncertain}
	}
	return views
}

func (v viewer) apiBasis(articles []law.Basis) []apiBasis {
	views := make([]apiBasis, len(articles))
	for i, b := range articles {
		views[i] = apiBasis{
			Code: b.Code, Regime: b.Regime, Article: b.Article, From: dateOf(b.From), Until: dateOf(b.Until), Labels: filled(b.Labels),
			Note: v.in(b.Note), Uncertain: b.Uncertain,
		}
	}
	return views
}

func dateOf(d strict.Date) string {
	if d.IsZero() {
		return ""
	}
	return d.Format("2006-01-02")
}

// apiLaw says which rules a post is alleged to break, as of its date.
type apiLaw struct {
	Stage  string       `json:"stage,omitzero"`
	Agency string       `json:"agency,omitzero"`
	Labels []apiLabeled `json:"labels"`
}

// apiLabeled are the rules that one label suggests, the likeliest first.
type apiLabeled struct {
	Label post.Label `json:"label"`
	Rules []apiRule  `json:"rules"`
	Basis []apiBasis `json:"basis"`
}

func (v viewer) apiLaw(flag *post.Flag) apiLaw {
	view := apiLaw{Labels: []apiLabeled{}}
	for _, l := range byScore(flag.Verdict.Labels) {
		if slices.ContainsFunc(view.Labels, func(told apiLabeled) bool { return told.Label == l.Label }) {
			continue
		}
		stage := v.stage(flag, l.Contestant)
		suggested := law.Suggest([]post.Label{l.Label}, stage, flag.Post.CreatedAt)
		if view.Stage == "" {
			view.Stage = stage
		}
		view.Agency = suggested.Agency
		view.Labels = append(view.Labels, apiLabeled{Label: l.Label, Rules: v.apiRules(suggested.Rules), Basis: v.apiBasis(suggested.Basis)})
	}
	return view
}

// apiWord is a value of the API with what people call it.
type apiWord struct {
	Value string `json:"value"`
	Text  string `json:"text"`
}

// apiWords lists the values that labels, verdicts, causes and statuses have, in
// words of the language asked for.
func (c *Console) apiWords(w http.ResponseWriter, r *http.Request) error {
	v := c.viewer(r)
	labels, verdicts, causes, statuses := []apiWord{}, []apiWord{}, []apiWord{}, []apiWord{}
	for _, label := range post.LabelNames() {
		labels = append(labels, apiWord{label, v.label(label)})
	}
	for _, verdict := range []review.Verdict{review.Violation, review.NoViolation, review.Unsure, review.SameAs} {
		verdicts = append(verdicts, apiWord{string(verdict), v.words.T("verdict." + string(verdict))})
	}
	for _, cause := range review.Causes {
		causes = append(causes, apiWord{string(cause), v.cause(cause)})
	}
	for _, status := range review.Statuses {
		statuses = append(statuses, apiWord{string(status), v.status(status)})
	}
	return writeJSON(w, http.StatusOK, map[string][]apiWord{"labels": labels, "verdicts": verdicts, "causes": causes, "statuses": statuses})
}

// List implements ContestantList.
func (c electionsContestants) List() []ListedContestant {
	var all []ListedContestant
	for i := range c.elections.Elections {
		election := &c.elections.Elections[i]
		for _, contestant := range election.Contestants {
			known, _ := c.Contestant(contestant.ID)
			all = append(all, ListedContestant{Contestant: known, ID: contestant.ID, ElectionID: election.ID, Region: election.Region})
		}
	}
	return all
}
