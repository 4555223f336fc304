// Package report makes the report of a case for people: a draft of Bawaslu's
// Formulir Model A (Laporan Hasil Pengawasan), filled with what is known, as PDF
// and as DOCX from one template that an agency can change. What is not known is a
// dotted line and never made up; everything stays an allegation (dugaan).
//
// The package draws and words; it reads no database and no files but the
// template. It is called by whoever exports a case: the console and the commands
// about evidence.
//
//	facts → Fill (template, Indonesian words) → Document → PDF, DOCX
package report

import (
	_ "embed" // the template
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"text/template"
)

// TemplateName is the file that is looked for in the folder of the
// configuration.
const TemplateName = "laporan.tmpl"

//go:embed laporan.tmpl
var shipped string

// ShippedTemplate is the template that comes with the program.
func ShippedTemplate() string { return shipped }

// Configuration of the reports.
type Configuration struct {
	// Template is the folder with the agency's own laporan.tmpl; empty takes the
	// one that comes with the program, which `netra evidence template` prints.
	Template string `yaml:"template"`
}

// DefaultConfiguration takes the template that comes with the program.
func DefaultConfiguration() Configuration { return Configuration{} }

// Validate says whether the folder has a template that can be filled.
func (c *Configuration) Validate() error {
	if c.Template == "" {
		return nil
	}
	text, err := c.Text()
	if err == nil {
		err = Check(text)
	}
	if err != nil {
		return fmt.Errorf("key %q: value %q: %w; allowed: a folder with a %s as `netra evidence template` prints one", "template", c.Template, err, TemplateName)
	}
	return nil
}

// Text is the template: the agency's, or the shipped one.
func (c *Configuration) Text() (string, error) {
	if c.Template == "" {
		return shipped, nil
	}
	text, err := os.ReadFile(filepath.Join(c.Template, TemplateName))
	if errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("the folder has no %s", TemplateName)
	}
	return string(text), err
}

// Check says what of a template does not work, by filling it with a made-up case
// and with one of which nothing is known.
func Check(text string) error {
	for _, facts := range []Facts{Example(), {}} {
		if _, err := Fill(facts, text); err != nil {
			return err
		}
	}
	return nil
}

// Fill makes the document of a case.
func Fill(facts Facts, text string) (*Document, error) {
	parsed, err := template.New(TemplateName).Option("missingkey=error").Parse(text)
	if err != nil {
		return nil, fmt.Errorf("read the report's template: %w", err)
	}
	view, images := facts.view()
	var filled strings.Builder
	if err := parsed.Execute(&filled, view); err != nil {
		return nil, fmt.Errorf("fill the report's template: %w", err)
	}
	blocks, err := parse(TemplateName, filled.String())
	if err != nil {
		return nil, err
	}
	for _, b := range blocks {
		if _, found := images[b.Image]; b.Kind == Picture && !found {
			return nil, fmt.Errorf("%s: line %d of the filled template: there is no picture %q", TemplateName, b.Line, b.Image)
		}
	}
	return &Document{
		Title: "Rancangan Laporan Hasil Pengawasan " + facts.Case.Number, Subject: "Kasus " + facts.Case.Number + " · dibuat dengan Netra",
		Notice: Notice, At: facts.At, Blocks: blocks, Images: images,
	}, nil
}

// Notice stands on top of each page.
const Notice = "DRAF – dugaan, belum diputus"
