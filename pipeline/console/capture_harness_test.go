package console_test

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/netra-id/netra/pipeline/blobs"
	"github.com/netra-id/netra/pipeline/capture"
	"github.com/netra-id/netra/pipeline/collect"
	"github.com/netra-id/netra/pipeline/console"
	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/roster"
)

// hookKey is the secret of the partner kominfo.
const hookKey = "rahasia mitra kominfo yang panjang sekali"

// road is where captures go: the real intake, before a queue that the test holds.
type road struct {
	mu    sync.Mutex
	posts []collect.Outgoing
	away  bool
	files string
}

func (q *road) Send(_ context.Context, posts []collect.Outgoing) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.away {
		return errors.New("the queue is away")
	}
	q.posts = append(q.posts, posts...)
	return nil
}

func (q *road) Reject(context.Context, []collect.Rejected) error { return nil }

func (q *road) sent() []post.Post {
	q.mu.Lock()
	defer q.mu.Unlock()
	var all []post.Post
	for _, out := range q.posts {
		all = append(all, out.Post)
	}
	return all
}

func entry(platform, id, handle string, person post.Person) roster.Entry {
	return roster.Entry{Platform: platform, AccountID: id, Handle: handle, Person: person, ValidFrom: time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)}
}

// watched are the accounts of the tests' roster.
func watchedAccounts() *roster.Roster {
	return roster.New([]roster.Entry{
		entry("instagram", "1784", "@sumarni.guru", sumarni), entry("facebook", "990", "rahmat.hidayat", rahmat),
		entry("facebook", "991", "rahmat.hidayat.lagi", rahmat), entry("tiktok", "77", "@wulan_p", wulan),
	})
}

// withCapture lets a site have the pages to hand things in.
func withCapture(t testing.TB, q *road, change func(*capture.Configuration)) func(context.Context, console.CaptureParts) (*capture.Desk, error) {
	t.Helper()
	t.Setenv("NETRA_TEST_HOOK_SECRET", hookKey)
	accounts := watchedAccounts()
	return func(ctx context.Context, parts console.CaptureParts) (*capture.Desk, error) {
		state, err := collect.OpenState(ctx, filepath.Join(t.TempDir(), "collect.db"))
		if err != nil {
			return nil, err
		}
		t.Cleanup(func() { _ = state.Close() })
		q.files = t.TempDir()
		files, err := blobs.New(blobs.Configuration{Dir: q.files})
		if err != nil {
			return nil, err
		}
		cfg := capture.DefaultConfiguration()
		cfg.MaxImageBytes, cfg.MaxVideoBytes, cfg.MaxFiles = 64<<10, 256<<10, 4
		cfg.Tips.Enabled, cfg.Tips.ProofBits = true, 12
		cfg.Hooks.Partners = []capture.Partner{{Name: "kominfo", SecretEnv: "NETRA_TEST_HOOK_SECRET"}}
		if change != nil {
			change(&cfg)
		}
		intake := collect.NewIntake(collect.DefaultConfiguration(), collect.Dependencies{
			State: state, Roster: accounts, Producer: q, Rejecter: q, Registerer: prometheus.NewRegistry(), Logger: slog.New(slog.DiscardHandler),
		})
		return capture.New(ctx, cfg, capture.Dependencies{
			Database: parts.Database, Audit: parts.Audit, Files: files, Intake: intake, Key: parts.Key, Roster: func() capture.Roster { return accounts },
		})
	}
}

// pixel is a picture of one pixel.
var pixel = "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89\x00\x00\x00\rIDATx\x9cc\xf8\xcf\xc0\xf0\x1f\x00\x05\x00\x01\xff\x89\x99=\x1d\x00\x00\x00\x00IEND\xaeB`\x82"

var longText = strings.Repeat("panjang ", 2000)
