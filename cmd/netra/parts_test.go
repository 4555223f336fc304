package main

import (
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/netra-id/netra/pipeline/embedded/embeddedtest"
	"github.com/netra-id/netra/pipeline/queue/realkafka"
)

// TestEachPartByItselfOnRealKafka runs collector, two workers and the console as
// processes of their own against Apache Kafka and the ClickHouse engine, and
// changes the workers while posts arrive.
func TestEachPartByItselfOnRealKafka(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a real Kafka; not with -short")
	}
	kafka, err := realkafka.Start(t.Context(), realkafka.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := kafka.Kill(); err != nil {
			t.Error(err)
		}
	})
	h := newHousehold(t)
	password, address := "rahasia", freeAddress(t)
	environment := []string{
		"NETRA_CONFIG=" + h.config, "NETRA_KAFKA_BROKERS=" + kafka.Addr(), "NETRA_CLICKHOUSE_ADDRESS=http://" + address,
		"NETRA_CLICKHOUSE_USER=netra", "NETRA_CLICKHOUSE_PASSWORD=" + password,
	}
	for _, entry := range environment {
		name, value, _ := strings.Cut(entry, "=")
		t.Setenv(name, value)
	}
	server := start(t, nil, "engine", "--listen", address, "--dir", filepath.Join(h.dir, "engine"))
	server.eventually("the engine is there", func() bool { return strings.Contains(server.said(), "engine: http://"+address) })
	store := embeddedtest.Connection{Address: address, User: "netra", Password: password, Database: "netra"}

	monitored := func(command string) (*process, string) {
		monitor := freeAddress(t)
		p := start(t, []string{"NETRA_MONITOR_LISTEN=" + monitor}, command)
		return p, monitor
	}
	collect, _ := monitored("collect") // before there are tables
	if code := start(t, nil, "migrate").wait(time.Minute); code != exitDone {
		t.Fatal("migrate failed")
	}
	netra(t, nil, "roster", "import", sampleFile(t, h.dir, "roster.csv")).expect(t, exitDone, "66 new")
	first, monitor := monitored("work")
	first.eventually("the worker is ready", func() bool { return ready(monitor) == http.StatusOK })
	console, monitor := monitored("console")
	console.eventually("the console is ready", func() bool { return ready(monitor) == http.StatusOK })

	const files, each = 6, 50
	var second *process
	for file := range files {
		var text strings.Builder
		for n := range each {
			text.WriteString(samplePost(fmt.Sprintf("facebook:%d-%d", file, n), offer))
		}
		h.drop(fmt.Sprintf("%d.jsonl", file), text.String())
		switch file {
		case 1:
			second, _ = monitored("work")
		case 3:
			first.stop(syscall.SIGKILL)
		}
		time.Sleep(500 * time.Millisecond)
	}
	collect.eventually("all posts are counted", func() bool { return count(t, store, allPosts) >= files*each })
	collect.eventually("all posts are stored", func() bool { return count(t, store, allFlags) >= files*each })
	time.Sleep(2 * time.Second) // what is twice would come now
	if flags, posts := count(t, store, allFlags), count(t, store, allPosts); flags != files*each || posts != files*each {
		t.Errorf("%d rows of flagged posts and %d posts counted, want %d of each", flags, posts, files*each)
	}
	for _, p := range []*process{collect, second, console} {
		if code := p.stop(syscall.SIGTERM); code != exitDone {
			t.Errorf("exit code %d\n%s", code, tail(p.said()))
		}
	}
}
