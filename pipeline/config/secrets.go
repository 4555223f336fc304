package config

import (
	"reflect"
	"regexp"
	"strings"
)

// hidden stands in a dump where a secret was.
const hidden = "(hidden)"

// userPassword finds the password in an address such as
// postgres://user:password@host/database.
var userPassword = regexp.MustCompile(`(://[^/?#:@\s]*:)[^/?#@\s]+@`)

// queryPassword finds the password in an address such as
// postgres://host/database?password=secret.
var queryPassword = regexp.MustCompile(`([?&](?:password|passfile|sslpassword)=)[^&#\s]+`)

// hideSecrets replaces every secret text, wherever it is.
func hideSecrets(v reflect.Value) {
	eachText(v, "", func(path string, text string) string {
		if isSecret(path) && text != "" {
			return hidden
		}
		text = userPassword.ReplaceAllString(text, "${1}"+hidden+"@")
		return queryPassword.ReplaceAllString(text, "${1}"+hidden)
	})
}

// hiddenKeys lists the keys whose secrets a dump has hidden.
func hiddenKeys(v reflect.Value) []string {
	var keys []string
	eachText(v, "", func(path string, text string) string {
		if strings.Contains(text, hidden) {
			keys = append(keys, path)
		}
		return text
	})
	return keys
}

func isSecret(path string) bool {
	key := path[strings.LastIndex(path, ".")+1:]
	for _, word := range []string{"password", "hash_key", "token", "secret", "api_key"} {
		if strings.HasSuffix(key, word) {
			return true
		}
	}
	return false
}

// eachText gives every text below v, with its path, to change, and keeps what
// change returns.
func eachText(v reflect.Value, path string, change func(path, text string) string) {
	switch v.Kind() {
	case reflect.String:
		if text := change(path, v.String()); text != v.String() {
			v.SetString(text)
		}
	case reflect.Pointer:
		if !v.IsNil() {
			eachText(v.Elem(), path, change)
		}
	case reflect.Slice:
		for i := range v.Len() {
			eachText(v.Index(i), path, change)
		}
	case reflect.Struct:
		for field, value := range v.Fields() {
			if child, ok := keyOf(field, path); ok {
				eachText(value, child, change)
			}
		}
	}
}
