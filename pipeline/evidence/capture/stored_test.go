package capture_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/netra-id/netra/pipeline/blobs"
	"github.com/netra-id/netra/pipeline/collect"
	"github.com/netra-id/netra/pipeline/database"
	"github.com/netra-id/netra/pipeline/evidence"
	"github.com/netra-id/netra/pipeline/evidence/capture"
	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/store"
)

func sumOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

func TestAFlagIsCapturedByteForByte(t *testing.T) {
	each(t, options{}, func(t *testing.T, b *bench) {
		raw := `{"id":"1", "content":"<p>coblos nomor 2</p>"}` + strings.Repeat(" ", 500)
		fetchedAt := time.Date(2024, 11, 20, 9, 0, 1, 5e8, time.FixedZone("WIB", 7*3600))
		p, offset := b.collected(t, samplePost("mastodon:1", "coblos nomor 2"), raw, &collect.Exchange{
			Address: "https://contoh.id/api/v1/accounts/42/statuses?limit=40", Status: 200, FetchedAt: fetchedAt, Clock: "ntp synchronised, ±4 ms", By: "netra v1.2 collect s-mastodon",
		})
		b.flagged(t, p, offset, "support")
		b.work(t)
		b.work(t) // nothing new comes of it

		pieces := b.pieces(t, "mastodon:1")
		for _, kind := range []evidence.Kind{evidence.Raw, evidence.Record, evidence.Verdict, evidence.HTTP} {
			if len(pieces[kind]) != 1 || pieces[kind][0].Problem != "" || pieces[kind][0].Occasion != evidence.Flagged {
				t.Fatalf("%s: %v", kind, pieces[kind])
			}
		}
		record := b.content(t, pieces[evidence.Record][0].SHA256)
		for kind, list := range pieces {
			if list[0].Version != sumOf(record) {
				t.Errorf("%s is of the version %s, want that of the record", kind, list[0].Version)
			}
		}
		got := pieces[evidence.Raw][0]
		if b.content(t, got.SHA256) != raw || got.SHA256 != p.RawSHA256 || !got.CapturedAt.Equal(fetchedAt) || got.Clock != "ntp synchronised, ±4 ms" ||
			got.By != "netra v1.2 collect s-mastodon" || got.Public != evidence.PublicYes || got.Type != "application/json" || !strings.HasPrefix(got.Address, "https://contoh.id/") {
			t.Errorf("raw: %+v", got.Piece)
		}
		if decoded, err := post.Decode([]byte(record)); err != nil || decoded.Text != "coblos nomor 2" {
			t.Error(decoded, err)
		}
		var verdict capture.FlagFile
		if err := json.Unmarshal([]byte(b.content(t, pieces[evidence.Verdict][0].SHA256)), &verdict); err != nil || verdict.Person.Name != "Budi" ||
			len(verdict.Verdict.Labels) != 1 || verdict.Record != fmt.Sprintf("%s/0/%d", b.queue.Configuration().Topic, offset) {
			t.Errorf("verdict %+v, %v", verdict, err)
		}
		if n, err := b.log.Seal(t.Context()); err != nil || n != 4 {
			t.Errorf("%d statements were sealed, %v", n, err)
		}
		if b.waiting(t, "mastodon:1") != 0 {
			t.Error("a task is left")
		}
	})
}

