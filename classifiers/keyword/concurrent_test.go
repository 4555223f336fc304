package keyword_test

import (
	"strings"
	"sync"
	"testing"

	"github.com/netra-id/netra/classifiers/keyword"
	"github.com/netra-id/netra/classifiers/text"
)

func TestGoroutinesShareOneMatcher(t *testing.T) {
	w := newWorld(t, designExample)
	run := func() string {
		var doc text.Doc
		var scratch keyword.Scratch
		var out strings.Builder
		for range 20 {
			for _, post := range benchPosts {
				w.matcher.Analyze(&doc, post)
				matches := w.matcher.Match(&doc, nil)
				var specials []keyword.Special
				for _, m := range matches {
					if m.Space == w.own && m.Payload < 2 {
						specials = append(specials, keyword.Special{Groups: keyword.Contestant, First: m.First, Last: m.Last})
					}
				}
				for _, hit := range w.compiled.Evaluate(&doc, matches, &keyword.Context{Scope: keyword.Authored, Specials: specials}, &scratch, nil) {
					out.WriteString(hit.Rule.ID + doc.Slice(int(hit.First()), int(hit.Last())) + ";")
				}
			}
		}
		return out.String()
	}
	want := run()
	if want == "" {
		t.Fatal("nothing matched")
	}
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			if got := run(); got != want {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
	wait.Wait()
}
