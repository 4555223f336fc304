package store_test

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"log"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/netra-id/netra/pipeline/embedded/embeddedtest"
	"github.com/netra-id/netra/pipeline/queue/kafkatest"
	"github.com/netra-id/netra/pipeline/store"
)

// overTLS puts a server with a certificate before the engine, which itself speaks
// none; with ask it wants a certificate of its clients, too.
func overTLS(t *testing.T, engine, keys, ask string) (address string) {
	t.Helper()
	pair, err := tls.LoadX509KeyPair(keys, keys)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: engine}))
	server.TLS = &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}
	if ask != "" {
		authority, err := os.ReadFile(ask)
		if err != nil {
			t.Fatal(err)
		}
		server.TLS.ClientCAs = x509.NewCertPool()
		server.TLS.ClientCAs.AppendCertsFromPEM(authority)
		server.TLS.ClientAuth = tls.RequireAndVerifyClientCert
	}
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // it would tell of the handshakes that must fail
	server.StartTLS()
	t.Cleanup(server.Close)
	return strings.Replace(server.URL, "http://", "https://", 1)
}

func TestClickHouseOverTLS(t *testing.T) {
	connection := embeddedtest.Engine(t)
	authority, other := kafkatest.NewAuthority(t), kafkatest.NewAuthority(t)
	byAddress := overTLS(t, connection.Address, authority.Server(t), "")
	byName := overTLS(t, connection.Address, authority.Server(t, "clickhouse.example"), "")
	asking := overTLS(t, connection.Address, authority.Server(t), authority.File)
	client := authority.Client(t)
	tests := map[string]struct {
		address string
		tls     store.TLSConfiguration
		want    string // of the error; "" where it must work
	}{
		"our authority":             {byAddress, store.TLSConfiguration{CAFile: authority.File}, ""},
		"by the certificate's name": {byName, store.TLSConfiguration{CAFile: authority.File, ServerName: "clickhouse.example"}, ""},
		"a trial":                   {byName, store.TLSConfiguration{InsecureSkipVerify: true}, ""},
		"with our certificate":      {asking, store.TLSConfiguration{CAFile: authority.File, CertFile: client, KeyFile: client}, ""},
		"another authority":         {byAddress, store.TLSConfiguration{CAFile: other.File}, "tls.ca_file"},
		"the system's authorities":  {byAddress, store.TLSConfiguration{}, "tls.ca_file"},
		"another name":              {byName, store.TLSConfiguration{CAFile: authority.File}, "tls.server_name"},
		"without a certificate":     {asking, store.TLSConfiguration{CAFile: authority.File}, "tls.cert_file"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			configuration := configurationOf(connection)
			configuration.Address, configuration.TLS = test.address, test.tls
			s := open(t, configuration)
			err := s.Migrate(t.Context())
			if test.want == "" {
				if err != nil {
					t.Fatal(err)
				}
				insert(t, s, name, flagOf("tls:"+name, 1))
				if _, err := s.Flag(t.Context(), "tls:"+name); err != nil {
					t.Error(err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want it to name the key %s", err, test.want)
			}
			if !store.LoginRefused(err) {
				t.Errorf("%v is waited for, which mends nothing", err)
			}
		})
	}
	t.Run("TLS where there is none", func(t *testing.T) {
		configuration := configurationOf(connection)
		configuration.Address = "https://" + connection.Address
		if err := open(t, configuration).Ping(t.Context()); err == nil || !store.LoginRefused(err) || !strings.Contains(err.Error(), "key address") {
			t.Errorf("got %v, want it to name the key", err)
		}
	})
}
