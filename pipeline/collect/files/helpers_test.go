package files

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/netra-id/netra/pipeline/collect"
	"github.com/netra-id/netra/pipeline/post"
)

// everybody is a roster that has every account.
type everybody struct{}

func (everybody) Has(string) bool { return true }

func (everybody) Resolve(string, time.Time) (post.Person, bool) { return post.Person{}, true }

// inbox stands for the queue.
type inbox struct {
	mu      sync.Mutex
	posts   []collect.Outgoing
	letters []collect.Rejected
	onSend  func() error
}

func (i *inbox) Send(_ context.Context, posts []collect.Outgoing) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.onSend != nil {
		if err := i.onSend(); err != nil {
			return err
		}
	}
	i.posts = append(i.posts, posts...)
	return nil
}

func (i *inbox) Reject(_ context.Context, letters []collect.Rejected) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.letters = append(i.letters, letters...)
	return nil
}

// texts lists what arrived, as "text revision".
func (i *inbox) texts() []string {
	i.mu.Lock()
	defer i.mu.Unlock()
	var all []string
	for _, out := range i.posts {
		all = append(all, fmt.Sprintf("%s %d", out.Post.Text, out.Revision))
	}
	return all
}

func (i *inbox) reasons() []string {
	i.mu.Lock()
	defer i.mu.Unlock()
	var all []string
	for _, letter := range i.letters {
		all = append(all, filepath.Base(letter.Position)+" "+letter.Reason)
	}
	return all
}

func discard() *slog.Logger { return slog.New(slog.NewTextHandler(io.Discard, nil)) }

func openState(t testing.TB, path string) *collect.State {
	t.Helper()
	state, err := collect.OpenState(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	return state
}

func dependencies(state *collect.State, in *inbox) collect.Dependencies {
	return collect.Dependencies{
		Logger: discard(), Registerer: prometheus.NewRegistry(), State: state,
		Roster: everybody{}, Producer: in, Rejecter: in,
	}
}

func importer(t *testing.T, state *collect.State, in *inbox) *Importer {
	t.Helper()
	cfg := collect.DefaultConfiguration()
	cfg.RetryInitial = 10 * time.Millisecond
	return &Importer{
		Configuration: DefaultConfiguration(), Taker: collect.NewIntake(cfg, dependencies(state, in)),
		Cursors: state, Problems: 100, Grace: time.Second,
	}
}

// importing imports one file with a state of its own.
func importing(t *testing.T, path string) (Report, *inbox) {
	t.Helper()
	state := openState(t, filepath.Join(t.TempDir(), "s.db"))
	defer state.Close()
	var in inbox
	return importer(t, state, &in).Import(t.Context(), []string{path}), &in
}

func write(t testing.TB, path, content string) string {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func appendTo(t testing.TB, path, content string) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err == nil {
		_, err = f.WriteString(content)
	}
	if err == nil {
		err = f.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
}

// jsonl is a line of JSON with the text as id, too.
func jsonl(text string) string {
	return fmt.Sprintf(`{"id":"web:%s","platform":"web","account":{"id":"budi"},"text":%q,"created_at":"2024-11-20T08:00:00+07:00"}`, text, text)
}

func lines(texts ...string) string {
	var b strings.Builder
	for _, text := range texts {
		b.WriteString(jsonl(text) + "\n")
	}
	return b.String()
}

func contextThatStops(t *testing.T) (context.Context, context.CancelFunc) {
	t.Helper()
	return context.WithCancel(t.Context())
}
