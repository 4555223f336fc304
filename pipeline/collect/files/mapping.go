package files

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/netra-id/netra/pipeline/collect"
	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/strict"
)

//go:embed mappings/*.yaml
var builtin embed.FS

// Mapping says how the records of another tool's export become posts.
type Mapping struct {
	// Name is what the mapping is called in messages.
	Name string `yaml:"mapping"`
	// Format is csv, xlsx, jsonl or json; empty leaves it to the file's name.
	Format string `yaml:"format"`
	// Sheet is the sheet of a spreadsheet, the first one where it is not set.
	Sheet string `yaml:"sheet"`
	// Records is where the list of records is in a JSON file, as a path; not set
	// for a file that is a list, or that has one record behind the other.
	Records string `yaml:"records"`
	// Zone is the time zone of dates that have none of their own, in place of
	// that of the import.
	Zone string `yaml:"zone"`
	// Fields are the fields of a post, each with the rule by which it is made.
	Fields map[string]Rule `yaml:"fields"`

	rules    []rule
	location *time.Location
}

// Rule says how one field of a post is made of a record.
type Rule struct {
	// From are columns, or paths in JSON such as data.author.id or media[*].url.
	// The first that has a value counts, or all of them where Join is set.
	From []string `yaml:"from"`
	// Join is what stands between the values of all columns of From.
	Join string `yaml:"join"`
	// Value is a constant, or what the field is where From has no value.
	Value string `yaml:"value"`
	// Template makes the value of several columns: https://x.com/{author}/status/{id}.
	// It has no value where one of them has none.
	Template string `yaml:"template"`
	// Match is a regular expression whose first group, or whole match, is the
	// value; a value that does not match is none.
	Match string `yaml:"match"`
	// Map turns values into others; "*" stands for every other value. Without
	// it a value that is not named is an error.
	Map map[string]string `yaml:"map"`
	// Prefix stands before the value, if there is one.
	Prefix string `yaml:"prefix"`
	// Formats are those of a date: rfc3339, unix, unix_ms, excel, or a pattern
	// such as "%d/%m/%Y %H:%M".
	Formats []string `yaml:"formats"`
	// Optional says that a file need not have the columns.
	Optional bool `yaml:"optional"`
}

// rule is a Rule with what was made ready of it.
type rule struct {
	Rule
	field   string
	set     func(*post.Post, string, *time.Location) error
	match   *regexp.Regexp
	isDate  bool
	isExact bool // an id, which must not have been rounded
	formats []dateFormat
	parts   []part // of the template
}

// mappable are the fields that a mapping may set; the others say where a post
// came from, which the import knows itself.
func mappable() []column {
	return slices.DeleteFunc(columns(), func(c column) bool { return c.name == "source" || c.name == "raw_sha256" })
}

// Mappings lists the names of the mappings that Netra has.
func Mappings() []string {
	entries, _ := fs.ReadDir(builtin, "mappings") // it is in the binary
	names := make([]string, 0, len(entries))
	for _, entry := range entries {
		names = append(names, strings.TrimSuffix(entry.Name(), ".yaml"))
	}
	return names
}

// LoadMapping reads a mapping, one that Netra has by its name, or another from
// its file. Its error says file, line, key, value and what is allowed.
func LoadMapping(nameOrFile string) (*Mapping, error) {
	if slices.Contains(Mappings(), nameOrFile) {
		data, err := builtin.ReadFile(path.Join("mappings", nameOrFile+".yaml"))
		if err != nil {
			return nil, err
		}
		return ParseMapping(nameOrFile, data)
	}
	data, err := os.ReadFile(nameOrFile)
	if errors.Is(err, fs.ErrNotExist) && filepath.Ext(nameOrFile) == "" {
		allowed := "a mapping file, or one of " + strings.Join(Mappings(), ", ")
		if near := strict.Nearest(nameOrFile, Mappings()); near != "" {
			allowed += "; did you mean " + near + "?"
		}
		return nil, &post.FieldError{Key: "mapping", Value: shorten(nameOrFile), Allowed: allowed}
	}
	if err != nil {
		return nil, fmt.Errorf("mapping: %w", err)
	}
	return ParseMapping(nameOrFile, data)
}

// ParseMapping reads a mapping from YAML; file stands for it in messages.
func ParseMapping(file string, data []byte) (*Mapping, error) {
	m := &Mapping{}
	document, err := strict.Decode(file, data, m)
	if err != nil {
		return nil, err
	}
	c := mappingChecker{mapping: m, document: document}
	c.check()
	return m, errors.Join(c.problems...)
}

// mappingChecker makes a mapping ready and gathers what is wrong with it.
type mappingChecker struct {
	mapping  *Mapping
	document *strict.Document
	problems []error
}

func (c *mappingChecker) fail(key, value, allowed string, args ...any) {
	c.problems = append(c.problems, c.document.Errorf(key, value, allowed, args...))
}

