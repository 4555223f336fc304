package telegram

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/netra-id/netra/pipeline/collect"
	"github.com/netra-id/netra/pipeline/collect/collecttest"
	"github.com/netra-id/netra/pipeline/post"
)

func TestKindsAreToldApart(t *testing.T) {
	s := serve(t)
	s.add(1, text(`Selamat pagi <tg-emoji emoji-id="1"><i class="emoji" style="background-image:url('//telegram.org/img/emoji/1.png')"><b>😀</b></i></tg-emoji><br/>coblos <b>nomor</b> &lt;2&gt;`))
	s.add(2, `<div class="tgme_widget_message_forwarded_from accent_color">Forwarded from <a class="tgme_widget_message_forwarded_from_name" href="https://t.me/lain/7"><span dir="auto">Kanal Lain</span></a></div>`+text("pilih nomor 1"))
	s.add(3, `<div class="tgme_widget_message_forwarded_from accent_color">Forwarded from <span class="tgme_widget_message_forwarded_from_name">Tersembunyi</span></div>`+text("pilih nomor 3"))
	s.add(4, `<a class="tgme_widget_message_reply user-color-1" href="https://t.me/Humas_Budi/1"><div class="tgme_widget_message_author"><span class="tgme_widget_message_author_name">Humas</span></div><div class="tgme_widget_message_text js-message_reply_text">Selamat pagi</div></a>`+text("ralat"))
	s.add(5, `<div class="tgme_widget_message_grouped_wrap js-message_grouped_wrap"><a class="tgme_widget_message_photo_wrap" href="https://t.me/Humas_Budi/5?single" style="width:1px;background-image:url('https://cdn4.telesco.pe/file/satu.jpg')"></a><a class="tgme_widget_message_photo_wrap" href="https://t.me/Humas_Budi/6?single" style="background-image:url(&quot;https://cdn4.telesco.pe/file/dua.jpg&quot;)"></a></div>`+text("dua foto"))
	s.add(6, `<a class="tgme_widget_message_video_player" href="https://t.me/Humas_Budi/6"><i class="tgme_widget_message_video_thumb" style="background-image:url('https://cdn4.telesco.pe/file/t.jpg')"></i><div><video src="https://cdn4.telesco.pe/file/v.mp4?token=x"></video></div><time class="message_video_duration" datetime="kemarin">0:12</time></a>`)
	s.add(7, `<div class="tgme_widget_message_poll"><div class="tgme_widget_message_poll_question">Pilih siapa?</div><div class="tgme_widget_message_poll_type">Anonymous</div><div class="tgme_widget_message_poll_option"><div class="tgme_widget_message_poll_option_percent">70%</div><div class="tgme_widget_message_poll_option_text">nomor 1</div></div><div class="tgme_widget_message_poll_option"><div class="tgme_widget_message_poll_option_text">nomor 2</div></div></div>`)
	s.add(8, `<a class="tgme_widget_message_document_wrap" href="https://t.me/Humas_Budi/8"><div class="tgme_widget_message_document_title">visi-misi.pdf</div></a><audio class="tgme_widget_message_voice" src="https://cdn4.telesco.pe/file/s.ogg"></audio>`)
	s.add(9, `<div class="message_media_not_supported_wrap"><div class="message_media_not_supported_label">Please open Telegram to view this post</div></div>`)
	s.add(10, text("kata mereka:<blockquote>pilih nomor 4</blockquote>itu hoaks")+`<a class="tgme_widget_message_link_preview" href="https://berita.example/1"><div class="link_preview_title">Judul</div><div class="link_preview_description">isi</div></a>`)
	s.put(11, start.Add(11*time.Minute), "service_message", "", text("Humas pinned a message"))

	sink, result, err := visitOnce(t, sourceOf(t, s, nil), nil)
	if err != nil {
		t.Fatal(err)
	}
	type row struct {
		Kind                post.Kind
		Text, Quoted, Reply string
		Media               []post.Media
	}
	var got []row
	for _, item := range sink.Items() {
		if item.Err != nil {
			t.Fatal(item.Err)
		}
		p := item.Post
		if err := p.Validate(time.Now()); err != nil {
			t.Error(err)
		}
		if p.Key() != "telegram:"+humas.ID || p.Account.Name != "Humas Budi" || len(p.RawSHA256) != 64 || !strings.HasPrefix(p.ID, "telegram:humas_budi/") || !strings.HasPrefix(string(item.Raw), "<div class=\"tgme_widget_message_wrap") || !strings.HasSuffix(string(item.Raw), "</div>") {
			t.Errorf("post %+v, raw %s", p, item.Raw)
		}
		got = append(got, row{p.Kind, p.Text, p.Quoted, p.InReplyTo, p.Media})
	}
	image := func(name string) post.Media {
		return post.Media{Type: "image", URL: "https://cdn4.telesco.pe/file/" + name}
	}
	want := []row{
		{Kind: post.KindPost, Text: "Selamat pagi 😀\ncoblos nomor <2>"},
		{Kind: post.KindRepost, Quoted: "pilih nomor 1"},
		{Kind: post.KindRepost, Quoted: "pilih nomor 3"},
		{Kind: post.KindReply, Text: "ralat", Quoted: "Selamat pagi", Reply: "telegram:humas_budi/1"},
		{Kind: post.KindPost, Text: "dua foto", Media: []post.Media{image("satu.jpg"), image("dua.jpg")}},
		{Kind: post.KindPost, Media: []post.Media{{Type: "video", URL: "https://cdn4.telesco.pe/file/v.mp4?token=x"}}},
		{Kind: post.KindPost, Text: "Pilih siapa?\n- nomor 1\n- nomor 2"},
		{Kind: post.KindPost, Media: []post.Media{{Type: "link", URL: "https://t.me/Humas_Budi/8", Alt: "visi-misi.pdf"}, {Type: "audio", URL: "https://cdn4.telesco.pe/file/s.ogg"}}},
		{Kind: post.KindPost, Media: []post.Media{{Type: "link", URL: "https://t.me/humas_budi/9"}}},
		{Kind: post.KindPost, Text: "kata mereka:\nitu hoaks", Quoted: "pilih nomor 4", Media: []post.Media{{Type: "link", URL: "https://berita.example/1", Alt: "Judul"}}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if at := sink.Items()[0].Post.CreatedAt; !at.Equal(start.Add(time.Minute)) || sink.Items()[0].Post.URL != "https://t.me/humas_budi/1" {
		t.Errorf("created_at %s, url %s", at, sink.Items()[0].Post.URL)
	}
	if result.Handle != humas.Handle {
		t.Errorf("handle %q", result.Handle)
	}
}

func TestAChannelIsReadDownToWhatWasSeen(t *testing.T) {
	s := serve(t)
	var want []string
	for n := range 55 {
		want = append(want, fmt.Sprint("pesan ", n))
		s.add(n, text(want[n]))
	}
	source := sourceOf(t, s, nil)
	sink, _, err := visitOnce(t, source, nil)
	if err != nil {
		t.Fatal(err)
	}
	got := texts(sink.Items())
	slices.SortFunc(got, func(a, b string) int { return slices.Index(want, a) - slices.Index(want, b) })
	if diff := cmp.Diff(want, got); diff != "" || len(s.asked()) != 3 {
		t.Error(diff, s.asked())
	}
	s.add(100, text("baru"))
	again, _, err := visitOnce(t, source, sink.Cursor())
	if diff := cmp.Diff([]string{"baru"}, texts(again.Items())); diff != "" || err != nil {
		t.Error(diff, err)
	}
}

func TestAStopInTheMiddleOfPagingLosesNothing(t *testing.T) {
	s := serve(t)
	want := map[string]int{}
	for n := range 130 {
		s.add(n, text(fmt.Sprint("pesan ", n)))
		want[fmt.Sprint("pesan ", n)] = 1
	}
	source := sourceOf(t, s, func(c *Configuration) { c.MaxPages = 3 })
	got := map[string]int{}
	var cursor collect.Cursor
	for visits := 0; ; visits++ {
		if visits == 1 { // what comes in the meantime is not forgotten
			s.add(500, text("sela"))
			want["sela"] = 1
		}
		pages := 0
		sink := &collecttest.Sink{Refuse: func(collect.Page) error {
			if pages++; pages > 1 && visits%2 == 0 && visits < 6 {
				return errors.New("killed")
			}
			return nil
		}}
		result, err := source.Collect(t.Context(), collect.Target{ID: humas.ID, Owner: humas}, cursor, sink)
		for _, text := range texts(sink.Items()) {
			got[text] = 1
		}
		if sink.Cursor() != nil {
			cursor = sink.Cursor()
		}
		if err == nil && result.Next == 0 && visits > 6 {
			break
		}
		if visits > 40 {
			t.Fatal("it never ends")
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestOnlyAnEditIsAnEdit(t *testing.T) {
	s := serve(t)
	photo := `<a class="tgme_widget_message_photo_wrap" style="background-image:url('https://cdn4.telesco.pe/file/%REQUEST%.jpg')"></a>`
	s.add(1, photo+text("satu"))
	s.add(2, photo+text("dua"))
	source := sourceOf(t, s, nil)
	source.recheckEvery = 0
	sink, _, err := visitOnce(t, source, nil)
	if err != nil || len(sink.Items()) != 2 {
		t.Fatal(err)
	}
	again, _, err := visitOnce(t, source, sink.Cursor())
	if err != nil || len(again.Items()) != 0 {
		t.Errorf("addresses of media are taken for edits: %v %v", texts(again.Items()), err)
	}
	s.put(1, start.Add(time.Minute), "", "edited &nbsp;", photo+text("satu, disunting"))
	again, _, err = visitOnce(t, source, sink.Cursor())
	if diff := cmp.Diff([]string{"satu, disunting"}, texts(again.Items())); diff != "" || err != nil {
		t.Error(diff, err)
	}
	source.recheckEvery = time.Hour
	if again, _, err := visitOnce(t, source, sink.Cursor()); err != nil || len(again.Items()) != 0 {
		t.Errorf("young messages are looked at again at once: %v %v", texts(again.Items()), err)
	}
	if again.Items()[0].Post.ID != sink.Items()[0].Post.ID {
		t.Error("an edited message has another id")
	}
}

func TestTheFirstVisitGoesBackSoFarAndABackfillFurther(t *testing.T) {
	s := serve(t)
	for n := range 60 {
		s.put(int64(n+1), start.Add(time.Duration(n-60)*24*time.Hour), "", "", text(fmt.Sprint(n)))
	}
	source := sourceOf(t, s, func(c *Configuration) { c.History = 10 * 24 * time.Hour })
	sink, _, err := visitOnce(t, source, nil)
	if err != nil || slices.Contains(texts(sink.Items()), "10") || !slices.Contains(texts(sink.Items()), "59") {
		t.Error(texts(sink.Items()), err)
	}
	period := collect.Period{From: start.Add(-50 * 24 * time.Hour), Until: start.Add(-47 * 24 * time.Hour)}
	sink = &collecttest.Sink{}
	if _, err := source.Backfill(t.Context(), collect.Target{ID: humas.ID, Owner: humas}, period, nil, sink); err != nil {
		t.Fatal(err)
	}
	got := texts(sink.Items())
	slices.Sort(got)
	if diff := cmp.Diff([]string{"10", "11", "12"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestWhatBecameOfChannelsIsSaid(t *testing.T) {
	answer := func(status int, body string) func(s *server) {
		return func(s *server) {
			s.intercept = func(w http.ResponseWriter, _ *http.Request) bool {
				w.WriteHeader(status)
				fmt.Fprint(w, body)
				return true
			}
		}
	}
	tests := map[string]struct {
		change func(s *server)
		owner  collect.Account
		kind   collect.Kind
	}{
		"no such name":    {func(s *server) { s.channel = "lain" }, humas, collect.KindGone},
		"a group":         {func(*server) {}, collect.Account{ID: "1", Handle: "@grup_warga"}, collect.KindPrivate},
		"an invitation":   {func(*server) {}, collect.Account{ID: "1", Handle: "https://t.me/+AbCdEf"}, collect.KindRefused},
		"path tricks":     {func(*server) {}, collect.Account{ID: "1", Handle: "@../../etc"}, collect.KindRefused},
		"another channel": {func(s *server) { s.number--; s.add(9, text("baru")) }, humas, collect.KindRenamed},
		"too many":        {answer(http.StatusTooManyRequests, ""), humas, collect.KindRateLimited},
		"a challenge":     {answer(http.StatusOK, "<html><title>Just a moment...</title></html>"), humas, collect.KindMalformed},
		"an outage":       {answer(http.StatusBadGateway, ""), humas, collect.KindTemporary},
		"empty":           {answer(http.StatusOK, ""), humas, collect.KindMalformed},
		"JSON": {func(s *server) {
			s.intercept = func(w http.ResponseWriter, _ *http.Request) bool {
				w.Header().Set("Content-Type", "application/json")
				fmt.Fprint(w, "{}")
				return true
			}
		}, humas, collect.KindMalformed},
		"elsewhere": {func(s *server) {
			s.intercept = func(w http.ResponseWriter, r *http.Request) bool {
				http.Redirect(w, r, "http://169.254.169.254/s/humas_budi", http.StatusFound)
				return true
			}
		}, humas, collect.KindRefused},
		"a loop of pages": {func(s *server) {
			s.intercept = func(w http.ResponseWriter, _ *http.Request) bool {
				fmt.Fprint(w, `<div class="tgme_channel_info"></div><a class="tme_messages_more" data-before="5"></a>`, s.messages[0])
				return true
			}
			s.messages[0] = strings.ReplaceAll(s.messages[0], "/1\"", "/77\"")
		}, humas, collect.KindMalformed},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s := serve(t)
			s.add(1, text("satu"))
			source := sourceOf(t, s, nil)
			first, _, err := visitOnce(t, source, nil)
			if err != nil {
				t.Fatal(err)
			}
			test.change(s)
			cursor := first.Cursor()
			if name == "a loop of pages" {
				cursor = nil
			}
			_, err = source.Collect(t.Context(), collect.Target{ID: test.owner.ID, Owner: test.owner}, cursor, &collecttest.Sink{})
			var typed *collect.Error
			if !errors.As(err, &typed) || typed.Kind != test.kind {
				t.Errorf("got %v, want kind %s", err, test.kind)
			}
		})
	}
}

func TestAnEmptyChannelIsNoFailure(t *testing.T) {
	s := serve(t)
	sink, _, err := visitOnce(t, sourceOf(t, s, nil), nil)
	if err != nil || len(sink.Items()) != 0 {
		t.Error(err)
	}
}

func TestMessagesThatAreNone(t *testing.T) {
	s := serve(t)
	s.add(1, text("sah"))
	s.add(2, strings.Repeat("<div>", 3000))
	s.add(3, text(escaped(`<div class="tgme_widget_message_wrap"><div class="tgme_widget_message" data-post="x/9">palsu`)))
	s.add(4, text("x"))
	s.messages[3] = strings.Replace(s.messages[3], "datetime=", "data-x=", 1)
	s.add(5, text("kanal lain"))
	s.messages[4] = strings.Replace(s.messages[4], `data-post="Humas_Budi`, `data-post="lain`, 1)
	s.add(6, text("sah <script>jahat()</script>juga"))
	sink, _, err := visitOnce(t, sourceOf(t, s, nil), nil)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"sah", "! malformed", `<div class="tgme_widget_message_wrap"><div class="tgme_widget_message" data-post="x/9">palsu`, "! no_date", "! malformed", "sah juga"}
	if diff := cmp.Diff(want, texts(sink.Items())); diff != "" {
		t.Error(diff)
	}
	if len(sink.Items()) > 4 && len(sink.Items()[4].Raw) != 0 {
		t.Error("what a stranger wrote is kept")
	}
}

func TestACollectorThatIsKilledLosesNothing(t *testing.T) {
	s := serve(t)
	want := map[string]bool{}
	for n := range 130 {
		want[fmt.Sprintf("telegram:humas_budi/%d 1", s.add(n, text(fmt.Sprint("pesan ", n))))] = true
	}
	got := collecttest.Killed(t, func() collect.Schedule {
		return collect.Schedule{Source: sourceOf(t, s, nil), Interval: time.Second}
	}, len(want))
	for id := range got {
		if !want[id] {
			t.Errorf("%s came, which is none or a second content", id)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d posts, want %d", len(got), len(want))
	}
}

func TestConfigurationNamesWhatIsWrong(t *testing.T) {
	cfg := Configuration{History: 1, Recheck: 1, MaxPages: -1}.WithDefaults()
	cfg.Fetch.BaseURL = "t.me"
	err := cfg.Validate("s.telegram")
	for _, key := range []string{"history", "recheck", "max_pages", "fetch.base_url"} {
		if err == nil || !strings.Contains(err.Error(), `key "s.telegram.`+key+`"`) {
			t.Errorf("%s is not named in %v", key, err)
		}
	}
}

func FuzzPreview(f *testing.F) {
	f.Add(`<title>x</title><div class="tgme_channel_info"></div><div class="tgme_widget_message_wrap"><div class="tgme_widget_message" data-post="a/1" data-view="eyJjIjoxfQ"><div class="js-message_text">x</div><a class="tgme_widget_message_date"><time datetime="2024-11-20T01:00:00+00:00"></time></a></div></div>`)
	f.Add(`<div class="tgme_widget_message_wrap"><div class="tgme_widget_message_wrap"></div></div></div>`)
	f.Fuzz(func(t *testing.T, body string) {
		p := readPreview([]byte(body))
		length := 0
		r := reader{channel: "humas_budi", base: "https://t.me", owner: humas}
		for _, piece := range p.pieces {
			length += len(piece)
			m := r.message(piece)
			if m.item.Err == nil && !m.service && (m.item.Post.Account.ID != humas.ID || m.id <= 0 || m.item.Post.Kind == post.KindRepost && m.item.Post.Text != "") {
				t.Errorf("post %+v", m.item.Post)
			}
		}
		if length > len(body) {
			t.Errorf("%d bytes of pieces of a page of %d", length, len(body))
		}
	})
}
