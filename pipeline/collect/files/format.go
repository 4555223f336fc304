package files

import (
	"bytes"
	"fmt"
	"path"
	"path/filepath"
	"strings"
	"time"

	"github.com/netra-id/netra/pipeline/collect"
)

// reading is how the records of a file are made posts.
type reading struct {
	location *time.Location
	mapping  *Mapping
}

// newReading makes ready what the configuration says.
func newReading(cfg *Configuration) (how reading, err error) {
	if how.location, err = time.LoadLocation(cfg.TimeZone); err != nil {
		return how, fmt.Errorf("time zone: %w", err)
	}
	if cfg.Mapping != "" {
		how.mapping, err = LoadMapping(cfg.Mapping)
	}
	return how, err
}

// format tells the format of the file: as it is configured, as its mapping says,
// or from its name and, where that says JSON, from how it begins.
func (f *file) format(cfg *Configuration, mapping *Mapping, start []byte) (string, error) {
	if cfg.Format != FormatAuto {
		return cfg.Format, nil
	}
	format, ok := formatOf(f.path)
	if mapping != nil && mapping.Format != "" && (!ok || format == FormatJSONL && mapping.Format == FormatJSON) {
		return mapping.Format, nil
	}
	if !ok {
		return "", collect.Errorf(collect.KindRefused, "%s: value %q: allowed: a name that ends in .jsonl or .csv (and .gz or .zst), .json or .xlsx, or a format that is set", f.path, filepath.Ext(f.path))
	}
	if format == FormatJSONL && isDocument(f.path, start) {
		return FormatJSON, nil
	}
	return format, nil
}

// peekBytes is how much of a file is looked at to tell its format.
const peekBytes = 64 << 10

// isDocument says whether a file is JSON that is not a record a line: a list,
// which no line of a post is, or, where its name ends in .json, a record over
// several lines.
func isDocument(name string, start []byte) bool {
	start = bytes.TrimSpace(bytes.TrimPrefix(start, []byte(utf8BOM)))
	if bytes.HasPrefix(start, []byte("[")) {
		return true
	}
	name = strings.ToLower(name)
	name = strings.TrimSuffix(strings.TrimSuffix(name, ".gz"), ".zst")
	first, _, more := bytes.Cut(start, []byte("\n"))
	return path.Ext(name) == ".json" && more && bytes.Equal(bytes.TrimSpace(first), []byte("{"))
}

// formatOf tells the format of a file from its name; ok is false where it
// cannot be told.
func formatOf(name string) (format string, ok bool) {
	name = strings.ToLower(name)
	name = strings.TrimSuffix(strings.TrimSuffix(name, ".gz"), ".zst")
	switch path.Ext(name) {
	case ".jsonl", ".ndjson", ".json":
		return FormatJSONL, true
	case ".csv", ".tsv":
		return FormatCSV, true
	case ".xlsx":
		return FormatXLSX, true
	default:
		return "", false
	}
}
