package chaos

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"time"

	"github.com/netra-id/netra/pipeline/embedded"
	"github.com/netra-id/netra/pipeline/queue"
	"github.com/netra-id/netra/pipeline/queue/realkafka"
	"github.com/netra-id/netra/pipeline/store"
)

// Kinds of brokers.
const (
	BrokerEmbedded = "embedded"
	BrokerKafka    = "kafka"
	BrokerCluster  = "cluster"
)

// Stage is a broker and an engine of its own for one run, with topics and
// tables: everything but the workers. The program that sets one calls
// embedded.RunChild first thing in main.
type Stage struct {
	Broker, Engine Restartable
	// Kafka and Store are the configuration that the workers must have.
	Kafka queue.Configuration
	Store store.Configuration
	Queue *queue.Queue

	log     *slog.Logger
	closers []func()
}

// Set starts the servers in dir. Sessions are short, so that a run sees many.
func Set(ctx context.Context, broker, dir string, log *slog.Logger) (stage *Stage, err error) {
	s := &Stage{Kafka: queue.DefaultConfiguration(), Store: store.DefaultConfiguration(), log: log}
	defer func() {
		if err != nil {
			s.Close()
		}
	}()
	if err := s.startBroker(ctx, broker, filepath.Join(dir, "broker")); err != nil {
		return nil, err
	}
	if err := s.startEngine(ctx, filepath.Join(dir, "engine")); err != nil {
		return nil, err
	}
	s.Kafka.Topics.Partitions = 4
	s.Kafka.Consumer.SessionTimeout = 6 * time.Second // the least that brokers allow
	s.Kafka.Consumer.RebalanceTimeout = 6 * time.Second
	s.Kafka.Consumer.HeartbeatInterval = 500 * time.Millisecond
	s.Kafka.Consumer.MaxRecords = 500
	if s.Queue, err = queue.New(s.Kafka, log, nil); err != nil {
		return nil, err
	}
	s.closers = append(s.closers, s.Queue.Close)
	if _, err := s.Queue.EnsureTopics(ctx); err != nil {
		return nil, err
	}
	return s, nil
}

// Close ends the servers.
func (s *Stage) Close() {
	for i := len(s.closers) - 1; i >= 0; i-- {
		s.closers[i]()
	}
	s.closers = nil
}

// Parts are the run's parts but for Worker and Flagged, which the caller adds.
func (s *Stage) Parts() Parts {
	return Parts{Broker: s.Broker, Engine: s.Engine, Queue: s.Queue, Log: s.log, Stored: ClickHouse{
		Address: s.Store.Address, User: s.Store.User, Password: s.Store.Password, Database: s.Store.Database,
	}.Stored}
}

func (s *Stage) startBroker(ctx context.Context, kind, dir string) error {
	switch kind {
	case BrokerEmbedded:
		cfg := embedded.DefaultBrokerConfiguration()
		cfg.Listen, cfg.DataDir = "127.0.0.1:0", dir
		broker, err := StartEmbeddedBroker(ctx, cfg, s.log)
		if err != nil {
			return err
		}
		s.Broker, s.Kafka.Brokers = broker, []string{broker.Address()}
	case BrokerKafka:
		broker, err := realkafka.Start(ctx, realkafka.Options{Dir: dir})
		if err != nil {
			return err
		}
		s.Broker, s.Kafka.Brokers = RealKafka{broker}, []string{broker.Addr()}
	case BrokerCluster:
		cluster, err := realkafka.StartCluster(ctx, realkafka.ClusterOptions{Dir: dir})
		if err != nil {
			return err
		}
		s.Broker, s.Kafka.Brokers = &KafkaCluster{Cluster: cluster}, cluster.Addrs()
		s.Kafka.Topics.ReplicationFactor = 3
		s.closers = append(s.closers, func() { _ = cluster.Kill() }) // their data are of no more use
		return nil
	default:
		return fmt.Errorf("broker: value %q: allowed: %s, %s, %s", kind, BrokerEmbedded, BrokerKafka, BrokerCluster)
	}
	s.closers = append(s.closers, func() { _ = s.Broker.Kill() }) // its data are of no more use
	return nil
}

func (s *Stage) startEngine(ctx context.Context, dir string) error {
	cfg := embedded.DefaultEngineConfiguration()
	cfg.Listen, cfg.DataDir, cfg.Password = "127.0.0.1:0", dir, "chaos"
	engine, err := embedded.StartEngine(ctx, cfg, s.log)
	if err != nil {
		return err
	}
	s.Engine = Engine{engine}
	s.Store.Address = "http://" + engine.Address()
	s.Store.User, s.Store.Password = cfg.User, cfg.Password
	s.closers = append(s.closers, func() {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		_ = engine.Stop(ctx) // its data are of no more use
	})
	return nil
}

// Migrate makes the tables of this version.
func (s *Stage) Migrate(ctx context.Context) error {
	tables, err := store.New(s.Store, s.log, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tables.Close() }() // only migrated
	return tables.Migrate(ctx)
}
