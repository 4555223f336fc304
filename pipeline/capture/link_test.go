package capture_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/netra-id/netra/pipeline/capture"
)

func TestLinksToTheSamePostHaveOneKey(t *testing.T) {
	for name, links := range map[string][]string{
		"x":         {"https://x.com/budi/status/18573", "https://twitter.com/Budi/status/18573?s=20&t=abc", "http://mobile.twitter.com/i/status/18573#m", "x.com/budi/status/18573/"},
		"youtube":   {"https://www.youtube.com/watch?v=dQw4w9WgXcQ&t=1s", "https://youtu.be/dQw4w9WgXcQ?si=zz", "https://m.youtube.com/shorts/dQw4w9WgXcQ"},
		"instagram": {"https://www.instagram.com/p/Cx_9-a/?igsh=1", "https://instagram.com/reel/Cx_9-a", "https://www.instagram.com/sumarni.guru/p/Cx_9-a/"},
		"tiktok":    {"https://www.tiktok.com/@wulan_p/video/73001?is_from_webapp=1", "https://m.tiktok.com/@lain/video/73001"},
		"telegram":  {"https://t.me/humas_budi/55", "https://t.me/s/Humas_Budi/55?single"},
		"facebook":  {"https://www.facebook.com/story.php?story_fbid=5&id=990", "https://m.facebook.com/story.php?id=990&story_fbid=5&fbclid=x&__tn__=y"},
		"mastodon":  {"https://contoh.id/@budi/1093", "https://contoh.id/@budi/1093/"},
		"other":     {"https://Contoh.example:443/a/b/?utm_source=x&z=1&a=2", "http://www.contoh.example/a/b?a=2&z=1#bagian"},
	} {
		want := capture.ParseLink(links[0]).Key
		for _, link := range links {
			if got := capture.ParseLink(link); got.Key != want || !got.Web {
				t.Errorf("%s: %s: %+v", name, link, got)
			}
		}
	}
}

func TestOtherLinksHaveOtherKeys(t *testing.T) {
	seen := map[string]string{}
	for _, link := range []string{
		"https://x.com/budi/status/1", "https://x.com/budi/status/2", "https://x.com/budi", "https://youtu.be/1", "https://facebook.com/story.php?story_fbid=1&id=2",
		"https://facebook.com/story.php?story_fbid=2&id=1", "https://facebook.com/budi/posts/1", "https://vt.tiktok.com/ZS1/", "https://vt.tiktok.com/ZS2/", "javascript:alert(1)", "data:text/html,1",
		"http://10.0.0.1/", "http://10.0.0.1:8080/", "https://contoh.example/a", "https://contoh.example/A", "coba", "https://t.me/a/1", "https://t.me/b/1",
	} {
		key := capture.ParseLink(link).Key
		if other, ok := seen[key]; ok || key == "" {
			t.Errorf("%s has the key of %s", link, other)
		}
		seen[key] = link
	}
}

func TestALinkTellsPlatformAndAccount(t *testing.T) {
	for link, want := range map[string]string{
		"https://twitter.com/budi/status/18573":     "x budi x:18573",
		"https://youtu.be/dQw4":                     "youtube  youtube:dQw4",
		"https://www.youtube.com/@budi":             "youtube @budi ",
		"https://instagram.com/budi.guru":           "instagram budi.guru ",
		"https://instagram.com/stories/budi/1/":     "instagram budi ",
		"https://www.tiktok.com/@wulan_p/video/73":  "tiktok @wulan_p tiktok:73",
		"https://vt.tiktok.com/ZS1":                 "tiktok  ",
		"https://fb.watch/abc":                      "facebook  ",
		"https://facebook.com/rahmat.h/posts/7":     "facebook rahmat.h ",
		"https://facebook.com/groups/12":            "facebook  ",
		"https://bsky.app/profile/budi.id/post/3k":  "bluesky budi.id ",
		"https://www.threads.net/@budi/post/C1":     "threads @budi ",
		"https://t.me/s/humas/7":                    "telegram humas telegram:humas/7",
		"https://contoh.id/@budi/1093":              "mastodon @budi@contoh.id mastodon:contoh.id/1093",
		"https://berita.example/artikel":            "  ",
		"https://evil.example/x.com/budi/status/18": "  ",
		"javascript://x.com/budi/status/1":          "  ",
		"https://x.com@evil.example/budi/status/1":  "  ",
	} {
		l := capture.ParseLink(link)
		if got := l.Platform + " " + l.Handle + " " + l.ID; got != want {
			t.Errorf("%s: %q, want %q", link, got, want)
		}
	}
}

func FuzzParseLink(f *testing.F) {
	for _, link := range []string{"https://x.com/a/status/1", "https://t.me/s", "https://t.me/s/", "javascript:1", "http://[::1]:80/%zz", "https://instagram.com", "\x00", "//", "https://youtube.com/shorts", "a.b"} {
		f.Add(link)
	}
	f.Fuzz(func(t *testing.T, text string) {
		l := capture.ParseLink(text)
		if !utf8.ValidString(l.Text) || (l.Key == "") != (l.Text == "") {
			t.Errorf("%q: %+v", text, l)
		}
		if l.Web && !strings.Contains(l.Text, "://") && strings.Contains(l.Text, ":") && !strings.Contains(l.Text, ".") {
			t.Errorf("%q is taken for a link", text)
		}
		if again := capture.ParseLink(l.Text); again != l {
			t.Errorf("%q: read again it is %+v, not %+v", text, again, l)
		}
	})
}
