// Package enginehttp serves ClickHouse's HTTP interface on top of the engine
// library: statements and inserts over GET and POST with a user and password,
// settings and parameters in the URL, compression, ClickHouse's exception
// codes. It covers what clickhouse-go, curl and Grafana need; it has no
// sessions, no external tables and no users but one. The engine process of
// package embedded is its only caller.
package enginehttp

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"github.com/netra-id/netra/pipeline/embedded/internal/chdb"
)

// Options are what a Server needs.
type Options struct {
	// Connect opens a fresh connection; every request has its own.
	Connect func() (*chdb.Connection, error)
	// User and Password may do everything.
	User, Password string
	// ReadUser and ReadPassword may only read; an empty name lets nobody in.
	ReadUser, ReadPassword string
	// MaxConcurrent is how many requests run at once; more wait.
	MaxConcurrent int
	Logger        *slog.Logger
}

// Server answers requests.
type Server struct {
	options  Options
	accounts accounts
	hello    hello
	slots    chan struct{}
}

// New asks the engine for its version and makes a server for it.
func New(options Options) (*Server, error) {
	connection, err := options.Connect()
	if err != nil {
		return nil, err
	}
	defer connection.Close()
	output, _, err := connection.Query([]byte("SELECT displayName(), version(), timezone()"), "JSONCompactEachRow", nil)
	if err != nil {
		return nil, fmt.Errorf("ask the engine for its version: %w", err)
	}
	var row [3]string
	if err := json.Unmarshal(output, &row); err != nil {
		return nil, fmt.Errorf("read the engine's version %q: %w", output, err)
	}
	s := &Server{
		options:  options,
		accounts: accounts{newAccount(options.User, options.Password, false)},
		hello:    hello{name: row[0], version: row[1], timezone: row[2]},
		slots:    make(chan struct{}, max(options.MaxConcurrent, 1)),
	}
	if options.ReadUser != "" {
		s.accounts = append(s.accounts, newAccount(options.ReadUser, options.ReadPassword, true))
	}
	return s, nil
}

// Version is that of ClickHouse.
func (s *Server) Version() string { return s.hello.version }

func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.URL.Path == "/ping" || r.URL.Path == "/replicas_status":
		answerOK(w)
	case r.URL.Path != "/" && r.URL.Path != "":
		http.Error(w, fmt.Sprintf("There is no handle %s\n\nUse / or /ping for health checks.", r.URL.Path), http.StatusNotFound)
	case r.Method != http.MethodGet && r.Method != http.MethodPost && r.Method != http.MethodHead:
		w.Header().Set("Allow", "GET, HEAD, POST")
		http.Error(w, "Use GET or POST.", http.StatusMethodNotAllowed)
	case r.Method != http.MethodPost && r.URL.RawQuery == "":
		answerOK(w)
	default:
		s.answer(w, r)
	}
}

func answerOK(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "text/html; charset=UTF-8")
	_, _ = io.WriteString(w, "Ok.\n")
}

// answer runs the request's statement and writes its output or its exception.
func (s *Server) answer(w http.ResponseWriter, r *http.Request) {
	id := first(r.URL.Query().Get("query_id"), uuid.NewString())
	header := w.Header()
	header.Set("X-ClickHouse-Query-Id", id)
	header.Set("X-ClickHouse-Server-Display-Name", s.hello.name)
	header.Set("X-ClickHouse-Timezone", s.hello.timezone)
	out := &response{w: w, tag: strings.ReplaceAll(uuid.NewString(), "-", "")[:16]}
	err := s.run(out, r)
	if err == nil {
		err = out.finish()
	}
	if err == nil || r.Context().Err() != nil {
		return
	}
	problem := asException(err)
	s.options.Logger.Debug("statement failed", "query_id", id, "code", problem.code, "error", problem.message)
	// What was not read yet must be, or the client may miss the answer.
	_, _ = io.Copy(io.Discard, io.LimitReader(r.Body, maxDrained))
	out.fail(problem)
}

// maxDrained bounds how much of a body is read that nobody wants any more.
const maxDrained = 256 << 20

