// Package version says which build of Netra this is.
package version

// Version is set by the linker; see the Makefile.
var Version = "dev"
