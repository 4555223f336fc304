//go:build !amd64

package wordbook

// prefetch asks memory for a note and does not wait for it, where the processor
// can be told so.
func prefetch(*Note) {}
