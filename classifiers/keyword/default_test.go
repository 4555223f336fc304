package keyword_test

import (
	"testing"

	"github.com/netra-id/netra/classifiers/keyword"
	"github.com/netra-id/netra/pipeline/post"
)

func TestDefaultListsAreSound(t *testing.T) {
	set, err := keyword.Default()
	if err != nil {
		t.Fatal(err)
	}
	for _, finding := range keyword.Check(set) {
		if finding.Severity == keyword.Error {
			t.Error(finding)
		} else {
			t.Log(finding)
		}
	}
	if _, err := keyword.Compile(set, keyword.NewBuilder()); err != nil {
		t.Error(err)
	}
	labels := map[post.Label]bool{}
	for _, list := range set.Lists {
		labels[list.Label] = true
	}
	if len(labels) != len(post.Labels) {
		t.Errorf("the lists cover %v", labels)
	}
}
