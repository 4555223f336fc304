package report

import (
	"cmp"
	"slices"
	"unicode"

	"github.com/go-text/typesetting/di"
	"github.com/go-text/typesetting/font"
	"github.com/go-text/typesetting/language"
	"github.com/go-text/typesetting/shaping"
	"golang.org/x/image/math/fixed"
)

// style is how a part of a line is drawn.
type style struct {
	bold, italic, mark, code bool
}

// glyph is one sign of a font: where it stands from the pen, and how far the pen
// moves on, in points.
type glyph struct {
	id             font.GID
	dx, dy         float64
	advance, width float64
}

// run is a part of a line in one font and style.
type run struct {
	font   *typeface
	style  style
	glyphs []glyph
	width  float64
}

// textLine is a line of text that is ready to be drawn.
type textLine struct {
	runs  []run
	width float64
	// ascent and descent are how far it reaches above and below its base line.
	ascent, descent float64
	// right lines are of a text that is written from the right.
	right bool
}

// shaper makes lines of text.
type shaper struct {
	fonts     *typefaces
	shaper    shaping.HarfbuzzShaper
	segmenter shaping.Segmenter
	wrapper   shaping.LineWrapper
}

// lines breaks text into lines of a width, in points.
func (s *shaper) lines(spans []Span, size, width float64) []textLine {
	var lines []textLine
	var runes []rune
	var styles []style
	for _, span := range spans {
		drawn, codes := visible(span.Text, func(r rune) bool { _, found := s.fonts.of(r); return found })
		for i, r := range drawn {
			if r == '\n' {
				lines = append(lines, s.wrap(runes, styles, size, width)...)
				runes, styles = nil, nil
				continue
			}
			runes, styles = append(runes, r), append(styles, style{span.Bold || span.Mark, span.Italic, span.Mark, codes[i]})
		}
	}
	if len(runes) > 0 || len(lines) == 0 {
		lines = append(lines, s.wrap(runes, styles, size, width)...)
	}
	return lines
}

func (s *shaper) wrap(runes []rune, styles []style, size, width float64) []textLine {
	least := textLine{ascent: 0.95 * size, descent: 0.35 * size}
	if len(runes) == 0 {
		return []textLine{least}
	}
	direction := di.DirectionLTR
	if fromRight(runes) {
		direction = di.DirectionRTL
	}
	inputs := slices.Clone(s.segmenter.Split(shaping.Input{
		Text: runes, RunEnd: len(runes), Direction: direction, Size: points(size), Language: language.NewLanguage("id"),
	}, s.fonts))
	var shaped []shaping.Output
	for _, input := range inputs {
		for _, part := range byStyle(input, styles) {
			if styles[part.RunStart].bold && part.Face == s.fonts.list[0].face {
				part.Face = s.fonts.list[boldFont].face
			}
			shaped = append(shaped, s.shaper.Shape(part))
		}
	}
	wrapped, _ := s.wrapper.WrapParagraphF(shaping.WrapConfig{Direction: direction}, points(width), runes, shaping.NewSliceIterator(shaped))
	lines := make([]textLine, len(wrapped))
	for i, line := range wrapped {
		lines[i] = s.line(line, runes, styles, size, least)
		lines[i].right = direction == di.DirectionRTL
	}
	return lines
}

// mostGlyphs bounds the numbers of a font's glyphs.
const mostGlyphs = 0xFFFF

// line takes what was wrapped over, from left to right.
func (s *shaper) line(wrapped shaping.Line, runes []rune, styles []style, size float64, line textLine) textLine {
	slices.SortFunc(wrapped, func(a, b shaping.Output) int { return cmp.Compare(a.VisualIndex, b.VisualIndex) })
	for _, out := range wrapped {
		f := s.fonts.byFace[out.Face]
		r := run{font: f, style: styles[out.Runes.Offset]}
		for _, g := range out.Glyphs {
			if g.GlyphID > mostGlyphs { // it takes part in another sign and is not drawn
				continue
			}
			f.use(g, runes)
			one := glyph{id: g.GlyphID, dx: float(g.XOffset), dy: float(g.YOffset), advance: float(g.Advance), width: f.scale(f.face.HorizontalAdvance(g.GlyphID)) * size / 1000}
			r.glyphs, r.width = append(r.glyphs, one), r.width+one.advance
		}
		line.runs, line.width = append(line.runs, r), line.width+r.width
		if f != s.fonts.list[0] && f != s.fonts.list[boldFont] {
			line.ascent = max(line.ascent, min(float(out.GlyphBounds.Ascent)+1, 2*size))
			line.descent = max(line.descent, min(-float(out.GlyphBounds.Descent)+1, 1.5*size))
		}
	}
	return line
}

// use notes a glyph and the text that it stands for.
func (f *typeface) use(g shaping.Glyph, runes []rune) {
	if _, known := f.used[g.GlyphID]; known && f.used[g.GlyphID] != "" {
		return
	}
	from := g.TextIndex()
	f.used[g.GlyphID] = string(runes[from:min(from+g.RunesCount(), len(runes))])
}

// byStyle splits an input where the style changes.
func byStyle(input shaping.Input, styles []style) []shaping.Input {
	var parts []shaping.Input
	for from := input.RunStart; from < input.RunEnd; {
		until := from + 1
		for until < input.RunEnd && styles[until] == styles[from] {
			until++
		}
		part := input
		part.RunStart, part.RunEnd = from, until
		parts, from = append(parts, part), until
	}
	return parts
}

// fromRight says whether a text begins with a letter that is written from the
// right.
func fromRight(runes []rune) bool {
	for _, r := range runes {
		if unicode.IsLetter(r) {
			return unicode.In(r, unicode.Arabic, unicode.Hebrew, unicode.Syriac, unicode.Thaana, unicode.Nko)
		}
	}
	return false
}

func points(v float64) fixed.Int26_6 { return fixed.Int26_6(v * 64) }

func float(v fixed.Int26_6) float64 { return float64(v) / 64 }
