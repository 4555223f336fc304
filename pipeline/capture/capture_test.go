package capture_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"log/slog"
	"math/bits"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/netra-id/netra/pipeline/access"
	"github.com/netra-id/netra/pipeline/audit"
	"github.com/netra-id/netra/pipeline/blobs"
	"github.com/netra-id/netra/pipeline/capture"
	"github.com/netra-id/netra/pipeline/collect"
	"github.com/netra-id/netra/pipeline/database"
	"github.com/netra-id/netra/pipeline/database/databasetest"
	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/roster"
)

func TestMain(m *testing.M) { databasetest.Main(m) }

const (
	png     = "\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR"
	mp4     = "\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isommp41"
	hookKey = "rahasia mitra kominfo yang panjang sekali"
)

var (
	sari  = access.Viewer{ID: 1, Name: "sari", Role: access.Analyst}
	landa = access.Viewer{ID: 2, Name: "landa", Role: access.Analyst, Regions: []string{"61.08"}}
	jawa  = access.Viewer{ID: 3, Name: "jawa", Role: access.Analyst, Regions: []string{"35"}}
)

// queue takes posts as Kafka does, and can be away.
type queue struct {
	mu       sync.Mutex
	posts    []post.Post
	rejected []collect.Rejected
	away     bool
}

func (q *queue) Send(_ context.Context, posts []collect.Outgoing) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.away {
		return errors.New("the queue is away")
	}
	for _, out := range posts {
		q.posts = append(q.posts, out.Post)
	}
	return nil
}

func (q *queue) Reject(_ context.Context, rejected []collect.Rejected) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.rejected = append(q.rejected, rejected...)
	return nil
}

func (q *queue) is(away bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.away = away
}

func (q *queue) taken() []post.Post {
	q.mu.Lock()
	defer q.mu.Unlock()
	return append([]post.Post(nil), q.posts...)
}

// office is a desk on real parts, with a queue and a clock that the test holds.
type office struct {
	*capture.Desk
	t     *testing.T
	db    *database.DB
	queue *queue
	log   *audit.Log
	mu    sync.Mutex
	clock time.Time
}

func (o *office) now() time.Time {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.clock
}

func (o *office) pass(d time.Duration) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.clock = o.clock.Add(d)
}

func entry(platform, id, handle, name, region string, from, until time.Time) roster.Entry {
	return roster.Entry{Platform: platform, AccountID: id, Handle: handle, ValidFrom: from, ValidUntil: until, Person: post.Person{PersonID: name, Name: name, Region: region, Agency: "Dinas Contoh"}}
}

