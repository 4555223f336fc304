package queue

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
	"strings"

	"github.com/segmentio/kafka-go/sasl"
	"github.com/segmentio/kafka-go/sasl/plain"
	"github.com/segmentio/kafka-go/sasl/scram"
)

// mechanisms are the values of sasl.mechanism.
var mechanisms = []string{"plain", "scram-sha-256", "scram-sha-512"}

// security is how the brokers are talked to: in the clear when both are nil.
type security struct {
	tls  *tls.Config
	sasl sasl.Mechanism
}

func newSecurity(cfg Configuration) (security, error) {
	var s security
	var err error
	if s.sasl, err = cfg.SASL.mechanism(); err != nil {
		return s, err
	}
	if !cfg.TLS.Enabled {
		return s, nil
	}
	s.tls = &tls.Config{MinVersion: tls.VersionTLS12, ServerName: cfg.TLS.ServerName}
	if cfg.TLS.CAFile != "" {
		pem, err := os.ReadFile(cfg.TLS.CAFile)
		if err != nil {
			return s, fmt.Errorf("key tls.ca_file: %w", err)
		}
		s.tls.RootCAs = x509.NewCertPool()
		if !s.tls.RootCAs.AppendCertsFromPEM(pem) {
			return s, fmt.Errorf("key tls.ca_file: value %q: allowed: a file of PEM certificates", cfg.TLS.CAFile)
		}
	}
	if cfg.TLS.CertFile != "" || cfg.TLS.KeyFile != "" {
		pair, err := tls.LoadX509KeyPair(cfg.TLS.CertFile, cfg.TLS.KeyFile)
		if err != nil {
			return s, fmt.Errorf("keys tls.cert_file and tls.key_file: %w", err)
		}
		s.tls.Certificates = []tls.Certificate{pair}
	}
	return s, nil
}

// mechanism is how the user logs in; nil without a user.
func (c SASLConfiguration) mechanism() (sasl.Mechanism, error) {
	if c.Username == "" {
		return nil, nil //nolint:nilnil // no mechanism is a valid one
	}
	hash := scram.SHA512
	switch strings.ToLower(c.Mechanism) {
	case "plain":
		return plain.Mechanism{Username: c.Username, Password: c.Password}, nil
	case "scram-sha-256":
		hash = scram.SHA256
	case "scram-sha-512":
	default:
		return nil, fmt.Errorf("key sasl.mechanism: value %q: allowed: %s", c.Mechanism, strings.Join(mechanisms, ", "))
	}
	mechanism, err := scram.Mechanism(hash, c.Username, c.Password)
	if err != nil { // it does not show the password
		return nil, fmt.Errorf("keys sasl.username and sasl.password: cannot be used with %s: %w", c.Mechanism, err)
	}
	return mechanism, nil
}
