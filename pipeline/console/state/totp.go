package state

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"
	"github.com/pquerna/otp/totp"

	"github.com/netra-id/netra/pipeline/database"
)

// ErrWrongCode says that a code is not the one of now, or was used already.
var ErrWrongCode = errors.New("wrong code")

// errNoKey is a mistake of the caller: WithKey was not called.
var errNoKey = errors.New("there is no key for second factors")

const (
	// totpPeriod and totpSkew are RFC 6238's recommendations: a code holds for 30
	// seconds, one step early or late is taken.
	totpPeriod = 30
	totpSkew   = 1
	// recoveryCodes are given with a second factor, each good for one login.
	recoveryCodes = 10
)

// WithKey returns the same state with the key, of 32 bytes, that second factors
// are encrypted with. It is kept outside the database.
func (s *State) WithKey(key []byte) (*State, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("key for second factors: %w", err)
	}
	other := *s
	if other.aead, err = cipher.NewGCM(block); err != nil {
		return nil, fmt.Errorf("key for second factors: %w", err)
	}
	return &other, nil
}

// Seal encrypts a secret of a user.
func (s *State) Seal(user int64, secret string) ([]byte, error) {
	if s.aead == nil {
		return nil, errNoKey
	}
	nonce := make([]byte, s.aead.NonceSize())
	_, _ = rand.Read(nonce) // never fails
	return s.aead.Seal(nonce, nonce, []byte(secret), ownedBy(user)), nil
}

// Unseal decrypts what Seal encrypted for the same user.
func (s *State) Unseal(user int64, sealed []byte) (string, error) {
	if s.aead == nil {
		return "", errNoKey
	}
	if len(sealed) < s.aead.NonceSize() {
		return "", errors.New("the second factor cannot be read: it is cut off")
	}
	secret, err := s.aead.Open(nil, sealed[:s.aead.NonceSize()], sealed[s.aead.NonceSize():], ownedBy(user))
	if err != nil {
		return "", errors.New("the second factor cannot be read: it was encrypted with another key (key console.encryption_secret)")
	}
	return string(secret), nil
}

func ownedBy(user int64) []byte { return []byte("netra totp " + strconv.FormatInt(user, 10)) }

// NewTOTP makes a second factor's secret and the address that a phone reads.
func NewTOTP(issuer, name string) (secret, address string, err error) {
	key, err := totp.Generate(totp.GenerateOpts{Issuer: issuer, AccountName: name, Period: totpPeriod, SecretSize: 20, Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1})
	if err != nil {
		return "", "", fmt.Errorf("make a second factor: %w", err)
	}
	return key.Secret(), TOTPAddress(issuer, name, key.Secret()), nil
}

// TOTPAddress is the address of a secret, as phones read it from a QR code.
func TOTPAddress(issuer, name, secret string) string {
	query := url.Values{
		"secret": {secret}, "issuer": {issuer}, "algorithm": {"SHA1"}, "digits": {"6"}, "period": {strconv.Itoa(totpPeriod)},
	}
	return (&url.URL{Scheme: "otpauth", Host: "totp", Path: "/" + issuer + ":" + name, RawQuery: query.Encode()}).String()
}

// step returns the time step whose code this is, among those around now.
func step(secret, code string, now time.Time) (int64, error) {
	code = strings.ReplaceAll(strings.TrimSpace(code), " ", "")
	at := now.Unix() / totpPeriod
	found := int64(-1)
	for try := at - totpSkew; try <= at+totpSkew; try++ {
		want, err := hotp.GenerateCodeCustom(secret, uint64(max(try, 0)), hotp.ValidateOpts{Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1})
		if err != nil {
			return 0, fmt.Errorf("compute a code: %w", err)
		}
		if subtle.ConstantTimeCompare([]byte(want), []byte(code)) == 1 {
			found = try
		}
	}
	if found < 0 {
		return 0, ErrWrongCode
	}
	return found, nil
}

