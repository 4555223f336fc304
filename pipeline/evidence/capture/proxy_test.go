package capture

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
)

func get(t *testing.T, client *http.Client, address string) *http.Response {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	return response
}

// TestTheWayOfAPageLeadsNotInside asks the proxy for internal addresses, as a page
// might.
func TestTheWayOfAPageLeadsNotInside(t *testing.T) {
	inside := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, strings.Repeat("x", 1000)) }))
	defer inside.Close()
	port := inside.URL[strings.LastIndexByte(inside.URL, ':')+1:]
	for name, private := range map[string]bool{"refused": false, "allowed": true} {
		t.Run(name, func(t *testing.T) {
			p, err := startProxy(private, 1<<20)
			if err != nil {
				t.Fatal(err)
			}
			defer p.close()
			client := &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{Proxy: http.ProxyURL(&url.URL{Scheme: "http", Host: p.address()}), DisableKeepAlives: true}}
			for _, host := range []string{"127.0.0.1:" + port, "localhost:" + port} {
				response := get(t, client, "http://"+host+"/")
				_ = response.Body.Close()
				if want := map[bool]int{false: http.StatusBadGateway, true: http.StatusOK}[private]; response.StatusCode != want {
					t.Errorf("%s answers %d, want %d", host, response.StatusCode, want)
				}
			}
			conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", p.address())
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = conn.Close() }()
			_ = conn.SetDeadline(time.Now().Add(10 * time.Second))
			_, _ = io.WriteString(conn, "CONNECT 127.0.0.1:"+port+" HTTP/1.1\r\nHost: x\r\n\r\n")
			head := make([]byte, 12)
			if _, err := io.ReadFull(conn, head); err != nil || strings.HasSuffix(string(head), "200") != private {
				t.Errorf("a tunnel: %s, %v", head, err)
			}
			if !private && len(p.refusals()) == 0 {
				t.Error("nobody is told that internal addresses were wanted")
			}
		})
	}
}

func TestAPageThatLoadsTooMuchIsEnded(t *testing.T) {
	large := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		for range 1000 {
			if _, err := io.WriteString(w, strings.Repeat("x", 1000)); err != nil {
				return
			}
		}
	}))
	defer large.Close()
	p, err := startProxy(true, 100_000)
	if err != nil {
		t.Fatal(err)
	}
	defer p.close()
	client := &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{Proxy: http.ProxyURL(&url.URL{Scheme: "http", Host: p.address()})}}
	response := get(t, client, large.URL)
	n, _ := io.Copy(io.Discard, response.Body)
	_ = response.Body.Close()
	if n > 200_000 || !p.tooMuch() {
		t.Errorf("%d bytes came through", n)
	}
}
