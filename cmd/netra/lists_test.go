package main

import (
	"fmt"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/netra-id/netra/pipeline/queue/kafkatest"
)

// The lists that TestListsAreSwitchedUnderLoad switches between: both flag every
// post of the load, each by a rule of its own.
const (
	alwaysList = `{list: selalu, label: money_politics, rules: [{id: lama, any: ["zagzig"], weight: 0.95, flags: ["zagzig"]}]}`
	sloganList = `{list: selalu, label: money_politics, rules: [{id: baru, any: ["zagzig"], weight: 0.95, flags: ["zagzig"]}]}`
)

// TestListsAreSwitchedUnderLoad publishes and takes back lists while posts stream
// through two workers, kills one of them in the middle, and then looks for posts
// that were lost or stored twice, and for batches that two versions judged.
func TestListsAreSwitchedUnderLoad(t *testing.T) {
	t.Run("embedded", func(t *testing.T) { switchUnderLoad(t, newHousehold(t)) })
	t.Run("kafka", func(t *testing.T) {
		address := kafkatest.Kafka(t)
		h := newHousehold(t)
		t.Setenv("NETRA_KAFKA_BROKERS", address)
		switchUnderLoad(t, h)
	})
}

func switchUnderLoad(t *testing.T, h *household) {
	t.Setenv("NETRA_TUNING_BACKTEST_FIRST", "false")
	p := h.start()
	netra(t, nil, "roster", "import", "--config", h.config, sampleFile(t, h.dir, "roster.csv")).expect(t, exitDone, "66 new")
	second := h.worker()

	lists := filepath.Join(h.dir, "lists")
	netra(t, nil, "keywords", "pull", "--config", h.config, lists).expect(t, exitDone)
	publish := func(name, list string) {
		write(t, filepath.Join(lists, "keywords"), "selalu.yaml", list)
		netra(t, nil, "keywords", "push", "--config", h.config, lists, "--draft", name).expect(t, exitDone, "0 problems")
		netra(t, nil, "keywords", "publish", "--config", h.config, name, "-m", "a test").expect(t, exitDone, "is in force")
	}
	publish("lama", alwaysList) // number 2
	p.eventually("publication 2 is in force", func() bool {
		return strings.Contains(p.said(), "publication=2") && strings.Contains(second.said(), "publication=2")
	})

	load := h.load()
	load.until("the first list has flagged", 2)
	publish("baru", sloganList) // 3
	load.until("the slogan has flagged", 3)
	second.stop(syscall.SIGKILL)
	netra(t, nil, "keywords", "rollback", "--config", h.config, "-m", "back").expect(t, exitDone, "publication 4") // to 2
	load.until("the rollback has flagged", 4)
	second = h.worker()
	netra(t, nil, "keywords", "rollback", "--config", h.config, "3", "-m", "again").expect(t, exitDone, "publication 5")
	load.until("the slogan has flagged again", 5)
	posts := load.end()
	p.eventually("every post is stored", func() bool { return h.count(allFlags) >= posts })
	time.Sleep(2 * time.Second) // what is twice would come now
	for query, want := range map[string]int{
		allFlags: posts,
		"SELECT uniqExact(id) FROM flagged_posts": posts,
		allPosts: posts,
		// Every flag of a batch has the same time of flagging.
		"SELECT count() FROM (SELECT 1 FROM flagged_posts GROUP BY kafka_partition, flagged_at HAVING uniqExact(lists_version) > 1)": 0,
		// Each version flags by its own rule.
		"SELECT uniqExact(lists_version, rules) FROM flagged_posts":                                              h.count("SELECT uniqExact(lists_version) FROM flagged_posts"),
		"SELECT count() FROM flagged_posts WHERE length(arrayFilter(r -> startsWith(r, 'selalu/'), rules)) != 1": 0,
	} {
		if got := h.count(query); got != want {
			t.Errorf("%s: %d, want %d", query, got, want)
		}
	}
	second.stop(syscall.SIGTERM)
	p.stop(syscall.SIGTERM)
}

// postLoad lays posts of many accounts into the watched folder until it is
// ended.
type postLoad struct {
	*household
	stop  chan struct{}
	posts chan int
}

func (h *household) load() *postLoad {
	l := &postLoad{household: h, stop: make(chan struct{}), posts: make(chan int, 1)}
	go func() {
		for n := 0; ; {
			var text strings.Builder
			for range 50 {
				post := samplePost(fmt.Sprintf("facebook:%d", n), fmt.Sprintf("rapat zagzig ke %d", n))
				text.WriteString(strings.Replace(post, "100088000104729", loadAccounts[n%len(loadAccounts)], 1))
				n++
			}
			h.drop(fmt.Sprintf("load-%06d.jsonl", n), text.String())
			select {
			case <-l.stop:
				l.posts <- n
				return
			case <-time.After(100 * time.Millisecond):
			}
		}
	}()
	return l
}

// loadAccounts are accounts of the sample roster; they are in several partitions.
var loadAccounts = []string{"100088000104729", "100088000418916", "100088000628374", "100088000837832", "100088001152019", "100088001466206", "100088002094580", "100088002199309", "100088002304038", "100088002408767", "100088002722954", "100088003246599"}

