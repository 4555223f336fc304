package keyword

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/netra-id/netra/pipeline/strict"
)

// maxWithin bounds the distance of near: more tokens than this is no nearness.
const maxWithin = 100

// nearsYAML is one near or a list of them, as YAML gives it.
type nearsYAML struct{ value any }

// UnmarshalYAML takes any value; parser.nears checks it and knows the lines.
func (n *nearsYAML) UnmarshalYAML(unmarshal func(any) error) error { return unmarshal(&n.value) }

func (p *parser) nears(path string, in nearsYAML) []Near {
	switch value := in.value.(type) {
	case nil:
		return nil
	case []any:
		if len(value) == 0 {
			p.fail(path, "[]", "at least one near, or leave the key out")
		}
		nears := make([]Near, 0, len(value))
		for i, each := range value {
			nears = append(nears, p.near(fmt.Sprintf("%s[%d]", path, i), each))
		}
		return nears
	default:
		return []Near{p.near(path, value)}
	}
}

var nearKeys = []string{"what", "within", "ordered"}

func (p *parser) near(path string, value any) Near {
	near := Near{Line: p.line(path)}
	fields, ok := value.(map[string]any)
	if !ok {
		p.fail(path, fmt.Sprint(value), `{what: "@contestant", within: 6} or a list of these`)
		return near
	}
	for _, key := range slices.Sorted(maps.Keys(fields)) {
		if !slices.Contains(nearKeys, key) {
			p.fail(path+"."+key, fmt.Sprint(fields[key]), "%s", unknownKey(key, nearKeys))
		}
	}
	near.What = p.terms(path+".what", p.oneOrMore(path+".what", fields["what"]))
	near.Within = p.within(path+".within", fields["within"])
	near.Order = p.order(path+".ordered", fields["ordered"])
	return near
}

// oneOrMore reads a phrase or a list of phrases.
func (p *parser) oneOrMore(path string, value any) []string {
	switch value := value.(type) {
	case string:
		return []string{value}
	case []any:
		texts := make([]string, 0, len(value))
		for i, each := range value {
			s, ok := each.(string)
			if !ok {
				p.fail(fmt.Sprintf("%s[%d]", path, i), fmt.Sprint(each), "a text; write it in quotes: %q", fmt.Sprint(each))
				continue
			}
			texts = append(texts, s)
		}
		return texts
	case nil:
		p.fail(path, "missing", "a group such as @contestant, a phrase, or a list of these")
	default:
		p.fail(path, fmt.Sprint(value), "a text; write it in quotes: %q", fmt.Sprint(value))
	}
	return nil
}

func (p *parser) within(path string, value any) int {
	n := -1
	switch value := value.(type) {
	case uint64:
		n = int(min(value, maxWithin+1))
	case int64:
		n = int(max(value, -1))
	case int:
		n = value
	}
	if n < 1 || n > maxWithin {
		shown := "missing"
		if value != nil {
			shown = fmt.Sprint(value)
		}
		p.fail(path, shown, "a whole number of tokens from 1 to %d", maxWithin)
	}
	return n
}

func (p *parser) order(path string, value any) Order {
	switch value {
	case nil, false, "any":
		return AnyOrder
	case true, "after":
		return After
	case "before":
		return Before
	}
	p.fail(path, fmt.Sprint(value), "true, false, after or before")
	return AnyOrder
}

func unknownKey(key string, known []string) string {
	message := "the keys " + strings.Join(known, ", ")
	if near := strict.Nearest(key, known); near != "" {
		message += fmt.Sprintf(" (did you mean %q?)", near)
	}
	return message
}
