package store

import (
	"crypto/tls"
	"errors"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2"
)

// LoginRefused says that ClickHouse refused the user, the password or a right, or
// that the two do not trust each other's certificates: waiting does not mend that.
func LoginRefused(err error) bool {
	if tlsRefused(err) {
		return true
	}
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

// tlsRefused says whether TLS failed for a reason that waiting does not mend.
func tlsRefused(err error) bool {
	var certificate *tls.CertificateVerificationError
	return errors.As(err, &certificate) || noTLS(err) || clientRefused(err)
}

// noTLS says that the server speaks none.
func noTLS(err error) bool {
	var record tls.RecordHeaderError
	return errors.As(err, &record) || err != nil && strings.Contains(err.Error(), "server gave HTTP response to HTTPS client")
}

// clientRefused says that the server does not take this client's certificate, or
// the lack of one. The error has no type of its own.
func clientRefused(err error) bool {
	return err != nil && strings.Contains(err.Error(), "remote error: tls: ")
}
