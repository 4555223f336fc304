package report

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"fmt"
	"image/png"
	"io"
	"math"
	"strings"
	"time"

	"golang.org/x/image/webp"
)

// docx writes a document as a word processor reads it (ECMA-376, Office Open
// XML): the same blocks as in the PDF, to be edited.
type docx struct {
	document *Document
	body     strings.Builder
	media    []docxMedia
	ids      map[string]int // of pictures
	drawings int
}

type docxMedia struct {
	name string
	data []byte
}

// DOCX writes the document as a DOCX file. The same document is the same bytes.
func (d *Document) DOCX(w io.Writer) error {
	x := &docx{document: d, ids: map[string]int{}}
	for i := range d.Blocks {
		x.block(&d.Blocks[i])
	}
	archive := zip.NewWriter(w)
	for _, file := range x.files() {
		entry, err := archive.CreateHeader(&zip.FileHeader{Name: file.name, Method: zip.Deflate, Modified: time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)})
		if err != nil {
			return fmt.Errorf("write the DOCX file: %w", err)
		}
		if _, err := entry.Write(file.data); err != nil {
			return fmt.Errorf("write the DOCX file: %w", err)
		}
	}
	return archive.Close()
}

// Sizes of the page in twentieths of a point, as in the PDF.
const (
	docxPage  = `<w:pgSz w:w="11906" w:h="16838"/><w:pgMar w:top="1360" w:right="1000" w:bottom="1240" w:left="1240" w:header="640" w:footer="560" w:gutter="0"/>`
	docxWidth = 11906 - 1000 - 1240
	// emu are the units of drawings: 12,700 a point, 9,525 a dot.
	docxDot = 9525
)

func (x *docx) block(b *Block) {
	switch b.Kind {
	case Paragraph:
		x.paragraph("", b.Spans)
	case Heading:
		x.paragraph(fmt.Sprintf(`<w:pStyle w:val="Heading%d"/>`, b.Level), b.Spans)
	case Bullet:
		x.paragraph(`<w:ind w:left="320" w:hanging="220"/>`, append([]Span{{Text: "• "}}, b.Spans...))
	case Field:
		x.field(b)
	case Quote:
		x.paragraph(`<w:pStyle w:val="Quote"/>`, b.Spans)
	case Table:
		x.table(b)
	case Picture:
		x.picture(b)
	case Dots:
		for range b.Level {
			x.dots(0)
		}
	case Signatures:
		x.signatures(b)
	case Rule:
		x.body.WriteString(`<w:p><w:pPr><w:pBdr><w:bottom w:val="single" w:sz="4" w:space="1" w:color="737373"/></w:pBdr></w:pPr></w:p>`)
	case NewPage:
		x.body.WriteString(`<w:p><w:r><w:br w:type="page"/></w:r></w:p>`)
	}
}

func (x *docx) paragraph(properties string, spans []Span) {
	if fromRight([]rune(plain(spans))) {
		properties += "<w:bidi/>"
	}
	x.body.WriteString("<w:p><w:pPr>" + ordered(properties) + "</w:pPr>")
	x.runs(spans, "")
	x.body.WriteString("</w:p>")
}

// ordered puts a paragraph's direction where the schema has it: before its
// indent.
func ordered(properties string) string {
	if before, found := strings.CutSuffix(properties, "<w:bidi/>"); found && strings.Contains(before, "<w:ind ") {
		i := strings.Index(before, "<w:ind ")
		return before[:i] + "<w:bidi/>" + before[i:]
	}
	return properties
}

// runs writes text; style is what all of it has beside its spans' styles.
func (x *docx) runs(spans []Span, style string) {
	for _, span := range spans {
		properties := ""
		if span.Bold || span.Mark {
			properties += "<w:b/><w:bCs/>"
		}
		if span.Italic {
			properties += "<w:i/><w:iCs/>"
		}
		properties += style
		if span.Mark {
			properties += `<w:highlight w:val="yellow"/>`
		}
		if fromRight([]rune(span.Text)) {
			properties += "<w:rtl/>"
		}
		for i, line := range strings.Split(span.Text, "\n") {
			x.body.WriteString("<w:r><w:rPr>" + properties + "</w:rPr>")
			if i > 0 {
				x.body.WriteString("<w:br/>")
			}
			x.body.WriteString(`<w:t xml:space="preserve">` + xmlText(line) + "</w:t></w:r>")
		}
	}
}

