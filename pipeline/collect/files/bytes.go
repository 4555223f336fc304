package files

import (
	"bytes"
	"fmt"
	"time"

	"github.com/netra-id/netra/pipeline/collect"
)

// Parse reads the records of what somebody sent at once: JSONL, or JSON where it
// is a list or one object. Mapping may be nil. More than most records are an
// error, as is a list that is broken; a record that is none has its Err set.
func Parse(name string, data []byte, mapping *Mapping, most int) ([]collect.Item, error) {
	cfg := DefaultConfiguration()
	location, err := time.LoadLocation(cfg.TimeZone)
	if err != nil {
		return nil, fmt.Errorf("time zone: %w", err)
	}
	opts := options{name: name, limit: cfg.MaxRecordBytes, location: location, mapping: mapping}
	var records reader = &jsonlReader{options: opts, lines: newLineReader(bytes.NewReader(data), opts.limit)}
	if oneDocument(data, mapping) {
		if records, err = newJSONReader(bytes.NewReader(data), opts); err != nil {
			return nil, err
		}
	}
	var items []collect.Item
	for {
		item, err := records.next()
		if isEnd(err) {
			return items, nil
		}
		if err != nil {
			return nil, err
		}
		if len(items) == most {
			return nil, collect.Errorf(collect.KindMalformed, "%s: more than %d records: allowed: %d at once", name, most, most)
		}
		items = append(items, item)
	}
}

// oneDocument says whether data is a list, or an object over several lines, or
// one in which the mapping finds a list.
func oneDocument(data []byte, mapping *Mapping) bool {
	data = bytes.TrimSpace(bytes.TrimPrefix(data, []byte(utf8BOM)))
	if bytes.HasPrefix(data, []byte("[")) || mapping != nil && mapping.Records != "" {
		return true
	}
	first, _, several := bytes.Cut(data, []byte("\n"))
	return several && !bytes.HasSuffix(bytes.TrimSpace(first), []byte("}"))
}
