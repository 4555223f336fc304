package queue

import (
	"strconv"
	"strings"
)

// plan is the boundaries of a batch that is about to be handled, as they stand
// in the metadata of the group's committed offset: "plan:first-last".
type plan struct{ first, last int64 }

const planPrefix = "plan:"

func (p plan) String() string {
	return planPrefix + strconv.FormatInt(p.first, 10) + "-" + strconv.FormatInt(p.last, 10)
}

// parsePlan reads the metadata of a committed offset. Metadata that is not ours,
// or that does not begin at the offset, is no plan.
func parsePlan(metadata string, offset int64) (plan, bool) {
	rest, ok := strings.CutPrefix(metadata, planPrefix)
	if !ok {
		return plan{}, false
	}
	left, right, ok := strings.Cut(rest, "-")
	if !ok {
		return plan{}, false
	}
	first, err := strconv.ParseInt(left, 10, 64)
	if err != nil || first != offset || first < 0 {
		return plan{}, false
	}
	last, err := strconv.ParseInt(right, 10, 64)
	if err != nil || last < first {
		return plan{}, false
	}
	return plan{first, last}, true
}
