package health_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/netra-id/netra/classifiers/keyword"
	"github.com/netra-id/netra/pipeline/store"
	"github.com/netra-id/netra/pipeline/tuning/health"
)

// hundred has a hundred rules in force for long.
func hundred(t *testing.T) health.InForce {
	t.Helper()
	text := "list: support\nlabel: support\nrules:\n"
	for i := range 100 {
		text += fmt.Sprintf("  - {id: r%d, any: [kata%c%c]}\n", i, 'a'+i/10, 'a'+i%10)
	}
	set, err := keyword.Parse(keyword.File{Name: "support.yaml", Data: []byte(text)})
	if err != nil {
		t.Fatal(err)
	}
	in := health.InForce{Version: "sha256:1"}
	for _, rule := range set.Rules() {
		in.Rules = append(in.Rules, health.Rule{Rule: rule, Since: now.AddDate(0, -3, 0)})
	}
	return in
}

// poisson draws a count with this mean; bursty ones have a mean that is drawn
// itself, with the variance that hits of contagious subjects have.
func poisson(random *rand.Rand, mean float64, bursty bool) uint64 {
	if bursty { // gamma with shape 3, so that counts are negative binomial
		mean *= (random.ExpFloat64() + random.ExpFloat64() + random.ExpFloat64()) / 3
	}
	n, product := uint64(0), random.Float64()
	for limit := math.Exp(-mean); product > limit; n++ {
		product *= random.Float64()
	}
	return n
}

// simulate makes so many days of a hundred rules of 0.1 to 100 hits a day,
// and counts those days with an alarm about a rule that did not change, and the
// alarms about the ten that have five times as many.
func simulate(t *testing.T, days int, bursty bool) (withFalse, found int) {
	t.Helper()
	in := hundred(t)
	random := rand.New(rand.NewPCG(1, 2))
	for range days {
		var c health.Counts
		for day := range int32(15) {
			c.Posts = append(c.Posts, store.PostDay{Day: day, Posts: 90_000 + uint64(random.IntN(20_000))})
		}
		for i, rule := range in.Rules {
			mean := math.Pow(10, float64(i%10)/3-1)
			for day := range int32(15) {
				times := 1.0
				if day == 0 && i >= 90 {
					times = 5
				}
				if n := poisson(random, times*mean, bursty); n > 0 {
					c.Hits = append(c.Hits, store.RuleHit{Kind: store.HitRule, Source: rule.Source(), Day: day, Hits: n, Last: now})
				}
			}
		}
		report := health.Of(health.DefaultConfiguration(), in, now, c)
		wrong := 0
		for _, row := range report.Rules {
			var i int
			_, _ = fmt.Sscanf(row.Name, "support/r%d", &i)
			switch {
			case !row.Has(health.Rise) && !row.Has(health.Drop):
			case i >= 90:
				found++
			default:
				wrong++
			}
		}
		if wrong > 0 {
			withFalse++
		}
	}
	return withFalse, found
}

func TestAlarmsAreRareWhereNothingChangesAndTellOfWhatDoes(t *testing.T) {
	const days = 200
	quiet, found := simulate(t, days, false)
	bursty, foundBursty := simulate(t, days, true)
	t.Logf("of %d days, %d with a false alarm, and %d where hits come in bursts; of %d changes %d and %d are told",
		days, quiet, bursty, 10*days, found, foundBursty)
	if quiet > 4 { // 1% are allowed
		t.Errorf("%d of %d days have a false alarm", quiet, days)
	}
	if bursty > days/8 {
		t.Errorf("%d of %d days of bursts have a false alarm", bursty, days)
	}
	if found < 4*days || foundBursty < 2*days {
		t.Errorf("%d and %d of %d changes are told", found, foundBursty, 10*days)
	}
}
