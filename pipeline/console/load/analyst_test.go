package load

import (
	"context"
	"errors"
	"fmt"
	"html"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"time"
)

// analyst is one person at work, with a browser without scripts.
type analyst struct {
	url    string
	name   string
	client *http.Client
	random *rand.Rand
	token  string // of the forms
	times  *times
}

func newAnalyst(base string, i int, times *times, transport http.RoundTripper) (*analyst, error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	return &analyst{
		url: base, name: nameOf(i), times: times, random: rand.New(rand.NewPCG(uint64(i), 1)),
		client: &http.Client{Jar: jar, Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
	}, nil
}

func (a *analyst) login(ctx context.Context) error {
	if _, err := a.get(ctx, "", "/login"); err != nil {
		return err
	}
	to, _, err := a.post(ctx, "", "/login", url.Values{"user": {a.name}, "password": {password}})
	if err == nil && strings.HasPrefix(to, "/login") {
		err = errors.New("the login was refused")
	}
	return err
}

// filters are what analysts look at; most work on the whole queue.
var filters = []string{"", "", "", "label=support", "platform=facebook", "label=money_politics&sort=newest", "language=jv", "region=35", "sort=oldest"}

// searches are what analysts look for: frequent and rare words.
var searches = []string{"pupuk", "serangan", "akun777", "%22salam+dua+jari%22", "coblos+nomor", "puskesmas+-dokter", "gaspol*"}

var (
	hidden   = regexp.MustCompile(`name="csrf" value="([^"]+)"`)
	revision = regexp.MustCompile(`name="revision" value="(\d+)"`)
	decideTo = regexp.MustCompile(`<form method="post" action="([^"]+)" id="decide"`)
	undoID   = regexp.MustCompile(`action="(/queue/undo[^"]*)"[\s\S]*?name="id" value="([^"]+)"`)
)

// roundsAList is how many reviews follow each other without a look at the list.
const roundsAList = 10

// work does a day's work until ctx ends: each round is one review, which takes
// pause at least.
func (a *analyst) work(ctx context.Context, pause time.Duration) error {
	if pause > 0 {
		wait(ctx, time.Duration(a.random.Int64N(int64(pause)))) // not all at once
	}
	filter, page := "", ""
	for round := a.random.IntN(roundsAList); ctx.Err() == nil; round++ {
		began := time.Now()
		var err error
		if page == "" || round%roundsAList == 0 { // back at the list
			filter = filters[a.random.IntN(len(filters))]
			if err = a.lists(ctx, filter); err == nil {
				page, err = a.next(ctx, "/queue/next?"+filter)
			}
		}
		if err == nil && page == "" { // nothing is left of this filter
			continue
		}
		if err == nil {
			page, err = a.review(ctx, page, round)
		}
		if err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return fmt.Errorf("%s: %w", a.name, err)
		}
		a.times.reviewed()
		wait(ctx, pause-time.Since(began))
	}
	return nil
}

// lists looks at the list of a filter, and now and then searches in it.
func (a *analyst) lists(ctx context.Context, filter string) error {
	body, err := a.get(ctx, "list page", "/queue?"+filter)
	if err != nil {
		return err
	}
	if more := regexp.MustCompile(`href="(/queue\?[^"]*after=[^"]+)"`).FindStringSubmatch(body); more != nil && a.random.IntN(4) == 0 {
		if _, err = a.get(ctx, "list, a later page", html.UnescapeString(more[1])); err != nil {
			return err
		}
	}
	if a.random.IntN(2) == 0 {
		_, err = a.get(ctx, "search", "/queue?q="+searches[a.random.IntN(len(searches))])
	}
	return err
}

// review decides on the item that a page shows, and returns the page of the next
// one.
func (a *analyst) review(ctx context.Context, page string, round int) (string, error) {
	form, rev := decideTo.FindStringSubmatch(page), revision.FindStringSubmatch(page)
	if form == nil || rev == nil { // somebody else's by now
		return "", nil
	}
	fields := url.Values{"revision": {rev[1]}, "do": {"no_violation:everyday_sense"}}
	switch a.random.IntN(10) {
	case 0, 1:
		fields.Set("do", "violation")
		fields.Set("rule", "KE-3")
	case 2:
		fields.Set("do", "unsure")
	}
	to, status, err := a.post(ctx, "decide", html.UnescapeString(form[1]), fields)
	if err != nil {
		return "", err
	}
	if status != http.StatusSeeOther || strings.HasPrefix(to, "/queue") {
		return "", nil
	}
	next, err := a.get(ctx, "open the next item", to)
	if err != nil || round%20 != 19 {
		return next, err
	}
	if undo := undoID.FindStringSubmatch(next); undo != nil {
		if to, _, err = a.post(ctx, "undo", html.UnescapeString(undo[1]), url.Values{"id": {undo[2]}}); err == nil {
			return a.get(ctx, "open an item again", to)
		}
	}
	return next, err
}

// next claims the next item and opens it.
func (a *analyst) next(ctx context.Context, action string) (string, error) {
	to, _, err := a.post(ctx, "claim the next item", action, url.Values{})
	if err != nil || strings.HasPrefix(to, "/queue") {
		return "", err
	}
	return a.get(ctx, "open the next item", to)
}

func (a *analyst) get(ctx context.Context, what, path string) (string, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, a.url+path, nil)
	if err != nil {
		return "", err
	}
	body, response, err := a.do(request, what) //nolint:bodyclose // do closes it
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("GET %s: status %d", path, response.StatusCode)
	}
	if found := hidden.FindStringSubmatch(body); found != nil {
		a.token = html.UnescapeString(found[1])
	}
	return body, err
}

func (a *analyst) post(ctx context.Context, what, path string, fields url.Values) (to string, status int, err error) {
	fields.Set("csrf", a.token)
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, a.url+path, strings.NewReader(fields.Encode()))
	if err != nil {
		return "", 0, err
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Sec-Fetch-Site", "same-origin")
	_, response, err := a.do(request, what) //nolint:bodyclose // do closes it
	if err != nil {
		return "", 0, err
	}
	if response.StatusCode != http.StatusSeeOther && response.StatusCode != http.StatusConflict {
		return "", 0, fmt.Errorf("POST %s: status %d", path, response.StatusCode)
	}
	return response.Header.Get("Location"), response.StatusCode, nil
}

func (a *analyst) do(request *http.Request, what string) (string, *http.Response, error) {
	began := time.Now()
	response, err := a.client.Do(request)
	if err != nil {
		return "", nil, err
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if what != "" && err == nil {
		a.times.took(what, time.Since(began))
	}
	return string(body), response, err
}

func wait(ctx context.Context, d time.Duration) {
	if d <= 0 {
		return
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
