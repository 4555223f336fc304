package console_test

import (
	"strings"
	"time"

	"github.com/netra-id/netra/pipeline/console"
	"github.com/netra-id/netra/pipeline/post"
)

// What the tests show: an invented election in three regions.

var wib = time.FixedZone("WIB", 7*3600)

// at is a minute of 20 November 2024.
func at(day, hour, minute int) time.Time { return time.Date(2024, 11, day, hour, minute, 0, 0, wib) }

var versions = post.Versions{
	Lists:  "sha256:5f2b9c0d1e7a4b6380c1d2e3f4a5b6c7d8e9f0a1b2c3d4e5f60718293a4b5c6d",
	Models: "hate-1,stance-1,lang-2", Netra: "0.2.0",
}

// said builds a reason from the words that it was found at.
func said(text, words, source string, weight float64) post.Reason {
	start := strings.Index(text, words)
	kind := post.ReasonKeyword
	switch {
	case strings.HasPrefix(source, "model/"):
		kind, source = post.ReasonModel, strings.TrimPrefix(source, "model/")
	case strings.HasPrefix(source, "claim/"):
		kind, source = post.ReasonClaim, strings.TrimPrefix(source, "claim/")
	}
	return post.Reason{Kind: kind, Source: source, Start: start, End: start + len(words), Text: words, Weight: weight}
}

func inQuoted(r post.Reason) post.Reason { r.Quoted = true; return r }

func flagged(id, text string, created time.Time, person post.Person, language string, labels ...post.LabelScore) post.Flag {
	platform, native, _ := strings.Cut(id, ":")
	handle := "@" + strings.ToLower(strings.ReplaceAll(strings.Fields(person.Name + " akun")[0], ",", "")) + native
	return post.Flag{
		Post: post.Post{
			ID: id, Platform: platform, Kind: post.KindPost,
			Account: post.Account{ID: "a" + native, Handle: handle, Name: person.Name},
			URL:     "https://" + platform + ".example/" + native, Text: text,
			CreatedAt: created, CollectedAt: created.Add(7 * time.Minute), Source: platform, RawSHA256: strings.Repeat("a1b2c3d4", 8),
		},
		Person:    person,
		Verdict:   post.Verdict{ID: id, Language: post.Language{Code: language, Confidence: 0.97}, Flagged: true, Labels: labels, Attributes: map[string]float64{"abusive": 0.12}, Versions: versions},
		FlaggedAt: created.Add(8 * time.Minute), Topic: "netra.posts", Partition: 3, Offset: 4711,
	}
}

var (
	sumarni = post.Person{PersonID: "p1", Name: "Sumarni Dewi, S.Pd.", Agency: "Dinas Pendidikan Kabupaten Landak", Unit: "SD Negeri 04 Ngabang", Position: "Guru Ahli Muda", Region: "61.08", Status: "pns", Basis: "nama dan foto profil cocok dengan daftar pegawai; dikonfirmasi petugas 3 Oktober 2024"}
	rahmat  = post.Person{PersonID: "p2", Name: "Rahmat Hidayat", Agency: "Kecamatan Sungai Raya", Unit: "Seksi Pemerintahan", Position: "Kepala Seksi", Region: "61.12", Status: "pns", Basis: "tautan di laman resmi kecamatan"}
	wulan   = post.Person{PersonID: "p3", Name: "Wulan Pratiwi", Agency: "RSUD Kota Madiun", Position: "Perawat", Region: "35.77", Status: "pppk", Basis: "laporan masyarakat nomor 88"}
)

const quotedText = "Resmi! Paslon 2 bagi sembako di balai desa, jangan lupa coblos nomor 2 ya sedulur"

