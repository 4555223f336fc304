// Package sample holds the invented election, roster and posts on which
// `netra demo` runs. All of it was written for this project.
package sample

import "embed"

// Files are the sample files.
//
//go:embed contestants.yaml regions.csv roster.csv posts.jsonl feed.xml
var Files embed.FS
