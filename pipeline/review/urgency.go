package review

import (
	"math"
	"time"

	"github.com/netra-id/netra/pipeline/post"
)

// The urgency of an item is a number of points:
//
//	score     300 × the highest score of its labels
//	label     250 × the gravity of its gravest label, from the table below
//	abuse      50 × the attribute "abusive"
//	copies    150 × log2(1 + other accounts) / log2(1 + 64), at most 150
//	deadline    0 before anybody opened it; after that 300 × the part of the
//	          legal time that is gone, in whole days; 1000 on the last day, so
//	          that it stands before all that has more time; 300 when it is over
//
// The number of other accounts is rounded down to one of the steps below, so
// that a text which thousands post does not change thousands of items each time.
const (
	scorePoints    = 300
	gravityPoints  = 250
	abusePoints    = 50
	copiesPoints   = 150
	deadlinePoints = 300
	lastDayPoints  = 1000

	manyCopies = 64
)

// gravity is how grave what a label alleges is: threats and bought votes first,
// an opinion last.
var gravity = map[post.Label]float64{
	post.Intimidation:  1,
	post.MoneyPolitics: 0.95,
	post.HateSpeech:    0.9,
	post.OfficePromise: 0.8,
	post.Hoax:          0.7,
	post.Attack:        0.6,
	post.Support:       0.5,
}

// baseUrgency is the part of the urgency that the verdict gives.
func baseUrgency(verdict *post.Verdict) int64 {
	score, grave := 0.0, 0.0
	for i := range verdict.Labels {
		score = max(score, verdict.Labels[i].Score)
		grave = max(grave, gravity[verdict.Labels[i].Label])
	}
	points := scorePoints*unit(score) + gravityPoints*grave + abusePoints*unit(verdict.Attributes["abusive"])
	return int64(math.Round(points))
}

func unit(x float64) float64 {
	if !(x > 0) { // also not a number
		return 0
	}
	return min(x, 1)
}

// copySteps are the numbers of other accounts that make a difference.
var copySteps = []int{1, 2, 3, 5, 8, 12, 16, 24, 32, 48, manyCopies}

// copyStep rounds a number of other accounts down to a step.
func copyStep(copies int) int {
	step := 0
	for _, s := range copySteps {
		if copies >= s {
			step = s
		}
	}
	return step
}

func copiesUrgency(copies int) int64 {
	return int64(math.Round(copiesPoints * math.Log2(1+float64(copyStep(copies))) / math.Log2(1+manyCopies)))
}

const day = 24 * time.Hour

// deadlineUrgency is the part that the legal clock gives; due is zero before it
// runs.
func deadlineUrgency(due, now time.Time, deadline time.Duration) int64 {
	if due.IsZero() {
		return 0
	}
	left := due.Sub(now)
	switch {
	case left <= 0:
		return deadlinePoints
	case left <= day:
		return lastDayPoints
	}
	gone := (deadline - left).Truncate(day)
	return int64(math.Round(deadlinePoints * unit(float64(gone)/float64(deadline))))
}

func (r *Review) urgency(base int64, copies int, due, now time.Time) int64 {
	return base + copiesUrgency(copies) + deadlineUrgency(due, now, r.cfg.Deadline)
}
