package report

import (
	"fmt"
	"strings"
	"time"

	"github.com/netra-id/netra/pipeline/cases"
	"github.com/netra-id/netra/pipeline/evidence"
	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/review"
)

// The reports are in Indonesian whatever the language of the console is: they are
// for Indonesian agencies and courts.

var (
	days   = [...]string{"Minggu", "Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu"}
	months = [...]string{"Januari", "Februari", "Maret", "April", "Mei", "Juni", "Juli", "Agustus", "September", "Oktober", "November", "Desember"}
)

// moment says a time in a zone with that and with UTC.
func moment(t time.Time, zone *time.Location) string {
	if t.IsZero() {
		return ""
	}
	local := t.In(zone)
	name, _ := local.Zone()
	return fmt.Sprintf("%s, %s pukul %s %s (%s UTC)", days[local.Weekday()], date(local), local.Format("15.04.05"), name, t.UTC().Format("2006-01-02 15:04:05"))
}

// instant says a time briefly, for tables.
func instant(t time.Time, zone *time.Location) string {
	if t.IsZero() {
		return ""
	}
	local := t.In(zone)
	name, _ := local.Zone()
	return local.Format("2006-01-02 15:04:05 ") + name
}

func date(local time.Time) string {
	return fmt.Sprintf("%d %s %d", local.Day(), months[local.Month()-1], local.Year())
}

var labelNames = map[post.Label]string{
	post.Support: "dugaan dukungan", post.Attack: "dugaan serangan", post.Hoax: "dugaan hoaks", post.HateSpeech: "dugaan ujaran kebencian",
	post.MoneyPolitics: "dugaan politik uang", post.Intimidation: "dugaan intimidasi", post.OfficePromise: "dugaan janji jabatan",
}

var kindNames = map[post.Kind]string{
	post.KindPost: "unggahan", post.KindReply: "balasan", post.KindRepost: "pembagian ulang", post.KindQuote: "kutipan", post.KindComment: "komentar",
	post.KindLike: "suka", post.KindFollow: "mengikuti akun",
}

var platformNames = map[string]string{
	"bluesky": "Bluesky", "facebook": "Facebook", "instagram": "Instagram", "mastodon": "Mastodon", "rss": "RSS", "telegram": "Telegram",
	"threads": "Threads", "tiktok": "TikTok", "web": "Web", "whatsapp": "WhatsApp", "x": "X", "youtube": "YouTube",
}

// clockWords say in Indonesian what the package clock says of a clock.
var clockWords = strings.NewReplacer(
	"not checked", "jam tidak diperiksa", "not synchronised", "jam tidak disinkronkan", "ntp synchronised", "jam disinkronkan NTP",
	"; set by ", "; digeser ", " since the program started", " sejak program dimulai",
)

var pieceNames = map[evidence.Kind]string{
	evidence.Raw: "Jawaban asli platform", evidence.Record: "Rekaman unggahan", evidence.Verdict: "Hasil klasifikasi", evidence.HTTP: "Pertukaran HTTP",
	evidence.Page: "Arsip halaman", evidence.Screenshot: "Tangkapan layar", evidence.Media: "Media", evidence.Handed: "Berkas yang diserahkan",
	evidence.Gone: "Jawaban bahwa unggahan tidak ada lagi",
}

var publicNames = map[evidence.Public]string{
	evidence.PublicYes: "publik", evidence.PublicNo: "tidak publik", evidence.PublicUnknown: "tidak diketahui",
}

var verdictNames = map[review.Verdict]string{
	review.Violation: "dugaan pelanggaran", review.NoViolation: "tidak ditemukan dugaan pelanggaran", review.Unsure: "meminta pendapat kedua",
	review.SameAs: "salinan dari unggahan lain",
}

var causeNames = map[review.Cause]string{
	review.WrongTarget: "sasaran keliru", review.Report: "hanya memberitakan", review.Denial: "menyangkal atau melarang", review.Satire: "satire",
	review.NotThePerson: "bukan orangnya", review.Everyday: "makna sehari-hari", review.Official: "tugas resmi", review.NotElection: "bukan tentang pemilihan",
	review.OtherCause: "lainnya",
}

var statusNames = map[cases.Status]string{
	cases.Open: "sedang dikerjakan", cases.Ready: "siap diserahkan", cases.HandedOver: "sudah diserahkan", cases.Closed: "ditutup",
}

var stageNames = map[string]string{
	"bakal_calon": "pencalonan (bakal calon)", "pendaftaran": "pendaftaran calon", "pencalonan": "pencalonan", "calon": "setelah penetapan calon",
	"kampanye": "masa kampanye", "masa_tenang": "masa tenang", "pemungutan_suara": "pemungutan suara", "penghitungan_suara": "penghitungan suara",
}

func named[K ~string](names map[K]string, key K) string {
	if name, found := names[key]; found {
		return name
	}
	return strings.ReplaceAll(string(key), "_", " ")
}
