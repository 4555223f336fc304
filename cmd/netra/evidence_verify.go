package main

import (
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/netra-id/netra/pipeline/evidence/pack"
	"github.com/netra-id/netra/pipeline/evidence/seal"
)

// verifyFlags are what a pack is verified by.
type verifyFlags struct {
	keys     []string
	roots    string
	most     time.Duration
	withJSON bool
	// fingerprints are those of the keys, once they are read.
	fingerprints []string
}

func evidenceVerifyCommand(a *app) *cobra.Command {
	var f verifyFlags
	cmd := &cobra.Command{
		Use:   "verify PACK",
		Short: "Verify an evidence pack offline, and name the first thing that does not hold",
		Long: `Verify needs nothing but the pack and the public key of the agency that made it: no
network, no database, no configuration. It proves that every file is the one that was
captured, that every statement is in the sealed log, that the log was not rewritten
since the earlier time stamps, and that what is said of times agrees with those. Exit
code 0: the pack holds. 1: it does not, and the first thing that does not hold is named.
2: wrong usage. docs/evidence.md says what is proved and what is not.`,
		Example: "  netra evidence verify kasus.zip --key kunci.txt\n  netra evidence verify kasus.zip --key kunci.txt --tsa-root tsa.pem --json",
		Args:    takes(1, 1),
		RunE: func(_ *cobra.Command, args []string) error {
			options, err := f.options()
			if err != nil {
				return usage(err)
			}
			result, err := verifyFile(args[0], options)
			if err != nil {
				return err
			}
			return a.tellResult(args[0], result, f.fingerprints, f.withJSON)
		},
	}
	cmd.Flags().StringArrayVar(&f.keys, "key", nil, "`FILE` with the agency's public key, or the key itself; may be repeated")
	cmd.Flags().StringVar(&f.roots, "tsa-root", "", "PEM `FILE` of certificates that the time stamping authority's must lead to")
	cmd.Flags().DurationVar(&f.most, "max-delay", pack.MostDelay, "how long after a capture or decision it may have been sealed")
	cmd.Flags().BoolVar(&f.withJSON, "json", false, "print the result as JSON")
	return cmd
}

func (f *verifyFlags) options() (pack.Options, error) {
	options := pack.Options{MostDelay: f.most}
	if len(f.keys) == 0 {
		return options, errors.New("--key is missing; allowed: a file with the public key of the agency that made the pack, or the key itself")
	}
	if f.most <= 0 {
		return options, fmt.Errorf("--max-delay %s; allowed: more than 0", f.most)
	}
	for _, text := range f.keys {
		text, err := keyText(text)
		if err != nil {
			return options, fmt.Errorf("--key: %w", err)
		}
		key, err := seal.ParsePublicKey(text)
		if err != nil {
			return options, fmt.Errorf("--key: %w", err)
		}
		options.Keys, f.fingerprints = append(options.Keys, key), append(f.fingerprints, seal.Fingerprint(text))
	}
	if f.roots == "" {
		return options, nil
	}
	data, err := os.ReadFile(f.roots)
	if err != nil {
		return options, fmt.Errorf("--tsa-root: %w", err)
	}
	if options.Roots = x509.NewCertPool(); !options.Roots.AppendCertsFromPEM(data) {
		return options, fmt.Errorf("--tsa-root: %s has no certificate in PEM", f.roots)
	}
	return options, nil
}

// keyText reads a key from a file of that name, or from the text itself.
func keyText(text string) (string, error) {
	data, err := os.ReadFile(text) //nolint:gosec // the user names it
	switch {
	case err == nil:
		return string(data), nil
	case !strings.Contains(text, "+"):
		return "", err
	}
	return text, nil
}

func verifyFile(path string, options pack.Options) (result pack.Result, err error) {
	file, err := os.Open(path) //nolint:gosec // the user names it
	if err != nil {
		return result, usage(err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	info, err := file.Stat()
	if err != nil {
		return result, err
	}
	if !info.Mode().IsRegular() {
		return result, usage(fmt.Errorf("%s is not a file", path))
	}
	return pack.Verify(file, info.Size(), options)
}

func (a *app) tellResult(path string, r pack.Result, fingerprints []string, withJSON bool) error {
	var err error
	if withJSON {
		encoder := json.NewEncoder(a.out)
		encoder.SetEscapeHTML(false)
		encoder.SetIndent("", "  ")
		err = encoder.Encode(struct {
			pack.Result
			Notes []string `json:"notes"`
			Keys  []string `json:"key_fingerprints"`
		}{r, append([]string{}, r.Notes()...), fingerprints})
	} else {
		_, err = fmt.Fprint(a.out, resultText(path, r, fingerprints))
	}
	if err == nil && !r.Holds {
		return fails()
	}
	return err
}

func resultText(path string, r pack.Result, fingerprints []string) string {
	var out strings.Builder
	if !r.Holds {
		fmt.Fprintf(&out, "%s: DOES NOT HOLD\n  %s: %s\n", path, printable(r.Fault.What), printable(r.Fault.Why))
		return out.String()
	}
	fmt.Fprintf(&out, "%s: HOLDS\n", path)
	for _, print := range fingerprints {
		fmt.Fprintf(&out, "  key with the fingerprint %s: compare it with what the agency publishes\n", print)
	}
	fmt.Fprintf(&out, "  made at %s by %s, about %d posts\n", r.MadeAt.Format(time.RFC3339), printable(r.MadeBy), len(r.Posts))
	fmt.Fprintf(&out, "  %d pieces of evidence with %d files, %d decisions, %d other statements: all as they were sealed\n", r.Pieces, r.Files, r.Decisions, r.Others)
	fmt.Fprintf(&out, "  log %s of %d leaves, root %s: not rewritten\n", r.Log.Origin, r.Log.Size, r.Log.Root)
	for _, s := range r.Stamps {
		fmt.Fprintf(&out, "  time stamp of %s by %s (%s)\n", s.Time.Format(time.RFC3339), printable(s.Authority), s.File)
	}
	for _, text := range r.Notes() {
		fmt.Fprintf(&out, "  note: %s\n", printable(text))
	}
	return out.String()
}

// printable keeps what a stranger wrote from steering a terminal.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 || r == 0x2028 || r == 0x2029 || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 {
			return '\uFFFD'
		}
		return r
	}, text)
}
