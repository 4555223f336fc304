package i18n

import (
	"strings"
	"testing"
	"testing/fstest"
)

func TestAreasAreJoined(t *testing.T) {
	file := func(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }
	catalogues, err := load(fstest.MapFS{"locales/id.yaml": file("a: satu"), "locales/review.id.yaml": file("b: dua"), "locales/en.yaml": file("a: one")})
	if err != nil || catalogues["id"].T("a") != "satu" || catalogues["id"].T("b") != "dua" || catalogues["en"].T("a") != "one" {
		t.Errorf("catalogues %+v, %v", catalogues, err)
	}
	for name, test := range map[string]struct {
		files fstest.MapFS
		want  []string
	}{
		"a key in two areas":   {fstest.MapFS{"locales/id.yaml": file("a: satu"), "locales/review.id.yaml": file("a: dua")}, []string{`"a"`, "locales/id.yaml", "locales/review.id.yaml"}},
		"a key twice":          {fstest.MapFS{"locales/id.yaml": file("a: satu\na: dua")}, []string{"locales/id.yaml"}},
		"a language not known": {fstest.MapFS{"locales/review.fr.yaml": file("a: un")}, []string{"locales/review.fr.yaml", "AREA.id.yaml"}},
	} {
		_, err := load(test.files)
		for _, want := range test.want {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v, want %s", name, err, want)
			}
		}
	}
}
