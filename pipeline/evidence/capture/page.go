package capture

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os/exec"
	"strings"
	"sync"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	protofetch "github.com/chromedp/cdproto/fetch"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"github.com/netra-id/netra/pipeline/collect"
	"github.com/netra-id/netra/pipeline/evidence"
)

// pages archives pages by a headless Chromium: a process of its own for each, with
// an empty profile, that reaches the network by our proxy only.
type pages struct {
	cfg      PageConfiguration
	chromium string
	one      sync.Mutex // one at a time: each takes some hundred megabytes
}

// programs are what Chromium is called.
var programs = []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"}

func newPages(cfg PageConfiguration) (*pages, error) {
	names := programs
	if cfg.Chromium != "" {
		names = []string{cfg.Chromium}
	}
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return &pages{cfg: cfg, chromium: path}, nil
		}
	}
	return nil, fmt.Errorf("key %q: value %q: allowed: the path of Chromium, which is not in PATH (Debian: apt-get install chromium); or page.enabled: false", "page.chromium", cfg.Chromium)
}

// archived is a page as it was rendered.
type archived struct {
	status     int
	header     http.Header
	mhtml, png []byte
	// body is the answer itself, where the page is gone.
	body []byte
	// final is where the page came from, after redirects.
	final string
	// cut says that the page is higher than the screenshot.
	cut bool
	// left are internal addresses that the page wanted and did not get.
	left []string
}

// errNotAllowed is a page that is not opened by our own rules.
var errNotAllowed = errors.New("not allowed")

func (p *pages) allowed(address string) error {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" {
		return fmt.Errorf("%w: the page has no address of the web", errNotAllowed)
	}
	host := strings.ToLower(strings.TrimSuffix(u.Hostname(), "."))
	for _, one := range p.cfg.Hosts {
		one = strings.ToLower(one)
		if host == strings.TrimPrefix(one, ".") || strings.HasPrefix(one, ".") && strings.HasSuffix(host, one) {
			return nil
		}
	}
	return fmt.Errorf("%w: the host %q is not configured: allowed: page.hosts: %s", errNotAllowed, host, strings.Join(p.cfg.Hosts, ", "))
}

// archive opens the page and keeps what a reader sees.
func (p *pages) archive(ctx context.Context, address string) (_ *archived, err error) {
	if err := p.allowed(address); err != nil {
		return nil, err
	}
	p.one.Lock()
	defer p.one.Unlock()
	way, err := startProxy(p.cfg.AllowPrivate, 4*p.cfg.MaxBytes)
	if err != nil {
		return nil, err
	}
	defer way.close()
	ctx, cancel := context.WithTimeout(ctx, p.cfg.Timeout)
	defer cancel()
	allocator, endAllocator := chromedp.NewExecAllocator(ctx, p.options(way.address())...)
	defer endAllocator()
	opened, endBrowser := chromedp.NewContext(allocator, chromedp.WithLogf(quiet), chromedp.WithErrorf(quiet))
	defer endBrowser()
	v := &pageVisit{pages: p}
	a, err := v.run(opened, address)
	switch {
	case way.tooMuch():
		return nil, fmt.Errorf("%w: %w: allowed: %d bytes", errNotAllowed, errPageTooLarge, way.most)
	case v.refused() != nil:
		return nil, v.refused()
	case err != nil && len(way.refusals()) > 0:
		return nil, fmt.Errorf("%w: the page leads to %s, which is internal: %w", errNotAllowed, way.refusals()[0], err)
	case err != nil:
		return nil, fmt.Errorf("archive the page: %w", err)
	}
	a.left = way.refusals()
	return a, nil
}

func quiet(string, ...any) {}

func (p *pages) options(way string) []chromedp.ExecAllocatorOption {
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(p.chromium), chromedp.WindowSize(p.cfg.Width, p.cfg.Height),
		chromedp.ProxyServer("http://"+way),
		chromedp.Flag("proxy-bypass-list", "<-loopback>"), // also loopback goes by the proxy, which refuses it
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("force-webrtc-ip-handling-policy", "disable_non_proxied_udp"),
		chromedp.Flag("dns-prefetch-disable", true),
		chromedp.Flag("incognito", true),
		chromedp.Flag("disable-extensions", true),
		chromedp.Flag("hide-scrollbars", true),
		chromedp.Flag("mute-audio", true),
	)
	if p.cfg.NoSandbox {
		options = append(options, chromedp.NoSandbox)
	}
	return options
}

// pageVisit is one opening of a page.
type pageVisit struct {
	pages *pages

	mu     sync.Mutex
	denied error
	first  network.RequestID
	answer *network.Response
}

func (v *pageVisit) refused() error {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.denied
}

func (v *pageVisit) run(ctx context.Context, address string) (*archived, error) {
	chromedp.ListenTarget(ctx, func(event any) {
		switch e := event.(type) {
		case *protofetch.EventRequestPaused:
			go v.paused(ctx, e)
		case *network.EventResponseReceived:
			v.received(e)
		case *page.EventJavascriptDialogOpening:
			go func() { _ = chromedp.Run(ctx, page.HandleJavaScriptDialog(false)) }()
		}
	})
	a := &archived{}
	documents := []*protofetch.RequestPattern{{URLPattern: "*", ResourceType: network.ResourceTypeDocument, RequestStage: protofetch.RequestStageRequest}}
	err := chromedp.Run(ctx,
		network.Enable(), protofetch.Enable().WithPatterns(documents), browser.SetDownloadBehavior(browser.SetDownloadBehaviorBehaviorDeny),
		chromedp.Navigate(address),
		chromedp.Sleep(v.pages.cfg.Settle),
		chromedp.Location(&a.final),
	)
	if err != nil {
		return nil, err
	}
	v.mu.Lock()
	answer, first := v.answer, v.first
	v.mu.Unlock()
	if answer == nil {
		return nil, errors.New("the page has no answer")
	}
	a.status, a.header = int(answer.Status), headerOf(answer.Headers)
	return a, chromedp.Run(ctx, chromedp.ActionFunc(func(ctx context.Context) error { return v.keep(ctx, a, first) }))
}

