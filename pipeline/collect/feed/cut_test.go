package feed

import (
	"slices"
	"testing"
)

func TestItemsOfAFeedAreCutByteForByte(t *testing.T) {
	tests := map[string]struct {
		body string
		n    int
		want []string
	}{
		"rss":          {"<?xml version=\"1.0\"?>\n<rss><channel><title>x</title>\n<item><guid>1</guid><p:item>a</p:item></item>\n <item/><item a=\"1\">b &amp; c</item></channel></rss>", 3, []string{"<item><guid>1</guid><p:item>a</p:item></item>", "<item/>", "<item a=\"1\">b &amp; c</item>"}},
		"atom":         {"<feed xmlns=\"http://www.w3.org/2005/Atom\"><entry>é</entry><entry><content><![CDATA[<entry>]]></content></entry></feed>", 2, []string{"<entry>é</entry>", "<entry><content><![CDATA[<entry>]]></content></entry>"}},
		"json":         {" {\"version\":\"1\",\"items\":[{\"id\": 1}, {\"id\":2}]}", 2, []string{"{\"id\": 1}", "{\"id\":2}"}},
		"other number": {"<rss><item>1</item></rss>", 2, nil},
		"latin 1":      {"<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><rss><item>\xe9</item></rss>", 1, nil},
		"no feed":      {"\x00", 1, nil},
	}
	for name, test := range tests {
		var got []string
		for _, piece := range cut([]byte(test.body), test.n) {
			got = append(got, string(piece))
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
}

func FuzzCut(f *testing.F) {
	f.Add([]byte("<rss><item>1</item></rss>"), 1)
	f.Add([]byte(`{"items":[{}]}`), 1)
	f.Fuzz(func(t *testing.T, body []byte, n int) {
		if n < 0 || n > 100 {
			return
		}
		if got := cut(body, n); got != nil && len(got) != n {
			t.Errorf("%d pieces, want %d", len(got), n)
		}
	})
}