// flags are the posts that the tests store, newest last.
func flags() []post.Flag {
	vote := "Ayo rapatkan barisan, Ibu Bapak guru semua ✌️ Rabu depan kita coblos nomor 2, lanjutkan kerja nyata untuk Landak!"
	both := "Nomor 1 pembohong, janji jalan mulus tapi mangkrak 5 tahun. Pilih nomor 2 saja, sudah terbukti."
	banjar := "Ulun mamilih nang nomor 2 haja, urang baik jua. Kada usah bingung lagi dangsanak"
	money := "Serangan fajar sudah siap, per kepala 100 ribu. Yang belum kebagian hubungi saya, asal coblos nomor 1."
	threat := "Honorer yang tidak dukung nomor 1 tahu sendiri akibatnya, kontrak tidak diperpanjang."
	share := "Setuju banget 👍 gaspol"
	claim := "VIRAL!! Surat suara sudah dicoblos 7 kontainer, sebarkan sebelum dihapus!!!"

	shared := flagged("facebook:55102", share, at(20, 21, 15), wulan, "id",
		post.LabelScore{Label: post.Support, Score: 0.71, Contestant: "madiun-2", Reasons: []post.Reason{
			said(share, "gaspol", "support/endorse", 0.35), inQuoted(said(quotedText, "coblos nomor 2", "support/vote-for", 0.3)),
		}},
		post.LabelScore{Label: post.MoneyPolitics, Score: 0.64, Contestant: "madiun-2", Reasons: []post.Reason{
			inQuoted(said(quotedText, "bagi sembako", "money_politics/goods-from-contestant", 0.5)),
		}})
	shared.Post.Kind, shared.Post.Quoted = post.KindRepost, quotedText
	shared.Post.Media = []post.Media{{Type: "image", URL: "https://facebook.example/foto/1.jpg", Alt: "Spanduk dua jari di depan balai desa"}, {Type: "video", URL: "javascript:alert(1)"}}

	stranger := flagged("x:90210", both, at(21, 6, 40), post.Person{Region: "61.08"}, "id",
		post.LabelScore{Label: post.Support, Score: 0.88, Contestant: "landak-2", Reasons: []post.Reason{said(both, "Pilih nomor 2", "support/vote-for", 0.7)}},
		post.LabelScore{Label: post.Attack, Score: 0.91, Contestant: "landak-1", Reasons: []post.Reason{
			said(both, "Nomor 1 pembohong", "attack/insult", 0.6), said(both, "mangkrak", "model/support", 0.2), said(both, "pembohong", "model/support", 0.3),
		}})
	stranger.Post.Account = post.Account{ID: "77", Handle: "@suara_landak", Name: ""}

	return []post.Flag{
		flagged("telegram:3301", claim, at(18, 23, 50), rahmat, "id",
			post.LabelScore{Label: post.Hoax, Score: 0.95, Reasons: []post.Reason{
				said(claim, "Surat suara sudah dicoblos 7 kontainer", "claim/2019-kontainer", 0.8), said(claim, "sebarkan sebelum dihapus", "hoax/sensational-spread", 0.4),
			}}),
		flagged("facebook:41190", threat, at(19, 7, 5), rahmat, "id",
			post.LabelScore{Label: post.Intimidation, Score: 0.9, Contestant: "landak-1", Reasons: []post.Reason{
				said(threat, "kontrak tidak diperpanjang", "intimidation/threat-over-vote", 0.6), said(threat, "dukung nomor 1", "intimidation/threat-over-vote", 0.6),
			}},
			post.LabelScore{Label: post.Support, Score: 0.66, Contestant: "landak-1", Reasons: []post.Reason{said(threat, "dukung nomor 1", "support/house-rule", 0.4)}}),
		flagged("instagram:8812", money, at(19, 20, 30), sumarni, "id",
			post.LabelScore{Label: post.Support, Score: 0.8, Contestant: "landak-1", Reasons: []post.Reason{said(money, "coblos nomor 1", "support/vote-for", 0.7)}},
			post.LabelScore{Label: post.MoneyPolitics, Score: 0.97, Contestant: "landak-1", Reasons: []post.Reason{
				said(money, "Serangan fajar", "money_politics/dawn-attack", 0.7), said(money, "per kepala 100 ribu", "money_politics/goods-for-votes", 0.6),
			}}),
		flagged("mastodon:7020", banjar, at(20, 8, 0), rahmat, "bjn",
			post.LabelScore{Label: post.Support, Score: 0.77, Contestant: "landak-2", Reasons: []post.Reason{
				said(banjar, "mamilih nang nomor 2", "support/vote-for", 0.6),
			}}),
		shared, stranger,
		flagged("mastodon:1093", vote, at(21, 8, 12), sumarni, "id",
			post.LabelScore{Label: post.Support, Score: 0.93, Contestant: "landak-2", Reasons: []post.Reason{
				said(vote, "coblos nomor 2", "support/vote-for", 0.75), said(vote, "nomor 2, lanjutkan", "support/wish-win", 0.6),
				said(vote, "rapatkan barisan", "support/endorse", 0.4), said(vote, "lanjutkan", "model/support", 0.25), said(vote, "✌️", "support/hand-sign", 0.2),
			}}),
	}
}

