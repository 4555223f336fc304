package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/netra-id/netra/pipeline/embedded/embeddedtest"
)

// household is a machine on which `netra all` runs with embedded parts.
type household struct {
	t                    *testing.T
	dir, config, monitor string
}

func newHousehold(t *testing.T) *household {
	t.Helper()
	h := &household{t: t, dir: t.TempDir(), monitor: freeAddress(t)}
	inbox := filepath.Join(h.dir, "inbox")
	if err := os.Mkdir(inbox, 0o700); err != nil {
		t.Fatal(err)
	}
	h.config = write(t, h.dir, "netra.yaml", fmt.Sprintf(`
data_dir: %s
monitor: {listen: %q}
console: {listen: "127.0.0.1:0", login: {hash_memory_kib: 1024}}
roster: {reload_interval: 1s, region_files: [%s]}
classify: {contestants: %s}
collect:
  retry_initial: 500ms
  sources:
    - name: inbox
      interval: 200ms
      files: {paths: [%s], settle: 200ms}
`, filepath.Join(h.dir, "data"), h.monitor, sampleFile(t, h.dir, "regions.csv"), sampleFile(t, h.dir, "contestants.yaml"), inbox))
	return h
}

func listen(t *testing.T, address string) net.Listener {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	return listener
}

func freeAddress(t *testing.T) string {
	t.Helper()
	listener := listen(t, "127.0.0.1:0")
	defer func() { _ = listener.Close() }()
	return listener.Addr().String()
}

func (h *household) start() *process {
	h.t.Helper()
	p := start(h.t, nil, "all", "--config", h.config)
	p.eventually("it is ready", func() bool { return ready(h.monitor) == http.StatusOK })
	return p
}

func answers(address string) bool { return running{Engine: address}.answers() }

// ready is the status of /readyz, 0 where nobody answers.
func ready(monitor string) int {
	answer, err := http.Get("http://" + monitor + "/readyz") //nolint:noctx // on loopback
	if err != nil {
		return 0
	}
	_, _ = io.Copy(io.Discard, answer.Body)
	_ = answer.Body.Close()
	return answer.StatusCode
}

// engine is the way to the embedded engine, by the file that tells other
// commands.
func engine(t *testing.T, dataDir string) embeddedtest.Connection {
	t.Helper()
	var r running
	data, err := os.ReadFile(filepath.Join(dataDir, "running.json"))
	if err == nil {
		err = json.Unmarshal(data, &r)
	}
	if err != nil {
		t.Fatal(err)
	}
	return embeddedtest.Connection{Address: r.Engine, User: r.User, Password: r.Password, Database: "netra"}
}

// count runs a query of one number, -1 where it fails.
func count(t *testing.T, c embeddedtest.Connection, query string) int {
	t.Helper()
	out, err := c.Query(t.Context(), query)
	if err != nil {
		return -1
	}
	n, err := strconv.Atoi(strings.TrimSpace(out))
	if err != nil {
		t.Fatalf("%s: %q", query, out)
	}
	return n
}

func (h *household) count(query string) int {
	return count(h.t, engine(h.t, filepath.Join(h.dir, "data")), query)
}

// post is a line of JSONL by an account of the sample roster.
func samplePost(id, text string) string {
	line, err := json.Marshal(map[string]any{
		"id": id, "platform": "facebook", "kind": "post", "text": text, "created_at": "2024-10-29T08:58:19+08:00",
		"account": map[string]string{"id": "100088000104729", "handle": "norhalimah.banua"},
	})
	if err != nil {
		panic(err)
	}
	return string(line) + "\n"
}

const (
	flagsOf  = "SELECT count() FROM flagged_posts WHERE id = '%s'"
	allFlags = "SELECT count() FROM flagged_posts"
	allPosts = "SELECT sum(posts) FROM hourly_counts"
)

