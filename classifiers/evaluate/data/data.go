// Package data holds the labelled posts that were written for Netra, as the
// README beside them says: those that weights are fitted on, and those that a
// fit is measured on. What is kept for the last measurement (test-*) is not in
// the program. Package learn fits on them beside the analysts' decisions.
package data

import "embed"

//go:embed train-*.tsv train-*.yaml dev-*.tsv dev-*.yaml
var files embed.FS

// Files are the labelled posts: NAME.tsv with NAME.yaml, the contestants of whom
// they speak.
func Files() embed.FS { return files }