// xmlText is a text in XML. Signs that cannot be seen, or that XML does not
// allow, are written as their code, as in the PDF.
func xmlText(s string) string {
	runes, _ := visible(s, func(rune) bool { return true })
	var b bytes.Buffer
	_ = xml.EscapeText(&b, []byte(string(runes))) // it goes to memory
	return b.String()
}

// dots is a line to be filled in, from an indent to the right edge.
func (x *docx) dots(indent int) {
	fmt.Fprintf(&x.body, `<w:p><w:pPr><w:tabs><w:tab w:val="right" w:leader="dot" w:pos="%d"/></w:tabs><w:ind w:left="%d"/></w:pPr><w:r><w:tab/></w:r></w:p>`, docxWidth, indent)
}

const docxLabel = 3160

// field is a row of a table without lines, so that label and value stay beside
// each other however they are edited.
func (x *docx) field(b *Block) {
	value := docxWidth - docxLabel
	fmt.Fprintf(&x.body, `<w:tbl><w:tblPr><w:tblW w:w="%d" w:type="dxa"/><w:tblLayout w:type="fixed"/></w:tblPr><w:tblGrid><w:gridCol w:w="%d"/><w:gridCol w:w="%d"/></w:tblGrid><w:tr><w:tc><w:tcPr><w:tcW w:w="%d" w:type="dxa"/></w:tcPr>`,
		docxWidth, docxLabel, value, docxLabel)
	x.paragraph(`<w:spacing w:after="40"/>`, b.Cells[0])
	fmt.Fprintf(&x.body, `</w:tc><w:tc><w:tcPr><w:tcW w:w="%d" w:type="dxa"/></w:tcPr>`, value)
	if strings.TrimSpace(plain(b.Cells[1])) == "" {
		fmt.Fprintf(&x.body, `<w:p><w:pPr><w:tabs><w:tab w:val="right" w:leader="dot" w:pos="%d"/></w:tabs><w:spacing w:after="40"/></w:pPr><w:r><w:t xml:space="preserve">: </w:t></w:r><w:r><w:tab/></w:r></w:p>`, value-220)
	} else {
		x.paragraph(`<w:spacing w:after="40"/>`, append([]Span{{Text: ": "}}, b.Cells[1]...))
	}
	x.body.WriteString("</w:tc></w:tr></w:tbl>")
	x.tight()
}

// tight ends a table: two tables without a paragraph between them would be one.
func (x *docx) tight() {
	x.body.WriteString(`<w:p><w:pPr><w:spacing w:before="0" w:after="0" w:line="20" w:lineRule="exact"/></w:pPr></w:p>`)
}

const docxBorders = `<w:tblBorders><w:top w:val="single" w:sz="4" w:color="999999"/><w:left w:val="single" w:sz="4" w:color="999999"/><w:bottom w:val="single" w:sz="4" w:color="999999"/><w:right w:val="single" w:sz="4" w:color="999999"/><w:insideH w:val="single" w:sz="4" w:color="999999"/><w:insideV w:val="single" w:sz="4" w:color="999999"/></w:tblBorders>`

func (x *docx) table(b *Block) {
	widths := make([]int, len(b.Widths))
	fmt.Fprintf(&x.body, `<w:tbl><w:tblPr><w:tblW w:w="%d" w:type="dxa"/>%s<w:tblLayout w:type="fixed"/></w:tblPr><w:tblGrid>`, docxWidth, docxBorders)
	for i, percent := range b.Widths {
		widths[i] = int(math.Round(percent * docxWidth / 100))
		fmt.Fprintf(&x.body, `<w:gridCol w:w="%d"/>`, widths[i])
	}
	x.body.WriteString("</w:tblGrid>")
	for i, row := range b.Rows {
		x.body.WriteString("<w:tr>")
		shade := ""
		if i == 0 {
			x.body.WriteString("<w:trPr><w:tblHeader/></w:trPr>")
			shade = `<w:shd w:val="clear" w:color="auto" w:fill="E6EBF2"/>`
		}
		for j, cell := range row {
			fmt.Fprintf(&x.body, `<w:tc><w:tcPr><w:tcW w:w="%d" w:type="dxa"/>%s</w:tcPr><w:p><w:pPr><w:spacing w:after="20"/></w:pPr>`, widths[j], shade)
			style := `<w:sz w:val="16"/><w:szCs w:val="16"/>`
			if i == 0 {
				style = "<w:b/><w:bCs/>" + style
			}
			x.runs(cell, style)
			x.body.WriteString("</w:p></w:tc>")
		}
		x.body.WriteString("</w:tr>")
	}
	x.body.WriteString("</w:tbl>")
	x.tight()
}

