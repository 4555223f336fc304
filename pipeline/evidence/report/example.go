package report

import (
	"strings"
	"time"

	"github.com/netra-id/netra/pipeline/cases"
	"github.com/netra-id/netra/pipeline/evidence"
	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/review"
)

// Example is a made-up case by which a template can be tried.
func Example() Facts {
	at := time.Date(2024, 11, 21, 1, 12, 0, 0, time.UTC)
	text := "Contoh: Rabu depan kita coblos nomor 2, lanjutkan!"
	start := strings.Index(text, "coblos nomor 2")
	flag := post.Flag{
		Post: post.Post{
			ID: "mastodon:1", Platform: "mastodon", Kind: post.KindPost, Account: post.Account{ID: "42", Handle: "@contoh@contoh.id", Name: "Contoh"},
			URL: "https://contoh.id/@contoh/1", Text: text, Quoted: "Contoh kutipan", CreatedAt: at, CollectedAt: at.Add(time.Minute),
			Media: []post.Media{{Type: "image", URL: "https://contoh.id/1.jpg", Alt: "contoh"}},
		},
		Person: post.Person{PersonID: "contoh", Name: "Nama Contoh", Agency: "Dinas Contoh", Unit: "Unit Contoh", Position: "Jabatan Contoh", Region: "61.08", Status: "pns", Basis: "contoh dasar"},
		Verdict: post.Verdict{ID: "mastodon:1", Flagged: true, Labels: []post.LabelScore{{
			Label: post.Support, Score: 0.93, Contestant: "contoh-2",
			Reasons: []post.Reason{{Kind: post.ReasonKeyword, Source: "support/vote-for", Start: start, End: start + 14, Text: "coblos nomor 2", Weight: 0.75}},
		}}},
	}
	return Facts{
		Case: cases.Case{
			Number: "2024/61/0001", Title: "Akun @contoh", Status: cases.Open, Kind: cases.OfAccount, Regions: []string{"61.08"}, Posts: []string{"mastodon:1"},
			KnownAt: at.Add(time.Hour), Due: at.Add(7 * 24 * time.Hour), CreatedAt: at.Add(2 * time.Hour), CreatedBy: "contoh",
		},
		Posts: []Post{{
			Flag: flag, KnownAt: at.Add(time.Hour), Stage: "kampanye",
			Decisions: []review.Decision{{ID: "1", Item: "mastodon:1", Verdict: review.Violation, Rule: "DS-2", Note: "contoh catatan", By: "contoh", At: at.Add(90 * time.Minute), Round: 1, Current: true}},
			Pieces: []evidence.Piece{
				{Format: 1, ID: "1", Kind: evidence.Raw, Post: "mastodon:1", SHA256: strings.Repeat("ab", 32), Size: 2048, Type: "application/json", CapturedAt: at.Add(time.Minute), Clock: "ntp", By: "netra collect", Public: evidence.PublicYes},
				{Format: 1, ID: "2", Kind: evidence.Screenshot, Post: "mastodon:1", Problem: "contoh masalah", CapturedAt: at.Add(2 * time.Minute), By: "netra", Public: evidence.PublicUnknown},
			},
		}},
		At: at.Add(3 * time.Hour), By: "contoh", Version: "contoh", Key: "contoh",
	}
}
