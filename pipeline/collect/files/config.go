package files

import (
	"errors"
	"fmt"
	"path"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // machines without a time zone database read CSV dates, too

	"github.com/netra-id/netra/pipeline/collect"
	"github.com/netra-id/netra/pipeline/post"
)

// Configuration is where files are and how they are read.
type Configuration struct {
	// Paths are files and folders; of a folder every file whose name matches
	// is read, also those that come later.
	Paths []string `yaml:"paths"`
	// Match are patterns of file names in folders; empty for every file with a
	// name that tells its format.
	Match []string `yaml:"match"`
	// Mapping is the name of a mapping that Netra has, or the file of another, by
	// which the export of another tool becomes posts; empty for files of posts.
	Mapping string `yaml:"mapping"`
	// Format is jsonl, csv, xlsx, json (a list of records), or auto to tell it
	// from the name.
	Format string `yaml:"format"`
	// TimeZone is that of CSV dates that have none of their own.
	TimeZone string `yaml:"time_zone"`
	// MaxRecordBytes bounds one line of JSONL and one row of CSV.
	MaxRecordBytes int `yaml:"max_record_bytes"`
	// Settle is how long a file must be unchanged before it is read.
	Settle time.Duration `yaml:"settle"`
	// MoveTo is a folder to which files are moved when they have been read,
	// relative to the file's own; empty leaves them where they are.
	MoveTo string `yaml:"move_to"`
	// Pace is how many posts a second are brought at most, over all files; 0
	// is as fast as it goes.
	Pace float64 `yaml:"pace"`
	// Spread brings the posts of each file evenly over this time; 0 is off.
	Spread time.Duration `yaml:"spread"`
}

// Formats of files.
const (
	FormatAuto  = "auto"
	FormatJSONL = "jsonl"
	FormatCSV   = "csv"
	FormatXLSX  = "xlsx"
	FormatJSON  = "json"
)

// DefaultConfiguration returns the defaults; the paths must be set.
func DefaultConfiguration() Configuration {
	return Configuration{Format: FormatAuto, TimeZone: "Asia/Jakarta", MaxRecordBytes: 2 << 20, Settle: 2 * time.Second}
}

// WithDefaults fills in what is not set.
func (c Configuration) WithDefaults() Configuration {
	defaults := DefaultConfiguration()
	if c.Format == "" {
		c.Format = defaults.Format
	}
	if c.TimeZone == "" {
		c.TimeZone = defaults.TimeZone
	}
	if c.MaxRecordBytes == 0 {
		c.MaxRecordBytes = defaults.MaxRecordBytes
	}
	if c.Settle == 0 {
		c.Settle = defaults.Settle
	}
	return c
}

// Validate checks the values; key is the path of the configuration in its file.
func (c *Configuration) Validate(key string) error {
	var problems []error
	fail := func(name, value, allowed string) {
		problems = append(problems, &post.FieldError{Key: key + "." + name, Value: value, Allowed: allowed})
	}
	if len(c.Paths) == 0 {
		fail("paths", "missing", "a list of files and folders")
	}
	for n, p := range c.Paths {
		if p == "" {
			fail(fmt.Sprintf("paths[%d]", n), "missing", "a file or folder")
		}
	}
	for n, pattern := range c.Match {
		if _, err := path.Match(pattern, "x"); err != nil || strings.Contains(pattern, "/") {
			fail(fmt.Sprintf("match[%d]", n), strconv.Quote(pattern), "a pattern of file names such as *.jsonl")
		}
	}
	switch c.Format {
	case FormatAuto, FormatJSONL, FormatCSV, FormatXLSX, FormatJSON:
	default:
		fail("format", strconv.Quote(c.Format), "auto, jsonl, csv, xlsx, json")
	}
	if c.Mapping != "" {
		if _, err := LoadMapping(c.Mapping); err != nil {
			problems = append(problems, err)
		}
	}
	if _, err := time.LoadLocation(c.TimeZone); err != nil || c.TimeZone == "" {
		fail("time_zone", strconv.Quote(c.TimeZone), "a time zone such as Asia/Jakarta, Asia/Makassar, Asia/Jayapura")
	}
	if c.MaxRecordBytes < 1024 {
		fail("max_record_bytes", strconv.Itoa(c.MaxRecordBytes), "at least 1024")
	}
	if c.Pace < 0 {
		fail("pace", fmt.Sprint(c.Pace), "posts a second, 0 for no limit")
	}
	if c.Pace > 0 && c.Spread > 0 {
		fail("spread", c.Spread.String(), "either pace or spread")
	}
	problems = append(problems, collect.AtLeast(key+".settle", c.Settle, 0), collect.AtLeast(key+".spread", c.Spread, 0))
	return errors.Join(problems...)
}
