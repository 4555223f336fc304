package tuning

import (
	"fmt"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"github.com/netra-id/netra/pipeline/strict"
)

// layout says on which lines of a list's file what stands. Lines are counted from
// 0, and the end of a span is the line behind it.
type layout struct {
	file    string
	newline string
	lines   []string
	// all is the file's content.
	all    map[string]any
	rules  []ruleSpan
	groups []keySpan
	// rulesAt is the line behind the last rule, where another is added; -1 where
	// the file has no rules.
	rulesAt int
	dash    int // the column of the rules' dashes
}

// ruleSpan is where a rule stands.
type ruleSpan struct {
	text       RuleText
	start, end int
	column     int // of its keys
	keys       []keySpan
	// apart says that each key begins a line of its own.
	apart bool
}

// keySpan is where a key stands with its value.
type keySpan struct {
	name       string
	start, end int
	column     int
}

// layOut reads where everything stands.
func layOut(file string, data []byte) (*layout, error) {
	p := &layout{file: file, newline: "\n", all: map[string]any{}, rulesAt: -1, dash: 2}
	text := string(data)
	if strings.Contains(text, "\r\n") {
		p.newline = "\r\n"
	}
	p.lines = strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
	parsed, err := parser.ParseBytes([]byte(strings.Join(p.lines, "\n")), 0)
	if err != nil {
		return nil, notYAML(file, data)
	}
	if len(parsed.Docs) == 0 || parsed.Docs[0].Body == nil {
		return p, nil
	}
	body := parsed.Docs[0].Body
	if err := yaml.NodeToValue(body, &p.all); err != nil {
		return nil, notYAML(file, data)
	}
	top := p.keySpans(keysOf(body), len(p.lines))
	for i, value := range keysOf(body) {
		switch top[i].name {
		case "rules":
			if sequence, ok := value.Value.(*ast.SequenceNode); ok && len(sequence.Values) > 0 {
				if err := p.readRules(sequence, top[i].end); err != nil {
					return nil, err
				}
			}
		case "groups":
			p.groups = p.keySpans(keysOf(value.Value), top[i].end)
		}
	}
	return p, nil
}

// notYAML tells why a file is no YAML, in the words of the strict reader.
func notYAML(file string, data []byte) error {
	var anything map[string]any
	if _, err := strict.Decode(file, data, &anything); err != nil {
		return err
	}
	return fmt.Errorf("%s: %w", file, ErrByHand)
}

func keysOf(node ast.Node) []*ast.MappingValueNode {
	switch node := node.(type) {
	case *ast.MappingNode:
		return node.Values
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{node}
	}
	return nil
}

// keySpans says where each key stands; the last goes to the line end.
func (p *layout) keySpans(values []*ast.MappingValueNode, end int) []keySpan {
	spans := make([]keySpan, len(values))
	for i, value := range values {
		at := value.Key.GetToken().Position
		spans[i] = keySpan{name: value.Key.GetToken().Value, start: at.Line - 1, end: end, column: at.Column - 1}
		if i > 0 {
			spans[i-1].end = p.withoutComments(spans[i-1].start, spans[i].start)
		}
	}
	if n := len(spans); n > 0 {
		spans[n-1].end = p.withoutComments(spans[n-1].start, end)
	}
	return spans
}

// withoutComments moves an end before the blank lines and comments that stand
// before what follows.
func (p *layout) withoutComments(start, end int) int {
	for end > start+1 {
		line := strings.TrimSpace(p.lines[end-1])
		if line != "" && !strings.HasPrefix(line, "#") {
			break
		}
		end--
	}
	return end
}

func (p *layout) readRules(sequence *ast.SequenceNode, end int) error {
	starts := make([]int, len(sequence.Values))
	for i, value := range sequence.Values {
		starts[i] = value.GetToken().Position.Line - 1
		if keys := keysOf(value); len(keys) > 0 && !isFlow(value) {
			starts[i] = keys[0].Key.GetToken().Position.Line - 1
		}
		for starts[i] > 0 && !strings.HasPrefix(strings.TrimSpace(p.lines[starts[i]]), "-") {
			starts[i]-- // a dash on a line of its own
		}
	}
	p.dash = strings.IndexByte(p.lines[starts[0]], '-')
	for i, value := range sequence.Values {
		rule := ruleSpan{start: starts[i], end: end}
		if i+1 < len(starts) {
			rule.end = starts[i+1]
		}
		if sequence.IsFlowStyle || rule.end <= rule.start {
			return fmt.Errorf("%s:%d: %w: its rules stand in one line", p.file, starts[i]+1, ErrByHand)
		}
		rule.end = p.withoutComments(rule.start, rule.end)
		rule.keys = p.keySpans(keysOf(value), rule.end)
		rule.apart = !isFlow(value)
		if len(rule.keys) > 0 {
			rule.column = rule.keys[0].column
		}
		fields := map[string]any{}
		if err := yaml.NodeToValue(value, &fields); err != nil {
			return fmt.Errorf("%s:%d: %w: a rule is no mapping", p.file, starts[i]+1, ErrByHand)
		}
		rule.text = ruleText(fields)
		p.rules = append(p.rules, rule)
		p.rulesAt = rule.end
	}
	return nil
}

func isFlow(node ast.Node) bool {
	mapping, ok := node.(*ast.MappingNode)
	return ok && mapping.IsFlowStyle
}

func (p *layout) texts() []RuleText {
	texts := make([]RuleText, len(p.rules))
	for i := range p.rules {
		texts[i] = p.rules[i].text
	}
	return texts
}

// ruleText reads the fields of a rule.
func ruleText(fields map[string]any) RuleText {
	list := func(key string) []string { return Words(textsOfAny(fields[key])) }
	one := func(key string) string { return textOfAny(fields[key]) }
	r := RuleText{
		ID: one("id"), Any: list("any"), All: list("all"), None: list("none"), NoneAnywhere: list("none_anywhere"),
		Scope: one("scope"), Languages: list("languages"), From: one("from"), Until: one("until"), Weight: one("weight"),
		Flags: list("flags"), Passes: list("passes"),
	}
	if words, ok := fields["description"].(map[string]any); ok {
		r.DescriptionID, r.DescriptionEN = textOfAny(words["id"]), textOfAny(words["en"])
	}
	nears, ok := fields["near"].([]any)
	if !ok && fields["near"] != nil {
		nears = []any{fields["near"]}
	}
	for _, each := range nears {
		near, _ := each.(map[string]any)
		text := NearText{What: Words(textsOfAny(near["what"])), Within: textOfAny(near["within"]), Order: textOfAny(near["ordered"])}
		switch text.Order {
		case "true":
			text.Order = "after"
		case "false", "any":
			text.Order = ""
		}
		r.Near = append(r.Near, text)
	}
	return r
}
