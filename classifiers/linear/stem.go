package linear

// stem finds the part of a normalised word without the commonest affixes of
// Indonesian: one particle, one suffix and one prefix, where at least four
// letters remain. It errs now and then, but alike whenever it sees the word.
func stem(word []byte) (from, to int) {
	to = suffixStart(word[:particleStart(word)])
	return prefixEnd(word[:to]), to
}

// particleStart is where -nya, -lah, -kah, -pun, -ku or -mu begins, or the
// word's end.
func particleStart(word []byte) int {
	n := len(word)
	if n < 6 {
		return n
	}
	a, b, c := word[n-3], word[n-2], word[n-1]
	switch {
	case n >= 7 && (a == 'n' && b == 'y' && c == 'a' || (a == 'l' || a == 'k') && b == 'a' && c == 'h' || a == 'p' && b == 'u' && c == 'n'):
		return n - 3
	case (b == 'k' || b == 'm') && c == 'u':
		return n - 2
	}
	return n
}

// suffixStart is where -kan, -an, -in or -i begins, or the word's end.
func suffixStart(word []byte) int {
	n := len(word)
	if n < 5 {
		return n
	}
	switch word[n-1] {
	case 'i':
		return n - 1
	case 'n':
		switch {
		case n >= 7 && word[n-2] == 'a' && word[n-3] == 'k':
			return n - 3
		case n >= 6 && (word[n-2] == 'a' || word[n-2] == 'i'):
			return n - 2
		}
	}
	return n
}

// prefixEnd is where me(ng), pe(ng), ber, ter, per, di, ke, se or ng(e) ends.
func prefixEnd(word []byte) int {
	n := len(word)
	if n < 6 {
		return 0
	}
	switch b := word[1]; word[0] {
	case 'm', 'p':
		return nasalEnd(word)
	case 'b', 't':
		if b == 'e' && word[2] == 'r' && n >= 7 {
			return 3
		}
	case 'd':
		if b == 'i' {
			return 2
		}
	case 'k', 's':
		if b == 'e' {
			return 2
		}
	case 'n':
		switch {
		case b == 'g' && word[2] == 'e' && n >= 7:
			return 3
		case b == 'g':
			return 2
		}
	}
	return 0
}

// nasalEnd is where me-, mem-, men-, meng-, pe-, pem-, pen-, peng- or per- ends.
func nasalEnd(word []byte) int {
	n := len(word)
	switch {
	case word[1] != 'e':
		return 0
	case word[2] == 'n' && word[3] == 'g' && n >= 8:
		return 4
	case (word[2] == 'm' || word[2] == 'n' || word[0] == 'p' && word[2] == 'r') && n >= 7:
		return 3
	}
	return 2
}
