package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/netra-id/netra/pipeline/embedded/embeddedtest"
)

// instanceOf is a Mastodon instance with accounts that have so many statuses
// each, which answers in pages and not fast.
type instanceOf struct {
	statuses int
	slow     time.Duration
	pages    atomic.Int64
	begin    time.Time
}

func (i *instanceOf) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path := strings.TrimPrefix(r.URL.Path, "/api/v1/accounts/")
	if path == "lookup" {
		acct, _, _ := strings.Cut(r.URL.Query().Get("acct"), "@")
		_ = json.NewEncoder(w).Encode(map[string]any{"id": strings.TrimPrefix(acct, "asn"), "acct": acct})
		return
	}
	id, ok := strings.CutSuffix(path, "/statuses")
	if !ok {
		http.NotFound(w, r)
		return
	}
	time.Sleep(i.slow)
	i.pages.Add(1)
	_ = json.NewEncoder(w).Encode(i.page(id, r.URL.Query().Get("min_id")))
}

// page returns the statuses right behind an id, newest first, as Mastodon does.
func (i *instanceOf) page(account, after string) []map[string]any {
	least, _ := strconv.ParseInt(after, 10, 64)
	number, _ := strconv.ParseInt(account, 10, 64) // no two accounts have a status of one id
	var found []map[string]any
	for n := range i.statuses {
		at := i.begin.Add(time.Duration(n) * time.Minute)
		if native := at.UnixMilli()<<16 + number; native > least && (after != "" || n >= i.statuses-20) {
			found = append([]map[string]any{{
				"id": strconv.FormatInt(native, 10), "account": map[string]string{"id": account}, "visibility": "public",
				"created_at": at.UTC().Format(time.RFC3339), "content": fmt.Sprintf("<p>Selamat pagi %d</p>", n),
			}}, found...)
			if len(found) == 20 {
				break
			}
		}
	}
	return found
}

// newInstance starts an instance and a household that collects from it, with
// the sources' names and so many accounts in the roster file.
func newInstance(t *testing.T, accounts, statuses int) (*household, *instanceOf, string) {
	t.Helper()
	i := &instanceOf{statuses: statuses, begin: time.Now().Add(-48 * time.Hour).Truncate(time.Minute)}
	server := httptest.NewServer(i)
	t.Cleanup(server.Close)
	h := newHousehold(t)
	data, err := os.ReadFile(h.config)
	if err != nil {
		t.Fatal(err)
	}
	before, _, _ := strings.Cut(string(data), "    - name: inbox")
	h.config = write(t, h.dir, "netra.yaml", before+fmt.Sprintf(`    - name: instansi
      interval: 1s
      rate: 1000
      burst: 10
      mastodon:
        instances: [{domain: contoh.id, base_url: %q}]
        fetch: {allow_private: true}
`, server.URL))
	rows := "nip,name,agency,unit,position,region,status,valid_from,valid_until,platform,account_id,handle,basis\n"
	for n := range accounts {
		rows += fmt.Sprintf("%018d,Pegawai %d,Dinas,,Staf,97.01,pns,2020-01-01,,mastodon,%d,@asn%d@contoh.id,uji\n", 198001012005011000+n, n, 100+n, 100+n)
	}
	return h, i, write(t, h.dir, "asn.csv", rows)
}

