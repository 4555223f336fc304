package telegram

import (
	"encoding/base64"
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/netra-id/netra/pipeline/collect"
	"github.com/netra-id/netra/pipeline/collect/collecttest"
	"github.com/netra-id/netra/pipeline/collect/fetch"
)

// server answers as t.me does.
type server struct {
	*httptest.Server
	mu       sync.Mutex
	channel  string
	number   int64
	messages []string // oldest first, the HTML of each, with %REQUEST% for the number of the request
	ids      []int64
	requests []string
	// intercept answers instead, where it returns true.
	intercept func(w http.ResponseWriter, r *http.Request) bool
}

func serve(t testing.TB) *server {
	t.Helper()
	s := &server{channel: "Humas_Budi", number: -1006503122}
	s.Server = httptest.NewServer(s)
	t.Cleanup(s.Close)
	return s
}

const landing = `<!DOCTYPE html><html><head><title>Telegram: %s @%s</title></head><body><div class="tgme_page_wrap"><div class="tgme_page"><div class="tgme_page_title"><span>x</span></div></div></div></body></html>`

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = append(s.requests, r.URL.RequestURI())
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	if s.intercept != nil && s.intercept(w, r) {
		return
	}
	name, history := strings.CutPrefix(r.URL.Path, "/s/")
	known := strings.EqualFold(name, s.channel)
	switch {
	case !history && strings.Contains(r.URL.Path, "grup"):
		fmt.Fprintf(w, landing, "View", "grup_warga")
	case !history:
		fmt.Fprintf(w, landing, "Contact", strings.TrimPrefix(r.URL.Path, "/"))
	case !known:
		http.Redirect(w, r, "/"+name, http.StatusFound)
	default:
		s.page(w, r)
	}
}

// page shows 20 messages, the oldest first, and a link to older ones.
func (s *server) page(w http.ResponseWriter, r *http.Request) {
	end := len(s.messages)
	if before, err := strconv.ParseInt(r.URL.Query().Get("before"), 10, 64); err == nil {
		end = 0
		for end < len(s.ids) && s.ids[end] < before {
			end++
		}
	}
	begin := max(end-20, 0)
	fmt.Fprintf(w, `<!DOCTYPE html><html><head><title>Humas &ndash; Telegram</title></head><body class="tgme_body">
<header><div class="tgme_header_info"><div class="tgme_channel_info"><div class="tgme_channel_info_header"><div class="tgme_channel_info_header_title"><span dir="auto">Humas <b>Budi</b></span></div>
<div class="tgme_channel_info_header_username"><a href="https://t.me/%[1]s">@%[1]s</a></div></div></div></div></header>
<main class="tgme_main"><section class="tgme_channel_history js-message_history">`, s.channel)
	if begin > 0 {
		fmt.Fprintf(w, `<div class="tgme_widget_message_centered js-messages_more_wrap"><a href="/s/%s?before=%d" class="tme_messages_more js-messages_more" data-before="%[2]d"></a></div>`, s.channel, s.ids[begin])
	}
	for _, m := range s.messages[begin:end] {
		fmt.Fprint(w, strings.ReplaceAll(m, "%REQUEST%", strconv.Itoa(len(s.requests))))
	}
	fmt.Fprint(w, `</section></main><footer><div class="x">bawah</div></footer></body></html>`)
}

var start = time.Now().Add(-40 * time.Hour).Truncate(time.Hour)

// text is the body of a message with nothing but text.
func text(s string) string {
	return `<div class="tgme_widget_message_text js-message_text" dir="auto">` + s + `</div>`
}

// add adds a message, so many minutes after start.
func (s *server) add(minute int, body string) int64 {
	id := int64(1)
	if len(s.ids) > 0 {
		id = s.ids[len(s.ids)-1] + 1
	}
	s.put(id, start.Add(time.Duration(minute)*time.Minute), "", "", body)
	return id
}

func (s *server) put(id int64, at time.Time, class, edited, body string) {
	view := base64.RawURLEncoding.EncodeToString([]byte(fmt.Sprintf(`{"c":%d,"p":"%d","t":1,"h":"x"}`, s.number, id)))
	message := fmt.Sprintf(`<div class="tgme_widget_message_wrap js-widget_message_wrap"><div class="tgme_widget_message %s text_not_supported_wrap js-widget_message" data-post="%s/%d" data-view="%s">
<div class="tgme_widget_message_user"><a href="https://t.me/%[2]s"><i class="tgme_widget_message_user_photo"><img src="https://cdn4.telesco.pe/file/avatar.jpg"></i></a></div>
<div class="tgme_widget_message_bubble"><div class="tgme_widget_message_author"><a class="tgme_widget_message_owner_name" href="https://t.me/%[2]s"><span dir="auto">Humas Budi</span></a></div>
%[5]s
<div class="tgme_widget_message_footer"><div class="tgme_widget_message_info"><span class="tgme_widget_message_views">1.2K</span><span class="tgme_widget_message_meta">%[6]s<a class="tgme_widget_message_date" href="https://t.me/%[2]s/%[3]d"><time datetime="%[7]s" class="time">08:00</time></a></span></div></div></div></div></div>
`, class, s.channel, id, view, body, edited, at.UTC().Format("2006-01-02T15:04:05+00:00"))
	s.mu.Lock()
	defer s.mu.Unlock()
	if n := slices.Index(s.ids, id); n >= 0 {
		s.messages[n] = message
		return
	}
	s.messages, s.ids = append(s.messages, message), append(s.ids, id)
}

func (s *server) asked() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.requests)
}

var humas = collect.Account{ID: "-1001006503122", Handle: "@humas_budi", Name: "Budi Santoso"}

func sourceOf(t testing.TB, s *server, change func(*Configuration)) *Source {
	t.Helper()
	cfg := Configuration{}.WithDefaults()
	cfg.Fetch.AllowPrivate, cfg.Fetch.BaseURL = true, s.URL
	if change != nil {
		change(&cfg)
	}
	if err := cfg.Validate("telegram"); err != nil {
		t.Fatal(err)
	}
	source := New("telegram", cfg, collecttest.Accounts{platform: {humas}}, fetch.NewMetrics(prometheus.NewRegistry()))
	t.Cleanup(source.Close)
	return source
}

func visitOnce(t testing.TB, s *Source, cursor collect.Cursor) (*collecttest.Sink, collect.Result, error) {
	t.Helper()
	sink := &collecttest.Sink{}
	result, err := s.Collect(t.Context(), collect.Target{ID: humas.ID, Owner: humas}, cursor, sink)
	return sink, result, err
}

func texts(items []collect.Item) []string {
	var all []string
	for _, item := range items {
		if item.Err != nil {
			all = append(all, "! "+string(item.Err.Cause))
			continue
		}
		all = append(all, item.Post.Text)
	}
	return all
}

func escaped(s string) string { return html.EscapeString(s) }
