package sketch

import "testing"

// The first and last vectors of the reference implementation: key 00…0f, inputs of
// 0, 8 and 15 bytes 00, 01, 02, ….
func TestSipHashIsTheReferences(t *testing.T) {
	input := make([]byte, 15)
	for i := range input {
		input[i] = byte(i)
	}
	const k0, k1 = 0x0706050403020100, 0x0f0e0d0c0b0a0908
	for length, want := range map[int]uint64{0: 0x726fdb47dd0e0e31, 8: 0x93f5f5799a932462, 15: 0xa129ca6149be45e5} {
		if got := sipHash(k0, k1, input[:length]); got != want {
			t.Errorf("of %d bytes: %#x, want %#x", length, got, want)
		}
	}
}
