package x

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/netra-id/netra/pipeline/collect"
	"github.com/netra-id/netra/pipeline/collect/fetch"
)

// problem is what X says of what it cannot answer: about the whole request, or
// about one thing that it refers to.
type problem struct {
	Title        string              `json:"title"`
	Detail       string              `json:"detail"`
	Type         string              `json:"type"`
	ResourceType string              `json:"resource_type"`
	Parameter    string              `json:"parameter"`
	Parameters   map[string][]string `json:"parameters"`
	Message      string              `json:"message"`
	// Period is that of a usage cap: Daily or Monthly.
	Period string    `json:"period"`
	Errors []problem `json:"errors"`
}

// problemError is a problem as an error.
type problemError struct{ problem }

func (e *problemError) Error() string {
	text := e.Title
	for _, more := range []string{e.Detail, e.Message} {
		if more != "" && more != text {
			text += ": " + more
		}
	}
	for _, inner := range e.Errors {
		text += ": " + inner.Message + inner.Detail
	}
	const most = 300
	text = strings.ToValidUTF8(text, "\ufffd")
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "") + "…"
	}
	return strings.Trim(text, ": ")
}

// is says whether the problem is of the type, whose address has had several
// hosts.
func (p *problem) is(name string) bool { return strings.HasSuffix(p.Type, "/problems/"+name) }

// kind says what the problem means for an account.
func (p *problem) kind() collect.Kind {
	detail := strings.ToLower(p.Detail)
	switch {
	case strings.Contains(detail, "has been suspended"):
		return collect.KindSuspended
	case p.is("not-authorized-for-resource"):
		return collect.KindPrivate
	case p.is("resource-not-found"):
		return collect.KindGone
	case p.is("usage-capped"), p.is("rate-limit"):
		return collect.KindRateLimited
	default:
		return collect.KindRefused
	}
}

// accountProblem looks among the problems of an answer for one of the account
// itself; one of a post that it refers to is no matter. Nothing says that the
// answer had no posts.
func accountProblem(problems []problem, nothing bool) error {
	for n := range problems {
		p := &problems[n]
		if nothing && p.ResourceType != "tweet" && p.ResourceType != "media" {
			return &collect.Error{Kind: p.kind(), Err: &problemError{*p}}
		}
	}
	return nil
}

// typed gives an error of a request the kind that its body says.
func typed(err error) error {
	status := fetch.Status(err)
	var p problem
	var before *collect.Error
	if status == nil || !errors.As(err, &before) || !status.JSON(&p) || p.Title == "" && p.Detail == "" && len(p.Errors) == 0 {
		return err
	}
	told := &collect.Error{Kind: before.Kind, RetryAfter: before.RetryAfter, Err: fmt.Errorf("%w: %w", before.Err, &problemError{p})}
	about := &p
	if p.Type == "" && len(p.Errors) > 0 {
		about = &p.Errors[0]
	}
	switch kind := about.kind(); {
	case about.is("usage-capped"):
		told.Kind, told.RetryAfter = collect.KindRateLimited, max(before.RetryAfter, untilMoreUsage(about.Period))
	case kind == collect.KindGone, kind == collect.KindPrivate, kind == collect.KindSuspended:
		told.Kind = kind
	}
	return told
}

// untilMoreUsage is when it is worth asking again after a cap: X does not say
// when a month began, so once a day.
func untilMoreUsage(period string) time.Duration {
	if strings.EqualFold(period, "daily") {
		return 6 * time.Hour
	}
	return 24 * time.Hour
}

// isAbout says whether an error names the parameter as the one that is wrong.
func isAbout(err error, parameter string) bool {
	var told *problemError
	if !errors.As(err, &told) {
		return false
	}
	for _, inner := range append([]problem{told.problem}, told.Errors...) {
		if _, ok := inner.Parameters[parameter]; ok || inner.Parameter == parameter {
			return true
		}
	}
	return false
}
