package store

import (
	"hash/maphash"
	"time"
)

// Lookback is for who follows InsertedSince from a cursor: since blocks that are
// inserted at the same time come to light in another order than their times, each
// reading begins a while before the cursor. It remembers what was taken in lately,
// so that looking back over it costs little, and how far back was looked when. It
// is not safe for concurrent use.
type Lookback struct {
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

// From is where reading begins this time.
func (l *Lookback) From(newest InsertCursor, overlap time.Duration, now time.Time) InsertCursor {
	if newest.InsertedAt.IsZero() {
		return InsertCursor{}
	}
	back := min(shortLook, overlap)
	if now.Sub(l.looked).Abs() >= lookBack {
		l.looked, back = now, overlap
	}
	return InsertCursor{InsertedAt: newest.InsertedAt.Add(-back)}
}

func (l *Lookback) hash(key InsertCursor) uint64 {
	if l.keys == nil {
		l.keys, l.seed = map[uint64]int64{}, maphash.MakeSeed()
	}
	return maphash.Comparable(l.seed, struct {
		at int64
		id string
	}{key.InsertedAt.UnixNano(), key.ID})
}

// Unknown are those of the keys that were not added.
func (l *Lookback) Unknown(keys []InsertCursor) []InsertCursor {
	var fresh []InsertCursor
	for _, key := range keys {
		if _, known := l.keys[l.hash(key)]; !known {
			fresh = append(fresh, key)
		}
	}
	return fresh
}

// Add notes keys that were taken in.
func (l *Lookback) Add(keys []InsertCursor) {
	for _, key := range keys {
		l.keys[l.hash(key)] = key.InsertedAt.UnixNano()
	}
}

// Forget drops what was inserted before a time.
func (l *Lookback) Forget(before time.Time) {
	for hash, at := range l.keys {
		if at < before.UnixNano() {
			delete(l.keys, hash)
		}
	}
}
