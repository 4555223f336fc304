package stream_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/google/go-cmp/cmp"

	"github.com/netra-id/netra/classifiers/stream"
	"github.com/netra-id/netra/pipeline/post"
)

// shouts flags every post with an exclamation mark: what is judged is not the
// matter of this package.
type shouts struct{}

func (shouts) Versions() post.Versions {
	return post.Versions{Lists: "sha256:0", Models: "none", Netra: "test"}
}

func (s shouts) Classify(p *post.Post, region string) post.Verdict {
	v := post.Verdict{ID: p.ID, Language: post.Language{Code: post.Undetermined}, Attributes: map[string]float64{}, Versions: s.Versions()}
	if at := strings.Index(p.Text, "!"); at >= 0 {
		v.Flagged = true
		v.Labels = []post.LabelScore{{Label: post.Support, Score: 1, Contestant: region, Reasons: []post.Reason{
			{Kind: post.ReasonKeyword, Source: "test/shout", Start: at, End: at + 1, Text: p.Text[at : at+1], Weight: 1},
		}}}
	}
	return v
}

var now = time.Date(2024, 11, 20, 8, 0, 0, 0, time.UTC)

// outcome is what a job wrote and reported.
type outcome struct {
	ids     []string
	out     string
	reports []string
	summary stream.Summary
	err     error
}

func classify(t *testing.T, format stream.Format, in io.Reader) outcome {
	t.Helper()
	var o outcome
	var out bytes.Buffer
	job := &stream.Job{
		Classifier: shouts{}, Format: format, Region: "61.08", Name: "stdin", In: in, Out: &out,
		Now: func() time.Time { return now }, Report: func(err error) { o.reports = append(o.reports, err.Error()) },
	}
	o.summary, o.err = job.Run(t.Context())
	o.out = out.String()
	for line := range strings.Lines(o.out) {
		var v post.Verdict
		if err := json.Unmarshal([]byte(line), &v, json.RejectUnknownMembers(true)); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		o.ids = append(o.ids, v.ID)
	}
	return o
}

func TestOrderIsKeptOverManyLines(t *testing.T) {
	var in strings.Builder
	var want []string
	for n := range 5000 {
		id := fmt.Sprintf("mastodon:%d", n)
		want = append(want, id)
		_, _ = fmt.Fprintf(&in, `{"id":%q,"text":"%s"}`+"\n", id, strings.Repeat("kata! ", n%50))
	}
	o := classify(t, stream.JSONL, strings.NewReader(in.String()))
	if o.err != nil || len(o.reports) > 0 {
		t.Fatal(o.err, o.reports)
	}
	if diff := cmp.Diff(want, o.ids); diff != "" {
		t.Error(diff)
	}
	if want := (stream.Summary{Posts: 5000, Flagged: 4900}); o.summary != want {
		t.Errorf("got %+v, want %+v", o.summary, want)
	}
}

func TestVerdictIsWrittenAsAgreed(t *testing.T) {
	o := classify(t, stream.JSONL, strings.NewReader(`{"id":"a:1","text":"é!"}`))
	want := `{"id":"a:1","language":{"code":"und","confidence":0},"flagged":true,` +
		`"labels":[{"label":"support","score":1,"contestant":"61.08",` +
		`"reasons":[{"kind":"keyword","source":"test/shout","start":2,"end":3,"text":"!","weight":1}]}],` +
		`"attributes":{},"versions":{"lists":"sha256:0","models":"none","netra":"test"}}` + "\n"
	if diff := cmp.Diff(want, o.out); diff != "" {
		t.Error(diff)
	}
}

func TestTextHasALineNumberAsID(t *testing.T) {
	o := classify(t, stream.Text, strings.NewReader("\xef\xbb\xbfsatu\r\n\nini {\"bukan\": json}\ntanpa akhir baris!"))
	if diff := cmp.Diff([]string{"1", "2", "3", "4"}, o.ids); diff != "" || o.err != nil || len(o.reports) > 0 {
		t.Error(diff, o.err, o.reports)
	}
	if !strings.Contains(o.out, `"start":17,"end":18`) {
		t.Errorf("the span does not fit the last line: %s", o.out)
	}
}

