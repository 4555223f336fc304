package report

import "time"

// Document is a report that is ready to be drawn: its blocks in order.
type Document struct {
	// Title and Subject are for the file's properties, Notice stands on top of
	// each page.
	Title, Subject, Notice string
	// At is the time that the files carry, so that the same report is the same
	// bytes.
	At     time.Time
	Blocks []Block
	// Images are the pictures that blocks name.
	Images map[string]Image
}

// Image is a picture: a PNG, JPEG or WebP file.
type Image struct {
	Data []byte
	// Caption stands below it.
	Caption string
}

// BlockKind is what a block is.
type BlockKind int

// The kinds of blocks.
const (
	// Paragraph is text; Level is how far it is indented.
	Paragraph BlockKind = iota
	// Heading has a Level from 1 to 3.
	Heading
	// Bullet is an item of a list.
	Bullet
	// Field is a label, Cells[0], and what was filled in, Cells[1]. Where that is
	// empty, it is a dotted line.
	Field
	// Quote is a text verbatim.
	Quote
	// Table has Rows; the first one is its head, Widths are in percent.
	Table
	// Picture shows the image with the name Image.
	Picture
	// Dots are Level lines to be filled in by hand.
	Dots
	// Signatures are places to sign, a cell each.
	Signatures
	// Rule is a line across the page; NewPage begins another page.
	Rule
	NewPage
)

// Block is a part of a document.
type Block struct {
	Kind   BlockKind
	Level  int
	Spans  []Span
	Cells  [][]Span
	Rows   [][][]Span
	Widths []float64
	Image  string
	// Line is where in the filled template it stands.
	Line int
}

// Span is text in one style. A line break in it is "\n".
type Span struct {
	Text               string
	Bold, Italic, Mark bool
}

func plain(spans []Span) string {
	var s string
	for _, span := range spans {
		s += span.Text
	}
	return s
}
