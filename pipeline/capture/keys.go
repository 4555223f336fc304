package capture

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
)

// keys are derived from the secret that is kept outside the database.
type keys struct {
	challenges []byte
	contacts   cipher.AEAD
}

func newKeys(secret []byte) (keys, error) {
	challenges, err := hkdf.Key(sha256.New, secret, nil, "netra capture challenges", 32)
	if err != nil {
		return keys{}, err
	}
	contacts, err := hkdf.Key(sha256.New, secret, nil, "netra capture contacts", 32)
	if err != nil {
		return keys{}, err
	}
	block, err := aes.NewCipher(contacts)
	if err != nil {
		return keys{}, err
	}
	aead, err := cipher.NewGCM(block)
	return keys{challenges: challenges, contacts: aead}, err
}

// sign is the proof that a text is ours.
func (k keys) sign(text string) string {
	mac := hmac.New(sha256.New, k.challenges)
	mac.Write([]byte(text))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:16])
}

// seal encrypts a contact for one tip, whose receipt it is bound to.
func (k keys) seal(contact, receipt string) []byte {
	if contact == "" {
		return []byte{}
	}
	nonce := make([]byte, k.contacts.NonceSize())
	_, _ = rand.Read(nonce) // it never fails
	return k.contacts.Seal(nonce, nonce, []byte(contact), []byte(receipt))
}

var errSealed = errors.New("the contact was sealed with another secret (key console.encryption_secret)")

func (k keys) unseal(sealed []byte, receipt string) (string, error) {
	if len(sealed) == 0 {
		return "", nil
	}
	if len(sealed) < k.contacts.NonceSize() {
		return "", errSealed
	}
	contact, err := k.contacts.Open(nil, sealed[:k.contacts.NonceSize()], sealed[k.contacts.NonceSize():], []byte(receipt))
	if err != nil {
		return "", fmt.Errorf("%w: %w", errSealed, err)
	}
	return string(contact), nil
}
