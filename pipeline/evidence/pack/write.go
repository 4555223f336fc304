package pack

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"strings"
	"time"

	"github.com/netra-id/netra/pipeline/evidence"
	"github.com/netra-id/netra/pipeline/evidence/seal"
)

// Write makes a pack. It first has all that waits sealed, and the manifest
// itself, so that the log shows that the pack was made and what it held. After an
// error what was written is no pack.
func Write(ctx context.Context, w io.Writer, c Contents, deps Dependencies) (Made, error) {
	made, err := write(ctx, w, c, deps)
	if err != nil {
		return Made{}, fmt.Errorf("make the pack: %w", err)
	}
	return made, nil
}

func write(ctx context.Context, w io.Writer, c Contents, deps Dependencies) (Made, error) {
	if deps.Log.PublicKey() == "" {
		return Made{}, seal.ErrNoKey
	}
	if _, err := deps.Log.Seal(ctx); err != nil {
		return Made{}, err
	}
	p := &packer{deps: deps, contents: c, content: map[string]content{}}
	if err := p.gather(ctx); err != nil {
		return Made{}, err
	}
	var unstamped error
	last, err := p.sealed(ctx, deps.Log.Stamps())
	if errors.Is(err, errUnstamped) { // the manifest promised a time stamp
		unstamped = err
		last, err = p.sealed(ctx, false)
	}
	if err != nil {
		return Made{}, err
	}
	counted := &counter{to: w}
	if err := p.write(ctx, counted, last); err != nil {
		return Made{}, err
	}
	return Made{SHA256: hex.EncodeToString(counted.sum.Sum(nil)), Size: counted.size, Stamped: p.manifest.Stamped, Unstamped: unstamped, Leaves: last.Size}, nil
}

// packer makes one pack.
type packer struct {
	deps       Dependencies
	contents   Contents
	manifest   Manifest
	encoded    []byte
	statements []seal.Statement
	leaves     []seal.Leaf
	earlier    []seal.Stamped
	content    map[string]content
}

// content is where the bytes of a file come from: memory, or the storage.
type content struct {
	bytes []byte
	sum   string // of a file in the storage
	crc   uint32
}

// gather reads all that goes into the pack once, so that what is missing or
// damaged is known before anything is sealed or written.
func (p *packer) gather(ctx context.Context) (err error) {
	c := &p.contents
	p.manifest = Manifest{
		Format: Format, MadeBy: c.By, Netra: c.Netra, Origin: p.deps.Log.Origin(), Case: c.Case,
		Posts: append([]string{}, c.Posts...), Statements: []Stated{}, Earlier: []int64{},
	}
	for _, s := range c.Statements {
		p.statements = append(p.statements, seal.Statement{Kind: s.Kind, Bytes: s.Bytes})
	}
	if p.leaves, err = p.deps.Log.Leaves(ctx, p.statements); err != nil {
		return err
	}
	if p.earlier, err = p.deps.Log.Around(ctx, p.leaves); err != nil {
		return err
	}
	p.add(readmeName, readme(c))
	custody, err := custodyOf(c.Custody)
	if err != nil {
		return err
	}
	p.add(custodyName, custody)
	for _, e := range p.earlier {
		p.manifest.Earlier = append(p.manifest.Earlier, e.Size)
		p.add(earlierPath(e.Size, ".txt"), e.Note)
		p.add(earlierPath(e.Size, ".tsr"), e.Response)
	}
	for _, r := range c.Reports {
		p.add("laporan/"+r.Name, r.Bytes)
	}
	for i, s := range c.Statements {
		p.manifest.Statements = append(p.manifest.Statements, Stated{Path: statementPath(i), Kind: s.Kind, Post: s.Post})
		p.add(statementPath(i), s.Bytes)
	}
	for _, s := range c.Statements {
		if s.Kind == seal.KindPiece {
			if err := p.addPiece(ctx, s.Bytes); err != nil {
				return err
			}
		}
	}
	if err := fits(p.manifest.Files); err != nil {
		return err
	}
	return p.manifest.check()
}

func (p *packer) add(path string, data []byte) {
	sum := sha256.Sum256(data)
	p.manifest.Files = append(p.manifest.Files, File{Path: path, Size: int64(len(data)), SHA256: hex.EncodeToString(sum[:])})
	p.content[path] = content{bytes: data, crc: crc32.ChecksumIEEE(data)}
}

// addPiece adds the file of a piece, once.
func (p *packer) addPiece(ctx context.Context, statement []byte) error {
	var piece evidence.Piece
	if err := json.Unmarshal(statement, &piece); err != nil {
		return fmt.Errorf("read the statement of a piece: %w", err)
	}
	if piece.SHA256 == "" {
		return nil
	}
	if _, there := p.content[piece.SHA256]; there {
		return nil
	}
	path := "files/" + piece.SHA256 + suffixOf(piece.Type)
	file, err := p.deps.Files.Open(ctx, piece.SHA256)
	if err != nil {
		return fmt.Errorf("the file of piece %s (%s of %s): %w", piece.ID, piece.Kind, piece.Post, err)
	}
	crc := crc32.NewIEEE()
	size, err := io.Copy(crc, file)
	if err = errors.Join(err, file.Close()); err != nil {
		return fmt.Errorf("the file of piece %s (%s of %s): %w", piece.ID, piece.Kind, piece.Post, err)
	}
	if size != piece.Size {
		return fmt.Errorf("the file of piece %s (%s of %s) has %d bytes, its statement says %d", piece.ID, piece.Kind, piece.Post, size, piece.Size)
	}
	p.manifest.Files = append(p.manifest.Files, File{Path: path, Size: size, SHA256: piece.SHA256})
	p.content[path] = content{sum: piece.SHA256, crc: crc.Sum32()}
	p.content[piece.SHA256] = content{} // seen
	return nil
}

