package graph

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/netra-id/netra/pipeline/collect"
	"github.com/netra-id/netra/pipeline/collect/fetch"
	"github.com/netra-id/netra/pipeline/collect/sweep"
)

// apiError is what Meta puts into the body of an answer that is none.
type apiError struct {
	Message   string `json:"message"`
	Type      string `json:"type"`
	Code      int    `json:"code"`
	Subcode   int    `json:"error_subcode"`
	Transient bool   `json:"is_transient"`
}

// Error is an error of the Graph API, inside the *collect.Error that says what
// is to be made of it.
type Error struct {
	Code, Subcode int
	Message       string
}

func (e *Error) Error() string {
	if e.Subcode != 0 {
		return fmt.Sprintf("error %d, subcode %d: %s", e.Code, e.Subcode, e.Message)
	}
	return fmt.Sprintf("error %d: %s", e.Code, e.Message)
}

// typed gives an error of a request the kind that its body says.
func (c *Client) typed(err error) error {
	status := fetch.Status(err)
	var body struct {
		Error *apiError `json:"error"`
	}
	if status == nil || !status.JSON(&body) || body.Error == nil || body.Error.Code == 0 {
		return err
	}
	return c.apiError(body.Error, status.Header, err)
}

// apiError gives an error of Meta its kind. Without a code of its own, what was
// made of the status stands.
func (c *Client) apiError(e *apiError, header http.Header, otherwise error) error {
	inner := &Error{Code: e.Code, Subcode: e.Subcode, Message: c.scrub(e.Message)}
	typed := &collect.Error{Kind: kindOf(e), Err: inner}
	var before *collect.Error
	if errors.As(otherwise, &before) && typed.Kind == collect.KindTemporary {
		typed.RetryAfter = before.RetryAfter
	}
	switch {
	case typed.Kind == collect.KindRateLimited:
		typed.RetryAfter = regain(header)
	case e.Code == 100 && e.Subcode != subcodeNoObject:
		typed.Err = errors.Join(inner, sweep.ErrToken) // a cursor that has expired is a bad parameter, too
	}
	return typed
}

// subcodeNoObject says that an object does not exist or may not be seen.
const subcodeNoObject = 33

// kindOf says what is to be made of an error, after Meta's pages "Handling
// errors" and "Rate limits".
func kindOf(e *apiError) collect.Kind {
	switch code := e.Code; {
	case code == 4, code == 17, code == 32, code == 341, code == 613, code >= 80000 && code <= 80014:
		return collect.KindRateLimited
	case code == 803, code == 110, code == 24, code == 100 && e.Subcode == subcodeNoObject:
		return collect.KindGone
	case code == 21:
		return collect.KindRenamed // the Page was merged into another
	case e.Transient, code == 1, code == 2:
		return collect.KindTemporary
	default:
		// 190 and 102 are the token, 3, 10 and 200 to 299 permissions, 368 a
		// block for a violation of policies, 2635 a version that has ended.
		return collect.KindRefused
	}
}

// scrub takes what is secret out of a message: Meta repeats tokens that it does
// not understand.
func (c *Client) scrub(message string) string {
	for _, s := range []interface{ Value() (string, error) }{c.token, c.appSecret} {
		if value, err := s.Value(); err == nil && value != "" {
			message = strings.ReplaceAll(message, value, "(hidden)")
		}
	}
	const most = 300
	message = strings.ToValidUTF8(message, "\ufffd")
	if len(message) > most {
		message = strings.ToValidUTF8(message[:most], "") + "…"
	}
	return message
}
