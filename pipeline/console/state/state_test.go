package state_test

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/alexedwards/argon2id"

	"github.com/netra-id/netra/pipeline/access"
	"github.com/netra-id/netra/pipeline/console/state"
	"github.com/netra-id/netra/pipeline/database"
	"github.com/netra-id/netra/pipeline/database/databasetest"
)

func TestMain(m *testing.M) { databasetest.Main(m) }

func open(t *testing.T, db *database.DB) *state.State {
	t.Helper()
	s, err := state.New(t.Context(), db, state.NewHasher(1024))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// each runs a test on both databases.
func each(t *testing.T, test func(t *testing.T, db *database.DB, s *state.State)) {
	t.Helper()
	databasetest.EachOpen(t, func(t *testing.T, db *database.DB) { test(t, db, open(t, db)) })
}

// budi is an analyst.
var budi = state.NewUser{Name: "budi", Role: access.Analyst, Password: "jendela biru 77"}

func add(t *testing.T, s *state.State, n state.NewUser) int64 {
	t.Helper()
	id, err := s.AddUser(t.Context(), n, nil)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func TestBootstrapOnce(t *testing.T) {
	each(t, func(t *testing.T, db *database.DB, s *state.State) {
		user, password, created, err := s.Bootstrap(t.Context(), nil)
		if err != nil || !created || user != "admin" || !regexp.MustCompile(`^[a-zA-Z2-9]{5}(-[a-zA-Z2-9]{5}){3}$`).MatchString(password) {
			t.Fatalf("bootstrap: %q %q %v %v", user, password, created, err)
		}
		if u, err := s.Login(t.Context(), user, password); err != nil || u.Role != access.Administrator {
			t.Errorf("the printed login: %+v %v", u, err)
		}
		if _, password, created, err := open(t, db).Bootstrap(t.Context(), nil); err != nil || created || password != "" {
			t.Errorf("a second bootstrap: %q %v %v", password, created, err)
		}
	})
}

func TestTheFileHoldsNoPassword(t *testing.T) {
	path := databasetest.SQLite(t)
	_, password, _, err := open(t, databasetest.Open(t, path)).Bootstrap(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{path, path + "-wal"} {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(data), password) {
			t.Errorf("%s holds the password", name)
		}
	}
}

func TestBootstrapsAtOnceMakeOneUser(t *testing.T) {
	each(t, func(t *testing.T, _ *database.DB, s *state.State) {
		var group sync.WaitGroup
		var mu sync.Mutex
		made := 0
		for range 4 {
			group.Go(func() {
				_, _, created, err := s.Bootstrap(context.Background(), nil)
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
	})
}

func TestUsersThatCannotBeAreRefused(t *testing.T) {
	each(t, func(t *testing.T, _ *database.DB, s *state.State) {
		add(t, s, budi)
		for name, test := range map[string]struct {
			change func(*state.NewUser)
			want   error
		}{
			"taken":            {func(n *state.NewUser) { n.Name = "budi" }, state.ErrUserExists},
			"taken in caps":    {func(n *state.NewUser) { n.Name = "BUDI" }, state.ErrUserExists},
			"short password":   {func(n *state.NewUser) { n.Password = "pendek" }, state.ErrPasswordLength},
			"long password":    {func(n *state.NewUser) { n.Password = strings.Repeat("x", 300) }, state.ErrPasswordLength},
			"the name":         {func(n *state.NewUser) { n.Password = "siti-siti-siti-1" }, state.ErrPasswordName},
			"a usual password": {func(n *state.NewUser) { n.Password = "P@ssword1234" }, state.ErrPasswordCommon},
			"no name":          {func(n *state.NewUser) { n.Name = "" }, nil},
			"markup":           {func(n *state.NewUser) { n.Name = "<b>" }, nil},
			"a space":          {func(n *state.NewUser) { n.Name = "si ti" }, nil},
			"no role":          {func(n *state.NewUser) { n.Role = "" }, nil},
			"another role":     {func(n *state.NewUser) { n.Role = "root" }, nil},
			"no region":        {func(n *state.NewUser) { n.Regions = []string{"Landak"} }, nil},
			"half a region":    {func(n *state.NewUser) { n.Regions = []string{"61."} }, nil},
			"no way in":        {func(n *state.NewUser) { n.Password = "" }, nil},
		} {
			n := state.NewUser{Name: "siti", Role: access.Analyst, Password: "jendela biru 77"}
			test.change(&n)
			if _, err := s.AddUser(t.Context(), n, nil); err == nil || test.want != nil && !errors.Is(err, test.want) {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

func TestPasswords(t *testing.T) {
	each(t, func(t *testing.T, _ *database.DB, s *state.State) {
		ctx := t.Context()
		add(t, s, budi)
		before, err := s.Login(ctx, "Budi", budi.Password)
		if err != nil || before.Name != "budi" {
			t.Fatalf("log in: %+v %v", before, err)
		}
		if err := s.SetPassword(ctx, "Budi", "pagar kayu jati", true, nil); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Login(ctx, "budi", budi.Password); !errors.Is(err, state.ErrWrongLogin) {
			t.Errorf("the old password: %v", err)
		}
		after, err := s.Login(ctx, "budi", "pagar kayu jati")
		if err != nil || after.Stamp == before.Stamp || !after.MustChange {
			t.Errorf("the new password: %v, %+v", err, after)
		}
		if err := s.SetPassword(ctx, "nobody", "pagar kayu jati", false, nil); !errors.Is(err, state.ErrNoUser) {
			t.Errorf("nobody's password: %v", err)
		}
		if _, err := s.User(ctx, 999); !errors.Is(err, state.ErrNoUser) {
			t.Errorf("nobody: %v", err)
		}
		for _, name := range []string{"nobody", "' OR 1=1 --", ""} {
			if _, err := s.Login(ctx, name, "pagar kayu jati"); !errors.Is(err, state.ErrWrongLogin) {
				t.Errorf("log in as %q: %v", name, err)
			}
		}
	})
}

func TestPasswordRules(t *testing.T) {
	for password, want := range map[string]error{
		"pagar kayu jati": nil, "T9x-kv2-Lq8-mZ": nil, "kucing makan ikan di dapur": nil, "saya analis di landak": nil,
		"sebelas huru": nil, "sebelashuru": state.ErrPasswordLength,
		"aaaaaaaaaaaaaaaa": state.ErrPasswordCommon, "123456789012": state.ErrPasswordCommon, "abcdefghijkl": state.ErrPasswordCommon,
		"qwertyuiop12": state.ErrPasswordCommon, "bawaslu-2024!": state.ErrPasswordCommon, "Indonesia1945": state.ErrPasswordCommon,
		"KataSandi1234": state.ErrPasswordCommon, "adminadminadmin": state.ErrPasswordCommon, "netra-netra-netra": state.ErrPasswordCommon,
		"rina.wati-2024": state.ErrPasswordName, "Rina.Wati rina.wati": state.ErrPasswordName,
	} {
		if err := state.CheckPassword("rina.wati", password); !errors.Is(err, want) {
			t.Errorf("%q: %v, want %v", password, err, want)
		}
	}
}

func TestRights(t *testing.T) {
	each(t, func(t *testing.T, _ *database.DB, s *state.State) {
		ctx := t.Context()
		id := add(t, s, budi)
		want := state.Rights{DisplayName: "Budi Santoso", Role: access.Supervisor, Regions: []string{"61", "63.05"}, Disabled: true}
		var before state.User
		if err := s.SetRights(ctx, id, want, func(_ *database.Tx, was state.User) error { before = was; return nil }); err != nil {
			t.Fatal(err)
		}
		u, err := s.User(ctx, id)
		if err != nil || !u.Rights().Equal(want) || before.Role != access.Analyst {
			t.Errorf("rights %+v before %+v, %v", u.Rights(), before.Rights(), err)
		}
		if viewer := u.Viewer(); viewer.ID != id || viewer.Name != "budi" || !viewer.Sees("61.08") || viewer.Sees("62") {
			t.Errorf("viewer %+v", viewer)
		}
		if _, err := s.Login(ctx, "budi", budi.Password); !errors.Is(err, state.ErrDisabled) {
			t.Errorf("a disabled user logs in: %v", err)
		}
		if _, err := s.Login(ctx, "budi", "something else"); !errors.Is(err, state.ErrWrongLogin) {
			t.Errorf("a wrong password tells that the user is disabled: %v", err)
		}
		if err := s.SetRights(ctx, 999, want, nil); !errors.Is(err, state.ErrNoUser) {
			t.Errorf("nobody's rights: %v", err)
		}
		if err := s.SetRights(ctx, id, state.Rights{Role: "root"}, nil); err == nil {
			t.Error("a role that there is not")
		}
	})
}

func TestTheLastAdministratorStays(t *testing.T) {
	each(t, func(t *testing.T, _ *database.DB, s *state.State) {
		ctx := t.Context()
		first := add(t, s, state.NewUser{Name: "satu", Role: access.Administrator, Password: "jendela biru 77"})
		asAnalyst, disabled := state.Rights{Role: access.Analyst}, state.Rights{Role: access.Administrator, Disabled: true}
		for _, rights := range []state.Rights{asAnalyst, disabled} {
			if err := s.SetRights(ctx, first, rights, nil); !errors.Is(err, state.ErrLastAdministrator) {
				t.Errorf("%+v: %v", rights, err)
			}
		}
		second := add(t, s, state.NewUser{Name: "dua", Role: access.Administrator, Password: "jendela biru 77"})
		var group sync.WaitGroup // each takes away the other's right, or its own
		for _, id := range []int64{first, second} {
			group.Go(func() {
				if err := s.SetRights(ctx, id, asAnalyst, nil); err != nil && !errors.Is(err, state.ErrLastAdministrator) {
					t.Error(err)
				}
			})
		}
		group.Wait()
		users, err := s.Users(ctx)
		if err != nil {
			t.Fatal(err)
		}
		left := slices.DeleteFunc(users, func(u state.User) bool { return u.Role != access.Administrator })
		if len(left) != 1 {
			t.Errorf("%d administrators are left, want 1", len(left))
		}
	})
}

func encoded(t *testing.T, user int64, deadline time.Time) []byte {
	t.Helper()
	data, err := state.Codec{}.Encode(deadline, map[string]any{"user": user, "address": "203.0.113.7", "agent": "Firefox"})
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestSessionsEnd(t *testing.T) {
	each(t, func(t *testing.T, _ *database.DB, s *state.State) {
		ctx := t.Context()
		now := time.Unix(1_700_000_000, 0)
		sessions := s.Sessions(func() time.Time { return now }, 0)
		found := func(token string) bool {
			_, found, err := sessions.FindCtx(ctx, token)
			if err != nil {
				t.Fatal(err)
			}
			return found
		}
		for token, until := range map[string]time.Duration{"short": time.Minute, "long": time.Hour, "ended": time.Hour} {
			if err := sessions.CommitCtx(ctx, token, encoded(t, 1, now), now.Add(until)); err != nil {
				t.Fatal(err)
			}
		}
		if err := sessions.DeleteCtx(ctx, "ended"); err != nil {
			t.Fatal(err)
		}
		// A request that began before the logout stores its session after it.
		if err := sessions.CommitCtx(ctx, "ended", encoded(t, 2, now), now.Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		now = now.Add(time.Minute)
		for token, want := range map[string]bool{"short": false, "long": true, "ended": false, "unknown": false} {
			if got := found(token); got != want {
				t.Errorf("session %s is there: %v, want %v", token, got, want)
			}
		}
		now = now.Add(2 * time.Hour)
		if n, err := sessions.Purge(ctx); err != nil || n != 3 {
			t.Errorf("purged %d, %v; want 3", n, err)
		}
	})
}

func TestSessionsOfAPersonCanBeListedAndEnded(t *testing.T) {
	each(t, func(t *testing.T, db *database.DB, s *state.State) {
		ctx := t.Context()
		now := time.Unix(1_700_000_000, 0)
		sessions := s.Sessions(func() time.Time { return now }, 0)
		tokens := map[string]int64{strings.Repeat("a", 43): 1, strings.Repeat("b", 43): 1, strings.Repeat("c", 43): 1, strings.Repeat("d", 43): 2}
		for token, user := range tokens {
			if err := sessions.CommitCtx(ctx, token, encoded(t, user, now), now.Add(time.Hour)); err != nil {
				t.Fatal(err)
			}
		}
		ids := func(user int64) []string {
			all, err := sessions.Of(ctx, user)
			if err != nil {
				t.Fatal(err)
			}
			var ids []string
			for _, one := range all {
				if one.Address != "203.0.113.7" || one.Agent != "Firefox" || !one.SeenAt.Equal(now) {
					t.Errorf("session %+v", one)
				}
				ids = append(ids, one.ID[:1])
			}
			slices.Sort(ids)
			return ids
		}
		if got := ids(1); !slices.Equal(got, []string{"a", "b", "c"}) {
			t.Errorf("sessions %v", got)
		}
		err := db.Write(ctx, func(tx *database.Tx) error {
			if n, err := s.EndSession(ctx, tx, 2, state.SessionID(strings.Repeat("a", 43))); err != nil || n != 0 {
				t.Errorf("another's session was ended: %d %v", n, err)
			}
			if n, err := s.EndSession(ctx, tx, 1, state.SessionID(strings.Repeat("a", 43))); err != nil || n != 1 {
				t.Errorf("ended %d %v", n, err)
			}
			n, err := s.EndSessions(ctx, tx, 1, state.SessionID(strings.Repeat("b", 43)))
			if n != 1 {
				t.Errorf("ended %d", n)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if got := ids(1); !slices.Equal(got, []string{"b"}) || len(ids(2)) != 1 {
			t.Errorf("sessions %v and %v are left", got, ids(2))
		}
	})
}

func TestASessionThatIsOnlyReadIsNotWritten(t *testing.T) {
	each(t, func(t *testing.T, _ *database.DB, s *state.State) {
		ctx := t.Context()
		now := time.Unix(1_700_000_000, 0)
		began := now
		sessions := s.Sessions(func() time.Time { return now }, time.Minute)
		commit := func() time.Time {
			if err := sessions.CommitCtx(ctx, "token", encoded(t, 1, began), now.Add(time.Hour)); err != nil {
				t.Fatal(err)
			}
			all, err := sessions.Of(ctx, 1)
			if err != nil || len(all) != 1 {
				t.Fatal(all, err)
			}
			return all[0].SeenAt
		}
		commit()
		now = now.Add(59 * time.Second)
		if seen := commit(); !seen.Equal(began) {
			t.Error("it was written within the slack")
		}
		now = now.Add(time.Second)
		if seen := commit(); !seen.Equal(now) {
			t.Error("it was not written after the slack")
		}
	})
}

func TestSecretsStay(t *testing.T) {
	each(t, func(t *testing.T, db *database.DB, s *state.State) {
		first, err := s.Secret(t.Context(), "forms")
		if err != nil || len(first) != 32 {
			t.Fatalf("%d bytes, %v", len(first), err)
		}
		again, err := open(t, db).Secret(t.Context(), "forms")
		if err != nil || string(again) != string(first) {
			t.Errorf("the secret changed: %v", err)
		}
		if other, err := s.Secret(t.Context(), "other"); err != nil || string(other) == string(first) {
			t.Errorf("two names have one secret: %v", err)
		}
	})
}

// before is the file that Netra 0.2 made.
const before = `
CREATE TABLE goose_db_version (id INTEGER PRIMARY KEY AUTOINCREMENT, version_id INTEGER NOT NULL, is_applied INTEGER NOT NULL, tstamp TIMESTAMP DEFAULT (datetime('now')));
INSERT INTO goose_db_version (version_id, is_applied) VALUES (0, 1), (1, 1);
CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE COLLATE NOCASE, password_hash TEXT NOT NULL, stamp TEXT NOT NULL, created_at INTEGER NOT NULL);
CREATE TABLE sessions (token_hash TEXT PRIMARY KEY, data BLOB NOT NULL, expires_at INTEGER NOT NULL, ended INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
CREATE INDEX sessions_expires_at ON sessions (expires_at);
CREATE TABLE secrets (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
INSERT INTO secrets VALUES ('forms', x'0001');
INSERT INTO sessions VALUES ('x', 'y', 99999999999, 0);`

func TestAFileOfAnEarlierVersionKeepsItsUsers(t *testing.T) {
	for name, interrupted := range map[string]string{
		"whole":                      "",
		"interrupted after the move": "ALTER TABLE users RENAME TO users_before; ALTER TABLE secrets RENAME TO secrets_before; DROP TABLE sessions; DROP TABLE goose_db_version",
	} {
		t.Run(name, func(t *testing.T) {
			path := databasetest.SQLite(t)
			raw, err := sql.Open("sqlite", path)
			if err != nil {
				t.Fatal(err)
			}
			hash, err := argon2id.CreateHash("kata sandi lama", &argon2id.Params{Memory: 1024, Iterations: 2, Parallelism: 1, SaltLength: 16, KeyLength: 32})
			if err != nil {
				t.Fatal(err)
			}
			_, err = raw.ExecContext(t.Context(), before+`INSERT INTO users VALUES (1, 'admin', ?, 's1', 1700000000), (2, 'Rina', ?, 's2', 1700000001)`, hash, hash)
			if err == nil && interrupted != "" {
				_, err = raw.ExecContext(t.Context(), interrupted)
			}
			if err := errors.Join(err, raw.Close()); err != nil {
				t.Fatal(err)
			}
			for range 2 { // the second time there is nothing to take over
				s := open(t, databasetest.Open(t, path))
				for name, role := range map[string]access.Role{"ADMIN": access.Administrator, "rina": access.Analyst} {
					u, err := s.Login(t.Context(), name, "kata sandi lama")
					if err != nil || u.Role != role || u.CreatedAt.Year() != 2023 {
						t.Errorf("%s: %+v %v", name, u, err)
					}
				}
				if secret, err := s.Secret(t.Context(), "forms"); err != nil || len(secret) != 2 {
					t.Errorf("the secret: %x %v", secret, err)
				}
				if users, err := s.Users(t.Context()); err != nil || len(users) != 2 {
					t.Errorf("users %+v %v", users, err)
				}
			}
			s := open(t, databasetest.Open(t, path))
			if id := add(t, s, budi); id != 3 {
				t.Errorf("the next user has the number %d", id)
			}
		})
	}
}
