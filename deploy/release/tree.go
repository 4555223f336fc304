package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// handedOut are the files and folders of the checkout that come along, and where
// they lie in the archive.
var handedOut = []struct{ from, to string }{
	{"LICENSE", "LICENSE"}, {"README.md", "README.md"}, {"CHANGELOG.md", "CHANGELOG.md"},
	{"docs", "docs"}, {"dashboards", "dashboards"}, {"deploy/sample", "sample"},
	{"deploy/systemd", "systemd"}, {"deploy/clickhouse", "clickhouse"},
	{"deploy/release/netra.yaml", "netra.yaml"},
	{"deploy/engine/package.json", "engine/package.json"}, {"deploy/engine/package-lock.json", "engine/package-lock.json"},
}

// lay copies what comes along beside the binary. The folders of other engineers'
// work that are not there are left out; the files must be there.
func (p *plan) lay(tree string) error {
	for _, piece := range handedOut {
		from := filepath.Join(p.root, filepath.FromSlash(piece.from))
		info, err := os.Stat(from)
		if errors.Is(err, fs.ErrNotExist) && filepath.Ext(piece.from) == "" && piece.from != "LICENSE" {
			continue
		}
		if err != nil {
			return err
		}
		to := filepath.Join(tree, filepath.FromSlash(piece.to))
		if !info.IsDir() {
			err = copyFile(from, to)
		} else {
			err = p.copyFolder(from, to)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// copyFolder copies what git knows of a folder, without programs in Go.
func (p *plan) copyFolder(from, to string) error {
	known, err := p.git(context.Background(), from, "ls-files", "-z", ".")
	if err != nil {
		return err
	}
	for name := range strings.SplitSeq(strings.Trim(known, "\x00"), "\x00") {
		if name == "" || filepath.Ext(name) == ".go" || strings.Contains(name, "testdata/") {
			continue
		}
		err := copyFile(filepath.Join(from, filepath.FromSlash(name)), filepath.Join(to, filepath.FromSlash(name)))
		if err != nil && !errors.Is(err, fs.ErrNotExist) { // deleted and not committed
			return err
		}
	}
	return nil
}

func copyFile(from, to string) error {
	in, err := os.Open(from) //nolint:gosec // of the checkout
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }()
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil { //nolint:gosec // it is handed out
		return err
	}
	out, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644) //nolint:gosec // it is handed out
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}

// notes writes what CHANGELOG.md says of the version, or of what is not released.
func (p *plan) notes() error {
	data, err := os.ReadFile(filepath.Join(p.root, "CHANGELOG.md"))
	if err != nil {
		return err
	}
	section := sectionOf(string(data), p.version)
	if section == "" {
		section = sectionOf(string(data), "Unreleased")
	}
	if section == "" {
		return fmt.Errorf("CHANGELOG.md has no section for %s, and none that is called Unreleased", p.version)
	}
	text := fmt.Sprintf("# Netra %s\n\nCommit %s, %s. Before an upgrade: docs/upgrading.md.\n\n%s\n", p.version, p.commit, p.time.Format("2006-01-02"), section)
	return os.WriteFile(filepath.Join(p.out, "RELEASE-NOTES.md"), []byte(text), 0o644) //nolint:gosec // it is handed out
}

// sectionOf is the text below the heading "## name", which may have a date behind.
func sectionOf(changelog, name string) string {
	var section []string
	inside := false
	for line := range strings.SplitSeq(changelog, "\n") {
		if heading, ok := strings.CutPrefix(line, "## "); ok {
			word, _, _ := strings.Cut(heading, " ")
			inside = strings.TrimPrefix(word, "v") == strings.TrimPrefix(name, "v")
			continue
		}
		if inside {
			section = append(section, line)
		}
	}
	return strings.TrimSpace(strings.Join(section, "\n"))
}
