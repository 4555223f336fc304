package store

import (
	"bytes"
	"embed"
	"fmt"
	"io/fs"
	"strings"
	"text/template"
	"time"
)

//go:embed migrations/*.sql
var migrationTemplates embed.FS

// layout is how tables are made on one server, on replicas or on a cluster. Its
// methods are what the templates of the migrations call.
type layout struct {
	configuration *Configuration
}

// deduplicationWindow is how many of a table's last insert tokens are known.
// A batch is repeated soon after a crash, but with many partitions others store
// many blocks in between: this is some hours of them.
const deduplicationWindow = 100_000

// deduplicationSeconds is how long a Replicated table knows its tokens: a worker
// may come back after some weeks.
const deduplicationSeconds = 60 * 24 * 60 * 60

// OnCluster is the clause that makes a statement run on all machines.
func (l layout) OnCluster() string {
	if l.configuration.Cluster == "" {
		return ""
	}
	return "ON CLUSTER " + quoted(l.configuration.Cluster)
}

// Local is the name of the table that holds a machine's part of name.
func (l layout) Local(name string) string {
	if l.configuration.Distributed {
		return name + "_local"
	}
	return name
}

// Engine is the engine of a table whose rows are spread over the shards.
func (l layout) Engine(family string, arguments ...string) string {
	return l.engine(l.configuration.ReplicaPath, l.configuration.ReplicaName, family, arguments)
}

// EngineOnAll is the engine of a table that is the same on all machines of all
// shards: its path in Keeper names no shard.
func (l layout) EngineOnAll(family string, arguments ...string) string {
	path := strings.ReplaceAll(l.configuration.ReplicaPath, "{shard}", "all")
	name := l.configuration.ReplicaName
	if path != l.configuration.ReplicaPath {
		name = "{shard}-" + name
	}
	return l.engine(path, name, family, arguments)
}

func (l layout) engine(path, name, family string, arguments []string) string {
	if l.configuration.Replicated {
		family = "Replicated" + family
		arguments = append([]string{"'" + path + "'", "'" + name + "'"}, arguments...)
	}
	return family + "(" + strings.Join(arguments, ", ") + ")"
}

// Deduplication is the settings by which a table drops a block whose token it
// knows, and by which a stored block survives a power failure.
func (l layout) Deduplication() string {
	if l.configuration.Replicated {
		return fmt.Sprintf("replicated_deduplication_window = %d, replicated_deduplication_window_seconds = %d",
			deduplicationWindow, deduplicationSeconds)
	}
	return fmt.Sprintf("non_replicated_deduplication_window = %d, fsync_after_insert = 1, fsync_part_directory = 1",
		deduplicationWindow)
}

// DistributedOver is the statement that makes the table through which the parts
// on all shards are written and read, or nothing.
func (l layout) DistributedOver(name, shardingKey string) string {
	c := l.configuration
	if !c.Distributed {
		return ""
	}
	return fmt.Sprintf("CREATE TABLE IF NOT EXISTS %s %s AS %s\nENGINE = Distributed(%s, %s, %s, %s);",
		name, l.OnCluster(), l.Local(name), quoted(c.Cluster), quoted(c.Database), quoted(l.Local(name)), shardingKey)
}

// quoted writes a checked name as an identifier or argument.
func quoted(name string) string { return "'" + name + "'" }

// Open returns a migration as it is for this layout.
func (l layout) Open(name string) (fs.File, error) {
	file, err := migrationTemplates.Open(name)
	if err != nil || !strings.HasSuffix(name, ".sql") {
		return file, err
	}
	defer file.Close()
	text, err := migrationTemplates.ReadFile(name)
	if err != nil {
		return nil, err
	}
	parsed, err := template.New(name).Parse(string(text))
	if err != nil {
		return nil, fmt.Errorf("parse migration: %w", err)
	}
	var rendered bytes.Buffer
	if err := parsed.Execute(&rendered, l); err != nil {
		return nil, fmt.Errorf("render migration %s: %w", name, err)
	}
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	return &renderedFile{Reader: bytes.NewReader(rendered.Bytes()), info: renderedInfo{FileInfo: info, size: int64(rendered.Len())}}, nil
}

// renderedFile is a migration after its template was filled in.
type renderedFile struct {
	*bytes.Reader
	info renderedInfo
}

func (f *renderedFile) Stat() (fs.FileInfo, error) { return f.info, nil }
func (f *renderedFile) Close() error               { return nil }

type renderedInfo struct {
	fs.FileInfo
	size int64
}

func (i renderedInfo) Size() int64        { return i.size }
func (i renderedInfo) ModTime() time.Time { return time.Time{} }
