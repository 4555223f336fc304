package embedded_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/netra-id/netra/pipeline/embedded/embeddedtest"
)

// answer is what a plain HTTP client sees.
type answer struct {
	status int
	header http.Header
	body   string
}

type call struct {
	method, path, query, body string
	values                    url.Values
	header                    http.Header
	anonymous                 bool
}

func do(t testing.TB, c embeddedtest.Connection, call call) answer {
	t.Helper()
	values := url.Values{"database": {c.Database}}
	for name, all := range call.values {
		values[name] = all
	}
	if call.query != "" {
		values.Set("query", call.query)
	}
	if call.method == "" {
		call.method = http.MethodPost
	}
	request, err := http.NewRequestWithContext(t.Context(), call.method, "http://"+c.Address+"/"+call.path+"?"+values.Encode(), strings.NewReader(call.body))
	must(t, err)
	if call.header != nil {
		request.Header = call.header
	}
	if !call.anonymous {
		request.SetBasicAuth(c.User, c.Password)
	}
	transport := &http.Transport{DisableCompression: true}
	defer transport.CloseIdleConnections()
	response, err := (&http.Client{Transport: transport}).Do(request)
	must(t, err)
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Fatal(err)
	}
	return answer{status: response.StatusCode, header: response.Header, body: string(body)}
}