// paused lets a document be loaded only from where pages may be opened; what is
// in a frame of the page may be of anywhere that the proxy leads to.
func (v *pageVisit) paused(ctx context.Context, e *protofetch.EventRequestPaused) {
	executor := cdp.WithExecutor(ctx, chromedp.FromContext(ctx).Target)
	if chromedp.FromContext(ctx).Target.TargetID.String() == e.FrameID.String() { // the frame of a page is called as its target
		if err := v.pages.allowed(e.Request.URL); err != nil {
			v.mu.Lock()
			v.denied = err
			v.mu.Unlock()
			_ = protofetch.FailRequest(e.RequestID, network.ErrorReasonBlockedByClient).Do(executor)
			return
		}
	}
	_ = protofetch.ContinueRequest(e.RequestID).Do(executor)
}

func (v *pageVisit) received(e *network.EventResponseReceived) {
	if e.Type != network.ResourceTypeDocument {
		return
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.answer == nil || e.RequestID == v.first {
		v.answer, v.first = e.Response, e.RequestID
	}
}

// keep takes the archive, the picture, and of a page that is gone what was
// answered.
func (v *pageVisit) keep(ctx context.Context, a *archived, first network.RequestID) error {
	if gone(a.status) {
		if body, err := network.GetResponseBody(first).Do(ctx); err == nil {
			a.body = body
		}
	}
	mhtml, err := page.CaptureSnapshot().WithFormat(page.CaptureSnapshotFormatMhtml).Do(ctx)
	if err != nil {
		return fmt.Errorf("archive: %w", err)
	}
	a.mhtml = []byte(mhtml)
	_, _, _, _, _, size, err := page.GetLayoutMetrics().Do(ctx)
	if err != nil {
		return fmt.Errorf("measure: %w", err)
	}
	width, height := v.pages.cfg.Width, max(int(size.Height), v.pages.cfg.Height)
	if height > v.pages.cfg.MaxHeight {
		height, a.cut = v.pages.cfg.MaxHeight, true
	}
	if err := emulation.SetDeviceMetricsOverride(int64(width), int64(height), 1, false).Do(ctx); err != nil {
		return fmt.Errorf("measure: %w", err)
	}
	a.png, err = page.CaptureScreenshot().WithFormat(page.CaptureScreenshotFormatPng).WithCaptureBeyondViewport(true).
		WithClip(&page.Viewport{Width: float64(width), Height: float64(height), Scale: 1}).Do(ctx)
	if err != nil {
		return fmt.Errorf("take a picture: %w", err)
	}
	return nil
}

func headerOf(headers network.Headers) http.Header {
	h := http.Header{}
	for name, value := range headers {
		if text, ok := value.(string); ok {
			h.Set(name, text)
		}
	}
	return h
}

func gone(status int) bool { return status == http.StatusNotFound || status == http.StatusGone }

// page makes pieces of an archived page.
func (w *Worker) page(ctx context.Context, t *task, a address) ([]evidence.Draft, error) {
	archive := w.pieceOf(t, a, evidence.Page)
	found, err := w.web.pages.archive(ctx, a.url)
	if errors.Is(err, errNotAllowed) {
		return []evidence.Draft{problem(archive, err)}, nil
	}
	if err != nil {
		return nil, err
	}
	at, checked := w.keeper.Now()
	exchange := &collect.Exchange{Status: found.status, Headers: collect.KeptHeaders(found.header), FetchedAt: at, Clock: checked, By: by() + ", Chromium"}
	if u, err := url.Parse(found.final); err == nil && found.final != a.url {
		exchange.Answered = collect.Redacted(&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path})
	}
	if found.status >= 500 || found.status == http.StatusTooManyRequests {
		return nil, fmt.Errorf("%s answers %d", hostOf(a.url), found.status)
	}
	var drafts []evidence.Draft
	if gone(found.status) {
		drafts = w.gone(t, a, found.status, found.header, found.body)[:1]
	}
	for _, file := range []struct {
		kind evidence.Kind
		mime string
		data []byte
	}{{evidence.Page, "multipart/related", found.mhtml}, {evidence.Screenshot, "image/png", found.png}} {
		piece := w.pieceOf(t, a, file.kind)
		piece.CapturedAt, piece.Clock, piece.Public, piece.By, piece.Type = at, checked, publicOf(exchange), by()+", Chromium", file.mime
		if size := int64(len(file.data)); size > w.cfg.Page.MaxBytes {
			drafts = append(drafts, problem(piece, fmt.Errorf("the file has %d bytes: allowed: %d", size, w.cfg.Page.MaxBytes)))
			continue
		}
		drafts = append(drafts, evidence.Draft{Piece: piece, Bytes: file.data})
	}
	return append(drafts, w.exchange(t, a, exchange)), nil
}

func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "the page"
	}
	return u.Host
}
