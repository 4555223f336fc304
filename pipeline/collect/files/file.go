package files

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/klauspost/compress/zstd"

	"github.com/netra-id/netra/pipeline/collect"
)

// progress is how far a file has been read; as JSON it is the file's cursor.
type progress struct {
	// Offset is the byte, after decompression, from which reading goes on, and
	// Line the number of the line before it.
	Offset int64 `json:"offset"`
	Line   int   `json:"line"`
	// Size and Modified are of the file when it was read, Done says to its end.
	Size     int64     `json:"size"`
	Modified time.Time `json:"modified"`
	Done     bool      `json:"done,omitempty"`
	// read is the number of the line that was read last.
	read int
	// Head and Tail are hashes of the first bytes and of the last bytes before
	// Offset, by which an appended file is told from another of the same name.
	Head string `json:"head,omitempty"`
	Tail string `json:"tail,omitempty"`
}

const (
	headBytes = 16 << 10
	tailBytes = 4 << 10
)

func decodeProgress(cursor collect.Cursor) (progress, error) {
	var p progress
	if cursor == nil {
		return p, nil
	}
	if err := json.Unmarshal(cursor, &p); err != nil {
		return p, fmt.Errorf("cursor of a file: %w", err)
	}
	return p, nil
}

func (p progress) cursor() (collect.Cursor, error) { return json.Marshal(p) }

// unchanged says that nothing has happened to the file since it was read to its
// end.
func (p *progress) unchanged(info fs.FileInfo) bool {
	return p.Done && p.Size == info.Size() && p.Modified.Equal(info.ModTime())
}

// file is one file that is open for reading.
type file struct {
	path   string
	handle *os.File
	info   fs.FileInfo
	packed bool
	// whole says that the format counts records, not bytes: it is not appended
	// to, and read on only where it has not changed.
	whole    bool
	reader   reader
	unpacker io.Closer
}

// openFile opens a file at the place where the progress says that reading goes
// on, or at its start where it is not the file that the progress is of.
func openFile(path string, cfg *Configuration, how reading, from progress) (*file, error) {
	handle, err := os.Open(path)
	if err != nil {
		return nil, fileError(err)
	}
	f := &file{path: path, handle: handle}
	if err := f.prepare(cfg, how, from); err != nil {
		return nil, errors.Join(err, f.close())
	}
	return f, nil
}

func (f *file) prepare(cfg *Configuration, how reading, from progress) error {
	info, err := f.handle.Stat()
	if err != nil {
		return fileError(err)
	}
	if !info.Mode().IsRegular() {
		return collect.Errorf(collect.KindRefused, "%s: value %s: allowed: a regular file", f.path, info.Mode().Type())
	}
	f.info = info
	stream, err := f.unpack()
	if err != nil {
		return err
	}
	start, stream, err := f.peek(stream)
	if err != nil {
		return f.readError(err)
	}
	format, err := f.format(cfg, how.mapping, start)
	if err != nil {
		return err
	}
	if format != FormatXLSX && isNoText(start) {
		return collect.Errorf(collect.KindMalformed, "%s:1: encoding: value with zero bytes, as of UTF-16 or of a file that is no text: allowed: UTF-8", f.path)
	}
	if format == FormatJSON || format == FormatXLSX {
		f.whole = true
	}
	from, err = f.continueFrom(from)
	if err != nil {
		return err
	}
	opts := options{name: f.path, limit: cfg.MaxRecordBytes, location: how.location, mapping: how.mapping}
	if f.reader, err = f.open(stream, format, opts, from); err != nil {
		return err
	}
	return nil
}

// unpack returns the bytes of the file after decompression.
func (f *file) unpack() (io.Reader, error) {
	switch strings.ToLower(filepath.Ext(f.path)) {
	case ".gz":
		f.packed = true
		if f.info.Size() == 0 {
			return f.handle, nil
		}
		unpacker, err := gzip.NewReader(bufio.NewReader(f.handle))
		if err != nil {
			return nil, collect.Errorf(collect.KindMalformed, "%s: not gzip: %w", f.path, err)
		}
		f.unpacker = unpacker
		return unpacker, nil
	case ".zst":
		f.packed = true
		unpacker, err := zstd.NewReader(f.handle, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(128<<20))
		if err != nil {
			return nil, collect.Errorf(collect.KindMalformed, "%s: not zstd: %w", f.path, err)
		}
		closer := unpacker.IOReadCloser()
		f.unpacker = closer
		return closer, nil
	default:
		return f.handle, nil
	}
}

// peek returns how the file begins, and the stream to read it from.
func (f *file) peek(stream io.Reader) (start []byte, _ io.Reader, err error) {
	if f.packed {
		buffered := bufio.NewReaderSize(stream, peekBytes)
		if start, err = buffered.Peek(peekBytes); isEnd(err) {
			err = nil
		}
		return start, buffered, err
	}
	start = make([]byte, peekBytes)
	n, err := f.handle.ReadAt(start, 0)
	if isEnd(err) {
		err = nil
	}
	return start[:n], stream, err
}

