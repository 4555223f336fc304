package config

import (
	"path/filepath"

	"github.com/netra-id/netra/pipeline/blobs"
	"github.com/netra-id/netra/pipeline/capture"
	"github.com/netra-id/netra/pipeline/cases"
	"github.com/netra-id/netra/pipeline/collect"
	"github.com/netra-id/netra/pipeline/collect/sources"
	"github.com/netra-id/netra/pipeline/console"
	"github.com/netra-id/netra/pipeline/coordinated"
	evidencecapture "github.com/netra-id/netra/pipeline/evidence/capture"
	"github.com/netra-id/netra/pipeline/evidence/report"
	"github.com/netra-id/netra/pipeline/evidence/seal"
	"github.com/netra-id/netra/pipeline/monitor"
	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/queue"
	"github.com/netra-id/netra/pipeline/retention"
	"github.com/netra-id/netra/pipeline/review"
	"github.com/netra-id/netra/pipeline/roster"
	"github.com/netra-id/netra/pipeline/store"
	"github.com/netra-id/netra/pipeline/tuning"
	"github.com/netra-id/netra/pipeline/worker"
)

// Configuration is the whole configuration file.
type Configuration struct {
	// DataDir holds what this machine keeps: the embedded broker and engine,
	// the collector's cursors, the console's database.
	DataDir string `yaml:"data_dir"`
	// Kafka is the queue. Without brokers, the broker embedded in a running
	// `netra all` or `netra demo` is used.
	Kafka queue.Configuration `yaml:"kafka"`
	// ClickHouse is the store. Without an address, the engine embedded in a
	// running `netra all` or `netra demo` is used.
	ClickHouse store.Configuration  `yaml:"clickhouse"`
	Roster     roster.Configuration `yaml:"roster"`
	Collect    Collect              `yaml:"collect"`
	// Capture is what people and partners hand in at the console.
	Capture  capture.Configuration `yaml:"capture"`
	Worker   worker.Configuration  `yaml:"worker"`
	Classify Classify              `yaml:"classify"`
	Tuning   tuning.Configuration  `yaml:"tuning"`
	Review   review.Configuration  `yaml:"review"`
	// Cases are the cases that posts are put into, with their legal clock.
	Cases cases.Configuration `yaml:"cases"`
	// Coordinated is the search for near-identical posts by many accounts.
	Coordinated coordinated.Configuration `yaml:"coordinated"`
	// Retention says how long what is kept for.
	Retention retention.Configuration `yaml:"retention"`
	Evidence  Evidence                `yaml:"evidence"`
	Console   console.Configuration   `yaml:"console"`
	Monitor   monitor.Configuration   `yaml:"monitor"`
	Log       Log                     `yaml:"log"`
}

// Collect is the collector's part, with its sources.
type Collect struct {
	collect.Configuration `yaml:",inline"`
	Sources               []sources.Source `yaml:"sources"`
}

// Evidence says how what proves a flagged post is kept and sealed.
type Evidence struct {
	// Files is where pieces of evidence are kept; where it names nothing, where
	// capture.files has them.
	Files blobs.Configuration `yaml:"files"`
	// Capture says what is captured of a flagged post.
	Capture evidencecapture.Configuration `yaml:"capture"`
	// Seal is the tamper-evident log of all that is evidence.
	Seal seal.Configuration `yaml:"seal"`
	// Report is the report for people in a pack.
	Report report.Configuration `yaml:"report"`
}

// Classify says by which lists, contestants and claims posts are classified.
type Classify struct {
	// Contestants is the YAML file of elections and contestants.
	Contestants string `yaml:"contestants"`
	// Keywords is the folder of keyword lists; empty for the built-in ones.
	Keywords string `yaml:"keywords"`
	// Claims is the CSV file of debunked claims; empty for the built-in ones.
	Claims string `yaml:"claims"`
	// Thresholds say from which score on a label flags, 0 to 1; a label without
	// one has the built-in threshold.
	Thresholds map[post.Label]float64 `yaml:"thresholds"`
}

// Log says how logs are written.
type Log struct {
	// Level is debug, info, warn or error.
	Level string `yaml:"level"`
	// Format is text or json.
	Format string `yaml:"format"`
}

// Default is the configuration without a file.
func Default() Configuration {
	c := Configuration{
		DataDir:     "data",
		Kafka:       queue.DefaultConfiguration(),
		ClickHouse:  store.DefaultConfiguration(),
		Roster:      roster.DefaultConfiguration(),
		Collect:     Collect{Configuration: collect.DefaultConfiguration()},
		Capture:     capture.DefaultConfiguration(),
		Worker:      worker.DefaultConfiguration(),
		Tuning:      tuning.DefaultConfiguration(),
		Review:      review.DefaultConfiguration(),
		Cases:       cases.DefaultConfiguration(),
		Coordinated: coordinated.DefaultConfiguration(),
		Retention:   retention.DefaultConfiguration(),
		Evidence:    Evidence{Files: blobs.DefaultConfiguration(), Capture: evidencecapture.DefaultConfiguration(), Seal: seal.DefaultConfiguration(), Report: report.DefaultConfiguration()},
		Console:     console.DefaultConfiguration(),
		Monitor:     monitor.DefaultConfiguration(),
		Log:         Log{Level: "info", Format: "text"},
	}
	c.Kafka.Brokers = nil
	c.ClickHouse.Address = ""
	c.Console.Database = ""
	return c
}

// Path joins a name to the data directory.
func (c Configuration) Path(name string) string { return filepath.Join(c.DataDir, name) }

// EmbeddedBroker says whether the broker is the embedded one.
func (c Configuration) EmbeddedBroker() bool { return len(c.Kafka.Brokers) == 0 }

// EmbeddedEngine says whether ClickHouse is the embedded engine.
func (c Configuration) EmbeddedEngine() bool { return c.ClickHouse.Address == "" }
