package queue

import (
	"fmt"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/segmentio/kafka-go"
)

// Configuration of the queue. Sizes are in bytes.
type Configuration struct {
	// Brokers are the addresses by which the cluster is found, host:port.
	Brokers []string `yaml:"brokers"`
	// Topic holds every collected post, DeadTopic what cannot be processed.
	Topic     string `yaml:"topic"`
	DeadTopic string `yaml:"dead_topic"`
	ClientID  string `yaml:"client_id"`

	TLS  TLSConfiguration  `yaml:"tls"`
	SASL SASLConfiguration `yaml:"sasl"`

	Topics   TopicsConfiguration   `yaml:"topics"`
	Producer ProducerConfiguration `yaml:"producer"`
	Consumer ConsumerConfiguration `yaml:"consumer"`
}

// TLSConfiguration turns on TLS to the brokers.
type TLSConfiguration struct {
	Enabled    bool   `yaml:"enabled"`
	CAFile     string `yaml:"ca_file"`
	CertFile   string `yaml:"cert_file"`
	KeyFile    string `yaml:"key_file"`
	ServerName string `yaml:"server_name"`
}

// SASLConfiguration is a user of the cluster, used when Username is set.
type SASLConfiguration struct {
	// Mechanism is plain (only with TLS: the password travels as it is),
	// scram-sha-256 or scram-sha-512.
	Mechanism string `yaml:"mechanism"`
	Username  string `yaml:"username"`
	Password  string `yaml:"password"`
}

// TopicsConfiguration says how the topics are created, and against what an
// existing one is checked.
type TopicsConfiguration struct {
	Partitions        int `yaml:"partitions"`
	ReplicationFactor int `yaml:"replication_factor"`
	// Retention and RetentionBytes (a partition; -1 is no limit) bound the
	// topic of posts.
	Retention      time.Duration `yaml:"retention"`
	RetentionBytes int64         `yaml:"retention_bytes"`
	// DeadRetention and DeadRetentionBytes bound the topic of dead letters.
	DeadRetention      time.Duration `yaml:"dead_retention"`
	DeadRetentionBytes int64         `yaml:"dead_retention_bytes"`
	// SegmentBytes is the size at which a log segment is closed.
	SegmentBytes int64 `yaml:"segment_bytes"`
	// MaxMessageBytes is the largest record that the topics take.
	MaxMessageBytes int `yaml:"max_message_bytes"`
}

// ProducerConfiguration bounds the producer.
type ProducerConfiguration struct {
	// Linger is how long a record waits for others to travel with.
	Linger       time.Duration `yaml:"linger"`
	BatchRecords int           `yaml:"batch_records"`
	// Compression is none, gzip, snappy, lz4 or zstd.
	Compression string `yaml:"compression"`
	// DeliveryTimeout bounds one Send with all its retries.
	DeliveryTimeout time.Duration `yaml:"delivery_timeout"`
	// MaxRawBytes is the largest answer of a platform, compressed, that travels with
	// its post as evidence; 0 lets none travel. A larger one is left out.
	MaxRawBytes int `yaml:"max_raw_bytes"`
}

// ConsumerConfiguration bounds the consumer. Memory held for one partition is
// at most about three times MaxBytes plus FetchBytes.
type ConsumerConfiguration struct {
	Group string `yaml:"group"`
	// A batch ends at MaxRecords, at MaxBytes, or Linger after its first record
	// came, whichever is first.
	MaxRecords int           `yaml:"max_records"`
	MaxBytes   int           `yaml:"max_bytes"`
	Linger     time.Duration `yaml:"linger"`
	// Idle is how long after the last batch its end is committed when no more
	// records come.
	Idle time.Duration `yaml:"idle"`
	// FetchBytes bounds one fetch; a fetch is answered at FetchMinBytes or
	// after FetchWait.
	FetchBytes    int           `yaml:"fetch_bytes"`
	FetchMinBytes int           `yaml:"fetch_min_bytes"`
	FetchWait     time.Duration `yaml:"fetch_wait"`
	// SessionTimeout is how long a silent worker keeps its partitions.
	SessionTimeout    time.Duration `yaml:"session_timeout"`
	HeartbeatInterval time.Duration `yaml:"heartbeat_interval"`
	RebalanceTimeout  time.Duration `yaml:"rebalance_timeout"`
	// DrainTimeout bounds what is done for the batch in hand when the program
	// is told to end.
	DrainTimeout time.Duration `yaml:"drain_timeout"`
	// Patience is how long planned records that are not there are waited for.
	Patience time.Duration `yaml:"patience"`
}

