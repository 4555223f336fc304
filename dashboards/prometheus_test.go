package dashboards_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
)

// mayBeEmpty are the panels that show nothing while nothing goes wrong, or need a
// longer history than the test has.
var mayBeEmpty = []string{
	"Waktu mengejar", "Surat mati", "Percobaan ulang", "Galat pekerja dan antrean", "Galat ClickHouse", "Kegagalan sumber", "Tenggat berikutnya",
	"Kesehatan aturan dihitung",
}

// expandProm does to a PromQL query what Grafana does to the variables in it.
func expandProm(expr string) string {
	return strings.NewReplacer("$__rate_interval", "30s", "$__range", "5m", "$source", ".*").Replace(expr)
}

// The demo runs every part in one process; Prometheus scrapes it as the sample
// configuration says, only more often.
func TestPrometheusAnswersEveryQuery(t *testing.T) {
	metrics, console := startDemo(t)
	server := startPrometheus(t, metrics)
	waitFor(t, "some scrapes and classified posts", func() bool {
		visit(t, console+"/login")
		scraped, err := server.value(t.Context(), `min(count_over_time(up{job="netra"}[1m])) and sum(netra_worker_posts_total) > 100`)
		return err == nil && scraped >= 6
	})
	for _, d := range all(t) {
		for _, p := range d.Panels {
			for _, one := range p.Targets {
				if one.DataSource.Type != prometheus {
					continue
				}
				t.Run(fmt.Sprintf("%s/%d %s/%s", d.UID, p.ID, p.Title, one.RefID), func(t *testing.T) {
					found, err := server.series(t.Context(), expandProm(one.Expr))
					if err != nil {
						t.Fatalf("%s: %v", one.Expr, err)
					}
					if found == 0 && !slices.Contains(mayBeEmpty, p.Title) {
						t.Errorf("%s finds nothing", one.Expr)
					}
				})
			}
		}
	}
	t.Run("numbers", func(t *testing.T) { server.numbers(t, metrics) })
}

// numbers compares what panels show with what the demo says itself.
func (s promServer) numbers(t *testing.T, metrics string) {
	for title, name := range map[string]string{"Menunggu": `netra_review_items{status="open"}`, "Lewat tenggat": "netra_review_overdue"} {
		expr := expandProm(panelOf(t, "netra-kinerja", title).Targets[0].Expr)
		waitFor(t, title+" as the console says", func() bool {
			shown, err := s.value(t.Context(), expr)
			return err == nil && fmt.Sprint(shown) == sample(t, metrics, name)
		})
	}
	waitFor(t, "nothing waits in Kafka", func() bool {
		waiting, err := s.value(t.Context(), expandProm(panelOf(t, "netra-operasi", "Belum diolah").Targets[0].Expr))
		return err == nil && waiting == 0
	})
	shown, err := s.series(t.Context(), expandProm(panelOf(t, "netra-operasi", "Server yang menjawab").Targets[0].Expr))
	if err != nil || shown < 3 {
		t.Errorf("%d servers answer (%v); want clickhouse, kafka and database", shown, err)
	}
}

func TestMetricsThatQueriesNameAreRegistered(t *testing.T) {
	registered := registeredMetrics(t)
	name := regexp.MustCompile(`\bnetra_[a-z0-9_]+`)
	suffix := regexp.MustCompile(`_(bucket|sum|count)$`)
	check := func(where, text string) {
		for _, found := range name.FindAllString(text, -1) {
			if !registered[found] && !registered[suffix.ReplaceAllString(found, "")] {
				t.Errorf("%s: no part registers the metric %s", where, found)
			}
		}
	}
	for _, d := range all(t) {
		for _, p := range d.Panels {
			for _, one := range p.Targets {
				check(fmt.Sprintf("%s, panel %q", d.file, p.Title), one.Expr)
			}
		}
		for _, v := range d.Templating.List {
			if v.DataSource.Type == prometheus {
				check(d.file+", variable "+v.Name, v.Definition)
			}
		}
	}
}

// registeredMetrics reads the names from the files that declare them: a metric with
// labels that was never used is not served.
func registeredMetrics(t *testing.T) map[string]bool {
	t.Helper()
	names := map[string]bool{}
	whole := regexp.MustCompile(`"(netra_[a-z0-9_]+)"`)
	prefix := regexp.MustCompile(`"(netra_[a-z]+_)" \+ name`)
	rest := regexp.MustCompile(`(?:counter|gauge)\("([a-z0-9_]+)"`)
	err := filepath.WalkDir("..", func(file string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && (entry.Name() == "node_modules" || strings.HasPrefix(entry.Name(), ".") && entry.Name() != "..") {
			return fs.SkipDir
		}
		if entry.IsDir() || !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go") {
			return nil
		}
		text, err := os.ReadFile(filepath.Clean(file))
		if err != nil {
			return err
		}
		for _, match := range whole.FindAllStringSubmatch(string(text), -1) {
			names[match[1]] = true
		}
		for _, before := range prefix.FindAllStringSubmatch(string(text), -1) {
			for _, match := range rest.FindAllStringSubmatch(string(text), -1) {
				names[before[1]+match[1]] = true
			}
		}
		return nil
	})
	if err != nil || len(names) < 50 {
		t.Fatalf("%d metrics are found: %v", len(names), err)
	}
	return names
}

