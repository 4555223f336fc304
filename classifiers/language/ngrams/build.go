package ngrams

import "slices"

// builder collects the n-grams of two languages: by length those of the letters
// a to z, packed from the highest of 25 bits downwards, and the others.
type builder struct {
	plain [maxOrder + 1]slots
	other [maxOrder + 1]map[gramKey]pair
}

// slotBits are the sizes of the tables by length, for two languages; the longest
// two, which scoring uses, are at most three eighths full.
var slotBits = [maxOrder + 1]uint{0, 6, 11, 15, 19, 20}

// newTables builds the tables of two languages, which may be the same.
func newTables(codes [2]string) (*tables, error) {
	b := &builder{}
	for order := 1; order <= maxOrder; order++ {
		b.plain[order] = newSlots(slotBits[order])
		b.other[order] = map[gramKey]pair{}
	}
	for which, code := range codes {
		err := eachGram(code, func(gram []rune, value int64) { b.add(which, gram, value) })
		if err != nil {
			return nil, err
		}
	}
	t := &tables{trigrams: make([]pair, 1<<(3*letterBits)), others: map[gramKey]otherGram{}}
	t.addShort(b)
	t.addLong(b)
	t.addOther(b)
	return t, nil
}

func (b *builder) add(which int, gram []rune, value int64) {
	if packed, ok := pack(gram); ok {
		b.plain[len(gram)].set(packed, which, value)
		return
	}
	grams, key := b.other[len(gram)], keyOf(gram)
	values, ok := grams[key]
	if !ok {
		values = pair{unknown, unknown}
	}
	grams[key] = values.with(which, value)
}

// pack is the n-gram in 25 bits where all its letters are a to z.
func pack(gram []rune) (uint32, bool) {
	packed := uint32(0)
	for i, letter := range gram {
		if letter < 'a' || letter > 'z' {
			return 0, false
		}
		packed |= uint32(letter-'a'+1) << ((maxOrder - 1 - i) * letterBits)
	}
	return packed, true
}

func keyOf(gram []rune) gramKey {
	var key gramKey
	for i, letter := range gram {
		if i < 3 {
			key.high |= uint64(letter) << (21 * (2 - i))
		} else {
			key.low |= uint64(letter) << (21 * (4 - i))
		}
	}
	return key
}

// over replaces what a language does not know by what the shorter n-gram
// resolved to.
func (p pair) over(shorter pair) pair {
	if p.first == unknown {
		p.first = shorter.first
	}
	if p.second == unknown {
		p.second = shorter.second
	}
	return p
}

// known says which of the languages have the n-gram.
func (p pair) known() [2]bool { return [2]bool{p.first != unknown, p.second != unknown} }

// addShort fills the tables of one to three letters, which are indexed directly
// and so hold every combination, known or not.
func (t *tables) addShort(b *builder) {
	for first := uint32(1); first <= 26; first++ {
		single := first << (4 * letterBits)
		one := b.valuesOf(single, 1)
		for which, known := range one.known() {
			if known {
				t.known[which] |= 1 << first
			}
		}
		one = one.over(pair{})
		t.unigrams[first] = one
		for second := uint32(1); second <= 26; second++ {
			double := single | second<<(3*letterBits)
			two := b.valuesOf(double, 2).over(one)
			t.bigrams[double>>(3*letterBits)] = two
			for third := uint32(1); third <= 26; third++ {
				triple := double | third<<(2*letterBits)
				three := b.valuesOf(triple, 3).over(two)
				t.trigrams[triple>>(2*letterBits)] = two.plus(three)
			}
		}
	}
}

func (b *builder) valuesOf(packed uint32, order int) pair {
	if values, ok := b.plain[order].get(packed); ok {
		return values
	}
	return pair{unknown, unknown}
}

// addLong makes totals of the n-grams of four and five letters, in place.
func (t *tables) addLong(b *builder) {
	t.fours = b.plain[4]
	t.fours.update(func(packed uint32, values pair) pair {
		return t.total(packed, 3).plus(values.over(t.resolved(packed, 3)))
	})
	t.fives = b.plain[5]
	t.fives.update(func(packed uint32, values pair) pair {
		return t.total(packed, 4).plus(values.over(t.resolved(packed, 4)))
	})
}

func (t *tables) addOther(b *builder) {
	for order := 1; order <= maxOrder; order++ {
		for key, values := range b.other[order] {
			gram := otherGram{known: values.known()}
			gram.resolved = values.over(t.resolvedOther(key.letters()[:order-1]))
			t.others[key] = gram
		}
	}
}

func (k gramKey) letters() []rune {
	return []rune{
		rune(k.high >> 42), rune(k.high >> 21 & (1<<21 - 1)), rune(k.high & (1<<21 - 1)),
		rune(k.low >> 21 & (1<<21 - 1)), rune(k.low & (1<<21 - 1)),
	}
}

// resolvedOther is the resolved logarithm of an n-gram of any letters.
func (t *tables) resolvedOther(gram []rune) pair {
	for length := len(gram); length > 0; length-- {
		if packed, ok := pack(gram[:length]); ok {
			return t.resolved(packed, length)
		}
		if found, ok := t.others[keyOf(gram[:length])]; ok {
			return found.resolved
		}
	}
	return pair{}
}

// codesInPairs groups languages by two; the last is repeated where they are odd.
func codesInPairs(codes []string) [][2]string {
	var pairs [][2]string
	for group := range slices.Chunk(codes, 2) {
		pairs = append(pairs, [2]string{group[0], group[len(group)-1]})
	}
	return pairs
}
