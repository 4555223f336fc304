package queue

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/klauspost/compress/zstd"
)

// Headers in which what a post was made of travels with it. The worker does not
// read them: they are for whoever keeps evidence of a flagged post, and go with
// the record when retention removes it.
const (
	// RawHeader is the platform's answer about the post, byte for byte.
	RawHeader = "raw"
	// RawEncodingHeader is zstd where RawHeader is compressed, else absent.
	RawEncodingHeader = "raw_encoding"
	// RawProblemHeader says why there is no RawHeader.
	RawProblemHeader = "raw_problem"
	// FetchHeader is JSON of how the answer was fetched.
	FetchHeader = "fetch"
)

// smallRaw is the size from which on compressing is worth it.
const smallRaw = 256

// rawCoder compresses what travels in RawHeader.
type rawCoder struct {
	encoder *zstd.Encoder
	decoder *zstd.Decoder
}

func newRawCoder() (*rawCoder, error) {
	encoder, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderCRC(true))
	if err != nil {
		return nil, err
	}
	decoder, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(maxRawBytes))
	return &rawCoder{encoder: encoder, decoder: decoder}, err
}

// maxRawBytes bounds an answer when it is unpacked.
const maxRawBytes = 64 << 20

// AttachRaw lays what a post was made of into the headers of its record, and how
// it was fetched, which may be nil. A record is never refused because of it: what
// is over the limits is left out, and a header says so. Without raw it does
// nothing but that.
func (p *Producer) AttachRaw(record *Record, raw []byte, fetch any) error {
	limit := p.queue.cfg.Producer.MaxRawBytes
	if fetch != nil {
		told, err := json.Marshal(fetch)
		if err != nil {
			return fmt.Errorf("encode how a post was fetched: %w", err)
		}
		if len(told) <= mostFetchBytes {
			record.Headers = append(record.Headers, Header{Key: FetchHeader, Value: told})
		}
	}
	problem := func(why string) {
		p.queue.metrics.rawDropped.Inc()
		record.Headers = append(record.Headers, Header{Key: RawProblemHeader, Value: []byte(why)})
	}
	if len(raw) == 0 {
		problem("the source did not bring the answer that the post's raw_sha256 is of")
		return nil
	}
	if limit == 0 {
		problem("answers are not kept: producer.max_raw_bytes is 0")
		return nil
	}
	packed, encoding := raw, ""
	if len(raw) >= smallRaw && len(raw) <= maxRawBytes {
		packed, encoding = p.queue.raw.encoder.EncodeAll(raw, make([]byte, 0, len(raw)/2)), "zstd"
		if len(packed) >= len(raw) {
			packed, encoding = raw, ""
		}
	}
	most := min(limit, p.queue.cfg.Topics.MaxMessageBytes-record.size()-1024)
	if len(packed) > most {
		problem(fmt.Sprintf("the answer of %d bytes takes %d bytes in the queue: allowed: at most %d", len(raw), len(packed), max(most, 0)))
		return nil
	}
	p.queue.metrics.rawBytes.WithLabelValues("answer").Add(float64(len(raw)))
	p.queue.metrics.rawBytes.WithLabelValues("queue").Add(float64(len(packed)))
	record.Headers = append(record.Headers, Header{Key: RawHeader, Value: packed})
	if encoding != "" {
		record.Headers = append(record.Headers, Header{Key: RawEncodingHeader, Value: []byte(encoding)})
	}
	return nil
}

// mostFetchBytes bounds what is told of a request.
const mostFetchBytes = 8 << 10

// ErrNoRaw says that the record has no answer with it; the error around it says
// why.
var ErrNoRaw = errors.New("the record has no raw answer")

// Raw returns what the post of a record was made of, from a record that Read
// returned. Its error wraps ErrNoRaw where it has none.
func (q *Queue) Raw(r *Record) ([]byte, error) {
	raw, ok := r.header(RawHeader)
	if !ok {
		why, _ := r.header(RawProblemHeader)
		if len(why) == 0 {
			why = []byte("it was sent without")
		}
		return nil, fmt.Errorf("%w: %s", ErrNoRaw, strings.ToValidUTF8(string(why[:min(len(why), 300)]), "\uFFFD"))
	}
	switch encoding, _ := r.header(RawEncodingHeader); string(encoding) {
	case "":
		return raw, nil
	case "zstd":
		unpacked, err := q.raw.decoder.DecodeAll(raw, nil)
		if err != nil {
			return nil, fmt.Errorf("unpack the raw answer: %w", err)
		}
		return unpacked, nil
	default:
		return nil, fmt.Errorf("unpack the raw answer: encoding %q: allowed: zstd", encoding)
	}
}

// Fetch returns the JSON of how the post of a record was fetched, nil where that
// is not known.
func (r *Record) Fetch() []byte {
	told, _ := r.header(FetchHeader)
	return told
}

func (r *Record) header(key string) (value []byte, ok bool) {
	for _, header := range r.Headers {
		if header.Key == key {
			return header.Value, true
		}
	}
	return nil, false
}

// withoutRaw leaves out what only evidence needs, so that the road does not hold
// it in memory.
func withoutRaw(headers []Header) []Header {
	kept := headers[:0]
	for _, header := range headers {
		switch header.Key {
		case RawHeader, RawEncodingHeader, RawProblemHeader, FetchHeader:
		default:
			kept = append(kept, header)
		}
	}
	if len(kept) == 0 {
		return nil
	}
	clear(headers[len(kept):])
	return kept
}
