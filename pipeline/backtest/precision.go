package backtest

import "math"

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

// PrecisionOf computes the share and its interval.
func PrecisionOf(confirmed, dismissed int) Precision {
	p := Precision{Confirmed: confirmed, Dismissed: dismissed}
	p.finish()
	return p
}

func (p *Precision) add(ruling Ruling) {
	switch ruling {
	case Confirmed:
		p.Confirmed++
	case Dismissed:
		p.Dismissed++
	}
}

// finish computes the share and its interval.
func (p *Precision) finish() {
	n := float64(p.Confirmed + p.Dismissed)
	if n == 0 {
		return
	}
	const z = 1.959963984540054 // 97.5% of the normal distribution
	share := float64(p.Confirmed) / n
	middle := (share + z*z/(2*n)) / (1 + z*z/n)
	half := z / (1 + z*z/n) * math.Sqrt(share*(1-share)/n+z*z/(4*n*n))
	p.Value, p.Low, p.High = share, max(middle-half, 0), min(middle+half, 1)
}
