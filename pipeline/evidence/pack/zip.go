package pack

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// A pack is a ZIP that can be written in one way only: entries are stored, not
// compressed, without times, attributes and comments. So nothing can hide in it,
// and every bit of it is verified. The limits are those of ZIP without ZIP64.
const (
	mostEntries = 65535
	mostBytes   = 1<<32 - 1
)

// ErrTooLarge says that a pack would be larger than a ZIP can be.
var ErrTooLarge = errors.New("the pack would have more than 4 GiB or 65,535 files: export fewer posts at a time")

// entry is what a ZIP says of one of its files.
type entry struct {
	name   string
	crc    uint32
	size   int64
	offset int64
}

const (
	localSize   = 30
	centralSize = 46
	endSize     = 22
	// dosDate is the first day that ZIP knows, 1980-01-01.
	dosDate = 1<<5 | 1
	version = 20
)

// local is the header before the entry's bytes.
func (e entry) local() []byte {
	out := binary.LittleEndian.AppendUint32(make([]byte, 0, localSize+len(e.name)), 0x04034b50)
	out = binary.LittleEndian.AppendUint16(out, version)
	out = e.common(out)
	return append(out, e.name...)
}

// common are the fields that both headers have: flags, method, time, date, CRC,
// sizes, and the lengths of the name and of what could be behind it.
func (e entry) common(out []byte) []byte {
	for _, v := range []uint16{0, 0, 0, dosDate} {
		out = binary.LittleEndian.AppendUint16(out, v)
	}
	for _, v := range []uint32{e.crc, uint32(e.size), uint32(e.size)} { //nolint:gosec // at most mostBytes
		out = binary.LittleEndian.AppendUint32(out, v)
	}
	out = binary.LittleEndian.AppendUint16(out, uint16(len(e.name))) //nolint:gosec // names are short
	return binary.LittleEndian.AppendUint16(out, 0)
}

// central is the entry in the directory at the end.
func (e entry) central() []byte {
	out := binary.LittleEndian.AppendUint32(make([]byte, 0, centralSize+len(e.name)), 0x02014b50)
	out = binary.LittleEndian.AppendUint16(out, version)
	out = binary.LittleEndian.AppendUint16(out, version)
	out = e.common(out)
	for _, v := range []uint16{0, 0, 0, 0, 0} { // comment, disk, attributes
		out = binary.LittleEndian.AppendUint16(out, v)
	}
	out = binary.LittleEndian.AppendUint32(out, uint32(e.offset)) //nolint:gosec // at most mostBytes
	return append(out, e.name...)
}

// directory is all that is behind the last entry's bytes, which end at offset.
func directory(entries []entry, offset int64) []byte {
	var out []byte
	for _, e := range entries {
		out = append(out, e.central()...)
	}
	size := len(out)
	out = binary.LittleEndian.AppendUint32(out, 0x06054b50)
	for _, v := range []int{0, 0, len(entries), len(entries)} {
		out = binary.LittleEndian.AppendUint16(out, uint16(v)) //nolint:gosec // at most mostEntries
	}
	out = binary.LittleEndian.AppendUint32(out, uint32(size))   //nolint:gosec // at most mostBytes
	out = binary.LittleEndian.AppendUint32(out, uint32(offset)) //nolint:gosec // at most mostBytes
	return binary.LittleEndian.AppendUint16(out, 0)
}

// zipWriter writes a ZIP.
type zipWriter struct {
	out     *bufio.Writer
	entries []entry
	offset  int64
}

func newZipWriter(w io.Writer) *zipWriter { return &zipWriter{out: bufio.NewWriterSize(w, 1<<16)} }

// add writes an entry of exactly this size and CRC.
func (z *zipWriter) add(name string, size int64, crc uint32, content io.Reader) error {
	e := entry{name: name, crc: crc, size: size, offset: z.offset}
	header := e.local()
	if _, err := z.out.Write(header); err != nil {
		return err
	}
	n, err := io.Copy(z.out, io.LimitReader(content, size+1))
	if err != nil {
		return err
	}
	if n != size {
		return fmt.Errorf("%s has %d bytes, not %d", name, n, size)
	}
	z.offset += int64(len(header)) + size
	z.entries = append(z.entries, e)
	return nil
}

func (z *zipWriter) close() error {
	if _, err := z.out.Write(directory(z.entries, z.offset)); err != nil {
		return err
	}
	return z.out.Flush()
}

// fits says whether a ZIP of such entries is not too large.
func fits(files []File) error {
	total := int64(endSize)
	for _, f := range files {
		total += localSize + centralSize + 2*int64(len(f.Path)) + f.Size
	}
	const others = 1 << 20 // checkpoint, time stamp, signature
	if len(files)+8 > mostEntries || total+others > mostBytes {
		return ErrTooLarge
	}
	return nil
}