// servers starts a broker and an engine by themselves, migrates, and imports the
// roster. What it returns is also this process's environment.
func (h *household) servers(asn string) (environment []string, store embeddedtest.Connection) {
	h.t.Helper()
	broker, address := freeAddress(h.t), freeAddress(h.t)
	environment = []string{
		"NETRA_MONITOR_LISTEN=", "NETRA_KAFKA_BROKERS=" + broker,
		"NETRA_CLICKHOUSE_ADDRESS=http://" + address, "NETRA_CLICKHOUSE_USER=netra", "NETRA_CLICKHOUSE_PASSWORD=x",
	}
	for _, variable := range environment {
		key, value, _ := strings.Cut(variable, "=")
		h.t.Setenv(key, value)
	}
	p := start(h.t, environment, "broker", "--listen", broker, "--dir", filepath.Join(h.dir, "broker"))
	start(h.t, environment, "engine", "--listen", address, "--dir", filepath.Join(h.dir, "engine"))
	p.eventually("both are there", func() bool { return answers(broker) && answers(address) })
	p.eventually("it is migrated", func() bool { return netra(h.t, nil, "migrate", "--config", h.config).code == exitDone })
	if asn != "" {
		netra(h.t, nil, "roster", "import", "--config", h.config, asn).expect(h.t, exitDone, " new")
	}
	return environment, embeddedtest.Connection{Address: address, User: "netra", Password: "x", Database: "netra"}
}

// TestAKillInTheMiddleOfPagingLosesNothing kills the collector again and again
// while it reads accounts page by page, and counts what the road has stored.
func TestAKillInTheMiddleOfPagingLosesNothing(t *testing.T) {
	const accounts, statuses, kills = 6, 1000, 8
	h, instance, asn := newInstance(t, accounts, statuses)
	instance.slow = 40 * time.Millisecond
	environment, store := h.servers(asn)
	start(t, environment, "work", "--config", h.config)
	for kill := range kills {
		p := start(t, environment, "collect", "--config", h.config)
		want := instance.pages.Load() + 12
		p.eventually("it is in the middle of paging", func() bool { return instance.pages.Load() >= want })
		time.Sleep(rand.N(150 * time.Millisecond)) //nolint:gosec // anywhere
		p.stop(syscall.SIGKILL)
		if got := count(t, store, allPosts); kill < 3 && got >= accounts*statuses {
			t.Fatalf("%d posts are there after %d kills: it was not in the middle", got, kill+1)
		}
	}
	p := start(t, environment, "collect", "--config", h.config)
	p.eventually("all posts are counted", func() bool { return count(t, store, allPosts) >= accounts*statuses })
	time.Sleep(2 * time.Second) // what is twice would come now
	if got := count(t, store, allPosts); got != accounts*statuses {
		t.Errorf("%d posts are counted, want %d: something came twice", got, accounts*statuses)
	}
	p.eventually("every account is covered", func() bool {
		return count(t, store, "SELECT count() FROM account_coverage FINAL WHERE source = 'instansi' AND problem = '' AND empty(missing_from) AND last_post > now() - INTERVAL 3 DAY") == accounts
	})
	if code := p.stop(syscall.SIGTERM); code != exitDone {
		t.Errorf("exit code %d\n%s", code, tail(p.said()))
	}
}

func TestCollectShowsWhatWouldComeAndCollectsOnce(t *testing.T) {
	h, _, asn := newInstance(t, 3, 30)
	t.Run("a rehearsal needs no server", func(t *testing.T) {
		netra(t, nil, "collect", "--config", h.config, "--once", "--source", "instansi", "--account", "@asn101@contoh.id", "--dry-run", "--roster", asn).
			expect(t, exitDone, "Selamat pagi 29", "@asn101@contoh.id", "1 targets, 30 items, 30 would be sent")
		result := netra(t, nil, "collect", "--config", h.config, "--dry-run", "--roster", asn, "--format", "jsonl", "--limit", "2")
		result.expect(t, exitDone, "90 would be sent", "88 not shown")
		for line := range strings.Lines(result.out) {
			var shown wouldBe
			if err := json.Unmarshal([]byte(line), &shown); err != nil || shown.Would != "send" || shown.Post == nil || shown.Source != "instansi" {
				t.Errorf("%s: %v", line, err)
			}
		}
		if _, err := os.Stat(filepath.Join(h.dir, "data")); err == nil {
			t.Error("a rehearsal left a data folder")
		}
		netra(t, nil, "collect", "--config", h.config, "--dry-run", "--roster", asn, "--account", "@asn10@contoh.id").expect(t, exitUsage, `did you mean "@asn10`)
		netra(t, nil, "collect", "--config", h.config, "--dry-run", "--roster", asn, "--source", "x").expect(t, exitUsage, `--source "x"; allowed: instansi`)
	})
	t.Run("once", func(t *testing.T) {
		h.t = t
		h.servers("")
		netra(t, nil, "collect", "--config", h.config, "--once").expect(t, exitUsage, "the roster is empty")
		netra(t, nil, "roster", "import", "--config", h.config, asn).expect(t, exitDone, "3 new")
		from := time.Now().AddDate(0, 0, -3).Format(time.DateOnly)
		netra(t, nil, "collect", "--config", h.config, "--once", "--account", "100").expect(t, exitDone, "instansi 100 (@asn100@contoh.id): 30 items, 30 sent")
		netra(t, nil, "collect", "--config", h.config, "--backfill", "--from", from, "--source", "instansi").
			expect(t, exitDone, "instansi 100 (@asn100@contoh.id): 30 items, 0 sent, 30 dropped (30 duplicate)", "collected: 3 targets, 90 items, 60 sent")
		netra(t, nil, "collect", "--config", h.config, "--once", "--all").expect(t, exitDone, "0 sent")
	})
}

