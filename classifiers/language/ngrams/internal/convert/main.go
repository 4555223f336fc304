// Command convert rewrites lingua-go's published n-gram models into the compact
// files that package ngrams embeds. It reads the models from the source of the
// lingua-go module that go.mod names, so it is run again when that changes:
//
//	go generate ./classifiers/language/ngrams
package main

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"strings"

	"github.com/pemistahl/lingua-go/serialization"
	"google.golang.org/protobuf/proto"
)

// orders are lingua's names of its n-gram files, shortest n-gram first.
var orders = []string{"unigrams", "bigrams", "trigrams", "quadrigrams", "fivegrams"}

func main() {
	if err := run(os.Args[1], os.Args[2:]); err != nil {
		fmt.Fprintln(os.Stderr, "convert:", err)
		os.Exit(1)
	}
}

// run writes one file a language into the folder out.
func run(out string, languages []string) error {
	module, err := exec.CommandContext(context.Background(), "go", "list", "-m", "-f", "{{.Dir}}", "github.com/pemistahl/lingua-go").Output()
	if err != nil {
		return fmt.Errorf("find the lingua-go module: %w", err)
	}
	for _, language := range languages {
		folder := filepath.Join(strings.TrimSpace(string(module)), "language-models", language)
		if err := convert(folder, filepath.Join(out, language+".bin.gz")); err != nil {
			return fmt.Errorf("convert %s: %w", language, err)
		}
	}
	return nil
}

func convert(folder, target string) error {
	var plain bytes.Buffer
	for _, order := range orders {
		model, err := read(filepath.Join(folder, order+".pb.bin.zip"))
		if err != nil {
			return err
		}
		write(&plain, model)
	}
	var packed bytes.Buffer
	compressor, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if err != nil {
		return err
	}
	if _, err := compressor.Write(plain.Bytes()); err != nil {
		return err
	}
	if err := compressor.Close(); err != nil {
		return err
	}
	return os.WriteFile(target, packed.Bytes(), 0o644)
}

func read(path string) (*serialization.SerializableLanguageModel, error) {
	archive, err := zip.OpenReader(path)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	defer func() { _ = archive.Close() }()
	file, err := archive.File[0].Open()
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	data, err := io.ReadAll(file)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	model := &serialization.SerializableLanguageModel{}
	if err := proto.Unmarshal(data, model); err != nil {
		return nil, fmt.Errorf("decode %s: %w", path, err)
	}
	return model, nil
}

// write puts one order of n-grams down: how many sets; then a set: its
// probability (float64), how many n-grams, and the n-grams in order, each one
// UTF-8 without a separator, since all of an order have the same length.
func write(w *bytes.Buffer, model *serialization.SerializableLanguageModel) {
	sets := model.NgramSets
	sort.Slice(sets, func(i, j int) bool { return sets[i].Probability < sets[j].Probability })
	w.Write(binary.AppendUvarint(nil, uint64(len(sets))))
	for _, set := range sets {
		w.Write(binary.LittleEndian.AppendUint64(nil, math.Float64bits(set.Probability)))
		w.Write(binary.AppendUvarint(nil, uint64(len(set.Ngrams))))
		sort.Strings(set.Ngrams)
		for _, gram := range set.Ngrams {
			w.WriteString(gram)
		}
	}
}
