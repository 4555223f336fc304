package health

import (
	"cmp"
	"math"
	"slices"
	"time"
)

// chance is how likely counts differ at least so much where the rate is the same
// in both: hits in posts now, and pastHits in pastPosts before. Given all hits
// together, those of now are binomial with the share of now in all posts: the
// conditional test of two Poisson rates (Przyborowski and Wilenski 1940). It is
// two-sided, twice the smaller tail.
func chance(hits, posts, pastHits, pastPosts int) float64 {
	n := hits + pastHits
	if n == 0 || posts == 0 || pastPosts == 0 {
		return 1
	}
	return min(1, 2*min(lowerTail(n, hits, share(posts, pastPosts)), upperTail(n, hits, share(posts, pastPosts))))
}

// burstiness is how many times the counts of days vary as much as those of
// independent hits would, at least 1: one subject brings many hits. It is
// Pearson's χ² by its degrees of freedom. Days without posts, and those before the
// rule was as it is, do not count.
func burstiness(days []Day, changed time.Time) float64 {
	hits, posts, counted := 0, 0, 0
	usable := func(d Day) bool { return d.Posts > 0 && !d.From.Before(changed) }
	for _, d := range days {
		if usable(d) {
			hits, posts, counted = hits+d.Hits, posts+d.Posts, counted+1
		}
	}
	if hits == 0 || counted < 2 {
		return 1
	}
	sum := 0.0
	for _, d := range days {
		if usable(d) {
			expected := float64(hits) * float64(d.Posts) / float64(posts)
			sum += (float64(d.Hits) - expected) * (float64(d.Hits) - expected) / expected
		}
	}
	return max(1, sum/float64(counted-1))
}

// burstyChance is the chance of a change where hits come in bursts: that of as
// many fewer independent hits, rounded so that the change is smaller.
func burstyChance(a Alarm, burstiness float64) float64 {
	now, past := float64(a.Hits)/burstiness, float64(a.PastHits)/burstiness
	if a.Hits*a.PastPosts > a.PastHits*a.Posts {
		now, past = math.Floor(now), math.Ceil(past)
	} else {
		now, past = math.Ceil(now), math.Floor(past)
	}
	return chance(int(now), a.Posts, int(past), a.PastPosts)
}

func share(a, b int) float64 { return float64(a) / (float64(a) + float64(b)) }

// upperTail is P(X >= x) and lowerTail P(X <= x) of a binomial X of n trials with
// chance p. A tail that holds the mean is the rest of the other one, which is
// summed from its largest term down, in logarithms: tails of 1e-300 are exact to
// about nine digits.
func upperTail(n, x int, p float64) float64 {
	switch {
	case x <= 0:
		return 1
	case x > n:
		return 0
	case float64(x) > float64(n)*p:
		return math.Exp(logTail(n, x, p))
	}
	return 1 - math.Exp(logTail(n, n-x+1, 1-p))
}

func lowerTail(n, x int, p float64) float64 { return upperTail(n, n-x, 1-p) }

// logTail is the logarithm of P(X >= x) for an x above the mean: the terms fall
// from the first on.
func logTail(n, x int, p float64) float64 {
	if p <= 0 {
		return math.Inf(-1)
	}
	if p >= 1 {
		return 0
	}
	odds := p / (1 - p)
	sum, term := 1.0, 1.0
	for k := x; k < n; k++ {
		term *= float64(n-k) / float64(k+1) * odds
		sum += term
		if term < sum*1e-17 {
			break
		}
	}
	return min(0, logTerm(n, x, p)+math.Log(sum))
}

// logTerm is the logarithm of P(X = x).
func logTerm(n, x int, p float64) float64 {
	return logFactorial(n) - logFactorial(x) - logFactorial(n-x) + float64(x)*math.Log(p) + float64(n-x)*math.Log1p(-p)
}

func logFactorial(n int) float64 {
	value, _ := math.Lgamma(float64(n) + 1)
	return value
}

// corrected are the chances corrected for their number, in the order given: the
// chance that any of so many true hypotheses looks so odd (Holm 1979).
func corrected(chances []float64) []float64 {
	order := make([]int, len(chances))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(chances[a], chances[b]) })
	result := make([]float64, len(chances))
	largest := 0.0
	for rank, i := range order {
		largest = max(largest, min(1, float64(len(chances)-rank)*chances[i]))
		result[i] = largest
	}
	return result
}