// startDemo builds the program, runs the demo in a folder of its own and returns the
// addresses of its metrics and of its console.
func startDemo(t *testing.T) (metrics, console string) {
	t.Helper()
	dir := t.TempDir()
	program := filepath.Join(dir, "netra")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", program, "../cmd/netra")
	if output, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, output)
	}
	library, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	demo := exec.Command(program, "demo", "--dir", filepath.Join(dir, "demo"), "--spread", "5s", "--listen", "127.0.0.1:0") //nolint:noctx // it is told to end
	demo.Dir, demo.Env = library, append(os.Environ(), "NETRA_MONITOR_LISTEN=127.0.0.1:0")
	found, ended, last := make(chan [2]string, 1), make(chan struct{}), ""
	go func(output <-chan string) {
		for line := range output {
			switch name, address, _ := strings.Cut(strings.TrimSpace(line), ":"); name {
			case "console":
				console = strings.TrimSpace(address)
			case "metrics":
				found <- [2]string{strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(address), "http://"), "/metrics"), console}
			}
			last = line
		}
		close(ended)
	}(started(t, demo))
	select {
	case both := <-found:
		return both[0], both[1]
	case <-time.After(2 * time.Minute):
		t.Fatal("the demo does not say where its metrics are")
	case <-ended:
		t.Fatalf("the demo ended: %s", last)
	}
	return "", ""
}

// visit asks for a page, so that there is something to measure.
func visit(t *testing.T, address string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
}

// started starts a program that ends with the test, and returns the lines that it
// writes. They must be read.
func started(t *testing.T, command *exec.Cmd) <-chan string {
	t.Helper()
	reader, writer := io.Pipe()
	command.Stdout, command.Stderr = writer, writer
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	t.Cleanup(func() {
		_ = command.Process.Signal(syscall.SIGTERM)
		killer := time.AfterFunc(30*time.Second, func() { _ = command.Process.Kill() })
		<-ended
		killer.Stop()
	})
	lines := make(chan string)
	go func() {
		_ = command.Wait()
		_ = writer.Close()
		close(ended)
	}()
	go func() {
		defer close(lines)
		for scanner := bufio.NewScanner(reader); scanner.Scan(); {
			lines <- scanner.Text()
		}
	}()
	return lines
}

// promServer is the address of a Prometheus.
type promServer string

// startPrometheus starts Debian's Prometheus, scraping one address every second.
func startPrometheus(t *testing.T, metrics string) promServer {
	t.Helper()
	program, err := exec.LookPath("prometheus")
	if err != nil {
		t.Fatal("there is no prometheus; install it with: deploy/install-test-tools.sh (Debian: apt-get install prometheus)")
	}
	dir := t.TempDir()
	config := filepath.Join(dir, "prometheus.yml")
	text := fmt.Sprintf("global: {scrape_interval: 1s}\nscrape_configs: [{job_name: netra, static_configs: [{targets: [%q], labels: {part: all}}]}]\n", metrics)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	address := freeAddress(t)
	server := exec.Command(program, "--config.file="+config, "--storage.tsdb.path="+filepath.Join(dir, "data"), "--web.listen-address="+address) //nolint:noctx // as above
	output := started(t, server)
	go func() {
		for line := range output {
			_ = line
		}
	}()
	s := promServer(address)
	waitFor(t, "Prometheus is ready", func() bool {
		_, err := s.series(t.Context(), "up")
		return err == nil
	})
	return s
}

func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	return listener.Addr().String()
}

func waitFor(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(2 * time.Minute); !holds(); {
		if time.Now().After(deadline) {
			t.Fatalf("waited for: %s", what)
		}
		time.Sleep(200 * time.Millisecond)
	}
}

// ask runs an instant query.
func (s promServer) ask(ctx context.Context, query string) ([]string, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+string(s)+"/api/v1/query?"+url.Values{"query": {query}}.Encode(), nil)
	if err != nil {
		return nil, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer func() { _ = response.Body.Close() }()
	var answer struct {
		Status, Error string
		Data          struct {
			Result []struct{ Value [2]any }
		}
	}
	if err := json.UnmarshalRead(response.Body, &answer, json.MatchCaseInsensitiveNames(true)); err != nil {
		return nil, err
	}
	if answer.Status != "success" {
		return nil, errors.New(answer.Error)
	}
	var values []string
	for _, one := range answer.Data.Result {
		values = append(values, fmt.Sprint(one.Value[1]))
	}
	return values, nil
}

// series is how many series a query finds.
func (s promServer) series(ctx context.Context, query string) (int, error) {
	values, err := s.ask(ctx, query)
	return len(values), err
}

// value is the one value that a query finds.
func (s promServer) value(ctx context.Context, query string) (float64, error) {
	values, err := s.ask(ctx, query)
	if err != nil || len(values) != 1 {
		return 0, fmt.Errorf("values %v: %w", values, err)
	}
	var value float64
	_, err = fmt.Sscan(values[0], &value)
	return value, err
}

// sample is the value of a sample as a part serves it.
func sample(t *testing.T, metrics, name string) string {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+metrics+"/metrics", nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	for scanner := bufio.NewScanner(response.Body); scanner.Scan(); {
		if value, ok := strings.CutPrefix(scanner.Text(), name+" "); ok {
			return value
		}
	}
	return ""
}