func TestHTTPAnswersAsClickHouse(t *testing.T) {
	c := embeddedtest.Engine(t)
	must(t, c.Execute(t.Context(), "CREATE TABLE t (a Int32, b String) ENGINE = MergeTree ORDER BY a"))
	for _, test := range []struct {
		name   string
		call   call
		status int
		body   string // all of it, or with … at the end its beginning
		header map[string]string
	}{
		{"ping needs no password", call{method: "GET", path: "ping", anonymous: true}, 200, "Ok.\n", nil},
		{"replicas status", call{method: "GET", path: "replicas_status", anonymous: true}, 200, "Ok.\n", nil},
		{"unknown path", call{method: "GET", path: "nope"}, 404, "There is no handle /nope…", nil},
		{"other method", call{method: "PUT"}, 405, "…", map[string]string{"Allow": "GET, HEAD, POST"}},
		{"statement in the body", call{body: "SELECT 1"}, 200, "1\n", map[string]string{
			"X-ClickHouse-Format": "TabSeparated", "Content-Type": "text/tab-separated-values; charset=UTF-8"}},
		{"statement in the URL", call{method: "GET", query: "SELECT 1 + 1 AS two FORMAT JSONEachRow"}, 200, "{\"two\":2}\n", map[string]string{
			"X-ClickHouse-Format": "JSONEachRow"}},
		{"statement in both", call{query: "SELECT", body: "41 + 1"}, 200, "42\n", nil},
		{"format by header", call{body: "SELECT 1 AS a", header: http.Header{"X-Clickhouse-Format": {"CSVWithNames"}}}, 200, "\"a\"\n1\n", nil},
		{"format by parameter", call{body: "SELECT 1 AS a", values: url.Values{"default_format": {"JSONCompact"}}}, 200, "{…", map[string]string{
			"Content-Type": "application/json; charset=UTF-8"}},
		{"document formats are one document", call{body: "SELECT count() FROM (SELECT 1) FORMAT XML"}, 200, "<?xml…", nil},
		{"names stand once above many blocks", call{body: "SELECT count() = 200001 FROM (SELECT 1) UNION ALL SELECT 0 FORMAT CSVWithNames"}, 200, "\"equals(count(), 200001)\"\n0\n0\n", nil},
		{"parameters", call{body: "SELECT {a:Int32} + 1, {b:String}", values: url.Values{"param_a": {"41"}, "param_b": {"it's"}}}, 200, "42\tit\\'s\n", nil},
		{"settings", call{body: "SELECT getSetting('max_threads')", values: url.Values{"max_threads": {"3"}}}, 200, "3\n", nil},
		{"query id comes back", call{body: "SELECT 1", values: url.Values{"query_id": {"mine"}}}, 200, "1\n", map[string]string{"X-ClickHouse-Query-Id": "mine"}},
		{"wait for the end", call{body: "SELECT 1", values: url.Values{"wait_end_of_query": {"1"}}}, 200, "1\n", map[string]string{"Content-Length": "2"}},
		{"insert values", call{body: "INSERT INTO t VALUES (1, 'a;b'), (2, lower('X'))"}, 200, "", nil},
		{"insert rows behind the statement", call{body: "INSERT INTO t FORMAT CSV\n3,c\n4,\"d\ne\"\n"}, 200, "", nil},
		{"insert rows in the body", call{query: "INSERT INTO t (b, a) FORMAT JSONEachRow", body: `{"a": 5, "b": "x"}`}, 200, "", nil},
		{"insert nothing", call{query: "INSERT INTO t FORMAT JSONEachRow"}, 200, "", nil},
		{"insert from select", call{body: "INSERT INTO t SELECT 6, 'y'"}, 200, "", nil},
		{"what was stored", call{body: "SELECT count(), sum(a), min(b) FROM t"}, 200, "6\t21\ta;b\n", nil},
		{"show without rows", call{body: "SHOW TABLES LIKE 'nope'", values: url.Values{"default_format": {"Native"}}}, 200, "", nil},
		{"empty statement", call{body: " \n"}, 400, "Code: 62. DB::Exception: Empty query…", map[string]string{"X-ClickHouse-Exception-Code": "62"}},
		{"two statements", call{body: "SELECT 1; SELECT 2"}, 400, "Code: 62…", nil},
		{"syntax error", call{body: "SELEC 1"}, 400, "Code: 62…", map[string]string{"X-ClickHouse-Exception-Code": "62"}},
		{"unknown table", call{body: "SELECT * FROM nope"}, 404, "Code: 60…", map[string]string{"X-ClickHouse-Exception-Code": "60"}},
		{"unknown database", call{body: "SELECT 1", values: url.Values{"database": {"nope`"}}}, 404, "Code: 81…", nil},
		{"unknown setting", call{body: "SELECT 1", values: url.Values{"no_such": {"1"}}}, 404, "Code: 115…", nil},
		{"setting that is no name", call{body: "SELECT 1", values: url.Values{"a = 1, b": {"1"}}}, 404, "Code: 115…", nil},
		{"unknown format", call{body: "SELECT 1 FORMAT Nope"}, 404, "Code: 73…", nil},
		{"insert of what cannot be parsed", call{query: "INSERT INTO t FORMAT CSV", body: "x,y\n"}, 400, "Code: 27…", nil},
		{"insert into an unknown table", call{query: "INSERT INTO nope FORMAT CSV", body: "1\n"}, 404, "Code: 60…", nil},
		{"GET must not write", call{method: "GET", query: "INSERT INTO t VALUES (9, 'x')"}, 500, "Code: 164…", nil},
		{"GET must not drop", call{method: "GET", query: "DROP TABLE t"}, 500, "Code: 164…", nil},
		{"reading only on demand", call{body: "DROP TABLE t", values: url.Values{"readonly": {"1"}, "max_threads": {"1"}}}, 500, "Code: 164…", nil},
		{"GET that asks for reading only", call{method: "GET", query: "SELECT 1", values: url.Values{"readonly": {"1"}}}, 200, "1\n", nil},
		{"GET that asks for writing", call{method: "GET", query: "DROP TABLE t", values: url.Values{"readonly": {"0"}}}, 500, "Code: 164…", nil},
		{"files are not written", call{body: "SELECT 1 INTO OUTFILE '/tmp/x'"}, 501, "Code: 48…", nil},
		{"input is refused rather than ignored", call{query: "INSERT INTO t SELECT a, b FROM input('a Int32, b String') FORMAT CSV", body: "1,2"}, 501, "Code: 48…", nil},
		{"external tables", call{body: "x", header: http.Header{"Content-Type": {"multipart/form-data; boundary=x"}}}, 501, "Code: 48…", nil},
		{"time limit", call{body: "SELECT count() FROM numbers(100000000000) WHERE sipHash64(number) = 1", values: url.Values{"max_execution_time": {"0.2"}}}, 408, "Code: 159…", nil},
		{"no password", call{body: "SELECT 1", anonymous: true}, 401, "Code: 194…", map[string]string{"X-ClickHouse-Exception-Code": "194"}},
		{"wrong password", call{body: "SELECT 1", anonymous: true, header: http.Header{"X-Clickhouse-User": {c.User}, "X-Clickhouse-Key": {"no"}}}, 403, "Code: 516…",
			map[string]string{"X-ClickHouse-Exception-Code": "516"}},
		{"password in headers", call{body: "SELECT 1", anonymous: true, header: http.Header{"X-Clickhouse-User": {c.User}, "X-Clickhouse-Key": {c.Password}}}, 200, "1\n", nil},
		{"password in the URL", call{body: "SELECT 1", anonymous: true, values: url.Values{"user": {c.User}, "password": {c.Password}}}, 200, "1\n", nil},
		{"body that is not gzip", call{body: "SELECT 1", header: http.Header{"Content-Encoding": {"gzip"}}}, 500, "Code: 271…", nil},
		{"unknown encoding", call{body: "SELECT 1", header: http.Header{"Content-Encoding": {"snappy"}}}, 501, "Code: 48…", nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := do(t, c, test.call)
			if got.status != test.status {
				t.Errorf("status %d, want %d", got.status, test.status)
			}
			beginning, cut := strings.CutSuffix(test.body, "…")
			if got.body != test.body && (!cut || !strings.HasPrefix(got.body, beginning)) {
				t.Errorf("body %q, want %q", got.body, test.body)
			}
			for name, want := range test.header {
				if value := got.header.Get(name); value != want {
					t.Errorf("%s is %q, want %q", name, value, want)
				}
			}
		})
	}
}

