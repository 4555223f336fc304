package console

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"github.com/netra-id/netra/pipeline/access"
	"github.com/netra-id/netra/pipeline/cases"
)

// caseAct does one thing with a case and shows it again, with what was done or
// what hindered it.
func (c *Console) caseAct(w http.ResponseWriter, r *http.Request, done string, do func(ctx context.Context, viewer access.Viewer, id string, form url.Values) error) error {
	ctx, cancel := c.reviewing(r)
	defer cancel()
	id, v := r.PathValue("case"), c.reader(r)
	err := do(ctx, of(r).viewer, id, r.PostForm)
	if problem := v.caseProblem(err); err != nil && problem != "" {
		if _, found := c.cases().Case(ctx, of(r).viewer, id); found != nil {
			return caseRefused("show a case", found)
		}
		c.later(r, flash{Text: problem, Bad: true})
		seeOther(w, r, casePath(id))
		return nil
	}
	if err != nil {
		return caseRefused("change a case", err)
	}
	c.later(r, flash{Text: v.words.T(done)})
	seeOther(w, r, casePath(id))
	return nil
}

func (c *Console) caseNote(w http.ResponseWriter, r *http.Request) error {
	return c.caseAct(w, r, "cases.done.note", func(ctx context.Context, viewer access.Viewer, id string, form url.Values) error {
		_, err := c.cases().Note(ctx, viewer, id, form.Get("note"))
		return err
	})
}

func (c *Console) caseRename(w http.ResponseWriter, r *http.Request) error {
	return c.caseAct(w, r, "cases.done.renamed", func(ctx context.Context, viewer access.Viewer, id string, form url.Values) error {
		_, err := c.cases().Rename(ctx, viewer, id, revisionOf(r), form.Get("title"))
		return err
	})
}

func (c *Console) caseRemove(w http.ResponseWriter, r *http.Request) error {
	return c.caseAct(w, r, "cases.done.removed", func(ctx context.Context, viewer access.Viewer, id string, form url.Values) error {
		_, err := c.cases().RemovePost(ctx, viewer, id, revisionOf(r), form.Get("post"), form.Get("reason"))
		return err
	})
}

func (c *Console) caseAssign(w http.ResponseWriter, r *http.Request) error {
	return c.caseAct(w, r, "cases.done.assigned", func(ctx context.Context, viewer access.Viewer, id string, form url.Values) error {
		name := form.Get("person")
		if name == myself {
			name = viewer.Name
		}
		_, err := c.cases().Assign(ctx, viewer, id, name)
		return err
	})
}

func (c *Console) caseUnassign(w http.ResponseWriter, r *http.Request) error {
	return c.caseAct(w, r, "cases.done.unassigned", func(ctx context.Context, viewer access.Viewer, id string, form url.Values) error {
		_, err := c.cases().Unassign(ctx, viewer, id, form.Get("person"))
		return err
	})
}

func (c *Console) caseReady(w http.ResponseWriter, r *http.Request) error {
	return c.caseAct(w, r, "cases.done.ready", func(ctx context.Context, viewer access.Viewer, id string, _ url.Values) error {
		_, err := c.cases().SetReady(ctx, viewer, id, revisionOf(r))
		return err
	})
}

func (c *Console) caseReopen(w http.ResponseWriter, r *http.Request) error {
	return c.caseAct(w, r, "cases.done.reopened", func(ctx context.Context, viewer access.Viewer, id string, form url.Values) error {
		_, err := c.cases().Reopen(ctx, viewer, id, revisionOf(r), form.Get("reason"))
		return err
	})
}

func (c *Console) caseHandOver(w http.ResponseWriter, r *http.Request) error {
	return c.caseAct(w, r, "cases.done.handed_over", func(ctx context.Context, viewer access.Viewer, id string, form url.Values) error {
		known, err := c.cases().Case(ctx, viewer, id)
		if err != nil {
			return err
		}
		h := cases.Handover{Receiver: form.Get("receiver"), Reference: form.Get("reference")}
		zone := time.UTC
		if len(known.Regions) > 0 {
			zone = cases.Zone(known.Regions[0])
		}
		if day, err := time.ParseInLocation(time.DateOnly, form.Get("date"), zone); err == nil {
			h.On = day.Add(12 * time.Hour) // the day in every zone of the country
		}
		_, err = c.cases().HandOver(ctx, viewer, id, revisionOf(r), h)
		return err
	})
}

func (c *Console) caseClose(w http.ResponseWriter, r *http.Request) error {
	return c.caseAct(w, r, "cases.done.closed", func(ctx context.Context, viewer access.Viewer, id string, form url.Values) error {
		_, err := c.cases().Close(ctx, viewer, id, revisionOf(r), cases.Outcome(form.Get("outcome")), form.Get("reason"))
		return err
	})
}

func (c *Console) caseHold(w http.ResponseWriter, r *http.Request) error {
	done := "cases.done.hold"
	lift := r.PostForm.Get("do") == "lift"
	if lift {
		done = "cases.done.hold_lifted"
	}
	return c.caseAct(w, r, done, func(ctx context.Context, viewer access.Viewer, id string, form url.Values) (err error) {
		if lift {
			_, err = c.cases().LiftHold(ctx, viewer, id, revisionOf(r), form.Get("reason"))
		} else {
			_, err = c.cases().Hold(ctx, viewer, id, revisionOf(r), form.Get("reason"))
		}
		return err
	})
}
