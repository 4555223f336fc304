package act

import (
	_ "embed"
	"fmt"

	"github.com/netra-id/netra/pipeline/strict"
)

//go:embed cues.yaml
var cuesYAML []byte

// Phrases calls add for every cue with its class. "=word" is the word itself
// without its inflected forms, as in keyword lists.
func Phrases(add func(phrase string, class Class) error) error {
	var file struct {
		Cues map[string][]string `yaml:"cues"`
	}
	if _, err := strict.Decode("cues.yaml", cuesYAML, &file); err != nil {
		return err
	}
	for name, phrases := range file.Cues {
		class, err := classOf(name)
		if err != nil {
			return err
		}
		for _, phrase := range phrases {
			if err := add(phrase, class); err != nil {
				return fmt.Errorf("cues.yaml: class %s: %w", name, err)
			}
		}
	}
	return nil
}
