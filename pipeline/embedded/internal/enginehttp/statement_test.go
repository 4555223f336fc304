package enginehttp

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseFindsKindFormatAndData(t *testing.T) {
	for _, test := range []struct {
		sql  string
		want statement
	}{
		{"SELECT 1", statement{kind: kindSelect, text: "SELECT 1"}},
		{" -- hello\n/* x */ (SELECT 1) FORMAT JSON ;", statement{kind: kindSelect, format: "JSON", text: " -- hello\n/* x */ (SELECT 1)"}},
		{"select a from t format CSV settings max_threads = 1", statement{kind: kindSelect, format: "CSV", text: "select a from t settings max_threads = 1"}},
		{"WITH 1 AS x SELECT x FORMAT Native", statement{kind: kindSelect, format: "Native", text: "WITH 1 AS x SELECT x"}},
		{"FROM t SELECT a", statement{kind: kindSelect, text: "FROM t SELECT a"}},
		{"SELECT 'a FORMAT JSON'", statement{kind: kindSelect, text: "SELECT 'a FORMAT JSON'"}},
		{"SELECT 'it''s \\' FORMAT JSON' FORMAT CSV", statement{kind: kindSelect, format: "CSV", text: "SELECT 'it''s \\' FORMAT JSON'"}},
		{"SELECT 1 -- FORMAT JSON", statement{kind: kindSelect, text: "SELECT 1 -- FORMAT JSON"}},
		{"SELECT $x$ FORMAT JSON $x$ FORMAT TSV", statement{kind: kindSelect, format: "TSV", text: "SELECT $x$ FORMAT JSON $x$"}},
		{"SELECT format FROM t", statement{kind: kindSelect, text: "SELECT format FROM t"}},
		{"SELECT a FROM t ORDER BY format DESC", statement{kind: kindSelect, text: "SELECT a FROM t ORDER BY format DESC"}},
		{"SELECT a, format x", statement{kind: kindSelect, text: "SELECT a, format x"}},
		{"SELECT a AS `format` FORMAT JSON", statement{kind: kindSelect, format: "JSON", text: "SELECT a AS `format`"}},
		{"SELECT (SELECT 1 FORMAT x)", statement{kind: kindSelect, text: "SELECT (SELECT 1 FORMAT x)"}},
		{"SELECT 1 INTO OUTFILE 'x'", statement{kind: kindSelect, text: "SELECT 1 INTO OUTFILE 'x'", file: true}},
		{"SELECT 1; SELECT 2", statement{kind: kindSelect, text: "SELECT 1; SELECT 2", multiple: true}},
		{"SELECT 1;;", statement{kind: kindSelect, text: "SELECT 1;;"}},
		{"DROP TABLE a; DROP TABLE b", statement{text: "DROP TABLE a; DROP TABLE b", multiple: true}},
		{"SHOW TABLES FORMAT JSON", statement{format: "JSON", text: "SHOW TABLES"}},
		{"CREATE TABLE t (a Int8) ENGINE = Memory", statement{text: "CREATE TABLE t (a Int8) ENGINE = Memory"}},
		{"INSERT INTO t (a, b) FORMAT Native", statement{kind: kindInsertData, format: "Native", text: "INSERT INTO t (a, b) "}},
		{"INSERT INTO t FORMAT JSONEachRow\n{\"a\": 1}", statement{kind: kindInsertData, format: "JSONEachRow", text: "INSERT INTO t ", data: "{\"a\": 1}"}},
		{"INSERT INTO t FORMAT CSV 1,2;3", statement{kind: kindInsertData, format: "CSV", text: "INSERT INTO t ", data: "1,2;3"}},
		{"INSERT INTO t FORMAT TSV \r\n\tx", statement{kind: kindInsertData, format: "TSV", text: "INSERT INTO t ", data: "\tx"}},
		{"insert into d.t (a) SETTINGS async_insert=0 values (1), ('SELECT')", statement{kind: kindInsertData, format: "Values",
			text: "insert into d.t (a) SETTINGS async_insert=0 ", data: " (1), ('SELECT')"}},
		{"INSERT INTO values VALUES (1)", statement{kind: kindInsertData, format: "Values", text: "INSERT INTO values ", data: " (1)"}},
		{"INSERT INTO t (a)", statement{kind: kindInsertData, format: "Values", text: "INSERT INTO t (a)"}},
		{"INSERT INTO t SELECT a FROM u", statement{kind: kindInsertSelect, text: "INSERT INTO t SELECT a FROM u"}},
		{"INSERT INTO t (a) (SELECT 1)", statement{kind: kindInsertSelect, text: "INSERT INTO t (a) (SELECT 1)"}},
		{"INSERT INTO t WITH 1 AS x SELECT x", statement{kind: kindInsertSelect, text: "INSERT INTO t WITH 1 AS x SELECT x"}},
		{"INSERT INTO t SELECT a FROM input('a Int8') FORMAT CSV", statement{kind: kindInsertSelect, text: "INSERT INTO t SELECT a FROM input('a Int8') FORMAT CSV", input: true}},
		{"INSERT INTO t FROM INFILE 'x' FORMAT CSV", statement{kind: kindInsertSelect, text: "INSERT INTO t FROM INFILE 'x' FORMAT CSV", file: true}},
		{"", statement{}},
		{"((", statement{text: "(("}},
		{"SELECT 'open", statement{kind: kindSelect, text: "SELECT 'open"}},
		{"SELECT 1 /* open", statement{kind: kindSelect, text: "SELECT 1 /* open"}},
	} {
		t.Run(test.sql, func(t *testing.T) {
			if diff := cmp.Diff(test.want, parse(test.sql), cmp.AllowUnexported(statement{})); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func FuzzParseNeverLosesText(f *testing.F) {
	for _, seed := range []string{"SELECT 1 FORMAT JSON", "INSERT INTO t FORMAT CSV\n1", "INSERT INTO t VALUES ('a''b')", "/*", "$a$x$a$", "'\\", "WITH (", "`"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, sql string) {
		s := parse(sql)
		if s.kind == kindInsertData {
			if !strings.HasPrefix(sql, s.text) || !strings.HasSuffix(sql, s.data) {
				t.Errorf("%q was split into %q and %q", sql, s.text, s.data)
			}
			return
		}
		if s.format == "" && s.text != sql {
			t.Errorf("%q became %q", sql, s.text)
		}
		if !strings.Contains(sql, s.format) {
			t.Errorf("%q has no format %q", sql, s.format)
		}
	})
}

func BenchmarkParse(b *testing.B) {
	sql := "INSERT INTO netra.flagged_posts (" + strings.Repeat("column_name, ", 40) + "last) FORMAT Native"
	b.SetBytes(int64(len(sql)))
	for b.Loop() {
		if parse(sql).format != "Native" {
			b.Fatal("no format")
		}
	}
}
