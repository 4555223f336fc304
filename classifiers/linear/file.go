package linear

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"

	"github.com/klauspost/compress/zstd"
)

// The weights file: the magic, the length of the header (4 bytes, little
// endian), the header in JSON, and the two tables, compressed with zstd.
const fileMagic = "netra linear 1\n"

type fileHeader struct {
	WordBits int         `json:"word_bits"`
	CharBits int         `json:"char_bits"`
	Stride   int         `json:"stride"`
	Models   []fileModel `json:"models"`
	Heads    []fileHead  `json:"heads,omitempty"`
}

type fileModel struct {
	Info
	WordScale float32 `json:"word_scale"`
	CharScale float32 `json:"char_scale"`
	Bias      float32 `json:"bias"`
	Slope     float32 `json:"slope"`
	Shift     float32 `json:"shift"`
}

type fileHead struct {
	Target int         `json:"target"`
	Inputs []int       `json:"inputs"`
	Hidden [][]float32 `json:"hidden"`
	Output []float32   `json:"output"`
}

//go:embed models/default.weights
var defaultWeights []byte

// Default is the set whose weights are shipped with the program.
func Default() (*Set, error) {
	set, err := Open(defaultWeights)
	if err != nil {
		return nil, fmt.Errorf("shipped weights: %w", err)
	}
	return set, nil
}

// Open reads a weights file.
func Open(data []byte) (*Set, error) {
	rest, found := bytes.CutPrefix(data, []byte(fileMagic))
	if !found || len(rest) < 4 {
		return nil, errors.New("not a weights file of this version")
	}
	size := binary.LittleEndian.Uint32(rest)
	if rest = rest[4:]; uint64(len(rest)) < uint64(size) {
		return nil, errors.New("weights file: it ends within the header")
	}
	var header fileHeader
	if err := json.Unmarshal(rest[:size], &header); err != nil {
		return nil, fmt.Errorf("weights file: header: %w", err)
	}
	if err := header.check(); err != nil {
		return nil, fmt.Errorf("weights file: header: %w", err)
	}
	words, chars := header.Stride<<header.WordBits, header.Stride<<header.CharBits
	tables, err := decompress(rest[size:], 8*(words+chars))
	if err != nil {
		return nil, fmt.Errorf("weights file: tables: %w", err)
	}
	set := &Set{
		version: fmt.Sprintf("sha256:%x", sha256.Sum256(data)),
		hasher:  newHasher(header.WordBits, header.CharBits),
		words:   unpack(tables[:8*words], len(header.Models)),
		chars:   unpack(tables[8*words:], len(header.Models)),
	}
	for _, m := range header.Models {
		set.models = append(set.models, model{
			info: m.Info, wordScale: m.WordScale, charScale: m.CharScale, bias: m.Bias, slope: m.Slope, shift: m.Shift,
		})
	}
	for _, h := range header.Heads {
		set.heads = append(set.heads, &head{target: h.Target, inputs: h.Inputs, hidden: h.Hidden, output: h.Output})
	}
	return set, nil
}

func (h *fileHead) check(models int) error {
	for _, i := range append([]int{h.Target}, h.Inputs...) {
		if i < 0 || i >= models {
			return fmt.Errorf("head of model %d: allowed: 0 to %d", i, models-1)
		}
	}
	if len(h.Output) != len(h.Hidden)+1 {
		return fmt.Errorf("head: %d output weights for %d units: allowed: one more than units", len(h.Output), len(h.Hidden))
	}
	for _, row := range h.Hidden {
		if len(row) != len(h.Inputs)+2 {
			return fmt.Errorf("head: %d weights a unit for %d inputs: allowed: two more than inputs", len(row), len(h.Inputs))
		}
	}
	return nil
}

func (h *fileHeader) check() error {
	switch {
	case h.WordBits < minBlockBits || h.WordBits > maxBlockBits || h.CharBits < minBlockBits || h.CharBits > maxBlockBits:
		return fmt.Errorf("word_bits %d, char_bits %d: allowed: %d to %d", h.WordBits, h.CharBits, minBlockBits, maxBlockBits)
	case len(h.Models) > MaxModels:
		return fmt.Errorf("%d models: allowed: at most %d", len(h.Models), MaxModels)
	case h.Stride != fileStride(len(h.Models)):
		return fmt.Errorf("stride %d for %d models: allowed: %d", h.Stride, len(h.Models), fileStride(len(h.Models)))
	}
	for _, head := range h.Heads {
		if err := head.check(len(h.Models)); err != nil {
			return err
		}
	}
	for _, m := range h.Models {
		for _, v := range []float32{m.WordScale, m.CharScale, m.Bias, m.Slope, m.Shift} {
			if math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) {
				return fmt.Errorf("model %q: %v: allowed: finite numbers", m.Name, v)
			}
		}
	}
	return nil
}

func decompress(data []byte, size int) ([]byte, error) {
	decoder, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(uint64(size)))
	if err != nil {
		return nil, err
	}
	defer decoder.Close()
	tables, err := decoder.DecodeAll(data, make([]byte, 0, size))
	if err != nil {
		return nil, err
	}
	if len(tables) != size {
		return nil, fmt.Errorf("%d bytes, want %d", len(tables), size)
	}
	return tables, nil
}

// Encode writes the set as a weights file. The same set gives the same bytes.
func (s *Set) Encode() ([]byte, error) {
	header := fileHeader{
		WordBits: int(64 - s.hasher.wordShift), CharBits: int(64 - s.hasher.charShift), Stride: fileStride(len(s.models)),
	}
	for _, m := range s.models {
		header.Models = append(header.Models, fileModel{
			Info: m.info, WordScale: m.wordScale, CharScale: m.charScale, Bias: m.bias, Slope: m.slope, Shift: m.shift,
		})
	}
	for _, h := range s.heads {
		header.Heads = append(header.Heads, fileHead{Target: h.target, Inputs: h.inputs, Hidden: h.hidden, Output: h.output})
	}
	head, err := json.Marshal(header)
	if err != nil {
		return nil, fmt.Errorf("weights file: header: %w", err)
	}
	encoder, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedBestCompression), zstd.WithEncoderConcurrency(1))
	if err != nil {
		return nil, fmt.Errorf("weights file: %w", err)
	}
	defer func() { _ = encoder.Close() }()
	data := binary.LittleEndian.AppendUint32([]byte(fileMagic), uint32(len(head)))
	data = append(data, head...)
	tables := s.chars.pack(len(s.models), s.words.pack(len(s.models), nil))
	return encoder.EncodeAll(tables, data), nil
}
