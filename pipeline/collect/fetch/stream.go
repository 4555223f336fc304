package fetch

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/coder/websocket"

	"github.com/netra-id/netra/pipeline/collect"
)

// Dial opens a WebSocket (RFC 6455) under the same rules as Do: configured hosts
// only, no internal addresses, no redirect to either. Messages above
// max_body_bytes end the connection, and nothing is compressed, so none grows.
// The caller closes it.
func (c *Client) Dial(ctx context.Context, address string) (*websocket.Conn, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, collect.Errorf(collect.KindRefused, "address: %w", withoutURL(err))
	}
	u.Scheme = strings.Replace(u.Scheme, "ws", "http", 1)
	if err := c.checkURL(u); err != nil {
		return nil, collect.Errorf(collect.KindRefused, "%w", err)
	}
	start := time.Now()
	conn, response, err := websocket.Dial(ctx, u.String(), &websocket.DialOptions{ //nolint:bodyclose // the library has replaced it
		HTTPClient: c.http, HTTPHeader: http.Header{"User-Agent": {c.cfg.UserAgent}}, CompressionMode: websocket.CompressionDisabled,
	})
	code := "error"
	if response != nil {
		code = strconv.Itoa(response.StatusCode)
	}
	c.metrics.requests.WithLabelValues(c.source, code).Observe(time.Since(start).Seconds())
	switch {
	case err == nil:
		conn.SetReadLimit(c.cfg.MaxBodyBytes)
		return conn, nil
	case response != nil && response.StatusCode != http.StatusSwitchingProtocols && response.StatusCode != http.StatusOK:
		return nil, statusError(&Answer{
			Status: response.StatusCode, Header: response.Header, URL: u, Limit: LimitOf(response.Header, time.Now()),
		}, time.Now())
	default:
		return nil, c.typed(ctx, withoutURL(err))
	}
}
