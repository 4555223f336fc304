package console_test

import (
	"context"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/netra-id/netra/pipeline/access"
	"github.com/netra-id/netra/pipeline/blobs"
	"github.com/netra-id/netra/pipeline/console"
	"github.com/netra-id/netra/pipeline/evidence"
	"github.com/netra-id/netra/pipeline/evidence/seal"
	"github.com/netra-id/netra/pipeline/retention"
	"github.com/netra-id/netra/pipeline/review"
)

// withRetention lets a console purge, at a time.
func withRetention(t testing.TB, st retention.Store, now time.Time, built **retention.Retention) func(context.Context, console.RetentionParts) (*retention.Retention, error) {
	t.Helper()
	dir := t.TempDir()
	return func(ctx context.Context, parts console.RetentionParts) (*retention.Retention, error) {
		files, err := blobs.New(blobs.Configuration{Dir: filepath.Join(dir, "files")})
		if err != nil {
			return nil, err
		}
		cfg := seal.DefaultConfiguration()
		cfg.KeyFile, cfg.HeadFile = filepath.Join(dir, "key"), filepath.Join(dir, "head")
		log, err := seal.New(ctx, cfg, seal.Dependencies{Database: parts.Database})
		if err != nil {
			return nil, err
		}
		if err := evidence.Migrate(ctx, parts.Database); err != nil {
			return nil, err
		}
		if err := retention.Migrate(ctx, parts.Database); err != nil {
			return nil, err
		}
		keeper, err := evidence.New(evidence.Dependencies{Database: parts.Database, Files: files, Log: log})
		if err != nil {
			return nil, err
		}
		*built, err = retention.New(retention.DefaultConfiguration(), retention.Dependencies{
			Database: parts.Database, Store: st, Keeper: keeper, Files: files, Seal: log, Audit: parts.Audit, Key: []byte("a key for tests only"),
			Now: func() time.Time { return now },
		})
		return *built, err
	}
}

// purgedSite is a console that has dismissed, held and confirmed posts, a year
// later.
func purgedSite(t testing.TB) *site {
	t.Helper()
	var built *retention.Retention
	var work console.Review
	st := newStore(t, flags())
	s := newSite(t, options{data: st, change: func(_ *console.Configuration, d *console.Dependencies) {
		d.Retention = withRetention(t, st, time.Now().Add(365*24*time.Hour), &built)
		build := reviewOf(t, d, nil)
		d.Review = func(ctx context.Context, parts console.ReviewParts) (_ console.Review, err error) {
			work, err = build(ctx, parts)
			return work, err
		}
	}})
	analyst := access.Viewer{ID: 7, Name: "andi", Role: access.Analyst}
	for id, d := range map[string]review.Decision{
		"mastodon:1093": {Verdict: review.NoViolation, Cause: review.Everyday}, "x:90210": {Verdict: review.Violation, Rule: "KE-4"},
		"facebook:55102": {Verdict: review.NoViolation, Cause: review.Report},
	} {
		item, err := work.Item(t.Context(), analyst, id)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := work.Decide(t.Context(), analyst, []review.Choice{{Item: id, Revision: item.Revision}}, d); err != nil {
			t.Fatal(err)
		}
	}
	if err := built.Hold(t.Context(), analyst, "facebook:55102", "sengketa di PTUN"); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestAdministratorsSeeWhatIsPurgedAndNotWhatItSays(t *testing.T) {
	s := purgedSite(t)
	v := s.visit()
	v.login(s.admin, s.secret)
	got := v.get("/retention")
	for _, want := range []string{"1 unggahan, 0 berkas", "Ditahan untuk keperluan hukum", "sengketa di PTUN", "Dugaan pelanggaran tanpa perkara", "Penghapusan berjalan sendiri"} {
		if got.status != http.StatusOK || !strings.Contains(got.body, want) {
			t.Errorf("status %d; the page does not say %q", got.status, want)
		}
	}
	if strings.Contains(got.body, "Sumarni") {
		t.Error("the page tells of a person")
	}
	if got := v.get("/retention?lang=en"); !strings.Contains(got.body, "Under legal hold") {
		t.Error("the page is not in English")
	}
	analyst := s.visit()
	analyst.login(s.user, s.password)
	if got := analyst.get("/retention"); got.status != http.StatusForbidden {
		t.Errorf("a supervisor: status %d", got.status)
	}
}

// TestRetentionInBrowser looks at the page in a real Chromium.
func TestRetentionInBrowser(t *testing.T) {
	needsBrowser(t)
	s := purgedSite(t)
	inBrowser(t, "retention.test.mjs", "NETRA_URL="+s.url, "NETRA_USER="+s.admin, "NETRA_PASSWORD="+s.secret)
	if t.Failed() {
		t.Logf("the console's log:\n%s", s.log.String())
	}
}
