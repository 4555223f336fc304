package queue

import (
	"context"
	"math/rand/v2"
	"slices"
	"time"
)

// pause waits about as long as the attempt deserves (exponential from least to
// most, with jitter) and returns ctx's error when it ends first.
func pause(ctx context.Context, attempt int, least, most time.Duration) error {
	wait := most
	if attempt < 16 {
		wait = min(least<<attempt, most)
	}
	wait = wait/2 + rand.N(wait/2+1)
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-timer.C:
		return nil
	}
}

func sortedKeys[V any](m map[int]V) []int {
	keys := make([]int, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}
