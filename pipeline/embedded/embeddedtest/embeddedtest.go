// Package embeddedtest gives tests a Kafka broker and a ClickHouse engine, both
// real and both for this test binary alone. A test package that uses it has
//
//	func TestMain(m *testing.M) { embeddedtest.Main(m) }
//
// Only tests call it.
package embeddedtest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/netra-id/netra/pipeline/embedded"
)

// Connection is how a test reaches its database.
type Connection struct {
	// Address is "127.0.0.1:port" of ClickHouse's HTTP interface.
	Address                  string
	User, Password, Database string
}

// shared is the one engine of the test binary; it starts with the first test
// that asks for it.
var shared struct {
	once      sync.Once
	directory string
	engine    *embedded.Engine
	err       error
	databases atomic.Int64
}

// The shared engine's user; it listens on loopback for this process only.
const (
	user     = "netra"
	password = "test-only"
)

// Main runs the tests and then stops the shared engine, and what else the tests
// share. It does not return.
func Main(m *testing.M, stops ...func()) {
	embedded.RunChild()
	code := m.Run()
	for _, stop := range stops {
		stop()
	}
	if shared.engine != nil {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		_ = shared.engine.Stop(ctx)
		cancel()
	}
	if shared.directory != "" {
		_ = os.RemoveAll(shared.directory)
	}
	os.Exit(code)
}

// Broker starts a broker with a data directory of its own for this test and
// returns its address.
func Broker(t testing.TB) string {
	t.Helper()
	cfg := embedded.DefaultBrokerConfiguration()
	cfg.Listen = "127.0.0.1:0"
	cfg.DataDir = t.TempDir()
	broker, err := embedded.StartBroker(cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatalf("start the broker: %s", err)
	}
	t.Cleanup(func() { _ = broker.Close() })
	return broker.Addresses()[0]
}

// Engine returns a fresh, empty database on the test binary's engine. The
// database is dropped when the test ends.
func Engine(t testing.TB) Connection {
	t.Helper()
	shared.once.Do(startShared)
	if errors.Is(shared.err, embedded.ErrNoLibrary) {
		t.Fatalf("%s", shared.err)
	}
	if shared.err != nil {
		t.Fatalf("start the engine: %s", shared.err)
	}
	c := Connection{
		Address:  shared.engine.Address(),
		User:     user,
		Password: password,
		Database: fmt.Sprintf("test_%d", shared.databases.Add(1)),
	}
	server := c
	server.Database = ""
	if err := server.Execute(t.Context(), "CREATE DATABASE "+c.Database); err != nil {
		t.Fatalf("create the test's database: %s", err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := server.Execute(ctx, "DROP DATABASE "+c.Database); err != nil {
			t.Logf("drop the test's database: %s", err)
		}
	})
	return c
}

func startShared() {
	if shared.directory, shared.err = os.MkdirTemp("", "netra-engine-"); shared.err != nil {
		return
	}
	cfg := embedded.DefaultEngineConfiguration()
	cfg.Listen, cfg.DataDir, cfg.User, cfg.Password = "127.0.0.1:0", shared.directory, user, password
	logger := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	shared.engine, shared.err = embedded.StartEngine(context.Background(), cfg, logger)
}

// Query runs a statement over plain HTTP and returns its output.
func (c Connection) Query(ctx context.Context, sql string) (string, error) {
	values := url.Values{}
	if c.Database != "" {
		values.Set("database", c.Database)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+c.Address+"/?"+values.Encode(), strings.NewReader(sql))
	if err != nil {
		return "", err
	}
	request.SetBasicAuth(c.User, c.Password)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return "", err
	}
	defer func() { _ = response.Body.Close() }()
	output, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("status %d: %s", response.StatusCode, strings.TrimSpace(string(output)))
	}
	return string(output), err
}

// Execute runs a statement whose output nobody wants.
func (c Connection) Execute(ctx context.Context, sql string) error {
	_, err := c.Query(ctx, sql)
	return err
}
