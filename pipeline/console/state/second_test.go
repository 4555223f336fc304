package state_test

import (
	"bytes"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"github.com/netra-id/netra/pipeline/access"
	"github.com/netra-id/netra/pipeline/console/state"
	"github.com/netra-id/netra/pipeline/database"
	"github.com/netra-id/netra/pipeline/database/databasetest"
)

// eachKeyed is each with a key for second factors, and a clock.
func eachKeyed(t *testing.T, test func(t *testing.T, db *database.DB, s *state.State, now *time.Time)) {
	t.Helper()
	each(t, func(t *testing.T, db *database.DB, s *state.State) {
		now := time.Unix(1_700_000_000, 0)
		keyed, err := s.WithClock(func() time.Time { return now }).WithKey(bytes.Repeat([]byte{1}, 32))
		if err != nil {
			t.Fatal(err)
		}
		test(t, db, keyed, &now)
	})
}

func codeAt(t *testing.T, secret string, at time.Time) string {
	t.Helper()
	code, err := totp.GenerateCode(secret, at)
	if err != nil {
		t.Fatal(err)
	}
	return code
}

func newSecret(t *testing.T) string {
	t.Helper()
	secret, address, err := state.NewTOTP("Netra", "budi")
	if err != nil || !strings.HasPrefix(address, "otpauth://totp/Netra:budi?") {
		t.Fatal(address, err)
	}
	return secret
}

func TestCodesAreTakenOnce(t *testing.T) {
	eachKeyed(t, func(t *testing.T, _ *database.DB, s *state.State, now *time.Time) {
		ctx := t.Context()
		id, secret := add(t, s, budi), newSecret(t)
		if _, err := s.SetTOTP(ctx, id, secret, "000000", nil); !errors.Is(err, state.ErrWrongCode) {
			t.Errorf("a wrong code begins it: %v", err)
		}
		first := codeAt(t, secret, *now)
		recovery, err := s.SetTOTP(ctx, id, secret, first, nil)
		if err != nil || len(recovery) != 10 {
			t.Fatal(recovery, err)
		}
		if u, err := s.User(ctx, id); err != nil || !u.TOTPSince.Equal(*now) {
			t.Errorf("%+v %v", u, err)
		}
		check := func(code string, want error) {
			t.Helper()
			if err := s.CheckCode(ctx, id, code, nil); !errors.Is(err, want) {
				t.Errorf("code %s: %v, want %v", code, err, want)
			}
		}
		check(first, state.ErrWrongCode) // used when it was set up
		*now = now.Add(30 * time.Second)
		second := codeAt(t, secret, *now)
		check(" "+second[:3]+" "+second[3:]+" ", nil)
		check(second, state.ErrWrongCode)
		check(codeAt(t, secret, now.Add(-30*time.Second)), state.ErrWrongCode) // older than the last that was used
		*now = now.Add(90 * time.Second)
		check(second, state.ErrWrongCode)
		check(codeAt(t, secret, now.Add(30*time.Second)), nil) // a clock that is fast
		check("", state.ErrWrongCode)
		check("' OR 1=1 --", state.ErrWrongCode)
		check(strings.ToUpper(recovery[3]), nil)
		check(recovery[3], state.ErrWrongCode)
		if n, err := s.RecoveryLeft(ctx, id); err != nil || n != 9 {
			t.Errorf("%d recovery codes are left, %v", n, err)
		}
		if err := s.ClearTOTP(ctx, id, nil); err != nil {
			t.Fatal(err)
		}
		if n, err := s.RecoveryLeft(ctx, id); err != nil || n != 0 {
			t.Errorf("%d recovery codes are left, %v", n, err)
		}
		if err := s.CheckCode(ctx, id, recovery[4], nil); err == nil {
			t.Error("a recovery code is taken after the second factor is gone")
		}
	})
}

