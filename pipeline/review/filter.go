package review

import (
	"fmt"
	"strings"
	"time"
)

// Filter chooses items. A zero field does not filter.
type Filter struct {
	// Label and Contestant together mean the same label of the verdict.
	Label      string
	Contestant string
	// Region also chooses the regions inside it: "61" holds "61.08".
	Region   string
	Agency   string
	Platform string
	Language string
	// Account is "platform:account id".
	Account string
	// Rule is what gave a reason, such as "support/vote-for".
	Rule string
	// Lists is the version of the lists that flagged the item.
	Lists string
	// From (inclusive) and Until (exclusive) bound the post's created_at.
	From, Until time.Time
	// Status is any of these; none is those that wait (Waiting).
	Status []Status
	// Holder is who has taken the item, Assignee whom it was given to.
	Holder, Assignee string
	// Group is that of near-duplicates.
	Group string
	// Doable leaves only what the viewer can decide on now: what waits, is not
	// held by or given to somebody else, does not wait for an opinion on the
	// viewer's own decision, and for a supervisor only where the viewer is one.
	Doable bool
	// Search finds items by words of their text, their account and its handle:
	// all words must be there; "in quotes" they must stand together; a word with
	// * at its end is a beginning; a word with - before it must not be there. Of
	// more than MostFound items the latest are considered. The id of a post finds
	// that post.
	Search string
}

// Sort is an order of items.
type Sort string

// The orders. Items that are equal in it come in the order in which they came
// into the queue.
const (
	ByUrgency Sort = "urgency"
	ByNewest  Sort = "newest"
	ByOldest  Sort = "oldest"
	// ByDue has what is due first at the top, and what nobody has opened yet at
	// the end.
	ByDue Sort = "due"
)

// Sorts lists the orders.
var Sorts = []Sort{ByUrgency, ByNewest, ByOldest, ByDue}

// MostPage bounds how many items one page, one batch or one bulk decision can
// hold.
const MostPage = 500

// Page is a part of a list.
type Page struct {
	Items []Item
	// Next is the cursor of the next page, empty on the last one.
	Next string
	// Total is how many items the filter chooses, over all pages.
	Total int
}

// Facet is one value that a filter can take, with the number of items.
type Facet struct {
	Value string
	Items int
}

// Counts are the values present among the items that a filter chooses, most
// frequent first; statuses are in their own order. Each kind is counted under
// all conditions of the filter but the one on itself, so that they tell what
// another choice would give.
type Counts struct {
	Total                                                               int
	Statuses                                                            []Facet
	Labels, Contestants, Regions, Agencies, Platforms, Languages, Lists []Facet
}

// Choice is an item as a person saw it.
type Choice struct {
	Item string
	// Revision is the item's as it was shown; where it is another one by now, the
	// decision is refused with ErrChanged.
	Revision int64
}

// Hindrance is why an item of several could not be done; Err is one of the
// package's errors.
type Hindrance struct {
	Item string
	Err  error
}

// HinderedError says that nothing was done, since some items hindered it. It is
// each of their errors.
type HinderedError struct {
	Items []Hindrance
}

// SavedFilter is a filter that a person keeps under a name.
type SavedFilter struct {
	ID    int64
	Owner string
	Name  string
	// Shared lets everybody else see and use it; only the owner changes it.
	Shared bool
	Filter Filter
	Sort   Sort
}

// AccountItem is an item of an account with the decisions on it that the viewer
// may see.
type AccountItem struct {
	Item      Item
	Decisions []Decision
}

// Neighbours are the items before and after an item in a list.
type Neighbours struct {
	// Previous and Next are ids, empty at the ends.
	Previous, Next string
}

func (e *HinderedError) Error() string {
	var lines []string
	for _, h := range e.Items {
		lines = append(lines, fmt.Sprintf("item %q: %s", h.Item, h.Err))
	}
	return "nothing was done: " + strings.Join(lines, "; ")
}

// Unwrap returns the errors of the items.
func (e *HinderedError) Unwrap() []error {
	errs := make([]error, len(e.Items))
	for i := range e.Items {
		errs[i] = e.Items[i].Err
	}
	return errs
}
