package files

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"

	"github.com/netra-id/netra/pipeline/collect"
)

const header = "id,platform,account_id,text,created_at\n"

func row(id, text string) string { return fmt.Sprintf("%s,web,budi,%s,2024-11-20 08:00:00", id, text) }

func TestImport(t *testing.T) {
	const bom = "\ufeff"
	tests := map[string]struct {
		name, content string
		texts         []string
		reasons       []string // of dead letters, each by a part of it
		err           string
	}{
		"JSON lines":          {name: "a.jsonl", content: lines("satu", "dua"), texts: []string{"satu 1", "dua 1"}},
		"mixed line ends":     {name: "a.jsonl", content: bom + jsonl("a") + "\r\n" + jsonl("b") + "\r" + jsonl("c") + "\n\r\n  \n" + jsonl("d"), texts: []string{"a 1", "b 1", "c 1", "d 1"}},
		"empty file":          {name: "a.jsonl"},
		"empty CSV":           {name: "a.csv"},
		"header only":         {name: "a.csv", content: header},
		"truncated last line": {name: "a.jsonl", content: lines("a") + jsonl("b")[:40], texts: []string{"a 1"}, reasons: []string{`a.jsonl:2 key "account": not valid JSON`}},
		"truncated in the middle": {
			name: "a.jsonl", content: lines("a") + jsonl("b")[:40] + "\n" + lines("c"),
			texts: []string{"a 1", "c 1"}, reasons: []string{`a.jsonl:2 key "account": not valid JSON`},
		},
		"invalid UTF-8": {
			name: "a.jsonl", content: strings.Replace(lines("a"), `"a"`, "\"a\xff\"", 1) + lines("b"),
			texts: []string{"b 1"}, reasons: []string{"a.jsonl:1 "},
		},
		"a text of 2 MB": {
			name: "a.jsonl", content: lines(strings.Repeat("x", 2_000_000), "b"),
			texts: []string{"b 1"}, reasons: []string{"at most"},
		},
		"a line of 5 MB": {
			name: "a.jsonl", content: lines("a", strings.Repeat("x", 5_000_000), "b"),
			texts: []string{"a 1", "b 1"}, reasons: []string{"a.jsonl:2 record of 10000"},
		},
		"missing ids": {
			name: "a.jsonl", content: `{"platform":"web","account":{"id":"budi"},"text":"x","created_at":"2024-11-20T08:00:00Z"}` + "\n" +
				`{"id":"web:1","platform":"web","account":{"id":" "},"text":"x","created_at":"2024-11-20T08:00:00Z"}` + "\n" + lines("a"),
			texts: []string{"a 1"}, reasons: []string{`a.jsonl:1 key "id": value missing`, `a.jsonl:2 key "account.id"`},
		},
		"dates in 1970 and 2100": {
			name: "a.jsonl", content: strings.Replace(lines("a"), "2024-", "1970-", 1) + strings.Replace(lines("b"), "2024-", "2100-", 1) + lines("c"),
			texts: []string{"c 1"}, reasons: []string{`a.jsonl:1 key "created_at": value 1970`, `a.jsonl:2 key "created_at": value 2100`},
		},
		"NUL bytes": {
			name: "a.jsonl", content: "\x00\x00\x00\n" + strings.Replace(lines("a"), `web:a"`, `web:a\u0000"`, 1) + lines("b"),
			texts: []string{"b 1"}, reasons: []string{"a.jsonl:1 not valid JSON", `a.jsonl:2 key "id"`},
		},
		"unknown platform": {
			name: "a.jsonl", content: strings.Replace(lines("a"), `"platform":"web"`, `"platform":"friendster"`, 1) + lines("b"),
			texts: []string{"b 1"}, reasons: []string{`a.jsonl:1 key "platform": value "friendster": allowed: bluesky`},
		},
		"unknown key": {
			name: "a.jsonl", content: `{"ID":"x"}` + "\n" + lines("b"), texts: []string{"b 1"}, reasons: []string{`a.jsonl:1 key "ID"`},
		},
		"one id with different texts": {
			name: "a.jsonl", content: strings.Replace(lines("a"), "web:a", "web:same", 1) + strings.Replace(lines("b"), "web:b", "web:same", 1) + strings.Replace(lines("a"), "web:a", "web:same", 1),
			texts: []string{"a 1", "b 2"},
		},
		"UTF-16":       {name: "a.jsonl", content: "\xff\xfe{\x00}\x00", err: "allowed: UTF-8"},
		"unknown name": {name: "a.docx", content: "PK", err: `value ".docx": allowed: a name that ends in .jsonl or .csv`},

		"CSV": {
			name: "a.csv", content: bom + "\"id\",platform,kind,account_id,account_handle,account_name,url,text,quoted,in_reply_to,media_urls,created_at,collected_at,source\r\n" +
				"1,web,reply,budi,@b,Budi,https://x.example/1,\"halo, \"\"dunia\"\"\r\nbaris dua\",q,0,https://x.example/1.jpg https://x.example/v.mp4?a=1,2024-11-20T08:00:00+07:00,2024-11-20 08:01:00,alat\n",
			texts: []string{"halo, \"dunia\"\r\nbaris dua 1"},
		},
		"CSV with mixed line ends": {
			name: "a.csv", content: header + row("1", "a") + "\r\n" + row("2", "b") + "\r" + row("3", "c") + "\n\n" + row("4", "d"),
			texts: []string{"a 1", "b 1", "c 1", "d 1"},
		},
		"CSV with semicolons": {
			name: "a.csv", content: strings.ReplaceAll(header+row("1", "a"), ",", ";"), texts: []string{"a 1"},
		},
		"CSV with wrong columns": {
			name: "a.csv", content: "id,platform,account,text,text\n1,web,budi,a,b\n",
			err: `column 3": value "account": allowed: the columns id, platform, kind, account_id`,
		},
		"CSV with repeated columns":  {name: "a.csv", content: strings.Replace(header, "text", "text,text", 1), err: "each column once"},
		"CSV without needed columns": {name: "a.csv", content: "id,platform\n", err: `key "created_at": value missing`},
		"CSV rows of the wrong width": {
			name: "a.csv", content: header + "1,web,budi\n" + row("2", "b,c") + "\n" + row("3", "ok") + "\n",
			texts: []string{"ok 1"}, reasons: []string{"a.csv:2 row of 3 columns: allowed: 5", "a.csv:3 row of 6 columns"},
		},
		"CSV with bad dates": {
			name: "a.csv", content: header + "1,web,budi,a,20/11/2024\n2,web,budi,b,\n" + row("3", "ok"),
			texts: []string{"ok 1"}, reasons: []string{`a.csv:2 key "created_at": value "20/11/2024": allowed: an RFC 3339`, `a.csv:3 key "created_at": value missing`},
		},
		"CSV with invalid UTF-8": {
			name: "a.csv", content: header + row("1", "a\xff") + "\n" + row("2", "ok"), texts: []string{"ok 1"},
			reasons: []string{`a.csv:2 key "text"`},
		},
		"a quote that is never closed": {
			name: "a.csv", content: header + row("1", "a") + "\n" + row("2", `"b`) + "\n" + row("3", "c") + "\n" + row("4", "d") + "\n",
			texts: []string{"a 1", "c 1", "d 1"}, reasons: []string{"a.csv:3 "},
		},
		"stray quotes": {
			name: "a.csv", content: header + row("1", `5" pipa`) + "\n" + row("2", "b") + "\n" + row("3", `lebar 6"`) + "\n" + row("4", "d") + "\n",
			texts: []string{"b 1", "d 1"}, reasons: []string{"a.csv:2 ", "a.csv:4 "},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			path := write(t, filepath.Join(t.TempDir(), test.name), test.content)
			report, in := importing(t, path)
			if test.err != "" {
				if err := report.Err(); err == nil || !strings.Contains(err.Error(), test.err) || !strings.Contains(err.Error(), path) {
					t.Errorf("got %v, want it to name the file and contain %q", err, test.err)
				}
				return
			}
			if err := report.Err(); err != nil {
				t.Error(err)
			}
			if diff := cmp.Diff(test.texts, in.texts()); diff != "" {
				t.Errorf("texts:\n%s", diff)
			}
			reasons := in.reasons()
			if len(reasons) != len(test.reasons) {
				t.Fatalf("dead letters %q, want %d", reasons, len(test.reasons))
			}
			for n, want := range test.reasons {
				if !strings.Contains(reasons[n], want) {
					t.Errorf("dead letter %q, want it to contain %q", reasons[n], want)
				}
			}
			if got := report.Total.TotalRejected(); got != len(test.reasons) {
				t.Errorf("%d rejected are counted, want %d", got, len(test.reasons))
			}
		})
	}
}

