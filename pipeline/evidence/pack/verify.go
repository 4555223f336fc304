package pack

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"

	"github.com/netra-id/netra/pipeline/evidence/seal"
)

// Options say by what a pack is verified.
type Options struct {
	// Keys are the public keys that the log may be signed by.
	Keys []note.Verifier
	// Roots are the certificates that the time stamping authority's must lead to;
	// nil takes any, and the Result says so.
	Roots *x509.CertPool
	// MostDelay is how far what a statement says of its time may be from when it
	// was sealed; 0 is MostDelay.
	MostDelay time.Duration
}

// MostDelay is how far the time of a capture or decision may be from when it was
// sealed, where nobody says. Sealing takes seconds.
const MostDelay = time.Hour

// Fault is the first thing of a pack that does not hold.
type Fault struct {
	// What is the file, or the part of the pack.
	What string `json:"what"`
	// Why says what is wrong with it.
	Why string `json:"why"`
}

func (f *Fault) Error() string { return f.What + ": " + f.Why }

func fault(what, why string, args ...any) error {
	return &Fault{What: what, Why: fmt.Sprintf(why, args...)}
}

// Verify verifies a pack of a size, offline, by nothing but its own bytes and the
// options. What does not hold is in the Result; an error says that the pack could
// not be read.
func Verify(pack io.ReaderAt, size int64, options Options) (Result, error) {
	if options.MostDelay <= 0 {
		options.MostDelay = MostDelay
	}
	v := &verifier{options: options, files: map[string]*zip.File{}, pieces: map[string]int64{}, kept: map[string][]byte{}}
	v.result.Times.MostDelay = options.MostDelay.String()
	err := v.verify(pack, size)
	var broken *Fault
	switch {
	case errors.As(err, &broken):
		v.result.Fault = broken
	case err != nil:
		return v.result, fmt.Errorf("verify the pack: %w", err)
	default:
		v.result.Holds = true
	}
	return v.result, nil
}

// verifier verifies one pack.
type verifier struct {
	options  Options
	result   Result
	zip      *zip.Reader
	files    map[string]*zip.File
	manifest *Manifest
	encoded  []byte
	// checkpoint is the signed one that everything is proved by.
	checkpoint seal.Checkpoint
	proofs     *proofs
	stamps     []stamped
	listing    listing
	entries    []entry
	// pieces are the sizes of the files that statements vouch for.
	pieces map[string]int64
	// kept are the earlier checkpoints and their time stamps.
	kept   map[string][]byte
	stated []statedTime
}

// verify goes from the manifest to the last byte, and ends at the first thing
// that does not hold.
func (v *verifier) verify(pack io.ReaderAt, size int64) error {
	var err error
	if v.zip, err = zip.NewReader(pack, size); err != nil && !errors.Is(err, zip.ErrInsecurePath) {
		return fault("the pack", "it is not a whole ZIP file, or its end is missing (%v)", err)
	}
	for _, step := range []func() error{v.index, v.readManifest, v.complete, v.readCheckpoint, v.readProofs, v.readFiles, v.times, v.signature} {
		if err := step(); err != nil {
			return err
		}
	}
	return v.container(pack, size)
}

// index finds the files by name.
func (v *verifier) index() error {
	for _, f := range v.zip.File {
		if _, twice := v.files[f.Name]; twice {
			return fault(short(f.Name), "it is in the pack twice")
		}
		v.files[f.Name] = f
	}
	return nil
}

// read returns the bytes of an entry, and takes it down for the signature.
func (v *verifier) read(name string, most int64) ([]byte, error) {
	var data bytes.Buffer
	_, err := v.copy(name, &data, most)
	return data.Bytes(), err
}

// copy reads an entry to its end, and returns its SHA-256.
func (v *verifier) copy(name string, to io.Writer, most int64) ([]byte, error) {
	f := v.files[name]
	if f == nil {
		return nil, fault(name, "it is missing")
	}
	content, err := f.Open()
	if err != nil {
		return nil, fault(name, "it cannot be read (%v)", err)
	}
	sum := sha256.New()
	n, err := io.Copy(io.MultiWriter(to, sum), io.LimitReader(content, most+1))
	closed := content.Close()
	switch {
	case n > most:
		return nil, fault(name, "it is longer than the %d bytes that it may have", most)
	case errors.Is(err, zip.ErrChecksum):
		return nil, fault(name, "it was changed: its CRC-32 is another one")
	case err != nil:
		return nil, fault(name, "it cannot be read (%v)", err)
	case closed != nil:
		return nil, fault(name, "it cannot be read (%v)", closed)
	}
	hash := sum.Sum(nil)
	v.listing.add(name, n, hash)
	v.entries = append(v.entries, entry{name: name, crc: f.CRC32, size: n})
	return hash, nil
}

func (v *verifier) readManifest() (err error) {
	if v.encoded, err = v.read(manifestName, mostManifest); err != nil {
		return err
	}
	if v.manifest, err = decodeManifest(v.encoded); err != nil {
		return fault(manifestName, "%v", err)
	}
	v.result.describe(v.manifest)
	return nil
}

