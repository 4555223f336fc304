package main

import "testing"

func TestTheFastestTimeOfEachBenchmarkIsRead(t *testing.T) {
	n := nanoseconds{}
	n.read("./keyword", []byte("goos: linux\nBenchmarkNetra/phrases=1000/match \t 3 \t 200.5 ns/op\t 0 B/op\nBenchmarkNetra/phrases=1000/match-2 \t 3 \t 100 ns/op\nPASS\n"))
	if got := n["./keyword Netra/phrases=1000/match"]; got != 100 || len(n) != 1 {
		t.Errorf("read %v", n)
	}
}