func TestCSVReadsEveryColumn(t *testing.T) {
	path := write(t, filepath.Join(t.TempDir(), "a.csv"),
		"id,platform,kind,account_id,account_handle,account_name,url,text,quoted,in_reply_to,media_urls,created_at,collected_at,source\n"+
			"1,web,reply,budi,@b,Budi,https://x.example/1,t,q,0,https://x.example/1.jpg https://x.example/v.mp4?a=1,2024-11-20 08:00:00,2024-11-20T02:00:00Z,alat\n")
	_, in := importing(t, path)
	if len(in.posts) != 1 {
		t.Fatalf("posts %v, letters %v", in.posts, in.reasons())
	}
	p := in.posts[0].Post
	got := []string{p.ID, p.Platform, string(p.Kind), p.Account.ID, p.Account.Handle, p.Account.Name, p.URL, p.Text, p.Quoted, p.InReplyTo,
		p.Media[0].Type, p.Media[1].Type, p.Media[1].URL, p.CreatedAt.UTC().Format(time.RFC3339), p.CollectedAt.UTC().Format(time.RFC3339), p.Source}
	want := []string{"1", "web", "reply", "budi", "@b", "Budi", "https://x.example/1", "t", "q", "0",
		"image", "video", "https://x.example/v.mp4?a=1", "2024-11-20T01:00:00Z", "2024-11-20T02:00:00Z", "alat"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if len(p.RawSHA256) != 64 {
		t.Errorf("raw_sha256 %q", p.RawSHA256)
	}
}

func TestImportReadsPackedFiles(t *testing.T) {
	var gz, zst bytes.Buffer
	g := gzip.NewWriter(&gz)
	z, err := zstd.NewWriter(&zst)
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range []interface {
		Write([]byte) (int, error)
		Close() error
	}{g, z} {
		if _, err := w.Write([]byte(lines("satu", "dua"))); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	}
	for name, content := range map[string]string{"a.jsonl.gz": gz.String(), "a.jsonl.zst": zst.String()} {
		t.Run(name, func(t *testing.T) {
			report, in := importing(t, write(t, filepath.Join(t.TempDir(), name), content))
			if len(in.posts) != 2 || report.Err() != nil {
				t.Errorf("%d posts, %v", len(in.posts), report.Err())
			}
		})
		t.Run(name+" cut off", func(t *testing.T) {
			report, _ := importing(t, write(t, filepath.Join(t.TempDir(), name), content[:len(content)-9]))
			if report.Err() == nil {
				t.Error("want an error")
			}
		})
		t.Run(name+" is not", func(t *testing.T) {
			report, _ := importing(t, write(t, filepath.Join(t.TempDir(), name), lines("a")))
			if report.Err() == nil {
				t.Error("want an error")
			}
		})
	}
}

func TestOneBadFileDoesNotKeepBackTheOthers(t *testing.T) {
	folder := t.TempDir()
	paths := []string{filepath.Join(folder, "missing.jsonl"), folder, write(t, filepath.Join(folder, "b.csv"), "x\n"), write(t, filepath.Join(folder, "a.jsonl"), lines("a"))}
	state := openState(t, filepath.Join(t.TempDir(), "s.db"))
	defer state.Close()
	var in inbox
	report := importer(t, state, &in).Import(t.Context(), paths)
	for n, file := range report.Files {
		if (file.Err != nil) != (n < 3) {
			t.Errorf("%s: %v", file.Path, file.Err)
		}
	}
	if len(in.posts) != 1 {
		t.Errorf("%d posts, want 1", len(in.posts))
	}
}

func TestAFileWithoutPermissionIsAClearError(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root may read everything")
	}
	path := write(t, filepath.Join(t.TempDir(), "a.jsonl"), lines("a"))
	if err := os.Chmod(path, 0); err != nil {
		t.Fatal(err)
	}
	report, _ := importing(t, path)
	if err := report.Err(); err == nil || !strings.Contains(err.Error(), "may read") {
		t.Errorf("got %v", err)
	}
}

