package pack

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/netra-id/netra/pipeline/evidence/seal"
)

// proofsFirst is the first line of proofs.txt. Behind it is a line for the
// manifest, one for each statement and one for each earlier checkpoint:
//
//	leaf NUMBER KIND SEALED_AT [HASH…]
//	checkpoint SIZE [HASH…]
//
// with the milliseconds since 1970 and hashes in Base64. Of a leaf, its SHA-256
// is that of the manifest or of the statement.
const proofsFirst = "netra-proofs-1"

type leafProof struct {
	number   int64
	kind     seal.Kind
	sealedAt time.Time
	path     tlog.RecordProof
}

type prefixProof struct {
	size int64
	path tlog.TreeProof
}

func (p leafProof) String() string {
	return fmt.Sprintf("leaf %d %s %d%s\n", p.number, p.kind, p.sealedAt.UnixMilli(), hashesText(p.path))
}

func (p prefixProof) String() string {
	return fmt.Sprintf("checkpoint %d%s\n", p.size, hashesText(p.path))
}

func hashesText(hashes []tlog.Hash) string {
	var out strings.Builder
	for _, h := range hashes {
		out.WriteByte(' ')
		out.WriteString(h.String())
	}
	return out.String()
}

// proofs is the content of proofs.txt.
type proofs struct {
	leaves  []leafProof // the manifest's first
	earlier []prefixProof
}

// parseProofs reads the proofs of a manifest, as they must be written.
func parseProofs(data []byte, m *Manifest) (*proofs, error) {
	lines := bytes.Split(data, []byte("\n"))
	want := 1 + 1 + len(m.Statements) + len(m.Earlier)
	if len(lines) != want+1 || len(lines[want]) != 0 || string(lines[0]) != proofsFirst {
		return nil, fmt.Errorf("it has %d lines; allowed: %s and %d proofs", max(len(lines)-1, 0), proofsFirst, want-1)
	}
	p := &proofs{}
	for i, line := range lines[1:want] {
		var err error
		if i <= len(m.Statements) {
			err = p.addLeaf(string(line))
		} else {
			err = p.addPrefix(string(line))
		}
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", i+2, err)
		}
	}
	return p, nil
}

func (p *proofs) addLeaf(line string) error {
	fields := strings.Split(line, " ")
	if len(fields) < 4 {
		return fmt.Errorf("%q is no proof of a leaf", short(line))
	}
	number, at, err := numbers(fields[1], fields[3])
	if err != nil {
		return err
	}
	l := leafProof{number: number, kind: seal.Kind(fields[2]), sealedAt: time.UnixMilli(at).UTC()}
	if l.path, err = hashesOf(fields[4:]); err != nil {
		return err
	}
	if l.String() != line+"\n" || fields[0] != "leaf" {
		return fmt.Errorf("%q is no proof of a leaf", short(line))
	}
	p.leaves = append(p.leaves, l)
	return nil
}

func (p *proofs) addPrefix(line string) error {
	fields := strings.Split(line, " ")
	if len(fields) < 2 {
		return fmt.Errorf("%q is no proof of a checkpoint", short(line))
	}
	size, _, err := numbers(fields[1], "0")
	if err != nil {
		return err
	}
	c := prefixProof{size: size}
	if c.path, err = hashesOf(fields[2:]); err != nil {
		return err
	}
	if c.String() != line+"\n" || fields[0] != "checkpoint" {
		return fmt.Errorf("%q is no proof of a checkpoint", short(line))
	}
	p.earlier = append(p.earlier, c)
	return nil
}

func numbers(first, second string) (a, b int64, err error) {
	if a, err = strconv.ParseInt(first, 10, 64); err == nil {
		b, err = strconv.ParseInt(second, 10, 64)
	}
	if err != nil || a < 0 || b < 0 {
		return 0, 0, fmt.Errorf("%q, %q are not whole numbers", short(first), short(second))
	}
	return a, b, nil
}

func hashesOf(fields []string) ([]tlog.Hash, error) {
	hashes := make([]tlog.Hash, len(fields))
	for i, field := range fields {
		raw, err := base64.StdEncoding.Strict().DecodeString(field)
		if err != nil || len(raw) != tlog.HashSize {
			return nil, fmt.Errorf("%q is no hash", short(field))
		}
		hashes[i] = tlog.Hash(raw)
	}
	return hashes, nil
}

func short(text string) string {
	if len(text) > 60 {
		return text[:60] + "…"
	}
	return text
}