func TestHTTPManyBlocksOfADocumentFormatAreOneDocument(t *testing.T) {
	c := embeddedtest.Engine(t)
	got := do(t, c, call{body: "SELECT number FROM numbers(200000) FORMAT CSVWithNames", values: url.Values{"max_block_size": {"1000"}}})
	if n := strings.Count(got.body, "number"); n != 1 {
		t.Errorf("the names stand %d times in the answer", n)
	}
	if n := strings.Count(got.body, "\n"); n != 200_001 {
		t.Errorf("%d lines, want 200001", n)
	}
}

func TestHTTPErrorInTheMiddleOfTheAnswerIsFramed(t *testing.T) {
	c := embeddedtest.Engine(t)
	got := do(t, c, call{body: "SELECT throwIf(number = 2000000) FROM numbers(3000000) SETTINGS max_threads = 1"})
	tag := got.header.Get("X-ClickHouse-Exception-Tag")
	if got.status != 200 || !strings.Contains(got.body, "\r\n__exception__\r\n"+tag+"\r\nCode: 395.") || !strings.HasSuffix(got.body, tag+"\r\n__exception__\r\n") {
		t.Errorf("status %d, tag %q, end of the body %q", got.status, tag, got.body[max(0, len(got.body)-400):])
	}
	whole := do(t, c, call{body: "SELECT throwIf(number = 2000000) FROM numbers(3000000) SETTINGS max_threads = 1", values: url.Values{"wait_end_of_query": {"1"}}})
	if whole.status != 500 || !strings.HasPrefix(whole.body, "Code: 395.") {
		t.Errorf("with wait_end_of_query: status %d, body %.100q", whole.status, whole.body)
	}
}

func TestHTTPCompressionBothWays(t *testing.T) {
	c := embeddedtest.Engine(t)
	must(t, c.Execute(t.Context(), "CREATE TABLE t (a Int32) ENGINE = MergeTree ORDER BY a"))
	var body bytes.Buffer
	w := gzip.NewWriter(&body)
	for i := range 100_000 {
		_, _ = fmt.Fprintln(w, i)
	}
	must(t, w.Close())
	got := do(t, c, call{query: "INSERT INTO t FORMAT TSV", body: body.String(), header: http.Header{"Content-Encoding": {"gzip"}}})
	if got.status != 200 || !strings.Contains(got.header.Get("X-ClickHouse-Summary"), `"written_rows":"100000"`) {
		t.Fatalf("status %d %s, summary %s", got.status, got.body, got.header.Get("X-ClickHouse-Summary"))
	}
	got = do(t, c, call{body: "SELECT a FROM t ORDER BY a", header: http.Header{"Accept-Encoding": {"gzip"}}})
	if got.header.Get("Content-Encoding") != "gzip" {
		t.Fatalf("Content-Encoding is %q", got.header.Get("Content-Encoding"))
	}
	r, err := gzip.NewReader(strings.NewReader(got.body))
	must(t, err)
	text, err := io.ReadAll(r)
	must(t, err)
	if n := strings.Count(string(text), "\n"); n != 100_000 {
		t.Errorf("%d rows came back", n)
	}
}

// TestHTTPInsertThatBreaksOffStoresNothing sends half of a body and hangs up.
func TestHTTPInsertThatBreaksOffStoresNothing(t *testing.T) {
	c := embeddedtest.Engine(t)
	must(t, c.Execute(t.Context(), "CREATE TABLE t (a Int32) ENGINE = MergeTree ORDER BY a"))
	for _, chunked := range []bool{false, true} {
		conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", c.Address)
		must(t, err)
		head := "Content-Length: 1000\r\n\r\n1\n2\n3\n"
		if chunked {
			head = "Transfer-Encoding: chunked\r\n\r\n6\r\n1\n2\n3\n\r\n"
		}
		_, err = fmt.Fprintf(conn, "POST /?database=%s&user=%s&password=%s&query=INSERT+INTO+t+FORMAT+TSV HTTP/1.1\r\nHost: x\r\n%s", c.Database, c.User, c.Password, head)
		must(t, err)
		time.Sleep(50 * time.Millisecond)
		must(t, conn.Close())
	}
	time.Sleep(200 * time.Millisecond)
	got, err := c.Query(t.Context(), "SELECT count() FROM t")
	must(t, err)
	if strings.TrimSpace(got) != "0" {
		t.Errorf("%s rows of requests that broke off are stored", strings.TrimSpace(got))
	}
}

func TestHTTPLargeInsertInTheBodyIsStreamed(t *testing.T) {
	c := embeddedtest.Engine(t)
	must(t, c.Execute(t.Context(), "CREATE TABLE t (a Int32, b String) ENGINE = MergeTree ORDER BY a"))
	var body strings.Builder
	body.WriteString("INSERT INTO t FORMAT JSONEachRow\n")
	for i := range 300_000 {
		_, _ = fmt.Fprintf(&body, "{\"a\": %d, \"b\": \"SELECT; FORMAT 'x\"}\n", i)
	}
	if got := do(t, c, call{body: body.String()}); got.status != 200 {
		t.Fatalf("status %d: %.200s", got.status, got.body)
	}
	got, err := c.Query(context.Background(), "SELECT count(), sum(a) FROM t")
	must(t, err)
	if got != "300000\t44999850000\n" {
		t.Errorf("stored %q", got)
	}
}
