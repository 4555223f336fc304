package tuning

import (
	"encoding/json"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
)

// ruleKeys are the keys of a rule in the order in which they are written.
var ruleKeys = []string{"id", "description", "any", "all", "near", "none", "none_anywhere", "scope", "languages", "from", "until", "weight", "flags", "passes"}

// words are the lists among the fields.
func (r RuleText) words(key string) []string {
	switch key {
	case "any":
		return r.Any
	case "all":
		return r.All
	case "none":
		return r.None
	case "none_anywhere":
		return r.NoneAnywhere
	case "languages":
		return r.Languages
	case "flags":
		return r.Flags
	case "passes":
		return r.Passes
	}
	return nil
}

// field is the value of a key, to be compared.
func (r RuleText) field(key string) any {
	switch key {
	case "id":
		return r.ID
	case "description":
		return [2]string{r.DescriptionID, r.DescriptionEN}
	case "near":
		return r.Near
	case "scope":
		return r.Scope
	case "from":
		return r.From
	case "until":
		return r.Until
	case "weight":
		return r.Weight
	}
	return r.words(key)
}

// lines writes one key; none where it says nothing.
func (r RuleText) lines(key, indent string) []string {
	line := func(value, written string) []string {
		if value == "" {
			return nil
		}
		return []string{indent + key + ": " + written}
	}
	switch key {
	case "id":
		return []string{indent + "id: " + quoted(r.ID)}
	case "description":
		return line(r.DescriptionID+r.DescriptionEN, fmt.Sprintf("{id: %s, en: %s}", inQuotes(r.DescriptionID), inQuotes(r.DescriptionEN)))
	case "near":
		text := nearText(r.Near)
		return line(text, text)
	case "scope":
		return line(r.Scope, scalar(r.Scope))
	case "from":
		return line(r.From, scalar(r.From))
	case "until":
		return line(r.Until, scalar(r.Until))
	case "weight":
		return line(r.Weight, scalar(r.Weight))
	}
	if len(r.words(key)) == 0 {
		return nil
	}
	return listLines(key, r.words(key), indent)
}

func nearText(nears []NearText) string {
	if len(nears) == 0 {
		return ""
	}
	each := make([]string, len(nears))
	for i, near := range nears {
		what := make([]string, len(near.What))
		for j, word := range near.What {
			what[j] = inQuotes(word)
		}
		text := strings.Join(what, ", ")
		if len(what) != 1 {
			text = "[" + text + "]"
		}
		each[i] = fmt.Sprintf("{what: %s, within: %s", text, scalar(near.Within))
		if near.Order != "" {
			each[i] += ", ordered: " + scalar(near.Order)
		}
		each[i] += "}"
	}
	if len(each) == 1 {
		return each[0]
	}
	return "[" + strings.Join(each, ", ") + "]"
}

// widest is how long a line of a list gets.
const widest = 118

// listLines writes a list in as many lines as it needs.
func listLines(key string, words []string, indent string) []string {
	lines := []string{indent + key + ": ["}
	for i, word := range words {
		text := inQuotes(word)
		if i < len(words)-1 {
			text += ","
		} else {
			text += "]"
		}
		last := &lines[len(lines)-1]
		switch {
		case i == 0:
			*last += text
		case len([]rune(*last))+1+len([]rune(text)) > widest:
			lines = append(lines, indent+"  "+text)
		default:
			*last += " " + text
		}
	}
	if len(words) == 0 {
		lines[0] += "]"
	}
	return lines
}

var plain = regexp.MustCompile(`^[a-z][a-z0-9_.-]*$`)

// quoted writes a name, in quotes where YAML might take it for something else.
func quoted(s string) string {
	if plain.MatchString(s) && !reserved[s] {
		return s
	}
	return inQuotes(s)
}

// reserved are words that YAML takes for something else.
var reserved = map[string]bool{"y": true, "n": true, "yes": true, "no": true, "on": true, "off": true, "true": true, "false": true, "null": true}

var bare = regexp.MustCompile(`^[A-Za-z0-9.+-]+$`)

