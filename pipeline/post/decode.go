package post

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// MaxTextBytes bounds Text and Quoted: no platform allows a longer post, and
// what is longer is a dump that was sent by mistake.
const MaxTextBytes = 1 << 20

// MaxClockSkew is how far in the future a post may be dated.
const MaxClockSkew = 24 * time.Hour

// Earliest is the oldest date of a post that is accepted: before it there were
// no such platforms, so an older date is a parsing error of a collector.
var Earliest = time.Date(2004, 1, 1, 0, 0, 0, 0, time.UTC)

// FieldError says which key of a post is wrong, with its value and what is
// allowed.
type FieldError struct {
	Key     string
	Value   string
	Allowed string
}

func (e *FieldError) Error() string {
	return fmt.Sprintf("key %q: value %s: allowed: %s", e.Key, e.Value, e.Allowed)
}

// Decode reads one post from JSON. It is strict: an unknown or repeated key, a
// wrong type, invalid UTF-8, a bad date or anything behind the object is an
// error that names the key. Which keys must be there is for Validate.
func Decode(data []byte) (Post, error) {
	if p, ok := decodeQuickly(data); ok {
		return p, nil
	}
	return decodeStrictly(data)
}

func decodeStrictly(data []byte) (Post, error) {
	var p Post
	err := json.Unmarshal(data, &p, json.RejectUnknownMembers(true))
	if err != nil {
		return Post{}, decodeError(data, err)
	}
	if err := refuseNull(data); err != nil {
		return Post{}, err
	}
	return p, nil
}

// Encode writes one post as JSON on one line.
func Encode(p *Post) ([]byte, error) {
	return json.Marshal(p, json.Deterministic(true))
}

// refuseNull refuses the value null, which the decoder takes for any type. The
// data is valid JSON.
func refuseNull(data []byte) error {
	if !bytes.Contains(data, []byte("null")) {
		return nil
	}
	decoder := jsontext.NewDecoder(bytes.NewReader(data))
	for {
		token, err := decoder.ReadToken()
		if err != nil {
			return nil //nolint:nilerr // its end
		}
		if token.Kind() == 'n' {
			return &FieldError{Key: pointerKey(decoder.StackPointer()), Value: "null", Allowed: "a value of the key's type, or no such key"}
		}
	}
}

func decodeError(data []byte, err error) error {
	var semantic *json.SemanticError
	if errors.As(err, &semantic) {
		return semanticError(data, semantic)
	}
	var syntactic *jsontext.SyntacticError
	if errors.As(err, &syntactic) {
		where := ""
		if syntactic.JSONPointer != "" {
			where = fmt.Sprintf("key %q: ", pointerKey(syntactic.JSONPointer))
		}
		return fmt.Errorf("%snot valid JSON at byte %d: %w", where, syntactic.ByteOffset, syntactic.Err)
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("not valid JSON: it ends in the middle")
	}
	return fmt.Errorf("not a post: %w", err)
}

func semanticError(data []byte, e *json.SemanticError) error {
	key := pointerKey(e.JSONPointer)
	value := valueAt(data, e.JSONPointer)
	if errors.Is(e.Err, json.ErrUnknownName) {
		return &FieldError{Key: key, Value: shorten(value), Allowed: "the keys " + strings.Join(keysBeside(key), ", ")}
	}
	allowed := "JSON of type " + typeName(e)
	var parse *time.ParseError
	if errors.As(e.Err, &parse) || strings.Contains(typeName(e), "date") {
		allowed = "an RFC 3339 date such as 2024-11-20T08:00:00+07:00"
	}
	return &FieldError{Key: key, Value: shorten(value), Allowed: allowed}
}

// valueAt returns the JSON value that pointer names, as it is written in data.
func valueAt(data []byte, pointer jsontext.Pointer) string {
	decoder := jsontext.NewDecoder(bytes.NewReader(data))
	for {
		if token, err := decoder.ReadToken(); err != nil || decoder.StackPointer() == pointer && token.Kind() == '"' {
			break // a member's name: its value comes next
		}
	}
	value, err := decoder.ReadValue()
	if err != nil {
		return "unreadable"
	}
	return string(value)
}

func typeName(e *json.SemanticError) string {
	if e.GoType == nil {
		return "another kind"
	}
	switch name := e.GoType.String(); name {
	case "string", "post.Kind":
		return "string"
	case "time.Time":
		return "date"
	case "[]post.Media":
		return "array of objects"
	default:
		return "object"
	}
}

