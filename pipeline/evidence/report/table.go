package report

const cellPad = 3.0

// table draws rows with their head on each page. A row that is longer than what
// is left goes on over the page.
func (p *pdf) table(b *Block) {
	head := p.cells(b, 0)
	first := cellHeight(head)
	if len(b.Rows) > 1 {
		first += min(cellHeight(p.cells(b, 1)), 60)
	}
	p.room(first)
	p.row(b, head, true)
	for i := 1; i < len(b.Rows); i++ {
		lines := p.cells(b, i)
		if height := cellHeight(lines); height > p.left() && height < 160 {
			p.newPage()
			p.row(b, head, true)
		}
		for p.row(b, lines, false) {
			p.newPage()
			p.row(b, head, true)
		}
	}
	p.y += 6
}

// cells are the lines of a row's cells.
func (p *pdf) cells(b *Block, i int) [][]textLine {
	lines := make([][]textLine, len(b.Rows[i]))
	for j, cell := range b.Rows[i] {
		if i == 0 {
			bold := make([]Span, len(cell))
			for k, span := range cell {
				span.Bold = true
				bold[k] = span
			}
			cell = bold
		}
		lines[j] = p.shaper.lines(cell, tableSize, b.Widths[j]*textWidth/100-2*cellPad)
	}
	return lines
}

func linesHeight(lines []textLine) float64 {
	height := 0.0
	for _, line := range lines {
		height += line.ascent + line.descent
	}
	return height
}

func cellHeight(cells [][]textLine) float64 {
	height := 0.0
	for _, lines := range cells {
		height = max(height, linesHeight(lines))
	}
	return height + 2*cellPad
}

// row draws as many lines of a row's cells as fit the page, takes those from
// them, and says whether there are more.
func (p *pdf) row(b *Block, cells [][]textLine, head bool) (more bool) {
	fits := make([]int, len(cells))
	height := 0.0
	for j, lines := range cells {
		used := 0.0
		for fits[j] < len(lines) {
			next := lines[fits[j]].ascent + lines[fits[j]].descent
			if used+next+2*cellPad > p.left() && !head && (used > 0 || p.y > marginTop+60) {
				break
			}
			used += next
			fits[j]++
		}
		height = max(height, used)
	}
	height += 2 * cellPad
	if head {
		p.rectangle(headColour, marginLeft, p.y, textWidth, height)
	}
	x := marginLeft
	for j, lines := range cells {
		width := b.Widths[j] * textWidth / 100
		y := p.y + cellPad
		for k := range fits[j] {
			p.drawLine(&lines[k], tableSize, x+cellPad, y, width-2*cellPad)
			y += lines[k].ascent + lines[k].descent
		}
		p.frame(x, p.y, width, height)
		if !head {
			cells[j] = lines[fits[j]:]
			more = more || len(cells[j]) > 0
		}
		x += width
	}
	p.y += height
	return more
}
