package config_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/netra-id/netra/pipeline/config"
)

func TestASecretIsReadFromTheFileThatItsVariableNames(t *testing.T) {
	const secret = "rahasia dengan = dan #: 0123456789abcdef"
	file := written(t, secret+"\r\n")
	for name, key := range config.SecretFiles() {
		t.Run(name, func(t *testing.T) {
			direct := strings.TrimSuffix(name, "_FILE") + "=" + secret
			got, err := config.Load("", append([]string{name + "=" + file}, needed[name]...))
			if err != nil {
				t.Fatal(err)
			}
			want, err := config.Load("", append([]string{direct}, needed[name]...))
			if err != nil {
				t.Fatal(err)
			}
			if got.Kafka.SASL != want.Kafka.SASL || got.ClickHouse.Password != want.ClickHouse.Password || got.Roster.HashKey != want.Roster.HashKey ||
				got.Console.Database != want.Console.Database || got.Console.OIDC.ClientSecret != want.Console.OIDC.ClientSecret {
				t.Errorf("%s sets %s to something else than the variable itself does", name, key)
			}
			if shown := dumped(t, []string{name + "=" + file}); strings.Contains(shown, secret) && key != "console.database" {
				t.Errorf("the dump shows the secret:\n%s", shown)
			}
		})
	}
}

func TestSecretFilesAreOfSecretsOnly(t *testing.T) {
	files := config.SecretFiles()
	for _, want := range []string{"NETRA_CLICKHOUSE_PASSWORD_FILE", "NETRA_KAFKA_SASL_PASSWORD_FILE", "NETRA_ROSTER_HASH_KEY_FILE", "NETRA_CONSOLE_DATABASE_FILE", "NETRA_CONSOLE_OIDC_CLIENT_SECRET_FILE"} {
		if files[want] == "" {
			t.Errorf("%s is not listed", want)
		}
	}
	for _, none := range []string{"NETRA_CLICKHOUSE_USER_FILE", "NETRA_CONSOLE_ENCRYPTION_SECRET_FILE", "NETRA_CLICKHOUSE_TLS_CA_FILE"} {
		if files[none] != "" {
			t.Errorf("%s is listed: it is a key by itself, or none", none)
		}
	}
}

func TestLoadSaysWhatIsWrongWithASecretFile(t *testing.T) {
	tests := map[string]struct {
		environ []string
		want    string // "" where it is right
	}{
		"missing":        {[]string{"NETRA_CLICKHOUSE_PASSWORD_FILE=" + filepath.Join(t.TempDir(), "none")}, "environment variable NETRA_CLICKHOUSE_PASSWORD_FILE: read the secret: open "},
		"empty":          {[]string{"NETRA_CLICKHOUSE_PASSWORD_FILE=" + written(t, "\n")}, "is empty: allowed: a file that holds the secret"},
		"two lines":      {[]string{"NETRA_CLICKHOUSE_PASSWORD_FILE=" + written(t, "rahasia\nrahasia\n")}, "(content not shown): allowed: one line"},
		"both":           {[]string{"NETRA_CLICKHOUSE_PASSWORD_FILE=" + written(t, "rahasia"), "NETRA_CLICKHOUSE_PASSWORD=rahasia"}, "NETRA_CLICKHOUSE_PASSWORD and NETRA_CLICKHOUSE_PASSWORD_FILE: both are set"},
		"not of a value": {[]string{"NETRA_CLICKHOUSE_USER_FILE=x"}, "environment variable NETRA_CLICKHOUSE_USER_FILE is not known"},
		"misspelt":       {[]string{"NETRA_CLICKHOUSE_PASWORD_FILE=x"}, "did you mean NETRA_CLICKHOUSE_PASSWORD_FILE?"},
		"too short":      {[]string{"NETRA_ROSTER_HASH_KEY_FILE=" + written(t, "rahasia")}, `environment variable NETRA_ROSTER_HASH_KEY_FILE: key "roster.hash_key": value of 7 bytes (not shown)`},
		"not set":        {[]string{"NETRA_CLICKHOUSE_PASSWORD_FILE="}, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := config.Load("", test.environ)
			if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
			if err != nil && strings.Contains(err.Error(), "rahasia") {
				t.Errorf("a secret is shown: %v", err)
			}
		})
	}
}
