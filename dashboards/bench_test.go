package dashboards_test

import (
	"fmt"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/netra-id/netra/pipeline/embedded/embeddedtest"
)

// benchPosts is how many posts are counted, and of how many days, unless
// NETRA_BENCH_POSTS says another number of posts.
const (
	benchPosts = 100_000_000
	benchDays  = 30
	benchFlags = 300_000
)

// benchEnd is the end of the generated data.
var benchEnd = time.Date(2024, 11, 28, 17, 0, 0, 0, time.UTC)

// BenchmarkPanels runs every ClickHouse query of the dashboards over the generated
// posts of a month, in which every civil servant's account was watched, and reports
// the median and the longest time of a query. `make bench-dashboards` prints them.
func BenchmarkPanels(b *testing.B) {
	s := benchSource(b)
	posts := benchPosts
	if text := os.Getenv("NETRA_BENCH_POSTS"); text != "" {
		var err error
		if posts, err = strconv.Atoi(text); err != nil {
			b.Fatal(err)
		}
	}
	s.generateOnce(b, posts)
	month := view{from: benchEnd.AddDate(0, 0, -benchDays), until: benchEnd, zone: "Asia/Jakarta", step: 6 * time.Hour}
	place := month
	place.chosen = only("region", "35", "province", "35", "regency", "35.07", "platform", "facebook", "label", "support", "election", "pilgub-35")
	for _, d := range all(b) {
		for _, p := range d.Panels {
			for _, one := range p.Targets {
				if one.DataSource.Type != clickHouse {
					continue
				}
				for name, v := range map[string]view{"all": month, "one place": place} {
					b.Run(fmt.Sprintf("%s/%02d %s/%s", d.UID, p.ID, p.Title, name), func(b *testing.B) { s.measure(b, v, one.RawSQL) })
				}
			}
		}
		for _, v := range d.Templating.List {
			if v.sql() != "" {
				b.Run(fmt.Sprintf("%s/variable %s/all", d.UID, v.Name), func(b *testing.B) { s.measure(b, month, v.sql()) })
			}
		}
	}
}

// benchSource is a new database, or the one at NETRA_BENCH_CLICKHOUSE, such as
// http://user:password@127.0.0.1:8123/bench, which is kept.
func benchSource(b *testing.B) source {
	b.Helper()
	address := os.Getenv("NETRA_BENCH_CLICKHOUSE")
	if address == "" {
		return newSource(b)
	}
	u, err := url.Parse(address)
	if err != nil {
		b.Fatal(err)
	}
	password, _ := u.User.Password()
	return openSource(b, embeddedtest.Connection{Address: u.Host, User: u.User.Username(), Password: password, Database: strings.Trim(u.Path, "/")})
}

// generateOnce fills a database that is empty.
func (s source) generateOnce(b *testing.B, posts int) {
	b.Helper()
	const filled = "SELECT count() AS counts, sum(posts) AS posts FROM hourly_counts"
	found, err := s.query(b.Context(), filled)
	if err != nil {
		b.Fatal(err)
	}
	if found.rows[0][0] == uint64(0) {
		s.generate(b, posts)
		if found, err = s.query(b.Context(), filled); err != nil {
			b.Fatal(err)
		}
	}
	fmt.Printf("%v posts counted in %v rows\n", found.rows[0][1], found.rows[0][0])
}

// measure reports the median and the longest of the benchmark's runs.
func (s source) measure(b *testing.B, v view, query string) {
	var took []time.Duration
	for b.Loop() {
		begin := time.Now()
		if _, err := s.run(b, v, query, false); err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(begin))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Milliseconds()), "p50-ms")
	b.ReportMetric(float64(took[len(took)-1].Milliseconds()), "max-ms")
}

