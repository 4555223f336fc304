package main

import (
	"crypto/sha256"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestEveryPartMayBeHandedOn wants a licence that lets a public agency pass the
// binary on, of every module in it and of every script of the console's pages.
func TestEveryPartMayBeHandedOn(t *testing.T) {
	dirs, err := moduleDirs(t.Context(), "../..")
	if err != nil {
		t.Fatal(err)
	}
	if len(dirs) < 30 {
		t.Fatalf("%d modules are too few", len(dirs))
	}
	for path, dir := range dirs {
		texts, err := textsIn(dir)
		if err != nil {
			t.Fatal(err)
		}
		if licence := licenceOf(texts); !allowed[licence] {
			t.Errorf("%s: licence %q; allowed: %s", path, licence, allowedNames())
		}
	}
	scripts, err := scriptsOf("../../pipeline/console/web")
	if err != nil {
		t.Fatalf("%v (make web)", err)
	}
	for _, script := range scripts {
		if licence := licenceOf(script.texts); !allowed[licence] {
			t.Errorf("%s: licence %q; allowed: %s", script.name, licence, allowedNames())
		}
	}
}

func TestLicencesAreKnownByTheirWords(t *testing.T) {
	for want, text := range map[string]string{
		"MIT":          "Permission is hereby granted, free of charge, to any person … THE SOFTWARE IS PROVIDED \"AS IS\"",
		"AGPL-3.0":     "GNU AFFERO GENERAL PUBLIC LICENSE Version 3",
		"GPL":          "This is under the GNU General\n  Public License",
		"Apache-2.0":   "Apache License\n Version 2.0, January 2004",
		"BSD-2-Clause": "Redistribution and use in source and binary forms, with or without",
		"":             "All rights reserved.",
	} {
		if got := licenceOf(map[string]string{"LICENSE": text}); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
	for _, forbidden := range []string{"", "GPL", "AGPL-3.0", "LGPL", "SSPL-1.0", "BUSL-1.1"} {
		if allowed[forbidden] {
			t.Errorf("licence %q is allowed", forbidden)
		}
	}
}

func TestNotesAreTheSectionOfTheVersion(t *testing.T) {
	changelog := "# Changes\n\n## Unreleased\n\n- new\n\n## 1.2.0 (2026-11-22)\n\n- old\n- older\n"
	for version, want := range map[string]string{"Unreleased": "- new", "1.2.0": "- old\n- older", "v1.2.0": "- old\n- older", "1.2": ""} {
		if got := sectionOf(changelog, version); got != want {
			t.Errorf("%s: %q, want %q", version, got, want)
		}
	}
}

func TestPackagesHaveVersionsThatTheySort(t *testing.T) {
	at := time.Date(2026, 11, 22, 19, 0, 0, 0, time.UTC)
	for version, want := range map[string]string{
		"1.2.0": "1.2.0", "1.2.0-3-gabc": "1.2.0.3.gabc", "4c2879e": "0.0.20261122190000.g4c2879e", "abc-dirty": "0.0.20261122190000.gabc.dirty",
	} {
		if got := packageVersion(version, at); got != want {
			t.Errorf("%s: %s, want %s", version, got, want)
		}
	}
}

func TestAnArchiveOfTheSameIsTheSame(t *testing.T) {
	at := time.Date(2026, 11, 22, 19, 0, 0, 0, time.UTC)
	var sums [2][32]byte
	for i := range sums {
		dir := t.TempDir()
		for _, name := range []string{"b/netra", "a.txt", "b/c/d.md"} {
			path := filepath.Join(dir, "tree", name)
			if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(strings.Repeat(name, 1000)), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		to := filepath.Join(dir, "tree.tar.gz")
		if err := archive(dir, "tree", to, at); err != nil {
			t.Fatal(err)
		}
		data, err := os.ReadFile(to) //nolint:gosec // of this test
		if err != nil {
			t.Fatal(err)
		}
		sums[i] = sha256.Sum256(data)
	}
	if sums[0] != sums[1] {
		t.Error("two archives of the same files differ")
	}
}

// TestThePackageHasTheUnitsAndKeepsTheConfiguration lays the tree out as a release
// does, without the binary, and reads what the package is made of.
func TestThePackageHasTheUnitsAndKeepsTheConfiguration(t *testing.T) {
	p := plan{root: "../..", out: t.TempDir(), version: "1.0.0", time: time.Date(2026, 11, 22, 19, 0, 0, 0, time.UTC)}
	tree := filepath.Join(p.out, "tree", "netra")
	if err := p.lay(tree); err != nil {
		t.Fatal(err)
	}
	settings, err := p.packageSettings(tree, "amd64")
	if err != nil {
		t.Fatal(err)
	}
	units, err := filepath.Glob("../systemd/*.service")
	if err != nil || len(units) == 0 {
		t.Fatalf("%d units: %v", len(units), err)
	}
	wanted := []string{
		`dst: "/etc/netra/netra.yaml", type: config|noreplace`, `dst: "/usr/lib/sysusers.d/netra.conf"`, `dst: "/usr/lib/tmpfiles.d/netra.conf"`,
		`dst: "/usr/lib/netra/engine/package-lock.json"`, `dst: "/usr/share/doc/netra/docs/upgrading.md"`,
	}
	for _, unit := range units {
		wanted = append(wanted, `dst: "/usr/lib/systemd/system/`+filepath.Base(unit)+`"`)
	}
	for _, want := range wanted {
		if !strings.Contains(settings, want) {
			t.Errorf("the package has no %s", want)
		}
	}
	if strings.Contains(settings, ".go\"") {
		t.Error("the package has Go files")
	}
}