// TestAnEditIsAnotherVersion edits a flagged post, first so that it is flagged
// still, then so that it says nothing: each text is kept.
func TestAnEditIsAnotherVersion(t *testing.T) {
	each(t, options{edits: true}, func(t *testing.T, b *bench) {
		edited := func(id, text string, label post.Label) {
			p, offset := b.collected(t, samplePost(id, text), `{"content":"`+text+`"}`, nil)
			if label != "" {
				b.flagged(t, p, offset, label)
			}
			err := b.store.Insert(t.Context(), store.Batch{Token: fmt.Sprintf("%s/0/%d-%d", p.ID, offset, offset), Edits: []store.Edit{{ID: p.ID, Topic: b.queue.Configuration().Topic, Offset: offset}}})
			if err != nil {
				t.Fatal(err)
			}
		}
		p, offset := b.collected(t, samplePost("mastodon:1", "coblos nomor 2"), `{"content":"coblos nomor 2"}`, nil)
		b.flagged(t, p, offset, "support")
		edited("mastodon:1", "coblos nomor dua", "support") // before the first is looked at
		b.work(t)
		edited("mastodon:1", "selamat pagi", "")
		edited("mastodon:2", "posting orang lain", "") // of which there is no evidence
		b.work(t)
		b.work(t)

		records := b.pieces(t, "mastodon:1")[evidence.Record]
		texts := map[string]bool{}
		for _, r := range records {
			p, err := post.Decode([]byte(b.content(t, r.SHA256)))
			if err != nil || r.Version != r.SHA256 {
				t.Fatal(err)
			}
			texts[p.Text] = true
		}
		if len(records) != 3 || !texts["coblos nomor 2"] || !texts["coblos nomor dua"] || !texts["selamat pagi"] {
			t.Errorf("%d records of %v", len(records), texts)
		}
		last := records[len(records)-1]
		if raws := b.pieces(t, "mastodon:1")[evidence.Raw]; len(raws) != 3 || last.Occasion != evidence.Edited {
			t.Errorf("%d answers; the last record: %s", len(raws), last.Statement)
		}
		if has, err := b.keeper.Has(t.Context(), "mastodon:2"); err != nil || has {
			t.Errorf("evidence of a post that was never flagged: %v, %v", has, err)
		}
		all, err := b.keeper.OfPost(t.Context(), "mastodon:1")
		if err != nil || len(evidence.Versions(all)) != 3 {
			t.Errorf("%d versions, %v", len(evidence.Versions(all)), err)
		}
	})
}

func TestWhatCannotBeCapturedIsSealedAsAProblem(t *testing.T) {
	each(t, options{}, func(t *testing.T, b *bench) {
		one, offset := b.collected(t, samplePost("mastodon:1", "a"), "", nil)
		b.flagged(t, one, offset, "support")
		lies, offset := b.collected(t, func() post.Post { p := samplePost("mastodon:2", "b"); p.RawSHA256 = sumOf("else"); return p }(), "said", nil)
		b.flagged(t, lies, offset, "support")
		b.flagged(t, samplePost("mastodon:3", "c"), offset+50, "support") // beyond the log
		b.flagged(t, samplePost("mastodon:4", "d"), offset, "support")    // another's record
		b.work(t)

		tests := map[string]map[evidence.Kind]string{
			"mastodon:1": {evidence.Record: "", evidence.Raw: "did not bring"},
			"mastodon:2": {evidence.Record: "", evidence.Raw: "the post names " + sumOf("else")},
			"mastodon:3": {evidence.Record: "no longer in the queue", evidence.Raw: "no longer in the queue"},
			"mastodon:4": {evidence.Record: "another record", evidence.Raw: "another record"},
		}
		for id, kinds := range tests {
			pieces := b.pieces(t, id)
			for kind, want := range kinds {
				if len(pieces[kind]) != 1 || (want == "") != (pieces[kind][0].Problem == "") || !strings.Contains(pieces[kind][0].Problem, want) {
					t.Errorf("%s %s: %v", id, kind, pieces[kind])
				}
			}
			if v := pieces[evidence.Verdict]; len(v) != 1 || v[0].Problem != "" || v[0].Version != pieces[evidence.Record][0].Version {
				t.Errorf("%s: verdict %v", id, v)
			}
		}
	})
}

