// Package prometheus_test checks Netra's alarms: the rules and configurations of
// this folder with Prometheus' own tools, that each alarm is tested and has a
// section in docs/runbooks.md, that the metrics which they are about are those of
// the parts, and what Grafana is to load from ../grafana/provisioning/alerting.
package prometheus_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

// tool finds a program of Debian's packages.
func tool(t *testing.T, name, debian string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Fatalf("%s is missing: deploy/install-test-tools.sh installs it (Debian: sudo apt-get install %s)", name, debian)
	}
	return path
}

func succeeds(t *testing.T, program string, arguments ...string) {
	t.Helper()
	if out, err := exec.CommandContext(t.Context(), program, arguments...).CombinedOutput(); err != nil {
		t.Errorf("%s %s: %v\n%s", filepath.Base(program), strings.Join(arguments, " "), err, out)
	}
}

func TestConfigurationsAreValid(t *testing.T) {
	promtool := tool(t, "promtool", "prometheus")
	for _, file := range []string{"prometheus.yml", "prometheus.single.yml"} {
		succeeds(t, promtool, "check", "config", file)
	}
	succeeds(t, promtool, "check", "rules", "netra.rules.yml")
}

// older replaces what Debian's Alertmanager 0.25 does not know yet: secrets in
// files for Telegram and webhooks, which are there from 0.26 on.
var older = strings.NewReplacer(
	"bot_token_file: /etc/alertmanager/secrets/telegram_token", "bot_token: secret",
	"url_file: /etc/alertmanager/secrets/webhook_url", "url: http://127.0.0.1/",
)

func TestAlarmsGoToWhoeverTheyAreFor(t *testing.T) {
	amtool := tool(t, "amtool", "prometheus-alertmanager")
	text, err := os.ReadFile("alertmanager.yml")
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "alertmanager.yml")
	if err := os.WriteFile(file, []byte(older.Replace(string(text))), 0o600); err != nil {
		t.Fatal(err)
	}
	succeeds(t, amtool, "check-config", file)
	for severity, receiver := range map[string]string{"critical": "siaga", "warning": "jam-kerja", "none": "tanda-hidup", "unheard-of": "jam-kerja"} {
		succeeds(t, amtool, "config", "routes", "test", "--config.file="+file, "--verify.receivers="+receiver, "severity="+severity, "alertname=NetraX")
	}
	for _, name := range regexp.MustCompile(`Netra[A-Za-z]+`).FindAllString(string(text), -1) {
		if !slices.ContainsFunc(alarms(t), func(a rule) bool { return strings.HasPrefix(a.Alert, name) }) {
			t.Errorf("alertmanager.yml: there is no alarm %s", name)
		}
	}
}

// TestAlarmsFireWhenTheyShould runs the cases of tests/.
func TestAlarmsFireWhenTheyShould(t *testing.T) {
	promtool := tool(t, "promtool", "prometheus")
	files, err := filepath.Glob("tests/*.test.yml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".test.yml"), func(t *testing.T) {
			t.Parallel()
			succeeds(t, promtool, "test", "rules", file)
		})
	}
}

// rule is one rule of netra.rules.yml.
type rule struct {
	Record      string            `yaml:"record"`
	Alert       string            `yaml:"alert"`
	Expr        string            `yaml:"expr"`
	For         string            `yaml:"for"`
	Labels      map[string]string `yaml:"labels"`
	Annotations map[string]string `yaml:"annotations"`
}

func rules(t *testing.T) []rule {
	t.Helper()
	var file struct {
		Groups []struct {
			Name  string `yaml:"name"`
			Rules []rule `yaml:"rules"`
		} `yaml:"groups"`
	}
	read(t, "netra.rules.yml", &file)
	var all []rule
	for _, group := range file.Groups {
		all = append(all, group.Rules...)
	}
	return all
}

func alarms(t *testing.T) []rule {
	t.Helper()
	return slices.DeleteFunc(rules(t), func(r rule) bool { return r.Alert == "" })
}

// read reads a YAML file, strictly.
func read(t *testing.T, path string, into any) {
	t.Helper()
	data, err := os.ReadFile(path) //nolint:gosec // of this repository
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.NewDecoder(bytes.NewReader(data), yaml.Strict()).Decode(into); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
}

const runbooks = "https://github.com/netra-id/netra/blob/main/docs/runbooks.md#"

func TestAlarmsSayWhatPeopleNeed(t *testing.T) {
	seen := map[string]bool{}
	for _, a := range alarms(t) {
		if seen[a.Alert] {
			t.Errorf("%s is there twice", a.Alert)
		}
		seen[a.Alert] = true
		if !slices.Contains([]string{"critical", "warning", "none"}, a.Labels["severity"]) {
			t.Errorf("%s: severity %q; allowed: critical, warning, none", a.Alert, a.Labels["severity"])
		}
		if summary := a.Annotations["summary"]; summary == "" || len(summary) > 120 || strings.HasSuffix(summary, ".") {
			t.Errorf("%s: summary %q; allowed: one line of at most 120 bytes without a full stop", a.Alert, summary)
		}
		if description := a.Annotations["description"]; !strings.HasSuffix(description, ".") {
			t.Errorf("%s: description %q; allowed: whole sentences", a.Alert, description)
		}
		if want := runbooks + strings.ToLower(a.Alert); a.Annotations["runbook_url"] != want {
			t.Errorf("%s: runbook_url %q, want %q", a.Alert, a.Annotations["runbook_url"], want)
		}
	}
}