func open(t *testing.T, db *database.DB, change func(*capture.Configuration)) *office {
	t.Helper()
	t.Setenv("NETRA_TEST_HOOK", hookKey)
	o := &office{t: t, db: db, queue: &queue{}, clock: time.Now().Truncate(time.Millisecond)}
	state, err := collect.OpenState(t.Context(), filepath.Join(t.TempDir(), "collect.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = state.Close() })
	from := o.clock.AddDate(-3, 0, 0)
	accounts := roster.New([]roster.Entry{
		entry("instagram", "1784", "@sumarni.guru", "Sumarni", "61.08", from, time.Time{}),
		entry("facebook", "990", "rahmat.hidayat", "Rahmat Hidayat", "35.77", from, time.Time{}),
		entry("facebook", "991", "rahmat.h", "Rahmat Hartono", "61.08", from, time.Time{}),
		entry("tiktok", "77", "@pensiun", "Pak Pensiun", "61.08", from, o.clock.AddDate(0, -1, 0)),
	})
	files, err := blobs.New(blobs.Configuration{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	if o.log, err = audit.New(t.Context(), db, audit.Options{}); err != nil {
		t.Fatal(err)
	}
	collecting := collect.DefaultConfiguration()
	collecting.RetryInitial = 20 * time.Millisecond
	intake := collect.NewIntake(collecting, collect.Dependencies{
		State: state, Roster: accounts, Producer: o.queue, Rejecter: o.queue, Registerer: prometheus.NewRegistry(), Logger: slog.New(slog.DiscardHandler),
	})
	cfg := capture.DefaultConfiguration()
	cfg.Tips.Enabled, cfg.Tips.ProofBits, cfg.MaxImageBytes, cfg.MaxVideoBytes = true, 8, 1000, 5000
	cfg.Hooks.Partners = []capture.Partner{{Name: "kominfo", SecretEnv: "NETRA_TEST_HOOK"}, {Name: "ct", SecretEnv: "NETRA_TEST_HOOK", Mapping: "crowdtangle"}}
	if change != nil {
		change(&cfg)
	}
	if err := cfg.Validate(); err != nil {
		t.Fatal(err)
	}
	o.Desk, err = capture.New(t.Context(), cfg, capture.Dependencies{
		Database: db, Audit: o.log, Files: files, Intake: intake, Key: []byte(strings.Repeat("k", 32)), Now: o.now,
		Roster: func() capture.Roster { return accounts },
	})
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func each(t *testing.T, change func(*capture.Configuration), test func(t *testing.T, o *office)) {
	t.Helper()
	databasetest.EachOpen(t, func(t *testing.T, db *database.DB) { test(t, open(t, db, change)) })
}

func (o *office) keep(by access.Viewer, content string) string {
	o.t.Helper()
	f, err := o.Keep(o.t.Context(), by, "layar.png", strings.NewReader(content))
	if err != nil {
		o.t.Fatal(err)
	}
	return f.SHA256
}

// did lists what the audit log holds, the oldest first.
func (o *office) did() (actions []string) {
	o.t.Helper()
	if _, err := o.log.Seal(o.t.Context()); err != nil {
		o.t.Fatal(err)
	}
	entries, err := o.log.List(o.t.Context(), audit.Filter{}, 100)
	if err != nil {
		o.t.Fatal(err)
	}
	for i := len(entries) - 1; i >= 0; i-- {
		actions = append(actions, entries[i].Action)
	}
	return actions
}

func TestACaptureTravelsAsAPost(t *testing.T) {
	each(t, nil, func(t *testing.T, o *office) {
		sum := o.keep(sari, png+"satu")
		seen := o.now().Add(-time.Hour)
		got, err := o.Capture(t.Context(), sari, capture.Submission{
			Link: "https://www.instagram.com/p/Cx_9/?igsh=abc&utm_source=x#top", Account: "instagram:1784", Text: "coblos nomor 2 ya\r\nsemua\x00", Quoted: "kutipan",
			SeenAt: seen, PostedAt: seen.Add(-time.Hour), Files: []string{sum},
		})
		if err != nil {
			t.Fatal(err)
		}
		posts := o.queue.taken()
		if len(posts) != 1 || got.State != capture.Sent || got.Outcome != "" {
			t.Fatalf("%d posts, %+v", len(posts), got)
		}
		p := posts[0]
		if p.ID != "instagram:p/Cx_9" || p.Source != "capture" || p.Kind != post.KindPost || p.Text != "coblos nomor 2 ya\nsemua" || p.Quoted != "kutipan" || !p.CollectedAt.Equal(seen) ||
			!p.CreatedAt.Equal(seen.Add(-time.Hour).Truncate(time.Second)) || p.Account.ID != "1784" || p.Account.Handle != "@sumarni.guru" || len(p.Media) != 1 || p.Media[0] != (post.Media{Type: "image", SHA256: sum}) {
			t.Errorf("%+v", p)
		}
		var kept string
		if err := o.db.QueryRow(t.Context(), `SELECT post FROM capture_posts WHERE num = ?`, got.Number).Scan(&kept); err != nil || kept != "" {
			t.Errorf("the text stays in the console's database: %q, %v", kept, err)
		}
		if did := strings.Join(o.did(), " "); did != "capture.file capture.post" {
			t.Errorf("audit: %s", did)
		}
	})
}

func TestWhatIsWrongWithACaptureIsSaid(t *testing.T) {
	each(t, nil, func(t *testing.T, o *office) {
		sum := o.keep(sari, png+"milik sari")
		good := func(change func(*capture.Submission)) capture.Submission {
			s := capture.Submission{Link: "https://facebook.com/rahmat.h/posts/1", Account: "facebook:991", Text: "halo"}
			change(&s)
			return s
		}
		for name, test := range map[string]struct {
			by     access.Viewer
			change func(*capture.Submission)
			want   capture.Problem
		}{
			"no account":        {sari, func(s *capture.Submission) { s.Account = "" }, capture.Problem{Field: "account", Why: "missing"}},
			"a stranger":        {sari, func(s *capture.Submission) { s.Account = "facebook:1" }, capture.Problem{Field: "account", Why: "unknown"}},
			"another region":    {jawa, func(*capture.Submission) {}, capture.Problem{Field: "account", Why: "unknown"}},
			"retired":           {sari, func(s *capture.Submission) { s.Account = "tiktok:77" }, capture.Problem{Field: "account", Why: "not_then"}},
			"another platform":  {sari, func(s *capture.Submission) { s.Platform = "x" }, capture.Problem{Field: "platform", Why: "other"}},
			"javascript":        {sari, func(s *capture.Submission) { s.Link = "javascript:alert(1)" }, capture.Problem{Field: "link", Why: "no_web"}},
			"data":              {sari, func(s *capture.Submission) { s.Link = "data:text/html,x" }, capture.Problem{Field: "link", Why: "no_web"}},
			"a password":        {sari, func(s *capture.Submission) { s.Link = "https://a:b@facebook.com/" }, capture.Problem{Field: "link", Why: "no_web"}},
			"nothing":           {sari, func(s *capture.Submission) { s.Link, s.Text = "", "" }, capture.Problem{Field: "text", Why: "missing"}},
			"a book":            {sari, func(s *capture.Submission) { s.Text = strings.Repeat("é", 20_001) }, capture.Problem{Field: "text", Why: "too_long"}},
			"a like":            {sari, func(s *capture.Submission) { s.Kind = post.KindLike }, capture.Problem{Field: "kind", Why: "unknown"}},
			"the future":        {sari, func(s *capture.Submission) { s.SeenAt = o.now().Add(2 * time.Hour) }, capture.Problem{Field: "seen_at", Why: "date"}},
			"posted after seen": {sari, func(s *capture.Submission) { s.SeenAt, s.PostedAt = o.now().AddDate(0, 0, -2), o.now() }, capture.Problem{Field: "posted_at", Why: "date"}},
			"another's file":    {landa, func(s *capture.Submission) { s.Files = []string{sum} }, capture.Problem{Field: "files", Why: "unknown"}},
			"no such file":      {sari, func(s *capture.Submission) { s.Files = []string{strings.Repeat("a", 64)} }, capture.Problem{Field: "files", Why: "unknown"}},
		} {
			_, err := o.Capture(t.Context(), test.by, good(test.change))
			var problems capture.Problems
			if !errors.As(err, &problems) || len(problems) != 1 || problems[0] != test.want {
				t.Errorf("%s: %v, want %v", name, err, test.want)
			}
		}
		if n := len(o.queue.taken()); n != 0 {
			t.Errorf("%d posts were sent", n)
		}
	})
}

func TestALinkIsCapturedOnceUnlessSaid(t *testing.T) {
	each(t, nil, func(t *testing.T, o *office) {
		s := capture.Submission{Link: "https://m.facebook.com/story.php?story_fbid=5&id=990&fbclid=1", Account: "facebook:990", Text: "satu"}
		first, err := o.Capture(t.Context(), sari, s)
		if err != nil {
			t.Fatal(err)
		}
		s.Link, s.Text = "https://www.facebook.com/story.php?id=990&story_fbid=5&mibextid=zz", "satu, disunting"
		var duplicate *capture.DuplicateError
		if _, err := o.Capture(t.Context(), sari, s); !errors.As(err, &duplicate) || duplicate.Before.Number != first.Number || duplicate.Before.By != "sari" {
			t.Fatalf("%v", err)
		}
		s.Again = true
		second, err := o.Capture(t.Context(), sari, s)
		if err != nil || second.PostID != first.PostID {
			t.Fatalf("%+v, %v", second, err)
		}
		third, err := o.Capture(t.Context(), sari, s)
		if err != nil || third.Outcome != "duplicate" || third.State != capture.Sent || len(o.queue.taken()) != 2 {
			t.Errorf("%+v, %v, %d posts", third, err, len(o.queue.taken()))
		}
		if list, err := o.Last(t.Context(), landa, 10); err != nil || len(list) != 0 {
			t.Errorf("another region sees %d captures, %v", len(list), err)
		}
		if _, err := o.Captured(t.Context(), landa, first.Number); !errors.Is(err, capture.ErrNone) {
			t.Errorf("another region sees it: %v", err)
		}
		if list, err := o.Last(t.Context(), jawa, 10); err != nil || len(list) != 3 {
			t.Errorf("its region sees %d captures, %v", len(list), err)
		}
	})
}

func TestACaptureOutlastsAQueueThatIsAway(t *testing.T) {
	if testing.Short() {
		t.Skip("it waits for a time to pass")
	}
	o := open(t, databasetest.Open(t, databasetest.SQLite(t)), nil)
	o.queue.is(true)
	got, err := o.Capture(t.Context(), sari, capture.Submission{Account: "facebook:990", Text: "halo"})
	if err != nil || got.State != capture.Waiting {
		t.Fatalf("%+v, %v", got, err)
	}
	o.queue.is(false)
	o.pass(time.Minute)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- o.Run(ctx) }()
	for got.State == capture.Waiting && t.Context().Err() == nil {
		time.Sleep(20 * time.Millisecond)
		if got, err = o.Captured(t.Context(), sari, got.Number); err != nil {
			t.Fatal(err)
		}
	}
	cancel()
	if err := <-ended; err != nil || got.State != capture.Sent || len(o.queue.taken()) != 1 {
		t.Errorf("%+v, %v, %d posts", got, err, len(o.queue.taken()))
	}
}

func TestAccountsAreFoundInTheOwnRegionsOnly(t *testing.T) {
	o := open(t, databasetest.Open(t, databasetest.SQLite(t)), nil)
	for name, test := range map[string]struct {
		by             access.Viewer
		platform, text string
		want           string
	}{
		"handle":           {sari, "", "@Sumarni.Guru", "instagram:1784!"},
		"part of the name": {sari, "", "rahmat", "facebook:990 facebook:991"},
		"name with case":   {sari, "", "hartono", "facebook:991"},
		"key":              {sari, "", "facebook:990", "facebook:990!"},
		"link of the page": {sari, "", "https://www.facebook.com/Rahmat.H/posts/7", "facebook:991! facebook:990"},
		"own region":       {landa, "", "rahmat", "facebook:991"},
		"another platform": {sari, "x", "rahmat", ""},
		"ended":            {sari, "", "pensiun", "tiktok:77!"},
		"nothing":          {sari, "", "  ", ""},
		"only an @":        {sari, "", "@", ""},
	} {
		var got []string
		for _, m := range o.Search(test.by, test.platform, test.text) {
			key := m.Key
			if m.Exact {
				key += "!"
			}
			got = append(got, key)
		}
		if strings.Join(got, " ") != test.want {
			t.Errorf("%s: %v, want %s", name, got, test.want)
		}
	}
}

func TestFilesHaveLimitsByTheirKind(t *testing.T) {
	each(t, nil, func(t *testing.T, o *office) {
		for name, test := range map[string]struct {
			content string
			want    error
		}{
			"picture":           {png + strings.Repeat("x", 900), nil},
			"large picture":     {png + strings.Repeat("x", 1200), blobs.ErrTooLarge},
			"recording":         {mp4 + strings.Repeat("x", 4000), nil},
			"large recording":   {mp4 + strings.Repeat("x", 6000), blobs.ErrTooLarge},
			"page":              {"<html><script>alert(1)</script>", blobs.ErrType},
			"nothing":           {"", blobs.ErrEmpty},
			"picture by name":   {"#!/bin/sh\nrm -rf /", blobs.ErrType},
			"large, of no kind": {strings.Repeat("x", 9000), blobs.ErrType},
		} {
			f, err := o.Keep(t.Context(), sari, "../../etc/\x00passwd.png", strings.NewReader(test.content))
			if !errors.Is(err, test.want) {
				t.Errorf("%s: %v, want %v", name, err, test.want)
			}
			if err == nil && f.Name != "....etcpasswd.png" {
				t.Errorf("%s: called %q", name, f.Name)
			}
		}
		sum := o.keep(sari, png)
		blob, err := o.OpenKept(t.Context(), sari, sum)
		if err != nil {
			t.Fatal(err)
		}
		if data, err := io.ReadAll(blob); err != nil || string(data) != png {
			t.Errorf("%q, %v", data, err)
		}
		_ = blob.Close()
		if _, err := o.OpenKept(t.Context(), landa, sum); !errors.Is(err, capture.ErrNone) {
			t.Errorf("another's file: %v", err)
		}
	})
}

// solve does a browser's work.
func solve(c capture.Challenge) string {
	for n := 0; ; n++ {
		sum := sha256.Sum256([]byte(c.Text + ":" + strconv.Itoa(n)))
		zeros := 0
		for _, b := range sum {
			zeros += bits.LeadingZeros8(b)
			if b != 0 {
				break
			}
		}
		if zeros >= c.Bits {
			return strconv.Itoa(n)
		}
	}
}

func offer(c capture.Challenge, number string) capture.Offer {
	return capture.Offer{Link: "https://www.instagram.com/sumarni.guru/p/Cx_9/", Seen: "guru itu ajak coblos", Contact: "0812 1234", Challenge: c.Text, Number: number, Address: "192.0.2.1"}
}

func why(err error) string {
	var refused *capture.TipError
	if errors.As(err, &refused) {
		return refused.Why
	}
	if err != nil {
		return err.Error()
	}
	return ""
}

func TestATipNeedsProof(t *testing.T) {
	each(t, nil, func(t *testing.T, o *office) {
		c := o.NewChallenge()
		number := solve(c)
		wrong := offer(c, "x")
		if _, err := o.Offer(t.Context(), wrong); why(err) != "early" {
			t.Errorf("no work: %v", err)
		}
		forged := offer(c, number)
		forged.Challenge = "zzz" + c.Text
		if _, err := o.Offer(t.Context(), forged); why(err) != "expired" {
			t.Errorf("a challenge of one's own: %v", err)
		}
		receipt, err := o.Offer(t.Context(), offer(c, number))
		if err != nil || len(receipt) != 14 {
			t.Fatalf("%q, %v", receipt, err)
		}
		if _, err := o.Offer(t.Context(), offer(c, number)); why(err) != "used" {
			t.Errorf("the same work again: %v", err)
		}
		slow := o.NewChallenge()
		o.pass(21 * time.Second)
		if _, err := o.Offer(t.Context(), offer(slow, "")); err != nil {
			t.Errorf("without scripts, after the wait: %v", err)
		}
		old := o.NewChallenge()
		number = solve(old)
		o.pass(3 * time.Hour)
		if _, err := o.Offer(t.Context(), offer(old, number)); why(err) != "expired" {
			t.Errorf("an old form: %v", err)
		}
	})
}

func TestTipsAreLimitedByAddress(t *testing.T) {
	o := open(t, databasetest.Open(t, databasetest.SQLite(t)), func(c *capture.Configuration) { c.Tips.AllWithoutScript = 3 })
	send := func(address string, work bool) string {
		c := o.NewChallenge()
		in := offer(c, "")
		in.Address = address
		if work {
			in.Number = solve(c)
		} else {
			o.pass(20 * time.Second)
		}
		_, err := o.Offer(t.Context(), in)
		return why(err)
	}
	var got []string
	for range 7 {
		got = append(got, send("a", true))
	}
	if want := ",,,,,,often"; strings.Join(got, ",") != want {
		t.Errorf("with work: %v", got)
	}
	got = []string{send("b", false), send("b", false), send("b", false), send("b", true), send("c", false), send("d", false), send("d", true)}
	if want := ",,often,,,often,"; strings.Join(got, ",") != want {
		t.Errorf("without work: %v, want %s", got, want)
	}
	o.pass(time.Hour)
	if got := send("a", true); got != "" {
		t.Errorf("an hour later: %s", got)
	}
}

func TestATipThatIsNoneIsRefused(t *testing.T) {
	o := open(t, databasetest.Open(t, databasetest.SQLite(t)), func(c *capture.Configuration) { c.Tips.MostWaiting = 1 })
	for name, test := range map[string]struct {
		change func(*capture.Offer)
		want   string
	}{
		"empty":        {func(in *capture.Offer) { in.Link, in.Seen = " ", "\n" }, "empty"},
		"long":         {func(in *capture.Offer) { in.Seen = strings.Repeat("a", 4001) }, "too_long"},
		"long link":    {func(in *capture.Offer) { in.Link = strings.Repeat("a", 5000) }, "too_long"},
		"long contact": {func(in *capture.Offer) { in.Contact = strings.Repeat("a", 201) }, "too_long"},
		"a machine":    {func(in *capture.Offer) { in.Trap = "https://spam.example" }, ""},
	} {
		c := o.NewChallenge()
		in := offer(c, solve(c))
		test.change(&in)
		if _, err := o.Offer(t.Context(), in); why(err) != test.want {
			t.Errorf("%s: %v, want %s", name, err, test.want)
		}
	}
	if box, err := o.Inbox(t.Context(), sari, capture.TipWaiting, 0, 10); err != nil || len(box.Tips) != 0 {
		t.Errorf("%d tips, %v", len(box.Tips), err)
	}
	for _, want := range []string{"", "full"} {
		c := o.NewChallenge()
		if _, err := o.Offer(t.Context(), offer(c, solve(c))); why(err) != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

// tip hands in a tip and returns it.
func (o *office) tip(link, seen string) capture.Tip {
	o.t.Helper()
	c := o.NewChallenge()
	in := offer(c, solve(c))
	in.Link, in.Seen, in.Address = link, seen, strconv.Itoa(int(o.now().UnixNano()))+link+seen
	receipt, err := o.Offer(o.t.Context(), in)
	if err != nil {
		o.t.Fatal(err)
	}
	box, err := o.Inbox(o.t.Context(), sari, capture.TipWaiting, 0, 100)
	if err != nil {
		o.t.Fatal(err)
	}
	for _, t := range box.Tips {
		if t.Receipt == receipt {
			return t
		}
	}
	o.t.Fatal("the tip is not in the inbox")
	return capture.Tip{}
}

func TestATipIsSeenByThoseOfItsRegion(t *testing.T) {
	each(t, nil, func(t *testing.T, o *office) {
		known := o.tip("https://instagram.com/sumarni.guru/p/A1", "ada")
		unknown := o.tip("http://10.0.0.1/admin", "entah")
		if known.Region != "61.08" || known.Account != "instagram:1784" || unknown.Region != "" {
			t.Errorf("%+v, %+v", known, unknown)
		}
		for name, test := range map[string]struct {
			by             access.Viewer
			known, unknown bool
			listed         int
		}{
			"all": {sari, true, true, 2}, "its region": {landa, true, false, 1}, "another region": {jawa, false, false, 0},
			"the province": {access.Viewer{ID: 9, Name: "p", Regions: []string{"61"}}, true, false, 1}, "a name that begins so": {access.Viewer{ID: 9, Name: "p", Regions: []string{"61.0"}}, false, false, 0},
		} {
			_, first := o.Tip(t.Context(), test.by, known.Number)
			_, second := o.Tip(t.Context(), test.by, unknown.Number)
			box, err := o.Inbox(t.Context(), test.by, capture.TipWaiting, 0, 10)
			if err != nil || (first == nil) != test.known || (second == nil) != test.unknown || len(box.Tips) != test.listed || box.Counts[capture.TipWaiting] != test.listed {
				t.Errorf("%s: %v, %v, %d listed, %v counted, %v", name, first, second, len(box.Tips), box.Counts, err)
			}
		}
		own, err := o.Put(t.Context(), jawa, "https://facebook.com/siapa", "tidak dikenal")
		if err != nil {
			t.Fatal(err)
		}
		if box, err := o.Inbox(t.Context(), jawa, capture.TipWaiting, 0, 10); err != nil || len(box.Tips) != 1 || box.Tips[0].Receipt != own.Receipt {
			t.Errorf("who put it there sees %+v, %v", box.Tips, err)
		}
	})
}

func TestNoTipEntersTheRoadBeforeItIsCaptured(t *testing.T) {
	each(t, nil, func(t *testing.T, o *office) {
		tip := o.tip("https://instagram.com/sumarni.guru/p/A1", "ada")
		if contact, err := o.Contact(t.Context(), sari, tip.Number); err != nil || contact != "0812 1234" {
			t.Errorf("%q, %v", contact, err)
		}
		var sealed []byte
		if err := o.db.QueryRow(t.Context(), `SELECT contact FROM capture_tips WHERE num = ?`, tip.Number).Scan(&sealed); err != nil || strings.Contains(string(sealed), "0812") || len(sealed) == 0 {
			t.Errorf("the contact is kept as %q, %v", sealed, err)
		}
		if err := o.Decide(t.Context(), jawa, tip.Number, capture.TipAccepted, ""); !errors.Is(err, capture.ErrNone) {
			t.Errorf("another region decides: %v", err)
		}
		if err := o.Decide(t.Context(), sari, tip.Number, capture.TipAccepted, ""); err != nil {
			t.Fatal(err)
		}
		if err := o.Decide(t.Context(), landa, tip.Number, capture.TipAccepted, ""); !errors.Is(err, capture.ErrDecided) {
			t.Errorf("twice: %v", err)
		}
		if n := len(o.queue.taken()); n != 0 {
			t.Fatalf("%d posts", n)
		}
		got, err := o.Capture(t.Context(), sari, capture.Submission{Link: tip.Link.Text, Account: tip.Account, Text: "teks", Tip: tip.Number})
		if err != nil || len(o.queue.taken()) != 1 {
			t.Fatalf("%+v, %v", got, err)
		}
		tip, err = o.Tip(t.Context(), sari, tip.Number)
		if err != nil || tip.State != capture.TipCaptured || tip.Capture != got.Number || !tip.HasContact {
			t.Errorf("%+v, %v", tip, err)
		}
		if did := strings.Join(o.did(), " "); did != "tip.receive tip.contact tip.accept capture.post" {
			t.Errorf("audit: %s", did)
		}
		o.pass(31 * 24 * time.Hour)
		if err := o.Purge(t.Context()); err != nil {
			t.Fatal(err)
		}
		if tip, err = o.Tip(t.Context(), sari, tip.Number); err != nil || tip.HasContact {
			t.Errorf("the contact stays: %+v, %v", tip, err)
		}
	})
}

func TestARejectedTipLosesItsContactAtOnceAndItsWordsLater(t *testing.T) {
	each(t, nil, func(t *testing.T, o *office) {
		rejected, spam := o.tip("https://a.example/1", "satu"), o.tip("javascript:alert(1)", "dua")
		if err := o.Decide(t.Context(), sari, rejected.Number, capture.TipRejected, "  "); why(err) != "no_cause" {
			t.Errorf("without a cause: %v", err)
		}
		for number, state := range map[int64]capture.TipState{rejected.Number: capture.TipRejected, spam.Number: capture.TipSpam} {
			if err := o.Decide(t.Context(), sari, number, state, "bukan ASN"); err != nil {
				t.Fatal(err)
			}
			tip, err := o.Tip(t.Context(), sari, number)
			if err != nil || tip.HasContact || tip.State != state || tip.Seen == "" {
				t.Errorf("%+v, %v", tip, err)
			}
		}
		o.pass(181 * 24 * time.Hour)
		if err := o.Purge(t.Context()); err != nil {
			t.Fatal(err)
		}
		if tip, err := o.Tip(t.Context(), sari, rejected.Number); err != nil || tip.Seen != "" || tip.Link.Text != "" || tip.Cause != "bukan ASN" {
			t.Errorf("%+v, %v", tip, err)
		}
	})
}

func (o *office) deliver(partner, body string, change func(*capture.Delivery)) (capture.Receipt, error) {
	stamp := strconv.FormatInt(o.now().Unix(), 10)
	in := capture.Delivery{Partner: partner, Timestamp: stamp, Signature: capture.Sign(hookKey, stamp, []byte(body)), Body: []byte(body), Address: "192.0.2.9"}
	if change != nil {
		change(&in)
	}
	return o.Receive(o.t.Context(), in)
}

const hooked = `{"id":"facebook:1","platform":"facebook","account":{"id":"990"},"text":"coblos","source":"mastodon","created_at":"2024-11-20T08:00:00+07:00"}
{"id":"facebook:2","platform":"facebook","account":{"id":"12345"},"text":"orang lain","created_at":"2024-11-20T08:00:00+07:00"}

{"id":"facebook:3","platform":"friendster","account":{"id":"990"},"text":"x","created_at":"2024-11-20T08:00:00+07:00"}
{"id":"facebook:4","unknown":1}
`

func TestAPartnerLearnsWhatBecameOfEachPost(t *testing.T) {
	each(t, nil, func(t *testing.T, o *office) {
		got, err := o.deliver("kominfo", hooked, nil)
		if err != nil {
			t.Fatal(err)
		}
		var results []string
		for _, item := range got.Items {
			results = append(results, strconv.Itoa(item.Index)+item.ID+":"+item.Result+":"+item.Cause)
		}
		if want := "0facebook:1:taken: 1facebook:2:refused:not_in_roster 2facebook:3:refused:not_in_roster 3:refused:malformed"; strings.Join(results, " ") != want {
			t.Errorf("%v, want %s", results, want)
		}
		if got.Received != 4 || got.Taken != 1 || got.Refused != 3 || !strings.Contains(got.Items[3].Reason, `key "unknown"`) {
			t.Errorf("%+v", got)
		}
		if posts := o.queue.taken(); len(posts) != 1 || posts[0].Source != "hook-kominfo" {
			t.Errorf("%+v", posts)
		}
		o.pass(2 * time.Second)
		again, err := o.deliver("kominfo", hooked, nil)
		if err != nil || again.Taken != 0 || again.Duplicates != 1 || len(o.queue.taken()) != 1 {
			t.Errorf("again: %+v, %v", again, err)
		}
		for name, body := range map[string]string{"a list": "[" + strings.Split(hooked, "\n")[0] + "]", "one object": strings.ReplaceAll(strings.Split(hooked, "\n")[0], ",", ",\n")} {
			o.pass(2 * time.Second)
			if got, err := o.deliver("kominfo", body, nil); err != nil || got.Received != 1 || got.Duplicates != 1 {
				t.Errorf("%s: %+v, %v", name, got, err)
			}
		}
	})
}

func TestARequestThatIsNotGenuineIsRefused(t *testing.T) {
	each(t, func(c *capture.Configuration) { c.Hooks.PerMinute = 3; c.Hooks.MaxItems = 2 }, func(t *testing.T, o *office) {
		one := strings.Split(hooked, "\n")[0]
		sign := func(stamp string) func(*capture.Delivery) {
			return func(in *capture.Delivery) { in.Timestamp, in.Signature = stamp, capture.Sign(hookKey, stamp, in.Body) }
		}
		past := strconv.FormatInt(o.now().Add(-6*time.Minute).Unix(), 10)
		future := strconv.FormatInt(o.now().Add(6*time.Minute).Unix(), 10)
		for name, test := range map[string]struct {
			partner string
			change  func(*capture.Delivery)
			want    string
		}{
			"a stranger":       {"siapa", nil, "signature"},
			"no signature":     {"kominfo", func(in *capture.Delivery) { in.Signature = "" }, "signature"},
			"another key":      {"kominfo", func(in *capture.Delivery) { in.Signature = capture.Sign("kunci lain", in.Timestamp, in.Body) }, "signature"},
			"another body":     {"kominfo", func(in *capture.Delivery) { in.Body = append(in.Body, ' ') }, "signature"},
			"another time":     {"kominfo", func(in *capture.Delivery) { in.Timestamp += "0" }, "signature"},
			"too old":          {"kominfo", sign(past), "time"},
			"from the future":  {"kominfo", sign(future), "time"},
			"no time":          {"kominfo", sign("kemarin"), "time"},
			"a time too large": {"kominfo", sign("99999999999999999999"), "time"},
		} {
			_, err := o.deliver(test.partner, one, test.change)
			var refused *capture.HookError
			if !errors.As(err, &refused) || refused.Why != test.want {
				t.Errorf("%s: %v, want %s", name, err, test.want)
			}
		}
		var got []string
		for _, body := range []string{one, one, "{", one + "\n\n"} {
			_, err := o.deliver("kominfo", body, nil)
			got = append(got, hookWhy(err))
		}
		if want := ",replay,,often"; strings.Join(got, ",") != want {
			t.Errorf("%v, want %s", got, want)
		}
		o.pass(time.Minute)
		if _, err := o.deliver("kominfo", hooked, nil); hookWhy(err) != "body" {
			t.Errorf("too many posts: %v", err)
		}
		if _, err := o.deliver("kominfo", "  \n", nil); hookWhy(err) != "body" {
			t.Errorf("nothing: %v", err)
		}
	})
}

func hookWhy(err error) string {
	var refused *capture.HookError
	if errors.As(err, &refused) {
		return refused.Why
	}
	if err != nil {
		return err.Error()
	}
	return ""
}

func TestAPartnerMaySendTheSameRequestAgainAfterAnOutage(t *testing.T) {
	o := open(t, databasetest.Open(t, databasetest.SQLite(t)), nil)
	o.queue.is(true)
	one := strings.Split(hooked, "\n")[0]
	stamp := strconv.FormatInt(o.now().Unix(), 10)
	in := capture.Delivery{Partner: "kominfo", Timestamp: stamp, Signature: capture.Sign(hookKey, stamp, []byte(one)), Body: []byte(one)}
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if _, err := o.Receive(ctx, in); hookWhy(err) != "away" {
		t.Fatalf("%v", err)
	}
	o.queue.is(false)
	if got, err := o.Receive(t.Context(), in); err != nil || got.Taken != 1 {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestAPartnerWithAShortSecretIsRefused(t *testing.T) {
	db := databasetest.Open(t, databasetest.SQLite(t))
	t.Setenv("NETRA_TEST_SHORT", "pendek")
	o := open(t, db, nil)
	cfg := o.Configuration()
	cfg.Hooks.Partners = []capture.Partner{{Name: "a", SecretEnv: "NETRA_TEST_SHORT"}}
	files, err := blobs.New(blobs.Configuration{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	_, err = capture.New(t.Context(), cfg, capture.Dependencies{Database: db, Audit: o.log, Files: files, Intake: nothing{}, Key: make([]byte, 32), Roster: func() capture.Roster { return roster.New(nil) }})
	if err == nil || !strings.Contains(err.Error(), "32 or more") || strings.Contains(err.Error(), "pendek") {
		t.Errorf("%v", err)
	}
}

type nothing struct{}

func (nothing) Take(context.Context, string, string, collect.Page) (collect.Tally, error) {
	return collect.Tally{}, nil
}

func TestTheSignatureIsWhatTheDocumentationSays(t *testing.T) {
	// printf '1732060800.{}' | openssl dgst -sha256 -hmac rahasia
	got := capture.Sign("rahasia", "1732060800", []byte("{}"))
	if _, err := hex.DecodeString(strings.TrimPrefix(got, "sha256=")); err != nil || len(got) != 71 {
		t.Errorf("%s", got)
	}
}
