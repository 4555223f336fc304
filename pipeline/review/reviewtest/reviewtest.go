// Package reviewtest makes flagged posts for tests and measurements of the
// review: any number of them, always the same, and like real ones in how they
// spread over regions, labels, accounts and texts. Only tests and the measuring
// tools call it.
package reviewtest

import (
	"fmt"
	"iter"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/netra-id/netra/pipeline/post"
)

// Flags are n flagged posts, dated backwards from a time.
func Flags(n int, until time.Time) iter.Seq[post.Flag] {
	return func(yield func(post.Flag) bool) {
		for i := range n {
			if !yield(Flag(i, until)) {
				return
			}
		}
	}
}

var (
	words = strings.Fields(`ayo warga besok kita rapatkan barisan coblos nomor pilih paslon menang lanjutkan pembangunan daerah jangan lupa
		ajak keluarga tetangga semua TPS desa kecamatan bupati gubernur wakil rakyat program bantuan pupuk jalan sekolah guru pegawai dinas
		bohong janji palsu uang amplop sembako kontrak mutasi jabatan kabid dukung penuh gaspol menyala satu putaran salam dua jari kampung
		halaman pasar petani nelayan harga beras minyak listrik air bersih kesehatan puskesmas dokter obat gratis kartu pintar`)
	provinces = []string{"11", "12", "13", "14", "15", "16", "17", "18", "19", "21", "31", "32", "33", "34", "35", "36", "51", "52", "53",
		"61", "62", "63", "64", "65", "71", "72", "73", "74", "75", "76", "81", "82", "91", "92", "93", "94", "95", "96"}
	platforms = []string{"facebook", "facebook", "facebook", "instagram", "instagram", "tiktok", "x", "youtube", "telegram", "mastodon", "bluesky"}
	languages = []string{"id", "id", "id", "id", "id", "id", "jv", "su", "ms", "min", "bjn", "ban", "ace", "bug", "mad"}
	rules     = []string{"vote-for", "win", "slogan", "number", "hand-sign", "invite", "liar", "fraud", "envelope", "transfer", "unsourced", "slur"}
)

// Flag is the flagged post with a number.
func Flag(i int, until time.Time) post.Flag {
	r := rand.New(rand.NewPCG(uint64(i), 7))
	platform := pick(r, platforms)
	region := fmt.Sprintf("%s.%02d", pick(r, provinces), 1+r.IntN(14))
	account := fmt.Sprint(r.IntN(100_000))
	text := sentence(r)
	if i%10 == 9 { // copies of one text by many accounts
		text = sentence(rand.New(rand.NewPCG(uint64(i/1000), 8)))
	}
	created := until.Add(-time.Duration(r.Int64N(int64(60 * 24 * time.Hour))))
	id := fmt.Sprintf("%s:%d", platform, i)
	return post.Flag{
		Post: post.Post{
			ID: id, Platform: platform, Kind: post.KindPost, Text: text, URL: "https://contoh.id/" + id,
			Account:   post.Account{ID: account, Handle: "@akun" + account, Name: "Akun " + account},
			CreatedAt: created, CollectedAt: created.Add(time.Minute), Source: "bench",
		},
		Person: post.Person{
			PersonID: "hmac:" + account, Name: "Pegawai " + account, Agency: fmt.Sprintf("Dinas %d", r.IntN(400)), Region: region, Status: "pns",
		},
		Verdict: verdict(r, id, text, region), FlaggedAt: created.Add(2 * time.Minute), Topic: "netra.posts", Offset: int64(i),
	}
}

func pick(r *rand.Rand, list []string) string { return list[r.IntN(len(list))] }

func sentence(r *rand.Rand) string {
	var b strings.Builder
	for range 8 + r.IntN(24) {
		b.WriteString(pick(r, words) + " ")
	}
	return b.String() + fmt.Sprintf("nomor %d", 1+r.IntN(4))
}

func verdict(r *rand.Rand, id, text, region string) post.Verdict {
	v := post.Verdict{
		ID: id, Flagged: true, Language: post.Language{Code: pick(r, languages), Confidence: 0.97}, Attributes: map[string]float64{"abusive": r.Float64() / 4},
		Versions: post.Versions{Lists: fmt.Sprintf("sha256:%064d", r.IntN(12)), Models: "m", Netra: "bench"},
	}
	for range 1 + r.IntN(5)/4 {
		label := post.Labels[min(r.IntN(7), r.IntN(7))] // support is the most frequent
		score := post.LabelScore{Label: label, Score: 0.5 + r.Float64()/2}
		if label == post.Support || label == post.Attack {
			score.Contestant = fmt.Sprintf("%s-%d", region, 1+r.IntN(3))
		}
		for range 1 + r.IntN(2) {
			end := strings.IndexByte(text, ' ')
			score.Reasons = append(score.Reasons, post.Reason{
				Kind: post.ReasonKeyword, Source: string(label) + "/" + pick(r, rules), End: end, Text: text[:end], Weight: 0.5,
			})
		}
		v.Labels = append(v.Labels, score)
	}
	return v
}
