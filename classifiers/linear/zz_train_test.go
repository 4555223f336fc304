package linear

import (
	"fmt"
	"os"
	"testing"
	"time"
)

func TestZZTrain(t *testing.T) {
	if os.Getenv("TRAIN") == "" {
		t.Skip()
	}
	okky, err := ReadCorpus("/work/shared/data/hate/okky_train.tsv", nil)
	if err != nil {
		t.Fatal(err)
	}
	st, err := ReadCorpus("/work/shared/data/stance/pilpres2019_train.tsv", nil)
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	cfg := DefaultConfiguration()
	cfg.Models = append([]string{"hate_speech", "abusive", "stance_support", "stance_attack"}, cfg.Heads["hate_speech"][2:]...)
	cfg.Cost = envf("COST", 1)
	cfg.PositiveWeight = envf("POS", 2)
	cfg.Seed = uint64(envf("SEED", 1))
	cfg.WordBits = int(envf("WB", 15))
	cfg.CharBits = int(envf("CB", 14))
	if os.Getenv("NOMASK") != "" {
		cfg.Mask = func(string) []Span { return nil }
	}
	set, rep, err := Train(cfg, okky, st)
	if err != nil {
		t.Fatal(err)
	}
	if os.Getenv("BRIEF") != "" {
		m := rep.Models[0]
		fmt.Println(m.Balanced, m.Precise.Recall)
		return
	}
	fmt.Println(rep, time.Since(start))
	data, err := set.Encode()
	if err != nil {
		t.Fatal(err)
	}
	fmt.Println(len(data))
	if err := os.WriteFile("models/default.weights", data, 0o644); err != nil {
		t.Fatal(err)
	}
	set, err = Open(data)
	if err != nil {
		t.Fatal(err)
	}
	var s Scratch
	for _, x := range []string{"dasar cina kafir bangsat usir dari indonesia", "selamat pagi semua semoga sehat selalu", "dasar anjing lu goblok"} {
		sc := set.Score(x, nil, &s)
		fmt.Println(x, sc[:4], set.Explain(x, nil, "hate_speech")[:3])
	}
}

func BenchmarkZZScore(b *testing.B) {
	set, err := Default()
	if err != nil {
		b.Fatal(err)
	}
	rows := loadOkky(b)
	var s Scratch
	n, i := 0, 0
	b.ReportAllocs()
	for b.Loop() {
		set.Score(rows[i].text, nil, &s)
		n += len(rows[i].text)
		if i++; i == len(rows) {
			i = 0
		}
	}
	b.ReportMetric(float64(n)/float64(b.N), "bytes/post")
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(n)*120, "ns/120B")
}
