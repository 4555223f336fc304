//go:build !race

package ngrams

const slowness = 1
