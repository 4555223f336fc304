package ngrams

// slots is an open-addressing table of pairs by packed n-gram.
type slots struct {
	entries []slot
	shift   uint
	used    int
}

// slot packs a key of 32 bits (zero: empty) and two values of 48.
type slot struct{ low, high uint64 }

const (
	valueBits = 48
	valueMask = 1<<valueBits - 1
	// unknown is the value of an n-gram that a language does not have, while
	// tables are built; any other value is below 128 in fixed point.
	unknown = int64(valueMask)
)

func newSlots(bits uint) slots {
	return slots{entries: make([]slot, 1<<bits), shift: 64 - bits}
}

func packSlot(key uint32, values pair) slot {
	first, second := uint64(values.first), uint64(values.second)
	return slot{low: first | second<<valueBits, high: second>>(64-valueBits)<<32 | uint64(key)}
}

func (s *slot) key() uint32 { return uint32(s.high) }

func (s *slot) values() pair {
	return pair{int64(s.low & valueMask), int64(s.low>>valueBits | s.high>>32<<(64-valueBits))}
}

// find returns the slot of the key, or the empty one where it belongs.
func (s *slots) find(key uint32) *slot {
	mask := uint64(len(s.entries) - 1)
	for i := uint64(key) * 0x9E3779B97F4A7C15 >> s.shift; ; i++ {
		entry := &s.entries[i&mask]
		if found := entry.key(); found == key || found == 0 {
			return entry
		}
	}
}

// touch reads the slot in which the key is unless another took it before.
func (s *slots) touch(key uint32) uint64 {
	return s.entries[uint64(key)*0x9E3779B97F4A7C15>>s.shift&uint64(len(s.entries)-1)].low
}

// set puts the value of one of the two languages down.
func (s *slots) set(key uint32, which int, value int64) {
	entry := s.find(key)
	values := pair{unknown, unknown}
	if entry.key() == key {
		values = entry.values()
	} else if s.used++; s.used*4 > len(s.entries)*3 {
		s.grow()
		entry = s.find(key)
	}
	*entry = packSlot(key, values.with(which, value))
}

func (s *slots) grow() {
	larger := newSlots(64 - s.shift + 1)
	for i := range s.entries {
		if key := s.entries[i].key(); key != 0 {
			*larger.find(key) = s.entries[i]
		}
	}
	larger.used = s.used
	*s = larger
}

// update replaces every pair.
func (s *slots) update(change func(key uint32, values pair) pair) {
	for i := range s.entries {
		entry := &s.entries[i]
		if key := entry.key(); key != 0 {
			*entry = packSlot(key, change(key, entry.values()))
		}
	}
}

func (s *slots) get(key uint32) (pair, bool) {
	entry := s.find(key)
	return entry.values(), entry.key() != 0
}
