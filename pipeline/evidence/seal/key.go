package seal

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/sumdb/note"
)

// Key signs checkpoints. Its text form is that of golang.org/x/mod/sumdb/note,
// with Ed25519.
type Key struct {
	note.Signer
	public string
}

// Public is the public key as text: name+hash+key.
func (k *Key) Public() string { return k.public }

// ParsePublicKey reads a public key as Key.Public writes it, with or without
// white space or a byte order mark around it. Its error never repeats a private
// key, nor all of a file that was named by mistake.
func ParsePublicKey(text string) (note.Verifier, error) {
	text = strings.TrimSpace(strings.TrimPrefix(text, "\ufeff"))
	v, err := note.NewVerifier(text)
	switch {
	case err == nil:
		return v, nil
	case strings.Contains(text, "PRIVATE+KEY"):
		return nil, errors.New("this is the private key (not shown), which must stay secret; allowed: the public key as `netra evidence key` prints it")
	case len(text) > mostShownOfKey:
		text = text[:mostShownOfKey] + "…"
	}
	return nil, fmt.Errorf("public key %q: %w; allowed: name+hash+key as `netra evidence key` prints it", text, err)
}

// mostShownOfKey is longer than a public key of a log with a usual name.
const mostShownOfKey = 120

// MakeKey makes a new key in a file that must not be there yet, readable by its
// owner only. The file holds the private key in its first line and the public
// one in the second.
func MakeKey(path, origin string) error {
	if !originName.MatchString(origin) {
		return fmt.Errorf("make a key for %q: not a name of a log", origin)
	}
	private, public, err := note.GenerateKey(rand.Reader, origin)
	if err != nil {
		return fmt.Errorf("make the key of the sealed log: %w", err)
	}
	if err := writeNew(path, []byte(private+"\n"+public+"\n")); err != nil {
		return fmt.Errorf("keep the key of the sealed log: %w", err)
	}
	return nil
}

// writeNew writes a file that is whole or not there, and never over another.
func writeNew(path string, data []byte) (err error) {
	file, err := os.CreateTemp(filepath.Dir(path), ".new-*") // 0600
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.Remove(file.Name())) }()
	_, err = file.Write(data)
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		return err
	}
	if err := os.Link(file.Name(), path); err != nil { // fails where there is one
		return err
	}
	return syncFolder(path)
}

func syncFolder(path string) error {
	folder, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}

// OpenKey reads a key that MakeKey made. Its error wraps fs.ErrNotExist where
// there is none.
func OpenKey(path, origin string) (*Key, error) {
	data, err := os.ReadFile(path) //nolint:gosec // the operator names it
	if err != nil {
		return nil, fmt.Errorf("read the key of the sealed log: %w", err)
	}
	lines := bytes.Split(bytes.TrimSpace(data), []byte("\n"))
	if len(lines) != 2 {
		return nil, fmt.Errorf("read the key of the sealed log: %s has %d lines; allowed: the private key and the public key, a line each", path, len(lines))
	}
	signer, err := note.NewSigner(string(lines[0]))
	if err != nil {
		return nil, fmt.Errorf("read the key of the sealed log: %s: line 1 is no private key", path)
	}
	public, err := ParsePublicKey(string(lines[1]))
	if err != nil || public.KeyHash() != signer.KeyHash() || public.Name() != signer.Name() {
		return nil, fmt.Errorf("read the key of the sealed log: %s: line 2 is not the public key of line 1", path)
	}
	if signer.Name() != origin {
		return nil, fmt.Errorf("read the key of the sealed log: %s is of the log %q, but the configuration's (key evidence.seal.origin) is %q", path, signer.Name(), origin)
	}
	return &Key{Signer: signer, public: string(bytes.TrimSpace(lines[1]))}, nil
}

// ErrNoKey says that this process has no key of the log: it adds statements, and
// a console that has the key seals them.
var ErrNoKey = errors.New("this console has no key of the sealed log (key evidence.seal.key_file): copy the file from the console that made it, or let that one seal")

// openOrMakeKey makes the key where there is none and the log is empty. It
// returns nil where the log has one that is not here.
func openOrMakeKey(path, origin string, empty bool) (*Key, error) {
	key, err := OpenKey(path, origin)
	if !errors.Is(err, fs.ErrNotExist) {
		return key, err
	}
	if !empty {
		return nil, nil //nolint:nilnil // it is on another machine
	}
	if err := MakeKey(path, origin); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	return OpenKey(path, origin)
}

// Fingerprint is what people read to each other to compare public keys: the SHA-256 of
// the key's text, in eight groups of eight hexadecimal digits; nothing for no key.
func Fingerprint(public string) string {
	public = strings.TrimSpace(strings.TrimPrefix(public, "\ufeff"))
	if public == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(public))
	groups := make([]string, 0, len(sum)/4)
	for part := range slices.Chunk(sum[:], 4) {
		groups = append(groups, hex.EncodeToString(part))
	}
	return strings.Join(groups, " ")
}
