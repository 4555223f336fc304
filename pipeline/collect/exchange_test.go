package collect_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/netra-id/netra/pipeline/collect"
)

func TestAnAddressIsToldWithoutCredentials(t *testing.T) {
	tests := map[string]string{
		"https://contoh.id/api?limit=40&min_id=1":                         "https://contoh.id/api?limit=40&min_id=1",
		"https://user:pw@contoh.id/feed":                                  "https://contoh.id/feed",
		"https://contoh.id/feed?Access_Token=s3cret&x=1":                  "https://contoh.id/feed?Access_Token=hidden&x=1",
		"https://contoh.id/feed?api%5Fkey=s3cret":                         "https://contoh.id/feed?api%5Fkey=hidden",
		"https://contoh.id/feed?appsecret_proof=s3cret&sig=s3cret":        "https://contoh.id/feed?appsecret_proof=hidden&sig=hidden",
		"https://contoh.id/feed?X-Amz-Signature=s3cret#s3cret":            "https://contoh.id/feed?X-Amz-Signature=hidden",
		"https://contoh.id/2/tweets?pagination_token=abc&pageToken=d":     "https://contoh.id/2/tweets?pagination_token=abc&pageToken=d",
		"https://contoh.id/feed?%zz=s3cret":                               "https://contoh.id/feed?%zz=hidden",
		"https://contoh.id/feed?auth=s3cret;b=s3cret":                     "https://contoh.id/feed?auth=hidden",
		"https://contoh.id/feed?a=1&client_secret=s3cret&password=s3cret": "https://contoh.id/feed?a=1&client_secret=hidden&password=hidden",
	}
	for address, want := range tests {
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		if got := collect.Redacted(u); got != want || strings.Contains(got, "s3cret") {
			t.Errorf("%s\n got %s\nwant %s", address, got, want)
		}
	}
}

func TestOnlyKnownHeadersAreKept(t *testing.T) {
	kept := collect.KeptHeaders(http.Header{
		"Date": {"x"}, "Set-Cookie": {"s3cret"}, "Etag": {strings.Repeat("e", 1000)}, "Via": {"a", "b"}, "X-Token": {"s3cret"}, "Server": {"\xff"},
	})
	if len(kept) != 4 || len(kept["Etag"]) != 256 || kept["Via"] != "a, b" || kept["Server"] != "\uFFFD" {
		t.Errorf("kept %v", kept)
	}
}
