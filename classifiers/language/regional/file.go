package regional

import (
	"bytes"
	"compress/gzip"
	_ "embed" // the shipped weights
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
)

// shipped are the weights that MODEL.md describes.
//
//go:embed model.bin.gz
var shipped []byte

// magic opens a file of weights and names its version.
const magic = "netra-language-1\n"

// Shipped reads the model that comes with the program.
func Shipped() (*Model, error) {
	m, err := Read(bytes.NewReader(shipped))
	if err != nil {
		return nil, fmt.Errorf("read the shipped language model: %w", err)
	}
	return m, nil
}

// Write stores the model: after gzip the magic line, the languages separated by
// spaces and a line end, the binary logarithm of the number of buckets (a byte),
// the unit and the biases (float32, little-endian), and the weights (a byte a
// language), bucket by bucket.
func (m *Model) Write(w io.Writer) error {
	compressor, err := gzip.NewWriterLevel(w, gzip.BestCompression)
	if err != nil {
		return err
	}
	data := []byte(magic + strings.Join(m.codes, " ") + "\n")
	data = append(data, byte(m.bucketBits))
	data = binary.LittleEndian.AppendUint32(data, math.Float32bits(m.unit))
	for _, bias := range m.bias {
		data = binary.LittleEndian.AppendUint32(data, math.Float32bits(bias))
	}
	for bucket := range m.rows {
		for class := range m.codes {
			data = append(data, byte(m.rows[bucket].weight(class)))
		}
	}
	if _, err := compressor.Write(data); err != nil {
		return fmt.Errorf("write weights: %w", err)
	}
	return compressor.Close()
}

// Read reads what Write stored.
func Read(r io.Reader) (*Model, error) {
	decompressor, err := gzip.NewReader(r)
	if err != nil {
		return nil, fmt.Errorf("unpack weights: %w", err)
	}
	data, err := io.ReadAll(io.LimitReader(decompressor, 1<<28))
	if err != nil {
		return nil, fmt.Errorf("unpack weights: %w", err)
	}
	rest, ok := bytes.CutPrefix(data, []byte(magic))
	if !ok {
		return nil, fmt.Errorf("first line of the weights: allowed: %q", magic)
	}
	names, rest, ok := bytes.Cut(rest, []byte("\n"))
	if !ok {
		return nil, errors.New("the weights end too early")
	}
	return decode(strings.Fields(string(names)), rest)
}

func decode(codes []string, data []byte) (*Model, error) {
	m := &Model{codes: codes}
	if len(codes) < 2 || len(codes) > MaxClasses {
		return nil, fmt.Errorf("weights of %d languages: allowed: 2 to %d", len(codes), MaxClasses)
	}
	if len(data) < 5+4*len(codes) || data[0] > 20 {
		return nil, errors.New("the weights have no valid head")
	}
	m.bucketBits = uint(data[0])
	m.unit = math.Float32frombits(binary.LittleEndian.Uint32(data[1:]))
	data = data[5:]
	for range codes {
		m.bias = append(m.bias, math.Float32frombits(binary.LittleEndian.Uint32(data)))
		data = data[4:]
	}
	if len(data) != len(codes)<<m.bucketBits {
		return nil, fmt.Errorf("%d weights: allowed: %d", len(data), len(codes)<<m.bucketBits)
	}
	m.rows = make([]row, 1<<m.bucketBits)
	for i, weight := range data {
		m.rows[i/len(codes)].set(i%len(codes), int8(weight))
	}
	return m, nil
}