func TestAReportCountsALastLineWithoutItsEnd(t *testing.T) {
	report, _ := importing(t, write(t, filepath.Join(t.TempDir(), "a.jsonl"), lines("a")+jsonl("b")))
	if report.Files[0].Lines != 2 || report.Total.Sent != 2 {
		t.Errorf("report %+v", report)
	}
}

func TestAnUnknownFormatIsRefused(t *testing.T) {
	m := &Importer{Configuration: DefaultConfiguration(), Taker: collect.NewRehearsal(everybody{})}
	m.Configuration.Format = "xml"
	err := m.Import(t.Context(), []string{write(t, filepath.Join(t.TempDir(), "a.jsonl"), lines("a"))}).Err()
	if err == nil || !strings.Contains(err.Error(), "allowed: auto, jsonl, csv") {
		t.Errorf("got %v", err)
	}
}

func TestAnImportTwiceSendsOnce(t *testing.T) {
	path := write(t, filepath.Join(t.TempDir(), "a.jsonl"), lines("a", "b"))
	state := openState(t, filepath.Join(t.TempDir(), "s.db"))
	defer state.Close()
	var in inbox
	m := importer(t, state, &in)
	m.Import(t.Context(), []string{path})
	report := m.Import(t.Context(), []string{path})
	if len(in.posts) != 2 || report.Total.Dropped[collect.CauseDuplicate] != 2 || report.Files[0].Resumed != 0 {
		t.Errorf("%d posts, second report %+v", len(in.posts), report)
	}
}

