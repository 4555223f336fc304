package pack_test

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/netra-id/netra/pipeline/database/databasetest"
	"github.com/netra-id/netra/pipeline/evidence"
	"github.com/netra-id/netra/pipeline/evidence/pack"
	"github.com/netra-id/netra/pipeline/evidence/seal"
	"github.com/netra-id/netra/pipeline/review"
)

// benchPosts are the posts of the benchmark's pack.
const benchPosts = 500

// benched is an office with a pack of many posts, each with a record, a raw
// answer, a verdict, an exchange, a picture and a page, two decisions, and a time
// stamp after every 50 posts.
func benched(b *testing.B) (*office, []byte) {
	b.Helper()
	o := newOffice(b, databasetest.SQLite(b), true)
	random := rand.NewChaCha8([32]byte{1})
	file := func(size int) string {
		data := make([]byte, size)
		_, _ = random.Read(data) // never fails
		return string(data)
	}
	for i := range benchPosts {
		post := fmt.Sprintf("mastodon:%d", i)
		o.contents.Posts = append(o.contents.Posts, post)
		for kind, size := range map[evidence.Kind]int{evidence.Record: 1 << 10, evidence.Raw: 4 << 10, evidence.Verdict: 1 << 10, evidence.HTTP: 1 << 10, evidence.Screenshot: 200 << 10, evidence.Page: 600 << 10} {
			o.piece(post, kind, file(size), nil)
		}
		o.decision(post, review.Violation)
		o.decision(post, review.NoViolation)
		if i%50 == 49 {
			o.stamp()
			o.now = o.now.Add(10 * time.Minute)
		}
	}
	return o, o.write()
}

// BenchmarkPackOf500Posts says how long a pack of 500 posts takes to be verified,
// beside the SHA-256 of the same bytes, by this and by the second verifier, and to
// be made. The second verifier's has the start of Python in it.
func BenchmarkPackOf500Posts(b *testing.B) {
	o, data := benched(b)
	options := o.options()
	second := newPython(b, o, false)
	b.ResetTimer()
	for b.Loop() {
		begun := time.Now()
		sha256.Sum256(data)
		sum := time.Since(begun)
		begun = time.Now()
		result, err := pack.Verify(bytes.NewReader(data), int64(len(data)), options)
		if err != nil || !result.Holds {
			b.Fatal(result.Fault, err)
		}
		verified := time.Since(begun)
		begun = time.Now()
		if out, ok := second.verify(data); !ok {
			b.Fatal(out)
		}
		byPython := time.Since(begun)
		begun = time.Now()
		o.write()
		b.ReportMetric(float64(len(data))/1e6, "MB")
		b.ReportMetric(verified.Seconds(), "s/verify")
		b.ReportMetric(sum.Seconds(), "s/sha256")
		b.ReportMetric(verified.Seconds()/sum.Seconds(), "x-sha256")
		b.ReportMetric(byPython.Seconds(), "s/python")
		b.ReportMetric(time.Since(begun).Seconds(), "s/write")
	}
}

// BenchmarkProofs is the part of a verification that is not reading files.
func BenchmarkProofs(b *testing.B) {
	o := newOffice(b, databasetest.SQLite(b), false)
	for i := range 1000 {
		o.statement(seal.KindCase, "", map[string]any{"at": o.now, "n": i})
	}
	data := o.write()
	options := o.options()
	for b.Loop() {
		if result, err := pack.Verify(bytes.NewReader(data), int64(len(data)), options); err != nil || !result.Holds {
			b.Fatal(result.Fault, err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/1000, "µs/statement")
}