// hostile is a post whose every field tries to become markup.
func hostile() post.Flag {
	evil := `<script>alert("x")</script><img src=x onerror=alert(1)>" onmouseover="alert(2)`
	f := flagged("web:1/../<b>?a=b&c#d", evil+" coblos \u202Enomor 2\x00", at(17, 9, 0), post.Person{
		Name: evil, Agency: evil, Unit: evil, Position: evil, Region: evil, Status: evil, Basis: evil,
	}, "zz\"><script>", post.LabelScore{Label: "label\"><script>alert(3)</script>", Score: 7, Contestant: evil, Reasons: []post.Reason{
		{Kind: "kind<script>", Source: evil, Start: -5, End: 1 << 40, Text: evil, Weight: 2},
		{Kind: post.ReasonKeyword, Source: "{word}{all}" + evil, Start: 9, End: 3, Text: evil},
	}})
	f.Post.URL = "javascript:alert(document.cookie)//https://example.org"
	f.Post.Quoted = evil
	f.Post.Account = post.Account{ID: evil, Handle: evil, Name: evil}
	f.Post.Media = []post.Media{{Type: evil, URL: "data:text/html," + evil, Alt: evil}}
	f.Post.Source, f.Post.InReplyTo, f.Post.RawSHA256 = evil, evil, evil
	f.Verdict.Attributes = map[string]float64{evil: 0.5}
	f.Verdict.Versions = post.Versions{Lists: evil, Models: evil, Netra: evil}
	return f
}

func counts() []post.HourlyCount {
	return []post.HourlyCount{{Hour: at(20, 8, 0).UTC(), Platform: "mastodon", Region: "61.08", Agency: "Dinas Pendidikan", Language: "id", Posts: 12847}}
}

type contestants map[string]console.Contestant

func (c contestants) Contestant(id string) (console.Contestant, bool) {
	found, ok := c[id]
	return found, ok
}

var pairs = contestants{
	"landak-1": {Number: 1, Names: []string{"Yohanes Karsa", "Siti Aminah"}, Election: "Pilkada Kabupaten Landak 2024"},
	"landak-2": {Number: 2, Names: []string{"Bernadus Lantang", "Rusdi Halim"}, Election: "Pilkada Kabupaten Landak 2024"},
	"madiun-2": {Number: 2, Names: []string{"Hari Sasongko", "Endah Lestari"}, Election: "Pilkada Kota Madiun 2024"},
}

var regionNames = map[string]string{
	"61": "Kalimantan Barat", "61.08": "Kabupaten Landak", "61.12": "Kabupaten Kubu Raya", "35": "Jawa Timur", "35.77": "Kota Madiun",
}

func ruleWords(language, source string) string {
	return map[string]string{
		"support/vote-for/id": "ajakan memilih dekat penyebutan peserta", "support/vote-for/en": "a call to vote near a contestant",
		"support/wish-win/id": "harapan menang dekat penyebutan peserta",
		"support/endorse/id":  "kata dukungan dekat penyebutan peserta", "attack/insult/id": "hinaan atau tuduhan dekat penyebutan peserta",
		"money_politics/dawn-attack/id": "istilah politik uang", "money_politics/goods-for-votes/id": "uang atau barang dekat ajakan memilih",
		"money_politics/goods-from-contestant/id": "uang atau barang dekat penyebutan peserta", "intimidation/threat-over-vote/id": "ancaman dekat pilihan orang",
		"hoax/sensational-spread/id": "perlu diperiksa: kabar menghebohkan tanpa sumber dengan ajakan menyebarkan",
	}[source+"/"+language]
}
