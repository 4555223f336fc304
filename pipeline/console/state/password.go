package state

import (
	"crypto/rand"
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/alexedwards/argon2id"
)

// MinPassword and MaxPassword bound a password's length in characters. The
// upper bound keeps a login from being used to burn time.
const (
	MinPassword = 12
	MaxPassword = 256
)

// ErrWeakPassword is what every refusal of a password is.
var ErrWeakPassword = errors.New("this password is not allowed")

// The ways in which a password is too weak; each is ErrWeakPassword.
var (
	ErrPasswordLength = fmt.Errorf("%w: allowed: %d to %d characters", ErrWeakPassword, MinPassword, MaxPassword)
	ErrPasswordName   = fmt.Errorf("%w: it holds the user's name", ErrWeakPassword)
	ErrPasswordCommon = fmt.Errorf("%w: it is one of the first that somebody tries", ErrWeakPassword)
)

// Hasher turns passwords into argon2id hashes and compares them.
type Hasher struct{ params *argon2id.Params }

// NewHasher returns the hasher for people's passwords: 64 MiB, two passes, one
// lane (RFC 9106 section 4, with the smaller memory's passes made up for by
// the login's rate limit). memoryKiB replaces the 64 MiB where it is not 0.
func NewHasher(memoryKiB uint32) Hasher {
	if memoryKiB == 0 {
		memoryKiB = 64 * 1024
	}
	return Hasher{params: &argon2id.Params{Memory: memoryKiB, Iterations: 2, Parallelism: 1, SaltLength: 16, KeyLength: 32}}
}

// CheckPassword says why a user may not have a password, or nil.
func CheckPassword(name, password string) error {
	switch n := utf8.RuneCountInString(password); {
	case n < MinPassword || n > MaxPassword:
		return fmt.Errorf("a password of %d characters: %w", n, ErrPasswordLength)
	case holdsName(name, password):
		return ErrPasswordName
	case common(password):
		return ErrPasswordCommon
	}
	return nil
}

func (h Hasher) hash(name, password string) (string, error) {
	if err := CheckPassword(name, password); err != nil {
		return "", err
	}
	return argon2id.CreateHash(password, h.params)
}

// waste takes the time that a comparison takes.
func (h Hasher) waste() error {
	_, err := argon2id.CreateHash("for the time it takes", h.params)
	return err
}

func (h Hasher) matches(password, hash string) (bool, error) {
	if utf8.RuneCountInString(password) > MaxPassword {
		return false, nil
	}
	return argon2id.ComparePasswordAndHash(password, hash)
}

// alphabet leaves out what is read wrongly from a terminal: 0 O o 1 l I.
const alphabet = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"

// RandomPassword returns a password of four groups of five characters, 116 bits.
func RandomPassword() string { return randomGroups(4, 5) }

func randomGroups(groups, perGroup int) string {
	password := make([]byte, 0, groups*(perGroup+1))
	for len(password) < groups*(perGroup+1)-1 {
		if len(password)%(perGroup+1) == perGroup {
			password = append(password, '-')
			continue
		}
		password = append(password, randomLetter())
	}
	return string(password)
}

// randomLetter draws evenly: a byte beyond the last whole multiple of the
// alphabet is drawn again.
func randomLetter() byte {
	var b [1]byte
	for {
		_, _ = rand.Read(b[:]) // never fails (crypto/rand since Go 1.24)
		if int(b[0]) < 256/len(alphabet)*len(alphabet) {
			return alphabet[int(b[0])%len(alphabet)]
		}
	}
}
