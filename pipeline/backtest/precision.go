package backtest

import "github.com/netra-id/netra/pipeline/review"

// Precision is how many of the posts that analysts decided on they confirmed.
type Precision struct {
	Confirmed int `json:"confirmed"`
	Dismissed int `json:"dismissed"`
	// Value is the share confirmed, from Low to High with 95% confidence
	// (Wilson's interval); all are 0 where nothing was decided.
	Value float64 `json:"value"`
	Low   float64 `json:"low"`
	High  float64 `json:"high"`
}

func (p *Precision) add(ruling review.Verdict) {
	switch ruling {
	case review.Violation:
		p.Confirmed++
	case review.NoViolation:
		p.Dismissed++
	}
}

// PrecisionOf is the precision of so many confirmed and dismissed posts.
func PrecisionOf(confirmed, dismissed int) Precision {
	p := Precision{Confirmed: confirmed, Dismissed: dismissed}
	p.finish()
	return p
}

// finish computes the share and its interval.
func (p *Precision) finish() {
	n := p.Confirmed + p.Dismissed
	if n == 0 {
		return
	}
	p.Value = float64(p.Confirmed) / float64(n)
	p.Low, p.High = review.Wilson(p.Confirmed, n)
}
