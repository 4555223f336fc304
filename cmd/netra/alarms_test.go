package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/spf13/cobra"
)

// alarmWatch is Debian's Prometheus with the rules of dashboards/prometheus, in
// which each alarm waits a second only, looking at one process twice a second.
type alarmWatch struct{ address string }

func watchAlarms(t *testing.T, monitor string) alarmWatch {
	t.Helper()
	program, err := exec.LookPath("prometheus")
	if err != nil {
		t.Fatal("prometheus is missing: deploy/install-test-tools.sh installs it (Debian: sudo apt-get install prometheus)")
	}
	dir, w := t.TempDir(), alarmWatch{address: freeAddress(t)}
	rules, err := os.ReadFile(filepath.FromSlash("../../dashboards/prometheus/netra.rules.yml"))
	if err != nil {
		t.Fatal(err)
	}
	write(t, dir, "netra.rules.yml", regexp.MustCompile(`(?m)^( +for:) .*$`).ReplaceAllString(string(rules), "$1 1s"))
	config := write(t, dir, "prometheus.yml", fmt.Sprintf(`
global: {scrape_interval: 500ms, evaluation_interval: 500ms}
rule_files: [netra.rules.yml]
scrape_configs:
  - job_name: netra
    static_configs: [{targets: [%q], labels: {part: all}}]
`, monitor))
	log, err := os.Create(filepath.Join(dir, "prometheus.log")) //nolint:gosec // of this test
	if err != nil {
		t.Fatal(err)
	}
	command := exec.Command(program, "--config.file="+config, "--storage.tsdb.path="+filepath.Join(dir, "data"), //nolint:gosec,noctx // it is ended below
		"--web.listen-address="+w.address, "--log.level=warn")
	command.Stdout, command.Stderr = log, log
	command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = command.Process.Kill()
		_ = command.Wait()
		if said, err := os.ReadFile(log.Name()); t.Failed() && err == nil {
			t.Logf("prometheus said:\n%s", tail(string(said)))
		}
		_ = log.Close()
	})
	return w
}

// firing are the names of the alarms that fire, nil where nobody answers.
func (w alarmWatch) firing(ctx context.Context) map[string]bool {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+w.address+"/api/v1/alerts", nil)
	if err != nil {
		return nil
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil
	}
	defer func() { _ = answer.Body.Close() }()
	var said struct {
		Data struct {
			Alerts []struct {
				State  string            `json:"state"`
				Labels map[string]string `json:"labels"`
			} `json:"alerts"`
		} `json:"data"`
	}
	if json.NewDecoder(answer.Body).Decode(&said) != nil {
		return nil
	}
	firing := map[string]bool{}
	for _, alert := range said.Data.Alerts {
		if alert.State == "firing" {
			firing[alert.Labels["alertname"]] = true
		}
	}
	return firing
}

// eventually waits until the alarms fire, and those behind "not" do not.
func (w alarmWatch) eventually(t *testing.T, what string, fire []string, not ...string) {
	t.Helper()
	var last map[string]bool
	for deadline := time.Now().Add(90 * time.Second); time.Now().Before(deadline); time.Sleep(100 * time.Millisecond) {
		last = w.firing(t.Context())
		if last != nil && holds(last, fire, not) {
			return
		}
	}
	t.Fatalf("%s: waited in vain for %v without %v; firing are %v", what, fire, not, last)
}

func holds(firing map[string]bool, fire, not []string) bool {
	for _, name := range fire {
		if !firing[name] {
			return false
		}
	}
	for _, name := range not {
		if firing[name] {
			return false
		}
	}
	return true
}