// suffixOf lets people open a file; nothing is verified by it.
func suffixOf(mediaType string) string {
	base, _, _ := strings.Cut(mediaType, ";")
	return map[string]string{
		"application/json": ".json", "text/html": ".html", "text/plain": ".txt", "image/png": ".png", "image/jpeg": ".jpg", "image/webp": ".webp",
		"image/gif": ".gif", "video/mp4": ".mp4", "video/webm": ".webm", "video/quicktime": ".mov", "application/pdf": ".pdf",
		"application/wacz": ".wacz", "application/warc": ".warc", "multipart/related": ".mhtml",
	}[strings.TrimSpace(base)]
}

var errUnstamped = errors.New("the checkpoint was not time-stamped")

// sealed writes the manifest, has it sealed, and returns the checkpoint that
// covers it, time-stamped where the manifest promises that.
func (p *packer) sealed(ctx context.Context, stamped bool) (seal.Stamped, error) {
	at, clock := p.deps.Now()
	p.manifest.MadeAt, p.manifest.Clock, p.manifest.Stamped = at.Truncate(time.Millisecond), clock, stamped
	var err error
	if p.encoded, err = p.manifest.encode(); err != nil {
		return seal.Stamped{}, err
	}
	if int64(len(p.encoded)) > mostManifest {
		return seal.Stamped{}, ErrTooLarge
	}
	if err := p.deps.Log.Now(ctx, seal.Statement{Kind: seal.KindPack, Bytes: p.encoded}); err != nil {
		return seal.Stamped{}, err
	}
	if stamped {
		return p.stamped(ctx)
	}
	last, err := p.deps.Log.Last(ctx)
	last.Response = nil
	return last, err
}

// stampWithin is how long an authority is waited for where nobody says.
const stampWithin = 30 * time.Second

func (p *packer) stamped(ctx context.Context) (seal.Stamped, error) {
	most := p.deps.StampWithin
	if most <= 0 {
		most = stampWithin
	}
	within, cancel := context.WithTimeout(ctx, most)
	defer cancel()
	last, err := p.deps.Log.Stamp(within)
	if err != nil && ctx.Err() == nil {
		err = fmt.Errorf("%w: %w", errUnstamped, err)
	}
	return last, err
}

// proofs are the lines that prove that everything is in the tree of the
// checkpoint.
func (p *packer) proofs(ctx context.Context, last seal.Stamped) ([]byte, error) {
	prover, err := p.deps.Log.Prover(ctx, last.Note)
	if err != nil {
		return nil, err
	}
	own, err := p.deps.Log.Leaves(ctx, []seal.Statement{{Kind: seal.KindPack, Bytes: p.encoded}})
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	out.WriteString(proofsFirst + "\n")
	for _, leaf := range append(own, p.leaves...) {
		path, err := prover.Leaf(leaf)
		if err != nil {
			return nil, err
		}
		out.WriteString(leafProof{leaf.Number, leaf.Kind, leaf.SealedAt, path}.String())
	}
	for _, e := range p.earlier {
		text, err := seal.NoteText(e.Note)
		if err != nil {
			return nil, err
		}
		c, err := seal.ParseCheckpoint(text)
		if err != nil {
			return nil, err
		}
		path, err := prover.Prefix(c)
		if err != nil {
			return nil, err
		}
		out.WriteString(prefixProof{c.N, path}.String())
	}
	return out.Bytes(), nil
}

// write writes the entries in their order.
func (p *packer) write(ctx context.Context, w io.Writer, last seal.Stamped) error {
	proofs, err := p.proofs(ctx, last)
	if err != nil {
		return err
	}
	z := newZipWriter(w)
	list := &listing{}
	add := func(name string, data []byte) error {
		sum := sha256.Sum256(data)
		list.add(name, int64(len(data)), sum[:])
		return z.add(name, int64(len(data)), crc32.ChecksumIEEE(data), bytes.NewReader(data))
	}
	if err := errors.Join(add(manifestName, p.encoded), add(checkpointName, last.Note)); err != nil {
		return err
	}
	if p.manifest.Stamped {
		if err := add(stampName, last.Response); err != nil {
			return err
		}
	}
	if err := add(proofsName, proofs); err != nil {
		return err
	}
	for _, f := range p.manifest.Files {
		if err := p.copy(ctx, z, list, f); err != nil {
			return err
		}
	}
	signature, err := p.deps.Log.Sign(list.signed())
	if err != nil {
		return err
	}
	if err := z.add(signatureName, int64(len(signature)), crc32.ChecksumIEEE(signature), bytes.NewReader(signature)); err != nil {
		return err
	}
	return z.close()
}

func (p *packer) copy(ctx context.Context, z *zipWriter, list *listing, f File) error {
	sum, err := hex.DecodeString(f.SHA256)
	if err != nil {
		return err
	}
	list.add(f.Path, f.Size, sum)
	c := p.content[f.Path]
	if c.sum == "" {
		return z.add(f.Path, f.Size, c.crc, bytes.NewReader(c.bytes))
	}
	file, err := p.deps.Files.Open(ctx, c.sum)
	if err != nil {
		return err
	}
	return errors.Join(z.add(f.Path, f.Size, c.crc, file), file.Close())
}
