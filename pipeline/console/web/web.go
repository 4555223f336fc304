// Package web holds the console's templates and static files, and beside them
// the npm project that brings third-party scripts into static/vendor. The
// console works without those scripts, so the Go build does not need npm.
package web

import "embed"

// Files are templates/ and static/.
//
//go:embed templates static
var Files embed.FS
