package report

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// What a template is filled to is text with a few signs, a line a block; the
// shipped template says what they are. parse makes blocks of it.
func parse(name, text string) ([]Block, error) {
	p := parser{name: name}
	for i, line := range strings.Split(text, "\n") {
		p.line = i + 1
		p.take(strings.TrimRight(line, " \t\r"))
	}
	p.flush()
	return p.blocks, errors.Join(p.errs...)
}

type parser struct {
	name   string
	line   int
	blocks []Block
	errs   []error
	// pending is the paragraph, quote or table that the next line may go on.
	pending *Block
}

func (p *parser) fail(format string, args ...any) {
	p.errs = append(p.errs, fmt.Errorf("%s: line %d of the filled template: %s", p.name, p.line, fmt.Sprintf(format, args...)))
}

func (p *parser) flush() {
	if p.pending != nil {
		p.blocks = append(p.blocks, *p.pending)
		p.pending = nil
	}
}

func (p *parser) add(b Block) {
	p.flush()
	b.Line = p.line
	p.blocks = append(p.blocks, b)
}

// goOn adds to the pending block where it is of the kind, or begins one.
func (p *parser) goOn(kind BlockKind, add func(*Block)) {
	if p.pending == nil || p.pending.Kind != kind {
		p.flush()
		p.pending = &Block{Kind: kind, Line: p.line}
	}
	add(p.pending)
}

func (p *parser) take(line string) {
	switch rest, sign := signOf(line); sign {
	case "":
		p.flush()
	case "#", "##", "###":
		p.add(Block{Kind: Heading, Level: len(sign), Spans: inline(rest)})
	case "-":
		p.add(Block{Kind: Bullet, Spans: inline(rest)})
	case ">":
		p.goOn(Quote, func(b *Block) { b.Spans = joined(b.Spans, inline(rest), "\n") })
	case "|":
		p.row(rest)
	case "---":
		p.add(Block{Kind: Rule})
	case "===":
		p.add(Block{Kind: NewPage})
	case "....":
		p.dots(rest)
	case "@gambar":
		p.add(Block{Kind: Picture, Image: unescape(rest)})
	case "@ttd":
		p.add(Block{Kind: Signatures, Cells: cellsOf(rest)})
	case "::":
		label, value, found := cutUnescaped(rest, "::")
		if !found {
			p.fail("a field is written :: label :: value")
			return
		}
		p.add(Block{Kind: Field, Cells: [][]Span{inline(strings.TrimSpace(label)), inline(strings.TrimSpace(value))}})
	default:
		if strings.HasPrefix(sign, "@") {
			p.fail("%q is no sign of a report; there are @gambar and @ttd (a backslash before @ writes it as it is)", sign)
			return
		}
		p.goOn(Paragraph, func(b *Block) { b.Spans = joined(b.Spans, inline(line), " ") })
	}
}

// signOf splits a line into the sign at its beginning and what follows. A line
// of text has the sign "text".
func signOf(line string) (rest, sign string) {
	line = strings.TrimLeft(line, " \t")
	if line == "" {
		return "", ""
	}
	for _, sign := range []string{"###", "##", "#", "---", "===", "....", "-", ">", "|", "::"} {
		if rest, found := strings.CutPrefix(line, sign); found && (rest == "" || rest[0] == ' ' || sign == "|" || sign == ">") {
			return strings.TrimSpace(rest), sign
		}
	}
	if line[0] == '@' {
		sign, rest, _ := strings.Cut(line, " ")
		return strings.TrimSpace(rest), sign
	}
	return line, "text"
}

const mostDots = 40

func (p *parser) dots(rest string) {
	n := 1
	if rest != "" {
		var err error
		if n, err = strconv.Atoi(rest); err != nil || n < 1 || n > mostDots {
			p.fail("%q: lines to fill in are 1 to %d", rest, mostDots)
			return
		}
	}
	p.add(Block{Kind: Dots, Level: n})
}

