package console

import (
	"net/http"
	"strconv"

	"github.com/netra-id/netra/pipeline/audit"
	"github.com/netra-id/netra/pipeline/console/state"
	"github.com/netra-id/netra/pipeline/database"
)

// What people do at the console, as the audit log names it. The words for them
// are in locales/people.*.yaml under audit.action.
const (
	didLogin         = "login"
	didLoginRefused  = "login_refused"
	didLogout        = "logout"
	didPassword      = "password"
	didTOTP          = "totp_set"
	didClearTOTP     = "totp_cleared"
	didRecovery      = "recovery_code"
	didEndSessions   = "sessions_ended"
	didAddToken      = "token_added"
	didRevokeToken   = "token_revoked"
	didAddUser       = "user_added"
	didRights        = "rights"
	didView          = "view"
	didVerifyAudit   = "audit_verified"
	byNetra          = "netra"
	subjectOfNobody  = "user ?"
	subjectOfTheLog  = "audit log"
	mostSubjectBytes = 200
)

func ofUser(user state.User) string { return "user " + user.Name }

// ofPost is a post as the review names it, too.
func ofPost(id string) string { return short(id, mostSubjectBytes) }

// event is what the person who sent the request does.
func event(r *http.Request, action, subject string, detail map[string]string) audit.Event {
	return audit.Event{By: of(r).viewer, Action: action, Subject: subject, Detail: detail}
}

// recorded writes an event into the audit log in the transaction of its change.
func (c *Console) recorded(r *http.Request, action, subject string, detail map[string]string) state.Also {
	return func(tx *database.Tx) error { return c.audit.Append(r.Context(), tx, event(r, action, subject, detail)) }
}

// viewed records that the person reads something; what cannot be recorded is not
// shown.
func (c *Console) viewed(r *http.Request, subject string, detail map[string]string) error {
	return c.audit.Tell(r.Context(), event(r, didView, subject, detail))
}

func count(n int64) map[string]string { return map[string]string{"count": strconv.FormatInt(n, 10)} }