func TestABrokenOffImportGoesOnWhereItWas(t *testing.T) {
	var all []string
	for n := range 1800 {
		all = append(all, fmt.Sprint("p", n))
	}
	path := write(t, filepath.Join(t.TempDir(), "a.jsonl"), lines(all...))
	state := openState(t, filepath.Join(t.TempDir(), "s.db"))
	defer state.Close()
	ctx, cancel := context.WithCancel(t.Context())
	var in inbox
	calls := 0
	in.onSend = func() error {
		if calls++; calls == 2 {
			cancel()
		}
		return nil
	}
	m := importer(t, state, &in)
	var seen []Progress
	m.Progress = func(p Progress) { seen = append(seen, p) }
	if report := m.Import(ctx, []string{path}); !errors.Is(report.Err(), context.Canceled) || report.Total.Sent != 1000 {
		t.Errorf("first: %v, %d sent", report.Err(), report.Total.Sent)
	}
	report := m.Import(t.Context(), []string{path})
	if report.Err() != nil || report.Files[0].Resumed != 1000 || report.Files[0].Lines != 1800 || report.Total.Items != 800 {
		t.Errorf("second: %+v", report)
	}
	if len(in.posts) != 1800 {
		t.Errorf("%d posts, want 1800", len(in.posts))
	}
	if last := seen[len(seen)-1]; last.Bytes != last.Size || last.Tally.Sent != 800 {
		t.Errorf("progress %+v", last)
	}
}

