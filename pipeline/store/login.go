package store

import (
	"errors"

	"github.com/ClickHouse/clickhouse-go/v2"
)

// LoginRefused says that ClickHouse refused the user, the password or a right:
// waiting does not mend that.
func LoginRefused(err error) bool {
	var exception *clickhouse.Exception
	if !errors.As(err, &exception) {
		return false
	}
	switch exception.Code {
	case codeAuthenticationFailed, codeUnknownUser, codeWrongPassword, codeRequiredPassword, codeAccessDenied, codeReadonly:
		return true
	default:
		return false
	}
}
