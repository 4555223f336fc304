package store

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"regexp"
	"strconv"
	"syscall"

	"github.com/ClickHouse/clickhouse-go/v2"
)

// ErrRefused says that ClickHouse will never take a row, however often it is
// sent: errors.As finds the RefusedError that tells which. Every other error of
// an insert may pass, and the same batch be sent again.
var ErrRefused = errors.New("refused for good")

// RefusedError says which row is refused and why. Nothing of its table's block
// was stored.
type RefusedError struct {
	Table string
	// Row is the index in Batch.Flags or Batch.Counts, -1 where it is not known.
	Row int
	// ID is the post's id, where the row is a flag.
	ID    string
	Cause error
}

func (e *RefusedError) Error() string {
	switch {
	case e.Row < 0:
		return fmt.Sprintf("a row of %s is %v: %v", e.Table, ErrRefused, e.Cause)
	case e.ID == "":
		return fmt.Sprintf("row %d of %s is %v: %v", e.Row, e.Table, ErrRefused, e.Cause)
	default:
		return fmt.Sprintf("row %d of %s (post %q) is %v: %v", e.Row, e.Table, e.ID, ErrRefused, e.Cause)
	}
}

// Is makes errors.Is(err, ErrRefused) true.
func (e *RefusedError) Is(target error) bool { return target == ErrRefused }

func (e *RefusedError) Unwrap() error { return e.Cause }

// The codes of server errors that are told apart. They are part of ClickHouse's
// protocol (src/Common/ErrorCodes.cpp) and never change.
const (
	codeTypeMismatch         = 53
	codeUnknownTable         = 60
	codeCannotConvertType    = 70
	codeUnknownDatabase      = 81
	codeTooLargeArray        = 128
	codeTooLargeString       = 131
	codeTimeoutExceeded      = 159
	codeReadonly             = 164
	codeUnknownUser          = 192
	codeWrongPassword        = 193
	codeRequiredPassword     = 194
	codeMemoryLimit          = 241
	codeTableIsReadOnly      = 242
	codeNotEnoughSpace       = 243
	codeTooManyParts         = 252
	codeTooFewLiveReplicas   = 285
	codeCannotInsertNull     = 349
	codeViolatedConstraint   = 469
	codeAccessDenied         = 497
	codeAuthenticationFailed = 516
)

// refusedRow says whether err tells that a row can never be stored, and which.
func refusedRow(err error) (row int, refused bool) {
	var exception *clickhouse.Exception
	if !errors.As(err, &exception) {
		return -1, false
	}
	switch exception.Code {
	case codeTypeMismatch, codeCannotConvertType, codeTooLargeArray, codeTooLargeString, codeCannotInsertNull:
		return -1, true
	case codeViolatedConstraint:
		return violatingRow(exception.Message), true
	}
	return -1, false
}

var atRow = regexp.MustCompile(`violated at row (\d+)`)

// violatingRow reads the row's index from ClickHouse's message, which counts
// from 1.
func violatingRow(message string) int {
	match := atRow.FindStringSubmatch(message)
	if match == nil {
		return -1
	}
	row, err := strconv.Atoi(match[1])
	if err != nil {
		return -1
	}
	return row - 1
}

// failed counts an error and tells what was being done, where, and what to
// check. It returns nil for nil.
func (s *Store) failed(operation, doing string, err error) error {
	if err == nil {
		return nil
	}
	kind, hint := s.diagnose(err)
	s.metrics.errors.WithLabelValues(operation, kind).Inc()
	// The URL in such an error holds the whole statement.
	var request *url.Error
	if errors.As(err, &request) {
		err = request.Err
	}
	if hint == "" {
		return fmt.Errorf("%s: ClickHouse at %s: %w", doing, s.configuration.Address, err)
	}
	return fmt.Errorf("%s: ClickHouse at %s: %s: %w", doing, s.configuration.Address, hint, err)
}

// diagnose finds the kind of an error, for the metrics, and what a person
// should check.
func (s *Store) diagnose(err error) (kind, hint string) {
	if errors.Is(err, ErrRefused) {
		return "refused", ""
	}
	var exception *clickhouse.Exception
	if errors.As(err, &exception) {
		return s.diagnoseServer(exception)
	}
	if errors.Is(err, context.Canceled) {
		return "canceled", ""
	}
	return s.diagnoseNetwork(err)
}

func (s *Store) diagnoseServer(exception *clickhouse.Exception) (kind, hint string) {
	c := &s.configuration
	switch exception.Code {
	case codeAuthenticationFailed, codeUnknownUser, codeWrongPassword, codeRequiredPassword:
		return "login", fmt.Sprintf("it refuses user %q or its password: check the keys user and password", c.User)
	case codeAccessDenied:
		return "login", fmt.Sprintf("user %q lacks a right: grant it what is named below", c.User)
	case codeUnknownDatabase:
		return "database", fmt.Sprintf("there is no database %q: run netra migrate, or check the key database", c.Database)
	case codeUnknownTable:
		return "table", "a table is missing: run netra migrate"
	case codeTimeoutExceeded:
		return "timeout", "it took too long: check its load"
	case codeReadonly:
		return "login", fmt.Sprintf("user %q may only read: grant it INSERT, or check the key user", c.User)
	case codeMemoryLimit:
		return "server", "it is short of memory: check its load and its memory limit"
	case codeTableIsReadOnly:
		return "server", "a replicated table is read-only: check that ClickHouse Keeper runs"
	case codeNotEnoughSpace:
		return "server", "its disk is full: make room"
	case codeTooManyParts:
		return "server", "it merges more slowly than it is filled: check its load and disk, and let the worker make larger batches"
	case codeTooFewLiveReplicas:
		return "server", "too few replicas are alive for the key insert_quorum: bring them back"
	default:
		return "server", ""
	}
}

func (s *Store) diagnoseNetwork(err error) (kind, hint string) {
	var (
		network     net.Error
		name        *net.DNSError
		certificate *tls.CertificateVerificationError
		authority   x509.UnknownAuthorityError
	)
	switch {
	case errors.As(err, &name):
		return "unreachable", fmt.Sprintf("the host name %q is not known: check the key address", name.Name)
	case errors.As(err, &certificate), errors.As(err, &authority):
		return "unreachable", "its certificate is not trusted: check the keys tls.ca_file and tls.server_name"
	case clientRefused(err):
		return "unreachable", "it refuses this client's certificate, or wants one: check the keys tls.cert_file and tls.key_file"
	case noTLS(err):
		return "unreachable", "it does not speak TLS there: check the scheme and port of the key address"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "unreachable", "nothing listens there: check that ClickHouse runs, and the key address"
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &network) && network.Timeout(),
		errors.Is(err, clickhouse.ErrAcquireConnTimeout):
		return "timeout", "no answer in time: check its load, the network, and the keys timeout and dial_timeout"
	case errors.As(err, &network), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET):
		return "unreachable", "the connection broke: check that ClickHouse runs, and that the address has the scheme of its port"
	default:
		return "server", ""
	}
}
