package queue

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"

	"github.com/segmentio/kafka-go/sasl"
	"github.com/segmentio/kafka-go/sasl/plain"
)

// security is how the brokers are talked to: in the clear when both are nil.
type security struct {
	tls  *tls.Config
	sasl sasl.Mechanism
}

func newSecurity(cfg Configuration) (security, error) {
	var s security
	if cfg.SASL.Username != "" {
		s.sasl = plain.Mechanism{Username: cfg.SASL.Username, Password: cfg.SASL.Password}
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
