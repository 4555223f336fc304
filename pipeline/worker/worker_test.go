package worker_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/netra-id/netra/pipeline/embedded/embeddedtest"
	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/queue"
)

func TestPostsAreCountedAndTheFlaggedOnesStored(t *testing.T) {
	r := newRoad(t, embeddedtest.Broker(t))
	store := newMemory()
	w := r.work(settings(), store)
	const n = 500
	posts := make([]post.Post, n)
	for i := range posts {
		posts[i] = aPost(i, "selamat pagi")
		if i%50 == 0 {
			posts[i].Text = "ayo coblos nomor 2"
		}
	}
	if err := r.producer.Send(t.Context(), posts...); err != nil {
		t.Fatal(err)
	}
	eventually(t, "all posts are counted", func() bool { return store.counted() == n })
	flags := store.stored()
	if len(flags) != 10 {
		t.Fatalf("%d flagged posts stored, want 10", len(flags))
	}
	for _, flag := range flags {
		if flag.Person.Region != "61.08" || flag.Topic != r.cfg.Topic || !flag.Verdict.Flagged || flag.FlaggedAt.IsZero() ||
			flag.Verdict.Versions.Lists != "v1" {
			t.Errorf("incomplete flag %+v", flag)
		}
	}
	want := map[time.Duration]uint64{0: 167, time.Hour: 167, 2 * time.Hour: 166}
	for hour, posts := range want {
		count := post.HourlyCount{
			Hour: created.Truncate(time.Hour).Add(hour), Platform: "mastodon", Region: "61.08", Agency: "Dinas Contoh", Language: "id",
		}
		if got := store.counts[count]; got != posts {
			t.Errorf("hour %v: %d posts counted, want %d", count.Hour, got, posts)
		}
	}
	if err := w.Ready(t.Context()); err != nil {
		t.Errorf("not ready: %v", err)
	}
	if got := r.metric("netra_worker_posts_total"); got != n {
		t.Errorf("metric of posts is %v, want %d", got, n)
	}
}

func TestAnotherClassifierJudgesTheNextBatches(t *testing.T) {
	r := newRoad(t, embeddedtest.Broker(t))
	store := newMemory()
	w := r.work(settings(), store)
	r.send(recordOf(t, aPost(1, "coblos"), 1))
	eventually(t, "the first is stored", func() bool { return len(store.stored()) == 1 })
	w.SetClassifier(keyword{"v2"})
	r.send(recordOf(t, aPost(2, "coblos"), 1))
	eventually(t, "the second is stored", func() bool { return len(store.stored()) == 2 })
	if got := store.stored()[1].Verdict.Versions.Lists; got != "v2" {
		t.Errorf("judged by %s, want v2", got)
	}
}

