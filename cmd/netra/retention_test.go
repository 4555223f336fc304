package main

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/retention"
	"github.com/netra-id/netra/pipeline/roster"
	"github.com/netra-id/netra/pipeline/store"
)

func TestRetentionAndWhatIsHeldByCommand(t *testing.T) {
	s, _ := tables(t)
	const key, nip = "0123456789abcdef0123456789abcdef", "198001012005011001"
	t.Setenv("NETRA_ROSTER_HASH_KEY", key)
	person, err := roster.PersonID([]byte(key), nip)
	if err != nil {
		t.Fatal(err)
	}
	at := time.Now().Add(-time.Hour).UTC()
	f := post.Flag{
		Post:   post.Post{ID: "x:1", Platform: "x", Kind: post.KindPost, Account: post.Account{ID: "42"}, Text: "ayo coblos nomor 2", CreatedAt: at, CollectedAt: at},
		Person: post.Person{PersonID: person, Name: "Budi", Region: "61.08"}, FlaggedAt: at,
		Verdict: post.Verdict{ID: "x:1", Flagged: true, Labels: []post.LabelScore{{Label: post.Support, Score: 0.9}}},
	}
	if err := s.Insert(t.Context(), store.Batch{Token: "a", Flags: []post.Flag{f}}); err != nil {
		t.Fatal(err)
	}
	netra(t, nil, "retention", "plan").expect(t, 0, "0 posts and 0 files would go")
	var plan retention.Plan
	if got := netra(t, nil, "retention", "plan", "--json"); json.Unmarshal([]byte(got.out), &plan) != nil || plan.At.IsZero() {
		t.Errorf("the plan is no JSON: %s", got.out)
	}
	netra(t, nil, "retention", "run").expect(t, 0, "nothing was purged")
	netra(t, nil, "retention", "run", "--yes").expect(t, 0, "purged 0 posts")
	netra(t, nil, "retention", "hold", "x:1").expect(t, 2, "--reason")
	netra(t, nil, "retention", "hold", "x:none", "--reason", "sengketa").expect(t, 2, "no such post or case")
	netra(t, nil, "person", "report").expect(t, 2, "--nip and --account")
	netra(t, strings.NewReader("123\n"), "person", "report", "--nip").expect(t, 2, "18 or 16 digits")

	var report retention.Report
	got := netra(t, strings.NewReader(nip+"\n"), "person", "report", "--nip")
	if err := json.Unmarshal([]byte(got.out), &report); err != nil || len(report.Flags) != 1 || report.Flags[0].Text != f.Post.Text {
		t.Errorf("what is held by NIP: %v\n%s", err, got.out)
	}
	netra(t, nil, "person", "report", "--account", "x:42", "--format", "csv").expect(t, 0, "flag,", "ayo coblos nomor 2", "sketches")
	netra(t, nil, "audit", "verify").expect(t, 0, "entries hold")
}