// TestEveryAlarmHasASectionInTheRunbooks, Grafana's own alarms with them, and no
// section is about an alarm that is not there any more.
func TestEveryAlarmHasASectionInTheRunbooks(t *testing.T) {
	text, err := os.ReadFile("../../docs/runbooks.md")
	if err != nil {
		t.Fatal(err)
	}
	sections := map[string]string{}
	for _, section := range strings.Split("\n"+string(text), "\n### ")[1:] {
		title, body, _ := strings.Cut(section, "\n")
		sections[title] = body
	}
	names := grafanaAlarms(t)
	for _, a := range alarms(t) {
		names = append(names, a.Alert)
	}
	for _, name := range names {
		body, found := sections[name]
		if !found {
			t.Errorf("docs/runbooks.md has no section %q", name)
			continue
		}
		delete(sections, name)
		for _, part := range []string{"**Artinya.**", "**Lihat.**", "**Lakukan.**"} {
			if !strings.Contains(body, part) {
				t.Errorf("docs/runbooks.md: section %s has no %s", name, part)
			}
		}
	}
	for name := range sections {
		t.Errorf("docs/runbooks.md: section %s is about no alarm", name)
	}
}

// TestEveryAlarmIsTestedBothWays: some case says that it fires, and some that it
// does not.
func TestEveryAlarmIsTestedBothWays(t *testing.T) {
	files, err := filepath.Glob("tests/*.test.yml")
	if err != nil {
		t.Fatal(err)
	}
	fires, rests := map[string]bool{}, map[string]bool{}
	for _, file := range files {
		expected(t, file, fires, rests)
	}
	for _, a := range alarms(t) {
		if !fires[a.Alert] {
			t.Errorf("no case of tests/ makes %s fire", a.Alert)
		}
		if !rests[a.Alert] && a.Alert != "NetraWatchdog" {
			t.Errorf("no case of tests/ says when %s does not fire", a.Alert)
		}
	}
}

type cases struct {
	RuleFiles          []string `yaml:"rule_files"`
	EvaluationInterval string   `yaml:"evaluation_interval"`
	GroupEvalOrder     []string `yaml:"group_eval_order"`
	Tests              []struct {
		Name           string              `yaml:"name"`
		Interval       string              `yaml:"interval"`
		InputSeries    []map[string]string `yaml:"input_series"`
		AlertRuleTest  []alertCase         `yaml:"alert_rule_test"`
		PromqlExprTest []exprCase          `yaml:"promql_expr_test"`
	} `yaml:"tests"`
}

type alertCase struct {
	Alertname string           `yaml:"alertname"`
	EvalTime  string           `yaml:"eval_time"`
	ExpAlerts []map[string]any `yaml:"exp_alerts"`
}

type exprCase struct {
	Expr       string `yaml:"expr"`
	EvalTime   string `yaml:"eval_time"`
	ExpSamples []struct {
		Labels string  `yaml:"labels"`
		Value  float64 `yaml:"value"`
	} `yaml:"exp_samples"`
}

var asked = regexp.MustCompile(`ALERTS\{alertname(=~?)"([^"]+)"`)

// expected notes which alarms a file's cases see firing, and which not.
func expected(t *testing.T, file string, fires, rests map[string]bool) {
	t.Helper()
	var all cases
	read(t, file, &all)
	names := alarms(t)
	for _, test := range all.Tests {
		for _, c := range test.AlertRuleTest {
			note(c.Alertname, len(c.ExpAlerts) > 0, fires, rests)
		}
		for _, c := range test.PromqlExprTest {
			found := asked.FindStringSubmatch(c.Expr)
			if found == nil {
				continue
			}
			pattern := regexp.MustCompile("^(?:" + found[2] + ")$")
			for _, a := range names {
				if !pattern.MatchString(a.Alert) {
					continue
				}
				named := slices.ContainsFunc(c.ExpSamples, func(s struct {
					Labels string  `yaml:"labels"`
					Value  float64 `yaml:"value"`
				}) bool {
					return strings.Contains(s.Labels, `"`+a.Alert+`"`)
				})
				note(a.Alert, named || found[1] == "=" && len(c.ExpSamples) > 0, fires, rests)
			}
		}
	}
}

func note(alarm string, fired bool, fires, rests map[string]bool) {
	if fired {
		fires[alarm] = true
		return
	}
	rests[alarm] = true
}