func (x *docx) signatures(b *Block) {
	width := docxWidth / len(b.Cells)
	fmt.Fprintf(&x.body, `<w:tbl><w:tblPr><w:tblW w:w="%d" w:type="dxa"/><w:tblLayout w:type="fixed"/></w:tblPr><w:tblGrid>%s</w:tblGrid><w:tr>`,
		docxWidth, strings.Repeat(fmt.Sprintf(`<w:gridCol w:w="%d"/>`, width), len(b.Cells)))
	for _, cell := range b.Cells {
		fmt.Fprintf(&x.body, `<w:tc><w:tcPr><w:tcW w:w="%d" w:type="dxa"/></w:tcPr>`, width)
		x.paragraph(`<w:spacing w:after="1100"/>`, cell)
		for _, label := range []string{"", "Nama", "NIP/NIK", "Tanggal"} {
			fmt.Fprintf(&x.body, `<w:p><w:pPr><w:tabs><w:tab w:val="right" w:leader="dot" w:pos="%d"/></w:tabs></w:pPr><w:r><w:t xml:space="preserve">%s </w:t></w:r><w:r><w:tab/></w:r></w:p>`, width-300, label)
		}
		x.body.WriteString("</w:tc>")
	}
	x.body.WriteString("</w:tr></w:tbl>")
	x.tight()
}

// picture places an image in the width of the text and on one page.
func (x *docx) picture(b *Block) {
	image := x.document.Images[b.Image]
	width, height, err := pictureInfo(image.Data)
	if err != nil {
		x.paragraph("", []Span{{Text: "[Gambar ini tidak dapat ditampilkan di sini; lihat berkasnya. " + image.Caption + "]", Italic: true}})
		return
	}
	id := x.embed(b.Image, image.Data)
	if id == 0 {
		return
	}
	const mostWidth, mostHeight = docxWidth * 635, 12200 * 635 // 635 units a twentieth of a point
	scale := min(docxDot, float64(mostWidth)/float64(width), float64(mostHeight)/float64(height))
	cx, cy := int(float64(width)*scale), int(float64(height)*scale)
	x.drawings++
	name := xmlText(fmt.Sprintf("Gambar %d", x.drawings))
	fmt.Fprintf(&x.body, `<w:p><w:pPr><w:keepNext/></w:pPr><w:r><w:drawing><wp:inline distT="0" distB="0" distL="0" distR="0"><wp:extent cx="%d" cy="%d"/><wp:docPr id="%d" name="%s" descr="%s"/><a:graphic><a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/picture"><pic:pic><pic:nvPicPr><pic:cNvPr id="%d" name="%s"/><pic:cNvPicPr/></pic:nvPicPr><pic:blipFill><a:blip r:embed="media%d"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill><pic:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="%d" cy="%d"/></a:xfrm><a:prstGeom prst="rect"><a:avLst/></a:prstGeom></pic:spPr></pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r></w:p>`,
		cx, cy, x.drawings, name, xmlText(image.Caption), x.drawings, name, id, cx, cy)
	x.paragraph("", []Span{{Text: image.Caption, Italic: true}})
}

// embed adds an image and returns its number from 1, or 0 where it cannot be
// read. Word processors know no WebP, so that becomes PNG.
func (x *docx) embed(name string, data []byte) int {
	if id, known := x.ids[name]; known {
		return id
	}
	kind := "png"
	switch {
	case bytes.HasPrefix(data, []byte("\xFF\xD8")):
		kind = "jpg"
	case bytes.HasPrefix(data, []byte("RIFF")):
		decoded, err := webp.Decode(bytes.NewReader(data))
		if err != nil {
			return 0
		}
		var encoded bytes.Buffer
		if err := png.Encode(&encoded, decoded); err != nil {
			return 0
		}
		data = encoded.Bytes()
	}
	x.ids[name] = len(x.media) + 1
	x.media = append(x.media, docxMedia{fmt.Sprintf("media/gambar%d.%s", len(x.media)+1, kind), data})
	return len(x.media)
}
