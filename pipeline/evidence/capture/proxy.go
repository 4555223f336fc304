package capture

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/netra-id/netra/pipeline/collect/fetch"
)

// proxy is the only way to the network for a Chromium that archives a page. It
// looks at the address behind a name when it connects, so that no page, redirect
// or name leads into an internal network, and it ends when a page is too large.
type proxy struct {
	listener net.Listener
	server   *http.Server
	dialer   net.Dialer
	most     int64
	read     atomic.Int64

	mu      sync.Mutex
	refused []string
	done    chan struct{}
}

// startProxy listens on loopback for as long as one page takes.
func startProxy(allowPrivate bool, most int64) (*proxy, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // on this machine, at once
	if err != nil {
		return nil, fmt.Errorf("listen for a page's requests: %w", err)
	}
	p := &proxy{listener: listener, most: most, done: make(chan struct{}), dialer: net.Dialer{Timeout: 10 * time.Second}}
	if !allowPrivate {
		p.dialer.Control = p.onlyPublic
	}
	p.server = &http.Server{Handler: p, ReadHeaderTimeout: 10 * time.Second}
	go func() {
		defer close(p.done)
		_ = p.server.Serve(listener) // it ends when it is closed
	}()
	return p, nil
}

func (p *proxy) address() string { return p.listener.Addr().String() }

func (p *proxy) close() {
	_ = p.server.Close()
	<-p.done
}

// onlyPublic is called with the address behind the name.
func (p *proxy) onlyPublic(_, address string, _ syscall.RawConn) error {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return err
	}
	parsed, err := netip.ParseAddr(host)
	if err != nil || !fetch.Public(parsed) || port != "80" && port != "443" && port != "8443" && port != "8080" {
		p.mu.Lock()
		if len(p.refused) < 20 {
			p.refused = append(p.refused, address)
		}
		p.mu.Unlock()
		return &fetch.AddressError{Address: address}
	}
	return nil
}

// refusals are internal addresses that the page wanted.
func (p *proxy) refusals() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.refused
}

var errPageTooLarge = errors.New("the page loads too much")

func (p *proxy) tooMuch() bool { return p.read.Load() > p.most }

// ServeHTTP passes a request on: a tunnel for https, one request for http.
func (p *proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodConnect {
		p.tunnel(w, r)
		return
	}
	if r.URL.Scheme != "http" || r.URL.Host == "" {
		http.Error(w, "only http and https", http.StatusForbidden)
		return
	}
	out := r.Clone(r.Context())
	out.RequestURI = ""
	for _, hop := range []string{"Proxy-Connection", "Proxy-Authorization", "Connection", "Upgrade"} {
		out.Header.Del(hop)
	}
	transport := &http.Transport{DialContext: p.dialer.DialContext, DisableKeepAlives: true, ResponseHeaderTimeout: 30 * time.Second}
	response, err := transport.RoundTrip(out)
	if err != nil {
		http.Error(w, "not reached", http.StatusBadGateway)
		return
	}
	defer func() { _ = response.Body.Close() }()
	for name, values := range response.Header {
		w.Header()[name] = values
	}
	w.WriteHeader(response.StatusCode)
	_, _ = io.Copy(w, &counted{response.Body, p})
}

func (p *proxy) tunnel(w http.ResponseWriter, r *http.Request) {
	to, err := p.dialer.DialContext(r.Context(), "tcp", r.Host)
	if err != nil {
		http.Error(w, "not reached", http.StatusBadGateway)
		return
	}
	hijacker, ok := w.(http.Hijacker)
	if !ok {
		_ = to.Close()
		return
	}
	from, _, err := hijacker.Hijack()
	if err != nil {
		_ = to.Close()
		return
	}
	_, _ = from.Write([]byte("HTTP/1.1 200 Connection established\r\n\r\n"))
	ctx, end := context.WithTimeout(context.Background(), 10*time.Minute)
	stop := context.AfterFunc(ctx, func() { _, _ = to.Close(), from.Close() })
	var both sync.WaitGroup
	both.Go(func() { defer end(); _, _ = io.Copy(to, from) })
	both.Go(func() { defer end(); _, _ = io.Copy(from, &counted{to, p}) })
	both.Wait()
	stop()
	_, _ = to.Close(), from.Close()
}

// counted ends what a page loads when it is too much.
type counted struct {
	io.Reader
	proxy *proxy
}

func (c *counted) Read(data []byte) (int, error) {
	n, err := c.Reader.Read(data)
	if c.proxy.read.Add(int64(n)) > c.proxy.most {
		return n, errPageTooLarge
	}
	return n, err
}