func TestCollectRefusesFlagsThatDoNotGoTogether(t *testing.T) {
	for args, want := range map[string]string{
		"--source a":                "--source; allowed: with --once",
		"--once --format jsonl":     "--format; allowed: with --dry-run",
		"--dry-run --format xml":    `--format "xml"; allowed: table, jsonl`,
		"--backfill":                "--backfill; allowed: with --from",
		"--once --from 2024-01-01":  "--from; allowed: with --backfill",
		"--backfill --from kemarin": `--from "kemarin"; allowed: a day such as 2024-11-20`,
		"--backfill --from 2024-02-01 --until 2024-01-01": "--until 2024-01-01; allowed: after --from 2024-02-01",
		"--dry-run --limit -1":                            "--limit -1; allowed: 0 or more",
		"--once":                                          `key "collect.sources"`,
	} {
		t.Run(args, func(t *testing.T) {
			t.Setenv("NETRA_DATA_DIR", t.TempDir())
			netra(t, nil, append([]string{"collect"}, strings.Fields(args)...)...).expect(t, exitUsage, want)
		})
	}
}

func TestRosterSuggestRanksForAPerson(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("NETRA_DATA_DIR", filepath.Join(dir, "data"))
	candidates := write(t, dir, "c.csv", "platform,account_id,handle,name,bio\ninstagram,1,norhalimah.banua,Norhalimah,Guru SDN 3 Sungai Pinang\n"+
		"facebook,100088000104729,norhalimah.banua,Norhalimah,\nx,9,@toko,Toko Maju,\n")
	roster := sampleFile(t, dir, "roster.csv")
	result := netra(t, nil, "roster", "suggest", "--candidates", candidates, "--roster", roster)
	result.expect(t, exitDone, "instagram:1", "Norhalimah", "the name \"Norhalimah\" is the same", "1 suggestions, 1 like nobody, 1 in the roster already; nothing was changed")
	rows := write(t, dir, "rows.csv", netra(t, nil, "roster", "suggest", "--candidates", candidates, "--roster", roster, "--format", "csv").out)
	netra(t, nil, "roster", "check", rows).expect(t, exitFails, `column "nip"`)
	people := write(t, dir, "people.csv", "name,agency\nNorhalimah,Dinas Pendidikan\n")
	netra(t, nil, "roster", "suggest", "--candidates", candidates, "--people", people, "--format", "jsonl").expect(t, exitDone, `"score":`, `"reasons":[`)
	netra(t, nil, "roster", "suggest").expect(t, exitUsage, "--candidates is missing")
	netra(t, nil, "roster", "suggest", "--candidates", roster, "--least", "7").expect(t, exitUsage, "--least 7; allowed: 0 to 1")
}
