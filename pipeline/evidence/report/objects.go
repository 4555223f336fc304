package report

import (
	"bytes"
	"compress/zlib"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf16"
)

// objects are those of a PDF file (ISO 32000), numbered from 1.
type objects struct {
	list [][]byte
}

// add gives an object a number.
func (o *objects) add(format string, args ...any) int {
	o.list = append(o.list, fmt.Appendf(nil, format, args...))
	return len(o.list)
}

// reserve gives a number to an object that is set later.
func (o *objects) reserve() int {
	o.list = append(o.list, nil)
	return len(o.list)
}

func (o *objects) set(number int, format string, args ...any) {
	o.list[number-1] = fmt.Appendf(nil, format, args...)
}

// stream adds a stream; entries are those of its dictionary beside the length.
// Without a filter among them it is compressed.
func (o *objects) stream(entries string, data []byte) int {
	if !strings.Contains(entries, "/Filter") {
		var packed bytes.Buffer
		w := zlib.NewWriter(&packed)
		_, _ = w.Write(data) // it goes to memory
		_ = w.Close()
		data, entries = packed.Bytes(), entries+" /Filter /FlateDecode"
	}
	object := fmt.Appendf(nil, "<< %s /Length %d >>\nstream\n", entries, len(data))
	object = append(append(object, data...), "\nendstream"...)
	o.list = append(o.list, object)
	return len(o.list)
}

// write writes the file. Its id is the hash of what is in it, so that the same
// content is the same file.
func (o *objects) write(w io.Writer, root, info int) error {
	var out bytes.Buffer
	out.WriteString("%PDF-1.7\n%\xE2\xE3\xCF\xD3\n")
	offsets := make([]int, len(o.list))
	for i, object := range o.list {
		offsets[i] = out.Len()
		fmt.Fprintf(&out, "%d 0 obj\n", i+1)
		out.Write(object)
		out.WriteString("\nendobj\n")
	}
	sum := sha256.Sum256(out.Bytes())
	id := hex.EncodeToString(sum[:16])
	start := out.Len()
	fmt.Fprintf(&out, "xref\n0 %d\n0000000000 65535 f \n", len(o.list)+1)
	for _, offset := range offsets {
		fmt.Fprintf(&out, "%010d 00000 n \n", offset)
	}
	fmt.Fprintf(&out, "trailer\n<< /Size %d /Root %d 0 R /Info %d 0 R /ID [<%s> <%s>] >>\nstartxref\n%d\n%%%%EOF\n", len(o.list)+1, root, info, id, id, start)
	_, err := w.Write(out.Bytes())
	return err
}

// textString is a text as PDF has it in dictionaries.
func textString(s string) string {
	var b strings.Builder
	b.WriteString("<FEFF")
	for _, unit := range utf16.Encode([]rune(s)) {
		fmt.Fprintf(&b, "%04X", unit)
	}
	return b.String() + ">"
}

func pdfDate(t time.Time) string { return t.UTC().Format("(D:20060102150405Z)") }

// number writes a length shortly and always in the same way.
func number(v float64) string {
	s := fmt.Sprintf("%.3f", v)
	s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	if s == "-0" || s == "" {
		return "0"
	}
	return s
}

// embed adds a font with the glyphs that were used, and returns its number.
func (o *objects) embed(f *typeface) (int, error) {
	ids := sortedGlyphs(f)
	used := make([]int, len(ids))
	for i, id := range ids {
		used[i] = int(id)
	}
	data, err := f.file.subset(used)
	if err != nil {
		return 0, fmt.Errorf("embed the font %s: %w", f.name, err)
	}
	sum := sha256.Sum256(data)
	name := subsetTag(sum[:]) + "+Netra" + strings.ToUpper(f.name[:1]) + f.name[1:]
	file := o.stream(fmt.Sprintf("/Length1 %d", len(data)), data)
	extents, _ := f.face.FontHExtents()
	ascent, descent := f.scale(extents.Ascender), f.scale(extents.Descender)
	descriptor := o.add("<< /Type /FontDescriptor /FontName /%s /Flags 4 /FontBBox [-1000 %s 3000 %s] /ItalicAngle 0 /Ascent %s /Descent %s /CapHeight 700 /StemV 80 /FontFile2 %d 0 R >>",
		name, number(descent), number(ascent), number(ascent), number(descent), file)
	var widths strings.Builder
	for _, id := range ids {
		fmt.Fprintf(&widths, "%d [%s] ", id, number(f.scale(f.face.HorizontalAdvance(id))))
	}
	descendant := o.add("<< /Type /Font /Subtype /CIDFontType2 /BaseFont /%s /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> /FontDescriptor %d 0 R /W [%s] /DW 1000 /CIDToGIDMap /Identity >>",
		name, descriptor, widths.String())
	unicode := o.stream("", toUnicode(f))
	return o.add("<< /Type /Font /Subtype /Type0 /BaseFont /%s /Encoding /Identity-H /DescendantFonts [%d 0 R] /ToUnicode %d 0 R >>", name, descendant, unicode), nil
}

// subsetTag is six capital letters, by which a reader tells subsets apart.
func subsetTag(sum []byte) string {
	tag := make([]byte, 6)
	for i := range tag {
		tag[i] = 'A' + sum[i]%26
	}
	return string(tag)
}

// toUnicode says which text the glyphs stand for, so that it can be searched and
// copied.
func toUnicode(f *typeface) []byte {
	var b bytes.Buffer
	b.WriteString("/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n" +
		"/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n")
	var lines []string
	for _, id := range sortedGlyphs(f) {
		if text := f.used[id]; text != "" {
			hexed := strings.TrimSuffix(strings.TrimPrefix(textString(text), "<FEFF"), ">")
			lines = append(lines, fmt.Sprintf("<%04X> <%s>\n", id, hexed))
		}
	}
	for len(lines) > 0 {
		n := min(len(lines), 100)
		fmt.Fprintf(&b, "%d beginbfchar\n%sendbfchar\n", n, strings.Join(lines[:n], ""))
		lines = lines[n:]
	}
	b.WriteString("endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n")
	return b.Bytes()
}
