package ngrams

import (
	"math"

	"github.com/shopspring/decimal"
)

// smallestNormal is about where float64 begins to lose digits; lingua goes on in
// decimals there, so what is smaller is computed as lingua does.
const smallestNormal = -708

// confidences turns the mean logarithms of the first count languages (zero: the
// language knows nothing of the text) into shares of one.
func confidences(logarithms [MaxLanguages]float64, count int) Confidences {
	var found Confidences
	total, tiny := 0.0, false
	for i, logarithm := range logarithms[:count] {
		if logarithm == 0 {
			continue
		}
		tiny = tiny || logarithm < smallestNormal
		found[i] = math.Exp(logarithm)
		total += found[i]
	}
	if tiny {
		return tinyConfidences(logarithms, count)
	}
	if total == 0 {
		return Confidences{}
	}
	for i := range found[:count] {
		found[i] = rounded(found[i] / total)
	}
	return found
}

// rounded drops what lingua's division drops, whose result has 16 decimals.
func rounded(share float64) float64 {
	if share < 0.5e-16 {
		return 0
	}
	return share
}

// exactBelow is the logarithm from which lingua's exponent, of 25 decimals of a
// thousandth of it, has too few digits for a quotient to be the true one.
const exactBelow = -15_000

// tinyConfidences does the same where an exponent is below the range of float64,
// in long texts: by the difference to the likeliest language, except where that
// would not be what lingua's decimals give.
func tinyConfidences(logarithms [MaxLanguages]float64, count int) Confidences {
	best := math.Inf(-1)
	denormal, deep := false, false
	for _, logarithm := range logarithms[:count] {
		if logarithm == 0 {
			continue
		}
		best = max(best, logarithm)
		denormal = denormal || logarithm < smallestNormal && logarithm > -746
		deep = deep || logarithm < exactBelow
	}
	if denormal || deep {
		return decimalConfidences(logarithms, count)
	}
	var found Confidences
	total := 0.0
	for i, logarithm := range logarithms[:count] {
		if logarithm != 0 {
			found[i] = math.Exp(logarithm - best)
			total += found[i]
		}
	}
	for i := range found[:count] {
		found[i] = rounded(found[i] / total)
	}
	return found
}

// decimalConfidences computes as lingua does, step by step.
func decimalConfidences(logarithms [MaxLanguages]float64, count int) Confidences {
	var found Confidences
	var exponents [MaxLanguages]decimal.Decimal
	total := decimal.Zero
	best := -1
	for i, logarithm := range logarithms[:count] {
		if logarithm == 0 {
			continue
		}
		exponents[i] = decimalExponent(logarithm)
		total = total.Add(exponents[i])
		if best < 0 || logarithm > logarithms[best] {
			best = i
		}
	}
	if total.IsZero() {
		found[best] = 1
		return found
	}
	for i := range found[:count] {
		found[i], _ = exponents[i].Div(total).Float64()
	}
	return found
}

func decimalExponent(logarithm float64) decimal.Decimal {
	if exponent := math.Exp(logarithm); exponent > 0 {
		return decimal.NewFromFloat(exponent)
	}
	root, err := decimal.NewFromFloat(logarithm / 1000).ExpTaylor(25)
	if err != nil {
		return decimal.Zero
	}
	return root.Pow(decimal.NewFromInt(1000))
}
