package wordbook

// prefetch asks memory for the three lines of a note and does not wait for them.
//
//go:noescape
func prefetch(note *Note)
