package health

import (
	"context"
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/netra-id/netra/classifiers/keyword"
	"github.com/netra-id/netra/pipeline/tuning"
)

// Lists are the published versions of the lists; a tuning.Board and a tuning.Book
// are such.
type Lists interface {
	// Publications lists the newest publications, newest first.
	Publications(ctx context.Context, limit int) ([]tuning.Publication, error)
	// Bundle returns the files of a version.
	Bundle(ctx context.Context, version string) (tuning.Bundle, error)
}

// InForce is which rules are in force, and since when.
type InForce struct {
	// Version is empty where nothing is published.
	Version string
	Rules   []Rule
	// Models is when the linear models and their fusion came in force as they are;
	// missing where they are as in the first publication.
	Models time.Time
}

// Rule is one rule in force; Since and Changed are as in Row.
type Rule struct {
	*keyword.Rule
	Since, Changed time.Time
}

// mostPublications bounds how far back one looks for when a rule came in force.
const mostPublications = 500

// History reads which rules are in force. It keeps what it has read of versions,
// so that asking again is quick. It is not safe for concurrent use.
type History struct {
	lists Lists
	read  map[string]map[string]string // version → rule → digest
}

// NewHistory reads from lists.
func NewHistory(lists Lists) *History {
	return &History{lists: lists, read: map[string]map[string]string{}}
}

// InForce looks back as far as needed to tell what was in force all the time from
// a time on. Where nothing is published, configured are the rules in force, and
// nobody knows since when.
func (h *History) InForce(ctx context.Context, from time.Time, configured *keyword.Set) (InForce, error) {
	list, err := h.lists.Publications(ctx, mostPublications)
	if err != nil {
		return InForce{}, fmt.Errorf("look for the lists in force: %w", err)
	}
	if len(list) == 0 {
		in := InForce{}
		if configured != nil {
			for _, rule := range configured.Rules() {
				in.Rules = append(in.Rules, Rule{Rule: rule})
			}
		}
		return in, nil
	}
	set, err := h.set(ctx, list[0].Version)
	if err != nil {
		return InForce{}, err
	}
	in := InForce{Version: list[0].Version, Models: list[0].At}
	for _, rule := range set.Rules() {
		in.Rules = append(in.Rules, Rule{Rule: rule, Since: list[0].At, Changed: list[0].At})
	}
	return in, h.lookBack(ctx, &in, list, from)
}

// lookBack finds since when the rules are in force, and as they are.
func (h *History) lookBack(ctx context.Context, in *InForce, list []tuning.Publication, from time.Time) error {
	now, err := h.digests(ctx, in.Version)
	if err != nil {
		return err
	}
	gone, other := make([]bool, len(in.Rules)), make([]bool, len(in.Rules))
	otherModels := false
	for _, p := range list {
		then, err := h.digests(ctx, p.Version)
		if err != nil {
			return err
		}
		for i := range in.Rules {
			rule := &in.Rules[i]
			digest, there := then[rule.Source()]
			gone[i] = gone[i] || !there
			other[i] = other[i] || digest != now[rule.Source()]
			if !gone[i] {
				rule.Since = p.At
			}
			if !other[i] {
				rule.Changed = asOf(p)
			}
		}
		otherModels = otherModels || then[modelFiles] != now[modelFiles]
		if !otherModels {
			in.Models = asOf(p)
		}
		if p.At.Before(from) {
			return nil
		}
	}
	return nil
}

// asOf is when what a publication has came in force: nobody knows of the first.
func asOf(p tuning.Publication) time.Time {
	if p.Previous == 0 {
		return time.Time{}
	}
	return p.At
}

// modelFiles is the key of the models' digest among those of rules, which have a
// list's name and a slash.
const modelFiles = "models"

// digests are those of the rules and the models of a version.
func (h *History) digests(ctx context.Context, version string) (map[string]string, error) {
	if h.read[version] == nil {
		if _, err := h.set(ctx, version); err != nil {
			return nil, err
		}
	}
	return h.read[version], nil
}

// set reads the rules of a version, and keeps their digests.
func (h *History) set(ctx context.Context, version string) (*keyword.Set, error) {
	bundle, err := h.lists.Bundle(ctx, version)
	if err != nil {
		return nil, fmt.Errorf("read version %s of the lists: %w", tuning.Short(version), err)
	}
	set, err := Lexicon(bundle)
	if err != nil {
		return nil, fmt.Errorf("read version %s of the lists: %w", tuning.Short(version), err)
	}
	digests := map[string]string{modelFiles: ""}
	for _, file := range bundle.Manifest() {
		if file.Path == tuning.WeightsFile || file.Path == tuning.FusionFile {
			digests[modelFiles] += file.Hash
		}
	}
	for _, rule := range set.Rules() {
		digests[rule.Source()] = digestOf(set, rule)
	}
	h.read[version] = digests
	return set, nil
}

// Lexicon reads the keyword lists of a bundle; those built into Netra where it
// has none.
func Lexicon(bundle tuning.Bundle) (*keyword.Set, error) {
	var files []keyword.File
	for _, name := range bundle.Paths() {
		if strings.HasPrefix(name, tuning.KeywordsFolder+"/") {
			data, _ := bundle.Read(name)
			files = append(files, keyword.File{Name: name, Data: data})
		}
	}
	if len(files) == 0 {
		return keyword.Default()
	}
	return keyword.Parse(files...)
}

// digestOf is of all that decides where a rule matches, not of its examples, its
// description or its place in the file.
func digestOf(set *keyword.Set, rule *keyword.Rule) string {
	d := definition{set: set, rule: rule}
	d.terms("any", rule.Any)
	d.terms("all", rule.All)
	d.terms("none", rule.None)
	d.terms("none_anywhere", rule.NoneAnywhere)
	for _, near := range rule.Near {
		d.terms(fmt.Sprintf("near %d %d", near.Within, near.Order), near.What)
	}
	d.text = fmt.Appendf(d.text, "%s %d %q %d %d %g", rule.List.Label, rule.Scope, rule.Languages, rule.From.Unix(), rule.Until.Unix(), rule.Weight)
	sum := sha256.Sum256(d.text)
	return string(sum[:])
}

type definition struct {
	set  *keyword.Set
	rule *keyword.Rule
	text []byte
}

// terms adds terms, and the members of the groups among them.
func (d *definition) terms(field string, terms []keyword.Term) {
	names := make([]string, 0, len(terms))
	for _, term := range terms {
		names = append(names, term.Text)
		members, own := d.rule.List.Groups[term.Group()]
		if !own {
			members = d.set.Groups[term.Group()]
		}
		for _, member := range members {
			names = append(names, term.Text+" "+member.Text)
		}
	}
	slices.Sort(names)
	d.text = fmt.Appendf(d.text, "%s %q\n", field, names)
}
