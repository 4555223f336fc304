package enginehttp

import (
	"compress/gzip"
	"compress/zlib"
	"io"
	"net/http"
	"strings"

	"github.com/ClickHouse/ch-go/compress"
	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/zstd"
)

// decoded returns the body of a request as the client had it before it
// compressed it, by HTTP's Content-Encoding and by ClickHouse's decompress=1.
func decoded(r *http.Request, native bool) (io.ReadCloser, error) {
	body := r.Body
	switch encoding := strings.ToLower(r.Header.Get("Content-Encoding")); encoding {
	case "", "identity":
	case "gzip":
		reader, err := gzip.NewReader(body)
		if err != nil {
			return nil, newException(codeCannotDecompress, "CANNOT_DECOMPRESS", "The body is not gzip: %s", err)
		}
		body = reader
	case "deflate":
		reader, err := zlib.NewReader(body)
		if err != nil {
			return nil, newException(codeCannotDecompress, "CANNOT_DECOMPRESS", "The body is not deflate: %s", err)
		}
		body = reader
	case "br":
		body = io.NopCloser(brotli.NewReader(body))
	case "zstd":
		reader, err := zstd.NewReader(body, zstd.WithDecoderConcurrency(1))
		if err != nil {
			return nil, newException(codeCannotDecompress, "CANNOT_DECOMPRESS", "The body is not zstd: %s", err)
		}
		body = reader.IOReadCloser()
	default:
		return nil, newException(codeNotImplemented, "NOT_IMPLEMENTED",
			"Content-Encoding %s is not supported; use gzip, deflate, br or zstd", encoding)
	}
	if native {
		return struct {
			io.Reader
			io.Closer
		}{compress.NewReader(body), body}, nil
	}
	return body, nil
}

// encoding chooses what the answer is compressed with by HTTP's rules, empty
// for not at all.
func encoding(r *http.Request, settings map[string]string) string {
	if value, ok := settings["enable_http_compression"]; ok && !isOn(value) {
		return ""
	}
	accepted := strings.ToLower(r.Header.Get("Accept-Encoding"))
	for _, name := range []string{"br", "gzip", "zstd", "deflate"} {
		for part := range strings.SplitSeq(accepted, ",") {
			candidate, quality, _ := strings.Cut(strings.TrimSpace(part), ";")
			if candidate == name && strings.ReplaceAll(quality, " ", "") != "q=0" {
				return name
			}
		}
	}
	return ""
}

// flusher is a compressing writer that can be told to write what it holds.
type flusher interface {
	io.WriteCloser
	Flush() error
}

func encoder(w io.Writer, encoding string) (flusher, error) {
	switch encoding {
	case "br":
		return brotli.NewWriterLevel(w, 3), nil
	case "gzip":
		return gzip.NewWriterLevel(w, gzip.BestSpeed)
	case "zstd":
		return zstd.NewWriter(w, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedFastest))
	default:
		return zlib.NewWriterLevel(w, zlib.BestSpeed)
	}
}

// blockWriter writes ClickHouse's own compressed blocks.
type blockWriter struct {
	w      io.Writer
	blocks *compress.Writer
}

// maxBlock is how much is compressed at once, as the server does.
const maxBlock = 1 << 20

func newBlockWriter(w io.Writer, method string) *blockWriter {
	methods := map[string]compress.Method{"": compress.LZ4, "LZ4": compress.LZ4, "LZ4HC": compress.LZ4HC,
		"ZSTD": compress.ZSTD, "NONE": compress.None}
	chosen, ok := methods[strings.ToUpper(method)]
	if !ok {
		chosen = compress.LZ4
	}
	return &blockWriter{w: w, blocks: compress.NewWriter(compress.LevelZero, chosen)}
}

func (b *blockWriter) Write(p []byte) (int, error) {
	written := 0
	for len(p) > 0 {
		piece := p[:min(len(p), maxBlock)]
		if err := b.blocks.Compress(piece); err != nil {
			return written, err
		}
		if _, err := b.w.Write(b.blocks.Data); err != nil {
			return written, err
		}
		written += len(piece)
		p = p[len(piece):]
	}
	return written, nil
}
