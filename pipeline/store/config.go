package store

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
)

// Configuration says where ClickHouse is and how the tables are laid out there.
type Configuration struct {
	// Address is http://host:8123, https://host:8443 or clickhouse://host:9000
	// (tcp:// is the same), or several of one kind separated by commas: they
	// are tried in order.
	Address  string `yaml:"address"`
	User     string `yaml:"user"`
	Password string `yaml:"password"`
	Database string `yaml:"database"`

	TLS TLSConfiguration `yaml:"tls"`

	DialTimeout time.Duration `yaml:"dial_timeout"`
	// Timeout is how long one insert or query may take to answer.
	Timeout time.Duration `yaml:"timeout"`
	// Connections is how many requests may be under way at once.
	Connections int `yaml:"connections"`
	// Compression of what is sent: lz4, zstd or none.
	Compression string `yaml:"compression"`

	// Replicated makes tables with the Replicated engines, which need
	// ClickHouse Keeper. It is worth it on one server, too: a plain MergeTree
	// table writes down an insert's token just before the block, so that a
	// server killed between the two drops the block when it is sent again. (The
	// embedded engine mends this when it starts.)
	Replicated bool `yaml:"replicated"`
	// Cluster makes the tables on all machines of the named cluster.
	Cluster string `yaml:"cluster"`
	// Distributed spreads flagged posts and counts over the cluster's shards.
	Distributed bool `yaml:"distributed"`
	// ReplicaPath and ReplicaName are the path of a table in Keeper and the name
	// of a replica there, with the macros of the servers.
	ReplicaPath string `yaml:"replica_path"`
	ReplicaName string `yaml:"replica_name"`
	// InsertQuorum is how many replicas must have a block before it counts as
	// stored: a number, or auto for the majority. With fewer alive than that the
	// worker waits. Empty is one: a block may be lost with its machine.
	InsertQuorum string `yaml:"insert_quorum"`
}

// TLSConfiguration is for https:// addresses, and for clickhouse:// ones where
// it is enabled.
type TLSConfiguration struct {
	Enabled bool `yaml:"enabled"`
	// CAFile holds the authorities to trust instead of the system's.
	CAFile string `yaml:"ca_file"`
	// CertFile and KeyFile are this client's certificate, where one is asked for.
	CertFile string `yaml:"cert_file"`
	KeyFile  string `yaml:"key_file"`
	// ServerName is the name in the server's certificate, where the address has
	// another.
	ServerName string `yaml:"server_name"`
	// InsecureSkipVerify accepts any certificate. For trials only.
	InsecureSkipVerify bool `yaml:"insecure_skip_verify"`
}

// DefaultConfiguration is for a server on this machine.
func DefaultConfiguration() Configuration {
	return Configuration{
		Address:     "http://127.0.0.1:8123",
		User:        "default",
		Database:    "netra",
		DialTimeout: 5 * time.Second,
		Timeout:     time.Minute,
		Connections: 8,
		Compression: "lz4",
		ReplicaPath: "/clickhouse/tables/{shard}/{database}/{table}",
		ReplicaName: "{replica}",

		InsertQuorum: "auto",
	}
}

var (
	identifier    = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
	clusterName   = regexp.MustCompile(`^[A-Za-z0-9_{][A-Za-z0-9_.{}-]*$`)
	insertQuorum  = regexp.MustCompile(`^(auto|[1-9][0-9]?|)$`)
	replicaMacros = regexp.MustCompile(`^[A-Za-z0-9_./{}-]+$`)

	compressions = map[string]clickhouse.CompressionMethod{
		"lz4": clickhouse.CompressionLZ4, "zstd": clickhouse.CompressionZSTD, "none": clickhouse.CompressionNone,
	}
	defaultPorts = map[string]string{"http": "8123", "https": "8443", "clickhouse": "9000", "tcp": "9000"}
)

