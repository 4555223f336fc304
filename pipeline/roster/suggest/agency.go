package suggest

import "strings"

// shortForms are how people and offices write the names of agencies and offices
// on profiles: each list is one name in several forms, the full one first.
var shortForms = [][]string{
	{"dinas pendidikan dan kebudayaan", "disdikbud", "dikbud"},
	{"dinas pendidikan", "disdik", "dindik", "dispendik"},
	{"dinas kesehatan", "dinkes"},
	{"dinas sosial", "dinsos"},
	{"dinas perhubungan", "dishub"},
	{"dinas komunikasi dan informatika", "diskominfo", "kominfo"},
	{"dinas kependudukan dan pencatatan sipil", "disdukcapil", "dukcapil"},
	{"dinas pekerjaan umum", "dinas pu", "dpu", "pupr"},
	{"dinas pertanian", "distan"},
	{"dinas lingkungan hidup", "dlh"},
	{"dinas perindustrian dan perdagangan", "disperindag"},
	{"dinas pariwisata", "dispar", "disparbud"},
	{"dinas pemuda dan olahraga", "dispora"},
	{"dinas pemberdayaan masyarakat dan desa", "dpmd"},
	{"dinas penanaman modal", "dpmptsp"},
	{"badan perencanaan pembangunan daerah", "bappeda", "bapeda"},
	{"badan kepegawaian", "bkd", "bkpsdm", "bkpp", "bkn"},
	{"badan pendapatan daerah", "bapenda"},
	{"badan pengelolaan keuangan", "bpkad", "bpkd"},
	{"badan penanggulangan bencana daerah", "bpbd"},
	{"badan pusat statistik", "bps"},
	{"badan pertanahan nasional", "bpn", "atr bpn"},
	{"sekretariat daerah", "setda"},
	{"sekretariat dewan", "setwan"},
	{"satuan polisi pamong praja", "satpol pp", "satpolpp", "pol pp"},
	{"inspektorat", "itda"},
	{"rumah sakit umum daerah", "rsud"},
	{"pusat kesehatan masyarakat", "puskesmas", "pkm"},
	{"kementerian agama", "kemenag"},
	{"kementerian hukum", "kemenkumham", "kemenkum"},
	{"kementerian keuangan", "kemenkeu"},
	{"kementerian kesehatan", "kemenkes"},
	{"kementerian dalam negeri", "kemendagri"},
	{"kementerian pendidikan", "kemendikbud", "kemdikbud", "kemendikbudristek"},
	{"kantor urusan agama", "kua"},
	{"pemerintah kabupaten", "pemkab"},
	{"pemerintah kota", "pemkot"},
	{"pemerintah provinsi", "pemprov"},
	{"sekolah dasar negeri", "sdn", "sd negeri"},
	{"sekolah menengah pertama negeri", "smpn", "smp negeri"},
	{"sekolah menengah atas negeri", "sman", "sma negeri"},
	{"sekolah menengah kejuruan negeri", "smkn", "smk negeri"},
	{"madrasah aliyah negeri", "man"},
	{"kecamatan", "kec", "camat"},
	{"kelurahan", "kel", "lurah"},
}

// commonWords stand in the names of many agencies and offices and tell nothing
// of which.
var commonWords = wordSet(`dan di pada dinas badan kantor kementerian pemerintah daerah kabupaten kab kota provinsi prov
	kecamatan kec kelurahan kel desa bidang seksi bagian sub subbagian unit uptd upt negeri umum republik indonesia
	kepala staf pelaksana anggota pegawai fungsional ahli muda madya pertama utama satuan pusat sekretariat`)

// staffWords say that somebody works for the state.
var staffWords = wordSet("asn pns cpns pppk p3k korpri")

// place is an agency or unit as it may stand on a profile.
type place struct {
	full  string   // as the roster has it
	forms []string // names of it in any form, folded to words with single spaces
	own   []string // the words that few other agencies have, such as its place
}

func placeOf(name string) place {
	words := wordsOf(name)
	plain := " " + strings.Join(words, " ") + " "
	p := place{full: name}
	if len(words) > 1 {
		p.forms = append(p.forms, strings.TrimSpace(plain))
	}
	known := map[string]bool{}
	for _, forms := range shortForms {
		for _, form := range forms {
			if strings.Contains(plain, " "+form+" ") {
				p.forms = append(p.forms, forms...)
				for _, word := range strings.Fields(forms[0] + " " + form) {
					known[word] = true
				}
			}
		}
	}
	for _, word := range words {
		if !commonWords[word] && !known[word] && len(word) > 2 {
			p.own = append(p.own, word)
		}
	}
	return p
}

// on returns the form of the place that stands in a text of words, empty where
// none does.
func (p *place) on(text string) string {
	best := ""
	for _, form := range p.forms {
		if len(form) > len(best) && strings.Contains(text, " "+form+" ") {
			best = form
		}
	}
	return best
}

// ownOn returns the first of the place's own words that stands in a text.
func (p *place) ownOn(text string) string {
	for _, word := range p.own {
		if strings.Contains(text, " "+word+" ") {
			return word
		}
	}
	return ""
}
