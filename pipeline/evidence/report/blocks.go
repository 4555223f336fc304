package report

import (
	"fmt"
	"strings"
)

// block draws one block.
func (p *pdf) block(b *Block, i int) error {
	switch b.Kind {
	case Paragraph:
		if i+1 < len(p.document.Blocks) && p.document.Blocks[i+1].Kind == Quote { // its heading keeps with it
			p.room(4.5 * bodySize)
		}
		p.text(b.Spans, bodySize, 0, textWidth)
		p.y += 5
	case Heading:
		p.heading(b, i)
	case Bullet:
		p.bullet(b)
	case Field:
		p.field(b)
	case Quote:
		p.quote(b)
	case Table:
		p.table(b)
	case Picture:
		return p.picture(b)
	case Dots:
		for range b.Level {
			p.dotted(marginLeft, textWidth)
		}
		p.y += 4
	case Signatures:
		p.signatures(b)
	case Rule:
		p.room(12)
		p.ruler(marginLeft, p.y+5, paperWidth-marginRight, p.y+5, 0.5, "")
		p.y += 12
	case NewPage:
		if p.y > marginTop {
			p.newPage()
		}
	}
	return nil
}

// text draws lines from the left edge plus an indent, over pages.
func (p *pdf) text(spans []Span, size, indent, width float64) {
	for _, line := range p.shaper.lines(spans, size, width) {
		p.room(line.ascent + line.descent)
		p.drawLine(&line, size, marginLeft+indent, p.y, width)
		p.y += line.ascent + line.descent
	}
}

var headingSizes = [...]float64{14, 11.5, 10.5}

// heading keeps with what follows it.
func (p *pdf) heading(b *Block, i int) {
	size := headingSizes[b.Level-1]
	spans := make([]Span, len(b.Spans))
	for j, span := range b.Spans {
		span.Bold = true
		spans[j] = span
	}
	before := 8.0
	if i == 0 {
		before = 0
	}
	p.room(before + 3.6*size + 24)
	if p.y > marginTop {
		p.y += before
	}
	lines := p.shaper.lines(spans, size, textWidth)
	for _, line := range lines {
		x := marginLeft
		if b.Level == 1 {
			x += (textWidth - line.width) / 2
		}
		p.drawLine(&line, size, x, p.y, textWidth)
		p.y += line.ascent + line.descent
	}
	p.y += 4
}

func (p *pdf) bullet(b *Block) {
	dot := p.shaper.lines([]Span{{Text: "•"}}, bodySize, 20)
	p.room(dot[0].ascent + dot[0].descent)
	p.drawLine(&dot[0], bodySize, marginLeft+4, p.y, 20)
	p.text(b.Spans, bodySize, 16, textWidth-16)
	p.y += 2
}

const labelWidth = 158.0

// field draws a label, and beside it what was filled in or a dotted line.
func (p *pdf) field(b *Block) {
	label := p.shaper.lines(b.Cells[0], bodySize, labelWidth-6)
	const x = marginLeft + labelWidth
	height := 0.0
	for _, line := range label {
		height += line.ascent + line.descent
	}
	p.room(height)
	top, page := p.y, len(p.pages)
	for _, line := range label {
		p.drawLine(&line, bodySize, marginLeft, p.y, labelWidth)
		p.y += line.ascent + line.descent
	}
	colon := p.shaper.lines([]Span{{Text: ":"}}, bodySize, 10)
	p.drawLine(&colon[0], bodySize, x-2, top, 10)
	below := p.y
	p.y = top
	if strings.TrimSpace(plain(b.Cells[1])) == "" {
		p.dotted(x+8, textWidth-labelWidth-8)
	} else {
		p.text(b.Cells[1], bodySize, labelWidth+8, textWidth-labelWidth-8)
	}
	if len(p.pages) == page {
		p.y = max(p.y, below)
	}
	p.y += 2
}

// dotted draws a line to be filled in by hand.
func (p *pdf) dotted(x, width float64) {
	const height = 17
	p.room(height)
	p.ruler(x, p.y+12, x+width, p.y+12, 0.8, "0.8 2.4")
	p.y += height
}

