package claims

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

func library(t testing.TB) *Index {
	t.Helper()
	x, err := Default()
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func TestMatchFindsClaimsHoweverTheyAreTold(t *testing.T) {
	x := library(t)
	tests := map[string]struct{ text, claim string }{
		"as it is":        {"Tujuh kontainer berisi surat suara yang sudah tercoblos ditemukan di Pelabuhan Tanjung Priok", "kontainer-tercoblos"},
		"number, order":   {"di tanjung priok ada 7 kontainer isinya surat suara udah dicoblos semua!!", "kontainer-tercoblos"},
		"wrapped":         {"Astagfirullah, bangun tidur langsung baca beginian. Katanya nih tujuh peti kemas berisi surat suara tercoblos ditemukan di pelabuhan Tanjung Priok. Mau jadi apa negeri ini, ayo kita kawal bersama sampai tuntas ya saudara-saudara sebangsa", "kontainer-tercoblos"},
		"shortened":       {"7 kontainer surat suara tercoblos di priok", "kontainer-tercoblos"},
		"spelling":        {"S3RVER KPU ada di S1ngapura, sudah diset buat menangkan satu pasangan calon", "server-singapura"},
		"poison":          {"ratusan anggota KPPS wafat diracun agar kecurangannya tak terungkap", "kpps-diracun"},
		"foreign workers": {"jutaan TKA china dikasih KTP elektronik biar bisa ikut memilih di pemilu", "tka-memilih"},
		"ink":             {"hati2 tinta di bilik suara hilang sendiri, pilihan kita bisa diganti petugas habis TPS tutup", "tinta-hilang"},
		"chip":            {"surat suaranya ada chip!! pemerintah jadi tau siapa yang dipilih tiap warga", "chip-surat-suara"},
		"postponed":       {"RESMI! pemilu ditunda 3 tahun gara-gara anggaran negara sudah habis", "pemilu-ditunda"},
	}
	var s Scratch
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			matches := x.Match(test.text, &s)
			if len(matches) == 0 || matches[0].Claim.ID != test.claim || matches[0].Score < Likely {
				t.Errorf("%q: got %s, want %s", test.text, show(matches), test.claim)
			}
		})
	}
}

func TestMatchLeavesTheSameTopicAlone(t *testing.T) {
	x := library(t)
	texts := []string{
		"KPU memeriksa gudang surat suara di Tanjung Priok bersama Bawaslu",
		"surat suara sudah tiba di gudang KPU kabupaten dan dijaga polisi",
		"Petugas KPPS yang meninggal mendapat santunan dari pemerintah",
		"Ratusan petugas KPPS dilantik dan mengucapkan sumpah hari ini",
		"Pemungutan suara ulang digelar di tiga TPS karena kesalahan prosedur",
		"Mahkamah Konstitusi menolak gugatan hasil pemilu",
		"Warga antre di TPS sejak pagi, tinta ungu di jari jadi kenangan",
		"Tinta pemilu sudah dikirim ke semua kecamatan",
		"server down terus, mau lihat hasil penghitungan KPU susah banget",
		"Ayo datang ke TPS, jangan golput, gunakan hak pilih kita",
		"Listrik di kecamatan padam semalam, PLN minta maaf",
		"kontainer berisi beras impor ditahan di pelabuhan tanjung priok",
		"e-KTP saya hilang, bisa nyoblos pakai surat keterangan nggak ya?",
		"Simulasi pencoblosan surat suara di kantor kelurahan",
		"Selamat pagi, semoga hari ini penuh berkah",
		"Pasangan calon nomor urut 2 akan berkampanye di lapangan kota",
		"Debat calon bupati malam ini disiarkan langsung",
		"harga beras naik lagi, pemerintah ke mana",
		"gaji pegawai negeri naik tahun depan kata menteri keuangan",
	}
	var s Scratch
	for _, text := range texts {
		if matches := x.Match(text, &s); len(matches) > 0 && matches[0].Score >= Likely {
			t.Errorf("%q: got %s", text, show(matches))
		}
	}
}

func show(matches []Match) string {
	var parts []string
	for _, m := range matches {
		parts = append(parts, fmt.Sprintf("%s %.2f", m.Claim.ID, m.Score))
	}
	return "[" + strings.Join(parts, ", ") + "]"
}

func TestDefaultLibraryIsSound(t *testing.T) {
	x := library(t)
	for _, finding := range Check(x.claims) {
		t.Error(finding)
	}
}

// manyClaims makes a library of made-up claims from made-up words of a natural
// skew: a few thousand words, the first ones far commoner than the last.
func manyClaims(n int) []Claim {
	r := rand.New(rand.NewPCG(1, 2))
	zipf := rand.NewZipf(r, 1.05, 20, 40_000)
	claims := make([]Claim, n)
	for i := range claims {
		var b strings.Builder
		for range 10 + r.IntN(10) {
			b.WriteString(madeUpWord(zipf.Uint64()))
			b.WriteByte(' ')
		}
		claims[i] = Claim{ID: fmt.Sprint(i), Text: b.String(), Verdict: "false"}
	}
	return claims
}

func madeUpWord(i uint64) string {
	consonants, vowels := "bcdfghjlmnprstwy", "aeiou"
	var b []byte
	for i += 400; i > 0; i /= 80 {
		b = append(b, consonants[i%16], vowels[i/16%5])
	}
	return string(b)
}

func BenchmarkMatch(b *testing.B) {
	for _, n := range []int{1000, 300_000} {
		x := Build(append(manyClaims(n), library(b).claims...))
		r := rand.New(rand.NewPCG(5, 6))
		zipf := rand.NewZipf(r, 1.05, 20, 40_000)
		posts := make([]string, 2000)
		for i := range posts {
			var t strings.Builder
			for range 8 + r.IntN(14) {
				t.WriteString(madeUpWord(zipf.Uint64()))
				t.WriteByte(' ')
			}
			posts[i] = t.String()
		}
		for name, texts := range map[string][]string{"same words": posts, "ordinary": ordinary} {
			b.Run(fmt.Sprintf("%d claims/%s", n, name), func(b *testing.B) {
				var s Scratch
				b.ReportAllocs()
				i := 0
				for b.Loop() {
					x.Match(texts[i%len(texts)], &s)
					i++
				}
			})
		}
	}
}

var ordinary = []string{
	"Selamat pagi semuanya, semoga hari ini penuh berkah dan dilancarkan segala urusannya",
	"hari ini kami membagikan bantuan sembako untuk korban banjir di kecamatan Sungai Ambawang",
	"Alhamdulillah anak saya lulus kuliah, terima kasih doa dari teman-teman semua ya",
	"KPU menetapkan jadwal debat publik pasangan calon bupati dan wakil bupati pekan depan",
	"rapat koordinasi pengawasan tahapan kampanye bersama panwascam dan kepolisian",
}
