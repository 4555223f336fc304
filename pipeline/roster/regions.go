package roster

import (
	"cmp"
	_ "embed" // the provinces
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"unicode/utf8"
)

// provinces are the 38 provinces with their codes as the Ministry of Home
// Affairs gives them.
//
//go:embed provinces.csv
var provinces string

// Region is a region with its code and name.
type Region struct {
	Code, Name string
}

// Regions are the names of regions by code. They never change.
type Regions struct {
	names map[string]string
}

// NewRegions returns the provinces and what is in the given CSV files.
func NewRegions(files ...string) (*Regions, error) {
	regions, err := ParseRegions("provinces.csv", strings.NewReader(provinces))
	if err != nil {
		return nil, err
	}
	var errs []error
	for _, file := range files {
		more, err := readRegions(file)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		for code, name := range more.names {
			regions.names[code] = name
		}
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	return regions, nil
}

func readRegions(file string) (*Regions, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("read regions: %w", err)
	}
	defer f.Close()
	return ParseRegions(file, f)
}

// ParseRegions reads a CSV with the header code,name; file is what messages
// call it. The error joins what is wrong in all lines.
func ParseRegions(file string, r io.Reader) (*Regions, error) {
	reader := csv.NewReader(r)
	reader.FieldsPerRecord = 2
	regions := &Regions{names: make(map[string]string)}
	lines := make(map[string]int)
	var errs []error
	for first := true; ; first = false {
		record, err := reader.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, errors.Join(append(errs, fmt.Errorf("%s: %w; allowed: CSV with the columns code,name", file, err))...)
		}
		line, _ := reader.FieldPos(0)
		code, name := strings.TrimSpace(record[0]), strings.TrimSpace(record[1])
		if first {
			if strings.TrimPrefix(code, "\ufeff") != "code" || name != "name" {
				return nil, fmt.Errorf("%s:%d: header %q; allowed: code,name", file, line, record)
			}
			continue
		}
		switch {
		case !regionPattern.MatchString(code):
			errs = append(errs, fmt.Errorf("%s:%d: column \"code\": value %q; allowed: a code such as 61, 61.08 or 61.08.05", file, line, code))
		case lines[code] > 0:
			errs = append(errs, fmt.Errorf("%s:%d: column \"code\": value %q stands in line %d, too; allowed: each code once", file, line, code, lines[code]))
		case name == "" || !utf8.ValidString(name):
			errs = append(errs, fmt.Errorf("%s:%d: column \"name\": value %q; allowed: a text in UTF-8", file, line, name))
		default:
			lines[code] = line
			regions.names[code] = name
		}
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	return regions, nil
}

// Name is the region's name; the code itself where the name is not known, and
// empty for an empty code.
func (r *Regions) Name(code string) string {
	return cmp.Or(r.names[code], code)
}

// Path names the region and those that hold it, the smallest first:
// "Kabupaten Landak, Kalimantan Barat". A region without a known name is left
// out, unless it is the smallest.
func (r *Regions) Path(code string) string {
	if code == "" {
		return ""
	}
	parts := []string{r.Name(code)}
	for outer := code; ; {
		dot := strings.LastIndexByte(outer, '.')
		if dot < 0 {
			return strings.Join(parts, ", ")
		}
		outer = outer[:dot]
		if name := r.names[outer]; name != "" {
			parts = append(parts, name)
		}
	}
}

// All lists the regions in order of code.
func (r *Regions) All() []Region {
	all := make([]Region, 0, len(r.names))
	for code, name := range r.names {
		all = append(all, Region{Code: code, Name: name})
	}
	slices.SortFunc(all, func(a, b Region) int { return cmp.Compare(a.Code, b.Code) })
	return all
}
