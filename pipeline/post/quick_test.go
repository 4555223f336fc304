package post

import (
	"bufio"
	"os"
	"reflect"
	"testing"
)

// seeds are posts as they come, and all that makes a quick reader go wrong.
func seeds() []string {
	return []string{
		`{"id":"x:1","platform":"x","kind":"post","account":{"id":"4","handle":"@a","name":"B"},"text":"satu\ndua \"tiga\" \\ \/","created_at":"2024-11-20T08:00:00+07:00","collected_at":"2024-11-20T01:00:00Z"}`,
		` { "id" : "x:1" , "text" : "" , "account" : { } } ` + "\n",
		`{}`, `{"id":"1"}{}`, `{"id":"1"}x`, `{"id":"1",}`, `{"id":"1" "text":""}`, `{"id":"1","id":"2"}`, `{"ID":"1"}`,
		`{"id":null}`, `{"id":1}`, `{"account":null}`, `{"account":{"id":"1","id":"2"}}`, `{"account":{"x":"1"}}`, `{"account":{"id":"1"},"account":{}}`,
		`{"text":"\u0041"}`, `{"text":"\x"}`, `{"text":"\ud83d\ude00"}`, `{"text":"\ud83d"}`, "{\"text\":\"\xff\"}", "{\"text\":\"a\tb\"}", "{\"text\":\"\x7f\u2028\"}",
		`{"text":"a\`, `{"text":"a\"`, `{"text":"a`, `{"text"`, `{"text":`, `{`, ``, `[]`, `"x"`, `{"te\u0078t":"a"}`, `{"te\/xt":"a"}`,
		`{"created_at":""}`, `{"created_at":"2024-02-30T08:00:00Z"}`, `{"created_at":"2024-11-20T24:00:00Z"}`, `{"created_at":"2024-11-20T08:00:60Z"}`,
		`{"created_at":"2024-11-20T08:00:00.5Z"}`, `{"created_at":"2024-11-20T08:00:00,5Z"}`, `{"created_at":"2024-11-20T8:00:00Z"}`, `{"created_at":"2024-11-20t08:00:00z"}`,
		`{"created_at":"2024-11-20T08:00:00+24:00"}`, `{"created_at":"2024-11-20T08:00:00+07:60"}`, `{"created_at":"2024-11-20T08:00:00-23:59"}`, `{"created_at":"0000-01-01T00:00:00Z"}`,
		`{"media":[{"type":"image"}]}`, `{"media":null}`,
	}
}

// FuzzQuickly compares the quick reader with the strict decoder: what it reads,
// the decoder reads the same.
func FuzzQuickly(f *testing.F) {
	for _, seed := range seeds() {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		quick, ok := decodeQuickly(data)
		if !ok {
			return
		}
		strict, err := decodeStrictly(data)
		if err != nil {
			t.Fatalf("read quickly, but %v: %q", err, data)
		}
		if !reflect.DeepEqual(quick, strict) {
			t.Fatalf("%q\nquickly  %+v\nstrictly %+v", data, quick, strict)
		}
	})
}

// TestQuickReaderReadsOrdinaryPosts tells when it does not serve any more.
func TestQuickReaderReadsOrdinaryPosts(t *testing.T) {
	file, err := os.Open("../../deploy/sample/posts.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	posts, quick := 0, 0
	for lines := bufio.NewScanner(file); lines.Scan(); posts++ {
		if _, ok := decodeQuickly(lines.Bytes()); ok {
			quick++
		}
	}
	if quick < posts*9/10 {
		t.Errorf("%d of %d posts are read quickly", quick, posts)
	}
}

func BenchmarkDecode(b *testing.B) {
	data := []byte(seeds()[0])
	for name, decode := range map[string]func([]byte) (Post, error){"quick": Decode, "strict": decodeStrictly} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := decode(data); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