func (s *Server) run(out *response, r *http.Request) error {
	values := r.URL.Query()
	who, err := s.accounts.check(r, values)
	if err != nil {
		return err
	}
	if strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/form-data") {
		return newException(codeNotImplemented, "NOT_IMPLEMENTED", "External tables (multipart/form-data) are not supported by the embedded engine")
	}
	q := readQuery(r, values)
	if who.reader {
		q.mustNotWrite()
	}
	body, err := decoded(r, q.decompress)
	if err != nil {
		return err
	}
	defer func() { _ = body.Close() }()
	text, rest, err := readStatement(values.Get("query"), body)
	if err != nil {
		return err
	}
	if text == helloStatement && q.format == "Native" {
		out.prepare(r, q, "Native", chdb.Statistics{})
		return out.write(s.hello.block(q.revision))
	}
	parsed := parse(text)
	if err := refuse(parsed); err != nil {
		return err
	}
	if who.reader && !reads(text) {
		return newException(codeReadOnly, "READONLY", "Cannot execute query in readonly mode")
	}

	select {
	case s.slots <- struct{}{}:
		defer func() { <-s.slots }()
	case <-r.Context().Done():
		return r.Context().Err()
	}
	tag := strings.TrimSpace(q.settings["log_comment"] + " netra:" + uuid.NewString())
	q.settings["log_comment"] = tag
	connection, err := s.connect(q)
	if err != nil {
		return err
	}
	defer connection.Close()
	keep := context.AfterFunc(r.Context(), func() { s.kill(tag) })
	defer keep()
	task := task{connection: connection, query: q, statement: parsed, request: r, out: out}
	switch parsed.kind {
	case kindInsertData:
		return task.insert(rest)
	case kindSelect:
		return task.selectRows()
	default:
		return task.execute()
	}
}

// refuse says no to what the engine would do wrongly or unsafely.
func refuse(s statement) error {
	switch {
	case strings.TrimSpace(s.text) == "":
		return newException(codeSyntaxError, "SYNTAX_ERROR", "Empty query")
	case s.multiple:
		return newException(codeSyntaxError, "SYNTAX_ERROR", "Syntax error (Multi-statements are not allowed)")
	case s.file:
		return newException(codeNotImplemented, "NOT_IMPLEMENTED", "INTO OUTFILE and FROM INFILE are not allowed over HTTP")
	case s.input:
		return newException(codeNotImplemented, "NOT_IMPLEMENTED", "INSERT … SELECT FROM input() is not supported by the embedded engine; insert the data itself")
	}
	return nil
}

// connect opens a connection with the request's database and settings.
func (s *Server) connect(q *query) (*chdb.Connection, error) {
	statements, err := q.preparations()
	if err != nil {
		return nil, err
	}
	connection, err := s.options.Connect()
	if err != nil {
		return nil, err
	}
	for _, statement := range statements {
		if _, _, err := connection.Query([]byte(statement), "Null", nil); err != nil {
			connection.Close()
			return nil, err
		}
	}
	return connection, nil
}

// kill ends the statements with this comment, for a client that went away: the
// engine gives no other hold on a statement that runs in another thread.
func (s *Server) kill(comment string) {
	connection, err := s.options.Connect()
	if err != nil {
		s.options.Logger.Warn("cannot end an abandoned statement", "error", err)
		return
	}
	defer connection.Close()
	sql := "KILL QUERY WHERE Settings['log_comment'] = " + quoteString(comment) + " ASYNC"
	if _, _, err := connection.Query([]byte(sql), "Null", nil); err != nil {
		s.options.Logger.Warn("cannot end an abandoned statement", "error", err)
	}
}

// Bounds on the text of a statement. An INSERT's data does not count.
const (
	statementStart = 64 << 10
	maxStatement   = 64 << 20
)

// readStatement returns the text of the statement, and for an INSERT with
// data the rest of the body. As in ClickHouse the text is the URL's query and
// then the body.
func readStatement(inURL string, body io.Reader) (string, io.Reader, error) {
	if inURL != "" && parse(inURL).kind == kindInsertData {
		return inURL, body, nil
	}
	start := make([]byte, statementStart)
	n, err := io.ReadFull(body, start)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return "", nil, unreadable(err)
	}
	text := string(start[:n])
	if err != nil { // that was all of it
		if inURL != "" && strings.TrimSpace(text) != "" {
			text = inURL + "\n" + text
		} else if inURL != "" {
			text = inURL
		}
		return text, strings.NewReader(""), nil
	}
	if inURL == "" && parse(text).kind == kindInsertData {
		return text, body, nil
	}
	rest, err := io.ReadAll(io.LimitReader(body, maxStatement))
	if err != nil {
		return "", nil, unreadable(err)
	}
	if len(rest) == maxStatement {
		return "", nil, newException(223, "QUERY_IS_TOO_LARGE", "The statement is longer than %d bytes", maxStatement)
	}
	if inURL != "" {
		inURL += "\n"
	}
	return inURL + text + string(rest), strings.NewReader(""), nil
}

func unreadable(err error) error {
	return newException(codeCannotReadAllData, "CANNOT_READ_ALL_DATA", "Cannot read the body of the request: %s", err)
}

func summary(s chdb.Statistics) string {
	number := func(n uint64) string { return strconv.FormatUint(n, 10) }
	encoded, err := json.Marshal(map[string]string{
		"read_rows": number(s.ReadRows), "read_bytes": number(s.ReadBytes),
		"written_rows": number(s.WrittenRows), "written_bytes": number(s.WrittenBytes),
		"result_rows": number(s.ResultRows),
	})
	if err != nil {
		return "{}"
	}
	return string(encoded)
}
