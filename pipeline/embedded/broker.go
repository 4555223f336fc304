package embedded

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
)

// Broker is a Kafka broker in this process.
type Broker struct {
	cluster   *kfake.Cluster
	lock      *os.File
	addresses []string
	close     sync.Once
	stop      chan struct{}
	cleaning  sync.WaitGroup
}

// StartBroker starts a broker and returns when it takes connections.
func StartBroker(cfg BrokerConfiguration, logger *slog.Logger) (*Broker, error) {
	host, port, err := splitListen(cfg.Listen)
	if err != nil {
		return nil, fmt.Errorf("broker: %w", err)
	}
	b := &Broker{stop: make(chan struct{})}
	options := []kfake.Opt{
		kfake.ClusterID("netra"),
		kfake.NumBrokers(1),
		kfake.Ports(port),
		kfake.ListenFn(func(network, _ string) (net.Listener, error) {
			return new(net.ListenConfig).Listen(context.Background(), network, net.JoinHostPort(host, strconv.Itoa(port)))
		}),
		kfake.BrokerConfigs(brokerConfigs(cfg)),
		kfake.WithLogger(brokerLogger{logger}),
	}
	if cfg.Partitions > 0 {
		options = append(options, kfake.DefaultNumPartitions(cfg.Partitions))
	}
	if cfg.SyncWrites {
		options = append(options, kfake.SyncWrites())
	}
	if cfg.DataDir != "" {
		if b.lock, err = lockDirectory(context.Background(), cfg.DataDir); err != nil {
			return nil, fmt.Errorf("broker: %w", err)
		}
		records := filepath.Join(cfg.DataDir, "kafka")
		// What the broker remembers of its own settings would win over ours.
		if err := os.Remove(filepath.Join(records, "broker_configs.json")); err != nil && !errors.Is(err, os.ErrNotExist) {
			b.unlock()
			return nil, fmt.Errorf("broker: reset its settings: %w", err)
		}
		options = append(options, kfake.DataDir(records))
	}
	if b.cluster, err = kfake.NewCluster(options...); err != nil {
		b.unlock()
		return nil, fmt.Errorf("start the broker on %s: %w", cfg.Listen, err)
	}
	b.addresses = b.cluster.ListenAddrs()
	if cfg.CleanInterval > 0 {
		b.cleaning.Go(func() { b.clean(cfg.CleanInterval) })
	}
	if err := b.watchGroups(logger); err != nil {
		return nil, errors.Join(err, b.Close())
	}
	logger.Info("broker is ready", "address", b.addresses[0], "data_dir", cfg.DataDir)
	return b, nil
}

// Addresses are those that clients connect to, "host:port".
func (b *Broker) Addresses() []string { return b.addresses }

// Close writes down what is not yet on disk and stops the broker.
func (b *Broker) Close() error {
	b.close.Do(func() {
		close(b.stop)
		b.cleaning.Wait()
		b.cluster.Close()
		b.unlock()
	})
	return nil
}

// clean deletes what is past its retention. The broker would do so itself only
// where a topic sets a retention of its own.
func (b *Broker) clean(interval time.Duration) {
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for {
		select {
		case <-b.stop:
			return
		case <-ticker.C:
			b.cluster.ApplyRetention()
		}
	}
}

func (b *Broker) unlock() {
	if b.lock != nil {
		_ = b.lock.Close()
	}
}

// offsetsRetention keeps a group's offsets for ten years: a demo that rests
// for a month must go on where it was.
const offsetsRetention = "5256000"

func brokerConfigs(cfg BrokerConfiguration) map[string]string {
	configs := map[string]string{
		"offsets.retention.minutes":  offsetsRetention,
		"default.replication.factor": "1",
		"message.max.bytes":          strconv.Itoa(8 << 20),
	}
	if cfg.Retention > 0 {
		configs["log.retention.ms"] = strconv.FormatInt(cfg.Retention.Milliseconds(), 10)
	}
	if cfg.RetentionBytes != 0 {
		configs["log.retention.bytes"] = strconv.FormatInt(cfg.RetentionBytes, 10)
	}
	if cfg.SegmentBytes > 0 {
		configs["log.segment.bytes"] = strconv.FormatInt(cfg.SegmentBytes, 10)
	}
	if cfg.CleanInterval > 0 {
		configs["log.cleaner.backoff.ms"] = strconv.FormatInt(cfg.CleanInterval.Milliseconds(), 10)
	}
	return configs
}

func splitListen(listen string) (string, int, error) {
	host, text, err := net.SplitHostPort(listen)
	if err != nil {
		return "", 0, fmt.Errorf("listen address %q: %w; allowed is host:port", listen, err)
	}
	port, err := strconv.Atoi(text)
	if err != nil || port < 0 || port > 65535 {
		return "", 0, fmt.Errorf("listen address %q: port %q is not between 0 and 65535", listen, text)
	}
	return host, port, nil
}

// brokerLogger hands the broker's own messages to slog.
type brokerLogger struct{ logger *slog.Logger }

func (l brokerLogger) Logf(level kfake.LogLevel, format string, arguments ...any) {
	to := slog.LevelDebug
	switch level {
	case kfake.LogLevelError:
		to = slog.LevelError
	case kfake.LogLevelWarn:
		to = slog.LevelWarn
	}
	if !l.logger.Enabled(context.Background(), to) {
		return
	}
	l.logger.Log(context.Background(), to, "broker: "+fmt.Sprintf(format, arguments...))
}

// ServeBroker runs a broker until the context ends; ready is told its addresses.
func ServeBroker(ctx context.Context, cfg BrokerConfiguration, logger *slog.Logger, ready func(addresses []string)) error {
	broker, err := StartBroker(cfg, logger)
	if err != nil {
		return err
	}
	if ready != nil {
		ready(broker.Addresses())
	}
	<-ctx.Done()
	return broker.Close()
}
