package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"time"

	"github.com/netra-id/netra/pipeline/config"
	"github.com/netra-id/netra/pipeline/embedded"
)

// running says where the embedded parts of this machine listen. `netra all` and
// `netra demo` keep it in the data directory while they run, so that import,
// roster, migrate find them.
type running struct {
	Brokers  []string `json:"brokers,omitempty"`
	Engine   string   `json:"engine,omitempty"`
	User     string   `json:"user,omitempty"`
	Password string   `json:"password,omitempty"`
}

func runningFile(cfg config.Configuration) string { return cfg.Path("running.json") }

var errNotRunning = errors.New("no embedded one runs here: start `netra all` or `netra demo` with the same data_dir, or name a real one")

func readRunning(cfg config.Configuration) (running, error) {
	var r running
	data, err := os.ReadFile(runningFile(cfg))
	if err != nil {
		return r, fmt.Errorf("%w (looked for %s)", errNotRunning, runningFile(cfg))
	}
	if err := json.Unmarshal(data, &r); err != nil {
		return r, fmt.Errorf("read %s: %w", runningFile(cfg), err)
	}
	return r, nil
}

// answers says whether one of the addresses is in use: a process that was killed
// leaves its file behind.
func (r running) answers() bool {
	for _, address := range append(r.Brokers, r.Engine) {
		if address == "" {
			continue
		}
		if connection, err := net.DialTimeout("tcp", address, time.Second); err == nil { //nolint:noctx // on loopback
			_ = connection.Close()
			return true
		}
	}
	return false
}

// startEmbedded starts the broker and the engine that the configuration does
// not name elsewhere, and puts their addresses into it. They end with the road.
func (a *app) startEmbedded(ctx context.Context, r *road) error {
	var here running
	if a.cfg.EmbeddedBroker() {
		broker, err := a.startBroker()
		if err != nil {
			return err
		}
		r.onClose(func() { a.logged("the broker did not close", broker.Close()) })
		here.Brokers = broker.Addresses()
		a.cfg.Kafka.Brokers = here.Brokers
	}
	if a.cfg.EmbeddedEngine() {
		engine, err := a.startEngine(ctx, &here)
		if err != nil {
			return err
		}
		r.onClose(func() {
			ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
			defer cancel()
			a.logged("the engine did not stop", engine.Stop(ending))
		})
		a.cfg.ClickHouse.Address = "http://" + here.Engine
		a.cfg.ClickHouse.User, a.cfg.ClickHouse.Password = here.User, here.Password
	}
	if here.Engine == "" && here.Brokers == nil {
		return nil
	}
	data, err := json.MarshalIndent(here, "", "  ")
	if err != nil {
		return err
	}
	if err := os.WriteFile(runningFile(a.cfg), append(data, '\n'), 0o600); err != nil {
		return fmt.Errorf("keep the addresses of the embedded parts: %w", err)
	}
	r.onClose(func() { a.logged("running.json was not removed", os.Remove(runningFile(a.cfg))) })
	return nil
}

func (a *app) logged(message string, err error) {
	if err != nil {
		a.log.Error(message, "error", err)
	}
}

func (a *app) startBroker() (*embedded.Broker, error) {
	cfg := embedded.DefaultBrokerConfiguration()
	cfg.DataDir = a.cfg.Path("broker")
	if err := os.MkdirAll(cfg.DataDir, 0o700); err != nil {
		return nil, fmt.Errorf("make the data directory (key data_dir): %w", err)
	}
	cfg.Listen = keptAddress(a.cfg.Path("broker.addr"))
	cfg.Retention = a.cfg.Kafka.Topics.Retention
	cfg.Partitions = a.cfg.Kafka.Topics.Partitions
	broker, err := embedded.StartBroker(cfg, a.log.With("part", "broker"))
	if err != nil {
		return nil, err
	}
	keepAddress(a.cfg.Path("broker.addr"), broker.Addresses()[0])
	return broker, nil
}

func (a *app) startEngine(ctx context.Context, r *running) (*embedded.Engine, error) {
	cfg := embedded.DefaultEngineConfiguration()
	cfg.DataDir = a.cfg.Path("engine")
	cfg.Listen = keptAddress(a.cfg.Path("engine.addr"))
	cfg.User, cfg.Password = "netra", rand.Text()
	cfg.ReadUser = dashboardReader
	var err error
	if cfg.ReadPassword, err = keptPassword(a.cfg.Path(dashboardPassword)); err != nil {
		return nil, err
	}
	engine, err := embedded.StartEngine(ctx, cfg, a.log.With("part", "engine"))
	if err != nil {
		return nil, err
	}
	keepAddress(a.cfg.Path("engine.addr"), engine.Address())
	r.Engine, r.User, r.Password = engine.Address(), cfg.User, cfg.Password
	return engine, nil
}

// keptAddress returns the address that was used last time, so that clients
// configured by hand go on working, or a free port where it is taken.
func keptAddress(file string) string {
	const free = "127.0.0.1:0"
	data, err := os.ReadFile(filepath.Clean(file))
	if err != nil {
		return free
	}
	listener, err := net.Listen("tcp", string(data)) //nolint:noctx // on loopback, at once
	if err != nil {
		return free
	}
	_ = listener.Close()
	return string(data)
}

func keepAddress(file, address string) { _ = os.WriteFile(file, []byte(address), 0o600) }
