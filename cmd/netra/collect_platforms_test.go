package main

import (
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/netra-id/netra/pipeline/collect"
	"github.com/netra-id/netra/pipeline/collect/platformtest"
	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/queue"
)

const (
	platformToken = "s3cret0token"
	platformUser  = "17841405309211844"
	channelID     = "UCaaaaaaaaaaaaaaaaaaaaaa"
	authorDID     = "did:plc:4uz2445cjiw7w4nobfgnu35f"
)

// platformAccounts are the accounts in the roster: platform, id, handle, and the
// address by which a person names each.
var platformAccounts = []struct{ platform, id, handle, address string }{
	{"facebook", "1001", "", "https://www.facebook.com/1001"},
	{"instagram", "budi", "@budi", "https://www.instagram.com/budi/"},
	{"threads", "budi", "@budi", "https://www.threads.net/@budi"},
	{"x", "42", "@budi", "https://x.com/budi"},
	{"youtube", channelID, "@budi", "https://www.youtube.com/@budi"},
	{"mastodon", "42", "@budi@contoh.id", "https://contoh.id/@budi"},
	{"bluesky", authorDID, "@budi.contoh.id", "https://bsky.app/profile/budi.contoh.id"},
	{"telegram", "-1001", "@humas_budi", "https://t.me/humas_budi"},
	{"rss", "humas", "", "humas"},
	{"tiktok", "77", "@budi", ""},
}

// openNetworks answers as those platforms do that want no token, each with one
// post.
type openNetworks struct{ at time.Time }

func (n openNetworks) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	id, date := strconv.FormatInt(n.at.UnixMilli()<<16, 10), n.at.Format(time.RFC3339)
	switch path := r.URL.Path; {
	case path == "/api/v1/accounts/lookup":
		_, _ = fmt.Fprint(w, `{"id":"7","acct":"budi"}`)
	case path == "/api/v1/accounts/7/statuses" && r.URL.Query().Get("min_id") >= id:
		_, _ = fmt.Fprint(w, `[]`)
	case path == "/api/v1/accounts/7/statuses":
		_, _ = fmt.Fprintf(w, `[{"id":%q,"account":{"id":"7"},"created_at":%q,"content":"<p>halo mastodon</p>"}]`, id, date)
	case path == "/xrpc/app.bsky.feed.getAuthorFeed":
		_, _ = fmt.Fprintf(w, `{"feed":[{"post":{"uri":"at://%[2]s/app.bsky.feed.post/3l","author":{"did":%[2]q,"handle":"budi.contoh.id"},"record":{"text":"halo bluesky","createdAt":%[1]q},"indexedAt":%[1]q}}]}`, date, authorDID)
	case path == "/s/humas_budi":
		w.Header().Set("Content-Type", "text/html")
		_, _ = fmt.Fprintf(w, `<div class="tgme_widget_message_wrap"><div class="tgme_widget_message" data-post="humas_budi/1"><div class="js-message_text">halo telegram</div><a class="tgme_widget_message_date"><time datetime=%q></time></a></div></div>`, date)
	case path == "/feed":
		_, _ = fmt.Fprintf(w, `<rss version="2.0"><channel><title>Humas</title><item><guid>1</guid><title>halo rss</title><link>https://humas.example/1</link><pubDate>%s</pubDate></item></channel></rss>`, n.at.Format(time.RFC1123Z))
	default:
		http.NotFound(w, r)
	}
}