func TestARehearsedImportLeavesNoTrace(t *testing.T) {
	path := write(t, filepath.Join(t.TempDir(), "a.jsonl"), lines("a", "b")+"{\n")
	m := &Importer{Configuration: DefaultConfiguration(), Taker: collect.NewRehearsal(everybody{}), Problems: 10}
	report := m.Import(t.Context(), []string{path})
	if report.Total.Sent != 2 || report.Total.TotalRejected() != 1 || len(report.Total.Problems) != 1 {
		t.Errorf("report %+v", report)
	}
}

func TestAQueueThatIsNotThereEndsAnImport(t *testing.T) {
	path := write(t, filepath.Join(t.TempDir(), "a.jsonl"), lines("a"))
	state := openState(t, filepath.Join(t.TempDir(), "s.db"))
	defer state.Close()
	in := inbox{onSend: func() error { return errors.New("connection refused") }}
	m := importer(t, state, &in)
	m.Patience = 50 * time.Millisecond
	if err := m.Import(t.Context(), []string{path}).Err(); err == nil || !strings.Contains(err.Error(), "connection refused") {
		t.Errorf("got %v, want why", err)
	}
}

// fileQueue appends what it acknowledges to a file, so that it outlives a kill.
type fileQueue struct {
	inbox
	out *os.File
}

func (q *fileQueue) Send(_ context.Context, posts []collect.Outgoing) error {
	for _, out := range posts {
		if _, err := fmt.Fprintln(q.out, out.Post.ID, out.Revision); err != nil {
			return err
		}
	}
	time.Sleep(20 * time.Millisecond) // time to be killed between sending and remembering
	return nil
}

// TestImportChild is the process that TestKilledImport kills.
func TestImportChild(t *testing.T) {
	folder := os.Getenv("NETRA_TEST_IMPORT_CHILD")
	if folder == "" {
		t.Skip("only run by TestKilledImport")
	}
	out, err := os.OpenFile(filepath.Join(folder, "out"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	state := openState(t, filepath.Join(folder, "s.db"))
	queue := &fileQueue{out: out}
	deps := dependencies(state, &queue.inbox)
	deps.Producer = queue
	m := &Importer{Configuration: DefaultConfiguration(), Cursors: state, Taker: collect.NewIntake(collect.DefaultConfiguration(), deps)}
	report := m.Import(t.Context(), []string{filepath.Join(folder, "a.jsonl")})
	if err := report.Err(); err != nil {
		t.Fatal(err)
	}
	if err := state.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestKilledImport(t *testing.T) {
	const posts = 10_000
	folder := t.TempDir()
	var all strings.Builder
	for n := range posts {
		all.WriteString(jsonl(fmt.Sprint("p", n)) + "\n")
	}
	write(t, filepath.Join(folder, "a.jsonl"), all.String())
	child := func() *exec.Cmd {
		command := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestImportChild$")
		command.Env = append(os.Environ(), "NETRA_TEST_IMPORT_CHILD="+folder)
		return command
	}
	kills := 0
	for range 5 {
		command := child()
		if err := command.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(200 * time.Millisecond)
		if command.Process.Signal(syscall.SIGKILL) == nil {
			kills++
		}
		if err := command.Wait(); err == nil {
			break // it was done already
		}
	}
	if out, err := child().CombinedOutput(); err != nil {
		t.Fatalf("the last run: %v\n%s", err, out)
	}
	data, err := os.ReadFile(filepath.Join(folder, "out"))
	if err != nil {
		t.Fatal(err)
	}
	times := map[string]int{}
	for line := range strings.Lines(string(data)) {
		if !strings.HasSuffix(line, " 1\n") {
			t.Errorf("%q: a post that was sent again has another revision", line)
		}
		times[line]++
	}
	repeated := 0
	for _, n := range times {
		repeated += n - 1
	}
	if len(times) != posts {
		t.Errorf("%d posts arrived, want %d: some were lost", len(times), posts)
	}
	if repeated > kills*pageItems {
		t.Errorf("%d posts were sent again after %d kills, want at most a page each", repeated, kills)
	}
	t.Logf("%d kills, %d posts sent again", kills, repeated)
}