// Validate says which key has a value that is not allowed.
func (c *Configuration) Validate() error {
	if _, err := c.addresses(); err != nil {
		return err
	}
	_, compression := compressions[c.Compression]
	switch {
	case !identifier.MatchString(c.Database):
		return notAllowed("database", c.Database, "letters, digits and _, not beginning with a digit")
	case c.DialTimeout <= 0:
		return notAllowed("dial_timeout", c.DialTimeout.String(), "a duration above 0, such as 5s")
	case c.Timeout <= 0:
		return notAllowed("timeout", c.Timeout.String(), "a duration above 0, such as 1m")
	case c.Connections < 1:
		return notAllowed("connections", fmt.Sprint(c.Connections), "1 or more")
	case !compression:
		return notAllowed("compression", c.Compression, "lz4, zstd, none")
	case c.Cluster != "" && !clusterName.MatchString(c.Cluster):
		return notAllowed("cluster", c.Cluster, "the name of a cluster: letters, digits, _ . - and macros in {}")
	case c.Cluster != "" && !c.Replicated:
		return notAllowed("replicated", "false", "true where cluster is set: the roster and the state of migrations must be the same on all its machines")
	case c.Distributed && c.Cluster == "":
		return notAllowed("distributed", "true", "true only where cluster is set")
	case c.Replicated && !replicaMacros.MatchString(c.ReplicaPath):
		return notAllowed("replica_path", c.ReplicaPath, "a path in ClickHouse Keeper with macros, such as /clickhouse/tables/{shard}/{database}/{table}")
	case c.Replicated && !replicaMacros.MatchString(c.ReplicaName):
		return notAllowed("replica_name", c.ReplicaName, "a name with macros, such as {replica}")
	case !insertQuorum.MatchString(c.InsertQuorum):
		return notAllowed("insert_quorum", c.InsertQuorum, "auto, a number from 1 to 99, or nothing")
	case (c.TLS.CertFile == "") != (c.TLS.KeyFile == ""):
		return notAllowed("tls", "cert_file and key_file, one without the other", "both or none")
	}
	return nil
}

func notAllowed(key, value, allowed string) error {
	return fmt.Errorf("key %q: value %q; allowed: %s", key, value, allowed)
}

// addresses parses Address. All have the scheme and path of the first.
func (c *Configuration) addresses() ([]*url.URL, error) {
	const allowed = "http://host:8123, https://host:8443 or clickhouse://host:9000; several of one kind separated by commas"
	var addresses []*url.URL
	for part := range strings.SplitSeq(c.Address, ",") {
		u, err := url.Parse(strings.TrimSpace(part))
		if err != nil || u.Hostname() == "" || defaultPorts[u.Scheme] == "" {
			return nil, notAllowed("address", c.Address, allowed)
		}
		if u.User != nil {
			return nil, fmt.Errorf("key \"address\": it holds a user or password (not shown); allowed: %s; they belong to the keys user and password", allowed)
		}
		if u.RawQuery != "" || u.Fragment != "" || len(addresses) > 0 && (u.Scheme != addresses[0].Scheme || u.Path != addresses[0].Path) {
			return nil, notAllowed("address", c.Address, allowed)
		}
		if u.Port() == "" {
			u.Host = net.JoinHostPort(u.Hostname(), defaultPorts[u.Scheme])
		}
		addresses = append(addresses, u)
	}
	return addresses, nil
}

func (c *Configuration) options() (*clickhouse.Options, error) {
	addresses, err := c.addresses()
	if err != nil {
		return nil, err
	}
	options := &clickhouse.Options{
		Protocol:         clickhouse.Native,
		Auth:             clickhouse.Auth{Database: c.Database, Username: c.User, Password: c.Password},
		Compression:      &clickhouse.Compression{Method: compressions[c.Compression]},
		DialTimeout:      c.DialTimeout,
		ReadTimeout:      c.Timeout,
		MaxOpenConns:     c.Connections,
		MaxIdleConns:     c.Connections,
		ConnOpenStrategy: clickhouse.ConnOpenInOrder,
	}
	for _, u := range addresses {
		options.Addr = append(options.Addr, u.Host)
	}
	scheme := addresses[0].Scheme
	if slices.Contains([]string{"http", "https"}, scheme) {
		options.Protocol = clickhouse.HTTP
		options.HttpUrlPath = addresses[0].Path
	}
	if scheme == "https" || scheme != "http" && c.TLS.Enabled {
		options.TLS, err = c.TLS.client()
		if err != nil {
			return nil, err
		}
	}
	return options, nil
}

func (c *TLSConfiguration) client() (*tls.Config, error) {
	client := &tls.Config{
		MinVersion: tls.VersionTLS12, ServerName: c.ServerName,
		InsecureSkipVerify: c.InsecureSkipVerify, //nolint:gosec // the operator says so
	}
	if c.CAFile != "" {
		authorities, err := os.ReadFile(c.CAFile)
		if err != nil {
			return nil, fmt.Errorf("key \"tls.ca_file\": %w", err)
		}
		client.RootCAs = x509.NewCertPool()
		if !client.RootCAs.AppendCertsFromPEM(authorities) {
			return nil, notAllowed("tls.ca_file", c.CAFile, "a file of certificates in PEM")
		}
	}
	if c.CertFile != "" {
		certificate, err := tls.LoadX509KeyPair(c.CertFile, c.KeyFile)
		if err != nil {
			return nil, fmt.Errorf("key \"tls.cert_file\": %w", err)
		}
		client.Certificates = []tls.Certificate{certificate}
	}
	return client, nil
}