// TestTheWholeRoadOnOneMachine goes from an empty machine to flagged posts, with
// every command that speaks to a running one, over a stop and a kill.
func TestTheWholeRoadOnOneMachine(t *testing.T) {
	h := newHousehold(t)
	p := h.start()
	roster := sampleFile(t, h.dir, "roster.csv")

	netra(t, nil, "migrate", "--config", h.config).expect(t, exitDone, "applied")
	netra(t, nil, "migrate", "--status", "--config", h.config).expect(t, exitDone, "applied")
	posts := write(t, h.dir, "early.jsonl", samplePost("facebook:early", offer))
	netra(t, nil, "import", "--config", h.config, posts).expect(t, exitUsage, "the roster is empty")
	netra(t, nil, "roster", "import", "--config", h.config, roster).expect(t, exitDone, "66 new")
	netra(t, nil, "roster", "import", "--config", h.config, roster).expect(t, exitDone, "0 new", "66 unchanged")
	netra(t, strings.NewReader("kata sandi yang panjang\n"), "console", "passwd", "admin", "--config", h.config).expect(t, exitDone)

	h.drop("first.jsonl", samplePost("facebook:first", offer)+samplePost("facebook:benign", "Selamat pagi"))
	p.eventually("the flagged post is stored", func() bool { return h.count(fmt.Sprintf(flagsOf, "facebook:first")) == 1 })

	rejected := write(t, h.dir, "import.jsonl", samplePost("facebook:imported", offer)+"{\"id\":\"x\n"+
		strings.Replace(samplePost("facebook:stranger", offer), "100088000104729", "1", 1))
	netra(t, nil, "import", "--config", h.config, rejected).expect(t, exitFails, "import.jsonl", "1 sent", "1 rejected", "1 dropped")
	p.eventually("the imported post is stored", func() bool { return h.count(fmt.Sprintf(flagsOf, "facebook:imported")) == 1 })
	p.eventually("three posts are counted", func() bool { return h.count(allPosts) == 3 })

	if code := p.stop(syscall.SIGTERM); code != exitDone {
		t.Fatalf("exit code %d\n%s", code, tail(p.said()))
	}
	if _, err := os.Stat(filepath.Join(h.dir, "data", "running.json")); err == nil {
		t.Error("running.json is left behind")
	}
	p = h.start()
	h.drop("second.jsonl", samplePost("facebook:second", offer)+samplePost("facebook:first", offer))
	p.eventually("the second post is stored", func() bool { return h.count(fmt.Sprintf(flagsOf, "facebook:second")) == 1 })
	p.stop(syscall.SIGKILL)

	p = h.start()
	netra(t, nil, "import", "--config", h.config, posts).expect(t, exitDone, "1 sent")
	p.eventually("the last post is stored", func() bool { return h.count(fmt.Sprintf(flagsOf, "facebook:early")) == 1 })
	p.eventually("all posts are counted", func() bool { return h.count(allPosts) >= 5 })
	time.Sleep(2 * time.Second) // what is twice would come now
	if flags, all := h.count(allFlags), h.count(allPosts); flags != 4 || all != 5 {
		t.Errorf("%d flagged posts and %d counted, want 4 and 5: something is stored twice or lost", flags, all)
	}
	if code := p.stop(syscall.SIGINT); code != exitDone {
		t.Errorf("exit code %d\n%s", code, tail(p.said()))
	}
}

// drop lays a file into the watched folder, as a person would who copies it.
func (h *household) drop(name, text string) { write(h.t, filepath.Join(h.dir, "inbox"), name, text) }

