package roster

import (
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
)

// PersonID returns the id under which the person with a NIP or NIK is known, by
// the key with which the roster was imported. Its error never shows the number.
func PersonID(key []byte, number string) (string, error) {
	digits, err := numberDigits(number)
	if err != nil {
		return "", fmt.Errorf("NIP or NIK: %w; allowed: %d or %d digits", err, nipDigits, nikDigits)
	}
	return hashNumber(hmac.New(sha256.New, key), digits), nil
}
