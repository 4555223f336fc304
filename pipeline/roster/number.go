package roster

import (
	"encoding/hex"
	"fmt"
	"hash"
	"strings"
)

// MinKeyBytes is the least length of the key with which NIP and NIK are hashed.
// Their digits hold few enough secrets that a hash without a key, or with a
// short one, could be turned back by trying all.
const MinKeyBytes = 32

// The lengths of the two numbers: NIP by BKN regulation 22/2007 (birth date,
// appointment, sex, serial), NIK by Law 23/2006 on population administration.
const (
	nipDigits = 18
	nikDigits = 16
)

// hashNumber turns a NIP or NIK into the id under which Netra knows the person,
// by a keyed hash.
func hashNumber(keyed hash.Hash, digits string) string {
	keyed.Reset()
	keyed.Write([]byte(digits))
	return "hmac:" + hex.EncodeToString(keyed.Sum(nil))
}

// numberDigits takes the blanks out of a NIP or NIK, which are often written in
// groups. Its error tells the length, never the number.
func numberDigits(field string) (string, error) {
	digits := strings.ReplaceAll(field, " ", "")
	for _, r := range digits {
		if r < '0' || r > '9' {
			return "", fmt.Errorf("value of %d characters, not all of them digits (not shown)", len([]rune(digits)))
		}
	}
	if len(digits) != nipDigits && len(digits) != nikDigits {
		return "", fmt.Errorf("value of %d digits (not shown)", len(digits))
	}
	return digits, nil
}

// shown quotes a value for a message, unless it might hold a NIP or NIK that
// stands in the wrong column.
func shown(value string) string {
	const most = 80
	if hidesNumber(value) {
		return "(not shown, since it may be a NIP or NIK)"
	}
	if len(value) > most {
		value = strings.ToValidUTF8(value[:most], "") + "…"
	}
	return fmt.Sprintf("%q", value)
}

// hidesNumber says whether value holds as many digits in a row as a NIK has,
// also when they are written in groups or short of a few.
func hidesNumber(value string) bool {
	const suspicious = nikDigits - 4
	run := 0
	for _, r := range value {
		switch {
		case r >= '0' && r <= '9':
			run++
		case strings.ContainsRune(" .-'\u00a0", r):
		default:
			run = 0
		}
		if run >= suspicious {
			return true
		}
	}
	return false
}
