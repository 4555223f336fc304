package enginehttp

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"

	"github.com/netra-id/netra/pipeline/embedded/internal/chdb"
)

// task is one statement on its way through the engine.
type task struct {
	connection *chdb.Connection
	query      *query
	statement  statement
	request    *http.Request
	out        *response
}

// blockwise are the formats whose output of several blocks is the outputs of
// the blocks one after the other. Every other format has a beginning and an
// end, and the engine must write it in one piece.
var blockwise = map[string]bool{"Native": true, "TabSeparated": true, "TSV": true, "TabSeparatedRaw": true, "TSVRaw": true,
	"CSV": true, "JSONEachRow": true, "JSONLines": true, "NDJSON": true, "JSONCompactEachRow": true, "RowBinary": true,
	"LineAsString": true, "Null": true}

// selectRows streams the rows of a SELECT where its format allows it.
func (t *task) selectRows() error {
	format := first(t.statement.format, t.query.format)
	if !blockwise[format] {
		return t.execute()
	}
	stream, err := t.connection.Stream([]byte(t.statement.text), format, t.query.parameters)
	if err != nil {
		return err
	}
	defer stream.Close()
	block, err := stream.Next()
	if errors.Is(err, io.EOF) {
		stream.Close()
		return t.empty(format, stream.Statistics())
	}
	if err != nil {
		return err
	}
	t.out.prepare(t.request, t.query, format, stream.Statistics())
	for ; err == nil; block, err = stream.Next() {
		if gone := t.request.Context().Err(); gone != nil {
			return gone
		}
		if err := t.out.write(block); err != nil {
			return err
		}
	}
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

// empty answers a SELECT without rows. The engine writes nothing then, but a
// reader of the Native format wants the columns.
func (t *task) empty(format string, statistics chdb.Statistics) error {
	t.out.prepare(t.request, t.query, format, statistics)
	if format != "Native" {
		return nil
	}
	columns, err := t.describe()
	if err != nil || len(columns) == 0 {
		// An empty answer is still a right one.
		return nil //nolint:nilerr // the statement itself succeeded
	}
	return t.out.write(nativeHeader(columns))
}

func (t *task) describe() ([]column, error) {
	sql := "DESCRIBE (" + t.statement.text + "\n)"
	output, _, err := t.connection.Query([]byte(sql), "JSONCompactEachRow", t.query.parameters)
	if err != nil {
		return nil, err
	}
	var columns []column
	decoder := json.NewDecoder(bytes.NewReader(output))
	for {
		var row []string
		if err := decoder.Decode(&row); errors.Is(err, io.EOF) {
			return columns, nil
		} else if err != nil {
			return nil, err
		}
		if len(row) > 1 {
			columns = append(columns, column{name: row[0], kind: row[1]})
		}
	}
}

// execute runs a statement to its end before it answers.
func (t *task) execute() error {
	format := first(t.statement.format, t.query.format)
	output, statistics, err := t.connection.Query([]byte(t.statement.text), format, t.query.parameters)
	if err != nil {
		return err
	}
	t.out.prepare(t.request, t.query, format, statistics)
	return t.out.write(output)
}

// pieceSize is how much of an INSERT's data is handed to the engine at once.
const pieceSize = 1 << 20

// insert stores the data in the statement and then in the body. Where the
// body breaks off, what the engine has not stored yet is not stored.
func (t *task) insert(body io.Reader) error {
	insert, err := t.connection.Insert([]byte(t.statement.text), t.statement.format, t.query.parameters)
	if err != nil {
		return err
	}
	defer insert.Close()
	data := io.MultiReader(strings.NewReader(t.statement.data), body)
	piece := make([]byte, pieceSize)
	for {
		n, err := fill(data, piece)
		if refused := insert.Append(piece[:n]); refused != nil {
			if _, reason := insert.Done(); reason != nil {
				return reason
			}
			return refused
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return unreadable(err)
		}
	}
	statistics, err := insert.Done()
	if err != nil {
		return err
	}
	t.out.prepare(t.request, t.query, t.query.format, statistics)
	return nil
}

// fill reads until the piece is full or the data ends; io.EOF is a proper end
// and io.ErrUnexpectedEOF a body that broke off.
func fill(data io.Reader, piece []byte) (int, error) {
	n := 0
	for n < len(piece) {
		read, err := data.Read(piece[n:])
		n += read
		if err != nil {
			return n, err
		}
	}
	return n, nil
}
