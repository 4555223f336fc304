package post_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/netra-id/netra/pipeline/post"
)

var now = time.Date(2024, 11, 21, 0, 0, 0, 0, time.UTC)

const valid = `{"id":"mastodon:1093","platform":"mastodon","kind":"post",
 "account":{"id":"42","handle":"@budi@contoh.id","name":"Budi"},"url":"https://contoh.id/1",
 "text":"halo","quoted":"q","in_reply_to":"","media":[{"type":"image","url":"u","alt":"a","sha256":"s"}],
 "created_at":"2024-11-20T08:00:00+07:00","collected_at":"2024-11-20T08:01:00+07:00",
 "source":"mastodon","raw_sha256":"x"}`

func TestDecodeAcceptsTheWholePost(t *testing.T) {
	p, err := post.Decode([]byte(valid))
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Validate(now); err != nil {
		t.Fatal(err)
	}
	data, err := post.Encode(&p)
	if err != nil {
		t.Fatal(err)
	}
	again, err := post.Decode(data)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(p, again); diff != "" {
		t.Errorf("encode and decode changed the post:\n%s", diff)
	}
	if got, want := p.Key(), "mastodon:42"; got != want {
		t.Errorf("key %q, want %q", got, want)
	}
}

func TestDecodeNamesTheKey(t *testing.T) {
	tests := map[string]struct{ in, want string }{
		"null":               {`{"id":"a","text":null}`, `key "text": value null`},
		"inner null":         {`{"id":"a","account":{"id":null}}`, `key "account.id": value null`},
		"truncated":          {valid[:60], "not valid JSON"},
		"empty":              {"", "not valid JSON"},
		"unknown key":        {`{"id":"a","nope":1}`, `key "nope": value 1: allowed: the keys id, platform`},
		"unknown inner key":  {`{"id":"a","account":{"idd":"1"}}`, `key "account.idd"`},
		"wrong type":         {`{"id":7}`, `key "id": value 7: allowed: JSON of type string`},
		"media not array":    {`{"media":"x"}`, `key "media": value "x": allowed: JSON of type array`},
		"account not object": {`{"account":"x"}`, `key "account": value "x": allowed: JSON of type object`},
		"repeated key":       {`{"id":"a","id":"b"}`, `key "id": not valid JSON`},
		"bad date":           {`{"created_at":"kemarin"}`, "allowed: an RFC 3339 date"},
		"date as number":     {`{"created_at":17}`, "allowed: an RFC 3339 date"},
		"invalid UTF-8":      {"{\"text\":\"a\xffb\"}", "invalid UTF-8"},
		"behind the object":  {`{"id":"a"} x`, "not valid JSON"},
		"raw control":        {"{\"text\":\"a\x00b\"}", "not valid JSON"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := post.Decode([]byte(test.in))
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want it to contain %q", err, test.want)
			}
		})
	}
}

func TestValidate(t *testing.T) {
	tests := map[string]struct {
		change func(*post.Post)
		want   string
	}{
		"no id":            {func(p *post.Post) { p.ID = " " }, `key "id"`},
		"unknown platform": {func(p *post.Post) { p.Platform = "friendster" }, `key "platform": value "friendster": allowed: bluesky`},
		"unknown kind":     {func(p *post.Post) { p.Kind = "poke" }, `key "kind"`},
		"no account":       {func(p *post.Post) { p.Account.ID = "" }, `key "account.id": value missing`},
		"NUL in id":        {func(p *post.Post) { p.ID = "a\x00" }, `no control characters`},
		"1970":             {func(p *post.Post) { p.CreatedAt = time.Unix(0, 0) }, `key "created_at": value 1970`},
		"2100":             {func(p *post.Post) { p.CreatedAt = now.AddDate(76, 0, 0) }, `key "created_at": value 2100`},
		"no date":          {func(p *post.Post) { p.CreatedAt = time.Time{} }, `key "created_at": value missing`},
		"collected 2100":   {func(p *post.Post) { p.CollectedAt = now.AddDate(76, 0, 0) }, `key "collected_at"`},
		"2 MB of text":     {func(p *post.Post) { p.Text = strings.Repeat("a", 2<<20) }, `key "text": value of 2097152 bytes`},
		"invalid UTF-8":    {func(p *post.Post) { p.Quoted = "a\xff" }, `key "quoted"`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			p, err := post.Decode([]byte(valid))
			if err != nil {
				t.Fatal(err)
			}
			test.change(&p)
			err = p.Validate(now)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want it to contain %q", err, test.want)
			}
		})
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(valid))
	f.Add([]byte(`{"id":7}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := post.Decode(data)
		if err != nil {
			return
		}
		if _, err := post.Encode(&p); err != nil {
			t.Errorf("what was decoded cannot be encoded: %v", err)
		}
	})
}