// row takes a line of a table. The first one is its head, with the width of each
// column in percent as its last word.
func (p *parser) row(rest string) {
	cells := cellsOf(rest)
	if p.pending != nil && p.pending.Kind == Table {
		if len(cells) == len(p.pending.Widths)+1 && len(cells[len(cells)-1]) == 0 { // the row was closed
			cells = cells[:len(cells)-1]
		}
		if got, want := len(cells), len(p.pending.Widths); got != want {
			p.fail("a row of %d cells in a table of %d columns", got, want)
			return
		}
		p.pending.Rows = append(p.pending.Rows, cells)
		return
	}
	p.flush()
	table := &Block{Kind: Table, Line: p.line}
	total := 0.0
	rest = strings.TrimSuffix(rest, "|")
	cells = cellsOf(rest)
	for _, cell := range splitUnescaped(rest, "|") {
		width := ""
		if words := strings.Fields(cell); len(words) > 1 {
			width = words[len(words)-1]
		}
		percent, err := strconv.ParseFloat(width, 64)
		if err != nil || !(percent > 0 && percent <= 100) {
			p.fail("the head of a table is written | title width | title width, with widths in percent; %q has none", strings.TrimSpace(cell))
			return
		}
		table.Widths = append(table.Widths, percent)
		total += percent
	}
	for i := range table.Widths {
		table.Widths[i] *= 100 / total
	}
	var head [][]Span
	for _, cell := range cells {
		head = append(head, withoutLastWord(cell))
	}
	table.Rows = [][][]Span{head}
	p.pending = table
}

func withoutLastWord(spans []Span) []Span {
	last := len(spans) - 1
	if last < 0 {
		return spans
	}
	text := strings.TrimRight(spans[last].Text, " ")
	spans[last].Text = strings.TrimRight(text[:strings.LastIndexByte(text, ' ')+1], " ")
	return spans
}

func cellsOf(rest string) [][]Span {
	var cells [][]Span
	for _, cell := range splitUnescaped(rest, "|") {
		cells = append(cells, inline(strings.TrimSpace(cell)))
	}
	return cells
}

func joined(spans, more []Span, between string) []Span {
	if len(spans) > 0 {
		spans = append(spans, Span{Text: between})
	}
	return append(spans, more...)
}

// inline reads **bold**, __italic__ and ==marked== text; a backslash takes the
// next sign as it is, \n is a line break, and \s a space at the edge of a line.
func inline(s string) []Span {
	var spans []Span
	var style Span
	var text strings.Builder
	end := func() {
		if text.Len() > 0 {
			style.Text = text.String()
			spans = append(spans, style)
			text.Reset()
		}
	}
	for i := 0; i < len(s); {
		switch {
		case s[i] == '\\' && i+1 < len(s):
			switch s[i+1] {
			case 'n':
				text.WriteByte('\n')
			case 's':
				text.WriteByte(' ')
			default:
				text.WriteByte(s[i+1])
			}
			i += 2
		case strings.HasPrefix(s[i:], "**"):
			end()
			style.Bold = !style.Bold
			i += 2
		case strings.HasPrefix(s[i:], "__"):
			end()
			style.Italic = !style.Italic
			i += 2
		case strings.HasPrefix(s[i:], "=="):
			end()
			style.Mark = !style.Mark
			i += 2
		default:
			text.WriteByte(s[i])
			i++
		}
	}
	end()
	return spans
}

// escape makes a text that a template puts anywhere and that is drawn as it is:
// every sign has a backslash before it.
func escape(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '\n':
			b.WriteString(`\n`)
			continue
		case r == '\r' || r == '\t' || r == '\v' || r == '\f':
			if r != '\r' {
				b.WriteByte(' ')
			}
			continue
		case r < 0x80 && strings.ContainsRune("\\*_=|:#>-.@!", r):
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

func unescape(s string) string { return plain(inline(s)) }

func splitUnescaped(s, sep string) []string {
	var parts []string
	for {
		before, after, found := cutUnescaped(s, sep)
		parts = append(parts, before)
		if !found {
			return parts
		}
		s = after
	}
}

func cutUnescaped(s, sep string) (before, after string, found bool) {
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' {
			i++
			continue
		}
		if strings.HasPrefix(s[i:], sep) {
			return s[:i], s[i+len(sep):], true
		}
	}
	return s, "", false
}
