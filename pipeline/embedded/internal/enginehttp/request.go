package enginehttp

import (
	"crypto/sha256"
	"crypto/subtle"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/netra-id/netra/pipeline/embedded/internal/chdb"
)

// query is a request, read but not yet run.
type query struct {
	database   string
	format     string // where the statement names none
	settings   map[string]string
	parameters chdb.Parameters
	// compressed says that the answer is wanted in ClickHouse's own
	// compressed blocks, decompress that the body is.
	compressed, decompress bool
	buffered               bool // wait_end_of_query
	revision               string
	// readOnly is the value of ClickHouse's setting readonly: 0 is anything,
	// 2 is reading and settings, 1 is reading only.
	readOnly string
}

// notSettings are the URL parameters that are no settings of the engine.
var notSettings = map[string]bool{"query": true, "user": true, "password": true, "database": true, "default_format": true,
	"query_id": true, "quota_key": true, "session_id": true, "session_timeout": true, "session_check": true,
	"close_session": true, "stacktrace": true, "role": true, "compress": true, "decompress": true, "buffer_size": true,
	"wait_end_of_query": true, "client_protocol_version": true, "async": true}

// readQuery takes the URL parameters and headers of a request apart.
func readQuery(r *http.Request, values url.Values) *query {
	q := &query{
		database:   first(values.Get("database"), r.Header.Get("X-ClickHouse-Database")),
		format:     first(values.Get("default_format"), r.Header.Get("X-ClickHouse-Format"), "TabSeparated"),
		settings:   map[string]string{},
		parameters: chdb.Parameters{},
		compressed: isOn(values.Get("compress")),
		decompress: isOn(values.Get("decompress")),
		buffered:   isOn(values.Get("wait_end_of_query")),
		revision:   values.Get("client_protocol_version"),
		readOnly:   "0",
	}
	for name, all := range values {
		value := all[len(all)-1]
		if parameter, ok := strings.CutPrefix(name, "param_"); ok {
			q.parameters[parameter] = value
		} else if !notSettings[name] {
			q.settings[name] = value
		}
	}
	// It must be set last: nothing can be set after it.
	if value, ok := q.settings["readonly"]; ok {
		q.readOnly = value
		delete(q.settings, "readonly")
	}
	if r.Method != http.MethodPost {
		q.mustNotWrite()
	}
	return q
}

// mustNotWrite makes the request one that only reads.
func (q *query) mustNotWrite() {
	if q.readOnly != "1" {
		q.readOnly = "2"
	}
}

// preparations are the statements that bring a fresh connection into the
// state that the request asks for.
func (q *query) preparations() ([]string, error) {
	var statements []string
	if q.database != "" {
		statements = append(statements, "USE "+quoteName(q.database))
	}
	// Inserts are stored when they are answered, unless a client wants else.
	assignments := []string{}
	if _, ok := q.settings["async_insert"]; !ok {
		assignments = append(assignments, "async_insert = 0")
	}
	for _, name := range slices.Sorted(maps.Keys(q.settings)) {
		if !isSettingName(name) {
			return nil, newException(115, "UNKNOWN_SETTING", "Unknown setting '%s'", name)
		}
		assignments = append(assignments, name+" = "+quoteString(q.settings[name]))
	}
	if len(assignments) > 0 {
		statements = append(statements, "SET "+strings.Join(assignments, ", "))
	}
	if q.readOnly != "0" {
		statements = append(statements, "SET readonly = "+quoteString(q.readOnly))
	}
	return statements, nil
}

// account is a user that is let in. Names and passwords are compared as hashes,
// so that the time of the comparison says nothing about them.
type account struct {
	user, password [sha256.Size]byte
	// reader says that it must not write.
	reader bool
}

func newAccount(user, password string, reader bool) account {
	return account{user: sha256.Sum256([]byte(user)), password: sha256.Sum256([]byte(password)), reader: reader}
}

type accounts []account

// check finds the account of a request, whose user and password stand in the
// Authorization header, in X-ClickHouse-User and -Key, or in the URL.
func (a accounts) check(r *http.Request, values url.Values) (account, error) {
	user, password, basic := r.BasicAuth()
	if !basic {
		user = first(r.Header.Get("X-ClickHouse-User"), values.Get("user"), "default")
		password = first(r.Header.Get("X-ClickHouse-Key"), values.Get("password"))
	}
	given := newAccount(user, password, false)
	for _, known := range a {
		sameUser := subtle.ConstantTimeCompare(given.user[:], known.user[:])
		samePassword := subtle.ConstantTimeCompare(given.password[:], known.password[:])
		if sameUser&samePassword == 1 {
			return known, nil
		}
	}
	const text = "%s: Authentication failed: password is incorrect, or there is no user with such name"
	if password == "" {
		return account{}, newException(codeRequiredPassword, "REQUIRED_PASSWORD", text, user)
	}
	return account{}, newException(codeAuthenticationFailed, "AUTHENTICATION_FAILED", text, user)
}

func first(values ...string) string {
	for _, value := range values {
		if value != "" {
			return value
		}
	}
	return ""
}

func isOn(value string) bool { return value == "1" || strings.EqualFold(value, "true") }

func isSettingName(name string) bool {
	for i := range len(name) {
		if c := name[i]; c >= 0x80 || !wordCharacter(c) && c != '.' {
			return false
		}
	}
	return name != ""
}

var quoteReplacer = strings.NewReplacer(`\`, `\\`, `'`, `\'`, "`", "\\`")

func quoteString(s string) string { return "'" + quoteReplacer.Replace(s) + "'" }
func quoteName(s string) string   { return "`" + quoteReplacer.Replace(s) + "`" }
