package feed

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"io"
	"strings"
)

// cut returns the items of a feed as they stand in it, byte for byte and in its
// order; nothing where they are not the expected number, or cannot be told apart
// without changing bytes.
func cut(body []byte, items int) [][]byte {
	pieces := cutXML(body)
	if first := bytes.TrimLeft(bytes.TrimPrefix(body, []byte("\xef\xbb\xbf")), " \t\r\n"); len(first) > 0 && first[0] == '{' {
		pieces = cutJSON(first)
	}
	if len(pieces) != items {
		return nil
	}
	return pieces
}

func cutJSON(body []byte) [][]byte {
	var feed struct {
		Items []json.RawMessage `json:"items"`
	}
	if json.Unmarshal(body, &feed) != nil {
		return nil
	}
	pieces := make([][]byte, len(feed.Items))
	for i, item := range feed.Items {
		pieces[i] = item
	}
	return pieces
}

// cutXML finds the elements item (RSS) and entry (Atom) by their places.
func cutXML(body []byte) [][]byte {
	decoder := xml.NewDecoder(bytes.NewReader(body))
	decoder.Strict = false
	decoder.CharsetReader = func(_ string, input io.Reader) (io.Reader, error) { return input, nil } // bytes stay as they are
	var pieces [][]byte
	start, depth := int64(-1), 0
	for {
		before := decoder.InputOffset()
		token, err := decoder.RawToken()
		if err != nil {
			if err == io.EOF { //nolint:errorlint // RawToken returns it as it is
				return pieces
			}
			return nil
		}
		switch element := token.(type) {
		case xml.StartElement:
			if start >= 0 {
				depth++
			} else if name := strings.ToLower(element.Name.Local); name == "item" || name == "entry" {
				start, depth = before, 0
			}
		case xml.EndElement:
			if start < 0 {
				continue
			}
			if depth > 0 {
				depth--
				continue
			}
			pieces = append(pieces, body[start:decoder.InputOffset()])
			start = -1
		}
	}
}
