package text

type class uint8

const (
	classSpace class = iota
	classLine
	classLetter
	classDigit
	classPunct
	classHash
	classAt
	classDollar
	classHigh
)

var (
	asciiClass  = buildClasses()
	asciiLower  = buildLower()
	asciiGoesOn = buildGoesOn()
	asciiJoins  = [256]bool{'-': true, '.': true, '_': true, '*': true, '~': true, '/': true}
)

func buildClasses() (table [256]class) {
	for c := range table {
		switch {
		case c >= 0x80:
			table[c] = classHigh
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z':
			table[c] = classLetter
		case c >= '0' && c <= '9':
			table[c] = classDigit
		case c == '\n', c == '\r':
			table[c] = classLine
		case c <= ' ', c == 0x7F:
			table[c] = classSpace
		case c == '#':
			table[c] = classHash
		case c == '@':
			table[c] = classAt
		case c == '$':
			table[c] = classDollar
		default:
			table[c] = classPunct
		}
	}
	return table
}

// buildLower maps ASCII letters to lower case and all else to zero.
func buildLower() (table [256]byte) {
	for c := byte('a'); c <= 'z'; c++ {
		table[c] = c
		table[c-0x20] = c
	}
	return table
}

// buildGoesOn marks what may follow a letter inside a word.
func buildGoesOn() (table [256]bool) {
	for c := range table {
		table[c] = c >= 0x80 || c >= '0' && c <= '9'
	}
	for _, c := range []byte("'`@$!*.:|") {
		table[c] = true
	}
	return table
}
