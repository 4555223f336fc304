package tuning_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/netra-id/netra/pipeline/tuning"
)

func TestDiffSaysChangesInWords(t *testing.T) {
	after := bundle(t,
		"keywords/support.yaml", strings.NewReplacer(`"pilih"`, `"dukung"`, "0.9", "0.7", "within: 6", "within: 4").Replace(supportList),
		"contestants.yaml", strings.Replace(contestants, `names: ["Budiono Kartiwa"]`, `names: ["Budiono Kartiwa"], aliases: ["BUDI"]`, 1),
		"thresholds.yaml", "thresholds: {hoax: 0.9}")
	var got []string
	for _, change := range tuning.Diff(bundle(t), after) {
		got = append(got, change.String())
	}
	want := []string{
		`rule support/vote-for changed: any +"dukung" -"pilih"`,
		`rule support/vote-for changed: near +"@contestant within 4" -"@contestant within 6"`,
		`rule support/vote-for changed: weight 0.9 → 0.7`,
		`contestant uji-2 changed: aliases +"BUDI"`,
		`threshold hoax changed: from built-in → 0.9`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if changes := tuning.Diff(after, after); len(changes) != 0 {
		t.Errorf("a bundle differs from itself: %v", changes)
	}
}

func TestDiffOfFilesThatCannotBeReadNamesTheFiles(t *testing.T) {
	changes := tuning.Diff(bundle(t), bundle(t, "keywords/support.yaml", "list: ["))
	if len(changes) != 1 || changes[0].Name != "keywords/support.yaml" {
		t.Errorf("changes %v", changes)
	}
}

func TestAFolderHoldsTheSameBundle(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "lists")
	if err := bundle(t).WriteFolder(folder, false); err != nil {
		t.Fatal(err)
	}
	read, err := tuning.ReadFolder(folder)
	if err != nil || read.ID() != bundle(t).ID() {
		t.Errorf("%v, %v", read.Paths(), err)
	}
	other := bundle(t, "thresholds.yaml", "thresholds: {hoax: 0.9}")
	if err := other.WriteFolder(folder, false); err != nil {
		t.Errorf("a file that adds is in the way of nothing: %v", err)
	}
	if err := withWord(t, "x").WriteFolder(folder, false); err == nil {
		t.Error("work in the folder was written over")
	}
	if err := withWord(t, "x").WriteFolder(folder, true); err != nil {
		t.Error(err)
	}
	if read, err = tuning.ReadFolder(folder); err != nil || read.ID() != withWord(t, "x").ID() {
		t.Errorf("%v, %v", read.Paths(), err)
	}
}

func TestABundleRefusesOtherFiles(t *testing.T) {
	for _, name := range []string{"keywords/../x.yaml", "keywords/a/b.yaml", "keywords/a.txt", "contestants.yml", "../contestants.yaml", "keywords/.x.yaml", ""} {
		if _, err := tuning.NewBundle(map[string][]byte{name: nil}); err == nil {
			t.Errorf("%q was accepted", name)
		}
	}
}
