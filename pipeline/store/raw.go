package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2"
)

// ErrNotHTTP says that what was asked for works by ClickHouse's HTTP interface
// only.
var ErrNotHTTP = errors.New("this works over ClickHouse's HTTP interface only: allowed for key clickhouse.address: http://host:8123 or https://host:8443")

// Raw sends a statement over ClickHouse's HTTP interface, with what belongs to it
// (nil for none), and returns the answer as it comes, which the caller closes. It
// returns when the answer begins: a SELECT has then chosen the parts that it
// reads. Backups call it, which copy tables without looking into them.
func (s *Store) Raw(ctx context.Context, statement string, data io.Reader, settings map[string]string) (io.ReadCloser, error) {
	if s.options.Protocol != clickhouse.HTTP {
		return nil, ErrNotHTTP
	}
	scheme := "http"
	if s.options.TLS != nil {
		scheme = "https"
	}
	parameters := url.Values{"database": {s.configuration.Database}}
	for key, value := range settings {
		parameters.Set(key, value)
	}
	if data == nil {
		data = strings.NewReader(statement)
	} else {
		parameters.Set("query", statement)
	}
	to := url.URL{Scheme: scheme, Host: s.options.Addr[0], Path: "/" + strings.TrimPrefix(s.options.HttpUrlPath, "/"), RawQuery: parameters.Encode()}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, to.String(), data)
	if err != nil {
		return nil, err
	}
	request.SetBasicAuth(s.options.Auth.Username, s.options.Auth.Password)
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: s.options.TLS, DisableKeepAlives: true}}
	response, err := client.Do(request)
	if err != nil {
		return nil, fmt.Errorf("ask ClickHouse at %s: %w", s.options.Addr[0], err)
	}
	if response.StatusCode != http.StatusOK {
		defer func() { _ = response.Body.Close() }()
		said, _ := io.ReadAll(io.LimitReader(response.Body, 2000)) // what could be read of it
		return nil, fmt.Errorf("ClickHouse at %s refuses: %s", s.options.Addr[0], strings.TrimSpace(string(said)))
	}
	return response.Body, nil
}

// Configuration returns what the store was built with.
func (s *Store) Configuration() Configuration { return s.configuration }