// generate counts so many posts: of 600 agencies in 38 provinces and their regencies,
// a few of them large, on six platforms and in seven languages, fewer at night; flags
// of three posts in a thousand, and decisions on a fifth of these.
func (s source) generate(b *testing.B, posts int) {
	b.Helper()
	const pieces = 10
	begin := benchEnd.AddDate(0, 0, -benchDays).Unix()
	for piece := range pieces {
		s.must(b, fmt.Sprintf(`
			INSERT INTO hourly_counts (hour, platform, region, agency, language, posts)
			SELECT toDateTime(%d + 3600 * intDiv(at, 3600)), platform, region, concat('Dinas ', toString(agency), ' ', region), language, count()
			FROM
			(
				SELECT number,
					toUInt32(%d * 86400 * (number + rand(1) %% 1000 / 1000) / %d) + %d AS second,
					toUInt32(second - second %% 86400 + 86400 * pow(rand(2) / 4294967296, 0.7)) AS at,
					toUInt32(600 * pow(rand(3) / 4294967296, 2)) AS agency,
					%s AS region,
					['facebook', 'instagram', 'x', 'youtube', 'telegram', 'mastodon'][1 + toUInt8(6 * pow(rand(4) / 4294967296, 2))] AS platform,
					['id', 'jv', 'su', 'ms', 'en', 'min', 'bjn'][1 + toUInt8(7 * pow(rand(5) / 4294967296, 4))] AS language
				FROM numbers(%d)
			)
			GROUP BY ALL`, begin, benchDays/pieces, posts/pieces, piece*benchDays/pieces*86400, benchRegion, posts/pieces))
	}
	s.must(b, fmt.Sprintf(`
		INSERT INTO flagged_posts (id, version, platform, kind, created_at, account_id, account_handle, person_id, agency, region, language, labels, scores, contestants, rules, text, verdict, flagged_at, lists_version, netra_version)
		SELECT concat('x:', toString(number)), at, ['facebook', 'instagram', 'x', 'youtube', 'telegram', 'mastodon'][1 + toUInt8(6 * pow(rand(4) / 4294967296, 2))], 'post', at,
			toString(number %% 90000), concat('@akun', toString(number %% 90000)), toString(number %% 90000), concat('Dinas ', toString(agency), ' ', region), region, 'id',
			arrayMap(i -> ['support', 'attack', 'hoax', 'hate_speech', 'money_politics', 'intimidation', 'office_promise'][1 + (number * i + i) %% 7], range(1, 2 + (number %% 3 = 0))) AS labels,
			arrayMap(i -> 0.9, labels), arrayMap(i -> concat('calon-', toString(number %% 40)), labels), arrayMap(i -> concat(i, '/kata-', toString(number %% 50)), labels),
			repeat('coblos nomor dua ', 12), '{}', at + 120, concat('daftar-', toString(number %% 5)), '1.0'
		FROM (SELECT number, toDateTime64(%d + number * %d / %d, 9, 'UTC') AS at, toUInt32(600 * pow(rand(3) / 4294967296, 2)) AS agency, %s AS region FROM numbers(%d))`,
		begin, benchDays*86400, benchFlags, benchRegion, benchFlags))
	s.must(b, `
		INSERT INTO decisions (id, item, edition, account, labels, contestants, rules, region, agency, platform, language, verdict, label, rule, cause, by, at, round, replaces, withdrawn, lists_version, created_at, flagged_at, opened_at)
		SELECT concat('d', id), id, 1, concat(platform, ':', account_id), labels, contestants, rules, region, agency, platform, language,
			if(cityHash64(id) % 10 < 7, 'violation', 'no_violation'), '', '', if(cityHash64(id) % 10 < 7, '', 'report'), concat('analis', toString(cityHash64(id) % 100)),
			flagged_at + 86400, 1, '', false, lists_version, created_at, flagged_at, flagged_at + 80000
		FROM flagged_posts WHERE cityHash64(id) % 5 = 0`)
	s.must(b, `INSERT INTO election_contestants SELECT concat('pilgub-', toString(11 + number)), concat('Pilgub ', toString(11 + number)), toString(11 + number), concat('calon-', toString(number)), 1, 'Calon', now() FROM numbers(40)`)
	s.must(b, fmt.Sprintf(`
		INSERT INTO roster_accounts (import, platform, account_id, handle, person_id, person_name, agency, region, valid_from)
		SELECT 1, 'facebook', toString(number), '', toString(number), '', concat('Dinas ', toString(agency), ' ', region), region, toDate32('2024-01-01')
		FROM (SELECT number, number %% 600 AS agency, %s AS region FROM numbers(500000))`, benchRegion))
	s.must(b, "INSERT INTO roster_imports (import, version, entries, imported_at) VALUES (1, 'x', 500000, now())")
	s.must(b, "INSERT INTO account_coverage (platform, account_id, source, last_success, updated_at) SELECT 'facebook', toString(number), 'contoh', now(), now() FROM numbers(450000)")
}

// benchRegion is the region of an agency: a province's own, or one of its regencies.
const benchRegion = `concat(['11','12','13','14','15','16','17','18','19','21','31','32','33','34','35','36','51','52','53','61','62','63','64','65','71','72','73','74','75','76','81','82','91','92','93','94','95','96'][1 + agency % 38],
	if(agency < 38, '', concat('.', leftPad(toString(1 + intDiv(agency, 38)), 2, '0'))))`

func (s source) must(b *testing.B, statement string) {
	b.Helper()
	if err := s.write.Execute(b.Context(), statement); err != nil {
		b.Fatalf("%v\n%s", err, statement)
	}
}
