package console

import (
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/netra-id/netra/pipeline/database"
)

// leastSecret is how many characters a configured secret has at least.
const leastSecret = 32

// keyFor derives the key for one use from the secret that is kept outside the
// database.
func keyFor(secret, use string) ([]byte, error) {
	return hkdf.Key(sha256.New, []byte(secret), nil, "netra console "+use, 32)
}

// encryptionSecret returns the configured secret, that of the configured file,
// or of a file beside the SQLite file, which is made where it is missing.
func (c Configuration) encryptionSecret() (string, error) {
	if c.EncryptionSecret != "" {
		return c.EncryptionSecret, nil
	}
	path := c.EncryptionSecretFile
	if path == "" {
		if database.IsPostgres(c.Database) {
			return "", errors.New(`key "console.encryption_secret": value is missing: allowed: 32 characters or more; or name a file with console.encryption_secret_file`)
		}
		path = c.Database + ".key"
		if err := MakeSecret(path); err != nil {
			return "", err
		}
	}
	data, err := os.ReadFile(filepath.Clean(path))
	if err != nil {
		return "", fmt.Errorf("read the console's secret (key console.encryption_secret_file): %w", err)
	}
	secret := strings.TrimSpace(string(data))
	if len(secret) < leastSecret {
		return "", fmt.Errorf("%s: a secret of %d characters (not shown): allowed: %d or more", path, len(secret), leastSecret)
	}
	return secret, nil
}

// MakeSecret writes a random secret where there is none, at once whole: two that
// start at the same time get the same.
func MakeSecret(path string) error {
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("make the console's secret: %w", err)
	}
	temporary, err := os.CreateTemp(filepath.Dir(path), ".secret-*") // 0600
	if err != nil {
		return fmt.Errorf("make the console's secret: %w", err)
	}
	defer func() { _ = os.Remove(temporary.Name()) }()
	_, err = fmt.Fprintln(temporary, rand.Text()+rand.Text())
	if err := errors.Join(err, temporary.Sync(), temporary.Close()); err != nil {
		return fmt.Errorf("make the console's secret: %w", err)
	}
	if err := os.Link(temporary.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("make the console's secret: %w", err)
	}
	return nil
}
