package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestContestantsCheck(t *testing.T) {
	dir := t.TempDir()
	good := sampleFile(t, dir, "contestants.yaml")
	netra(t, nil, "contestants", "check", good).expect(t, exitDone, "pilgub-nusa-tirta-2024: 3 contestants, numbers [1 2 3]")
	tests := map[string]struct{ text, want string }{
		"unknown key":  {"elections:\n  - id: a\n    nama: x\n", `bad.yaml:3: key "elections[0].nama"`},
		"wrong type":   {"elections:\n  - id: a\n    name: A\n    region: \"61\"\n    contestants:\n      - {id: a-1, number: satu, names: [\"B\"]}\n", `bad.yaml:6: key "elections[0].contestants[0].number": value satu`},
		"repeated id":  {"elections:\n  - id: a\n    name: A\n    region: \"61\"\n    contestants:\n      - {id: a-1, number: 1, names: [\"Budi Raya\"]}\n      - {id: a-1, number: 2, names: [\"Siti Jaya\"]}\n", `bad.yaml:7: key "elections[0].contestants[1].id"`},
		"bad date":     {"elections:\n  - id: a\n    name: A\n    region: \"61\"\n    stages: [{name: calon, from: 22-09-2024}]\n", `bad.yaml:5: key "elections[0].stages[0].from": value 22-09-2024`},
		"empty file":   {"", "bad.yaml"},
		"binary trash": {"\x00\xff\xfe", "bad.yaml"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			bad := write(t, t.TempDir(), "bad.yaml", test.text)
			r := netra(t, nil, "contestants", "check", bad, good)
			r.expect(t, exitFails, test.want)
			if !strings.Contains(r.out, "pilgub-nusa-tirta-2024") {
				t.Error("the good file was not looked at")
			}
		})
	}
}

func TestRosterCheck(t *testing.T) {
	dir := t.TempDir()
	good := sampleFile(t, dir, "roster.csv")
	netra(t, nil, "roster", "check", good).expect(t, exitDone, "66 accounts")
	text, err := os.ReadFile(good)
	if err != nil {
		t.Fatal(err)
	}
	header, rows, _ := strings.Cut(string(text), "\n")
	first, _, _ := strings.Cut(rows, "\n")
	tests := map[string]struct{ text, want string }{
		"wrong columns":    {strings.Replace(header, "agency", "instansi", 1) + "\n" + first + "\n", "instansi"},
		"missing column":   {"nip,name\n1,Budi\n", "bad.csv:1"},
		"bad date":         {header + "\n" + strings.Replace(first, "2021-02-01", "01/02/2021", 1) + "\n", "01/02/2021"},
		"unknown platform": {header + "\n" + strings.Replace(first, "facebook", "friendster", 1) + "\n", "friendster"},
		"repeated account": {header + "\n" + first + "\n" + first + "\n", "bad.csv:3"},
		"empty file":       {"", "bad.csv"},
		"cells missing":    {header + "\n123,Budi\n", "bad.csv:2"},
		"invalid UTF-8":    {header + "\n" + strings.Replace(first, "Norhalimah", "Norhal\xff\xfe", 1) + "\n", "bad.csv:2"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			bad := write(t, t.TempDir(), "bad.csv", test.text)
			r := netra(t, nil, "roster", "check", bad)
			r.expect(t, exitFails, test.want)
			if nip, _, _ := strings.Cut(first, ","); strings.Contains(r.out+r.errOut, nip) {
				t.Errorf("a NIP is shown: %s", r.errOut)
			}
		})
	}
	t.Run("mixed line ends", func(t *testing.T) {
		second, _, _ := strings.Cut(rows[len(first)+1:], "\n")
		mixed := write(t, t.TempDir(), "mixed.csv", "\xef\xbb\xbf"+header+"\r\n"+first+"\n"+second+"\r\n")
		netra(t, nil, "roster", "check", mixed).expect(t, exitDone, "2 accounts")
	})
}

