package feed

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestMarkupIsReadDownToItsWords(t *testing.T) {
	tests := map[string]struct{ in, text, quoted string }{
		"plain":            {"harga < 5000 & murah", "harga < 5000 & murah", ""},
		"entities":         {"a &amp; b &lt;c&gt; &eacute;&nbsp;x", "a & b <c> é x", ""},
		"blocks are lines": {"<h1>Judul</h1><p>satu<br>dua</p><ul><li>a</li><li>b</li></ul>", "Judul\nsatu\ndua\na\nb", ""},
		"inline":           {"co<b>blo</b>s <i>nomor</i> 2", "coblos nomor 2", ""},
		"spaces":           {"  a \n\t b  <p> c </p> ", "a b\nc", ""},
		"hidden":           {"a<script>jahat()</script><style>p{}</style>b<!-- c -->", "ab", ""},
		"quote":            {"<p>tidak benar:</p><blockquote><p>pilih nomor 1</p></blockquote><p>itu hoaks</p>", "tidak benar:\nitu hoaks", "pilih nomor 1"},
		"nested quotes":    {"a<blockquote>b<blockquote>c</blockquote>d</blockquote>e", "a\ne", "b\nc\nd"},
		"unclosed":         {"<p>a<b>c", "ac", ""},
		"preformatted":     {"<pre>a\n  b</pre>", "a\n  b", ""},
		"only markup":      {"<p><br/></p>", "", ""},
		"look-alike":       {"a <3 b", "a <3 b", ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got := readMarkup(test.in)
			if got.text != test.text || got.quoted != test.quoted {
				t.Errorf("text %q, quoted %q; want %q, %q", got.text, got.quoted, test.text, test.quoted)
			}
		})
	}
}

func TestDeepMarkupIsCheap(t *testing.T) {
	got := readMarkup(strings.Repeat("<div><blockquote>", 200_000) + "x")
	if got.quoted != "x" {
		t.Errorf("quoted %q", got.quoted)
	}
}

func TestImagesAreKept(t *testing.T) {
	got := readMarkup(`<p>lihat <img src="/a.jpg" alt="dua jari"><img alt="tanpa alamat"></p>`)
	if len(got.images) != 1 || got.images[0].URL != "/a.jpg" || got.images[0].Alt != "dua jari" {
		t.Errorf("images %+v", got.images)
	}
}

func FuzzMarkup(f *testing.F) {
	f.Add("<p>a<blockquote>b</p>c</blockquote>&amp;\u00a0")
	f.Add("<script><!--</script>x")
	f.Fuzz(func(t *testing.T, markup string) {
		got := readMarkup(markup)
		if utf8.ValidString(markup) && (!utf8.ValidString(got.text) || !utf8.ValidString(got.quoted)) {
			t.Errorf("invalid UTF-8 of %q: %q %q", markup, got.text, got.quoted)
		}
	})
}