// TestWorkWaitsForItsServers starts a worker before Kafka and ClickHouse.
func TestWorkWaitsForItsServers(t *testing.T) {
	dir, monitor, store, broker := t.TempDir(), freeAddress(t), freeAddress(t), freeAddress(t)
	environment := []string{
		"NETRA_DATA_DIR=" + dir, "NETRA_MONITOR_LISTEN=" + monitor, "NETRA_KAFKA_BROKERS=" + broker,
		"NETRA_CLICKHOUSE_ADDRESS=http://" + store, "NETRA_CLICKHOUSE_USER=netra", "NETRA_CLICKHOUSE_PASSWORD=right",
		"NETRA_CLASSIFY_CONTESTANTS=" + sampleFile(t, dir, "contestants.yaml"),
	}
	work := start(t, environment, "work")
	work.eventually("it says that it waits", func() bool {
		return ready(monitor) == http.StatusServiceUnavailable && strings.Contains(work.said(), "reach ClickHouse") &&
			strings.Contains(work.said(), "nothing listens there")
	})
	server := start(t, environment, "engine", "--listen", store, "--dir", filepath.Join(dir, "engine"))
	work.eventually("it says that tables are missing", func() bool { return strings.Contains(work.said(), "netra migrate") })
	if ready(monitor) != http.StatusServiceUnavailable {
		t.Error("it is ready without tables and broker")
	}
	start(t, environment, "broker", "--listen", broker, "--dir", filepath.Join(dir, "broker"))
	work.eventually("the broker is there", func() bool { return answers(broker) })
	migration := start(t, environment, "migrate")
	if code := migration.wait(time.Minute); code != exitDone {
		t.Fatalf("migrate: exit code %d\n%s", code, migration.said())
	}
	work.eventually("it is ready", func() bool { return ready(monitor) == http.StatusOK })
	if code := work.stop(syscall.SIGTERM); code != exitDone {
		t.Errorf("exit code %d\n%s", code, tail(work.said()))
	}

	t.Run("a wrong password is told at once", func(t *testing.T) {
		wrong := slices.Concat(environment, []string{"NETRA_CLICKHOUSE_PASSWORD=wrong", "NETRA_MONITOR_LISTEN="})
		for _, command := range []string{"work", "migrate"} {
			p := start(t, wrong, command)
			if code := p.wait(30 * time.Second); code != exitUsage || !strings.Contains(p.said(), `refuses user "netra" or its password`) {
				t.Errorf("%s: exit code %d\n%s", command, code, p.said())
			}
			if strings.Contains(p.said(), "wrong\"") {
				t.Error("the password is shown")
			}
		}
	})
	t.Run("it ends in order while it waits", func(t *testing.T) {
		if code := server.stop(syscall.SIGTERM); code != exitDone {
			t.Fatalf("engine: exit code %d", code)
		}
		p := start(t, append(environment, "NETRA_MONITOR_LISTEN="), "work")
		p.eventually("it waits", func() bool { return strings.Contains(p.said(), "waiting") })
		if code := p.stop(syscall.SIGTERM); code != exitDone {
			t.Errorf("exit code %d\n%s", code, p.said())
		}
	})
}

func TestServersThatAreAwayAreToldByCommandsThatDoNotWait(t *testing.T) {
	dir := t.TempDir()
	away := freeAddress(t)
	t.Setenv("NETRA_DATA_DIR", dir)
	t.Setenv("NETRA_CLICKHOUSE_ADDRESS", "http://"+away)
	t.Setenv("NETRA_KAFKA_BROKERS", away)
	roster := sampleFile(t, dir, "roster.csv")
	posts := write(t, dir, "posts.jsonl", samplePost("facebook:1", offer))
	for _, args := range [][]string{{"migrate"}, {"migrate", "--status"}, {"roster", "import", roster}, {"import", posts}} {
		netra(t, nil, args...).expect(t, exitFails, away, "nothing listens there")
	}
	t.Run("only Kafka is away", func(t *testing.T) {
		store := embeddedtest.Engine(t)
		t.Setenv("NETRA_CLICKHOUSE_ADDRESS", "http://"+store.Address)
		t.Setenv("NETRA_CLICKHOUSE_USER", store.User)
		t.Setenv("NETRA_CLICKHOUSE_PASSWORD", store.Password)
		t.Setenv("NETRA_CLICKHOUSE_DATABASE", store.Database)
		netra(t, nil, "migrate").expect(t, exitFails, "netra.posts", away, "connection refused")
		netra(t, nil, "roster", "import", roster).expect(t, exitDone, "66 new")
		netra(t, nil, "import", posts).expect(t, exitFails, away, "connection refused")
	})
}

func TestAddressesThatAreTaken(t *testing.T) {
	taken := listen(t, "127.0.0.1:0")
	defer func() { _ = taken.Close() }()
	address := taken.Addr().String()
	for key, variable := range map[string]string{"monitor": "NETRA_MONITOR_LISTEN", "console": "NETRA_CONSOLE_LISTEN"} {
		t.Run(key, func(t *testing.T) {
			p := start(t, []string{
				"NETRA_DATA_DIR=" + t.TempDir(), "NETRA_MONITOR_LISTEN=", "NETRA_CLICKHOUSE_ADDRESS=http://" + address, variable + "=" + address,
			}, "console")
			if code := p.wait(time.Minute); code != exitFails || !strings.Contains(p.said(), address) || !strings.Contains(p.said(), key) {
				t.Errorf("exit code %d\n%s", code, p.said())
			}
		})
	}
}
