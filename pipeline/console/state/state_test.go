package state_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/netra-id/netra/pipeline/console/state"
)

func open(t *testing.T, path string) *state.State {
	t.Helper()
	s, err := state.Open(t.Context(), path, state.NewHasher(1024))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func path(t *testing.T) string { return filepath.Join(t.TempDir(), "a folder?#%", "console.db") }

func TestFileIsItsOwnersOnly(t *testing.T) {
	file := path(t)
	s := open(t, file)
	if err := s.AddUser(t.Context(), "budi", "kata sandi budi"); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{file, file + "-wal", filepath.Dir(file)} {
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s may be read by others: %s", filepath.Base(name), info.Mode())
		}
	}
}

func TestBootstrapOnce(t *testing.T) {
	file := path(t)
	s := open(t, file)
	user, password, created, err := s.Bootstrap(t.Context())
	if err != nil || !created || user != "admin" || !regexp.MustCompile(`^[a-zA-Z2-9]{5}(-[a-zA-Z2-9]{5}){3}$`).MatchString(password) {
		t.Fatalf("bootstrap: %q %q %v %v", user, password, created, err)
	}
	if _, err := s.Login(t.Context(), user, password); err != nil {
		t.Errorf("the printed login: %v", err)
	}
	again := open(t, file)
	if _, password, created, err := again.Bootstrap(t.Context()); err != nil || created || password != "" {
		t.Errorf("a second bootstrap: %q %v %v", password, created, err)
	}
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(data), password) {
		t.Error("the file holds the password")
	}
}

func TestBootstrapsAtOnceMakeOneUser(t *testing.T) {
	s := open(t, path(t))
	var group sync.WaitGroup
	var mu sync.Mutex
	made := 0
	for range 8 {
		group.Go(func() {
			_, _, created, err := s.Bootstrap(context.Background())
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			if created {
				made++
			}
		})
	}
	group.Wait()
	if made != 1 {
		t.Errorf("%d users were made", made)
	}
}

func TestUsersAndPasswords(t *testing.T) {
	ctx := t.Context()
	s := open(t, path(t))
	if err := s.AddUser(ctx, "budi", "kata sandi budi"); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		user, password string
		want           error
	}{
		"taken":          {"budi", "kata sandi lain", state.ErrUserExists},
		"taken in caps":  {"BUDI", "kata sandi lain", state.ErrUserExists},
		"short password": {"siti", "pendek", nil},
		"long password":  {"siti", strings.Repeat("x", 300), nil},
		"no name":        {"", "kata sandi lain", nil},
		"markup":         {"<b>", "kata sandi lain", nil},
		"a space":        {"si ti", "kata sandi lain", nil},
	} {
		if err := s.AddUser(ctx, test.user, test.password); err == nil || test.want != nil && !errors.Is(err, test.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	before, err := s.Login(ctx, "Budi", "kata sandi budi")
	if err != nil || before.Name != "budi" {
		t.Fatalf("log in: %+v %v", before, err)
	}
	if err := s.SetPassword(ctx, "budi", "kata sandi baru"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Login(ctx, "budi", "kata sandi budi"); !errors.Is(err, state.ErrWrongLogin) {
		t.Errorf("the old password: %v", err)
	}
	after, err := s.Login(ctx, "budi", "kata sandi baru")
	if err != nil || after.Stamp == before.Stamp {
		t.Errorf("the new password: %v; the stamp changed: %v", err, after.Stamp != before.Stamp)
	}
	if err := s.SetPassword(ctx, "nobody", "kata sandi baru"); !errors.Is(err, state.ErrNoUser) {
		t.Errorf("nobody's password: %v", err)
	}
	if _, err := s.User(ctx, 999); !errors.Is(err, state.ErrNoUser) {
		t.Errorf("nobody: %v", err)
	}
	for _, name := range []string{"nobody", "' OR 1=1 --", ""} {
		if _, err := s.Login(ctx, name, "kata sandi baru"); !errors.Is(err, state.ErrWrongLogin) {
			t.Errorf("log in as %q: %v", name, err)
		}
	}
}

func TestSessionsEnd(t *testing.T) {
	ctx := t.Context()
	now := time.Unix(1_700_000_000, 0)
	s := open(t, path(t))
	sessions := s.Sessions(func() time.Time { return now })
	find := func(token string) string {
		data, found, err := sessions.FindCtx(ctx, token)
		if err != nil {
			t.Fatal(err)
		}
		if !found {
			return "none"
		}
		return string(data)
	}
	for token, until := range map[string]time.Duration{"short": time.Minute, "long": time.Hour, "ended": time.Hour} {
		if err := sessions.CommitCtx(ctx, token, []byte("of "+token), now.Add(until)); err != nil {
			t.Fatal(err)
		}
	}
	if err := sessions.DeleteCtx(ctx, "ended"); err != nil {
		t.Fatal(err)
	}
	// A request that began before the logout stores its session after it.
	if err := sessions.CommitCtx(ctx, "ended", []byte("back"), now.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	now = now.Add(time.Minute)
	for token, want := range map[string]string{"short": "none", "long": "of long", "ended": "none", "unknown": "none"} {
		if got := find(token); got != want {
			t.Errorf("session %s: %s, want %s", token, got, want)
		}
	}
	now = now.Add(2 * time.Hour)
	if n, err := sessions.Purge(ctx); err != nil || n != 3 {
		t.Errorf("purged %d, %v; want 3", n, err)
	}
}

func TestSecretsStay(t *testing.T) {
	file := path(t)
	s := open(t, file)
	first, err := s.Secret(t.Context(), "forms")
	if err != nil || len(first) != 32 {
		t.Fatalf("%d bytes, %v", len(first), err)
	}
	again, err := open(t, file).Secret(t.Context(), "forms")
	if err != nil || string(again) != string(first) {
		t.Errorf("the secret changed: %v", err)
	}
	if other, err := s.Secret(t.Context(), "other"); err != nil || string(other) == string(first) {
		t.Errorf("two names have one secret: %v", err)
	}
}

func TestOpenSaysWhatFails(t *testing.T) {
	file := filepath.Join(t.TempDir(), "console.db")
	if err := os.WriteFile(file, []byte(strings.Repeat("this is no database ", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, bad := range map[string]string{"no database": file, "below a file": filepath.Join(file, "console.db")} {
		if _, err := state.Open(t.Context(), bad, state.NewHasher(1024)); err == nil || !strings.Contains(err.Error(), bad) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
