package language

import (
	"os"
	"testing"

	"github.com/netra-id/netra/classifiers/language/regional"
)

// TestHeldOut prints the figures of docs/parts/language.md. It takes a minute of
// processor time and needs the training data:
//
//	NETRA_HELD_OUT=../../../shared/data go test ./classifiers/language -run HeldOut -v
func TestHeldOut(t *testing.T) {
	folder := os.Getenv("NETRA_HELD_OUT")
	if folder == "" {
		t.Skip("NETRA_HELD_OUT names no folder of training data")
	}
	results, err := HeldOut(folder, regional.DefaultTrainingOptions(), 8, 5, 3)
	if err != nil {
		t.Fatal(err)
	}
	for _, result := range results {
		t.Log(result)
		if result.FirstWords == 0 {
			for _, code := range result.Languages() {
				t.Log("   ", code, result.Confusion[code])
			}
		}
		if result.Source == "nusax" && result.FirstWords == 0 && result.MacroF1() < 0.975 {
			t.Errorf("nusax: macro F1 %.4f, want at least 0.975", result.MacroF1())
		}
	}
}

func TestShortenKeepsWordsOnly(t *testing.T) {
	samples := []regional.Sample{{Text: "RT USER: aku ora ngerti URL"}, {Text: "USER aku ora"}}
	got := shorten(samples, 2)
	if len(got) != 1 || got[0].Text != "aku ora" {
		t.Errorf("shorten = %v, want the first sample's first two words", got)
	}
}
