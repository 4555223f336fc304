package language

import "testing"

func TestIdentifyTellsIndonesianFromEnglish(t *testing.T) {
	identifier, err := New(DefaultConfiguration())
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		"besok kita berangkat ke kantor pagi-pagi sekali": "id",
		"we will leave for the office early tomorrow":     "en",
		"":              "und",
		"😀 123":         "und",
	} {
		if got := identifier.Identify(text); got.Code != want {
			t.Errorf("Identify(%q) = %v, want %s", text, got, want)
		}
	}
}
