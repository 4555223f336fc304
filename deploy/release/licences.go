package main

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
)

// allowed are the licences under which a part may be handed on together with
// Netra, by SPDX identifier.
var allowed = map[string]bool{
	"MIT": true, "BSD-2-Clause": true, "BSD-3-Clause": true, "Apache-2.0": true, "ISC": true, "MPL-2.0": true,
	"0BSD": true, "Unlicense": true, "CC0-1.0": true, "Zlib": true,
}

func allowedNames() string { return strings.Join(slices.Sorted(maps.Keys(allowed)), ", ") }

// marks are words of the licences' own texts, the ones first that others quote.
var marks = []struct {
	licence string
	all     []string
}{
	{"AGPL-3.0", []string{"gnu affero general public license"}},
	{"LGPL", []string{"gnu lesser general public license"}},
	{"GPL", []string{"gnu general public license"}},
	{"SSPL-1.0", []string{"server side public license"}},
	{"BUSL-1.1", []string{"business source license"}},
	{"MPL-2.0", []string{"mozilla public license", "2.0"}},
	{"Apache-2.0", []string{"apache license", "version 2.0"}},
	{"CC0-1.0", []string{"cc0 1.0 universal"}},
	{"Unlicense", []string{"this is free and unencumbered software released into the public domain"}},
	{"ISC", []string{"permission to use, copy, modify, and/or distribute this software", "the above copyright notice and this permission notice appear"}},
	{"ISC", []string{"permission to use, copy, modify, and distribute this software", "the above copyright notice and this permission notice appear"}},
	{"0BSD", []string{"permission to use, copy, modify, and/or distribute this software"}},
	{"BSD-3-Clause", []string{"redistribution and use in source and binary forms", "endorse or promote"}},
	{"BSD-2-Clause", []string{"redistribution and use in source and binary forms"}},
	{"Zlib", []string{"this software is provided 'as-is'", "altered source versions"}},
	{"MIT", []string{"permission is hereby granted, free of charge", "the software is provided"}},
}

// licenceOf says which licence the texts are, "" where that is not known. Where
// there are several files, the main one (LICENSE or COPYING) counts.
func licenceOf(texts map[string]string) string {
	names := slices.SortedFunc(maps.Keys(texts), func(a, b string) int { return len(a) - len(b) })
	for _, name := range names {
		if upper := strings.ToUpper(name); strings.HasPrefix(upper, "NOTICE") || strings.HasPrefix(upper, "PATENTS") {
			continue
		}
		text := strings.ToLower(strings.Join(strings.Fields(texts[name]), " "))
		for _, mark := range marks {
			if containsAll(text, mark.all) {
				return mark.licence
			}
		}
	}
	return ""
}

func containsAll(text string, words []string) bool {
	for _, word := range words {
		if !strings.Contains(text, word) {
			return false
		}
	}
	return true
}

// writeLicences writes the list of all parts with their licences' texts, which
// most of them want to come along.
func writeLicences(parts []part, to string) error {
	var text strings.Builder
	text.WriteString("Netra is licensed under the Apache License 2.0 (see LICENSE). It contains these parts of others.\n\n")
	for _, p := range parts {
		_, _ = fmt.Fprintf(&text, "%-14s %s %s\n", p.licence, p.name, p.version)
	}
	for _, p := range parts {
		for _, name := range slices.Sorted(maps.Keys(p.texts)) {
			_, _ = fmt.Fprintf(&text, "\n%s\n%s %s: %s\n\n%s\n", strings.Repeat("=", 78), p.name, p.version, name, strings.TrimSpace(p.texts[name]))
		}
	}
	return os.WriteFile(to, []byte(text.String()), 0o644) //nolint:gosec // it is handed out
}