func pointerKey(p jsontext.Pointer) string {
	return strings.ReplaceAll(strings.TrimPrefix(string(p), "/"), "/", ".")
}

func keysBeside(key string) []string {
	switch {
	case strings.HasPrefix(key, "account."):
		return []string{"id", "handle", "name"}
	case strings.HasPrefix(key, "media."):
		return []string{"type", "url", "alt", "sha256"}
	default:
		return []string{
			"id", "platform", "kind", "account", "url", "text", "quoted", "in_reply_to",
			"media", "created_at", "collected_at", "source", "raw_sha256",
		}
	}
}

// Validate says whether the post may travel: required keys are there, the
// platform and kind are known, the dates are possible as of now, the texts are
// valid and of bearable size. It returns a *FieldError for the first key that
// is wrong. An empty Kind is set to KindPost.
func (p *Post) Validate(now time.Time) error {
	if p.Kind == "" {
		p.Kind = KindPost
	}
	switch {
	case strings.TrimSpace(p.ID) == "":
		return &FieldError{Key: "id", Value: quote(p.ID), Allowed: "a text that is unique over all platforms, such as mastodon:1093"}
	case !slices.Contains(Platforms, p.Platform):
		return &FieldError{Key: "platform", Value: quote(p.Platform), Allowed: strings.Join(Platforms, ", ")}
	case !slices.Contains(Kinds, p.Kind):
		return &FieldError{Key: "kind", Value: quote(string(p.Kind)), Allowed: joinKinds()}
	case strings.TrimSpace(p.Account.ID) == "":
		return &FieldError{Key: "account.id", Value: quote(p.Account.ID), Allowed: "the platform's id of the account"}
	}
	if err := p.validateText(); err != nil {
		return err
	}
	return p.validateDates(now)
}

func (p *Post) validateText() error {
	for _, field := range []struct{ key, value string }{
		{"id", p.ID}, {"account.id", p.Account.ID}, {"account.handle", p.Account.Handle},
		{"account.name", p.Account.Name}, {"url", p.URL}, {"text", p.Text}, {"quoted", p.Quoted},
	} {
		if !utf8.ValidString(field.value) {
			return &FieldError{Key: field.key, Value: quote(field.value), Allowed: "valid UTF-8"}
		}
		if len(field.value) > MaxTextBytes {
			return &FieldError{
				Key: field.key, Value: fmt.Sprintf("of %d bytes", len(field.value)),
				Allowed: fmt.Sprintf("at most %d bytes", MaxTextBytes),
			}
		}
	}
	for _, field := range []struct{ key, value string }{{"id", p.ID}, {"account.id", p.Account.ID}} {
		if strings.ContainsFunc(field.value, isControl) {
			return &FieldError{Key: field.key, Value: quote(field.value), Allowed: "no control characters"}
		}
	}
	return nil
}

func (p *Post) validateDates(now time.Time) error {
	latest := now.Add(MaxClockSkew)
	if p.CreatedAt.Before(Earliest) || p.CreatedAt.After(latest) {
		return &FieldError{
			Key: "created_at", Value: dateValue(p.CreatedAt),
			Allowed: fmt.Sprintf("a date from %s to %s", Earliest.Format(time.DateOnly), latest.UTC().Format(time.RFC3339)),
		}
	}
	if !p.CollectedAt.IsZero() && (p.CollectedAt.Before(Earliest) || p.CollectedAt.After(latest)) {
		return &FieldError{
			Key: "collected_at", Value: dateValue(p.CollectedAt),
			Allowed: fmt.Sprintf("a date from %s to %s", Earliest.Format(time.DateOnly), latest.UTC().Format(time.RFC3339)),
		}
	}
	return nil
}

func isControl(r rune) bool { return r < 0x20 || r == 0x7f }

func dateValue(t time.Time) string {
	if t.IsZero() {
		return "missing"
	}
	return t.Format(time.RFC3339)
}

func joinKinds() string {
	names := make([]string, len(Kinds))
	for i, k := range Kinds {
		names[i] = string(k)
	}
	return strings.Join(names, ", ")
}

func quote(s string) string {
	if s == "" {
		return "missing"
	}
	return fmt.Sprintf("%q", shorten(s))
}

// shorten keeps messages readable when the bad value is a whole document.
func shorten(s string) string {
	const most = 80
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}