func TestBlankLinesOfJSONLAreSkippedAndCounted(t *testing.T) {
	o := classify(t, stream.JSONL, strings.NewReader("\xef\xbb\xbf{\"id\":\"1\"}\r\n\r\n   \n{\"id\":\"2\"}\n{oops\n"))
	if diff := cmp.Diff([]string{"1", "2"}, o.ids); diff != "" {
		t.Error(diff)
	}
	if len(o.reports) != 1 || !strings.HasPrefix(o.reports[0], "stdin:5: ") {
		t.Errorf("got %q, want one report of line 5", o.reports)
	}
}

func TestEmptyInput(t *testing.T) {
	for _, format := range stream.Formats {
		if o := classify(t, format, strings.NewReader("")); o.err != nil || o.out != "" || o.summary != (stream.Summary{}) {
			t.Errorf("%s: %+v", format, o)
		}
	}
}

func TestBadLineIsReportedAndTheOthersClassified(t *testing.T) {
	tests := map[string]struct{ line, want string }{
		"truncated":          {`{"id":"x","text":"ayo`, `stdin:2: `},
		"not an object":      {`[1]`, `stdin:2: `},
		"two objects":        {`{"id":"x"} {"id":"y"}`, `stdin:2: `},
		"invalid UTF-8":      {"{\"id\":\"x\",\"text\":\"\xff\xfe\"}", `stdin:2: `},
		"NUL byte":           {"{\"id\":\"x\",\"text\":\"a\x00b\"}", `stdin:2: `},
		"NUL in the id":      {`{"id":"x\u0000"}`, `stdin:2: key "id": value "x\x00": allowed: no control characters`},
		"text of 2 MB":       {`{"id":"x","text":"` + strings.Repeat("a", 2<<20) + `"}`, `stdin:2: key "text": value of 2097152 bytes: allowed: at most 1048576 bytes`},
		"line of 5 MB":       {`{"id":"x","text":"` + strings.Repeat("a", 5<<20) + `"}`, `stdin:2: a line of more than 4194304 bytes`},
		"no id":              {`{"text":"ayo"}`, `stdin:2: key "id": value missing: allowed: a text`},
		"blank id":           {`{"id":" "}`, `stdin:2: key "id"`},
		"number as id":       {`{"id":7}`, `stdin:2: key "id": value 7: allowed: JSON of type string`},
		"date in 1970":       {`{"id":"x","created_at":"1970-01-01T00:00:00Z"}`, `stdin:2: key "created_at": value 1970-01-01T00:00:00Z: allowed: a date from 2004-01-01 to 2024-11-21`},
		"date in 2100":       {`{"id":"x","created_at":"2100-01-01T00:00:00Z"}`, `stdin:2: key "created_at": value 2100-01-01T00:00:00Z: allowed: a date from`},
		"not a date":         {`{"id":"x","created_at":"kemarin"}`, `stdin:2: key "created_at": value "kemarin": allowed: an RFC 3339 date`},
		"unknown platform":   {`{"id":"x","platform":"friendster"}`, `stdin:2: key "platform": value "friendster": allowed: bluesky, facebook`},
		"unknown kind":       {`{"id":"x","kind":"shout"}`, `stdin:2: key "kind": value "shout": allowed: post, reply`},
		"unknown key":        {`{"id":"x","txt":"ayo"}`, `stdin:2: key "txt": value "ayo": allowed: the keys id, platform`},
		"unknown inner key":  {`{"id":"x","account":{"nip":"1"}}`, `stdin:2: key "account.nip": value "1": allowed: the keys id, handle, name`},
		"repeated key":       {`{"id":"x","text":"a","text":"b"}`, `stdin:2: key "text"`},
		"id of another post": {`{"id":"first","text":"lain"}`, `stdin:2: key "id": value "first": allowed: each id once (line 1 has it)`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			o := classify(t, stream.JSONL, strings.NewReader(`{"id":"first","text":"a!"}`+"\n"+test.line+"\n"+`{"id":"last"}`+"\n"))
			if diff := cmp.Diff([]string{"first", "last"}, o.ids); diff != "" || o.err != nil {
				t.Error(diff, o.err)
			}
			if len(o.reports) != 1 || !strings.HasPrefix(o.reports[0], test.want) {
				t.Errorf("got %.300q\nwant one report that begins with %s", o.reports, test.want)
			}
			if want := (stream.Summary{Posts: 2, Flagged: 1, Bad: 1}); o.summary != want {
				t.Errorf("got %+v, want %+v", o.summary, want)
			}
			if len(o.reports) == 1 && len(o.reports[0]) > 600 {
				t.Errorf("a message of %d bytes is not for people", len(o.reports[0]))
			}
		})
	}
}

