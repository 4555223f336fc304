package collect

import (
	"math"
	"time"
)

// pace is how often an account posts, in posts a day, as means that forget: one
// over about a day, which notices that somebody has begun to post, and one over
// about two weeks, which remembers what is usual.
type pace struct{ day, month float64 }

const (
	forgetsDay   = 24 * time.Hour
	forgetsMonth = 14 * 24 * time.Hour
)

// after is the pace after so many posts in the time that has passed since the
// last visit.
func (p pace) after(posts int, passed time.Duration) pace {
	return pace{day: mean(p.day, posts, passed, forgetsDay), month: mean(p.month, posts, passed, forgetsMonth)}
}

// mean takes the posts as spread evenly over the time that has passed.
func mean(before float64, posts int, passed, forgets time.Duration) float64 {
	days := max(passed, time.Second).Hours() / 24
	keep := math.Exp(-days / (forgets.Hours() / 24))
	return before*keep + float64(posts)/days*(1-keep)
}

// perDay is the busier of both.
func (p pace) perDay() float64 { return max(p.day, p.month) }

// interval is the time between two visits of an account of that pace. With a
// given number of visits, the mean delay of a post is least when intervals go
// with one over the square root of the pace (the sum of pace·interval/2 under a
// fixed sum of 1/interval); an account with one post a day gets the interval
// itself.
func (s *Schedule) interval(p pace) time.Duration {
	if s.MinInterval >= s.MaxInterval {
		return s.Interval
	}
	if p.perDay() <= 0 {
		return s.MaxInterval
	}
	wanted := float64(s.Interval) / math.Sqrt(p.perDay())
	return time.Duration(min(max(wanted, float64(s.MinInterval)), float64(s.MaxInterval)))
}
