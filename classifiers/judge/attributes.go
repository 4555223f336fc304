package judge

// leastAbusive is the probability below which nothing is said of abuse.
const leastAbusive = 0.005

// attributes holds every map of attributes that a verdict can have: there is one
// attribute, and it is rounded. So no verdict needs a map of its own.
type attributes struct {
	none map[string]float64
	// abusive has the thousandths.
	abusive [1001]map[string]float64
}

func newAttributes() *attributes {
	a := &attributes{none: map[string]float64{}}
	for thousandth := range a.abusive {
		a.abusive[thousandth] = map[string]float64{"abusive": round(float64(thousandth) / 1000)}
	}
	return a
}

// of gives the attributes of a text that is abusive with the given probability.
func (a *attributes) of(abusive float64) map[string]float64 {
	if !(abusive >= leastAbusive) {
		return a.none
	}
	return a.abusive[int(round(abusive)*1000+0.5)]
}
