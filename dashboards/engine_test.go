package dashboards_test

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"maps"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	client "github.com/prometheus/client_golang/prometheus"

	"github.com/netra-id/netra/pipeline/embedded/embeddedtest"
	"github.com/netra-id/netra/pipeline/store"
)

// source is a database as the plugin sees it.
type source struct {
	db    *sql.DB
	store *store.Store
	// write is a way to do what the plugin may not.
	write embeddedtest.Connection
}

// newSource makes an empty, migrated database on the test binary's engine.
func newSource(t testing.TB) source {
	t.Helper()
	return openSource(t, embeddedtest.Engine(t))
}

// openSource migrates a database and connects to it as the plugin does over HTTP:
// compressed by gzip, with a bound on the time of a query, reading only.
func openSource(t testing.TB, c embeddedtest.Connection) source {
	t.Helper()
	cfg := store.DefaultConfiguration()
	cfg.Address, cfg.User, cfg.Password, cfg.Database = "http://"+c.Address, c.User, c.Password, c.Database
	s, err := store.New(cfg, slog.New(slog.DiscardHandler), client.NewRegistry())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	db := clickhouse.OpenDB(&clickhouse.Options{
		Addr: []string{c.Address}, Protocol: clickhouse.HTTP,
		Auth:        clickhouse.Auth{Database: c.Database, Username: c.User, Password: c.Password},
		Compression: &clickhouse.Compression{Method: clickhouse.CompressionGZIP},
		ReadTimeout: time.Minute,
		Settings:    clickhouse.Settings{"readonly": 2, "max_execution_time": 60},
	})
	t.Cleanup(func() { _ = db.Close() })
	return source{db: db, store: s, write: c}
}

// frame is an answer: columns, their types in ClickHouse, and rows.
type frame struct {
	columns, types []string
	rows           [][]any
}

func (s source) query(ctx context.Context, statement string) (frame, error) {
	rows, err := s.db.QueryContext(ctx, statement)
	if err != nil {
		return frame{}, err
	}
	defer func() { _ = rows.Close() }()
	types, err := rows.ColumnTypes()
	if err != nil {
		return frame{}, err
	}
	var f frame
	for _, column := range types {
		f.columns, f.types = append(f.columns, column.Name()), append(f.types, column.DatabaseTypeName())
	}
	for rows.Next() {
		pointers, values := make([]any, len(types)), make([]reflect.Value, len(types))
		for i, column := range types {
			values[i] = reflect.New(column.ScanType())
			pointers[i] = values[i].Interface()
		}
		if err := rows.Scan(pointers...); err != nil {
			return frame{}, err
		}
		row := make([]any, len(types))
		for i, value := range values {
			row[i] = plain(value.Elem())
		}
		f.rows = append(f.rows, row)
	}
	return f, rows.Err()
}

// plain is a value without a pointer around it; nil where there is none.
func plain(value reflect.Value) any {
	for value.Kind() == reflect.Pointer {
		if value.IsNil() {
			return nil
		}
		value = value.Elem()
	}
	return value.Interface()
}

// text writes rows as lines with columns parted by " | ", times in a zone, and
// numbers with at most four decimals.
func (f frame) text(zone *time.Location, columns ...string) []string {
	lines := []string{}
	for _, row := range f.rows {
		var cells []string
		for i, value := range row {
			if len(columns) > 0 && !contains(columns, f.columns[i]) {
				continue
			}
			switch value := value.(type) {
			case time.Time:
				cells = append(cells, value.In(zone).Format("01-02T15"))
			case float64:
				cells = append(cells, strings.TrimSuffix(strings.TrimRight(fmt.Sprintf("%.4f", value), "0"), "."))
			default:
				cells = append(cells, fmt.Sprint(value))
			}
		}
		lines = append(lines, strings.Join(cells, " | "))
	}
	return lines
}

func contains(list []string, value string) bool {
	for _, one := range list {
		if one == value {
			return true
		}
	}
	return false
}

// run expands and runs a query, and checks what the plugin's documentation asks of
// its answer.
func (s source) run(t testing.TB, v view, query string, series bool) (frame, error) {
	t.Helper()
	chosen := preset(t)
	maps.Copy(chosen, v.chosen)
	v.chosen = chosen
	statement, err := v.expand(query)
	if err != nil {
		return frame{}, err
	}
	f, err := s.query(t.Context(), statement)
	if err != nil {
		return frame{}, fmt.Errorf("%w\n%s", err, statement)
	}
	if series {
		err = f.checkSeries()
	}
	return f, err
}

// checkSeries says what is wrong with a frame for a time series: the first column
// is a time called time, later rows are not earlier, text is in the second column
// only, and a time has each text once.
func (f frame) checkSeries() error {
	if len(f.columns) < 2 || f.columns[0] != "time" || !strings.HasPrefix(f.types[0], "DateTime") {
		return fmt.Errorf("columns %v of types %v; allowed: time first", f.columns, f.types)
	}
	for i, kind := range f.types[1:] {
		if strings.Contains(kind, "String") != (i == 0 && len(f.types) > 2 && strings.Contains(f.types[1], "String")) {
			return fmt.Errorf("columns %v of types %v; allowed: one text, in the second place", f.columns, f.types)
		}
	}
	seen, last := map[string]bool{}, time.Time{}
	for _, row := range f.rows {
		at, ok := row[0].(time.Time)
		if !ok || at.Before(last) {
			return fmt.Errorf("time %v stands behind %v", row[0], last)
		}
		last = at
		key := at.String()
		if name, ok := row[1].(string); ok {
			key += name
		}
		if seen[key] {
			return fmt.Errorf("time and name come twice: %s", key)
		}
		seen[key] = true
	}
	return nil
}
