package console

import (
	"net/http"
	"strconv"
	"time"

	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/review"
)

// apiDecision is what a program decides.
type apiDecision struct {
	Verdict  string `json:"verdict"`
	Label    string `json:"label"`
	Rule     string `json:"rule"`
	Cause    string `json:"cause"`
	Same     string `json:"same"`
	Note     string `json:"note"`
	Replaces string `json:"replaces"`
}

func (d apiDecision) decision() review.Decision {
	return review.Decision{
		Verdict: review.Verdict(d.Verdict), Label: post.Label(d.Label), Rule: d.Rule, Cause: review.Cause(d.Cause), Same: d.Same, Note: d.Note, Replaces: d.Replaces,
	}
}

// apiDecideOne decides on one item.
func (c *Console) apiDecideOne(w http.ResponseWriter, r *http.Request) error {
	var asked struct {
		apiDecision
		Revision *int64 `json:"revision"`
	}
	if err := readJSON(r, &asked); err != nil {
		return err
	}
	if asked.Revision == nil {
		return wrongValue("revision", "", "the revision of the item that was looked at")
	}
	ctx, cancel := c.reviewing(r)
	defer cancel()
	made, err := c.review.Decide(ctx, of(r).viewer, []review.Choice{{Item: r.PathValue("id"), Revision: *asked.Revision}}, asked.decision())
	if err != nil {
		return apiRefused("decide on an item", err)
	}
	return writeJSON(w, http.StatusCreated, apiDecisionOf(&made[0]))
}

// apiChoice is an item as the program saw it.
type apiChoice struct {
	ID       string `json:"id"`
	Revision *int64 `json:"revision"`
}

// apiDecide decides on several items: on all, or on none.
func (c *Console) apiDecide(w http.ResponseWriter, r *http.Request) error {
	var asked struct {
		apiDecision
		Items []apiChoice `json:"items"`
	}
	if err := readJSON(r, &asked); err != nil {
		return err
	}
	ids, choices := make([]string, len(asked.Items)), make([]review.Choice, len(asked.Items))
	for i, item := range asked.Items {
		if item.Revision == nil {
			return wrongValue("items."+strconv.Itoa(i)+".revision", "", "the revision of the item that was looked at")
		}
		ids[i], choices[i] = item.ID, review.Choice{Item: item.ID, Revision: *item.Revision}
	}
	if err := checkItems(ids); err != nil {
		return err
	}
	ctx, cancel := c.reviewing(r)
	defer cancel()
	made, err := c.review.Decide(ctx, of(r).viewer, choices, asked.decision())
	if err != nil {
		return apiRefused("decide on items", err)
	}
	return writeJSON(w, http.StatusCreated, map[string][]apiDecisionView{"decisions": apiDecisionsOf(made)})
}

// apiUndo takes a decision back and answers with the item as it is then.
func (c *Console) apiUndo(w http.ResponseWriter, r *http.Request) error {
	ctx, cancel := c.reviewing(r)
	defer cancel()
	item, err := c.review.Undo(ctx, of(r).viewer, r.PathValue("decision"))
	if err != nil {
		return apiRefused("take a decision back", err)
	}
	return writeJSON(w, http.StatusOK, apiItemOf(&item))
}

// apiMade is a decision with its item as it is now.
type apiMade struct {
	Place    int64           `json:"place"`
	Decision apiDecisionView `json:"decision"`
	Item     apiItemView     `json:"item"`
}

// apiMadePage is a part of the decisions in their order. A program that keeps
// Cursor asks with it later for what was decided since.
type apiMadePage struct {
	Decisions []apiMade `json:"decisions"`
	Cursor    int64     `json:"cursor"`
	// More says that there are more already.
	More bool `json:"more"`
}

// apiDecisions lists decisions in the order in which they were made.
func (c *Console) apiDecisions(w http.ResponseWriter, r *http.Request) error {
	query := r.URL.Query()
	if err := knownQuery(query, nil, "after", "limit", byFrom, byUntil, byRegion); err != nil {
		return err
	}
	limit, err := limitOf(query)
	if err != nil {
		return err
	}
	after, err := numberOf(query, "after", 0, 0, 1<<62)
	if err != nil {
		return err
	}
	chosen, err := apiFilter{From: query.Get(byFrom), Until: query.Get(byUntil), Region: query.Get(byRegion)}.review("", c.zone)
	if err != nil {
		return err
	}
	ctx, cancel := c.reviewing(r)
	defer cancel()
	made, next, err := c.review.Decisions(ctx, of(r).viewer, review.Period{From: chosen.From, Until: chosen.Until, Region: chosen.Region}, after, limit)
	if err != nil {
		return apiRefused("list decisions", err)
	}
	page := apiMadePage{Decisions: make([]apiMade, len(made)), Cursor: after, More: next > 0}
	for i := range made {
		page.Decisions[i] = apiMade{Place: made[i].Seq, Decision: apiDecisionOf(&made[i].Decision), Item: apiItemOf(&made[i].Item)}
		page.Cursor = made[i].Seq
	}
	page.Cursor = max(page.Cursor, next)
	if err := c.apiExported(r, "decisions", map[string]string{"count": strconv.Itoa(len(made)), "after": strconv.FormatInt(after, 10)}); err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, page)
}

// apiExported records that a list was taken along; what cannot be recorded is not
// given.
func (c *Console) apiExported(r *http.Request, what string, detail map[string]string) error {
	detail["at"] = c.deps.Now().UTC().Format(time.RFC3339)
	return c.audit.Tell(r.Context(), event(r, "export", what, detail))
}
