package post

import (
	"encoding/binary"
	"strings"
	"time"
	"unicode/utf8"
)

// decodeQuickly reads a post that is written as nearly all are: known keys, each
// once, strings without \u escapes, dates of whole seconds, no media. It is
// right or not ok; where it is not ok the strict decoder reads the post, and
// says what is wrong if anything is. The strings of the post share one copy of
// data.
func decodeQuickly(data []byte) (p Post, ok bool) {
	found := look(data)
	if found.control || found.high && !utf8.Valid(data) {
		return p, false
	}
	r := quickReader{text: string(data), plain: !found.backslash}
	if !r.object(func(key string) (bit int, ok bool) { return r.postField(&p, key) }) {
		return Post{}, false
	}
	r.space()
	return p, r.at == len(r.text)
}

// bytesFound says which bytes are in a post.
type bytesFound struct {
	// control is a byte below space: it stands in a string, where it is forbidden, or
	// between lines.
	control bool
	// high is one outside ASCII.
	high, backslash bool
}

// look looks at eight bytes at a time.
func look(data []byte) bytesFound {
	const ones, tops = 0x0101010101010101, 0x8080808080808080
	var control, all, backslash uint64 // with the highest bit of a lane set, where it is found
	i := 0
	for ; i+8 <= len(data); i += 8 {
		x := binary.LittleEndian.Uint64(data[i : i+8])
		all |= x
		control |= (x - ' '*ones) &^ x
		y := x ^ '\\'*ones
		backslash |= (y - ones) &^ y
	}
	found := bytesFound{control: control&tops != 0, high: all&tops != 0, backslash: backslash&tops != 0}
	for _, c := range data[i:] {
		found.control = found.control || c < ' '
		found.high = found.high || c >= utf8.RuneSelf
		found.backslash = found.backslash || c == '\\'
	}
	return found
}

// quickReader reads JSON from text, which is valid UTF-8 without control
// characters, from at on.
type quickReader struct {
	text string
	at   int
	// plain says that nothing is escaped.
	plain bool
}

func (r *quickReader) space() {
	for r.at < len(r.text) && r.text[r.at] == ' ' {
		r.at++
	}
}

// take reads one byte of syntax, with the space before it.
func (r *quickReader) take(c byte) bool {
	if r.at < len(r.text) && r.text[r.at] == c {
		r.at++
		return true
	}
	return r.takeBehindSpace(c)
}

func (r *quickReader) takeBehindSpace(c byte) bool {
	at := r.at
	if r.space(); r.at > at {
		return r.take(c)
	}
	return false
}

// object reads an object; field reads the value of a key and returns the key's
// number, by which a repeated key is found.
func (r *quickReader) object(field func(key string) (bit int, ok bool)) bool {
	if !r.take('{') {
		return false
	}
	if r.take('}') {
		return true
	}
	for seen := uint32(0); ; {
		key, ok := r.string()
		if !ok || !r.take(':') {
			return false
		}
		bit, ok := field(key)
		if !ok || seen&(1<<bit) != 0 {
			return false
		}
		seen |= 1 << bit
		if r.take('}') {
			return true
		}
		if !r.take(',') {
			return false
		}
	}
}

func (r *quickReader) postField(p *Post, key string) (bit int, ok bool) {
	switch key {
	case "id":
		p.ID, ok = r.string()
		return 0, ok
	case "platform":
		p.Platform, ok = r.string()
		return 1, ok
	case "kind":
		var kind string
		kind, ok = r.string()
		p.Kind = Kind(kind)
		return 2, ok
	case "account":
		return 3, r.object(func(key string) (bit int, ok bool) { return r.accountField(&p.Account, key) })
	case "url":
		p.URL, ok = r.string()
		return 4, ok
	case "text":
		p.Text, ok = r.string()
		return 5, ok
	case "quoted":
		p.Quoted, ok = r.string()
		return 6, ok
	case "in_reply_to":
		p.InReplyTo, ok = r.string()
		return 7, ok
	case "created_at":
		p.CreatedAt, ok = r.date()
		return 8, ok
	case "collected_at":
		p.CollectedAt, ok = r.date()
		return 9, ok
	case "source":
		p.Source, ok = r.string()
		return 10, ok
	case "raw_sha256":
		p.RawSHA256, ok = r.string()
		return 11, ok
	default:
		return 0, false
	}
}

func (r *quickReader) accountField(a *Account, key string) (bit int, ok bool) {
	switch key {
	case "id":
		a.ID, ok = r.string()
		return 0, ok
	case "handle":
		a.Handle, ok = r.string()
		return 1, ok
	case "name":
		a.Name, ok = r.string()
		return 2, ok
	default:
		return 0, false
	}
}

// string reads a string, as a part of the text where nothing in it is escaped.
func (r *quickReader) string() (string, bool) {
	if !r.take('"') {
		return "", false
	}
	rest := r.text[r.at:]
	end := strings.IndexByte(rest, '"')
	if end < 0 {
		return "", false
	}
	if !r.plain {
		if i := strings.IndexByte(rest[:end], '\\'); i >= 0 {
			return r.escaped(i)
		}
	}
	r.at += end + 1
	return rest[:end], true
}

// escaped reads a string whose first escape is i bytes from here.
func (r *quickReader) escaped(i int) (string, bool) {
	var s strings.Builder
	s.Grow(2 * (i + 64))
	s.WriteString(r.text[r.at : r.at+i])
	for r.at += i; r.at+1 < len(r.text); r.at++ {
		switch c := r.text[r.at]; {
		case c == '"':
			r.at++
			return s.String(), true
		case c != '\\':
			s.WriteByte(c)
		default:
			r.at++
			plain := strings.IndexByte(escapes, r.text[r.at])
			if plain < 0 {
				return "", false
			}
			s.WriteByte(escaped[plain])
		}
	}
	return "", false
}

// The letters of escapes and what they stand for.
const (
	escapes = `n"\/trbf`
	escaped = "\n\"\\/\t\r\b\f"
)

// date reads a date of whole seconds: 2024-11-20T08:00:00Z or …+07:00.
func (r *quickReader) date() (time.Time, bool) {
	s, ok := r.string()
	if !ok || !hasForm(s, "0000-00-00T00:00:00Z") && !hasForm(s, "0000-00-00T00:00:00+00:00") {
		return time.Time{}, false
	}
	if len(s) == 25 && (s[20:22] > "23" || s[23:] > "59") {
		return time.Time{}, false
	}
	t, err := time.Parse(time.RFC3339, s)
	return t, err == nil
}

// hasForm says whether s has digits where form has 0, a sign where it has +, and
// else the same.
func hasForm(s, form string) bool {
	if len(s) != len(form) {
		return false
	}
	for i := range len(form) {
		switch c := s[i]; form[i] {
		case '0':
			if c < '0' || c > '9' {
				return false
			}
		case '+':
			if c != '+' && c != '-' {
				return false
			}
		default:
			if c != form[i] {
				return false
			}
		}
	}
	return true
}
