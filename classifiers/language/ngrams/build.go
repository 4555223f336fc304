package ngrams

import (
	"math"
	"slices"
)

// unknown marks an n-gram that a language does not have while tables are built.
const unknown = int64(math.MinInt64)

// builder collects the n-grams of two languages.
type builder struct {
	// plain holds, by length, the n-grams of the letters a to z, packed from the
	// highest of 25 bits downwards.
	plain [maxOrder + 1]map[uint32]pair
	// other holds, by length, the n-grams with any other letter.
	other [maxOrder + 1]map[gramKey]pair
}

// newTables builds the tables of two languages, which may be the same.
func newTables(codes [2]string) (*tables, error) {
	b := &builder{}
	sizes := [maxOrder + 1]int{0, 32, 1 << 10, 1 << 14, 1 << 17, 1 << 19}
	for order := range b.plain {
		b.plain[order] = make(map[uint32]pair, sizes[order])
		b.other[order] = map[gramKey]pair{}
	}
	for which, code := range codes {
		err := eachGram(code, func(gram []rune, frequency float64) { b.add(which, gram, fixed(frequency)) })
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
		set(b.plain[len(gram)], packed, which, value)
		return
	}
	set(b.other[len(gram)], keyOf(gram), which, value)
}

func set[K comparable](grams map[K]pair, key K, which int, value int64) {
	values, ok := grams[key]
	if !ok {
		values = pair{unknown, unknown}
	}
	values[which] = value
	grams[key] = values
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
	for which := range p {
		if p[which] == unknown {
			p[which] = shorter[which]
		}
	}
	return p
}

// addShort fills the tables of one to three letters, which are indexed directly
// and so hold every combination, known or not.
func (t *tables) addShort(b *builder) {
	none := pair{unknown, unknown}
	for first := range uint32(27) {
		single := first << (4 * letterBits)
		one := valuesOr(b.plain[1], single, none)
		for which := range one {
			if one[which] != unknown {
				t.known[which] |= 1 << first
			}
		}
		one = one.over(pair{})
		t.unigrams[first] = one
		for second := range uint32(27) {
			double := single | second<<(3*letterBits)
			two := valuesOr(b.plain[2], double, none).over(one)
			t.bigrams[double>>(3*letterBits)] = one.plus(two)
			for third := range uint32(27) {
				triple := double | third<<(2*letterBits)
				three := valuesOr(b.plain[3], triple, none).over(two)
				t.trigrams[triple>>(2*letterBits)] = one.plus(two).plus(three)
			}
		}
	}
}

func valuesOr(grams map[uint32]pair, key uint32, otherwise pair) pair {
	if values, ok := grams[key]; ok {
		return values
	}
	return otherwise
}

func (t *tables) addLong(b *builder) {
	t.fours = newSlots(len(b.plain[4]))
	for packed, values := range b.plain[4] {
		t.fours.put(packed>>letterBits, t.total(packed, 3).plus(values.over(t.resolved(packed, 3))))
	}
	t.fives = newSlots(len(b.plain[5]))
	for packed, values := range b.plain[5] {
		t.fives.put(packed, t.total(packed, 4).plus(values.over(t.resolved(packed, 4))))
	}
}

func (t *tables) addOther(b *builder) {
	for order := 1; order <= maxOrder; order++ {
		for key, values := range b.other[order] {
			gram := otherGram{known: [2]bool{values[0] != unknown, values[1] != unknown}}
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