func TestKeywordsCheckAndTest(t *testing.T) {
	for _, command := range []string{"check", "test"} {
		if r := netra(t, nil, "keywords", command); r.code == exitUsage {
			t.Errorf("the built-in lists are not read: %s", r.errOut)
		}
		own := t.TempDir()
		write(t, own, "own.yaml", ownList)
		netra(t, nil, "keywords", command, own).expect(t, exitDone, "0 f")
	}
	failing := t.TempDir()
	write(t, failing, "own.yaml", strings.ReplaceAll(ownList, `passes: ["selamat`, `passes: ["ayo coblos nomor 2, kami bagi amplop", "selamat`))
	netra(t, nil, "keywords", "test", failing).expect(t, exitFails, "own-money/envelopes", "ayo coblos nomor 2, kami bagi amplop", "1 failures")

	broken := t.TempDir()
	write(t, broken, "own.yaml", strings.Replace(ownList, "weight", "weigth", 1))
	for _, command := range []string{"check", "test"} {
		netra(t, nil, "keywords", command, broken).expect(t, exitFails, "own.yaml:6", "weigth", `did you mean "weight"?`)
	}
	netra(t, nil, "classify", "--keywords", broken).expect(t, exitUsage, "own.yaml:6")

	shadowed := t.TempDir()
	_, rule, _ := strings.Cut(ownList, "rules:\n")
	write(t, shadowed, "own.yaml", ownList+strings.Replace(rule, "envelopes", "again", 1))
	netra(t, nil, "keywords", "check", shadowed).expect(t, exitFails, "own-money/again")

	useless := t.TempDir()
	write(t, useless, "own.yaml", strings.Replace(ownList, `all: ["bagi amplop", "coblos"]`, `any: ["!!!"]`, 1))
	netra(t, nil, "keywords", "check", useless).expect(t, exitFails, "own.yaml")
}

