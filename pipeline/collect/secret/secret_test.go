package secret_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/netra-id/netra/pipeline/collect/secret"
)

func TestAFileIsReadAgainWhenItChanges(t *testing.T) {
	path := filepath.Join(t.TempDir(), "token")
	write := func(text string, age time.Duration) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, time.Time{}, time.Now().Add(-age)); err != nil {
			t.Fatal(err)
		}
	}
	write(" satu\n", time.Hour)
	s, err := secret.Token{TokenFile: path}.Open()
	if err != nil {
		t.Fatal(err)
	}
	expect := func(want string) {
		t.Helper()
		if got, err := s.Value(); err != nil || got != want {
			t.Errorf("got %q, %v, want %q", got, err, want)
		}
	}
	expect("satu")
	write("dua!", time.Minute)
	expect("dua!")
	write("", 0) // being written
	expect("dua!")
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	expect("dua!")
	write("tiga", 0)
	expect("tiga")
}

func TestWhatIsMissingIsNamed(t *testing.T) {
	t.Setenv("NETRA_TEST_EMPTY", " ")
	empty := filepath.Join(t.TempDir(), "empty")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for want, token := range map[string]secret.Token{
		"environment variable NETRA_TEST_EMPTY is not set": {TokenEnv: "NETRA_TEST_EMPTY"},
		"no such file":                {TokenFile: "/nowhere/token"},
		"file " + empty + " is empty": {TokenFile: empty},
	} {
		if _, err := token.Open(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	for want, token := range map[string]secret.Token{
		`"s.token_env": value missing`:     {},
		`"s.token_file": value both set`:   {TokenEnv: "A", TokenFile: "b"},
		`"s.token_env": value (not shown)`: {TokenEnv: "the secret itself"},
	} {
		if err := token.Validate("s", true); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "itself\"") {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	if err := (secret.Token{}).Validate("s", false); err != nil {
		t.Error(err)
	}
}

func TestASecretIsShownToNobody(t *testing.T) {
	t.Setenv("NETRA_TEST_TOKEN", "rahasia")
	s, err := secret.Token{TokenEnv: "NETRA_TEST_TOKEN"}.Open()
	if err != nil {
		t.Fatal(err)
	}
	if value, err := s.Value(); value != "rahasia" || err != nil {
		t.Fatal(value, err)
	}
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "token", s)
	data, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	for _, shown := range []string{fmt.Sprint(s), fmt.Sprintf("%v %+v %#v %s", s, s, s, s), log.String(), string(data)} {
		if strings.Contains(shown, "rahasia") {
			t.Error(shown)
		}
	}
	var none *secret.Secret
	if value, err := none.Value(); value != "" || err != nil || none.Set() {
		t.Errorf("no secret: %q, %v", value, err)
	}
}
