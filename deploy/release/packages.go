package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// nfpm makes the packages. Newer versions need modules that not every proxy has.
const nfpm = "github.com/goreleaser/nfpm/v2/cmd/nfpm@v2.43.4"

// installed are the places of the tree's pieces on a system. A piece that ends
// with * stands for all files that match.
var installed = []struct {
	from, to string
	config   bool
}{
	{from: "netra", to: "/usr/bin/netra"},
	{from: "netra.yaml", to: "/etc/netra/netra.yaml", config: true},
	{from: "engine/*.json", to: "/usr/lib/netra/engine/"},
	{from: "systemd/*.service", to: "/usr/lib/systemd/system/"},
	{from: "systemd/*.target", to: "/usr/lib/systemd/system/"},
	{from: "systemd/*.timer", to: "/usr/lib/systemd/system/"},
	{from: "systemd/*.socket", to: "/usr/lib/systemd/system/"},
	{from: "systemd/*.env", to: "/etc/netra/", config: true},
	{from: "systemd/sysusers.d/*.conf", to: "/usr/lib/sysusers.d/"},
	{from: "systemd/tmpfiles.d/*.conf", to: "/usr/lib/tmpfiles.d/"},
	{from: "systemd/sysusers.conf", to: "/usr/lib/sysusers.d/netra.conf"},
	{from: "systemd/tmpfiles.conf", to: "/usr/lib/tmpfiles.d/netra.conf"},
	{from: "LICENSE", to: "/usr/share/doc/netra/copyright"},
	{from: "LICENSES-OF-PARTS.txt", to: "/usr/share/doc/netra/"},
	{from: "README.md", to: "/usr/share/doc/netra/"},
	{from: "CHANGELOG.md", to: "/usr/share/doc/netra/"},
}

// whole are folders that are installed as they are.
var whole = map[string]string{
	"docs": "/usr/share/doc/netra/docs", "dashboards": "/usr/share/netra/dashboards",
	"sample": "/usr/share/netra/sample", "clickhouse": "/usr/share/netra/clickhouse",
}

// packages makes the .deb and the .rpm of a tree.
func (p *plan) packages(ctx context.Context, tree, arch string) error {
	settings, err := p.packageSettings(tree, arch)
	if err != nil {
		return err
	}
	file := filepath.Join(p.out, "tree", "nfpm-"+arch+".yaml")
	if err := os.WriteFile(file, []byte(settings), 0o644); err != nil { //nolint:gosec // on the way only
		return err
	}
	for _, kind := range []string{"deb", "rpm"} {
		fmt.Println("release: package", kind, arch)
		command := exec.CommandContext(ctx, "go", "run", nfpm, "package", "--config", file, "--packager", kind, "--target", p.out) //nolint:gosec // of this program
		command.Stdout, command.Stderr = os.Stdout, os.Stderr
		command.Env = append(os.Environ(), fmt.Sprintf("SOURCE_DATE_EPOCH=%d", p.time.Unix()), "GOFLAGS=")
		if err := command.Run(); err != nil {
			return fmt.Errorf("make the %s with %s: %w", kind, nfpm, err)
		}
	}
	return nil
}