func (c *mappingChecker) check() {
	m := c.mapping
	if m.Name == "" {
		c.fail("mapping", "missing", "a name for the mapping")
	}
	if !slices.Contains([]string{"", FormatCSV, FormatXLSX, FormatJSONL, FormatJSON}, m.Format) {
		c.fail("format", shorten(m.Format), "csv, xlsx, jsonl, json")
	}
	if m.Zone != "" {
		var err error
		if m.location, err = time.LoadLocation(m.Zone); err != nil {
			c.fail("zone", shorten(m.Zone), "a time zone such as Asia/Jakarta, Asia/Makassar, Asia/Jayapura, UTC")
		}
	}
	known := mappable()
	for name := range m.Fields {
		if !slices.ContainsFunc(known, func(field column) bool { return field.name == name }) {
			c.fail("fields."+name, shorten(name), "the fields %s", columnNames(known))
		}
	}
	for _, field := range known {
		if r, ok := m.Fields[field.name]; ok {
			c.rule(field, r)
		} else if slices.Contains([]string{"id", "platform", "account_id", "created_at"}, field.name) {
			c.fail("fields", field.name+" missing", "a mapping with the fields id, platform, account_id, created_at")
		}
	}
}

// rule makes the rule of one field ready.
func (c *mappingChecker) rule(field column, r Rule) {
	key := "fields." + field.name
	ready := rule{
		Rule: r, field: field.name, set: field.set, isDate: strings.HasSuffix(field.name, "_at"),
		isExact: slices.Contains([]string{"id", "account_id", "in_reply_to"}, field.name),
	}
	if len(r.From) == 0 && r.Template == "" && r.Value == "" {
		c.fail(key, "nothing", "a rule with from, template or value")
	}
	if len(r.From) > 0 && r.Template != "" {
		c.fail(key+".template", shorten(r.Template), "either from or template")
	}
	var err error
	if ready.parts, err = parseTemplate(r.Template); err != nil {
		c.fail(key+".template", shorten(r.Template), "%v", err)
	}
	if ready.match, err = regexp.Compile(r.Match); err != nil {
		c.fail(key+".match", shorten(r.Match), "a regular expression: %v", err)
	}
	for n, from := range r.From {
		if err := checkPath(from); err != nil {
			c.fail(fmt.Sprintf("%s.from[%d]", key, n), shorten(from), "%v", err)
		}
	}
	c.formats(key, &ready)
	c.constants(key, &ready)
	c.mapping.rules = append(c.mapping.rules, ready)
}

func (c *mappingChecker) formats(key string, r *rule) {
	if len(r.Formats) > 0 && !r.isDate {
		c.fail(key+".formats", shorten(r.Formats[0]), "formats only at created_at and collected_at")
	}
	for n, name := range r.Formats {
		format, err := parseDateFormat(name)
		if err != nil {
			c.fail(fmt.Sprintf("%s.formats[%d]", key, n), shorten(name), "%v", err)
		}
		r.formats = append(r.formats, format)
	}
}

// constants checks what the mapping itself sets a platform or kind to.
func (c *mappingChecker) constants(key string, r *rule) {
	var allowed []string
	switch r.field {
	case "platform":
		allowed = post.Platforms
	case "kind":
		for _, kind := range post.Kinds {
			allowed = append(allowed, string(kind))
		}
	default:
		return
	}
	check := func(key, value string) {
		if value != "" && !slices.Contains(allowed, value) {
			c.fail(key, shorten(value), "%s", strings.Join(allowed, ", "))
		}
	}
	check(key+".value", r.Value)
	for from, to := range r.Map {
		check(key+".map."+from, to)
	}
}

// post makes a post of a record. A date without a zone is of the mapping's, or
// else of the given location.
func (m *Mapping) post(r record, location *time.Location) (post.Post, *collect.ItemError) {
	var p post.Post
	if m.location != nil {
		location = m.location
	}
	for n := range m.rules {
		if err := m.rules[n].apply(&p, r, location); err != nil {
			return p, &collect.ItemError{Cause: collect.CauseMalformed, Err: err}
		}
	}
	return p, nil
}

// checkHeader says which columns a table lacks that the mapping needs: of each
// rule one, and of one with a template or join all.
func (m *Mapping) checkHeader(names []string) error {
	has := func(name string) bool { return slices.Contains(names, name) }
	var problems []error
	for n := range m.rules {
		r := &m.rules[n]
		var missing []string
		for _, name := range r.columns() {
			if !has(name) {
				missing = append(missing, name)
			}
		}
		enough := len(missing) == 0 || r.Template == "" && r.Join == "" && len(missing) < len(r.From)
		if !enough && !r.Optional && r.Value == "" {
			problems = append(problems, &post.FieldError{
				Key: r.field, Value: "of the missing column " + strings.Join(missing, ", "),
				Allowed: "a header as mapping " + m.Name + " needs it; the file has " + listed(names),
			})
		}
	}
	return errors.Join(problems...)
}

// columns are those of which the rule is made.
func (r *rule) columns() []string {
	names := slices.Clone(r.From)
	for _, p := range r.parts {
		if p.path != "" {
			names = append(names, p.path)
		}
	}
	return names
}

func listed(names []string) string {
	const most = 60
	if len(names) > most {
		names = append(slices.Clone(names[:most]), "…")
	}
	return strings.Join(names, ", ")
}