// platformServers starts all platforms and returns the configuration's sources.
func platformServers(t *testing.T, at time.Time) string {
	t.Helper()
	t.Setenv("SECRET", platformToken)
	date := at.Format(time.RFC3339)
	put := func(s *platformtest.Server, account, members string) {
		s.Token = platformToken
		s.Put(account, platformtest.Entry{ID: "1", At: at, JSON: `{"id":"1",` + members + `}`})
	}
	fb, ig := &platformtest.Facebook{}, &platformtest.Instagram{UserID: platformUser}
	th, tw, yt := &platformtest.Threads{}, &platformtest.X{}, &platformtest.YouTube{}
	put(&fb.Server, "1001", `"created_time":"`+date+`","message":"halo facebook"`)
	put(&ig.Server, "budi", `"timestamp":"`+date+`","caption":"halo instagram"`)
	put(&th.Server, "budi", `"timestamp":"`+date+`","text":"halo threads"`)
	put(&tw.Server, "42", `"created_at":"`+date+`","author_id":"42","text":"halo x"`)
	yt.Channels = map[string]string{channelID: platformtest.Channel(channelID, "Budi", "@budi")}
	put(&yt.Server, channelID, `"snippet":{"publishedAt":"`+date+`","title":"halo youtube"}`)
	addresses := make([]any, 0, 6)
	for _, handler := range []http.Handler{fb, ig, th, tw, yt, openNetworks{at}} {
		server := httptest.NewServer(handler)
		t.Cleanup(server.Close)
		addresses = append(addresses, server.URL)
	}
	return fmt.Sprintf(`
    - {name: s-facebook, facebook: {token_env: SECRET, fetch: {base_url: "%[1]s", allow_private: true}}}
    - {name: s-instagram, instagram: {token_env: SECRET, user_id: "`+platformUser+`", fetch: {base_url: "%[2]s", allow_private: true}}}
    - {name: s-threads, threads: {token_env: SECRET, fetch: {base_url: "%[3]s", allow_private: true}}}
    - {name: s-x, x: {token_env: SECRET, agreement: "Perjanjian 12/2026", fetch: {base_url: "%[4]s", allow_private: true}}}
    - {name: s-youtube, youtube: {token_env: SECRET, fetch: {base_url: "%[5]s", allow_private: true}}}
    - {name: s-mastodon, mastodon: {instances: [{domain: contoh.id, base_url: "%[6]s"}], fetch: {allow_private: true}}}
    - {name: s-bluesky, bluesky: {fetch: {base_url: "%[6]s", allow_private: true}}}
    - {name: s-telegram, telegram: {fetch: {base_url: "%[6]s", allow_private: true}}}
    - {name: s-rss, feed: {feeds: [{url: "%[6]s/feed", account_id: humas}], fetch: {allow_private: true}}}
`, addresses...)
}

// TestEveryPlatformIsCollectedFromTheCommandLine rehearses, collects and goes
// back with every platform, through its configuration alone.
func TestEveryPlatformIsCollectedFromTheCommandLine(t *testing.T) {
	at := time.Now().Add(-2 * time.Hour).Truncate(time.Second).UTC()
	configured := platformServers(t, at)
	h := newHousehold(t)
	data, err := os.ReadFile(h.config)
	if err != nil {
		t.Fatal(err)
	}
	before, _, _ := strings.Cut(string(data), "\n    - name: inbox")
	h.config = write(t, h.dir, "netra.yaml", before+configured)
	rows := "nip,name,agency,unit,position,region,status,valid_from,valid_until,platform,account_id,handle,basis\n"
	for n, a := range platformAccounts {
		rows += fmt.Sprintf("%018d,Pegawai %d,Dinas,,Staf,97.01,pns,2020-01-01,,%s,%s,%s,uji\n", 198001012005011000+n, n, a.platform, a.id, a.handle)
	}
	asn := write(t, h.dir, "asn.csv", rows)
	collect := func(args ...string) result {
		result := netra(t, nil, append([]string{"collect", "--config", h.config}, args...)...)
		if strings.Contains(result.out+result.errOut, platformToken) {
			t.Error("the token is shown")
		}
		return result
	}
	for _, a := range platformAccounts {
		if a.address != "" {
			collect("--once", "--source", "s-"+a.platform, "--account", a.address, "--dry-run", "--roster", asn).
				expect(t, exitDone, "halo "+a.platform, "1 would be sent; nothing was sent")
		}
	}
	collect("--dry-run", "--roster", asn).expect(t, exitDone, "9 would be sent")
	if _, err := os.Stat(filepath.Join(h.dir, "data")); err == nil {
		t.Error("a rehearsal left a data folder")
	}

	environment, store := h.servers(asn)
	collect("--once", "--source", "s-x", "--account", "https://x.com/budi").expect(t, exitDone, "1 sent")
	left := remembered(t, filepath.Join(h.dir, "data"))
	collect("--once", "--all", "--dry-run").expect(t, exitDone, "8 would be sent")
	collect("--once", "--all", "--dry-run", "--from-start").expect(t, exitDone, "9 would be sent")
	if now := remembered(t, filepath.Join(h.dir, "data")); now != left {
		t.Errorf("a rehearsal has changed what is remembered:\n%s\n%s", left, now)
	}
	collect("--once").expect(t, exitDone, "8 sent")
	collect("--once", "--all").expect(t, exitDone, "0 sent")
	from := at.AddDate(0, 0, -1).Format(time.DateOnly)
	for _, a := range platformAccounts {
		if a.address != "" {
			collect("--backfill", "--from", from, "--source", "s-"+a.platform).expect(t, exitDone, "1 items, 0 sent, 1 dropped (1 duplicate)")
		}
	}
	everyAnswerTravels(t, environment)
	covered := "SELECT count() FROM netra.account_coverage FINAL WHERE "
	if got := count(t, store, covered+"source = concat('s-', platform) AND last_success > 0 AND last_post > 0"); got != 9 {
		t.Errorf("%d accounts are covered, want 9", got)
	}
	if got := count(t, store, covered+"platform = 'tiktok' AND source = '' AND reason = 'no source'"); got != 1 {
		t.Errorf("coverage tells of %d accounts without a source, want 1", got)
	}
}

