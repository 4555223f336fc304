// Command classify measures the whole classifier on one core, from a line of
// JSON to the verdict, beside the plain build of public parts (plain.go), in the
// same run on the same posts, and what it takes of memory.
//
//	cd bench && go run ./classify
//	cd bench && go run ./classify -cpuprofile cpu.out && go tool pprof -top cpu.out
//
// It is compiled with the profile default.pgo, of which one half is of the
// classifier, like that of cmd/netra, and the other half of the plain build, so
// that both have the same chance; `make profile` takes it again.
package main

import (
	"flag"
	"fmt"
	"log"
	"os"
	"runtime"
	"runtime/pprof"

	"github.com/netra-id/netra/bench/corpus"
	"github.com/netra-id/netra/bench/table"
	"github.com/netra-id/netra/classifiers/judge"
	"github.com/netra-id/netra/pipeline/post"
)

func main() {
	var cfg settings
	flag.IntVar(&cfg.posts, "posts", 20_000, "posts")
	flag.IntVar(&cfg.passes, "passes", 9, "passes over the posts; the fastest counts")
	flag.StringVar(&cfg.profile, "cpuprofile", "", "write a CPU profile of the classifier to this file, and measure no other")
	flag.BoolVar(&cfg.plain, "plain", false, "with -cpuprofile: profile the plain build instead")
	flag.BoolVar(&cfg.raw, "raw", false, "print rows for bench/all")
	flag.Parse()
	if err := run(cfg); err != nil {
		log.Fatal(err)
	}
}

type settings struct {
	posts, passes int
	profile       string
	plain, raw    bool
}

func run(cfg settings) error {
	runtime.GOMAXPROCS(1)
	before := heap()
	j, err := corpus.NewJudge(nil)
	if err != nil {
		return err
	}
	loaded := heap() - before
	texts, err := corpus.New(j, cfg.posts)
	if err != nil {
		return err
	}
	lines, err := texts.Lines(cfg.posts)
	if err != nil {
		return err
	}
	if cfg.profile != "" && cfg.plain {
		return profilePlain(cfg, lines)
	}
	if cfg.profile != "" {
		return profile(cfg.profile, 5*cfg.passes, func() error { return classifyLines(j, lines) })
	}
	var rows table.Rows
	rows.Note("%d posts, %d bytes of JSON each, %s, %.0f%% flagged; one core", len(lines), size(lines)/len(lines), texts.From, 100.0/corpus.FlaggedEvery)
	if err := measureAll(cfg, j, lines, &rows); err != nil {
		return err
	}
	rows.Add(table.Row{What: "memory of the classifier with everything loaded", Figure: fmt.Sprintf("%d MB", loaded>>20), Aim: "< 200 MB", Held: loaded < 200<<20})
	return rows.Write(os.Stdout, cfg.raw)
}

// profilePlain profiles the plain build, over a tenth of the posts, which takes
// about as long as the classifier over all.
func profilePlain(cfg settings, lines [][]byte) error {
	theirs, err := newPlain()
	if err != nil {
		return err
	}
	return profile(cfg.profile, 5*cfg.passes, func() error { return theirs.classifyLines(lines[:len(lines)/10]) })
}

func profile(path string, passes int, pass func() error) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	if err := pprof.StartCPUProfile(file); err != nil {
		return err
	}
	defer pprof.StopCPUProfile()
	for range passes {
		if err := pass(); err != nil {
			return err
		}
	}
	return nil
}

func classifyLines(j *judge.Judge, lines [][]byte) error {
	for _, line := range lines {
		p, err := post.Decode(line)
		if err != nil {
			return err
		}
		j.Classify(&p, corpus.Region)
	}
	return nil
}

func size(lines [][]byte) int {
	total := 0
	for _, line := range lines {
		total += len(line)
	}
	return total
}

// heap is what is in use after a collection.
func heap() uint64 {
	runtime.GC()
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.HeapInuse + stats.StackInuse
}
