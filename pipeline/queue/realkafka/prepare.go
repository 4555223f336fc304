package realkafka

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// ErrNotInstalled says that Java or the jars are missing, and how to get them.
var ErrNotInstalled = errors.New("real Kafka is not installed")

// FindJars returns the directory of Kafka's jars: .cache/kafka/jars in the
// working directory or the nearest above it.
func FindJars() (string, error) {
	if _, err := exec.LookPath("java"); err != nil {
		return "", fmt.Errorf("%w: java is not on the PATH (Debian: openjdk-17-jre-headless)", ErrNotInstalled)
	}
	dir, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("find Kafka's jars: %w", err)
	}
	for {
		jars := filepath.Join(dir, ".cache", "kafka", "jars")
		if found, _ := filepath.Glob(filepath.Join(jars, "kafka_2.13-*.jar")); len(found) > 0 {
			return jars, nil
		}
		above := filepath.Dir(dir)
		if above == dir {
			return "", fmt.Errorf("%w: no .cache/kafka/jars here or above: run `make kafka-jars`", ErrNotInstalled)
		}
		dir = above
	}
}

// prepare chooses ports, writes the configuration and formats the storage,
// unless the directory has all of that from an earlier run.
func (b *Broker) prepare(ctx context.Context) error {
	if b.options.Jars == "" {
		jars, err := FindJars()
		if err != nil {
			return err
		}
		b.options.Jars = jars
	}
	if again, err := b.readPorts(); err != nil || again {
		return err
	}
	ports, err := freePorts(ctx, 3)
	if err != nil {
		return err
	}
	b.port, b.control, b.secure = ports[0], ports[1], ports[2]
	if b.options.Port != 0 {
		b.port = b.options.Port
	}
	return b.install(ctx)
}

// install writes the configuration and formats the storage.
func (b *Broker) install(ctx context.Context) error {
	if err := os.MkdirAll(b.options.Dir, 0o700); err != nil {
		return fmt.Errorf("prepare kafka: %w", err)
	}
	for name, text := range map[string]string{"server.properties": b.properties(), "log4j2.properties": logging} {
		if err := os.WriteFile(b.path(name), []byte(text), 0o600); err != nil {
			return fmt.Errorf("prepare kafka: %w", err)
		}
	}
	if err := b.format(ctx); err != nil {
		return err
	}
	return os.WriteFile(b.path("ports"), fmt.Appendf(nil, "%d %d\n", b.port, b.control), 0o600)
}

func (b *Broker) readPorts() (bool, error) {
	data, err := os.ReadFile(b.path("ports"))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("prepare kafka: %w", err)
	}
	if _, err := fmt.Sscanf(string(data), "%d %d", &b.port, &b.control); err != nil {
		return false, fmt.Errorf("prepare kafka: %s is damaged: %w", b.path("ports"), err)
	}
	return true, nil
}

func (b *Broker) format(ctx context.Context) error {
	arguments := []string{"format", "-c", b.path("server.properties")}
	if b.place == nil {
		arguments = append(arguments, "--standalone", "-t", newClusterID())
	} else {
		arguments = append(arguments, "-t", b.place.cluster)
	}
	if b.options.Secure != nil {
		arguments = append(arguments, b.options.Secure.format()...)
	}
	tool := b.java(ctx, "kafka.tools.StorageTool", arguments...)
	if out, err := tool.CombinedOutput(); err != nil {
		return fmt.Errorf("format kafka's storage: %w:\n%s", err, out)
	}
	return nil
}

func newClusterID() string {
	id := make([]byte, 16)
	_, _ = rand.Read(id) // it never fails
	id[0] &= 0x7f        // Kafka refuses an id that begins with a dash
	return base64.RawURLEncoding.EncodeToString(id)
}

func (b *Broker) properties() string {
	if b.place != nil {
		return b.place.properties(b)
	}
	properties := []string{
		"process.roles=broker,controller",
		"node.id=1",
		fmt.Sprintf("controller.quorum.bootstrap.servers=127.0.0.1:%d", b.control),
		fmt.Sprintf("listeners=PLAINTEXT://127.0.0.1:%d,CONTROLLER://127.0.0.1:%d", b.port, b.control),
		fmt.Sprintf("advertised.listeners=PLAINTEXT://127.0.0.1:%d,CONTROLLER://127.0.0.1:%d", b.port, b.control),
		"controller.listener.names=CONTROLLER",
		"inter.broker.listener.name=PLAINTEXT",
		"log.dirs=" + b.path("data"),
		"auto.create.topics.enable=false",
		"offsets.topic.replication.factor=1",
		"offsets.topic.num.partitions=4",
		"transaction.state.log.replication.factor=1",
		"transaction.state.log.min.isr=1",
		"share.coordinator.state.topic.replication.factor=1",
		"share.coordinator.state.topic.min.isr=1",
		// Members come and go quickly in the tests.
		"group.initial.rebalance.delay.ms=0",
		"group.min.session.timeout.ms=1000",
		"",
	}
	if b.options.Secure != nil {
		properties = append(properties, b.options.Secure.properties(b.port, b.control, b.secure)...)
	}
	return strings.Join(properties, "\n")
}

const logging = `status = warn
name = netra
appender.out.type = Console
appender.out.name = out
appender.out.layout.type = PatternLayout
appender.out.layout.pattern = %d{ISO8601} %p %m (%c)%n
rootLogger.level = warn
rootLogger.appenderRef.out.ref = out
`
