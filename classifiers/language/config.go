package language

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pemistahl/lingua-go"
)

// Configuration says how languages are told apart.
type Configuration struct {
	// Languages are the ISO 639-1 codes between which lingua decides, at least
	// two. Malay beside Indonesian is a known trap: lingua then calls 11 to 17%
	// of Indonesian posts Malay.
	Languages []string `yaml:"languages"`
	// Regional turns the layer on that tells the languages of Indonesia apart.
	Regional bool `yaml:"regional"`
}

// DefaultConfiguration has lingua decide between Indonesian and English, and
// the regional layer among the languages of Indonesia.
func DefaultConfiguration() Configuration {
	return Configuration{Languages: []string{"id", "en"}, Regional: true}
}

// linguaLanguages resolves the configured codes.
func (c Configuration) linguaLanguages() ([]lingua.Language, error) {
	if len(c.Languages) < 2 {
		return nil, fmt.Errorf("languages: value %q: allowed: at least two ISO 639-1 codes such as id, en", c.Languages)
	}
	found := make([]lingua.Language, 0, len(c.Languages))
	for _, code := range c.Languages {
		language := lingua.GetLanguageFromIsoCode639_1(lingua.GetIsoCode639_1FromValue(strings.ToUpper(code)))
		if language == lingua.Unknown {
			return nil, fmt.Errorf("languages: value %q: allowed: an ISO 639-1 code that lingua knows, such as id, en, ms", code)
		}
		if slices.Contains(found, language) {
			return nil, fmt.Errorf("languages: value %q: allowed: each code once", code)
		}
		found = append(found, language)
	}
	return found, nil
}
