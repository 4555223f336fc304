package config_test

import (
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/netra-id/netra/pipeline/config"
	"github.com/netra-id/netra/pipeline/post"
)

var update = flag.Bool("update", false, "write testdata/expected.yaml anew")

// environment is what the golden configuration is overlaid with.
var environment = []string{
	"HOME=/root",
	"NETRA_CLICKHOUSE_PASSWORD=s3cret: #[}",
	"NETRA_KAFKA_CONSUMER_MAX_RECORDS=2500",
	"NETRA_ROSTER_REGION_FILES=a.csv, b.csv",
	"NETRA_ROSTER_HASH_KEY=0123456789abcdef0123456789abcdef",
	"NETRA_MONITOR_LISTEN=",
	"NETRA_WORKER_PROCESSORS=",
	"NETRA_LOG_LEVEL=debug",
}

func TestGoldenFileWithEnvironment(t *testing.T) {
	c, err := config.Load("testdata/in.yaml", environment)
	if err != nil {
		t.Fatal(err)
	}
	got, err := config.Dump(c)
	if err != nil {
		t.Fatal(err)
	}
	const golden = "testdata/expected.yaml"
	if *update {
		if err := os.WriteFile(golden, got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Error(diff)
	}
	if c.ClickHouse.Password != "s3cret: #[}" || c.Kafka.SASL.Password != "from-the-file" {
		t.Error("dumping changed the configuration itself")
	}
}

func TestDumpIsLoadedAgainAsTheSame(t *testing.T) {
	withSecrets := append([]string{"NETRA_KAFKA_SASL_PASSWORD=from-the-file"}, environment...)
	for name, file := range map[string]string{"defaults": "", "golden": "testdata/in.yaml"} {
		t.Run(name, func(t *testing.T) {
			want, err := config.Load(file, withSecrets)
			if err != nil {
				t.Fatal(err)
			}
			dump, err := config.Dump(want)
			if err != nil {
				t.Fatal(err)
			}
			got, err := config.Load(written(t, string(dump)), withSecrets)
			if err != nil {
				t.Fatalf("%v\n%s", err, dump)
			}
			again, err := config.Dump(got)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(dump), string(again)); diff != "" {
				t.Error(diff)
			}
			if got.ClickHouse.Password != want.ClickHouse.Password || got.Roster.HashKey != want.Roster.HashKey {
				t.Error("a secret got lost although the environment has it")
			}
		})
	}
}

func TestHiddenSecretsAreNotTakenForSecrets(t *testing.T) {
	c, err := config.Load("testdata/in.yaml", nil)
	if err != nil {
		t.Fatal(err)
	}
	dump, err := config.Dump(c)
	if err != nil {
		t.Fatal(err)
	}
	_, err = config.Load(written(t, string(dump)), nil)
	want := `key "kafka.sasl.password": value (hidden): allowed: the secret itself, which a dump hides; NETRA_KAFKA_SASL_PASSWORD can hold it`
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v\nwant it to contain %s", err, want)
	}
}

func TestDumpShowsNoSecret(t *testing.T) {
	c := config.Default()
	c.ClickHouse.Password, c.Kafka.SASL.Password, c.Roster.HashKey = "rahasia-1", "rahasia-2", "rahasia-3"
	c.Console.Database = "postgres://netra:rahasia-4@db.example/netra?sslmode=require&password=rahasia-5&x=1"
	c.Console.EncryptionSecret, c.Console.OIDC.ClientSecret = "rahasia-6", "rahasia-7"
	dump, err := config.Dump(c)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(dump), "rahasia") {
		t.Errorf("a secret is shown:\n%s", dump)
	}
	for _, want := range []string{"password: (hidden)", "hash_key: (hidden)", "postgres://netra:(hidden)@db.example/netra?sslmode=require&password=(hidden)&x=1", "encryption_secret: (hidden)", "client_secret: (hidden)"} {
		if !strings.Contains(string(dump), want) {
			t.Errorf("the dump does not contain %q:\n%s", want, dump)
		}
	}
	if c.ClickHouse.Password != "rahasia-1" {
		t.Error("dumping changed the configuration itself")
	}
}

