package linear

// stem takes the commonest affixes of Indonesian off a normalised word, one
// suffix of each kind and one prefix, where at least four letters remain. It errs
// now and then, but alike whenever it sees the word.
func stem(word []byte) []byte {
	word = cutParticle(word)
	word = cutSuffix(word)
	return cutPrefix(word)
}

// cutParticle takes off -nya, -lah, -kah, -pun, -ku, -mu.
func cutParticle(word []byte) []byte {
	n := len(word)
	if n < 6 {
		return word
	}
	a, b, c := word[n-3], word[n-2], word[n-1]
	switch {
	case n >= 7 && (a == 'n' && b == 'y' && c == 'a' || (a == 'l' || a == 'k') && b == 'a' && c == 'h' || a == 'p' && b == 'u' && c == 'n'):
		return word[:n-3]
	case (b == 'k' || b == 'm') && c == 'u':
		return word[:n-2]
	}
	return word
}

// cutSuffix takes off -kan, -an, -in, -i.
func cutSuffix(word []byte) []byte {
	n := len(word)
	if n < 5 {
		return word
	}
	switch word[n-1] {
	case 'i':
		return word[:n-1]
	case 'n':
		switch {
		case n >= 7 && word[n-2] == 'a' && word[n-3] == 'k':
			return word[:n-3]
		case n >= 6 && (word[n-2] == 'a' || word[n-2] == 'i'):
			return word[:n-2]
		}
	}
	return word
}

// cutPrefix takes off me(ng), pe(ng), ber, ter, per, di, ke, se, ng(e).
func cutPrefix(word []byte) []byte {
	n := len(word)
	if n < 6 {
		return word
	}
	cut := 0
	switch b := word[1]; word[0] {
	case 'm', 'p':
		if b != 'e' {
			break
		}
		cut = 2
		switch {
		case word[2] == 'n' && word[3] == 'g' && n >= 8:
			cut = 4
		case (word[2] == 'm' || word[2] == 'n' || word[0] == 'p' && word[2] == 'r') && n >= 7:
			cut = 3
		}
	case 'b', 't':
		if b == 'e' && word[2] == 'r' && n >= 7 {
			cut = 3
		}
	case 'd':
		if b == 'i' {
			cut = 2
		}
	case 'k', 's':
		if b == 'e' {
			cut = 2
		}
	case 'n':
		if b == 'g' {
			cut = 2
			if word[2] == 'e' && n >= 7 {
				cut = 3
			}
		}
	}
	return word[cut:]
}