// DefaultConfiguration is for one broker on this machine.
func DefaultConfiguration() Configuration {
	return Configuration{
		Brokers:   []string{"127.0.0.1:9092"},
		Topic:     "netra.posts",
		DeadTopic: "netra.posts.dead",
		ClientID:  "netra",
		SASL:      SASLConfiguration{Mechanism: "plain"},
		Topics: TopicsConfiguration{
			Partitions: 6, ReplicationFactor: 1,
			Retention: 720 * time.Hour, RetentionBytes: 8 << 30,
			DeadRetention: 2160 * time.Hour, DeadRetentionBytes: 1 << 30,
			SegmentBytes: 64 << 20, MaxMessageBytes: 8 << 20,
		},
		Producer: ProducerConfiguration{
			Linger: 5 * time.Millisecond, BatchRecords: 500, Compression: "lz4", DeliveryTimeout: 2 * time.Minute,
			MaxRawBytes: 256 << 10,
		},
		Consumer: ConsumerConfiguration{
			Group: "netra-worker", MaxRecords: 5000, MaxBytes: 4 << 20,
			Linger: 200 * time.Millisecond, Idle: 500 * time.Millisecond,
			FetchBytes: 512 << 10, FetchMinBytes: 16 << 10, FetchWait: 100 * time.Millisecond,
			SessionTimeout: 10 * time.Second, HeartbeatInterval: time.Second, RebalanceTimeout: 10 * time.Second,
			DrainTimeout: 20 * time.Second, Patience: 10 * time.Second,
		},
	}
}

// Validate names the first key that is wrong, with its value and what is
// allowed.
func (c Configuration) Validate() error {
	if len(c.Brokers) == 0 {
		return fmt.Errorf("key brokers: value is empty: allowed: one address host:port or more")
	}
	for _, broker := range c.Brokers {
		if _, port, err := net.SplitHostPort(broker); err != nil || port == "" {
			return fmt.Errorf("key brokers: value %q: allowed: host:port", broker)
		}
	}
	if c.Topic == c.DeadTopic {
		return fmt.Errorf("key dead_topic: value %q: allowed: another name than topic", c.DeadTopic)
	}
	if _, err := c.Producer.codec(); err != nil {
		return err
	}
	if !slices.Contains(mechanisms, strings.ToLower(c.SASL.Mechanism)) {
		return fmt.Errorf("key sasl.mechanism: value %q: allowed: %s", c.SASL.Mechanism, strings.Join(mechanisms, ", "))
	}
	for key, value := range map[string]int64{
		"topic": int64(len(c.Topic)), "dead_topic": int64(len(c.DeadTopic)),
		"topics.partitions": int64(c.Topics.Partitions), "topics.replication_factor": int64(c.Topics.ReplicationFactor),
		"topics.retention": int64(c.Topics.Retention), "topics.dead_retention": int64(c.Topics.DeadRetention),
		"topics.max_message_bytes": int64(c.Topics.MaxMessageBytes), "topics.segment_bytes": c.Topics.SegmentBytes,
		"producer.linger": int64(c.Producer.Linger), "producer.batch_records": int64(c.Producer.BatchRecords),
		"producer.delivery_timeout": int64(c.Producer.DeliveryTimeout),
		"consumer.group":            int64(len(c.Consumer.Group)), "consumer.max_records": int64(c.Consumer.MaxRecords),
		"consumer.max_bytes": int64(c.Consumer.MaxBytes), "consumer.linger": int64(c.Consumer.Linger),
		"consumer.idle": int64(c.Consumer.Idle), "consumer.fetch_bytes": int64(c.Consumer.FetchBytes),
		"consumer.fetch_min_bytes": int64(c.Consumer.FetchMinBytes), "consumer.fetch_wait": int64(c.Consumer.FetchWait),
		"consumer.session_timeout":    int64(c.Consumer.SessionTimeout),
		"consumer.heartbeat_interval": int64(c.Consumer.HeartbeatInterval),
		"consumer.rebalance_timeout":  int64(c.Consumer.RebalanceTimeout),
		"consumer.drain_timeout":      int64(c.Consumer.DrainTimeout), "consumer.patience": int64(c.Consumer.Patience),
	} {
		if value <= 0 {
			return fmt.Errorf("key %s: value is empty, zero or negative: allowed: more than that", key)
		}
	}
	if c.Producer.MaxRawBytes < 0 {
		return fmt.Errorf("key producer.max_raw_bytes: value %d: allowed: 0 or more", c.Producer.MaxRawBytes)
	}
	if c.Consumer.HeartbeatInterval*2 > c.Consumer.SessionTimeout {
		return fmt.Errorf("key consumer.heartbeat_interval: value %s: allowed: at most half of session_timeout (%s)",
			c.Consumer.HeartbeatInterval, c.Consumer.SessionTimeout)
	}
	return nil
}

func (c ProducerConfiguration) codec() (kafka.Compression, error) {
	switch c.Compression {
	case "none", "":
		return 0, nil
	case "gzip":
		return kafka.Gzip, nil
	case "snappy":
		return kafka.Snappy, nil
	case "lz4":
		return kafka.Lz4, nil
	case "zstd":
		return kafka.Zstd, nil
	}
	return 0, fmt.Errorf("key producer.compression: value %q: allowed: none, gzip, snappy, lz4, zstd", c.Compression)
}