func (p *plan) packageSettings(tree, arch string) (string, error) {
	at := p.time.Format(time.RFC3339)
	scripts, err := p.scripts()
	if err != nil {
		return "", err
	}
	var b strings.Builder
	_, _ = fmt.Fprintf(&b, `name: netra
arch: %s
platform: linux
version: %q
version_schema: none
release: "1"
section: net
priority: optional
maintainer: Netra <netra@localhost>
vendor: Netra
homepage: https://github.com/netra-id/netra
license: Apache-2.0
mtime: %s
description: |
  Watches public posts of civil servants for breaches of election neutrality.
  One binary runs collector, worker and console. The embedded ClickHouse engine is
  fetched by npm: npm ci --prefix /usr/lib/netra/engine
suggests: [npm, postgresql, chromium]
scripts:
  preinstall: %s
  postinstall: %s
  preremove: %s
rpm:
  buildhost: localhost
  summary: Watches public posts of civil servants for breaches of election neutrality
contents:
`, arch, packageVersion(p.version, p.time), at, scripts["preinstall"], scripts["postinstall"], scripts["preremove"])
	for _, dir := range []string{"/etc/netra", "/var/lib/netra"} {
		_, _ = fmt.Fprintf(&b, "  - {dst: %s, type: dir, file_info: {mode: 0750, group: netra, owner: %s, mtime: %s}}\n", dir, ownerOf(dir), at)
	}
	entry := func(from, to string, config bool) error {
		absolute, err := filepath.Abs(from)
		if err != nil {
			return err
		}
		kind, owner := "", ""
		if config {
			kind, owner = "type: config|noreplace, ", ", group: netra"
		}
		mode := modeOf(from, false)
		if config {
			mode = 0o640
		}
		_, _ = fmt.Fprintf(&b, "  - {src: %q, dst: %q, %sfile_info: {mode: %#o, mtime: %s%s}}\n", absolute, to, kind, mode, at, owner)
		return nil
	}
	if err := contents(tree, entry); err != nil {
		return "", err
	}
	return b.String(), nil
}

func ownerOf(dir string) string {
	if strings.HasPrefix(dir, "/var/") {
		return "netra"
	}
	return "root"
}

// contents lists every file of the package, one by one, in order.
func contents(tree string, entry func(from, to string, config bool) error) error {
	for _, piece := range installed {
		files, err := filepath.Glob(filepath.Join(tree, filepath.FromSlash(piece.from)))
		if err != nil {
			return err
		}
		slices.Sort(files)
		for _, file := range files {
			to := piece.to
			if strings.HasSuffix(to, "/") {
				to += filepath.Base(file)
			}
			if err := entry(file, to, piece.config); err != nil {
				return err
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(whole)) {
		err := filepath.WalkDir(filepath.Join(tree, name), func(path string, found fs.DirEntry, err error) error {
			if errors.Is(err, fs.ErrNotExist) || err == nil && found.IsDir() {
				return nil
			}
			if err != nil {
				return err
			}
			relative, err := filepath.Rel(filepath.Join(tree, name), path)
			if err != nil {
				return err
			}
			return entry(path, whole[name]+"/"+filepath.ToSlash(relative), false)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// packageVersion is a version as both kinds of packages take it: it begins with a
// digit and has no dash.
func packageVersion(version string, at time.Time) string {
	version = strings.ReplaceAll(strings.ReplaceAll(version, "-", "."), "+", ".")
	if version == "" || version[0] < '0' || version[0] > '9' || !strings.Contains(version, ".") {
		return "0.0." + at.Format("20060102150405") + ".g" + version
	}
	return version
}

// scripts writes what runs at installation: it makes the user and starts nothing.
func (p *plan) scripts() (map[string]string, error) {
	files := map[string]string{}
	for name, text := range map[string]string{
		"preinstall": `#!/bin/sh
set -e
getent group netra >/dev/null || groupadd --system netra
getent passwd netra >/dev/null || useradd --system --gid netra --home-dir /var/lib/netra --no-create-home --shell /usr/sbin/nologin netra
`,
		"postinstall": `#!/bin/sh
set -e
if [ -d /run/systemd/system ]; then systemd-tmpfiles --create netra.conf || true; systemctl daemon-reload || true; fi
echo "Netra is installed and not started. Configuration: /etc/netra/netra.yaml. The embedded engine is fetched by: npm ci --prefix /usr/lib/netra/engine"
`,
		"preremove": `#!/bin/sh
set -e
if [ -d /run/systemd/system ] && { [ "$1" = remove ] || [ "$1" = 0 ]; }; then systemctl stop 'netra*' || true; fi
`,
	} {
		file, err := filepath.Abs(filepath.Join(p.out, "tree", name+".sh"))
		if err != nil {
			return nil, err
		}
		if err := os.WriteFile(file, []byte(text), 0o755); err != nil { //nolint:gosec // it is run
			return nil, err
		}
		files[name] = file
	}
	return files, nil
}
