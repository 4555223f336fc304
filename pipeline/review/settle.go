package review

import (
	"cmp"
	"hash/fnv"
	"slices"
)

// settle says where an item stands after these decisions, and who made the first
// that holds.
func (r *Review) settle(id string, decisions []Decision) (status Status, firstBy string) {
	var opinions []Decision
	var final *Decision
	for i, d := range decisions {
		switch {
		case !d.Current:
		case d.Round == 3:
			final = &decisions[i]
		default:
			opinions = append(opinions, d)
		}
	}
	slices.SortStableFunc(opinions, func(a, b Decision) int { return cmp.Compare(a.Round, b.Round) })
	if len(opinions) > 0 {
		firstBy = opinions[0].By
	}
	switch {
	case final != nil:
		return final.Verdict.status(), firstBy
	case len(opinions) == 0:
		return Open, ""
	case len(opinions) == 1:
		if only := opinions[0].Verdict; only != Unsure && !r.needsSecond(id, only) {
			return only.status(), firstBy
		}
		return Second, firstBy
	}
	return r.compare(opinions[0], opinions[1]), firstBy
}

// compare says where an item stands on which two people decided. An opinion that
// somebody asked for decides by itself, but for a violation where every
// violation needs two.
func (r *Review) compare(first, second Decision) Status {
	switch {
	case second.Verdict == Unsure:
		return Conflict
	case first.Verdict == Unsure:
		if second.Verdict == Violation && r.cfg.SecondConfirmed {
			return Conflict
		}
		return second.Verdict.status()
	case first.Verdict != second.Verdict, r.cfg.AgreeOnRule && first.Rule != second.Rule:
		return Conflict
	}
	return second.Verdict.status()
}

// status is that of an item with this as its final verdict.
func (v Verdict) status() Status {
	switch v {
	case Violation:
		return Confirmed
	case NoViolation:
		return Dismissed
	}
	return Duplicate
}

// needsSecond says whether a first decision on an item is not enough.
func (r *Review) needsSecond(id string, verdict Verdict) bool {
	return verdict == Violation && r.cfg.SecondConfirmed || shareOf(id) < r.cfg.SecondShare
}

// shareOf spreads ids evenly from 0 to 1, always alike.
func shareOf(id string) float64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(id)) // never fails
	x := h.Sum64()
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return float64((x^x>>31)>>11) / (1 << 53)
}
