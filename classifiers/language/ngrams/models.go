package ngrams

import (
	"bytes"
	"compress/gzip"
	"embed"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"unicode/utf8"
)

// files holds lingua-go's n-gram models (Apache-2.0, see models/README.md) as
// internal/convert wrote them.
//
//go:embed models/*.bin.gz
var files embed.FS

// covered are the languages that can be scored here. Each one is written in
// Latin letters only and has, to lingua's rule engine, no letter of its own, so
// that only its n-grams speak for it.
var covered = []string{"en", "id", "ms"}

// Covers says whether texts can be scored here for the given ISO 639-1 codes.
// For any other set lingua-go itself has to be asked.
func Covers(codes []string) bool {
	for _, code := range codes {
		if !slices.Contains(covered, code) {
			return false
		}
	}
	return len(codes) >= 2
}

var errTruncated = errors.New("the file ends too early")

// eachGram calls visit for every n-gram of the language's model, shorter ones
// first, with the negated fixed-point logarithm of its relative frequency.
func eachGram(code string, visit func(gram []rune, value int64)) error {
	packed, err := files.ReadFile("models/" + code + ".bin.gz")
	if err != nil {
		return fmt.Errorf("open the n-grams of %s: %w", code, err)
	}
	decompressor, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return fmt.Errorf("unpack the n-grams of %s: %w", code, err)
	}
	data, err := io.ReadAll(decompressor)
	if err != nil {
		return fmt.Errorf("unpack the n-grams of %s: %w", code, err)
	}
	for order := 1; order <= maxOrder; order++ {
		if data, err = eachGramOfOrder(data, order, visit); err != nil {
			return fmt.Errorf("read the %d-grams of %s: %w", order, code, err)
		}
	}
	return nil
}

func eachGramOfOrder(data []byte, order int, visit func([]rune, int64)) ([]byte, error) {
	sets, size := binary.Uvarint(data)
	if size <= 0 {
		return nil, errTruncated
	}
	data = data[size:]
	var letters [maxOrder]rune
	for range sets {
		if len(data) < 8 {
			return nil, errTruncated
		}
		value := fixed(math.Float64frombits(binary.LittleEndian.Uint64(data)))
		grams, size := binary.Uvarint(data[8:])
		if size <= 0 {
			return nil, errTruncated
		}
		data = data[8+size:]
		for range grams {
			for i := range order {
				letter, width := utf8.DecodeRune(data)
				if width == 0 {
					return nil, errTruncated
				}
				letters[i], data = letter, data[width:]
			}
			visit(letters[:order], value)
		}
	}
	return data, nil
}