// SetTOTP keeps a user's second factor after a code of it proves that the phone
// has it, and returns the recovery codes, this once.
func (s *State) SetTOTP(ctx context.Context, user int64, secret, code string, also Also) ([]string, error) {
	used, err := step(secret, code, s.now())
	if err != nil {
		return nil, err
	}
	sealed, err := s.Seal(user, secret)
	if err != nil {
		return nil, err
	}
	var codes []string
	err = s.db.Write(ctx, func(tx *database.Tx) error {
		result, err := tx.Exec(ctx, `UPDATE users SET totp_secret = ?, totp_step = ?, totp_since = ? WHERE id = ?`, sealed, used, database.Milliseconds(s.now()), user)
		if err := oneRow(result, err, ErrNoUser); err != nil {
			return err
		}
		if codes, err = newRecoveryCodes(ctx, tx, user); err != nil {
			return err
		}
		return also.in(tx)
	})
	if err != nil {
		return nil, fmt.Errorf("keep a second factor: %w", err)
	}
	return codes, nil
}

func newRecoveryCodes(ctx context.Context, tx *database.Tx, user int64) ([]string, error) {
	if _, err := tx.Exec(ctx, `DELETE FROM recovery_codes WHERE user_id = ?`, user); err != nil {
		return nil, err
	}
	codes := make([]string, recoveryCodes)
	for i := range codes {
		codes[i] = strings.ToLower(randomGroups(2, 6))
		if _, err := tx.Exec(ctx, `INSERT INTO recovery_codes (user_id, hash) VALUES (?, ?)`, user, recoveryHash(user, codes[i])); err != nil {
			return nil, err
		}
	}
	return codes, nil
}

// recoveryHash needs no slowness: a code has more than 55 bits.
func recoveryHash(user int64, code string) string {
	sum := sha256.Sum256([]byte("netra recovery " + strconv.FormatInt(user, 10) + " " + strings.ToLower(onlyLetters(code))))
	return hex.EncodeToString(sum[:])
}

// ClearTOTP takes a user's second factor and recovery codes away.
func (s *State) ClearTOTP(ctx context.Context, user int64, also Also) error {
	err := s.db.Write(ctx, func(tx *database.Tx) error {
		result, err := tx.Exec(ctx, `UPDATE users SET totp_secret = NULL, totp_since = 0 WHERE id = ?`, user)
		if err := oneRow(result, err, ErrNoUser); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `DELETE FROM recovery_codes WHERE user_id = ?`, user); err != nil {
			return err
		}
		return also.in(tx)
	})
	if err != nil {
		return fmt.Errorf("take a second factor away: %w", err)
	}
	return nil
}

// CheckCode takes a code of the user's phone, or a recovery code, each once;
// else it returns ErrWrongCode. also learns whether it was a recovery code.
func (s *State) CheckCode(ctx context.Context, user int64, code string, also func(tx *database.Tx, recovery bool) error) error {
	var sealed []byte
	if err := s.db.QueryRow(ctx, `SELECT totp_secret FROM users WHERE id = ?`, user).Scan(&sealed); err != nil {
		return fmt.Errorf("read a second factor: %w", err)
	}
	secret, err := s.Unseal(user, sealed)
	if err != nil {
		return err
	}
	used, err := step(secret, code, s.now())
	recovery := errors.Is(err, ErrWrongCode)
	if err != nil && !recovery {
		return err
	}
	return s.db.Write(ctx, func(tx *database.Tx) error {
		if err := s.use(ctx, tx, user, used, code, recovery); err != nil || also == nil {
			return err
		}
		return also(tx, recovery)
	})
}

// use marks a code as used; one that is used already is wrong.
func (s *State) use(ctx context.Context, tx *database.Tx, user, used int64, code string, recovery bool) error {
	if recovery {
		result, err := tx.Exec(ctx, `UPDATE recovery_codes SET used_at = ? WHERE user_id = ? AND hash = ? AND used_at = 0`,
			database.Milliseconds(s.now()), user, recoveryHash(user, code))
		return oneRow(result, err, ErrWrongCode)
	}
	result, err := tx.Exec(ctx, `UPDATE users SET totp_step = ? WHERE id = ? AND totp_step < ?`, used, user, used)
	return oneRow(result, err, ErrWrongCode)
}

// RecoveryLeft says how many recovery codes a user has not used.
func (s *State) RecoveryLeft(ctx context.Context, user int64) (n int, err error) {
	err = s.db.QueryRow(ctx, `SELECT count(*) FROM recovery_codes WHERE user_id = ? AND used_at = 0`, user).Scan(&n)
	return n, err
}
