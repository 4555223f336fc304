package seal

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// Checkpoint is what a signed checkpoint says: that the log of this origin had
// this root when it had this many leaves. Its text is that of C2SP's
// tlog-checkpoint: origin, size and root in Base64, a line each.
type Checkpoint struct {
	Origin string
	tlog.Tree
}

// Text is what is signed.
func (c Checkpoint) Text() string {
	return fmt.Sprintf("%s\n%d\n%s\n", c.Origin, c.N, c.Hash)
}

// ParseCheckpoint reads what Text writes, and nothing else.
func ParseCheckpoint(text string) (Checkpoint, error) {
	lines := strings.Split(text, "\n")
	if len(lines) != 4 || lines[3] != "" {
		return Checkpoint{}, fmt.Errorf("checkpoint %q: allowed: three lines, the origin, the size and the root", text)
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || size < 0 {
		return Checkpoint{}, fmt.Errorf("checkpoint: size %q: allowed: a whole number", lines[1])
	}
	root, err := base64.StdEncoding.Strict().DecodeString(lines[2])
	if err != nil || len(root) != tlog.HashSize {
		return Checkpoint{}, fmt.Errorf("checkpoint: root %q: allowed: %d bytes in Base64", lines[2], tlog.HashSize)
	}
	c := Checkpoint{Origin: lines[0], Tree: tlog.Tree{N: size, Hash: tlog.Hash(root)}}
	if c.Text() != text || c.Origin == "" {
		return Checkpoint{}, fmt.Errorf("checkpoint %q is not written as it must be", text)
	}
	return c, nil
}

// Errors of a checkpoint's signature.
var (
	// ErrOtherKey says that none of the keys given made the signature.
	ErrOtherKey = errors.New("it is signed by another key")
	// ErrSignature says that the key's signature is not one of this text.
	ErrSignature = errors.New("the signature does not hold")
)

// OpenCheckpoint reads a signed checkpoint and verifies its one signature by one
// of the keys. Its error wraps ErrOtherKey or ErrSignature.
func OpenCheckpoint(signed []byte, keys ...note.Verifier) (Checkpoint, error) {
	text, err := OpenNote(signed, keys...)
	if err != nil {
		return Checkpoint{}, err
	}
	return ParseCheckpoint(text)
}

// OpenNote returns the text of a note with exactly one signature, by one of the
// keys, and nothing in it that means nothing.
func OpenNote(signed []byte, keys ...note.Verifier) (string, error) {
	n, err := note.Open(signed, note.VerifierList(keys...))
	var unknown *note.UnverifiedNoteError
	var invalid *note.InvalidSignatureError
	switch {
	case errors.As(err, &unknown):
		return "", ErrOtherKey
	case errors.As(err, &invalid):
		return "", ErrSignature
	case err != nil:
		return "", fmt.Errorf("it is not a signed note: %w", err)
	case len(n.Sigs) != 1 || len(n.UnverifiedSigs) != 0:
		return "", errors.New("it has more than one signature")
	}
	if again := n.Text + "\n— " + n.Sigs[0].Name + " " + n.Sigs[0].Base64 + "\n"; again != string(signed) || !strictBase64(n.Sigs[0].Base64) {
		return "", errors.New("it is not written as it must be")
	}
	return n.Text, nil
}

// NoteText returns the text of a note with exactly one signature without
// verifying that, for notes that are proved otherwise.
func NoteText(signed []byte) (text string, err error) {
	_, err = note.Open(signed, note.VerifierList())
	var unknown *note.UnverifiedNoteError
	if !errors.As(err, &unknown) {
		return "", fmt.Errorf("it is not a signed note: %w", err)
	}
	if len(unknown.Note.UnverifiedSigs) != 1 {
		return "", errors.New("it has more than one signature")
	}
	return unknown.Note.Text, nil
}

func strictBase64(text string) bool {
	_, err := base64.StdEncoding.Strict().DecodeString(text)
	return err == nil
}
