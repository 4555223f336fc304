package report

import (
	"bytes"
	"embed"
	"fmt"

	"github.com/go-text/typesetting/font"
)

//go:embed fonts/*.ttf
var fontFiles embed.FS

// fontNames are the shipped fonts in the order in which a letter is looked for;
// the first is that of the text. The second is its bold form.
var fontNames = []string{
	"regular", "bold", "arabic", "javanese", "balinese", "sundanese", "buginese", "batak", "rejang", "math", "symbols", "symbols2", "emoji",
}

const boldFont = 1

// typeface is a font with what it takes to embed it.
type typeface struct {
	name string
	face *font.Face
	file *sfnt
	// used are the glyphs of the document, with the text that each stands for.
	used map[font.GID]string
}

// scale is from the font's units to the thousandths of PDF.
func (f *typeface) scale(units float32) float64 {
	return float64(units) * 1000 / float64(f.face.Upem())
}

// typefaces are the fonts of one document.
type typefaces struct {
	list   []*typeface
	byFace map[*font.Face]*typeface
}

func loadTypefaces() (*typefaces, error) {
	all := &typefaces{byFace: map[*font.Face]*typeface{}}
	for _, name := range fontNames {
		data, err := fontFiles.ReadFile("fonts/" + name + ".ttf")
		if err != nil {
			return nil, fmt.Errorf("read the font %s: %w", name, err)
		}
		face, err := font.ParseTTF(bytes.NewReader(data))
		if err != nil {
			return nil, fmt.Errorf("read the font %s: %w", name, err)
		}
		file, err := parseSFNT(data)
		if err != nil {
			return nil, fmt.Errorf("read the font %s: %w", name, err)
		}
		f := &typeface{name: name, face: face, file: file, used: map[font.GID]string{}}
		all.list, all.byFace[face] = append(all.list, f), f
	}
	return all, nil
}

// of finds the font that has a letter.
func (t *typefaces) of(r rune) (*typeface, bool) {
	if emojiFirst(r) {
		emoji := t.list[len(t.list)-1]
		if _, found := emoji.face.NominalGlyph(r); found {
			return emoji, true
		}
	}
	for i, f := range t.list {
		if i == boldFont {
			continue
		}
		if _, found := f.face.NominalGlyph(r); found {
			return f, true
		}
	}
	return t.list[0], false
}

// emojiFirst says whether a sign is one of the emoji, also where another font
// has it.
func emojiFirst(r rune) bool { return r >= 0x1F000 && r <= 0x1FAFF && (r < 0x1F100 || r > 0x1F1E5) }

// ResolveFace is what the shaping asks.
func (t *typefaces) ResolveFace(r rune) *font.Face {
	f, _ := t.of(r)
	return f.face
}