func TestClaimsCheckAndImport(t *testing.T) {
	const header = "id,text,date,source,url,verdict,language\n"
	const claim = "pena,Tujuh ribu pena ajaib di gudang Muara Sunda menghapus suara pemilih sendiri,2024-11-01,contoh,,false,id\n"
	dir := t.TempDir()
	good := write(t, dir, "good.csv", header+claim)
	netra(t, nil, "claims", "check", good).expect(t, exitDone, "1 claims, 0 findings")
	repeated := write(t, dir, "repeated.csv", header+claim+claim)
	netra(t, nil, "claims", "check", repeated, good).expect(t, exitFails, "repeated.csv", "pena")
	wrong := write(t, dir, "wrong.csv", "nomor,isi\n1,x\n")
	netra(t, nil, "claims", "check", wrong).expect(t, exitFails, "wrong.csv")

	to := filepath.Join(dir, "new", "folder", "claims.csv")
	t.Setenv("NETRA_CLASSIFY_CLAIMS", to)
	netra(t, nil, "claims", "import", wrong).expect(t, exitFails, "wrong.csv")
	if _, err := os.Stat(to); err == nil {
		t.Error("a wrong file was imported")
	}
	netra(t, nil, "claims", "import", good).expect(t, exitDone, to)
	got, err := os.ReadFile(to)
	if err != nil || string(got) != header+claim {
		t.Errorf("imported %q, %v", got, err)
	}
	if left, _ := filepath.Glob(to + ".*"); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestConfigCheckAndDump(t *testing.T) {
	dir := t.TempDir()
	contestants := sampleFile(t, dir, "contestants.yaml")
	good := write(t, dir, "netra.yaml", "classify:\n  contestants: "+contestants+"\nlog: {level: warn}\n")
	netra(t, nil, "config", "check", "--config", good).expect(t, exitDone, "configuration: ok")

	dump := netra(t, nil, "config", "dump", "--config", good)
	dump.expect(t, exitDone, "level: warn", "brokers: []")
	again := write(t, dir, "again.yaml", dump.out)
	netra(t, nil, "config", "check", "--config", again).expect(t, exitDone)
	if second := netra(t, nil, "config", "dump", "--config", again); second.out != dump.out {
		t.Errorf("the dump of a dump is another:\n%s", second.out)
	}
	netra(t, nil, "config", "dump", "--env").expect(t, exitDone, "NETRA_KAFKA_BROKERS", "kafka.brokers", "NETRA_COLLECT_SOURCES")

	missing := write(t, dir, "missing.yaml", "classify: {contestants: /nowhere.yaml}\n")
	netra(t, nil, "config", "check", "--config", missing).expect(t, exitUsage, "/nowhere.yaml")

	t.Setenv("NETRA_CONFIG", good)
	netra(t, nil, "config", "dump").expect(t, exitDone, "level: warn")
	t.Setenv("NETRA_LOG_LEVEL", "error")
	netra(t, nil, "config", "dump").expect(t, exitDone, "level: error")
	t.Setenv("NETRA_CLICKHOUSE_PASSWORD", "rahasia-sekali")
	if r := netra(t, nil, "config", "dump"); strings.Contains(r.out, "rahasia") || !strings.Contains(r.out, "(hidden)") {
		t.Errorf("the password is not hidden:\n%s", r.out)
	}
	t.Setenv("NETRA_LOG_LVEL", "error")
	netra(t, nil, "config", "check").expect(t, exitUsage, "NETRA_LOG_LVEL is not known: did you mean NETRA_LOG_LEVEL?")
}

func TestEvalMeasures(t *testing.T) {
	dir := t.TempDir()
	contestants := sampleFile(t, dir, "contestants.yaml")
	file := write(t, dir, "posts.tsv", "id\tlabels\tlang\ttext\n"+
		"1\tmoney_politics\tid\t"+offer+"\n2\tnone\tid\tSelamat pagi, semoga hari ini lancar\n3\tnone\tid\t"+offer+"\n")
	netra(t, nil, "eval", file, "--contestants", contestants).expect(t, exitDone, "money_politics", "precision", "amplop")
	r := netra(t, nil, "eval", file, "--contestants", contestants, "--json", "--only", "money_politics")
	r.expect(t, exitDone)
	object(t, r.out)
	bad := write(t, dir, "bad.tsv", "id\tlabels\ttext\n1\tdukung\thalo\n")
	netra(t, nil, "eval", bad).expect(t, exitUsage, "bad.tsv:2", "dukung")
	empty := write(t, dir, "empty.tsv", "")
	netra(t, nil, "eval", empty).expect(t, exitUsage, "empty.tsv")
}

func TestTrainOnATinyCorpusIsDeterministic(t *testing.T) {
	dir := t.TempDir()
	var rows strings.Builder
	rows.WriteString("text\thate_speech\n")
	for n := range 60 {
		if n%2 == 0 {
			rows.WriteString("usir kaum itu dari kampung kita semua " + strings.Repeat("a", n%7) + "\t1\n")
		} else {
			rows.WriteString("selamat pagi warga kampung yang baik " + strings.Repeat("b", n%7) + "\t0\n")
		}
	}
	corpus := write(t, dir, "tiny.tsv", rows.String())
	var weights []string
	for _, name := range []string{"one", "two"} {
		out := filepath.Join(dir, name)
		netra(t, nil, "train", "--models", "hate_speech", "--out", out, corpus).expect(t, exitDone, "hate_speech", "tiny.tsv: 60 texts")
		data, err := os.ReadFile(out)
		if err != nil {
			t.Fatal(err)
		}
		weights = append(weights, string(data))
	}
	if weights[0] != weights[1] || weights[0] == "" {
		t.Error("the same corpus gave other weights")
	}
	bad := write(t, dir, "bad.tsv", "text\thate_speech\nhalo\tmungkin\n")
	netra(t, nil, "train", bad).expect(t, exitUsage, "bad.tsv")
}

func TestPasswd(t *testing.T) {
	t.Setenv("NETRA_DATA_DIR", filepath.Join(t.TempDir(), "new"))
	netra(t, strings.NewReader("kata sandi yang panjang\n"), "console", "passwd", "admin").expect(t, exitDone, "user admin has a new password")
	netra(t, strings.NewReader("kata sandi yang lain lagi"), "console", "passwd", "admin").expect(t, exitDone)
	netra(t, strings.NewReader("pendek\n"), "console", "passwd", "admin").expect(t, exitFails, "allowed: 12 to 256")
	netra(t, strings.NewReader("kata sandi yang panjang\n"), "console", "passwd", "a b").expect(t, exitFails, "allowed")
}