func TestBadTextIsReported(t *testing.T) {
	in := "satu!\n\xff\xfe\n" + strings.Repeat("a", 2<<20) + "\nnul \x00 di tengah\n"
	o := classify(t, stream.Text, strings.NewReader(in))
	if diff := cmp.Diff([]string{"1", "4"}, o.ids); diff != "" {
		t.Error(diff)
	}
	want := []string{`stdin:2: key "text": value`, `stdin:3: key "text": value of 2097152 bytes`}
	for i := range want {
		if len(o.reports) != len(want) || !strings.HasPrefix(o.reports[i], want[i]) {
			t.Fatalf("got %q, want %q", o.reports, want)
		}
	}
}

func TestReportsComeInTheOrderOfLines(t *testing.T) {
	var in strings.Builder
	for n := range 3000 {
		switch n % 3 {
		case 0:
			_, _ = fmt.Fprintf(&in, `{"id":"same","text":"%d"}`+"\n", n)
		case 1:
			in.WriteString("oops\n")
		default:
			_, _ = fmt.Fprintf(&in, `{"id":"x:%d"}`+"\n", n)
		}
	}
	o := classify(t, stream.JSONL, strings.NewReader(in.String()))
	if len(o.reports) != 1999 || o.summary.Posts != 1001 {
		t.Fatalf("%d reports, %+v", len(o.reports), o.summary)
	}
	before := 0
	for _, report := range o.reports {
		var line int
		if _, err := fmt.Sscanf(report, "stdin:%d:", &line); err != nil || line <= before {
			t.Fatalf("%q comes after line %d (%v)", report, before, err)
		}
		before = line
	}
}

func TestAVerdictIsSeenWhenItIsMade(t *testing.T) {
	reader, writer := io.Pipe()
	out := make(chan string, 10)
	job := &stream.Job{
		Classifier: shouts{}, Format: stream.Text, Name: "stdin", In: reader, Out: chanWriter(out),
		Now: time.Now, Report: func(err error) { t.Error(err) },
	}
	done := make(chan error, 1)
	go func() {
		_, err := job.Run(t.Context())
		done <- err
	}()
	for n := 1; n <= 3; n++ {
		if _, err := io.WriteString(writer, "halo\n"); err != nil {
			t.Fatal(err)
		}
		if got := <-out; !strings.Contains(got, fmt.Sprintf(`"id":"%d"`, n)) {
			t.Errorf("line %d: got %s", n, got)
		}
	}
	if err := errors.Join(writer.Close(), <-done); err != nil {
		t.Error(err)
	}
}

type chanWriter chan string

func (c chanWriter) Write(p []byte) (int, error) {
	if len(p) > 0 {
		c <- string(p)
	}
	return len(p), nil
}

func TestErrorsOfReadingAndWritingEndTheJob(t *testing.T) {
	broken := errors.New("broken")
	job := func(in io.Reader, out io.Writer) error {
		_, err := (&stream.Job{
			Classifier: shouts{}, Format: stream.Text, Name: "stdin", In: in, Out: out, Now: time.Now, Report: func(error) {},
		}).Run(t.Context())
		return err
	}
	lines := strings.Repeat("a\n", 100_000)
	if err := job(strings.NewReader(lines), failing{broken}); !errors.Is(err, broken) {
		t.Errorf("writing: got %v", err)
	}
	if err := job(io.MultiReader(strings.NewReader("a\n"), failing{broken}), io.Discard); !errors.Is(err, broken) {
		t.Errorf("reading: got %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := (&stream.Job{
		Classifier: shouts{}, Format: stream.Text, In: strings.NewReader(lines), Out: io.Discard, Now: time.Now, Report: func(error) {},
	}).Run(ctx)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: got %v", err)
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

func FuzzAnyLine(f *testing.F) {
	f.Add([]byte(`{"id":"x","text":"ayo!"}`+"\n\n{"), true)
	f.Add([]byte("\xef\xbb\xbf\x00\xff\r\n"), false)
	f.Fuzz(func(t *testing.T, in []byte, asText bool) {
		format := stream.JSONL
		if asText {
			format = stream.Text
		}
		o := classify(t, format, bytes.NewReader(in))
		if o.err != nil || len(o.reports) != o.summary.Bad || len(o.ids) != o.summary.Posts {
			t.Errorf("%+v", o)
		}
	})
}
