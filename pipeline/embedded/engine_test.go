package embedded_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/netra-id/netra/pipeline/embedded/embeddedtest"
)

func TestMain(m *testing.M) { embeddedtest.Main(m) }

func options(c embeddedtest.Connection, method clickhouse.CompressionMethod) *clickhouse.Options {
	return &clickhouse.Options{
		Protocol:    clickhouse.HTTP,
		Addr:        []string{c.Address},
		Auth:        clickhouse.Auth{Database: c.Database, Username: c.User, Password: c.Password},
		Compression: &clickhouse.Compression{Method: method},
		DialTimeout: 10 * time.Second,
		ReadTimeout: time.Minute,
	}
}

func open(t testing.TB, c embeddedtest.Connection, method clickhouse.CompressionMethod) driver.Conn {
	t.Helper()
	conn, err := clickhouse.Open(options(c, method))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

const postsTable = `CREATE TABLE posts (
	id String, at DateTime64(3, 'UTC'), region LowCardinality(String), score Float32,
	labels Array(String), likes Nullable(UInt32), attributes Map(String, Float32)
) ENGINE = MergeTree ORDER BY id SETTINGS non_replicated_deduplication_window = 100`

func TestDriverStoresAndReadsBackEveryCompression(t *testing.T) {
	for _, method := range []clickhouse.CompressionMethod{clickhouse.CompressionNone, clickhouse.CompressionLZ4,
		clickhouse.CompressionZSTD, clickhouse.CompressionGZIP, clickhouse.CompressionDeflate, clickhouse.CompressionBrotli} {
		t.Run(method.String(), func(t *testing.T) {
			ctx := t.Context()
			conn := open(t, embeddedtest.Engine(t), method)
			must(t, conn.Ping(ctx))
			must(t, conn.Exec(ctx, postsTable))
			batch, err := conn.PrepareBatch(ctx, "INSERT INTO posts")
			must(t, err)
			at := time.Date(2024, 11, 20, 8, 0, 0, 123e6, time.UTC)
			for i := range 5000 {
				var likes *uint32
				if i%2 == 0 {
					n := uint32(i)
					likes = &n
				}
				must(t, batch.Append(fmt.Sprintf("p%05d", i), at.Add(time.Duration(i)*time.Second), "61.08", float32(0.5),
					[]string{"support", "attack"}, likes, map[string]float32{"abusive": 0.25}))
			}
			must(t, batch.Send())
			var (
				id         string
				got        time.Time
				labels     []string
				likes      *uint32
				attributes map[string]float32
			)
			row := conn.QueryRow(ctx, "SELECT id, at, labels, likes, attributes FROM posts WHERE id = ?", "p00004")
			must(t, row.Scan(&id, &got, &labels, &likes, &attributes))
			if !got.Equal(at.Add(4*time.Second)) || len(labels) != 2 || likes == nil || *likes != 4 || attributes["abusive"] != 0.25 {
				t.Errorf("read %s %s %v %v %v", id, got, labels, likes, attributes)
			}
			var count uint64
			must(t, conn.QueryRow(ctx, "SELECT count() FROM posts").Scan(&count))
			if count != 5000 {
				t.Errorf("stored %d rows, want 5000", count)
			}
		})
	}
}

func TestDriverReadsAResultWithoutRows(t *testing.T) {
	ctx := t.Context()
	conn := open(t, embeddedtest.Engine(t), clickhouse.CompressionLZ4)
	must(t, conn.Exec(ctx, postsTable))
	rows, err := conn.Query(ctx, "SELECT id, labels AS l, count() FROM posts WHERE region = {region:String} GROUP BY ALL SETTINGS max_threads = 1 -- none",
		clickhouse.Named("region", "61"))
	must(t, err)
	defer func() { _ = rows.Close() }()
	if got := strings.Join(rows.Columns(), ","); got != "id,l,count()" {
		t.Errorf("columns are %q", got)
	}
	if rows.Next() {
		t.Error("there is a row in an empty table")
	}
	must(t, rows.Err())
}

func TestDriverBindsParametersWithAnyText(t *testing.T) {
	ctx := t.Context()
	conn := open(t, embeddedtest.Engine(t), clickhouse.CompressionLZ4)
	for _, text := range []string{"plain", "", "it's \"quoted\" `x`", "back\\slash", "tab\tnewline\nend", "coblos no 2 👍", "\\t", "\\N"} {
		var got string
		named := clickhouse.Context(ctx, clickhouse.WithParameters(clickhouse.Parameters{"text": text}))
		if !strings.ContainsAny(text, "\\\t\n") { // ClickHouse reads escapes in the values of parameters
			must(t, conn.QueryRow(named, "SELECT {text:String}").Scan(&got))
			if got != text {
				t.Errorf("parameter %q came back as %q", text, got)
			}
		}
		must(t, conn.QueryRow(ctx, "SELECT ?", text).Scan(&got))
		if got != text {
			t.Errorf("bound %q came back as %q", text, got)
		}
		must(t, conn.QueryRow(ctx, "SELECT {text:String}", clickhouse.Named("text", text)).Scan(&got))
		if got != text {
			t.Errorf("named %q came back as %q", text, got)
		}
	}
}

func TestDriverGetsTheEnginesException(t *testing.T) {
	ctx := t.Context()
	c := embeddedtest.Engine(t)
	for _, method := range []clickhouse.CompressionMethod{clickhouse.CompressionNone, clickhouse.CompressionLZ4, clickhouse.CompressionGZIP} {
		conn := open(t, c, method)
		must(t, conn.Exec(ctx, "CREATE TABLE IF NOT EXISTS one (a UInt8) ENGINE = MergeTree ORDER BY a"))
		for _, test := range []struct {
			name string
			run  func() error
			code int32
		}{
			{"unknown table", func() error { _, err := conn.Query(ctx, "SELECT * FROM nope"); return err }, 60},
			{"unknown column", func() error { return conn.QueryRow(ctx, "SELECT nope FROM one").Err() }, 47},
			{"syntax", func() error { return conn.Exec(ctx, "CREATE TABL x") }, 62},
			{"table that exists", func() error { return conn.Exec(ctx, "CREATE TABLE one (a UInt8) ENGINE = MergeTree ORDER BY a") }, 57},
			{"unknown setting", func() error {
				return conn.Exec(clickhouse.Context(ctx, clickhouse.WithSettings(clickhouse.Settings{"no_such_setting": 1})), "SELECT 1")
			}, 115},
			{"fails after many rows", func() error {
				rows, err := conn.Query(ctx, "SELECT number, throwIf(number = 1500000) FROM numbers(3000000) SETTINGS max_threads = 1")
				if err != nil {
					return err
				}
				defer func() { _ = rows.Close() }()
				for rows.Next() {
				}
				return rows.Err()
			}, 395},
		} {
			t.Run(method.String()+" "+test.name, func(t *testing.T) {
				var exception *clickhouse.Exception
				err := test.run()
				if !errors.As(err, &exception) || exception.Code != test.code {
					t.Errorf("got %v, want an exception with code %d", err, test.code)
				}
			})
		}
	}
}

func TestDriverWithAWrongPasswordIsRefused(t *testing.T) {
	c := embeddedtest.Engine(t)
	for _, test := range []struct{ user, password string }{{c.User, "wrong"}, {"other", c.Password}, {c.User, ""}} {
		c := c
		c.User, c.Password = test.user, test.password
		if err := open(t, c, clickhouse.CompressionNone).Ping(t.Context()); err == nil || !strings.Contains(err.Error(), "Authentication failed") {
			t.Errorf("%q with %q: got %v", test.user, test.password, err)
		}
	}
}

func TestTheSameTokenStoresOnce(t *testing.T) {
	ctx := t.Context()
	conn := open(t, embeddedtest.Engine(t), clickhouse.CompressionLZ4)
	for _, ddl := range []string{
		"CREATE TABLE flags (id UInt64, hour UInt32) ENGINE = MergeTree ORDER BY id SETTINGS non_replicated_deduplication_window = 1000",
		"CREATE TABLE counts (hour UInt32, n UInt64) ENGINE = SummingMergeTree ORDER BY hour SETTINGS non_replicated_deduplication_window = 1000",
		"CREATE MATERIALIZED VIEW counting TO counts AS SELECT hour, count() AS n FROM flags GROUP BY hour",
	} {
		must(t, conn.Exec(ctx, ddl))
	}
	send := func(token string) {
		settings := clickhouse.Settings{"insert_deduplication_token": token, "deduplicate_blocks_in_dependent_materialized_views": 1, "async_insert": 0}
		batch, err := conn.PrepareBatch(clickhouse.Context(ctx, clickhouse.WithSettings(settings)), "INSERT INTO flags (id, hour)")
		must(t, err)
		for i := range 1000 {
			must(t, batch.Append(uint64(i), uint32(i%3)))
		}
		must(t, batch.Send())
	}
	for _, token := range []string{"netra.posts/0/0-999", "netra.posts/0/0-999", "netra.posts/0/1000-1999", "netra.posts/0/0-999"} {
		send(token)
	}
	var rows, counted uint64
	must(t, conn.QueryRow(ctx, "SELECT count() FROM flags").Scan(&rows))
	must(t, conn.QueryRow(ctx, "SELECT sum(n) FROM counts").Scan(&counted))
	if rows != 2000 || counted != 2000 {
		t.Errorf("two tokens of 1000 rows stored %d rows and counted %d", rows, counted)
	}
}

func TestAMillionRowsAreStreamed(t *testing.T) {
	ctx := t.Context()
	conn := open(t, embeddedtest.Engine(t), clickhouse.CompressionLZ4)
	rows, err := conn.Query(ctx, "SELECT number, toString(number) FROM numbers(1000000)")
	must(t, err)
	defer func() { _ = rows.Close() }()
	var sum, n, number uint64
	var text string
	for rows.Next() {
		must(t, rows.Scan(&number, &text))
		sum += number
		n++
	}
	must(t, rows.Err())
	if n != 1_000_000 || sum != 499_999_500_000 {
		t.Errorf("read %d rows with the sum %d", n, sum)
	}
}

func TestStandardLibraryDriver(t *testing.T) {
	ctx := t.Context()
	db := clickhouse.OpenDB(options(embeddedtest.Engine(t), clickhouse.CompressionLZ4))
	defer func() { _ = db.Close() }()
	must(t, db.PingContext(ctx))
	_, err := db.ExecContext(ctx, "CREATE TABLE t (a Int64, b String) ENGINE = MergeTree ORDER BY a")
	must(t, err)
	_, err = db.ExecContext(ctx, "INSERT INTO t VALUES (?, ?)", 1, "it's; one")
	must(t, err)
	tx, err := db.BeginTx(ctx, nil)
	must(t, err)
	statement, err := tx.PrepareContext(ctx, "INSERT INTO t (a, b)")
	must(t, err)
	defer func() { _ = statement.Close() }()
	for i := range 10 {
		_, err = statement.ExecContext(ctx, int64(i+2), "x")
		must(t, err)
	}
	must(t, tx.Commit())
	var sum int64
	var text string
	must(t, db.QueryRowContext(ctx, "SELECT sum(a), min(b) FROM t").Scan(&sum, &text))
	if sum != 66 || text != "it's; one" {
		t.Errorf("sum %d, text %q", sum, text)
	}
	err = db.QueryRowContext(ctx, "SELECT a FROM t WHERE a > 100").Scan(&sum)
	if !errors.Is(err, sql.ErrNoRows) {
		t.Errorf("got %v, want no rows", err)
	}
	var one string
	must(t, db.QueryRowContext(ctx, "SHOW TABLES").Scan(&one))
	if one != "t" {
		t.Errorf("SHOW TABLES gave %q", one)
	}
}

func TestManyClientsInsertAndSelectAtOnce(t *testing.T) {
	ctx := t.Context()
	c := embeddedtest.Engine(t)
	must(t, c.Execute(ctx, "CREATE TABLE t (worker UInt8, n UInt32) ENGINE = MergeTree ORDER BY (worker, n)"))
	const workers, batches, size = 8, 10, 500
	var group sync.WaitGroup
	problems := make(chan error, workers)
	for worker := range workers {
		conn := open(t, c, clickhouse.CompressionLZ4)
		group.Go(func() {
			problems <- func() error {
				for b := range batches {
					batch, err := conn.PrepareBatch(ctx, "INSERT INTO t")
					if err != nil {
						return err
					}
					for i := range size {
						if err := batch.Append(uint8(worker), uint32(b*size+i)); err != nil {
							return err
						}
					}
					if err := batch.Send(); err != nil {
						return err
					}
					var n uint64
					if err := conn.QueryRow(ctx, "SELECT count() FROM t WHERE worker = ?", uint8(worker)).Scan(&n); err != nil {
						return err
					}
					if want := uint64((b + 1) * size); n != want {
						return fmt.Errorf("worker %d sees %d of its rows, want %d", worker, n, want)
					}
				}
				return nil
			}()
		})
	}
	group.Wait()
	for range workers {
		must(t, <-problems)
	}
}

func TestCancellingTheContextEndsTheQuery(t *testing.T) {
	c := embeddedtest.Engine(t)
	conn := open(t, c, clickhouse.CompressionNone)
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	var n uint64
	if err := conn.QueryRow(ctx, "SELECT count() FROM numbers(1000000000000) WHERE NOT ignore(sipHash64(number))").Scan(&n); err == nil {
		t.Fatal("a query of a trillion rows came back")
	}
	deadline := time.Now().Add(20 * time.Second)
	for {
		running, err := c.Query(t.Context(), "SELECT count() FROM system.processes WHERE query LIKE '%1000000000000%' AND query NOT LIKE '%system.processes%'")
		must(t, err)
		if strings.TrimSpace(running) == "0" {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s queries still run that nobody waits for", strings.TrimSpace(running))
		}
		time.Sleep(50 * time.Millisecond)
	}
}
