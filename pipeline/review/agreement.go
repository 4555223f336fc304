package review

import (
	"context"
	"fmt"

	"github.com/netra-id/netra/pipeline/access"
)

// Agreement is how far two people who did not see each other's decisions agree.
type Agreement struct {
	// Items is how many items two people have decided on, Agreed those on which
	// both gave the same verdict, and Conflicts the others. An item for which the
	// first one asked for an opinion is none.
	Items, Agreed, Conflicts int
	// Settled is how many of the conflicts a supervisor has decided.
	Settled int
	// Kappa is Cohen's kappa, from -1 to 1: the agreement beyond what chance would
	// give by how often each verdict is given. Where it is not defined, since there
	// is no item or both gave one and the same verdict to all, KappaKnown is false.
	Kappa      float64
	KappaKnown bool
	// Verdicts counts the items by the first and the second verdict.
	Verdicts map[[2]Verdict]int
}

// Agreement compares first and second decisions; the second ones fell in the
// period. A supervisor sees it.
func (r *Review) Agreement(ctx context.Context, viewer access.Viewer, period Period) (Agreement, error) {
	if !viewer.May(access.Supervise) {
		return Agreement{}, ErrForbidden
	}
	a := Agreement{Verdicts: map[[2]Verdict]int{}}
	from, until := period.bounds()
	rows, err := r.db.Query(ctx, `
		SELECT i.region, first.verdict, second.verdict, count(*),
			sum(CASE WHEN EXISTS (SELECT 1 FROM review_decisions third WHERE third.item = first.item AND third.edition = first.edition
				AND third.round = 3 AND third.withdrawn = 0) THEN 1 ELSE 0 END)
		FROM review_decisions second
		JOIN review_decisions first ON first.item = second.item AND first.edition = second.edition AND first.round = 1
		JOIN review_items i ON i.num = second.item
		WHERE second.round = 2 AND second.made_at >= ? AND second.made_at < ?
			AND first.withdrawn = 0 AND second.withdrawn = 0 AND first.verdict <> 'unsure'
			AND `+originally("first")+" AND "+originally("second")+`
		GROUP BY i.region, first.verdict, second.verdict`, from, until)
	if err != nil {
		return a, fmt.Errorf("compare decisions: %w", err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var region string
		var verdicts [2]Verdict
		var n, settled int
		if err := rows.Scan(&region, &verdicts[0], &verdicts[1], &n, &settled); err != nil {
			return a, fmt.Errorf("compare decisions: %w", err)
		}
		if viewer.Sees(region) && (period.Region == "" || access.Within(region, period.Region)) {
			a.add(verdicts, n, settled)
		}
	}
	a.Kappa, a.KappaKnown = kappa(a.Verdicts)
	return a, inWords("compare decisions", rows.Err())
}

// originally leaves the decision that a person ended with: not one that was taken
// back or corrected by the same person, but also one that a supervisor
// corrected later.
func originally(decision string) string {
	return `NOT EXISTS (SELECT 1 FROM review_decisions later WHERE later.replaces = ` + decision + `.id AND later.replaces <> ''
		AND (later.withdrawn = 1 OR later.round = ` + decision + `.round))`
}

func (a *Agreement) add(verdicts [2]Verdict, n, settled int) {
	a.Verdicts[verdicts] += n
	a.Items += n
	if verdicts[0] == verdicts[1] {
		a.Agreed += n
		return
	}
	a.Conflicts += n
	a.Settled += settled
}

// kappa is Cohen's kappa of two people's verdicts (J. Cohen, A coefficient of
// agreement for nominal scales, 1960). It is not known where chance alone would
// make them agree always.
func kappa(verdicts map[[2]Verdict]int) (float64, bool) {
	var all, agreed float64
	first, second := map[Verdict]float64{}, map[Verdict]float64{}
	for pair, n := range verdicts {
		items := float64(n)
		all += items
		first[pair[0]] += items
		second[pair[1]] += items
		if pair[0] == pair[1] {
			agreed += items
		}
	}
	if all == 0 {
		return 0, false
	}
	chance := 0.0
	for verdict, n := range first {
		chance += n / all * second[verdict] / all
	}
	if 1-chance < 1e-12 {
		return 0, false
	}
	return (agreed/all - chance) / (1 - chance), true
}
