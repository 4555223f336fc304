package pack

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"hash/crc32"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/netra-id/netra/pipeline/evidence/seal"
)

// Forge makes a pack as somebody does who has the key and all of the log, but
// whose log is not the one whose checkpoint of a size was time-stamped: it puts
// that checkpoint beside the pack's with a proof that proves nothing.
func Forge(ctx context.Context, log *seal.Log, m Manifest, content map[string][]byte, earlier seal.Stamped) ([]byte, error) {
	for suffix, data := range map[string][]byte{".txt": earlier.Note, ".tsr": earlier.Response} {
		content[earlierPath(earlier.Size, suffix)] = data
	}
	m.Earlier = []int64{earlier.Size}
	for _, suffix := range []string{".txt", ".tsr"} {
		path := earlierPath(earlier.Size, suffix)
		sum := sha256.Sum256(content[path])
		m.Files = append(m.Files, File{Path: path, Size: int64(len(content[path])), SHA256: hex.EncodeToString(sum[:])})
	}
	p := &packer{deps: Dependencies{Log: log}, manifest: m}
	var err error
	if p.encoded, err = p.manifest.encode(); err != nil {
		return nil, err
	}
	for _, s := range m.Statements {
		p.statements = append(p.statements, seal.Statement{Kind: s.Kind, Bytes: content[s.Path]})
	}
	if err := log.Now(ctx, seal.Statement{Kind: seal.KindPack, Bytes: p.encoded}); err != nil {
		return nil, err
	}
	if p.leaves, err = log.Leaves(ctx, p.statements); err != nil {
		return nil, err
	}
	last, err := log.Last(ctx)
	if err != nil {
		return nil, err
	}
	proofs, err := p.proofs(ctx, last)
	if err != nil {
		return nil, err
	}
	prover, err := log.Prover(ctx, last.Note)
	if err != nil {
		return nil, err
	}
	path, err := prover.Leaf(p.leaves[0])
	if err != nil {
		return nil, err
	}
	content[checkpointName], content[manifestName] = last.Note, p.encoded
	content[proofsName] = append(proofs, prefixProof{earlier.Size, tlog.TreeProof(path)}.String()...)
	return forged(log, &m, content)
}

// forged writes and signs the entries.
func forged(log *seal.Log, m *Manifest, content map[string][]byte) ([]byte, error) {
	var out bytes.Buffer
	z, list := newZipWriter(&out), &listing{}
	for _, name := range m.order() {
		data := content[name]
		if name == signatureName {
			var err error
			if data, err = log.Sign(list.signed()); err != nil {
				return nil, err
			}
		}
		sum := sha256.Sum256(data)
		list.add(name, int64(len(data)), sum[:])
		if err := z.add(name, int64(len(data)), crc32.ChecksumIEEE(data), bytes.NewReader(data)); err != nil {
			return nil, err
		}
	}
	err := z.close()
	return out.Bytes(), err
}
