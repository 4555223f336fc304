package enginehttp

import (
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"

	"github.com/netra-id/netra/pipeline/embedded/internal/chdb"
)

// exception is an error of ClickHouse: what a client reads from the body and
// from X-ClickHouse-Exception-Code.
type exception struct {
	code    int
	name    string
	message string // in ClickHouse's form, "Code: 60. DB::Exception: … (UNKNOWN_TABLE)"
}

func (e *exception) Error() string { return e.message }

// Codes that this server itself answers with.
const (
	codeBadArguments         = 36
	codeSyntaxError          = 62
	codeTimeoutExceeded      = 159
	codeNotImplemented       = 48
	codeReadOnly             = 164
	codeRequiredPassword     = 194
	codeQueryWasCancelled    = 394
	codeAuthenticationFailed = 516
	codeCannotDecompress     = 271
	codeCannotReadAllData    = 33
	codeUnknownException     = 1002
)

func newException(code int, name, format string, arguments ...any) *exception {
	return &exception{code: code, name: name,
		message: fmt.Sprintf("Code: %d. DB::Exception: %s. (%s)", code, fmt.Sprintf(format, arguments...), name)}
}

var exceptionPattern = regexp.MustCompile(`^Code:\s*(\d+)\.`)

// asException turns any error of a request into one that a client understands.
func asException(err error) *exception {
	var own *exception
	if errors.As(err, &own) {
		return own
	}
	var engine *chdb.Error
	if !errors.As(err, &engine) {
		return newException(codeUnknownException, "UNKNOWN_EXCEPTION", "%s", err)
	}
	match := exceptionPattern.FindStringSubmatch(engine.Message)
	if match == nil {
		return newException(codeUnknownException, "UNKNOWN_EXCEPTION", "%s", strings.TrimSpace(engine.Message))
	}
	code, err := strconv.Atoi(match[1])
	if err != nil {
		code = codeUnknownException
	}
	return &exception{code: code, message: strings.TrimSpace(engine.Message)}
}

// status is the HTTP status that ClickHouse answers with for a code; what is
// not listed is 500.
var status = statuses()

func statuses() map[int]int {
	byStatus := map[int][]int{
		http.StatusUnauthorized: {codeRequiredPassword},
		// UNKNOWN_USER, WRONG_PASSWORD, AUTHENTICATION_FAILED, SET_NON_GRANTED_ROLE
		http.StatusForbidden: {192, 193, codeAuthenticationFailed, 512},
		// Texts and values that cannot be parsed, syntax errors, wrong types.
		http.StatusBadRequest: {codeBadArguments, 6, 26, 27, 38, 41, 53, 62, 69, 72, 117, 130, 131, 167, 321, 427, 456, 457, 675, 692},
		// What is asked for is unknown: table, function, column, type, engine, setting, database, …
		http.StatusNotFound:              {60, 46, 47, 50, 56, 81, 115, 135, 63, 73, 336, 78, 511},
		http.StatusRequestTimeout:        {codeTimeoutExceeded},
		http.StatusLengthRequired:        {381},
		http.StatusRequestEntityTooLarge: {223},
		http.StatusNotImplemented:        {codeNotImplemented},
		http.StatusServiceUnavailable:    {76, 209, 439},
	}
	byCode := map[int]int{}
	for status, codes := range byStatus {
		for _, code := range codes {
			byCode[code] = status
		}
	}
	return byCode
}

func (e *exception) status() int {
	if s, ok := status[e.code]; ok {
		return s
	}
	return http.StatusInternalServerError
}
