package health

import (
	"cmp"
	"math"
	"slices"
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
