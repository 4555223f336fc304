package pack

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/netra-id/netra/pipeline/evidence/seal"
	"github.com/netra-id/netra/pipeline/evidence/stamp"
)

// stamped is a checkpoint whose time an authority stated.
type stamped struct {
	size int64
	at   time.Time
	// within is how far the authority's clock may be off.
	within time.Duration
	what   string
}

// readCheckpoint verifies the signature of the checkpoint that all is proved by,
// and its time stamp.
func (v *verifier) readCheckpoint() error {
	signed, err := v.read(checkpointName, mostProof)
	if err != nil {
		return err
	}
	if v.checkpoint, err = seal.OpenCheckpoint(signed, v.options.Keys...); err != nil {
		if errors.Is(err, seal.ErrOtherKey) {
			return fault(checkpointName, "it is signed by another key than the one given: %s", signerOf(signed))
		}
		return fault(checkpointName, "%v: it is not what the log's key signed", err)
	}
	if v.checkpoint.Origin != v.manifest.Origin {
		return fault(manifestName, "it says that the log is %q; the checkpoint's is %q", v.manifest.Origin, v.checkpoint.Origin)
	}
	v.result.Log = LogResult{Origin: v.checkpoint.Origin, Size: v.checkpoint.N, Root: v.checkpoint.Hash.String()}
	if !v.manifest.Stamped {
		return nil
	}
	der, err := v.read(stampName, mostProof)
	if err != nil {
		return err
	}
	s, err := v.stamp(stampName, checkpointName, der, signed)
	if err != nil {
		return err
	}
	s.size = v.checkpoint.N
	v.stamps = append(v.stamps, s)
	return nil
}

func signerOf(signed []byte) string {
	lines := strings.Split(strings.TrimSpace(string(signed)), "\n")
	return short(strings.TrimPrefix(lines[len(lines)-1], "— "))
}

// stamp verifies that an authority stamped these bytes.
func (v *verifier) stamp(name, of string, der, signed []byte) (stamped, error) {
	s, err := stamp.Open(der)
	if err != nil {
		return stamped{}, fault(name, "%v", err)
	}
	if s.SHA256 != sha256.Sum256(signed) {
		return stamped{}, fault(name, "it is not the time stamp of %s", of)
	}
	trusted := "not asked"
	if v.options.Roots != nil {
		if err := s.Trusted(v.options.Roots); err != nil {
			return stamped{}, fault(name, "%s: %v", s.Authority(), plain(err))
		}
		trusted = "yes"
	}
	v.result.Stamps = append(v.result.Stamps, StampResult{File: name, Time: s.Time, Authority: s.Authority(), Trusted: trusted})
	return stamped{at: s.Time, within: s.Accuracy, what: name}, nil
}

func plain(err error) error {
	var unknown x509.UnknownAuthorityError
	if errors.As(err, &unknown) {
		return stamp.ErrUntrusted
	}
	return err
}

// readProofs verifies that the manifest and every statement are in the log, and
// that the log was not rewritten since the earlier checkpoints.
func (v *verifier) readProofs() error {
	data, err := v.read(proofsName, int64(2+len(v.manifest.Statements)+len(v.manifest.Earlier))*mostProofLine)
	if err != nil {
		return err
	}
	if v.proofs, err = parseProofs(data, v.manifest); err != nil {
		return fault(proofsName, "%v", err)
	}
	sums := map[string]string{}
	for _, f := range v.manifest.Files {
		sums[f.Path] = f.SHA256
	}
	if err := v.inLog(v.proofs.leaves[0], manifestName, seal.KindPack, sha256.Sum256(v.encoded)); err != nil {
		return err
	}
	for i, s := range v.manifest.Statements {
		sum, err := hex.DecodeString(sums[s.Path])
		if err != nil {
			return fault(manifestName, "%v", err)
		}
		if err := v.inLog(v.proofs.leaves[i+1], s.Path, s.Kind, [32]byte(sum)); err != nil {
			return err
		}
	}
	return nil
}

func (v *verifier) inLog(p leafProof, what string, kind seal.Kind, sum [32]byte) error {
	if p.kind != kind {
		return fault(what, "it is in the log as %q, and in the pack as %q", p.kind, kind)
	}
	leaf := seal.Leaf{Number: p.number, Kind: p.kind, SHA256: sum, SealedAt: p.sealedAt}
	if err := tlog.CheckRecord(p.path, v.checkpoint.N, v.checkpoint.Hash, p.number, leaf.Hash()); err != nil {
		return fault(what, "it is not in the log: its proof does not lead to the signed checkpoint (it, its proof or the log was changed)")
	}
	return nil
}

// earlier verifies the earlier checkpoints, which readFiles has compared with the
// manifest, and adds their time stamps.
func (v *verifier) earlier() error {
	var found []stamped
	for i, size := range v.manifest.Earlier {
		name := earlierPath(size, ".txt")
		signed, der := v.kept[name], v.kept[earlierPath(size, ".tsr")]
		text, err := seal.NoteText(signed)
		if err != nil {
			return fault(name, "%v", err)
		}
		c, err := seal.ParseCheckpoint(text)
		if err != nil {
			return fault(name, "%v", err)
		}
		p := v.proofs.earlier[i]
		switch {
		case c.N != size || p.size != size:
			return fault(name, "it is not the checkpoint of %d leaves", size)
		case c.Origin != v.checkpoint.Origin:
			return fault(name, "it is of another log: %q", c.Origin)
		}
		if err := v.prefix(c, p); err != nil {
			return fault(name, "the log was rewritten: %v", err)
		}
		s, err := v.stamp(earlierPath(size, ".tsr"), name, der, signed)
		if err != nil {
			return err
		}
		s.size = size
		found = append(found, s)
	}
	v.stamps = append(found, v.stamps...)
	return nil
}

func (v *verifier) prefix(c seal.Checkpoint, p prefixProof) error {
	if c.N > v.checkpoint.N {
		return fmt.Errorf("it once had %d leaves, now %d", c.N, v.checkpoint.N)
	}
	if err := tlog.CheckTree(p.path, v.checkpoint.N, v.checkpoint.Hash, c.N, c.Hash); err != nil {
		return fmt.Errorf("its first %d leaves are not those of the checkpoint that was time-stamped", c.N)
	}
	return nil
}
