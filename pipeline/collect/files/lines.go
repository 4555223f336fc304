package files

import (
	"bufio"
	"bytes"
	"io"
)

// line is one physical line of a file.
type line struct {
	// data is the line without its end, cut to the limit where it is long.
	data []byte
	// end is how the line ends: "\n", "\r\n", "\r", or "" at the end of the file.
	end string
	// start and next are the byte offsets of the line and of the one after it.
	start, next int64
	number      int // from 1
	long        bool
}

// size is the length of the line in bytes, also where data is cut.
func (l *line) size() int64 { return l.next - l.start - int64(len(l.end)) }

// lineReader divides a file into lines that end in \n, \r\n or \r, mixed as
// they come, and never holds more of a line than its limit.
type lineReader struct {
	reader *bufio.Reader
	limit  int
	offset int64
	number int // of the line that was read last
}

func newLineReader(r io.Reader, limit int) *lineReader {
	return &lineReader{reader: bufio.NewReaderSize(r, 64<<10), limit: limit}
}

// next returns the next line; its data is the caller's. At the end it returns
// io.EOF.
func (l *lineReader) next() (line, error) {
	if _, err := l.reader.Peek(1); err != nil {
		return line{}, err
	}
	l.number++
	result := line{start: l.offset, number: l.number}
	for {
		_, err := l.reader.Peek(1)
		if err == io.EOF {
			break
		}
		if err != nil {
			return line{}, err
		}
		buffered, _ := l.reader.Peek(l.reader.Buffered())
		end := bytes.IndexAny(buffered, "\r\n")
		if end < 0 {
			l.take(&result, buffered)
			continue
		}
		newline := buffered[end]
		l.take(&result, buffered[:end])
		result.end = l.takeEnd(newline)
		break
	}
	result.next = l.offset
	return result, nil
}

func (l *lineReader) take(to *line, data []byte) {
	room := l.limit - len(to.data)
	if len(data) > room {
		to.long = true
	}
	to.data = append(to.data, data[:min(len(data), room)]...)
	l.discard(len(data))
}

func (l *lineReader) takeEnd(newline byte) string {
	l.discard(1)
	if newline == '\n' {
		return "\n"
	}
	if after, err := l.reader.Peek(1); err == nil && after[0] == '\n' {
		l.discard(1)
		return "\r\n"
	}
	return "\r"
}

func (l *lineReader) discard(n int) {
	n, _ = l.reader.Discard(n) // it is in the buffer
	l.offset += int64(n)
}
