package enginehttp

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strconv"

	"github.com/netra-id/netra/pipeline/embedded/internal/chdb"
)

// response writes the output of a statement, compressed as the client wants
// it, and an exception wherever it comes: before the output as an HTTP status,
// in the middle of it as ClickHouse's framed text.
type response struct {
	w   http.ResponseWriter
	tag string
	// sink is where output goes; encoder is the HTTP compression in front of it.
	sink     io.Writer
	encoder  flusher
	buffered *bytes.Buffer // until the end, with wait_end_of_query
	begun    bool          // something of the output has left
}

// contentTypes are those of the formats; what is not listed is plain text.
var contentTypes = map[string]string{
	"Native": "application/octet-stream", "RowBinary": "application/octet-stream", "Parquet": "application/octet-stream",
	"Arrow": "application/octet-stream", "ArrowStream": "application/octet-stream", "ORC": "application/octet-stream",
	"RowBinaryWithNames": "application/octet-stream", "RowBinaryWithNamesAndTypes": "application/octet-stream",
	"TabSeparated": "text/tab-separated-values; charset=UTF-8", "TSV": "text/tab-separated-values; charset=UTF-8",
	"TabSeparatedWithNames": "text/tab-separated-values; charset=UTF-8", "TSVWithNames": "text/tab-separated-values; charset=UTF-8",
	"TabSeparatedWithNamesAndTypes": "text/tab-separated-values; charset=UTF-8",
	"TSVWithNamesAndTypes":          "text/tab-separated-values; charset=UTF-8",
	"CSV":                           "text/csv; charset=UTF-8; header=absent", "CSVWithNames": "text/csv; charset=UTF-8; header=present",
	"CSVWithNamesAndTypes": "text/csv; charset=UTF-8; header=present",
	"JSON":                 "application/json; charset=UTF-8", "JSONCompact": "application/json; charset=UTF-8",
	"JSONStrings": "application/json; charset=UTF-8", "JSONColumns": "application/json; charset=UTF-8",
	"JSONCompactStrings": "application/json; charset=UTF-8", "JSONColumnsWithMetadata": "application/json; charset=UTF-8",
	"JSONEachRow": "application/x-ndjson; charset=UTF-8", "JSONLines": "application/x-ndjson; charset=UTF-8",
	"NDJSON": "application/x-ndjson; charset=UTF-8", "JSONCompactEachRow": "application/x-ndjson; charset=UTF-8",
	"XML": "application/xml; charset=UTF-8",
}

// prepare sets the headers and the compression of an answer that succeeds.
func (o *response) prepare(r *http.Request, q *query, format string, statistics chdb.Statistics) {
	header := o.w.Header()
	contentType, ok := contentTypes[format]
	if !ok {
		contentType = "text/plain; charset=UTF-8"
	}
	header.Set("Content-Type", contentType)
	header.Set("X-ClickHouse-Format", format)
	header.Set("X-ClickHouse-Summary", summary(statistics))
	header.Set("X-ClickHouse-Exception-Tag", o.tag)
	o.sink = onWrite{o}
	if q.buffered {
		o.buffered = &bytes.Buffer{}
		o.sink = o.buffered
	}
	if name := encoding(r, q.settings); name != "" && !q.compressed {
		if e, err := encoder(o.sink, name); err == nil {
			header.Set("Content-Encoding", name)
			o.encoder, o.sink = e, e
		}
	}
	if q.compressed {
		o.sink = newBlockWriter(o.sink, q.settings["network_compression_method"])
	}
}

// onWrite notes that output has left, which makes the status final.
type onWrite struct{ o *response }

func (n onWrite) Write(p []byte) (int, error) {
	n.o.begun = true
	return n.o.w.Write(p)
}

// write hands a piece of output over; an empty answer stays empty.
func (o *response) write(output []byte) error {
	if len(output) == 0 {
		return nil
	}
	if _, err := o.sink.Write(output); err != nil {
		return fmt.Errorf("write the answer: %w", err)
	}
	return nil
}

// finish writes what was held back.
func (o *response) finish() error {
	if o.encoder != nil {
		if err := o.encoder.Close(); err != nil {
			return fmt.Errorf("end the answer: %w", err)
		}
	}
	if o.buffered != nil {
		o.w.Header().Set("Content-Length", strconv.Itoa(o.buffered.Len()))
		o.begun = true
		if _, err := o.w.Write(o.buffered.Bytes()); err != nil {
			return fmt.Errorf("write the answer: %w", err)
		}
	}
	return nil
}

// fail answers with an exception. Where output has left already, the exception
// follows it in a frame with the tag of the headers, and the connection breaks
// off so that nobody takes the answer for a whole one.
func (o *response) fail(e *exception) {
	message := e.message + "\n"
	if !o.begun {
		header := o.w.Header()
		for _, name := range []string{"Content-Encoding", "Content-Length", "X-ClickHouse-Format"} {
			header.Del(name)
		}
		header.Set("Content-Type", "text/plain; charset=UTF-8")
		header.Set("X-ClickHouse-Exception-Code", strconv.Itoa(e.code))
		if e.status() == http.StatusUnauthorized {
			header.Set("WWW-Authenticate", `Basic realm="ClickHouse server HTTP API"`)
		}
		o.w.WriteHeader(e.status())
		_, _ = io.WriteString(o.w, message)
		return
	}
	sink := io.Writer(o.w)
	if o.encoder != nil {
		sink = o.encoder
	}
	_, _ = fmt.Fprintf(sink, "\r\n__exception__\r\n%s\r\n%s%d %s\r\n__exception__\r\n", o.tag, message, len(message), o.tag)
	if o.encoder != nil {
		_ = o.encoder.Flush()
	}
	_ = http.NewResponseController(o.w).Flush()
	panic(http.ErrAbortHandler)
}
