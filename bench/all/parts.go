package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strconv"

	"github.com/netra-id/netra/bench/table"
)

// packages hold the benchmarks of the parts.
var packages = []struct{ dir, path, pattern string }{
	{".", "./language", "."},
	{".", "./keyword", "."},
	{"..", "./classifiers/linear", "Score"},
	{"..", "./classifiers/claims", "Match"},
	{"..", "./classifiers/keyword", "Rules"},
}

// nanoseconds are the times of an operation, by package and benchmark, such as
// "./keyword Netra/phrases=1000/match".
type nanoseconds map[string]float64

// line is what `go test -bench` prints of one benchmark.
var line = regexp.MustCompile(`^Benchmark(\S+?)(?:-\d+)?\s+\d+\s+([0-9.]+) ns/op`)

func measureParts(count int) (nanoseconds, error) {
	found := nanoseconds{}
	for _, p := range packages {
		fmt.Fprintln(os.Stderr, "measuring", p.path)
		command := exec.CommandContext(context.Background(), "go", "test", "-run", "^$", "-bench", p.pattern, "-benchtime", "300ms", "-cpu", "1", "-count", strconv.Itoa(count), p.path)
		command.Dir, command.Stderr = p.dir, os.Stderr
		out, err := command.Output()
		if err != nil {
			return nil, fmt.Errorf("measure %s: %w", p.path, err)
		}
		found.read(p.path, out)
	}
	return found, nil
}

// read takes the fastest time of each benchmark.
func (n nanoseconds) read(path string, out []byte) {
	for lines := bufio.NewScanner(bytes.NewReader(out)); lines.Scan(); {
		cells := line.FindStringSubmatch(lines.Text())
		if cells == nil {
			continue
		}
		name := path + " " + cells[1]
		took, err := strconv.ParseFloat(cells[2], 64)
		if before, known := n[name]; err == nil && (!known || took < before) {
			n[name] = took
		}
	}
}

func addParts(rows *table.Rows, n nanoseconds) {
	ours, regional, lingua := n["./language Score"], n["./language Identify"], n["./language Lingua"]
	add := func(what, figure, aim string, held bool) {
		rows.Add(table.Row{What: what, Figure: figure, Aim: aim, Held: held})
	}
	add("language: lingua-go", micros(lingua), "", true)
	add("language: the same answer", fmt.Sprintf("%s, %.0f times lingua-go", micros(ours), lingua/ours), ">= 40 times (100)", lingua/ours >= 40)
	add("language: with the regional layer", fmt.Sprintf("%s, %.0f times lingua-go", micros(regional), lingua/regional), "", true)
	for _, size := range []string{"1000", "10000", "100000"} {
		addKeyword(rows, n, size)
	}
	analysed := func(size string) float64 { return n["./keyword Netra/phrases="+size+"/analyze+match"] }
	growth := analysed("100000") / analysed("1000")
	add("keyword: time at 100,000 phrases to that at 1,000", fmt.Sprintf("%.1f", growth), "at most 3", growth <= 3)
	score := n["./classifiers/linear Score"]
	add("linear: all models of a post", micros(score), "< 1.5 µs", score < 1500)
	add("claims: an ordinary post, library of 300,000", micros(n["./classifiers/claims Match/300000_claims/ordinary"]), "", true)
	add("claims: a post of the library's own words, 300,000", micros(n["./classifiers/claims Match/300000_claims/same_words"]), "", true)
}

func addKeyword(rows *table.Rows, n nanoseconds, size string) {
	match, analysed := n["./keyword Netra/phrases="+size+"/match"], n["./keyword Netra/phrases="+size+"/analyze+match"]
	figure := fmt.Sprintf("match alone %s, with text analysis %s", micros(match), micros(analysed))
	row := table.Row{What: "keyword: " + size + " phrases", Figure: figure}
	if theirs, known := n["./keyword AhoCorasick/phrases="+size]; known {
		row.Figure += fmt.Sprintf("; ahocorasick %s, %.1f and %.1f times", micros(theirs), theirs/match, theirs/analysed)
		if size == "10000" {
			row.Aim, row.Held = ">= 8 times (10), match alone", theirs/match >= 8
		}
	}
	if theirs, known := n["./keyword Regexp/phrases="+size]; known {
		row.Figure += fmt.Sprintf("; regexp %s", micros(theirs))
	}
	rows.Add(row)
}

func micros(nanoseconds float64) string { return fmt.Sprintf("%.2f µs", nanoseconds/1000) }
