package tuning

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"

	"github.com/netra-id/netra/pipeline/strict"
)

// ErrByHand says that a file is written in a way that a form cannot change
// without touching the rest: it has to be edited as text.
var ErrByHand = errors.New("the file is written in a way that can only be edited as text")

// RuleText is a rule as an operator writes it: every value as text, so that what
// is wrong can be shown where it was written.
type RuleText struct {
	ID                           string
	Any, All, None, NoneAnywhere []string
	Near                         []NearText
	// Scope is authored, quoted, both or empty.
	Scope     string
	Languages []string
	// From and Until are dates; Weight is a number; each may be empty.
	From, Until, Weight          string
	Flags, Passes                []string
	DescriptionID, DescriptionEN string
}

// NearText is one near of a rule. Order is after, before or empty.
type NearText struct {
	What   []string
	Within string
	Order  string
}

// ReadRules reads the rules of a list's file, also where they hold what a list
// must not.
func ReadRules(file string, data []byte) ([]RuleText, error) {
	p, err := layOut(file, data)
	if err != nil {
		return nil, err
	}
	rules := make([]RuleText, len(p.rules))
	for i := range p.rules {
		rules[i] = p.rules[i].text
	}
	return rules, nil
}

// WithRule returns the file with a rule changed, or added behind the others where
// id is empty. Lines that it does not have to touch stay as they are, with their
// comments. It does not judge the rule: the check does.
func WithRule(file string, data []byte, id string, rule RuleText) ([]byte, error) {
	p, err := layOut(file, data)
	if err != nil {
		return nil, err
	}
	rule = rule.trimmed()
	if id == "" {
		return p.verified(p.appended(rule), append(p.texts(), rule))
	}
	at := slices.IndexFunc(p.rules, func(r ruleSpan) bool { return r.text.ID == id })
	if at < 0 {
		return nil, fmt.Errorf("rule %q in %s: %w", id, file, ErrNotFound)
	}
	if reflect.DeepEqual(p.rules[at].text, rule) {
		return data, nil
	}
	want := p.texts()
	want[at] = rule
	for _, how := range []func(int, RuleText) []string{p.patched, p.replacedKeys, p.replaced} {
		if changed, err := p.verified(how(at, rule), want); err == nil {
			return changed, nil
		}
	}
	return nil, fmt.Errorf("%s: rule %s: %w", file, id, ErrByHand)
}

// WithoutRule returns the file without a rule. The last rule of a list goes with
// its file.
func WithoutRule(file string, data []byte, id string) ([]byte, error) {
	p, err := layOut(file, data)
	if err != nil {
		return nil, err
	}
	at := slices.IndexFunc(p.rules, func(r ruleSpan) bool { return r.text.ID == id })
	if at < 0 {
		return nil, fmt.Errorf("rule %q in %s: %w", id, file, ErrNotFound)
	}
	if len(p.rules) == 1 {
		return nil, &strict.Error{File: file, Line: p.rules[at].start + 1, Key: "rules", Value: id, Allowed: "at least one rule; remove the whole list instead"}
	}
	return p.verified(splice(p.lines, p.rules[at].start, p.rules[at].end, nil), slices.Delete(p.texts(), at, at+1))
}

// NewList is the file of a list with one rule.
func NewList(name, label string, rule RuleText) []byte {
	var out bytes.Buffer
	fmt.Fprintf(&out, "list: %s\nlabel: %s\nrules:\n", quoted(name), quoted(label))
	for _, line := range ruleLines(rule.trimmed(), 2) {
		out.WriteString(line + "\n")
	}
	return out.Bytes()
}

// trimmed drops what says nothing: blank words, a near without anything.
func (r RuleText) trimmed() RuleText {
	for _, words := range []*[]string{&r.Any, &r.All, &r.None, &r.NoneAnywhere, &r.Languages, &r.Flags, &r.Passes} {
		*words = Words(*words)
	}
	var nears []NearText
	for _, near := range r.Near {
		near.What, near.Within, near.Order = Words(near.What), plainNumber(near.Within), strings.TrimSpace(cleaned(near.Order))
		if len(near.What) > 0 || near.Within != "" {
			nears = append(nears, near)
		}
	}
	r.Near = nears
	for _, text := range []*string{&r.ID, &r.Scope, &r.From, &r.Until, &r.DescriptionID, &r.DescriptionEN} {
		*text = strings.Join(strings.Fields(cleaned(*text)), " ")
	}
	r.Weight = plainNumber(r.Weight)
	return r
}

// plainNumber writes a number as reading it back gives it; other text stays.
func plainNumber(s string) string {
	s = strings.TrimSpace(cleaned(s))
	if n, err := strconv.ParseFloat(strings.Replace(s, ",", ".", 1), 64); err == nil && !math.IsNaN(n) && !math.IsInf(n, 0) {
		return strconv.FormatFloat(n, 'f', -1, 64)
	}
	return s
}