func TestACodeUsedTwiceAtOnceIsTakenOnce(t *testing.T) {
	eachKeyed(t, func(t *testing.T, _ *database.DB, s *state.State, now *time.Time) {
		id, secret := add(t, s, budi), newSecret(t)
		if _, err := s.SetTOTP(t.Context(), id, secret, codeAt(t, secret, *now), nil); err != nil {
			t.Fatal(err)
		}
		*now = now.Add(time.Minute)
		code := codeAt(t, secret, *now)
		var taken atomic.Int64
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				if err := s.CheckCode(t.Context(), id, code, nil); err == nil {
					taken.Add(1)
				} else if !errors.Is(err, state.ErrWrongCode) {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if taken.Load() != 1 {
			t.Errorf("taken %d times", taken.Load())
		}
	})
}

func TestTheDatabaseHoldsNoSecretOfSecondFactors(t *testing.T) {
	eachKeyed(t, func(t *testing.T, db *database.DB, s *state.State, now *time.Time) {
		id, secret := add(t, s, budi), newSecret(t)
		recovery, err := s.SetTOTP(t.Context(), id, secret, codeAt(t, secret, *now), nil)
		if err != nil {
			t.Fatal(err)
		}
		var sealed []byte
		if err := db.QueryRow(t.Context(), "SELECT totp_secret FROM users").Scan(&sealed); err != nil || bytes.Contains(sealed, []byte(secret)) || len(sealed) < len(secret) {
			t.Errorf("%q %v", sealed, err)
		}
		for _, code := range recovery {
			var n int
			if err := db.QueryRow(t.Context(), "SELECT count(*) FROM recovery_codes WHERE hash LIKE ?", "%"+code+"%").Scan(&n); err != nil || n != 0 {
				t.Errorf("%s is in the database: %v", code, err)
			}
		}
		other, err := s.WithKey(bytes.Repeat([]byte{2}, 32))
		if err != nil {
			t.Fatal(err)
		}
		if err := other.CheckCode(t.Context(), id, recovery[0], nil); err == nil || !strings.Contains(err.Error(), "another key") {
			t.Errorf("with another key: %v", err)
		}
		// What was encrypted for one person is worth nothing for another.
		ani := add(t, s, state.NewUser{Name: "ani", Role: access.Analyst, Password: "jendela biru 77"})
		if _, err := db.Exec(t.Context(), "UPDATE users SET totp_secret = ? WHERE id = ?", sealed, ani); err != nil {
			t.Fatal(err)
		}
		if err := s.CheckCode(t.Context(), ani, codeAt(t, secret, now.Add(30*time.Second)), nil); err == nil {
			t.Error("another's second factor is taken")
		}
	})
}

func TestTokens(t *testing.T) {
	eachKeyed(t, func(t *testing.T, db *database.DB, s *state.State, now *time.Time) {
		ctx := t.Context()
		id := add(t, s, budi)
		token, err := s.AddToken(ctx, id, " laporan ", time.Hour, nil)
		if err != nil || len(token) < 40 || !strings.HasPrefix(token, "netra_") {
			t.Fatal(token, err)
		}
		var n int
		if err := db.QueryRow(ctx, "SELECT count(*) FROM api_tokens WHERE hash LIKE ?", "%"+token[6:]+"%").Scan(&n); err != nil || n != 0 {
			t.Errorf("the token is in the database: %v", err)
		}
		opens := func(token string, want error) {
			t.Helper()
			u, err := s.ByToken(ctx, token)
			if !errors.Is(err, want) || err == nil && u.Name != "budi" {
				t.Errorf("%s: %+v %v, want %v", token, u, err, want)
			}
		}
		opens(token, nil)
		opens(token[:20], state.ErrWrongToken)
		opens(strings.ToUpper(token), state.ErrWrongToken)
		opens("", state.ErrWrongToken)
		opens("netra_' OR 1=1 --", state.ErrWrongToken)
		all, err := s.Tokens(ctx, id)
		if err != nil || len(all) != 1 || all[0].Name != "laporan" || !all[0].LastUsed.Equal(*now) || !all[0].Valid(*now) {
			t.Fatal(all, err)
		}
		if err := s.RevokeToken(ctx, id+1, all[0].ID, nil); !errors.Is(err, state.ErrWrongToken) {
			t.Errorf("another revokes it: %v", err)
		}
		*now = now.Add(time.Hour)
		opens(token, state.ErrWrongToken)
		second, err := s.AddToken(ctx, id, "b", time.Hour, nil)
		if err != nil {
			t.Fatal(err)
		}
		all, _ = s.Tokens(ctx, id)
		if err := s.RevokeToken(ctx, id, all[0].ID, nil); err != nil {
			t.Fatal(err)
		}
		opens(second, state.ErrWrongToken)
		third, err := s.AddToken(ctx, id, "c", time.Hour, nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.SetRights(ctx, id, state.Rights{Role: access.Analyst, Disabled: true}, nil); err != nil {
			t.Fatal(err)
		}
		opens(third, state.ErrWrongToken)
		if err := s.SetRights(ctx, id, state.Rights{Role: access.Analyst}, nil); err != nil {
			t.Fatal(err)
		}
		opens(third, state.ErrWrongToken) // what was shut out stays out
		for name, valid := range map[string]time.Duration{"": time.Hour, strings.Repeat("x", 61): time.Hour, "a": 0, "b": 400 * 24 * time.Hour} {
			if _, err := s.AddToken(ctx, id, name, valid, nil); err == nil {
				t.Errorf("a token named %q for %v", name, valid)
			}
		}
	})
}

func TestIdentitiesAreOfOnePerson(t *testing.T) {
	databasetest.EachOpen(t, func(t *testing.T, db *database.DB) {
		s := open(t, db)
		id := add(t, s, state.NewUser{Name: "dewi", Role: access.Analyst, Identity: "https://sso.example 42"})
		if u, err := s.UserOf(t.Context(), "https://sso.example 42"); err != nil || u.ID != id || u.HasPassword {
			t.Errorf("%+v %v", u, err)
		}
		if _, err := s.UserOf(t.Context(), ""); !errors.Is(err, state.ErrNoUser) {
			t.Errorf("no identity is somebody's: %v", err)
		}
		if _, err := s.Login(t.Context(), "dewi", ""); !errors.Is(err, state.ErrWrongLogin) {
			t.Errorf("without a password: %v", err)
		}
		if _, err := s.AddUser(t.Context(), state.NewUser{Name: "dewi2", Role: access.Analyst, Identity: "https://sso.example 42"}, nil); !errors.Is(err, state.ErrUserExists) {
			t.Errorf("the same identity twice: %v", err)
		}
	})
}