func TestAConfirmedPostIsCapturedAgainAndNothingTwice(t *testing.T) {
	each(t, options{}, func(t *testing.T, b *bench) {
		p, offset := b.collected(t, samplePost("mastodon:1", "coblos nomor 2"), "raw", nil)
		b.flagged(t, p, offset, "support")
		b.work(t)
		ask := func(decision string, fail error) error {
			return b.db.Write(t.Context(), func(tx *database.Tx) error {
				return errors.Join(b.Confirmed(t.Context(), tx, "mastodon:1", decision), fail)
			})
		}
		undone := errors.New("the decision was rolled back")
		if err := ask("d0", undone); !errors.Is(err, undone) {
			t.Fatal(err)
		}
		if b.waiting(t, "mastodon:1") != 0 {
			t.Error("a decision that did not come about is captured")
		}
		b.flagged(t, p, offset, "attack") // newer lists say more
		b.work(t)
		for range 2 {
			if err := ask("d1", nil); err != nil {
				t.Fatal(err)
			}
		}
		if n := b.waiting(t, "mastodon:1"); n != 1 {
			t.Errorf("%d tasks wait, want 1", n)
		}
		b.work(t)
		pieces := b.pieces(t, "mastodon:1")
		if len(pieces[evidence.Record]) != 1 || len(pieces[evidence.Raw]) != 1 || len(pieces[evidence.Verdict]) != 2 {
			t.Errorf("%d records, %d answers, %d verdicts", len(pieces[evidence.Record]), len(pieces[evidence.Raw]), len(pieces[evidence.Verdict]))
		}
	})
}

// handed has one file.
type handed map[string]string

func (h handed) Handed(_ context.Context, sum string) (io.ReadCloser, capture.HandedFile, error) {
	content, ok := h[sum]
	if !ok {
		return nil, capture.HandedFile{}, blobs.ErrNotFound
	}
	return io.NopCloser(strings.NewReader(content)), capture.HandedFile{By: "siti", At: time.UnixMilli(1732090000000)}, nil
}

func TestFilesThatWereHandedInBecomePieces(t *testing.T) {
	files := handed{sumOf("a picture"): "a picture", sumOf("altered"): "other bytes"}
	each(t, options{handed: files, configure: func(c *capture.Configuration) { c.Tries = 1 }}, func(t *testing.T, b *bench) {
		p := samplePost("x:1", "coblos")
		p.Media = []post.Media{{Type: "image", SHA256: sumOf("a picture")}, {Type: "image", SHA256: sumOf("lost")}, {Type: "image", SHA256: sumOf("altered")}, {Type: "image", URL: "https://contoh.id/a.png", SHA256: sumOf("fetched")}}
		p, offset := b.collected(t, p, "", nil)
		b.flagged(t, p, offset, "support")
		b.work(t)
		got := b.pieces(t, "x:1")[evidence.Handed]
		if len(got) != 3 || got[0].SHA256 != sumOf("a picture") || got[0].By != "siti" || got[0].CapturedAt.UnixMilli() != 1732090000000 || got[1].Problem == "" || !strings.Contains(got[2].Problem, "the post names") {
			t.Errorf("handed in: %+v", got)
		}
	})
}

// TestClocksThatJump captures while the machine's clock is set back and forth.
func TestClocksThatJump(t *testing.T) {
	each(t, options{}, func(t *testing.T, b *bench) {
		for n, jump := range []time.Duration{0, -20 * 365 * 24 * time.Hour, 20 * 365 * 24 * time.Hour, -time.Hour, time.Hour} {
			b.now = time.Now().Add(jump)
			id := fmt.Sprintf("mastodon:%d", n)
			p, offset := b.collected(t, samplePost(id, "coblos nomor 2"), "raw", nil)
			b.flagged(t, p, offset, "support")
			if err := b.TakeIn(t.Context()); err != nil {
				t.Fatal(err)
			}
			b.now = time.Now().Add(-jump / 2)
			b.work(t)
			b.work(t)
			if pieces := b.pieces(t, id); len(pieces[evidence.Record]) != 1 || len(pieces[evidence.Verdict]) != 1 || b.waiting(t, id) != 0 {
				t.Errorf("after a jump of %v: %d records, %d tasks wait", jump, len(pieces[evidence.Record]), b.waiting(t, id))
			}
		}
	})
}
