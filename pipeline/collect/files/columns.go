package files

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/netra-id/netra/pipeline/collect"
	"github.com/netra-id/netra/pipeline/post"
)

// column is one column of a CSV file.
type column struct {
	name string
	set  func(*post.Post, string, *time.Location) error
}

// required are the columns that every file must have.
func required() []string { return []string{"id", "platform", "account_id", "text", "created_at"} }

// columns lists all columns that are known, in the order in which they are told.
func columns() []column {
	text := func(name string, field func(*post.Post) *string) column {
		return column{name, func(p *post.Post, value string, _ *time.Location) error {
			*field(p) = value
			return nil
		}}
	}
	date := func(name string, field func(*post.Post) *time.Time) column {
		return column{name, func(p *post.Post, value string, location *time.Location) error {
			at, err := parseDate(name, value, location)
			*field(p) = at
			return err
		}}
	}
	return []column{
		text("id", func(p *post.Post) *string { return &p.ID }),
		text("platform", func(p *post.Post) *string { return &p.Platform }),
		{"kind", func(p *post.Post, value string, _ *time.Location) error { p.Kind = post.Kind(value); return nil }},
		text("account_id", func(p *post.Post) *string { return &p.Account.ID }),
		text("account_handle", func(p *post.Post) *string { return &p.Account.Handle }),
		text("account_name", func(p *post.Post) *string { return &p.Account.Name }),
		text("url", func(p *post.Post) *string { return &p.URL }),
		text("text", func(p *post.Post) *string { return &p.Text }),
		text("quoted", func(p *post.Post) *string { return &p.Quoted }),
		text("in_reply_to", func(p *post.Post) *string { return &p.InReplyTo }),
		{"media_urls", func(p *post.Post, value string, _ *time.Location) error { p.Media = mediaOf(value); return nil }},
		date("created_at", func(p *post.Post) *time.Time { return &p.CreatedAt }),
		date("collected_at", func(p *post.Post) *time.Time { return &p.CollectedAt }),
		text("source", func(p *post.Post) *string { return &p.Source }),
		text("raw_sha256", func(p *post.Post) *string { return &p.RawSHA256 }),
	}
}

// columnsOf matches a header with the known columns. Its error names every
// column that is unknown, repeated or missing.
func columnsOf(names []string) ([]column, error) {
	known := columns()
	var problems []error
	var header []column
	for n, name := range names {
		name = strings.TrimSpace(name)
		at := slices.IndexFunc(known, func(c column) bool { return c.name == name })
		switch {
		case at < 0:
			problems = append(problems, &post.FieldError{Key: fmt.Sprintf("column %d", n+1), Value: shorten(name), Allowed: "the columns " + columnNames(known)})
		case slices.ContainsFunc(header, func(c column) bool { return c.name == name }):
			problems = append(problems, &post.FieldError{Key: fmt.Sprintf("column %d", n+1), Value: shorten(name), Allowed: "each column once"})
		default:
			header = append(header, known[at])
		}
	}
	for _, name := range required() {
		if !slices.ContainsFunc(header, func(c column) bool { return c.name == name }) {
			problems = append(problems, &post.FieldError{Key: name, Value: "missing", Allowed: "a header with the columns " + strings.Join(required(), ", ")})
		}
	}
	return header, errors.Join(problems...)
}

func columnNames(columns []column) string {
	names := make([]string, len(columns))
	for n, c := range columns {
		names[n] = c.name
	}
	return strings.Join(names, ", ")
}

// post makes a post of one row.
func (r *csvReader) post(data []byte) (post.Post, *collect.ItemError) {
	var p post.Post
	fields, err := splitRow(data, r.separator)
	if err != nil {
		return p, &collect.ItemError{Cause: collect.CauseMalformed, Err: err}
	}
	if width := max(len(r.columns), len(r.names)); len(fields) != width {
		return p, &collect.ItemError{Cause: collect.CauseMalformed, Err: &shapeError{
			fmt.Sprintf("row of %d columns: allowed: %d, as in the header", len(fields), width),
		}}
	}
	if r.mapping != nil {
		return r.mapping.post(tableRow{r.names, fields}, r.location)
	}
	for n, c := range r.columns {
		if !utf8.ValidString(fields[n]) {
			return p, malformed(c.name, shorten(fields[n]), "valid UTF-8")
		}
		if err := c.set(&p, fields[n], r.location); err != nil {
			return p, &collect.ItemError{Cause: collect.CauseMalformed, Err: err}
		}
	}
	return p, nil
}

// parseDate reads RFC 3339, or a date and time without a zone, which is then of
// the location.
func parseDate(key, value string, location *time.Location) (time.Time, error) {
	if value == "" {
		return time.Time{}, nil // which dates must be there is for post.Validate
	}
	if at, err := time.Parse(time.RFC3339, value); err == nil {
		return at, nil
	}
	if at, err := time.ParseInLocation(time.DateTime, value, location); err == nil {
		return at, nil
	}
	return time.Time{}, &post.FieldError{
		Key: key, Value: shorten(value),
		Allowed: fmt.Sprintf("an RFC 3339 date such as 2024-11-20T08:00:00+07:00, or 2024-11-20 08:00:00 (of time zone %s)", location),
	}
}

// mediaOf makes attachments of addresses that are separated by spaces.
func mediaOf(value string) []post.Media {
	var media []post.Media
	for _, address := range strings.Fields(value) {
		media = append(media, post.Media{Type: mediaType(address), URL: address})
	}
	return media
}

func mediaType(address string) string {
	address, _, _ = strings.Cut(address, "?")
	switch strings.ToLower(path.Ext(address)) {
	case ".jpg", ".jpeg", ".png", ".gif", ".webp":
		return "image"
	case ".mp4", ".mov", ".webm", ".m4v":
		return "video"
	case ".mp3", ".m4a", ".ogg", ".opus":
		return "audio"
	default:
		return "link"
	}
}