func TestLoadSaysWhatIsWrong(t *testing.T) {
	const good = "NETRA_DATA_DIR=x"
	tests := map[string]struct {
		file, variable string
		want           []string
	}{
		"unknown key names the nearest": {
			"kafka:\n  brokres: [a:1]\n", good,
			[]string{`netra.yaml:2: key "kafka.brokres": value [a:1]: allowed: the keys `, `did you mean "brokers"?`},
		},
		"unknown section":             {"kafak: {}\n", good, []string{`netra.yaml:1: key "kafak"`, `did you mean "kafka"?`}},
		"wrong type":                  {"worker:\n  processors: two\n", good, []string{`netra.yaml:2: key "worker.processors": value two: allowed: a whole number`}},
		"bad duration":                {"worker:\n  retry_least: 5\n", good, []string{`netra.yaml:2: key "worker.retry_least": value 5: allowed: a duration`}},
		"repeated key":                {"log: {}\nlog: {}\n", good, []string{`netra.yaml:2`, "log"}},
		"bad value, at its own line":  {"kafka:\n  brokers: [\"a:1\"]\n  consumer:\n    max_records: 0\n", good, []string{`netra.yaml:4: key "kafka.consumer.max_records": value is empty, zero or negative`}},
		"bad value without brokers":   {"kafka:\n  topics:\n    partitions: -1\n", good, []string{`netra.yaml:3: key "kafka.topics.partitions"`}},
		"bad log level":               {"log:\n  format: text\n  level: loud\n", good, []string{`netra.yaml:3: key "log.level": value "loud": allowed: debug, info, warn, error`}},
		"unknown label":               {"classify:\n  thresholds:\n    dukungan: 0.5\n", good, []string{`netra.yaml:3: key "classify.thresholds.dukungan": value 0.5: allowed: the labels support, attack`}},
		"threshold out of range":      {"classify:\n  thresholds: {hoax: 1.5}\n", good, []string{`key "classify.thresholds.hoax": value 1.5: allowed: more than 0, at most 1`}},
		"source without a kind":       {"collect:\n  sources:\n    - name: a\n", good, []string{`netra.yaml:3: key "collect.sources[0].files": value missing: allowed: one of files, feed`}},
		"console page size":           {"console:\n  page_size: 500\n", good, []string{`netra.yaml:2: key "console.page_size": value "500": allowed: 1 to 50`}},
		"pprof for everybody":         {"monitor:\n  pprof: 0.0.0.0:6060\n", good, []string{`netra.yaml:2: key "monitor.pprof"`, "an address of this machine"}},
		"short hash key is not shown": {"roster:\n  hash_key: rahasia\n", good, []string{`netra.yaml:2: key "roster.hash_key": value of 7 bytes (not shown)`}},
		"all that is wrong":           {"log: {level: x}\nworker: {processors: -1}\n", good, []string{"log.level", "worker.processors"}},
		"no data folder":              {"data_dir: \"\"\n", "A=b", []string{`netra.yaml:1: key "data_dir": value missing: allowed: a folder`}},
		"not YAML":                    {"kafka: [\n", good, []string{"netra.yaml:", "not valid YAML"}},
		"unknown variable": {"", "NETRA_KAFKA_BROKRES=a:1", []string{
			"environment variable NETRA_KAFKA_BROKRES is not known: did you mean NETRA_KAFKA_BROKERS?", "netra config dump --env",
		}},
		"variable of the wrong type": {"", "NETRA_WORKER_PROCESSORS=two", []string{`environment variable NETRA_WORKER_PROCESSORS: value "two": allowed: a whole number`}},
		"variable with a bad value":  {"log: {level: info}\n", "NETRA_LOG_LEVEL=loud", []string{`environment variable NETRA_LOG_LEVEL: key "log.level": value "loud"`}},
		"variable with a list of keys": {"", "NETRA_COLLECT_SOURCES=[{name: a, file: {}}]", []string{
			`environment variable NETRA_COLLECT_SOURCES`, `key "[0].file"`, `did you mean "files"?`,
		}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := config.Load(written(t, test.file), []string{test.variable})
			if err == nil {
				t.Fatal("no error")
			}
			for _, want := range test.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("got %v\nwant it to contain %s", err, want)
				}
			}
			if strings.Contains(err.Error(), "rahasia") {
				t.Errorf("a secret is shown: %v", err)
			}
		})
	}
}

