package embedded

import "time"

// BrokerConfiguration says where the broker listens and what it keeps.
type BrokerConfiguration struct {
	// Listen is the address it listens on, and the one that it tells clients;
	// port 0 chooses a free one.
	Listen string `yaml:"listen" json:"listen"`
	// DataDir keeps records, topics and offsets. Empty keeps all in memory.
	DataDir string `yaml:"data_dir" json:"data_dir"`
	// Retention is how long records of topics are kept that set none of their own.
	Retention time.Duration `yaml:"retention" json:"retention"`
	// RetentionBytes bounds a partition of such topics, -1 does not.
	RetentionBytes int64 `yaml:"retention_bytes" json:"retention_bytes"`
	// SegmentBytes is the size of a segment file; the broker reads whole
	// segments when it starts.
	SegmentBytes int64 `yaml:"segment_bytes" json:"segment_bytes"`
	// CleanInterval is how often records past their retention are deleted.
	CleanInterval time.Duration `yaml:"clean_interval" json:"clean_interval"`
	// Partitions is how many partitions a topic gets that asks for none.
	Partitions int `yaml:"partitions" json:"partitions"`
	// SyncWrites writes every batch through to the disk, which survives a
	// loss of power and not only a killed process, and is much slower.
	SyncWrites bool `yaml:"sync_writes" json:"sync_writes"`
}

// DefaultBrokerConfiguration keeps records for 30 days in 16 MiB segments.
func DefaultBrokerConfiguration() BrokerConfiguration {
	return BrokerConfiguration{
		Listen:         "127.0.0.1:9092",
		DataDir:        "data/broker",
		Retention:      30 * 24 * time.Hour,
		RetentionBytes: -1,
		SegmentBytes:   16 << 20,
		CleanInterval:  time.Minute,
		Partitions:     6,
	}
}

// EngineConfiguration says where the engine listens, who may use it, and how
// much memory it may take.
type EngineConfiguration struct {
	// DataDir keeps the databases.
	DataDir string `yaml:"data_dir" json:"data_dir"`
	// Library is the path of libchdb.so; FindLibrary says where it is looked
	// for when this is empty.
	Library string `yaml:"library" json:"library"`
	// Listen is the address of the HTTP interface; port 0 chooses a free one.
	Listen string `yaml:"listen" json:"listen"`
	// User and Password may do everything.
	User     string `yaml:"user" json:"user"`
	Password string `yaml:"password" json:"password"`
	// ReadUser and ReadPassword may only read, for dashboards; without a
	// name there is no such user.
	ReadUser     string `yaml:"read_user" json:"read_user"`
	ReadPassword string `yaml:"read_password" json:"read_password"`
	// ConfigFile is a file of ClickHouse's own configuration, such as one with
	// users_config: tests see by it what a user may do. Empty is none.
	ConfigFile string `yaml:"config_file" json:"config_file"`
	// MaxMemory bounds the engine's own memory in bytes, 0 leaves it to the engine.
	MaxMemory int64 `yaml:"max_memory" json:"max_memory"`
	// CacheBytes bounds each of the engine's caches of marks and index.
	CacheBytes int64 `yaml:"cache_bytes" json:"cache_bytes"`
	// MaxConcurrent is how many statements run at once; more wait.
	MaxConcurrent int `yaml:"max_concurrent" json:"max_concurrent"`
	// Restart starts the engine again, with back-off, when it ends unasked.
	Restart bool `yaml:"restart" json:"restart"`
	// StartTimeout bounds how long a start may take.
	StartTimeout time.Duration `yaml:"start_timeout" json:"start_timeout"`
}

// DefaultEngineConfiguration leaves the password to the caller: there is none
// that would be safe for all.
func DefaultEngineConfiguration() EngineConfiguration {
	return EngineConfiguration{
		DataDir:       "data/engine",
		Listen:        "127.0.0.1:8123",
		User:          "netra",
		MaxMemory:     2 << 30,
		CacheBytes:    64 << 20,
		MaxConcurrent: 32,
		Restart:       true,
		StartTimeout:  time.Minute,
	}
}
