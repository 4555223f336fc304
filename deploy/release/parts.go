package main

import (
	"bytes"
	"context"
	"debug/buildinfo"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// part is something of others that is in the binary.
type part struct {
	name, version string
	// kind is golang or npm, for its package URL; sum is Go's or npm's.
	kind, sum string
	licence   string
	// texts are licence and notices, by file name.
	texts map[string]string
}

// partsOf lists the modules in a binary and what the console's pages load, each
// with its licence. Its error names each part that may not be handed on.
func partsOf(ctx context.Context, root, binary string) ([]part, error) {
	modules, err := modulesOf(ctx, root, binary)
	if err != nil {
		return nil, err
	}
	scripts, err := scriptsOf(filepath.Join(root, "pipeline", "console", "web"))
	if err != nil {
		return nil, err
	}
	parts := slices.Concat(modules, scripts)
	var wrong []error
	for i := range parts {
		parts[i].licence = licenceOf(parts[i].texts)
		if !allowed[parts[i].licence] {
			wrong = append(wrong, fmt.Errorf("%s %s: licence %q: allowed: %s", parts[i].name, parts[i].version, parts[i].licence, allowedNames()))
		}
	}
	return parts, errors.Join(wrong...)
}

func modulesOf(ctx context.Context, root, binary string) ([]part, error) {
	info, err := buildinfo.ReadFile(binary)
	if err != nil {
		return nil, err
	}
	dirs, err := moduleDirs(ctx, root)
	if err != nil {
		return nil, err
	}
	goroot, err := exec.CommandContext(ctx, "go", "env", "GOROOT").Output()
	if err != nil {
		return nil, err
	}
	texts, err := textsIn(strings.TrimSpace(string(goroot)))
	if err != nil {
		return nil, err
	}
	parts := []part{{name: "std", version: strings.TrimPrefix(info.GoVersion, "go"), kind: "golang", texts: texts}}
	for _, module := range info.Deps {
		if module.Replace != nil {
			module = module.Replace
		}
		texts, err := textsIn(dirs[module.Path])
		if err != nil {
			return nil, err
		}
		parts = append(parts, part{name: module.Path, version: module.Version, kind: "golang", sum: module.Sum, texts: texts})
	}
	return parts, nil
}

// moduleDirs are the folders of all modules of the program.
func moduleDirs(ctx context.Context, root string) (map[string]string, error) {
	command := exec.CommandContext(ctx, "go", "list", "-deps", "-f", "{{with .Module}}{{.Path}}\t{{.Dir}}{{end}}", "./cmd/netra")
	command.Dir, command.Stderr = root, os.Stderr
	out, err := command.Output()
	if err != nil {
		return nil, fmt.Errorf("list the modules: %w", err)
	}
	dirs := map[string]string{}
	for line := range strings.Lines(string(out)) {
		if path, dir, ok := strings.Cut(strings.TrimSpace(line), "\t"); ok {
			dirs[path] = dir
		}
	}
	return dirs, nil
}

// scriptsOf are the npm packages that the console's pages load.
func scriptsOf(dir string) ([]part, error) {
	data, err := os.ReadFile(filepath.Join(dir, "package-lock.json")) //nolint:gosec // of the checkout
	if err != nil {
		return nil, err
	}
	var lock struct {
		Packages map[string]struct {
			Version, Integrity string
			Dev                bool
		}
	}
	if err := json.Unmarshal(data, &lock); err != nil {
		return nil, err
	}
	var parts []part
	for path, p := range lock.Packages {
		if path == "" || p.Dev {
			continue
		}
		texts, err := textsIn(filepath.Join(dir, path))
		if err != nil {
			return nil, fmt.Errorf("%w (make web fetches it)", err)
		}
		parts = append(parts, part{name: strings.TrimPrefix(path, "node_modules/"), version: p.Version, kind: "npm", sum: p.Integrity, texts: texts})
	}
	slices.SortFunc(parts, func(a, b part) int { return strings.Compare(a.name, b.name) })
	return parts, nil
}

var legal = regexp.MustCompile(`(?i)^(licen[sc]e|copying|notice|patents|unlicense)`)

// textsIn reads the files of a folder that say what one may do.
func textsIn(dir string) (map[string]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	texts := map[string]string{}
	for _, entry := range entries {
		if entry.IsDir() || !legal.MatchString(entry.Name()) {
			continue
		}
		data, err := os.ReadFile(filepath.Join(dir, entry.Name())) //nolint:gosec // of a module
		if err != nil {
			return nil, err
		}
		texts[entry.Name()] = string(bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n")))
	}
	return texts, nil
}