// isNoText says whether a quarter of a file's beginning is zero bytes, as in
// UTF-16, where single ones are the trouble of their record only.
func isNoText(start []byte) bool {
	start = start[:min(len(start), 256)]
	return bytes.HasPrefix(start, []byte("PK\x03\x04")) || bytes.Count(start, []byte{0}) > len(start)/4
}

// continueFrom returns the progress where the file is still the one that it is
// of, else an empty one: what comes again is then dropped as a duplicate.
func (f *file) continueFrom(from progress) (progress, error) {
	if from.Offset == 0 {
		return progress{}, nil
	}
	if f.packed || f.whole {
		if from.Size == f.info.Size() && from.Modified.Equal(f.info.ModTime()) {
			return from, nil
		}
		return progress{}, nil
	}
	if f.info.Size() < from.Offset {
		return progress{}, nil
	}
	head, tail, err := f.hashes(from.Offset)
	if err != nil {
		return progress{}, err
	}
	if head != from.Head || tail != from.Tail {
		return progress{}, nil
	}
	return from, nil
}

// hashes returns the hashes of the file's first bytes and of the last before
// offset.
func (f *file) hashes(offset int64) (head, tail string, err error) {
	if head, err = f.hash(0, min(offset, headBytes)); err != nil {
		return "", "", err
	}
	length := min(offset, tailBytes)
	tail, err = f.hash(offset-length, length)
	return head, tail, err
}

func (f *file) hash(offset, length int64) (string, error) {
	h := sha256.New()
	if _, err := io.Copy(h, io.NewSectionReader(f.handle, offset, length)); err != nil {
		return "", fileError(err)
	}
	return hex.EncodeToString(h.Sum(nil)[:16]), nil
}

// open makes the format's reader and brings it to the place to go on from.
func (f *file) open(stream io.Reader, format string, opts options, from progress) (reader, error) {
	lines := newLineReader(stream, opts.limit)
	switch format {
	case FormatJSONL:
		r := &jsonlReader{options: opts, lines: lines}
		return r, f.skip(stream, r.lines, from)
	case FormatCSV:
		return f.openCSV(stream, lines, opts, from)
	case FormatJSON:
		r, err := newJSONReader(stream, opts)
		if err != nil {
			return nil, f.readError(err)
		}
		return r, r.skip(int(from.Offset))
	case FormatXLSX:
		return f.openXLSX(opts, from)
	default:
		return nil, collect.Errorf(collect.KindRefused, "format: value %q: allowed: auto, jsonl, csv, xlsx, json", format)
	}
}

func (f *file) openCSV(stream io.Reader, lines *lineReader, opts options, from progress) (reader, error) {
	r := &csvReader{options: opts, lines: lines}
	if err := r.readHeader(); err != nil {
		if isEnd(err) {
			return r, nil // an empty file
		}
		return nil, f.readError(err)
	}
	if from.Offset > r.last.next {
		r.last = line{next: from.Offset, number: from.Line}
		return r, f.skip(stream, r.lines, from)
	}
	return r, nil
}

func (f *file) openXLSX(opts options, from progress) (reader, error) {
	if f.packed {
		return nil, collect.Errorf(collect.KindRefused, "%s: a spreadsheet is packed itself: allowed: a name that ends in .xlsx", f.path)
	}
	r, err := openXLSX(f.handle, f.info.Size(), opts)
	if err != nil {
		return nil, err
	}
	f.unpacker = r
	return r, r.skip(int(from.Offset))
}

// skip brings lines to the place to go on from.
func (f *file) skip(stream io.Reader, lines *lineReader, from progress) error {
	if from.Offset <= lines.offset {
		return nil
	}
	if f.packed {
		if _, err := io.CopyN(io.Discard, lines.reader, from.Offset-lines.offset); err != nil {
			return f.readError(err)
		}
	} else {
		if _, err := f.handle.Seek(from.Offset, io.SeekStart); err != nil {
			return fileError(err)
		}
		lines.reader.Reset(stream)
	}
	lines.offset, lines.number = from.Offset, from.Line
	return nil
}

// progress returns how far the file has been read.
func (f *file) progress(done bool) (progress, error) {
	p := progress{Size: f.info.Size(), Modified: f.info.ModTime(), Done: done, read: f.reader.linesRead()}
	p.Offset, p.Line = f.reader.position()
	if f.packed || f.whole {
		return p, nil
	}
	var err error
	p.Head, p.Tail, err = f.hashes(p.Offset)
	return p, err
}

// readError types an error that came while reading.
func (f *file) readError(err error) error {
	var typed *collect.Error
	if errors.As(err, &typed) {
		return err
	}
	if f.packed {
		return collect.Errorf(collect.KindMalformed, "%s: cannot be unpacked: %w", f.path, err)
	}
	return fileError(err)
}

func (f *file) close() error {
	var err error
	if f.unpacker != nil {
		err = f.unpacker.Close()
	}
	return errors.Join(err, f.handle.Close())
}

// fileError types an error of the file system, which names the file itself.
func fileError(err error) error {
	if errors.Is(err, fs.ErrPermission) {
		return collect.Errorf(collect.KindRefused, "%w: allowed: a file or folder that this user may read", err)
	}
	return collect.Errorf(collect.KindTemporary, "%w", err)
}