// quote draws a text verbatim: on a ground of its own, with a bar beside it.
func (p *pdf) quote(b *Block) {
	const indent, pad = 12, 6
	lines := p.shaper.lines(b.Spans, quoteSize, textWidth-indent-2*pad)
	ground := func(height float64) {
		p.rectangle(quoteColour, marginLeft, p.y, textWidth, height)
		p.rectangle("0.35 0.4 0.5", marginLeft, p.y, 3, height)
	}
	p.room(pad + lines[0].ascent + lines[0].descent)
	ground(pad)
	p.y += pad
	for _, line := range lines {
		height := line.ascent + line.descent
		p.room(height)
		ground(height)
		p.drawLine(&line, quoteSize, marginLeft+indent, p.y, textWidth-indent-2*pad)
		p.y += height
	}
	if p.left() > pad {
		ground(pad)
		p.y += pad
	}
	p.y += 6
}

// signatures draws places to sign beside each other.
func (p *pdf) signatures(b *Block) {
	const height = 118
	p.room(height)
	width := textWidth / float64(len(b.Cells))
	for i, cell := range b.Cells {
		x := marginLeft + float64(i)*width
		y := p.y
		for _, line := range p.shaper.lines(cell, bodySize, width-16) {
			p.drawLine(&line, bodySize, x, y, width)
			y += line.ascent + line.descent
		}
		for j, label := range []string{"Nama", "NIP/NIK", "Tanggal"} {
			text := p.shaper.lines([]Span{{Text: label}}, smallSize, width)
			at := p.y + 74 + 14*float64(j)
			p.drawLine(&text[0], smallSize, x, at, width)
			p.ruler(x+42, at+9, x+width-16, at+9, 0.8, "0.8 2.4")
		}
		p.ruler(x, p.y+70, x+width-16, p.y+70, 0.5, "")
	}
	p.y += height
}

// picture draws an image in the width of the text; a long one goes on over
// pages. One that cannot be drawn is said to be so.
func (p *pdf) picture(b *Block) error {
	image, found := p.document.Images[b.Image]
	if !found {
		return fmt.Errorf("line %d of the filled template: there is no picture %q", b.Line, b.Image)
	}
	width, height, err := pictureInfo(image.Data)
	object, known := p.pictures[b.Image]
	if err == nil && !known {
		object, err = p.objects.picture(image.Data)
	}
	if err != nil {
		p.text([]Span{{Text: "[Gambar ini tidak dapat ditampilkan di sini; lihat berkasnya. " + image.Caption + "]", Italic: true}}, smallSize, 0, textWidth)
		p.y += 6
		return nil
	}
	p.pictures[b.Image] = object
	scale := min(textWidth/float64(width), 0.75) // at least 96 dots an inch
	drawnWidth, drawnHeight := float64(width)*scale, float64(height)*scale
	const caption = 26
	full := paperHeight - marginTop - marginBottom
	if drawnHeight+caption <= full { // in one piece
		shrunk := (p.left() - caption) / drawnHeight
		switch {
		case shrunk >= 1:
		case shrunk >= 0.6 && p.left() >= full*0.45: // a little smaller, on this page
			drawnWidth, drawnHeight = drawnWidth*shrunk, drawnHeight*shrunk
		default:
			p.newPage()
		}
	}
	for done := 0.0; done < drawnHeight; {
		piece := min(drawnHeight-done, p.left()-4)
		if piece < 40 && piece < drawnHeight-done {
			p.newPage()
			continue
		}
		fmt.Fprintf(p.out(), "q %s %s %s %s re W n %s 0 0 %s %s %s cm /P%d Do Q\n",
			number(marginLeft), number(paperHeight-p.y-piece), number(drawnWidth), number(piece),
			number(drawnWidth), number(drawnHeight), number(marginLeft), number(paperHeight-p.y+done-drawnHeight), object)
		p.frame(marginLeft, p.y, drawnWidth, piece)
		done += piece
		p.y += piece
		if done < drawnHeight {
			p.newPage()
		}
	}
	p.y += 3
	p.text([]Span{{Text: image.Caption, Italic: true}}, smallSize, 0, textWidth)
	p.y += 6
	return nil
}

func (p *pdf) frame(x, y, width, height float64) {
	fmt.Fprintf(p.out(), "0.6 G 0.5 w %s %s %s %s re S\n", number(x), number(paperHeight-y-height), number(width), number(height))
}
