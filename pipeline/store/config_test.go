package store_test

import (
	"context"
	"encoding/pem"
	"errors"
	"io"
	"log"
	"net"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/netra-id/netra/pipeline/embedded/embeddedtest"
	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/store"
)

func TestValidateNamesTheKey(t *testing.T) {
	tests := map[string]struct {
		change func(*store.Configuration)
		want   string
	}{
		"no scheme":       {func(c *store.Configuration) { c.Address = "localhost:8123" }, `key "address": value "localhost:8123"; allowed: http://host:8123`},
		"another scheme":  {func(c *store.Configuration) { c.Address = "ftp://a" }, `key "address"`},
		"mixed schemes":   {func(c *store.Configuration) { c.Address = "http://a,clickhouse://b" }, `several of one kind`},
		"a password in":   {func(c *store.Configuration) { c.Address = "http://u:secret@a" }, `they belong to the keys user and password`},
		"database":        {func(c *store.Configuration) { c.Database = "a; DROP" }, `key "database"`},
		"no database":     {func(c *store.Configuration) { c.Database = "" }, `key "database"`},
		"compression":     {func(c *store.Configuration) { c.Compression = "rar" }, `key "compression": value "rar"; allowed: lz4, zstd, none`},
		"timeout":         {func(c *store.Configuration) { c.Timeout = 0 }, `key "timeout"`},
		"connections":     {func(c *store.Configuration) { c.Connections = 0 }, `key "connections"`},
		"cluster alone":   {func(c *store.Configuration) { c.Cluster = "c" }, `key "replicated"`},
		"cluster name":    {func(c *store.Configuration) { c.Cluster, c.Replicated = "c'", true }, `key "cluster"`},
		"no cluster":      {func(c *store.Configuration) { c.Distributed = true }, `key "distributed"`},
		"replica path":    {func(c *store.Configuration) { c.Replicated, c.ReplicaPath = true, "'" }, `key "replica_path"`},
		"quorum":          {func(c *store.Configuration) { c.InsertQuorum = "all" }, `key "insert_quorum"`},
		"half a key pair": {func(c *store.Configuration) { c.TLS.CertFile = "a" }, `key "tls"`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			c := store.DefaultConfiguration()
			test.change(&c)
			err := c.Validate()
			if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "secret") {
				t.Errorf("got %v, want it to contain %q", err, test.want)
			}
		})
	}
	for _, address := range []string{"http://a", "https://a:1/path", "clickhouse://a", "tcp://a:9000, tcp://b"} {
		c := store.DefaultConfiguration()
		c.Address = address
		if err := c.Validate(); err != nil {
			t.Errorf("%s: %v", address, err)
		}
	}
}

func TestErrorsSayWhatToCheck(t *testing.T) {
	connection := embeddedtest.Engine(t)
	var listen net.ListenConfig
	silent, err := listen.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	closed, err := listen.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := closed.Close(); err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		change func(*store.Configuration)
		want   string
	}{
		"wrong password":   {func(c *store.Configuration) { c.Password = "no" }, "check the keys user and password"},
		"no database":      {func(c *store.Configuration) { c.Database = "nowhere" }, `there is no database "nowhere": run netra migrate`},
		"no table":         {func(*store.Configuration) {}, "a table is missing: run netra migrate"},
		"nothing there":    {func(c *store.Configuration) { c.Address = "http://" + closed.Addr().String() }, "nothing listens there"},
		"nothing, native":  {func(c *store.Configuration) { c.Address = "tcp://" + closed.Addr().String() }, "nothing listens there"},
		"no answer":        {func(c *store.Configuration) { c.Address = "http://" + silent.Addr().String() }, "no answer in time"},
		"unknown host":     {func(c *store.Configuration) { c.Address = "http://nowhere.invalid" }, `check the key address`},
		"native to HTTP":   {func(c *store.Configuration) { c.Address = "clickhouse://" + connection.Address }, "clickhouse://" + connection.Address},
		"TLS to plain":     {func(c *store.Configuration) { c.Address = "https://" + connection.Address }, "check the scheme and port of the key address"},
		"CA file, missing": {func(c *store.Configuration) { c.Address, c.TLS.CAFile = "https://a", "/nonexistent" }, `key "tls.ca_file"`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			configuration := configurationOf(connection)
			configuration.Timeout, configuration.DialTimeout = 500*time.Millisecond, time.Second
			test.change(&configuration)
			err := insertOne(t, configuration)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Fatalf("got %v, want it to contain %q", err, test.want)
			}
			if errors.Is(err, store.ErrRefused) {
				t.Errorf("it is called refused for good: %v", err)
			}
			if strings.Contains(err.Error(), "test-only") || strings.Contains(err.Error(), "coblos") {
				t.Errorf("the message shows a secret or a post: %v", err)
			}
		})
	}
}

func TestTLS(t *testing.T) {
	connection := embeddedtest.Engine(t)
	target, err := url.Parse("http://" + connection.Address)
	if err != nil {
		t.Fatal(err)
	}
	front := httptest.NewUnstartedServer(httputil.NewSingleHostReverseProxy(target))
	front.Config.ErrorLog = log.New(io.Discard, "", 0)
	front.StartTLS()
	defer front.Close()
	authority := filepath.Join(t.TempDir(), "ca.pem")
	block := &pem.Block{Type: "CERTIFICATE", Bytes: front.Certificate().Raw}
	if err := os.WriteFile(authority, pem.EncodeToMemory(block), 0o600); err != nil {
		t.Fatal(err)
	}
	configuration := configurationOf(connection)
	configuration.Address = front.URL
	if err := open(t, configuration).Ping(t.Context()); err == nil || !strings.Contains(err.Error(), "check the keys tls.ca_file") {
		t.Errorf("an unknown authority: %v", err)
	}
	configuration.TLS.CAFile = authority
	s := open(t, configuration)
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	insert(t, s, "a", flagOf("x:1", 1))
	if _, err := s.Flag(t.Context(), "x:1"); err != nil {
		t.Error(err)
	}
}

func insertOne(t *testing.T, configuration store.Configuration) error {
	t.Helper()
	s, err := store.New(configuration, discard, nil)
	if err != nil {
		return err
	}
	defer s.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	return s.Insert(ctx, store.Batch{Token: "t", Flags: []post.Flag{flagOf("x:1", 1)}})
}