func TestVariablesOfOthersAreLeftAlone(t *testing.T) {
	_, err := config.Load("", []string{
		"NETRA_CONFIG=x", "NETRA_ENGINE_LIBRARY=/x", "NETRA_TEST_ANYTHING=1", "NETRA_CHAOS_SEED=1",
		// What Kubernetes sets for services named netra and netra-console.
		"NETRA_SERVICE_HOST=10.0.0.1", "NETRA_SERVICE_PORT=9464", "NETRA_SERVICE_PORT_METRICS=9464", "NETRA_PORT=tcp://10.0.0.1:9464",
		"NETRA_CONSOLE_SERVICE_HOST=10.0.0.2", "NETRA_CONSOLE_PORT_8080_TCP_ADDR=10.0.0.2", "NETRA_CONSOLE_PORT_8080_TCP=tcp://10.0.0.2:8080",
	})
	if err != nil {
		t.Error(err)
	}
}

func TestMissingFile(t *testing.T) {
	_, err := config.Load(filepath.Join(t.TempDir(), "none.yaml"), nil)
	if err == nil || !strings.Contains(err.Error(), "none.yaml") {
		t.Errorf("got %v, want it to name the file", err)
	}
}

// TestEveryVariableSetsItsKey sets each variable that is listed by itself, and
// sees that just its key changes.
func TestEveryVariableSetsItsKey(t *testing.T) {
	variables := config.Variables()
	for _, want := range []string{"NETRA_DATA_DIR", "NETRA_KAFKA_BROKERS", "NETRA_COLLECT_SOURCES", "NETRA_COLLECT_SEEN_FOR", "NETRA_CLASSIFY_THRESHOLDS", "NETRA_CONSOLE_LOGIN_ATTEMPTS"} {
		if variables[want] == "" {
			t.Errorf("%s is not listed", want)
		}
	}
	for name, key := range variables {
		t.Run(name, func(t *testing.T) {
			set := []string{name + "=" + example(t, key)}
			if pair := pairs[name]; pair != "" {
				set = append(set, pair)
			}
			if dumped(t, append(set, needed[name]...)) == dumped(t, needed[name]) {
				t.Errorf("%s changes nothing", set[0])
			}
		})
	}
}

// needed are other variables without which one is not allowed.
var needed = map[string][]string{
	"NETRA_CLICKHOUSE_CLUSTER":     {"NETRA_CLICKHOUSE_REPLICATED=true"},
	"NETRA_CONSOLE_OIDC_ISSUER":    {"NETRA_CONSOLE_OIDC_CLIENT_ID=netra", "NETRA_CONSOLE_PUBLIC_URL=https://netra.example"},
	"NETRA_CLICKHOUSE_DISTRIBUTED": {"NETRA_CLICKHOUSE_REPLICATED=true", "NETRA_CLICKHOUSE_CLUSTER=c"},
}

// pairs are keys of which both must be set or none.
var pairs = map[string]string{
	"NETRA_CONSOLE_TLS_CERTIFICATE":  "NETRA_CONSOLE_TLS_KEY=key.pem",
	"NETRA_CONSOLE_TLS_KEY":          "NETRA_CONSOLE_TLS_CERTIFICATE=cert.pem",
	"NETRA_CLICKHOUSE_TLS_CERT_FILE": "NETRA_CLICKHOUSE_TLS_KEY_FILE=key.pem",
	"NETRA_CLICKHOUSE_TLS_KEY_FILE":  "NETRA_CLICKHOUSE_TLS_CERT_FILE=cert.pem",
}