func cleaned(s string) string { return strings.ToValidUTF8(strings.ReplaceAll(s, "\x00", ""), "") }

// Words drops blank words and repeated ones.
func Words(in []string) []string {
	var words []string
	seen := map[string]bool{}
	for _, word := range in {
		word = strings.TrimSpace(cleaned(word))
		if word != "" && !seen[word] {
			seen[word] = true
			words = append(words, word)
		}
	}
	return words
}

// verified joins lines to a file, where the file then says what is wanted and
// nothing else was changed.
func (p *layout) verified(lines []string, want []RuleText) ([]byte, error) {
	data := []byte(strings.Join(lines, p.newline))
	now, err := layOut(p.file, data)
	if err != nil {
		return nil, err
	}
	if !reflect.DeepEqual(now.texts(), want) || !reflect.DeepEqual(otherKeys(now.all), otherKeys(p.all)) {
		return nil, fmt.Errorf("%s: %w", p.file, ErrByHand)
	}
	return data, nil
}

// otherKeys is a file without its rules.
func otherKeys(all map[string]any) map[string]any {
	rest := map[string]any{}
	for key, value := range all {
		if key != "rules" {
			rest[key] = value
		}
	}
	return rest
}

// Groups are the groups of a file by name with its @, each with its words.
func Groups(file string, data []byte) (map[string][]string, error) {
	p, err := layOut(file, data)
	if err != nil {
		return nil, err
	}
	groups := map[string][]string{}
	for _, span := range p.groups {
		groups["@"+strings.TrimPrefix(span.name, "@")] = p.groupWords(span.name)
	}
	return groups, nil
}

func (p *layout) groupWords(name string) []string {
	groups, _ := p.all["groups"].(map[string]any)
	return textsOfAny(groups[name])
}

// WithGroup returns the file with the words of a group changed.
func WithGroup(file string, data []byte, name string, words []string) ([]byte, error) {
	p, err := layOut(file, data)
	if err != nil {
		return nil, err
	}
	words = Words(words)
	for _, span := range p.groups {
		if strings.TrimPrefix(span.name, "@") != strings.TrimPrefix(name, "@") {
			continue
		}
		old := p.groupWords(span.name)
		key := quoted(span.name)
		for _, lines := range [][]string{
			patchList(p.lines[span.start:span.end], old, words, strings.Repeat(" ", span.column)),
			listLines(key, words, strings.Repeat(" ", span.column)),
		} {
			changed := []byte(strings.Join(splice(p.lines, span.start, span.end, lines), p.newline))
			now, err := layOut(file, changed)
			if err == nil && reflect.DeepEqual(now.groupWords(span.name), words) && reflect.DeepEqual(now.texts(), p.texts()) && len(now.groups) == len(p.groups) {
				return changed, nil
			}
		}
		return nil, fmt.Errorf("%s: group %s: %w", file, name, ErrByHand)
	}
	return nil, fmt.Errorf("group %q in %s: %w", name, file, ErrNotFound)
}

// SetThresholds returns the thresholds' file with the thresholds given as text;
// a label without one has that of the fusion.
func SetThresholds(data []byte, values map[string]string) []byte {
	head := commentHead(data)
	var out bytes.Buffer
	out.WriteString(head)
	if len(values) == 0 {
		out.WriteString("thresholds: {}\n")
		return out.Bytes()
	}
	out.WriteString("thresholds:\n")
	names := make([]string, 0, len(values))
	for name := range values {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		fmt.Fprintf(&out, "  %s: %s\n", quoted(name), scalar(values[name]))
	}
	return out.Bytes()
}

// commentHead is the comment with which a file begins.
func commentHead(data []byte) string {
	var head strings.Builder
	for line := range strings.Lines(string(data)) {
		if !strings.HasPrefix(line, "#") {
			break
		}
		head.WriteString(line)
	}
	return head.String()
}

// textsOfAny reads a list of texts, or one.
func textsOfAny(value any) []string {
	switch value := value.(type) {
	case nil:
		return nil
	case []any:
		texts := make([]string, 0, len(value))
		for _, each := range value {
			texts = append(texts, textOfAny(each))
		}
		return texts
	}
	return []string{textOfAny(value)}
}

func textOfAny(value any) string {
	switch value := value.(type) {
	case nil:
		return ""
	case string:
		return value
	case float64:
		return strings.TrimSuffix(fmt.Sprint(value), ".0")
	case map[string]any, []any:
		text, _ := yaml.Marshal(value)
		return strings.TrimSpace(string(text))
	}
	return fmt.Sprint(value)
}