func TestBadInputBecomesDeadLettersAndNothingElseIsAffected(t *testing.T) {
	whole := string(recordOf(t, aPost(1, "x"), 1).Value)
	with := func(old, new string) string { return strings.Replace(whole, old, new, 1) }
	tests := map[string]struct{ value, reason, field, error string }{
		"truncated JSON":   {whole[:40], "json", "", "not valid JSON"},
		"no value":         {"", "empty", "", "no value"},
		"not JSON":         {"halo", "json", "", "not valid JSON"},
		"invalid UTF-8":    {with(`"x"`, "\"a\xffb\""), "json", "", "invalid UTF-8"},
		"2 MB of text":     {with(`"x"`, `"`+strings.Repeat("a", 2<<20)+`"`), "field", "text", "at most"},
		"missing id":       {with(`"mastodon:1"`, `""`), "field", "id", "missing"},
		"missing account":  {with(`{"id":"1"}`, `{"id":""}`), "field", "account.id", "missing"},
		"1970":             {with("2024-11-20T09:30", "1970-01-01T09:30"), "field", "created_at", "1970"},
		"2100":             {with("2024-11-20T09:30", "2100-01-01T09:30"), "field", "created_at", "2100"},
		"NUL in the id":    {with(`"mastodon:1"`, `"mastodon:\u0000"`), "field", "id", "control"},
		"raw NUL":          {with(`"x"`, "\"a\x00b\""), "json", "", "not valid JSON"},
		"unknown platform": {with(`"platform":"mastodon"`, `"platform":"friendster"`), "field", "platform", "friendster"},
		"unknown key":      {with(`"text"`, `"txet"`), "field", "txet", "allowed"},
		"defect":           {with(`"x"`, `"panik"`), "classifier", "", "a defect on purpose"},
		"refused":          {with(`"x"`, `"coblos, tolak"`), "refused", "", "refuses"},
	}
	r := newRoad(t, embeddedtest.Broker(t))
	store := newMemory()
	var records []queue.Record
	byKey := map[string]string{}
	for name, test := range tests {
		key := "mastodon:" + name
		byKey[key] = name
		value := strings.Replace(test.value, `"mastodon:1"`, `"mastodon:`+name+`"`, 1) // no repeats
		records = append(records,
			queue.Record{Key: []byte(key), Value: []byte(value), Headers: []queue.Header{{Key: "odd", Value: []byte("kept")}}},
			recordOf(t, aPost(1000+len(records), "ayo coblos nomor 2"), 1))
	}
	r.send(records...)
	r.work(settings(), store)
	eventually(t, "the good posts are stored", func() bool { return len(store.stored()) == len(tests) })
	eventually(t, "the dead letters are there", func() bool { return r.metric("netra_worker_dead_letters_total") == float64(len(tests)) })

	letters := r.dead()
	if len(letters) != len(tests) {
		t.Errorf("%d dead letters, want %d", len(letters), len(tests))
	}
	for _, letter := range letters {
		name := byKey[string(letter.Key)]
		test := tests[name]
		for key, want := range map[string]string{"reason": test.reason, "field": test.field, "source_topic": r.cfg.Topic, "source_header_odd": "kept"} {
			if got := headerOf(letter, key); got != want {
				t.Errorf("%s: header %s is %q, want %q", name, key, got, want)
			}
		}
		if got := headerOf(letter, "error"); !strings.Contains(got, test.error) {
			t.Errorf("%s: error is %q, want it to contain %q", name, got, test.error)
		}
		if headerOf(letter, "source_offset") == "" || headerOf(letter, "source_partition") == "" || headerOf(letter, "source_time") == "" {
			t.Errorf("%s: the source is missing", name)
		}
		if len(letter.Value) != len(strings.Replace(test.value, `"mastodon:1"`, `"mastodon:`+name+`"`, 1)) {
			t.Errorf("%s: the value is of %d bytes, not as it came", name, len(letter.Value))
		}
	}
	// The refused post is counted: it is a post. The one with the defect is not.
	eventually(t, "the others are counted", func() bool { return store.counted() == len(tests)+1 })
}

func TestARepeatIsNotCountedAgain(t *testing.T) {
	r := newRoad(t, embeddedtest.Broker(t))
	store := newMemory()
	first := aPost(1, "ayo coblos nomor 2")
	later := first
	later.CollectedAt = later.CollectedAt.Add(time.Hour)
	edited := first
	edited.Text = "ayo coblos nomor 3"
	old := aPost(2, "coblos, disunting")
	r.send(recordOf(t, first, 1), recordOf(t, first, 1), recordOf(t, later, 1), recordOf(t, edited, 1), recordOf(t, old, 3))
	r.work(settings(), store)
	eventually(t, "all are seen", func() bool { return r.metric("netra_queue_consumed_total") == 5 })
	if got := store.counted(); got != 1 {
		t.Errorf("%d posts counted, want 1: the repeats, the edit and the third revision are not new", got)
	}
	texts := map[string]int{}
	for _, flag := range store.stored() {
		texts[flag.Post.Text]++
	}
	if texts["ayo coblos nomor 2"] != 1 || texts["ayo coblos nomor 3"] != 1 || texts["coblos, disunting"] != 1 {
		t.Errorf("stored %v, want the post, its edit and the third revision once each", texts)
	}
}

// TestAnEditIsToldOfAlsoWhereItSaysNothing has edits that are flagged, edits that
// are not, and repeats that are none.
func TestAnEditIsToldOfAlsoWhereItSaysNothing(t *testing.T) {
	r := newRoad(t, embeddedtest.Broker(t))
	store := newMemory()
	again := aPost(1, "ayo coblos nomor 2")
	again.CollectedAt = again.CollectedAt.Add(time.Hour)
	r.send(
		recordOf(t, aPost(1, "ayo coblos nomor 2"), 1), recordOf(t, again, 1), recordOf(t, aPost(1, "selamat pagi"), 2),
		recordOf(t, aPost(1, "coblos lagi"), 3), recordOf(t, aPost(2, "selamat siang"), 1),
	)
	r.work(settings(), store)
	eventually(t, "all are seen", func() bool { return r.metric("netra_queue_consumed_total") == 5 })
	id := aPost(1, "").ID
	store.mutex.Lock()
	defer store.mutex.Unlock()
	if len(store.edits) != 2 || store.edits[0].ID != id || store.edits[1].ID != id || store.edits[0].Topic != r.cfg.Topic || store.edits[0].Offset >= store.edits[1].Offset {
		t.Errorf("edits %+v, want the second and the third content of %s", store.edits, id)
	}
}

