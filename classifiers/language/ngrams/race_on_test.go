//go:build race

package ngrams

// slowness divides the number of texts where the race detector makes lingua slow;
// scoring starts no goroutine.
const slowness = 10
