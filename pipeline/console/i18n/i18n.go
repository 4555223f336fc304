// Package i18n says the console's words in Bahasa Indonesia and in English, and
// writes numbers and dates as readers of each language expect them. The words
// are in locales/, a file a language for each area of the console, with the same
// keys in every language. It is called by the console's pages.
package i18n

import (
	"embed"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
)

//go:embed locales/*.yaml
var locales embed.FS

// The languages of the console, Indonesian first: it is the default.
const (
	Indonesian = "id"
	English    = "en"
)

// Languages lists the languages in the order in which they are offered.
var Languages = []string{Indonesian, English}

// Known says whether the console speaks the language.
func Known(language string) bool { return slices.Contains(Languages, language) }

// Catalogue holds the words of one language.
type Catalogue struct {
	Language string
	texts    map[string]string
}

// Load reads the catalogues of all languages.
func Load() (map[string]*Catalogue, error) { return load(locales) }

// load joins the files of all areas: locales/LANGUAGE.yaml and, for an area of
// its own, locales/AREA.LANGUAGE.yaml. A key that is in two files is an error.
func load(files fs.FS) (map[string]*Catalogue, error) {
	names, err := fs.Glob(files, "locales/*.yaml")
	if err != nil {
		return nil, fmt.Errorf("read the words of the console: %w", err)
	}
	catalogues := make(map[string]*Catalogue, len(Languages))
	for _, language := range Languages {
		catalogues[language] = &Catalogue{Language: language, texts: map[string]string{}}
	}
	from := map[string]string{} // language and key -> file
	for _, name := range names {
		language := languageOf(name)
		if !Known(language) {
			return nil, fmt.Errorf("words of the console in %s: allowed: AREA.id.yaml, AREA.en.yaml", name)
		}
		texts, err := read(files, name)
		if err != nil {
			return nil, err
		}
		for key, text := range texts {
			if first, twice := from[language+" "+key]; twice {
				return nil, fmt.Errorf("words of the console: key %q is in %s and in %s", key, first, name)
			}
			from[language+" "+key] = name
			catalogues[language].texts[key] = text
		}
	}
	return catalogues, nil
}

// languageOf is the language of a file: the last part before its ending.
func languageOf(name string) string {
	parts := strings.Split(strings.TrimSuffix(path.Base(name), ".yaml"), ".")
	return parts[len(parts)-1]
}

func read(files fs.FS, name string) (map[string]string, error) {
	data, err := fs.ReadFile(files, name)
	if err != nil {
		return nil, fmt.Errorf("read the words of the console: %w", err)
	}
	texts := map[string]string{}
	if err := yaml.Unmarshal(data, &texts); err != nil {
		return nil, fmt.Errorf("read the words of the console from %s: %w", name, err)
	}
	return texts, nil
}

// T returns the text of a key. The arguments are names and values by turns and
// replace {name} in the text. A key without a text is returned as it is.
func (c *Catalogue) T(key string, args ...any) string {
	text, ok := c.texts[key]
	if !ok {
		return key
	}
	if len(args) == 0 {
		return text
	}
	pairs := make([]string, 0, len(args))
	for i := 0; i+1 < len(args); i += 2 {
		pairs = append(pairs, fmt.Sprintf("{%v}", args[i]), fmt.Sprint(args[i+1]))
	}
	return strings.NewReplacer(pairs...).Replace(text)
}

// Or returns the text of a key, or fallback where the key has none.
func (c *Catalogue) Or(key, fallback string) string {
	if text, ok := c.texts[key]; ok {
		return text
	}
	return fallback
}

// Keys lists the keys of the catalogue in order.
func (c *Catalogue) Keys() []string {
	keys := make([]string, 0, len(c.texts))
	for key := range c.texts {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}
