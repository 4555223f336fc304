package console

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"github.com/netra-id/netra/pipeline/access"
	"github.com/netra-id/netra/pipeline/audit"
	"github.com/netra-id/netra/pipeline/cases"
	"github.com/netra-id/netra/pipeline/database"
	"github.com/netra-id/netra/pipeline/evidence/dossier"
)

// Casework is what cases are worked on with.
type Casework struct {
	Cases *cases.Cases
	// Dossier exports them; nil where this console keeps no evidence.
	Dossier *dossier.Dossier
}

// CaseParts are what the cases share with the console.
type CaseParts struct {
	Database *database.DB
	Audit    *audit.Log
	Review   Review
	Person   func(ctx context.Context, name string) (access.Viewer, bool, error)
}

// openCases asks for what cases are worked on with.
func (c *Console) openCases(ctx context.Context) (err error) {
	if c.deps.Cases == nil {
		return nil
	}
	c.casework, err = c.deps.Cases(ctx, CaseParts{Database: c.db, Audit: c.audit, Review: c.review, Person: c.reviewer})
	return err
}

// whereCases answers that there is no such page where there are no cases.
func (c *Console) whereCases(handle handler) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		if c.casework == nil {
			return failure{status: http.StatusNotFound}
		}
		return handle(w, r)
	}
}

// cases are all cases.
func (c *Console) cases() *cases.Cases { return c.casework.Cases }

func casePath(id string) string { return "/cases/" + url.PathEscape(id) }

// caseRefused says what of the cases' errors a reader is told; others are the
// console's own.
func caseRefused(doing string, err error) error {
	switch {
	case errors.Is(err, cases.ErrNotFound):
		return failure{status: http.StatusNotFound, cause: err}
	case errors.Is(err, cases.ErrForbidden), errors.Is(err, dossier.ErrForbidden):
		return failure{status: http.StatusForbidden, cause: err, key: "forbidden"}
	default:
		return fmt.Errorf("%s: %w", doing, err)
	}
}

// caseProblem says in words what hinders a change of a case; empty where it is
// not the reader's to know.
func (v reader) caseProblem(err error) string {
	var wrong *cases.InvalidError
	switch {
	case errors.Is(err, cases.ErrChanged):
		return v.words.T("cases.problem.changed")
	case errors.Is(err, cases.ErrNoPost):
		return v.words.T("cases.problem.no_post")
	case errors.Is(err, cases.ErrForbidden):
		return v.words.T("problem.forbidden")
	case errors.As(err, &wrong):
		return v.words.Or("cases.problem."+wrong.Field, v.words.T("problem.invalid"))
	}
	return ""
}

// revisionOf is the revision of the case that a form was made on.
func revisionOf(r *http.Request) int64 {
	revision, err := strconv.ParseInt(r.PostForm.Get("revision"), 10, 64)
	if err != nil || revision < 0 {
		return 0 // of no case
	}
	return revision
}
