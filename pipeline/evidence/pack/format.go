package pack

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/netra-id/netra/pipeline/evidence/seal"
)

// Format names the version of the format that docs/evidence.md describes.
const Format = "netra-pack-1"

// The entries that are not named by the manifest, in the pack's order: those of
// the manifest stand between proofs.txt and signature.txt.
const (
	manifestName   = "manifest.json"
	checkpointName = "checkpoint.txt"
	stampName      = "checkpoint.tsr"
	proofsName     = "proofs.txt"
	signatureName  = "signature.txt"
)

// The manifest's entries that have a fixed name.
const (
	readmeName  = "BACA-SAYA.txt"
	custodyName = "custody.json"
)

// Manifest is what a pack says that it holds. Its bytes are themselves a
// statement in the sealed log (seal.KindPack).
type Manifest struct {
	Format string `json:"format"`
	// MadeAt is when the pack was made, by a clock that was checked as Clock says.
	MadeAt time.Time `json:"made_at"`
	Clock  string    `json:"clock"`
	MadeBy string    `json:"made_by"`
	// Netra is the version of the program.
	Netra string `json:"netra"`
	// Origin is the log's name.
	Origin string `json:"origin"`
	// Stamped says that checkpoint.tsr is there.
	Stamped bool `json:"stamped"`
	// Case is what is known of the case; for people, nothing is verified by it.
	Case  json.RawMessage `json:"case,omitempty"`
	Posts []string        `json:"posts"`
	// Statements are proved to be in the log, in this order.
	Statements []Stated `json:"statements"`
	// Earlier are the sizes of the earlier time-stamped checkpoints that are
	// there, ascending.
	Earlier []int64 `json:"earlier"`
	// Files are all entries but the fixed ones, in the pack's order.
	Files []File `json:"files"`
}

// Stated is a statement in the pack.
type Stated struct {
	Path string    `json:"path"`
	Kind seal.Kind `json:"kind"`
	// Post is the post that it is about, empty for statements about the case.
	Post string `json:"post,omitempty"`
}

// File is an entry of the pack.
type File struct {
	Path   string `json:"path"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}

// encode writes the manifest. There is one way only, so that nothing can be in it
// that one reader sees and another does not.
func (m *Manifest) encode() ([]byte, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", " ")
	if err := encoder.Encode(m); err != nil {
		return nil, fmt.Errorf("write the manifest: %w", err)
	}
	return out.Bytes(), nil
}

// filePath is what the names of the manifest's files look like.
var filePath = regexp.MustCompile(`^(?:BACA-SAYA\.txt|custody\.json|earlier/(?:0|[1-9][0-9]{0,17})\.(?:txt|tsr)|statements/[0-9]{6}\.json|files/[0-9a-f]{64}(?:\.[a-z0-9]{1,8})?|laporan/[A-Za-z0-9][A-Za-z0-9._-]{0,99})$`)

// decodeManifest reads a manifest that encode wrote.
func decodeManifest(data []byte) (*Manifest, error) {
	var m Manifest
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&m); err != nil {
		return nil, fmt.Errorf("it cannot be read: %w", err)
	}
	if m.Format != Format {
		return nil, fmt.Errorf("format %q; this verifier knows %s", m.Format, Format)
	}
	if again, err := m.encode(); err != nil || !bytes.Equal(again, data) {
		return nil, fmt.Errorf("it is not written as a manifest must be")
	}
	return &m, m.check()
}

// check says what of a manifest cannot be.
func (m *Manifest) check() error {
	known := map[string]File{}
	for _, f := range m.Files {
		if !filePath.MatchString(f.Path) {
			return fmt.Errorf("%q is not a name of a file in a pack", f.Path)
		}
		if _, twice := known[f.Path]; twice {
			return fmt.Errorf("it names %s twice", f.Path)
		}
		if len(f.SHA256) != 2*sha256.Size || strings.ToLower(f.SHA256) != f.SHA256 || f.Size < 0 {
			return fmt.Errorf("it gives %s no SHA-256 and size", f.Path)
		}
		if _, err := hex.DecodeString(f.SHA256); err != nil {
			return fmt.Errorf("it gives %s no SHA-256", f.Path)
		}
		if sum, ok := sumInPath(f.Path); ok && sum != f.SHA256 {
			return fmt.Errorf("it gives %s another SHA-256 than its name", f.Path)
		}
		known[f.Path] = f
	}
	for i, s := range m.Statements {
		if f, ok := known[s.Path]; !ok || s.Path != statementPath(i) || f.Size > mostStatement {
			return fmt.Errorf("statement %d is %q, which it does not name as it must", i+1, s.Path)
		}
	}
	return m.checkEarlier(known)
}

func (m *Manifest) checkEarlier(known map[string]File) error {
	last := int64(-1)
	for _, size := range m.Earlier {
		for _, suffix := range []string{".txt", ".tsr"} {
			if f, ok := known[earlierPath(size, suffix)]; !ok || size <= last || f.Size > mostProof {
				return fmt.Errorf("it does not name the earlier checkpoint of %d leaves as it must", size)
			}
		}
		last = size
	}
	count := 0
	for path := range known {
		if strings.HasPrefix(path, "earlier/") || strings.HasPrefix(path, "statements/") {
			count++
		}
	}
	if count != 2*len(m.Earlier)+len(m.Statements) {
		return fmt.Errorf("it names files in earlier/ or statements/ that are none")
	}
	return nil
}

func statementPath(i int) string { return fmt.Sprintf("statements/%06d.json", i+1) }

func earlierPath(size int64, suffix string) string { return fmt.Sprintf("earlier/%d%s", size, suffix) }

// sumInPath is the SHA-256 that a file of a piece is named by.
func sumInPath(path string) (string, bool) {
	name, ok := strings.CutPrefix(path, "files/")
	if !ok {
		return "", false
	}
	return name[:2*sha256.Size], true
}

// What is read into memory is bounded.
const (
	mostManifest  = 64 << 20
	mostProofLine = 4 << 10 // 64 hashes and a little
	mostStatement = 1 << 20
	mostProof     = 1 << 20
)

// listing is what the signature is of: every entry before it, in order, with its
// SHA-256 and size.
type listing struct{ text bytes.Buffer }

func (l *listing) add(name string, size int64, sum []byte) {
	fmt.Fprintf(&l.text, "%x %d %s\n", sum, size, name)
}

// signed is the text that is signed.
func (l *listing) signed() string {
	sum := sha256.Sum256(l.text.Bytes())
	return fmt.Sprintf("%s\n%x\n", Format, sum)
}
