// Package piece has what the sources of platforms do alike with each piece of an
// answer: tie it to its bytes, read its date, say why it is no post. It knows no
// platform.
package piece

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/netra-id/netra/pipeline/collect"
	"github.com/netra-id/netra/pipeline/post"
)

// Hash is the SHA-256 of what the API said of a post, byte by byte.
func Hash(raw []byte) string {
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:])
}

// Created reads a post's date. The error says why there is none.
func Created(key, value string) (time.Time, *collect.ItemError) {
	if value == "" {
		return time.Time{}, &collect.ItemError{Cause: collect.CauseNoDate, Err: errors.New("the post has no date, so it cannot be told who held the account then")}
	}
	at, err := parseTime(value)
	if err != nil {
		return time.Time{}, &collect.ItemError{Cause: collect.CauseNoDate, Err: &post.FieldError{
			Key: key, Value: shorten(value), Allowed: "a date such as 2024-11-20T08:00:00Z",
		}}
	}
	return at, nil
}

// parseTime reads RFC 3339, and a zone without a colon, as Meta writes it.
func parseTime(value string) (time.Time, error) {
	if at, err := time.Parse(time.RFC3339, value); err == nil {
		return at, nil
	}
	return time.Parse("2006-01-02T15:04:05-0700", value)
}

// Malformed is the reason why an item of a listing is no post; err may be nil.
func Malformed(key, allowed string, err error) *collect.ItemError {
	value := "missing"
	if err != nil {
		value = shorten(err.Error())
	}
	return &collect.ItemError{Cause: collect.CauseMalformed, Err: &post.FieldError{Key: key, Value: value, Allowed: allowed}}
}

// WebAddress returns an address of the web as it is, else nothing.
func WebAddress(address string) string {
	u, err := url.Parse(strings.TrimSpace(address))
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return ""
	}
	return u.String()
}

func shorten(s string) string {
	const most = 80
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "") + "…"
	}
	return strconv.Quote(s)
}