// until waits until a post was flagged after the publication of the number was
// made.
func (l *postLoad) until(what string, publication int) {
	l.t.Helper()
	query := fmt.Sprintf(`SELECT count() FROM flagged_posts WHERE (lists_version, flagged_at > (SELECT max(made_at) FROM list_publications WHERE number = %[1]d))
		IN (SELECT version, 1 FROM list_publications WHERE number = %[1]d)`, publication)
	deadline := time.Now().Add(time.Minute)
	for l.count(query) < 1 {
		if time.Now().After(deadline) {
			l.t.Fatalf("not within a minute: %s", what)
		}
		time.Sleep(100 * time.Millisecond)
	}
}

// end ends the load and says how many posts it was.
func (l *postLoad) end() int {
	close(l.stop)
	return <-l.posts
}

// worker starts a second worker on the household's parts.
func (h *household) worker() *process {
	h.t.Helper()
	monitor := freeAddress(h.t)
	p := start(h.t, []string{"NETRA_MONITOR_LISTEN=" + monitor}, "work", "--config", h.config)
	p.eventually("the second worker is ready", func() bool { return ready(monitor) == 200 })
	return p
}

// TestASloganOfThisMorning is an operator's road on the command line: a draft,
// its back-test, shadow, publishing, what it flags, and taking it back.
func TestASloganOfThisMorning(t *testing.T) {
	h := newHousehold(t)
	p := h.start()
	on := func(args ...string) result { return netra(t, nil, append(args, "--config", h.config)...) }
	on("roster", "import", sampleFile(t, h.dir, "roster.csv")).expect(t, exitDone)
	h.drop("before.jsonl", samplePost("facebook:1", "rapat zagzig besok pagi")+samplePost("facebook:2", "selamat pagi semua"))
	p.eventually("two posts are counted", func() bool { return h.count(allPosts) == 2 })

	lists := filepath.Join(h.dir, "lists")
	on("keywords", "pull", lists).expect(t, exitDone)
	on("keywords", "publish", "slogan").expect(t, exitUsage, "not found")
	write(t, filepath.Join(lists, "keywords"), "slogan.yaml", "list: slogan\nlabel: suport\n")
	on("keywords", "push", lists, "--draft", "slogan").expect(t, exitFails, "keywords/slogan.yaml:2", "suport", "support")
	write(t, filepath.Join(lists, "keywords"), "slogan.yaml", sloganList)
	on("keywords", "push", lists, "--draft", "slogan", "-m", "seen this morning").expect(t, exitDone, "rule selalu/baru added", "0 problems, 0 failures")
	on("keywords", "publish", "slogan").expect(t, exitFails, "back-test")
	on("backtest", "--draft", "slogan", "--from", "7x").expect(t, exitUsage, "7x", "allowed")
	on("backtest", "--draft", "slogan", "--from", "7d").expect(t, exitDone, "2 posts", "selalu/baru", "rapat zagzig besok pagi", "+1.0 reviews a day")

	on("keywords", "shadow", "slogan").expect(t, exitDone, "runs in shadow")
	p.eventually("the shadow runs", func() bool { return strings.Contains(p.said(), "draft in shadow") })
	h.drop("shadow.jsonl", samplePost("facebook:3", "zagzig lagi"))
	p.eventually("the shadow has seen a post", func() bool { return strings.Contains(on("keywords", "shadow").out, "zagzig lagi") })
	if n := h.count(fmt.Sprintf(flagsOf, "facebook:3")); n != 0 {
		t.Error("what the shadow flags is in the queue")
	}
	on("keywords", "shadow", "--stop").expect(t, exitDone)

	on("keywords", "publish", "slogan", "-m", "a slogan").expect(t, exitDone, "publication 2")
	p.eventually("publication 2 is in force", func() bool { return strings.Contains(p.said(), "publication=2") })
	h.drop("after.jsonl", samplePost("facebook:4", "zagzig dan zagzig"))
	p.eventually("the slogan flags", func() bool { return h.count(fmt.Sprintf(flagsOf, "facebook:4")) == 1 })
	on("reclassify", "--dry-run").expect(t, exitDone, "2 new flags")
	on("reclassify").expect(t, exitDone, "2 new flags")
	if n := h.count("SELECT count() FROM flagged_posts FINAL WHERE notEmpty(labels)"); n != 3 {
		t.Errorf("%d flags after the reclassification, want 3", n)
	}

	on("keywords", "diff", "1", "2").expect(t, exitDone, "rule selalu/baru added")
	on("keywords", "rollback", "-m", "flags meetings").expect(t, exitDone, "publication 3")
	on("keywords", "rollback", "-m", "once more").expect(t, exitUsage, "publication 3 is a rollback itself")
	p.eventually("publication 3 is in force", func() bool { return strings.Contains(p.said(), "publication=3") })
	on("reclassify").expect(t, exitDone, "3 withdrawn")
	on("keywords", "log").expect(t, exitDone, "flags meetings", "published", "retired")
	p.stop(syscall.SIGTERM)
}