// example is a value of a key that is allowed and not the default.
func example(t *testing.T, key string) string {
	t.Helper()
	special := map[string]string{
		"clickhouse.address": "http://example:8123", "clickhouse.compression": "zstd", "clickhouse.insert_quorum": "2", "clickhouse.cluster": "c",
		"kafka.brokers": "a:1,b:2", "kafka.producer.compression": "zstd", "kafka.sasl.username": "netra", "kafka.sasl.mechanism": "scram-sha-512",
		"console.public_url": "https://netra.example", "console.language": "en", "console.timezone": "WITA", "console.trusted_proxies": "10.0.0.0/8",
		"monitor.listen": "127.0.0.1:1", "monitor.pprof": "127.0.0.1:2", "log.level": "warn", "log.format": "json",
		"roster.hash_key": "0123456789abcdef0123456789abcdef", "classify.thresholds": "{hoax: 0.9}",
		"collect.sources": "[{name: a, files: {paths: [b]}}]", "console.page_size": "10", "collect.seen_for": "800h",
		"kafka.consumer.heartbeat_interval": "2s", "worker.retry_most": "20s", "worker.retry_least": "50ms",
		"kafka.consumer.session_timeout": "20s", "console.login.hash_memory_kib": "1024",
		"console.login.totp_roles": "supervisor, administrator", "console.encryption_secret": "0123456789abcdef0123456789abcdef",
		"console.oidc.issuer": "https://sso.example", "console.oidc.roles": "[{value: a, role: analyst}]", "console.oidc.default_role": "analyst",
		"console.oidc.scopes": "openid, email", "review.second_share": "0.5",
		"capture.hooks.partners": "[{name: a, secret_env: B}]", "tuning.poll": "30s",
		"evidence.seal.stamp.policy": "1.2.3.4.1", "evidence.seal.stamp.urls": "https://tsa.example", "evidence.seal.previous_keys": "netra-evidence+9c68605d+AbizmeVF8RaOfI+0UGbE9CcvYjSfvmBbN7U3zRz8d9j+",
		"evidence.capture.enabled": "false", "evidence.capture.page.settle": "7s",
		"tuning.backtest_first": "false", "console.api.requests": "5.5",
		"coordinated.enabled": "false", "coordinated.hash_key": "0123456789abcdef", "coordinated.similarity": "0.8", "coordinated.keep": "100h",
		"coordinated.longest": "100h",
		"retention.automatic": "false", "retention.dismissed": "100h", "retention.withdrawn": "100h", "retention.closed": "100h", "retention.files": "100h",
		"cases.days": "5", "cases.holidays": "[2026-12-25]", "evidence.report.template": "../evidence/report",
	}
	if value, ok := special[key]; ok {
		return value
	}
	switch kindOf(t, key) {
	case reflect.Bool:
		return "true"
	case reflect.Int, reflect.Uint32:
		return "7"
	case reflect.Int64:
		return "77"
	case reflect.Slice:
		return "a, b"
	case reflect.Struct: // a duration, see kindOf
		return "77s"
	default:
		return "example"
	}
}

// kindOf is the kind of a key's value; Struct stands for a duration.
func kindOf(t *testing.T, key string) reflect.Kind {
	t.Helper()
	kind := reflect.Invalid
	var walk func(reflect.Type, string)
	walk = func(of reflect.Type, path string) {
		for field := range of.Fields() {
			name, options, _ := strings.Cut(field.Tag.Get("yaml"), ",")
			child := strings.TrimPrefix(path+"."+name, ".")
			if options == "inline" {
				child = path
			}
			switch {
			case child == key && field.Type == reflect.TypeFor[time.Duration]():
				kind = reflect.Struct
			case child == key:
				kind = field.Type.Kind()
			case field.Type.Kind() == reflect.Struct:
				walk(field.Type, child)
			}
		}
	}
	walk(reflect.TypeFor[config.Configuration](), "")
	if kind == reflect.Invalid {
		t.Fatalf("there is no key %s", key)
	}
	return kind
}

func TestThresholdsAreReadByLabel(t *testing.T) {
	c, err := config.Load("testdata/in.yaml", nil)
	if err != nil {
		t.Fatal(err)
	}
	want := map[post.Label]float64{post.Support: 0.8, post.Hoax: 0.9}
	if diff := cmp.Diff(want, c.Classify.Thresholds); diff != "" {
		t.Error(diff)
	}
}

func dumped(t *testing.T, environ []string) string {
	t.Helper()
	c, err := config.Load("", environ)
	if err != nil {
		t.Fatal(err)
	}
	dump, err := config.Dump(c)
	if err != nil {
		t.Fatal(err)
	}
	return string(dump)
}

func written(t *testing.T, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "netra.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}
