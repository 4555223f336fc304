package regional

import (
	_ "embed" // the samples written for this project
	"encoding/csv"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/netra-id/netra/classifiers/evaluate/data"
)

// codes maps ISO 639-3 codes to 639-1 where there is one.
var codes = map[string]string{"ind": "id", "jav": "jv", "sun": "su", "eng": "en", "msa": "ms", "zsm": "ms"}

// slangPath is the list of slang spellings with their standard forms. The
// spellings, some at a time, are taken as Indonesian.
const slangPath = "lexicon/slang.tsv"

// slangWords is how many spellings make one sample.
const slangWords = 5

// sources are the files of the training data, relative to its folder, and the
// language of all texts where the file has no column for it.
var sources = []struct{ path, language string }{
	{"language/nusax_train.tsv", ""},
	{"language/nusawrites_train.tsv", ""},
	{"language/lingua_train.tsv", ""},
	{"hate/okky_train.tsv", "id"},
	{"stance/pilpres2019_train.tsv", "id"},
}

// written are posts and sentences written for this project: Malay as it is
// written in Malaysia, Brunei and Riau, of which the data has little, Indonesian
// that looks like it, and everyday and election talk in the regional languages.
//
//go:embed samples.tsv
var written string

// How often each of them is taken, and each post of evaluate/data.
const (
	writtenCopies    = 8
	vocabularyCopies = 4
	postCopies       = 1
)

// readWritten reads what was written for this project: the samples, the
// vocabulary, and the posts that the other models are fitted on.
func readWritten() ([]Sample, error) {
	var samples []Sample
	add := func(text, path string, copies int) error {
		found, err := readSamples(strings.NewReader(text), path, "")
		if err != nil {
			return err
		}
		for i := range found {
			found[i].Written = true
		}
		samples = append(samples, slices.Repeat(found, copies)...)
		return nil
	}
	if err := add(written, "samples.tsv", writtenCopies); err != nil {
		return nil, err
	}
	if err := add(vocabulary, "vocabulary.tsv", vocabularyCopies); err != nil {
		return nil, err
	}
	paths, err := fs.Glob(data.Files(), "train-*.tsv")
	if err != nil {
		return nil, err
	}
	for _, path := range paths {
		text, err := fs.ReadFile(data.Files(), path)
		if err != nil {
			return nil, fmt.Errorf("open training data: %w", err)
		}
		if err := add(string(text), path, postCopies); err != nil {
			return nil, err
		}
	}
	return samples, nil
}

// ReadSamples reads the training data from its folder (`../shared/data`), and
// joins what was written for this project.
func ReadSamples(folder string) ([]Sample, error) {
	samples, err := readWritten()
	if err != nil {
		return nil, err
	}
	for _, source := range sources {
		found, err := readFile(filepath.Join(folder, source.path), source.language)
		if err != nil {
			return nil, err
		}
		samples = append(samples, found...)
	}
	slang, err := readSlang(filepath.Join(folder, slangPath))
	if err != nil {
		return nil, err
	}
	return append(samples, slang...), nil
}

// readSlang makes samples of words that stand far from each other in the list,
// which is sorted.
func readSlang(path string) ([]Sample, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("open training data: %w", err)
	}
	lines := strings.Split(strings.TrimSpace(string(data)), "\n")
	samples := make([]Sample, len(lines)/slangWords)
	for i := range samples {
		var words [slangWords]string
		for j := range words {
			words[j], _, _ = strings.Cut(lines[j*len(samples)+i], "\t")
		}
		samples[i] = Sample{Text: strings.Join(words[:], " "), Language: "id", Source: "slang", Assumed: true}
	}
	return samples, nil
}

func readFile(path, language string) ([]Sample, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open training data: %w", err)
	}
	defer func() { _ = file.Close() }()
	return readSamples(file, path, language)
}

// readSamples reads tab-separated samples with a header that has a column text
// and, unless the language is given, lang.
func readSamples(from io.Reader, path, language string) ([]Sample, error) {
	reader := csv.NewReader(from)
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
		sample.Doubted = source == "lingua" && sample.Language == "ms" && !vocabularyCalls(sample.Text, "ms")
		samples = append(samples, sample)
	}
	return samples, nil
}