// TestAlarmsFireWhileServersAreAway takes engine, broker and the parts themselves
// away, one after another, from a process that runs them all.
func TestAlarmsFireWhileServersAreAway(t *testing.T) {
	h := newHousehold(t)
	password, broker, store := "rahasia", freeAddress(t), freeAddress(t)
	for name, value := range map[string]string{
		"CONFIG": h.config, "KAFKA_BROKERS": broker, "CLICKHOUSE_ADDRESS": "http://" + store, "CLICKHOUSE_USER": "netra", "CLICKHOUSE_PASSWORD": password,
		"MONITOR_LISTEN": h.monitor,
	} {
		t.Setenv("NETRA_"+name, value)
	}
	startEngine := func() *process {
		p := start(t, nil, "engine", "--listen", store, "--dir", filepath.Join(h.dir, "engine"))
		p.eventually("the engine is there", func() bool { return strings.Contains(p.said(), "engine: http://"+store) })
		return p
	}
	startBroker := func() *process {
		p := start(t, nil, "broker", "--listen", broker, "--dir", filepath.Join(h.dir, "broker"))
		p.eventually("the broker is there", func() bool { return strings.Contains(p.said(), "broker: ") })
		return p
	}
	engine, kafka := startEngine(), startBroker()
	all := start(t, nil, "all")
	alarms := watchAlarms(t, h.monitor)
	all.eventually("it is ready", func() bool { return ready(h.monitor) == http.StatusOK })
	netra(t, nil, "roster", "import", sampleFile(t, h.dir, "roster.csv")).expect(t, exitDone, "66 new")

	parts := []string{"NetraPartDown", "NetraNothingScraped", "NetraNoWorker", "NetraNoConsole"}
	servers := []string{"NetraClickHouseDown", "NetraKafkaDown", "NetraDatabaseDown", "NetraServerPartlyReachable"}
	alarms.eventually(t, "all is well", []string{"NetraWatchdog"}, append(append([]string{"NetraAuditChainBroken", "NetraQueueStuck"}, parts...), servers...)...)

	engine.stop(syscall.SIGKILL)
	alarms.eventually(t, "the engine is killed", []string{"NetraClickHouseDown"}, append(parts, "NetraKafkaDown", "NetraDatabaseDown")...)
	startEngine()
	alarms.eventually(t, "the engine is back", nil, servers...)

	kafka.stop(syscall.SIGKILL)
	alarms.eventually(t, "the broker is killed", []string{"NetraKafkaDown"}, append(parts, "NetraClickHouseDown", "NetraDatabaseDown")...)
	startBroker()
	alarms.eventually(t, "the broker is back", nil, servers...)

	all.stop(syscall.SIGKILL)
	alarms.eventually(t, "the parts are killed", []string{"NetraPartDown", "NetraNoWorker", "NetraNoConsole"}, "NetraNothingScraped")
}

var commandCalled = regexp.MustCompile("[` ]netra ((?:--config |[a-z])[^`|]*)`")

// TestCommandsOfTheRunbooksAreThere, with their flags: nobody looks for the right
// spelling at night.
func TestCommandsOfTheRunbooksAreThere(t *testing.T) {
	text, err := os.ReadFile(filepath.FromSlash("../../docs/runbooks.md"))
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for _, code := range regexp.MustCompile("`[^`]+`").FindAllString(string(text), -1) {
		called := commandCalled.FindStringSubmatch(code)
		if called == nil || strings.Contains(code, "…") {
			continue
		}
		command, rest, err := newRoot(&app{}).Find(strings.Fields(called[1]))
		if err != nil || !command.HasParent() {
			t.Errorf("docs/runbooks.md: %s: there is no such command (%v)", code, err)
			continue
		}
		seen++
		for _, word := range rest {
			if name, is := strings.CutPrefix(word, "--"); is && !hasFlag(command, name) {
				t.Errorf("docs/runbooks.md: %s: there is no flag --%s", code, name)
			}
		}
	}
	if seen < 20 {
		t.Errorf("only %d commands are found", seen)
	}
}

func hasFlag(command *cobra.Command, name string) bool {
	name, _, _ = strings.Cut(name, "=")
	return command.Flags().Lookup(name) != nil || command.InheritedFlags().Lookup(name) != nil
}
