package sketch

import (
	"encoding/binary"
	"math/bits"
)

// sign makes signature and bands of what was read: MinHash with one permutation
// (Li, Owen and Zhang 2012), whose empty places are filled from the next one
// (Shrivastava and Li 2014).
func (m *Maker) sign(r *reading, s *Sketch) {
	for i := range s.Bands {
		s.Bands[i] = fold(s.Exact ^ 0x45)
	}
	if r.words < FewestForNear {
		return
	}
	var filled [Places]uint32
	last, away := uint32(0), uint32(0)
	for i := range r.least { // what is next to the last place is the first one that is not empty
		if v := r.least[i]; v != 0 {
			last, away = v, uint32(i) //nolint:gosec // below Places
			break
		}
	}
	for i := Places - 1; i >= 0; i-- {
		if v := r.least[i]; v != 0 {
			last, away = v, 0
		} else {
			away++
		}
		filled[i] = last + away*0x9e3779b1
	}
	for i, v := range filled {
		s.Signature[i] = byte(v * 0x85ebca6b >> 24)
	}
	for b := range Bands - 1 {
		h := m.salt ^ uint64(s.Turns)<<8 ^ uint64(b)
		for _, v := range filled[b*rowsOfBand : (b+1)*rowsOfBand] {
			h = (h ^ uint64(v)) * 0x9fb21c651e98df25
			h ^= h >> 32
		}
		s.Bands[1+b] = fold(h)
	}
}

func fold(h uint64) uint32 { return uint32(mix(h) >> 32) }

// mix spreads all bits over all bits: the finisher of SplitMix64.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// hash is a keyed hash of a text: SipHash-2-4 (Aumasson and Bernstein 2012), whose
// results tell nothing without the key.
func (m *Maker) hash(s string) uint64 { return sipHash(m.k0, m.k1, []byte(s)) }

// hash2 is hash of a mark and one or two texts, joined as in "platform:account".
func (m *Maker) hash2(mark, a, b string) uint64 {
	var buffer [128]byte
	text := append(append(buffer[:0], mark...), a...)
	if b != "" {
		text = append(append(text, ':'), b...)
	}
	return sipHash(m.k0, m.k1, text)
}

func sipHash(k0, k1 uint64, p []byte) uint64 {
	v0, v1 := k0^0x736f6d6570736575, k1^0x646f72616e646f6d
	v2, v3 := k0^0x6c7967656e657261, k1^0x7465646279746573
	length := uint64(len(p))
	for ; len(p) >= 8; p = p[8:] {
		word := binary.LittleEndian.Uint64(p)
		v3 ^= word
		v0, v1, v2, v3 = sipRound(v0, v1, v2, v3)
		v0, v1, v2, v3 = sipRound(v0, v1, v2, v3)
		v0 ^= word
	}
	last := length << 56
	for i, c := range p {
		last |= uint64(c) << (8 * i)
	}
	v3 ^= last
	v0, v1, v2, v3 = sipRound(v0, v1, v2, v3)
	v0, v1, v2, v3 = sipRound(v0, v1, v2, v3)
	v0 ^= last
	v2 ^= 0xff
	for range 4 {
		v0, v1, v2, v3 = sipRound(v0, v1, v2, v3)
	}
	return v0 ^ v1 ^ v2 ^ v3
}

func sipRound(v0, v1, v2, v3 uint64) (a, b, c, d uint64) {
	v0 += v1
	v1 = bits.RotateLeft64(v1, 13) ^ v0
	v0 = bits.RotateLeft64(v0, 32)
	v2 += v3
	v3 = bits.RotateLeft64(v3, 16) ^ v2
	v0 += v3
	v3 = bits.RotateLeft64(v3, 21) ^ v0
	v2 += v1
	v1 = bits.RotateLeft64(v1, 17) ^ v2
	v2 = bits.RotateLeft64(v2, 32)
	return v0, v1, v2, v3
}