func TestARepeatIsRecognisedByTheNextOwnerOfThePartition(t *testing.T) {
	r := newRoad(t, embeddedtest.Broker(t))
	store := newMemory()
	w := r.work(settings(), store)
	for i := range 20 {
		r.send(recordOf(t, aPost(i, "coblos"), 1))
	}
	eventually(t, "20 are counted", func() bool { return store.counted() == 20 })
	w.stop()
	for i := range 25 {
		r.send(recordOf(t, aPost(i, "coblos"), 1))
	}
	r.work(settings(), store)
	eventually(t, "all are seen", func() bool { return r.metric("netra_queue_consumed_total") == 45 })
	if got, flags := store.counted(), len(store.stored()); got != 25 || flags != 25 {
		t.Errorf("%d posts counted and %d flags stored, want 25 of each", got, flags)
	}
}

func TestAnUnknownAccountIsStoredWithoutAPerson(t *testing.T) {
	r := newRoad(t, embeddedtest.Broker(t))
	store := newMemory()
	p := aPost(1, "coblos")
	p.Account.ID = "unknown"
	r.send(recordOf(t, p, 1))
	r.work(settings(), store)
	eventually(t, "it is stored", func() bool { return len(store.stored()) == 1 })
	if got := store.stored()[0].Person; got != (post.Person{}) {
		t.Errorf("stored with person %+v, want none", got)
	}
	eventually(t, "it is counted as unresolved", func() bool { return r.metric("netra_worker_unresolved_accounts_total") == 1 })
}

func TestAStoreThatIsAwayIsWaitedForInBoundedMemory(t *testing.T) {
	r := newRoad(t, embeddedtest.Broker(t))
	store := newMemory()
	store.setAway(true)
	const n = 30_000
	random := rand.New(rand.NewPCG(1, 2))
	for begin := 0; begin < n; begin += 1000 {
		posts := make([]post.Post, 1000)
		for i := range posts {
			text := make([]byte, 1200) // 40 MB in all that hardly compress
			for j := range text {
				text[j] = 'A' + byte(random.IntN(26))
			}
			posts[i] = aPost(begin+i, string(text))
		}
		if err := r.producer.Send(t.Context(), posts...); err != nil {
			t.Fatal(err)
		}
	}
	before := heapMB()
	w := r.work(settings(), store)
	eventually(t, "the worker keeps trying", func() bool { return store.tried() > 60 })
	if grown := heapMB() - before; grown > 20 {
		t.Errorf("the heap grew by %.0f MB while the store was away", grown)
	}
	if err := w.Ready(t.Context()); err == nil || !strings.Contains(err.Error(), "store") {
		t.Errorf("ready says %v, want that the store is away", err)
	}
	store.setAway(false)
	eventually(t, "all posts are counted", func() bool { return store.counted() >= n })
	if got := store.counted(); got != n {
		t.Errorf("%d posts counted, want %d", got, n)
	}
	eventually(t, "the worker is ready again", func() bool { return w.Ready(t.Context()) == nil })
}

func TestATermWhileTheStoreIsAwayEndsInTimeAndLosesNothing(t *testing.T) {
	r := newRoad(t, embeddedtest.Broker(t))
	r.cfg.Consumer.DrainTimeout = 500 * time.Millisecond
	r.queue = r.open(r.registry)
	store := newMemory()
	store.setAway(true)
	for i := range 10 {
		r.send(recordOf(t, aPost(i, "coblos"), 1))
	}
	w := r.work(settings(), store)
	eventually(t, "the worker tries", func() bool { return store.tried() > 3 })
	begin := time.Now()
	w.stop()
	if took := time.Since(begin); took > 10*time.Second {
		t.Errorf("the end took %v", took)
	}
	store.setAway(false)
	r.work(settings(), store)
	eventually(t, "all posts are counted", func() bool { return store.counted() == 10 })
	if flags := len(store.stored()); flags != 10 {
		t.Errorf("%d flags stored, want 10", flags)
	}
}

func TestConfigurationNamesTheKey(t *testing.T) {
	cfg := settings()
	cfg.RepeatWindow = -1
	if err := cfg.Validate(); err == nil || !strings.Contains(err.Error(), "key repeat_window: value -1: allowed") {
		t.Errorf("got %v", err)
	}
}

func ExampleConfiguration() {
	fmt.Println(settings().Validate())
	// Output: <nil>
}
