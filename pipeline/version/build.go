package version

import (
	"runtime"
	"runtime/debug"
)

// Build is what is known of this binary.
type Build struct {
	Version string `json:"version"`
	// Commit is the commit that it was built from, empty where that is not known;
	// Time is that commit's (RFC 3339), and Modified says that files were changed.
	Commit   string `json:"commit,omitempty"`
	Time     string `json:"commit_time,omitempty"`
	Modified bool   `json:"modified,omitempty"`
	Go       string `json:"go"`
	OS       string `json:"os"`
	Arch     string `json:"arch"`
}

// Commit and Time are set by the linker for a release, which is built without a
// repository.
var (
	Commit string
	Time   string
)

// This returns what is known of this binary.
func This() Build {
	b := Build{Version: Version, Commit: Commit, Time: Time, Go: runtime.Version(), OS: runtime.GOOS, Arch: runtime.GOARCH}
	info, ok := debug.ReadBuildInfo()
	if !ok || b.Commit != "" {
		return b
	}
	for _, setting := range info.Settings {
		switch setting.Key {
		case "vcs.revision":
			b.Commit = setting.Value
		case "vcs.time":
			b.Time = setting.Value
		case "vcs.modified":
			b.Modified = setting.Value == "true"
		}
	}
	return b
}
