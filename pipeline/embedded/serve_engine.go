package embedded

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"strconv"
	"time"

	"github.com/netra-id/netra/pipeline/embedded/internal/chdb"
	"github.com/netra-id/netra/pipeline/embedded/internal/enginehttp"
)

// drainTime is how long running statements may take after the end was asked for.
const drainTime = 10 * time.Second

// ServeEngine loads the engine into this process and serves it until the
// context ends; ready is told the address. A process can do this once: the
// engine never gives its memory and threads back.
func ServeEngine(ctx context.Context, cfg EngineConfiguration, logger *slog.Logger, ready func(address string)) error {
	if cfg.User == "" || cfg.Password == "" {
		return errors.New("engine: user and password must be set")
	}
	if cfg.ReadUser != "" && cfg.ReadPassword == "" {
		return fmt.Errorf("engine: read_user %q needs a read_password", cfg.ReadUser)
	}
	path, err := FindLibrary(cfg.Library)
	if err != nil {
		return err
	}
	directory, err := filepath.Abs(cfg.DataDir)
	if err != nil {
		return fmt.Errorf("engine: %w", err)
	}
	lock, err := lockDirectory(ctx, directory)
	if err != nil {
		return fmt.Errorf("engine: %w", err)
	}
	defer func() { _ = lock.Close() }()
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", cfg.Listen)
	if err != nil {
		return fmt.Errorf("engine: %w", err)
	}
	defer func() { _ = listener.Close() }()
	databases := filepath.Join(directory, "clickhouse")
	if err := repairDeduplication(databases, logger); err != nil {
		return fmt.Errorf("engine: %w", err)
	}
	library, err := chdb.Open(path)
	if err != nil {
		return err
	}
	// The engine lives as long as one connection is open.
	data := "--path=" + databases
	anchor, err := library.Connect(append([]string{data}, serverOptions(cfg)...)...)
	if err != nil {
		return fmt.Errorf("start the engine in %s: %w", directory, err)
	}
	handler, err := enginehttp.New(enginehttp.Options{
		Connect:       func() (*chdb.Connection, error) { return library.Connect(data) },
		User:          cfg.User,
		Password:      cfg.Password,
		ReadUser:      cfg.ReadUser,
		ReadPassword:  cfg.ReadPassword,
		MaxConcurrent: cfg.MaxConcurrent,
		Logger:        logger,
	})
	if err != nil {
		return fmt.Errorf("start the engine: %w", err)
	}
	logger.Info("engine is ready", "clickhouse", handler.Version(), "address", listener.Addr().String())
	if err := serveHTTP(ctx, listener, handler, ready); err != nil {
		return err
	}
	anchor.Close()
	library.Shutdown()
	return nil
}

// serverOptions bound the engine's memory and threads to those of one machine
// that it shares with the rest of the pipeline.
func serverOptions(cfg EngineConfiguration) []string {
	options := []string{"--background_pool_size=2", "--background_schedule_pool_size=8", "--uncompressed_cache_size=0"}
	if cfg.ConfigFile != "" {
		options = append(options, "--config-file="+cfg.ConfigFile)
	}
	if cfg.MaxMemory > 0 {
		options = append(options, "--max_server_memory_usage="+strconv.FormatInt(cfg.MaxMemory, 10))
	}
	if cfg.CacheBytes > 0 {
		for _, name := range []string{"mark_cache_size", "index_mark_cache_size", "primary_index_cache_size"} {
			options = append(options, "--"+name+"="+strconv.FormatInt(cfg.CacheBytes, 10))
		}
	}
	return options
}

// serveHTTP answers requests until the context ends, and then those that run.
func serveHTTP(ctx context.Context, listener net.Listener, handler http.Handler, ready func(string)) error {
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 30 * time.Second, MaxHeaderBytes: 4 << 20}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	if ready != nil {
		ready(listener.Addr().String())
	}
	select {
	case err := <-failed:
		return fmt.Errorf("serve the engine: %w", err)
	case <-ctx.Done():
	}
	draining, cancel := context.WithTimeout(context.Background(), drainTime)
	defer cancel()
	err := server.Shutdown(draining)
	if serving := <-failed; !errors.Is(serving, http.ErrServerClosed) {
		err = errors.Join(err, serving)
	}
	if err != nil {
		return fmt.Errorf("end the engine: %w", err)
	}
	return nil
}
