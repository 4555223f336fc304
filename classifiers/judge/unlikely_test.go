package judge_test

import (
	"strings"
	"testing"

	"github.com/netra-id/netra/classifiers/evaluate/data"
)

func TestNoLabelIsLeftOutThatWouldReachItsThreshold(t *testing.T) {
	j := newJudge(t)
	files := data.Files()
	file, err := files.ReadFile("dev-e.tsv")
	if err != nil {
		t.Fatal(err)
	}
	texts, left := 0, 0
	for line := range strings.Lines(string(file)) {
		text := strings.TrimSpace(line[strings.LastIndexByte(line, '\t')+1:])
		count, wrongly := j.LeftOut(text, "94.71")
		if len(wrongly) > 0 {
			t.Errorf("%q: left out: %v", text, wrongly)
		}
		texts, left = texts+1, left+count
	}
	if left < texts {
		t.Errorf("of %d texts %d labels are left out: hardly any", texts, left)
	}
}
