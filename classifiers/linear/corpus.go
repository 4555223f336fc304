package linear

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/netra-id/netra/classifiers/evaluate/tsv"
)

// ReadCorpus reads labelled texts from a file of tab-separated values with a
// header, quoted as CSV is. Columns: text; and labels (names separated by commas,
// or none), or label (one name), or a column of 0 and 1 for each label. The
// columns id and lang may be there too. A corpus that has the columns of
// Indonesian hate-speech data (HS_Religion and so on) gets the label hate_speech
// in the sense of docs/labels.md, one with the labels positive, neutral and
// negative gets stance_support and stance_attack.
//
// known are the labels that were looked for in a labels column; empty means those
// that occur.
func ReadCorpus(path string, known []string) (Corpus, error) {
	file, err := os.Open(path)
	if err != nil {
		return Corpus{}, fmt.Errorf("read labelled texts: %w", err)
	}
	defer func() { _ = file.Close() }()
	return ParseCorpus(path, file, known)
}

// ParseCorpus reads what ReadCorpus reads; name is for messages.
func ParseCorpus(name string, r io.Reader, known []string) (Corpus, error) {
	table, err := tsv.Read(name, r)
	if err != nil {
		return Corpus{}, err
	}
	p := corpusParser{name: name, columns: table.Columns}
	if err := p.checkHeader(); err != nil {
		return Corpus{}, err
	}
	corpus := Corpus{Name: strings.TrimSuffix(filepath.Base(name), filepath.Ext(name)), Labels: known}
	for _, row := range table.Rows {
		example, err := p.example(row)
		if err != nil {
			return Corpus{}, err
		}
		corpus.Examples = append(corpus.Examples, example)
	}
	if len(known) == 0 {
		corpus.Labels = p.knownLabels(corpus.Examples)
	}
	return corpus, nil
}

type corpusParser struct {
	name    string
	columns []string
}

func (p *corpusParser) checkHeader() error {
	if !slices.Contains(p.columns, "text") {
		return fmt.Errorf("%s:1: columns %s: the column text is missing", p.name, strings.Join(p.columns, ", "))
	}
	if !slices.ContainsFunc(p.columns, p.labelling) {
		return fmt.Errorf("%s:1: columns %s: allowed: text and labels, label, or a column of 0 and 1 a label",
			p.name, strings.Join(p.columns, ", "))
	}
	return nil
}

func (p *corpusParser) labelling(column string) bool {
	return column != "text" && column != "id" && column != "lang"
}

func (p *corpusParser) example(row tsv.Row) (Example, error) {
	var e Example
	for i, value := range row.Values {
		switch column := p.columns[i]; column {
		case "text":
			e.Text = value
		case "id":
			e.ID = value
		case "lang":
			e.Language = value
		case "labels":
			for _, label := range strings.Split(value, ",") {
				if label = strings.TrimSpace(label); label != "" && label != "none" {
					e.Labels = append(e.Labels, label)
				}
			}
		case "label":
			switch value {
			case "positive":
				e.Labels = append(e.Labels, StanceSupport)
			case "negative":
				e.Labels = append(e.Labels, StanceAttack)
			case "", "none", "neutral":
			default:
				e.Labels = append(e.Labels, value)
			}
		default:
			switch value {
			case "1":
				e.Labels = append(e.Labels, labelOfColumn(column))
			case "0":
			default:
				return Example{}, fmt.Errorf("%s:%d: column %q: value %q: allowed: 0, 1", p.name, row.Line, column, value)
			}
		}
	}
	if slices.ContainsFunc(e.Labels, hateful) {
		e.Labels = append(e.Labels, HateSpeech)
	}
	return e, nil
}

// Names of the models that come from public data.
const (
	HateSpeech    = "hate_speech"
	Abusive       = "abusive"
	StanceSupport = "stance_support"
	StanceAttack  = "stance_attack"
)

// hateful says whether a column of the hate-speech data is hate speech in the
// sense of docs/labels.md; its column HS is wider.
func hateful(label string) bool {
	switch label {
	case "hs_religion", "hs_race", "hs_physical", "hs_gender", "hs_strong":
		return true
	}
	return false
}

func labelOfColumn(column string) string { return strings.ToLower(column) }

// knownLabels lists what the columns, or the values of a label column, name.
func (p *corpusParser) knownLabels(examples []Example) []string {
	var names []string
	for _, column := range p.columns {
		if p.labelling(column) && column != "labels" && column != "label" {
			names = append(names, labelOfColumn(column))
		}
	}
	var found []string
	for _, example := range examples {
		for _, label := range example.Labels {
			if !slices.Contains(names, label) && !slices.Contains(found, label) {
				found = append(found, label)
			}
		}
	}
	slices.Sort(found)
	return append(names, found...)
}