// order are the names of all entries in their order.
func (m *Manifest) order() []string {
	names := []string{manifestName, checkpointName}
	if m.Stamped {
		names = append(names, stampName)
	}
	names = append(names, proofsName)
	for _, f := range m.Files {
		names = append(names, f.Path)
	}
	return append(names, signatureName)
}

// complete sees that the pack has all that the manifest names, and nothing else.
func (v *verifier) complete() error {
	order := v.manifest.order()
	named := make(map[string]bool, len(order))
	for _, name := range order {
		named[name] = true
		if v.files[name] == nil {
			return fault(name, "it is missing: the manifest names it")
		}
	}
	if len(order) == len(v.files) {
		return nil
	}
	for _, f := range v.zip.File {
		if !named[f.Name] {
			return fault(short(f.Name), "the manifest does not name it: it was added")
		}
	}
	return nil
}

// readFiles compares every file with what the manifest says, and statements with
// the files that they vouch for.
func (v *verifier) readFiles() error {
	stated := map[string]int{}
	for i, s := range v.manifest.Statements {
		stated[s.Path] = i
	}
	for _, f := range v.manifest.Files {
		i, isStatement := stated[f.Path]
		switch {
		case isStatement:
			data, err := v.readSame(f)
			if err == nil {
				err = v.statement(i, data)
			}
			if err != nil {
				return err
			}
		case strings.HasPrefix(f.Path, "earlier/"):
			data, err := v.readSame(f)
			if err != nil {
				return err
			}
			v.kept[f.Path] = data
		default:
			if err := v.compare(f, io.Discard); err != nil {
				return err
			}
		}
	}
	return v.vouched()
}

// vouched sees that each file of a piece has a statement, and each statement its
// file.
func (v *verifier) vouched() error {
	for _, f := range v.manifest.Files {
		if sum, ok := sumInPath(f.Path); ok {
			size, vouched := v.pieces[sum]
			switch {
			case !vouched:
				return fault(f.Path, "no statement vouches for it")
			case size != f.Size:
				return fault(f.Path, "its statement says that it has %d bytes, not %d", size, f.Size)
			}
			delete(v.pieces, sum)
			v.result.Files++
		}
	}
	for sum := range v.pieces {
		return fault("files/"+sum, "a statement vouches for this file, and it is not in the pack")
	}
	return nil
}

// readSame reads a small file that must be the one of the manifest.
func (v *verifier) readSame(f File) ([]byte, error) {
	var data bytes.Buffer
	err := v.compare(f, &data)
	return data.Bytes(), err
}

// compare reads a file that must be the one of the manifest.
func (v *verifier) compare(f File, to io.Writer) error {
	sum, err := v.copy(f.Path, to, f.Size)
	if err != nil {
		return err
	}
	if last := v.entries[len(v.entries)-1]; last.size != f.Size || hex.EncodeToString(sum) != f.SHA256 {
		return fault(f.Path, "it was changed: it is not the file of the manifest (SHA-256 %x, not %s)", sum, f.SHA256)
	}
	return nil
}

// signature verifies what covers every byte of every entry before it.
func (v *verifier) signature() error {
	want := v.listing.signed()
	signed, err := v.read(signatureName, mostProof)
	if err != nil {
		return err
	}
	text, err := seal.OpenNote(signed, v.options.Keys...)
	switch {
	case err != nil:
		return fault(signatureName, "%v", err)
	case text != want:
		return fault(signatureName, "it is not of the files of this pack: one of checkpoint.txt, checkpoint.tsr and proofs.txt was exchanged")
	}
	return nil
}

// container sees that the ZIP is written as it must be, to the last bit, so that
// nothing can be hidden in it.
func (v *verifier) container(pack io.ReaderAt, size int64) error {
	offset := int64(0)
	for i := range v.entries {
		e := &v.entries[i]
		e.offset = offset
		if err := sameBytes(pack, offset, e.local(), fmt.Sprintf("its header at byte %d", offset), e.name); err != nil {
			return err
		}
		offset += localSize + int64(len(e.name)) + e.size
	}
	end := directory(v.entries, offset)
	if err := sameBytes(pack, offset, end, fmt.Sprintf("the directory at byte %d", offset), "the ZIP container"); err != nil {
		return err
	}
	if rest := size - offset - int64(len(end)); rest != 0 {
		return fault("the ZIP container", "there are %d bytes too many at its end", rest)
	}
	return nil
}

func sameBytes(pack io.ReaderAt, offset int64, want []byte, where, what string) error {
	got := make([]byte, len(want))
	if _, err := pack.ReadAt(got, offset); err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("read %s: %w", where, err)
	}
	if !bytes.Equal(got, want) {
		return fault(what, "%s is not as Netra writes it: the ZIP was changed or packed anew", where)
	}
	return nil
}
