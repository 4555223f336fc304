package regional

import (
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// codes maps ISO 639-3 codes to 639-1 where there is one.
var codes = map[string]string{"ind": "id", "jav": "jv", "sun": "su", "eng": "en", "msa": "ms", "zsm": "ms"}

// sources are the files of the training data, relative to its folder, and the
// language of all texts where the file has no column for it.
var sources = []struct{ path, language string }{
	{"language/nusax_train.tsv", ""},
	{"language/nusawrites_train.tsv", ""},
	{"language/lingua_train.tsv", ""},
	{"hate/okky_train.tsv", "id"},
	{"stance/pilpres2019_train.tsv", "id"},
}

// ReadSamples reads the training data from its folder (`../shared/data`).
func ReadSamples(folder string) ([]Sample, error) {
	var samples []Sample
	for _, source := range sources {
		found, err := readFile(filepath.Join(folder, source.path), source.language)
		if err != nil {
			return nil, err
		}
		samples = append(samples, found...)
	}
	return samples, nil
}

func readFile(path, language string) ([]Sample, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open training data: %w", err)
	}
	defer func() { _ = file.Close() }()
	reader := csv.NewReader(file)
	reader.Comma, reader.LazyQuotes, reader.FieldsPerRecord = '\t', true, -1
	records, err := reader.ReadAll()
	if err != nil {
		return nil, fmt.Errorf("read training data %s: %w", path, err)
	}
	if len(records) == 0 {
		return nil, fmt.Errorf("read training data %s: it is empty", path)
	}
	text, lang := slices.Index(records[0], "text"), slices.Index(records[0], "lang")
	if text < 0 || lang < 0 && language == "" {
		return nil, fmt.Errorf("read training data %s: columns %q: allowed: text and lang", path, records[0])
	}
	source := strings.TrimSuffix(filepath.Base(path), "_train.tsv")
	samples := make([]Sample, 0, len(records))
	for _, record := range records[1:] {
		sample := Sample{Text: record[text], Language: language, Source: source, Assumed: language != ""}
		if lang >= 0 && lang < len(record) {
			sample.Language = record[lang]
		}
		if short, ok := codes[sample.Language]; ok {
			sample.Language = short
		}
		samples = append(samples, sample)
	}
	return samples, nil
}
