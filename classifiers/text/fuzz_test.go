package text_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/netra-id/netra/classifiers/text"
)

var oddTexts = []string{
	"", " ", "✌️", "a", "Ayo coblos no.2 #GUNAMAmenang @budi https://x.id/a. “d u k u n g” teman2nya c0bl0s",
	"\xff\xfe", "a\xffb\x00c", "\u202e\u200b\u00ad", "é e\u0301 ﷺ ½ ™ ﬁ ǆ ⑳ Rp50.000rb 2️⃣2️⃣ 🇮🇩🇮 👨‍👩‍👧", "p!l!h c*bl*s $$$ @@@ ### ''' ---",
	"m e n a n g g u n a m a", "m.e.n.a.n.g. . . .", "a-a-a-a-a", "mata-mata-mata", "#_#_#1a2b3c", "#menang_", "no2no2no2", "ke-2", "a1b2c3d4",
	strings.Repeat("a", 300), strings.Repeat("a ", 300), strings.Repeat("menang", 30), "#" + strings.Repeat("menang", 30),
	"m e n a n g 1 2 3 ❷ ᴅᴜᴋᴜɴɢ 🅳🆄 حزب 选举", "'a'b'c", "www.a.b.c.d.com/x", "x@y.z@w", "1.2.3,4.5", "“a”b„c", "a\u0301\u0301\u0301",
}

func FuzzAnalyze(f *testing.F) {
	for _, s := range oddTexts {
		f.Add(s)
	}
	b := text.NewVocabularyBuilder()
	for _, term := range strings.Fields("menang coblos dukung gunama maaf mata-mata tidak yang menangkan") {
		b.AddTerm(term)
	}
	b.AddPrefix("men")
	a := text.NewAnalyzer(b.Freeze())
	var d text.Doc
	f.Fuzz(func(t *testing.T, s string) {
		a.Analyze(&d, s)
		checkSpans(t, &d, s)
		first := dump(&d)
		var fresh text.Doc
		a.Analyze(&fresh, s)
		if again := dump(&fresh); again != first {
			t.Errorf("a fresh Doc gives other tokens:\n%s\nbefore:\n%s", again, first)
		}
	})
}

func dump(d *text.Doc) string {
	var b strings.Builder
	for i := range d.Tokens {
		t := d.Tokens[i]
		b.WriteString(t.Kind.String())
		b.Write(d.Norm(&t))
		b.WriteString(d.Text[t.Start:t.End])
		b.WriteRune(rune(t.Stem) + 'a')
		b.WriteRune(rune(t.Flags) + 'a')
		b.WriteRune(rune(t.Number) + 'b')
	}
	return b.String()
}

// checkSpans checks what every Doc promises of its spans.
func checkSpans(t *testing.T, d *text.Doc, s string) {
	t.Helper()
	if d.Text != s {
		t.Fatal("the text is not the one that was given")
	}
	last, lastPos, sentence, clause := int32(0), int32(-1), int32(0), int32(0)
	for i := range d.Tokens {
		token := &d.Tokens[i]
		if token.Start < 0 || token.Start >= token.End || int(token.End) > len(s) {
			t.Fatalf("token %d: span %d to %d in a text of %d bytes: %q", i, token.Start, token.End, len(s), s)
		}
		if token.Start < last && !token.Is(text.InHashtag) {
			t.Fatalf("token %d starts at %d, before the end %d of the one before: %q", i, token.Start, last, s)
		}
		if utf8.ValidString(s) && !utf8.ValidString(s[token.Start:token.End]) {
			t.Fatalf("token %d cuts a character: %q of %q", i, s[token.Start:token.End], s)
		}
		if token.Pos < lastPos || token.Sentence < sentence || token.Clause < clause {
			t.Fatalf("token %d goes back: %+v: %q", i, token, s)
		}
		if len(d.Norm(token)) == 0 || !utf8.Valid(d.Norm(token)) {
			t.Fatalf("token %d has the normal form %q: %q", i, d.Norm(token), s)
		}
		switch norm := string(d.Norm(token)); {
		case token.Kind == text.Punct && len(norm) != 1,
			token.Kind == text.Number && strings.Trim(norm, "0123456789.,") != "",
			token.Kind == text.Hashtag && norm[0] != '#', token.Kind == text.Mention && norm[0] != '@',
			token.Kind == text.Word && strings.ContainsAny(norm, " #.,"):
			t.Fatalf("%s token %d has the normal form %q: %q", token.Kind, i, norm, s)
		}
		if token.Number < -1 || token.Number > 99 || token.Root != 0 && token.Stem == 0 {
			t.Fatalf("token %d: %+v: %q", i, token, s)
		}
		if token.Kind != text.Hashtag {
			last = token.End
		} else {
			last = token.Start
		}
		lastPos, sentence, clause = token.Pos, token.Sentence, token.Clause
	}
}

// TestNormIsStable: what was normalised once is normal.
func TestNormIsStable(t *testing.T) {
	a := newAnalyzer("menang", "coblos")
	var d, again text.Doc
	for _, s := range append(oddTexts, "dukunggg MAAAF c0bl0s p1lih ｍｅｎａｎｇ teman2nya didukungnya") {
		a.Analyze(&d, s)
		for i := range d.Tokens {
			token := &d.Tokens[i]
			if token.Kind != text.Word {
				continue
			}
			norm := string(d.Norm(token))
			a.Analyze(&again, norm)
			if len(again.Tokens) != 1 || string(again.Norm(&again.Tokens[0])) != norm {
				t.Errorf("%q of %q is not normal: it gives %s", norm, s, tokens(&again))
			}
		}
	}
}
