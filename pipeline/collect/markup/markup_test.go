package markup

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
		"a stand-in":       {`<p class="quote-inline">RE: <a href="https://x.example/1">https://x.example/1</a></p><p>benar</p>`, "benar", ""},
		"an open stand-in": {`<p class="quote-inline">RE:<p>benar`, "benar", ""},
		"look-alike":       {"a <3 b", "a <3 b", ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got := Read(test.in)
			if got.Text != test.text || got.Quoted != test.quoted {
				t.Errorf("text %q, quoted %q; want %q, %q", got.Text, got.Quoted, test.text, test.quoted)
			}
		})
	}
}

func TestDeepMarkupIsCheap(t *testing.T) {
	got := Read(strings.Repeat("<div><blockquote>", 200_000) + "x")
	if got.Quoted != "x" {
		t.Errorf("quoted %q", got.Quoted)
	}
}

func TestImagesAreKept(t *testing.T) {
	got := Read(`<p>lihat <img src="/a.jpg" alt="dua jari"><img alt="tanpa alamat"></p>`)
	if len(got.Images) != 1 || got.Images[0].URL != "/a.jpg" || got.Images[0].Alt != "dua jari" {
		t.Errorf("images %+v", got.Images)
	}
}

func FuzzMarkup(f *testing.F) {
	f.Add("<p>a<blockquote>b</p>c</blockquote>&amp;\u00a0")
	f.Add("<script><!--</script>x")
	f.Fuzz(func(t *testing.T, markup string) {
		got := Read(markup)
		if utf8.ValidString(markup) && (!utf8.ValidString(got.Text) || !utf8.ValidString(got.Quoted)) {
			t.Errorf("invalid UTF-8 of %q: %q %q", markup, got.Text, got.Quoted)
		}
	})
}
