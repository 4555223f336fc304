package text

import "slices"

// prefixSet finds the longest of many prefixes of a word.
type prefixSet struct {
	ids     map[string]ID
	lengths []int // descending
	// starts has a bit for every two bytes that a prefix starts with.
	starts [1 << 16 / 64]uint64
	parent []ID // the next shorter prefix of each
}

func newPrefixSet(prefixes map[string]ID) *prefixSet {
	p := &prefixSet{ids: make(map[string]ID, len(prefixes)), parent: make([]ID, len(prefixes)+1)}
	for prefix, id := range prefixes {
		p.ids[prefix] = id
		p.lengths = append(p.lengths, len(prefix))
		for second := range 256 { // all, for a prefix of one byte
			if len(prefix) == 1 || int(prefix[1]) == second {
				start := int(prefix[0])<<8 | second
				p.starts[start>>6] |= 1 << (start & 63)
			}
		}
	}
	slices.Sort(p.lengths)
	p.lengths = slices.Compact(p.lengths)
	slices.Reverse(p.lengths)
	for prefix, id := range prefixes {
		p.parent[id] = p.find([]byte(prefix), len(prefix)-1)
	}
	return p
}

// find returns the longest prefix of word that has at most limit bytes. Words
// of one byte have none.
func (p *prefixSet) find(word []byte, limit int) ID {
	if len(word) < 2 {
		return 0
	}
	if start := int(word[0])<<8 | int(word[1]); p.starts[start>>6]&(1<<(start&63)) == 0 {
		return 0
	}
	for _, n := range p.lengths {
		if n <= limit && n <= len(word) {
			if id, ok := p.ids[string(word[:n])]; ok {
				return id
			}
		}
	}
	return 0
}
