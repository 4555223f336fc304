package report

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
)

// sfnt is a TrueType font file, cut into its tables. The form is that of the
// OpenType specification 1.9.
type sfnt struct {
	tables map[string][]byte
	long   bool // the form of loca
	glyphs int
}

var errFont = errors.New("no TrueType font that can be embedded")

func parseSFNT(data []byte) (*sfnt, error) {
	if len(data) < 12 {
		return nil, errFont
	}
	f := &sfnt{tables: map[string][]byte{}}
	for i := range int(binary.BigEndian.Uint16(data[4:])) {
		entry := 12 + 16*i
		if entry+16 > len(data) {
			return nil, errFont
		}
		from, size := binary.BigEndian.Uint32(data[entry+8:]), binary.BigEndian.Uint32(data[entry+12:])
		if uint64(from)+uint64(size) > uint64(len(data)) {
			return nil, errFont
		}
		f.tables[string(data[entry:entry+4])] = data[from : from+size]
	}
	head, maxp := f.tables["head"], f.tables["maxp"]
	if len(head) < 54 || len(maxp) < 6 || len(f.tables["glyf"]) == 0 {
		return nil, errFont
	}
	f.long, f.glyphs = binary.BigEndian.Uint16(head[50:]) == 1, int(binary.BigEndian.Uint16(maxp[4:]))
	width := 2
	if f.long {
		width = 4
	}
	if len(f.tables["loca"]) < width*(f.glyphs+1) {
		return nil, errFont
	}
	return f, nil
}

// outline is the glyph's data; empty for a blank.
func (f *sfnt) outline(glyph int) []byte {
	loca, at := f.tables["loca"], func(i int) int {
		if f.long {
			return int(binary.BigEndian.Uint32(f.tables["loca"][4*i:]))
		}
		return 2 * int(binary.BigEndian.Uint16(f.tables["loca"][2*i:]))
	}
	if glyph >= f.glyphs || len(loca) == 0 {
		return nil
	}
	from, until := at(glyph), at(glyph+1)
	if from >= until || until > len(f.tables["glyf"]) {
		return nil
	}
	return f.tables["glyf"][from:until]
}

// Flags of the parts of a compound glyph.
const (
	wordArguments = 0x0001
	hasScale      = 0x0008
	moreParts     = 0x0020
	hasXYScale    = 0x0040
	hasMatrix     = 0x0080
)

// parts are the glyphs that a compound one is made of.
func parts(outline []byte) []int {
	if len(outline) < 10 || int16(binary.BigEndian.Uint16(outline)) >= 0 {
		return nil
	}
	var found []int
	for at := 10; at+4 <= len(outline); {
		flags := binary.BigEndian.Uint16(outline[at:])
		found = append(found, int(binary.BigEndian.Uint16(outline[at+2:])))
		at += 6
		if flags&wordArguments != 0 {
			at += 2
		}
		switch {
		case flags&hasScale != 0:
			at += 2
		case flags&hasXYScale != 0:
			at += 4
		case flags&hasMatrix != 0:
			at += 8
		}
		if flags&moreParts == 0 {
			break
		}
	}
	return found
}

// subset makes a font with the outlines of some glyphs only. The glyphs keep
// their numbers, so that what was shaped with the whole font stays right.
func (f *sfnt) subset(used []int) ([]byte, error) {
	wanted := map[int]bool{0: true}
	for queue := slices.Clone(used); len(queue) > 0; {
		glyph := queue[len(queue)-1]
		queue = queue[:len(queue)-1]
		if glyph >= f.glyphs {
			return nil, fmt.Errorf("glyph %d of %d: %w", glyph, f.glyphs, errFont)
		}
		if !wanted[glyph] || glyph == 0 {
			wanted[glyph] = true
			for _, part := range parts(f.outline(glyph)) {
				if !wanted[part] {
					queue = append(queue, part)
				}
			}
		}
	}
	loca, glyf := make([]byte, 4*(f.glyphs+1)), []byte(nil)
	for glyph := range f.glyphs {
		binary.BigEndian.PutUint32(loca[4*glyph:], uint32(len(glyf)))
		if wanted[glyph] {
			glyf = append(glyf, f.outline(glyph)...)
			for len(glyf)%4 != 0 {
				glyf = append(glyf, 0)
			}
		}
	}
	binary.BigEndian.PutUint32(loca[4*f.glyphs:], uint32(len(glyf)))
	head := slices.Clone(f.tables["head"])
	binary.BigEndian.PutUint16(head[50:], 1)
	binary.BigEndian.PutUint32(head[8:], 0) // readers of embedded fonts check no sum
	tables := map[string][]byte{"head": head, "loca": loca, "glyf": glyf}
	for _, name := range []string{"hhea", "hmtx", "maxp", "cvt ", "fpgm", "prep"} {
		if table, found := f.tables[name]; found {
			tables[name] = table
		}
	}
	return assemble(tables), nil
}

func assemble(tables map[string][]byte) []byte {
	names := make([]string, 0, len(tables))
	for name := range tables {
		names = append(names, name)
	}
	slices.Sort(names)
	power := 1
	for power*2 <= len(names) {
		power *= 2
	}
	shift := 0
	for 1<<shift < power {
		shift++
	}
	out := binary.BigEndian.AppendUint32(nil, 0x00010000)
	for _, n := range []int{len(names), 16 * power, shift, 16 * (len(names) - power)} {
		out = binary.BigEndian.AppendUint16(out, uint16(n))
	}
	offset := 12 + 16*len(names)
	for _, name := range names {
		table := tables[name]
		out = append(out, name...)
		for _, n := range []uint32{checksum(table), uint32(offset), uint32(len(table))} {
			out = binary.BigEndian.AppendUint32(out, n)
		}
		offset += (len(table) + 3) &^ 3
	}
	for _, name := range names {
		out = append(out, tables[name]...)
		for len(out)%4 != 0 {
			out = append(out, 0)
		}
	}
	return out
}

func checksum(table []byte) uint32 {
	var sum uint32
	for i := 0; i < len(table); i += 4 {
		var word [4]byte
		copy(word[:], table[i:])
		sum += binary.BigEndian.Uint32(word[:])
	}
	return sum
}