// scalar writes a number, a date or a word as it is; what is none of them is
// kept in quotes, for the check to tell.
func scalar(s string) string {
	if bare.MatchString(s) && !reserved[strings.ToLower(s)] {
		return s
	}
	return inQuotes(s)
}

// inQuotes writes a text in double quotes, which YAML reads as JSON does.
func inQuotes(s string) string {
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(s) // it is text
	return strings.NewReplacer("\u2028", `\u2028`, "\u2029", `\u2029`, "\u0085", `\u0085`).Replace(strings.TrimSuffix(b.String(), "\n"))
}

// ruleLines writes a rule whose dash stands at the column.
func ruleLines(r RuleText, column int) []string {
	indent := strings.Repeat(" ", column+2)
	var lines []string
	for _, key := range ruleKeys {
		lines = append(lines, r.lines(key, indent)...)
	}
	lines[0] = strings.Repeat(" ", column) + "- " + strings.TrimLeft(lines[0], " ")
	return lines
}

// splice returns lines with those from start to end replaced.
func splice(lines []string, start, end int, by []string) []string {
	return slices.Concat(lines[:start], by, lines[end:])
}

// appended adds a rule behind the others.
func (p *layout) appended(rule RuleText) []string {
	added := ruleLines(rule, p.dash)
	if p.rulesAt >= 0 {
		return splice(p.lines, p.rulesAt, p.rulesAt, added)
	}
	lines := slices.Clone(p.lines)
	for len(lines) > 0 && strings.TrimSpace(lines[len(lines)-1]) == "" {
		lines = lines[:len(lines)-1]
	}
	return append(append(append(lines, "rules:"), added...), "")
}

// replaced writes the whole rule anew.
func (p *layout) replaced(at int, rule RuleText) []string {
	span := p.rules[at]
	return splice(p.lines, span.start, span.end, ruleLines(rule, strings.IndexByte(p.lines[span.start], '-')))
}

// patched changes the keys that differ and, of a list, the words that differ.
func (p *layout) patched(at int, rule RuleText) []string {
	return p.changedKeys(at, rule, func(key string, old []string, indent string) []string {
		before, after := p.rules[at].text.words(key), rule.words(key)
		if before == nil || len(after) == 0 {
			return rule.lines(key, indent)
		}
		return patchList(old, before, after, indent)
	})
}

// replacedKeys writes the keys that differ anew.
func (p *layout) replacedKeys(at int, rule RuleText) []string {
	return p.changedKeys(at, rule, func(key string, _ []string, indent string) []string { return rule.lines(key, indent) })
}

// change replaces lines from start to end.
type change struct {
	start, end int
	lines      []string
}

// changedKeys changes the keys that differ; write gives the new lines of one.
func (p *layout) changedKeys(at int, rule RuleText, write func(key string, old []string, indent string) []string) []string {
	span := p.rules[at]
	if !span.apart || len(span.keys) == 0 {
		return p.replaced(at, rule)
	}
	indent := strings.Repeat(" ", span.column)
	behind := span.keys[0].end // of the key before, in the order of ruleKeys
	var changes []change
	for _, key := range ruleKeys {
		i := slices.IndexFunc(span.keys, func(k keySpan) bool { return k.name == key })
		if i >= 0 {
			behind = span.keys[i].end
		}
		if reflect.DeepEqual(span.text.field(key), rule.field(key)) {
			continue
		}
		if i < 0 {
			changes = append(changes, change{behind, behind, rule.lines(key, indent)})
			continue
		}
		start, end := span.keys[i].start, span.keys[i].end
		lines := write(key, p.lines[start:end], indent)
		if i == 0 && len(lines) > 0 && strings.HasPrefix(strings.TrimSpace(p.lines[start]), "-") {
			lines[0] = p.lines[start][:min(span.column, len(p.lines[start]))] + strings.TrimLeft(strings.TrimLeft(lines[0], " "), "- ")
		}
		changes = append(changes, change{start, end, lines})
	}
	slices.SortStableFunc(changes, func(a, b change) int { return a.start - b.start })
	lines := p.lines
	for _, c := range slices.Backward(changes) {
		lines = splice(lines, c.start, c.end, c.lines)
	}
	return lines
}