// everyAnswerTravels reads the queue: each post has what its platform answered
// with it, byte for byte, and how that was fetched, but no credentials.
func everyAnswerTravels(t *testing.T, environment []string) {
	t.Helper()
	cfg := queue.DefaultConfiguration()
	for _, variable := range environment {
		if address, ok := strings.CutPrefix(variable, "NETRA_KAFKA_BROKERS="); ok {
			cfg.Brokers = []string{address}
		}
	}
	q, err := queue.New(cfg, slog.New(slog.DiscardHandler), prometheus.NewRegistry())
	if err != nil {
		t.Fatal(err)
	}
	defer q.Close()
	ranges, err := q.Ranges(t.Context(), cfg.Topic, time.Time{}, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	platforms := map[string]bool{}
	for _, r := range ranges {
		for offset := r.First; offset < r.End; offset++ {
			record, err := q.Read(t.Context(), cfg.Topic, r.Partition, offset)
			if err != nil {
				t.Fatal(err)
			}
			p, err := post.Decode(record.Value)
			if err != nil {
				t.Fatal(err)
			}
			platforms[p.Platform] = true
			raw, err := q.Raw(&record)
			if sum := sha256.Sum256(raw); err != nil || hex.EncodeToString(sum[:]) != p.RawSHA256 || !strings.Contains(string(raw), "halo "+p.Platform) {
				t.Errorf("%s: answer %s, %v", p.Platform, raw, err)
			}
			var fetched collect.Exchange
			if err := json.Unmarshal(record.Fetch(), &fetched); err != nil {
				t.Errorf("%s: %v", p.Platform, err)
			}
			wants := slices.Contains([]string{"facebook", "instagram", "threads", "x", "youtube"}, p.Platform)
			if !strings.HasPrefix(fetched.Address, "http://127.0.0.1:") || fetched.Status != 200 || fetched.Headers["Date"] == "" || fetched.Credentials != wants ||
				time.Since(fetched.FetchedAt).Abs() > time.Hour || !strings.HasPrefix(fetched.By, "netra ") || !strings.HasSuffix(fetched.By, " collect s-"+p.Platform) {
				t.Errorf("%s: fetched %+v", p.Platform, fetched)
			}
			for _, header := range record.Headers {
				if strings.Contains(string(header.Value), platformToken) {
					t.Errorf("%s: the header %s has the token", p.Platform, header.Key)
				}
			}
			if strings.Contains(string(raw), platformToken) {
				t.Errorf("%s: the answer has the token", p.Platform)
			}
		}
	}
	if len(platforms) != 9 {
		t.Errorf("posts of %v, want those of nine", platforms)
	}
}

// remembered are the cursors, the schedule and the posts that were sent, as the
// state file has them. What a rehearsal spends of a quota is spent.
func remembered(t *testing.T, dir string) string {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(dir, "collect.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	var found strings.Builder
	for _, query := range []string{
		"SELECT group_concat(source || ' ' || target || ' ' || coalesce(hex(cursor), '') || ' ' || due || ' ' || last_success, '\n') FROM (SELECT * FROM target ORDER BY source, target)",
		"SELECT count(*) || ' posts were sent' FROM seen",
	} {
		var text sql.NullString
		if err := db.QueryRowContext(t.Context(), query).Scan(&text); err != nil {
			t.Fatal(err)
		}
		_, _ = fmt.Fprintln(&found, text.String)
	}
	return found.String()
}
