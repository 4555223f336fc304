package report

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/go-text/typesetting/font"
)

// The paper and its margins, in points; the sizes of the text.
const (
	paperWidth, paperHeight = 595.28, 841.89
	marginLeft, marginRight = 62.0, 50.0
	marginTop, marginBottom = 68.0, 62.0
	textWidth               = paperWidth - marginLeft - marginRight
	bodySize, smallSize     = 10.0, 8.0
	quoteSize, tableSize    = 10.0, 7.8
)

// pdf draws a document on pages. y is measured from the upper edge of the paper.
type pdf struct {
	document *Document
	shaper   *shaper
	fonts    *typefaces
	objects  objects
	pages    []*bytes.Buffer
	y        float64
	pictures map[string]int
}

// PDF writes the document as a PDF file. The same document is the same bytes.
func (d *Document) PDF(w io.Writer) error {
	fonts, err := loadTypefaces()
	if err != nil {
		return err
	}
	p := &pdf{document: d, shaper: &shaper{fonts: fonts}, fonts: fonts, pictures: map[string]int{}}
	p.newPage()
	for i := range d.Blocks {
		if err := p.block(&d.Blocks[i], i); err != nil {
			return err
		}
	}
	p.margins()
	return p.write(w)
}

func (p *pdf) newPage() {
	p.pages = append(p.pages, &bytes.Buffer{})
	p.y = marginTop
}

// room begins a new page where what comes next does not fit.
func (p *pdf) room(height float64) {
	if p.y+height > paperHeight-marginBottom && p.y > marginTop {
		p.newPage()
	}
}

// left is how much room the page has.
func (p *pdf) left() float64 { return paperHeight - marginBottom - p.y }

func (p *pdf) out() *bytes.Buffer { return p.pages[len(p.pages)-1] }

func (p *pdf) rectangle(colour string, x, y, width, height float64) {
	fmt.Fprintf(p.out(), "%s rg %s %s %s %s re f\n", colour, number(x), number(paperHeight-y-height), number(width), number(height))
}

func (p *pdf) ruler(x1, y1, x2, y2, thickness float64, dashes string) {
	fmt.Fprintf(p.out(), "0.45 G %s w [%s] 0 d %s %s m %s %s l S [] 0 d\n", number(thickness), dashes, number(x1), number(paperHeight-y1), number(x2), number(paperHeight-y2))
}

// The colours of what is marked, of codes of signs, and of the text.
const (
	markColour  = "1 0.92 0.45"
	codeColour  = "0.88 0.88 0.88"
	quoteColour = "0.965 0.965 0.95"
	headColour  = "0.9 0.92 0.95"
)

// drawLine draws a line of text whose upper edge is at y.
func (p *pdf) drawLine(line *textLine, size, x, y, width float64) {
	if line.right {
		x += max(0, width-line.width)
	}
	base := y + line.ascent
	at := x
	for i := range line.runs {
		r := &line.runs[i]
		switch {
		case r.style.mark:
			p.rectangle(markColour, at, y, r.width, line.ascent+line.descent)
		case r.style.code:
			p.rectangle(codeColour, at, y+1, r.width, line.ascent+line.descent-2)
		}
		at += r.width
	}
	at = x
	for i := range line.runs {
		p.drawRun(&line.runs[i], size, at, base)
		at += line.runs[i].width
	}
}

func (p *pdf) drawRun(r *run, size, x, base float64) {
	out := p.out()
	slant := "0"
	if r.style.italic {
		slant = "0.2"
	}
	bold := r.style.bold && r.font != p.fonts.list[boldFont]
	out.WriteString("BT 0 g /" + r.font.name + " " + number(size) + " Tf ")
	if bold {
		out.WriteString("2 Tr 0 G " + number(size*0.03) + " w ")
	}
	pen, drawn := x, x // where the pen should be, and where the reader's is
	open := false
	for _, g := range r.glyphs {
		if !open || g.dx != 0 || g.dy != 0 || abs(pen-drawn) > 0.01 {
			if open {
				out.WriteString("> Tj ")
			}
			fmt.Fprintf(out, "1 0 %s 1 %s %s Tm <", slant, number(pen+g.dx), number(paperHeight-base+g.dy))
			drawn = pen + g.dx
			open = true
		}
		fmt.Fprintf(out, "%04X", g.id)
		drawn += g.width
		pen += g.advance
	}
	if open {
		out.WriteString("> Tj ")
	}
	if bold {
		out.WriteString("0 Tr ")
	}
	out.WriteString("ET\n")
}

// margins draws what stands on top and at the bottom of each page.
func (p *pdf) margins() {
	total := len(p.pages)
	for i, page := range p.pages {
		p.pages = append(p.pages, page) // where it is drawn
		p.marginText(p.document.Notice, 36, true)
		p.marginText(p.document.Subject, paperHeight-44, false)
		number := p.shaper.lines([]Span{{Text: fmt.Sprintf("halaman %d dari %d", i+1, total)}}, smallSize, textWidth)
		p.drawLine(&number[0], smallSize, paperWidth-marginRight-number[0].width, paperHeight-44, textWidth)
		p.ruler(marginLeft, 54, paperWidth-marginRight, 54, 0.5, "")
		p.ruler(marginLeft, paperHeight-50, paperWidth-marginRight, paperHeight-50, 0.5, "")
		p.pages = p.pages[:total]
	}
}

func (p *pdf) marginText(text string, y float64, bold bool) {
	lines := p.shaper.lines([]Span{{Text: text, Bold: bold}}, smallSize, textWidth*0.78)
	p.drawLine(&lines[0], smallSize, marginLeft, y, textWidth)
}

func (p *pdf) write(w io.Writer) error {
	var fonts, pictures strings.Builder
	for _, f := range p.fonts.list {
		if len(f.used) == 0 {
			continue
		}
		embedded, err := p.objects.embed(f)
		if err != nil {
			return err
		}
		fmt.Fprintf(&fonts, "/%s %d 0 R ", f.name, embedded)
	}
	for _, object := range slices.Sorted(maps.Values(p.pictures)) {
		fmt.Fprintf(&pictures, "/P%d %d 0 R ", object, object)
	}
	resources := p.objects.add("<< /Font << %s>> /XObject << %s>> >>", fonts.String(), pictures.String())
	tree := p.objects.reserve()
	var kids strings.Builder
	for _, page := range p.pages {
		content := p.objects.stream("", page.Bytes())
		fmt.Fprintf(&kids, "%d 0 R ", p.objects.add("<< /Type /Page /Parent %d 0 R /MediaBox [0 0 %s %s] /Resources %d 0 R /Contents %d 0 R >>",
			tree, number(paperWidth), number(paperHeight), resources, content))
	}
	p.objects.set(tree, "<< /Type /Pages /Kids [%s] /Count %d >>", kids.String(), len(p.pages))
	root := p.objects.add("<< /Type /Catalog /Pages %d 0 R /Lang (id-ID) /ViewerPreferences << /DisplayDocTitle true >> >>", tree)
	info := p.objects.add("<< /Title %s /Subject %s /Producer (Netra) /CreationDate %s /ModDate %s >>",
		textString(p.document.Title), textString(p.document.Subject), pdfDate(p.document.At), pdfDate(p.document.At))
	return p.objects.write(w, root, info)
}

func sortedGlyphs(f *typeface) []font.GID {
	return slices.Sorted(maps.Keys(f.used))
}

func abs(v float64) float64 { return max(v, -v) }
