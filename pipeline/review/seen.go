package review

import (
	"hash/maphash"
	"time"

	"github.com/netra-id/netra/pipeline/store"
)

// seen remembers what was taken in lately, so that looking back over it costs
// little, and how far back was looked when.
type seen struct {
	seed   maphash.Seed
	keys   map[uint64]int64 // a hash of id and time, and the time
	looked time.Time
}

// Most reading starts a little before the cursor; every so often one starts as
// far back as the overlap.
const (
	shortLook = 5 * time.Second
	lookBack  = 30 * time.Second
)

// from is where reading begins this time.
func (s *seen) from(newest store.InsertCursor, overlap time.Duration, now time.Time) store.InsertCursor {
	if newest.InsertedAt.IsZero() {
		return store.InsertCursor{}
	}
	back := min(shortLook, overlap)
	if now.Sub(s.looked) >= lookBack {
		s.looked, back = now, overlap
	}
	return store.InsertCursor{InsertedAt: newest.InsertedAt.Add(-back)}
}

func (s *seen) hash(key store.InsertCursor) uint64 {
	if s.keys == nil {
		s.keys, s.seed = map[uint64]int64{}, maphash.MakeSeed()
	}
	return maphash.Comparable(s.seed, struct {
		at int64
		id string
	}{key.InsertedAt.UnixNano(), key.ID})
}

func (s *seen) has(key store.InsertCursor) bool {
	_, ok := s.keys[s.hash(key)]
	return ok
}

func (s *seen) add(keys []store.InsertCursor) {
	for _, key := range keys {
		s.keys[s.hash(key)] = key.InsertedAt.UnixNano()
	}
}

// forget drops what was inserted before a time.
func (s *seen) forget(before time.Time) {
	for hash, at := range s.keys {
		if at < before.UnixNano() {
			delete(s.keys, hash)
		}
	}
}
