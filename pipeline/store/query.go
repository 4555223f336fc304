// Package store keeps flagged posts, hourly counts of all posts, the roster and
// the coverage of accounts in ClickHouse: migrations, inserts that can be
// repeated without storing twice, and the queries of the console. It is called
// by the worker (inserts), the collector (coverage) and the console (queries).
package store

import (
	"errors"
	"time"

	"github.com/netra-id/netra/pipeline/post"
)

// ErrNotFound says that no flagged post has the id that was asked for.
var ErrNotFound = errors.New("no such flagged post")

// FlagFilter chooses flagged posts. A zero field does not filter.
type FlagFilter struct {
	Label      post.Label
	Contestant string
	// Region also chooses the regions inside it: "61" holds "61.08".
	Region string
	// Within are the only regions that the reader may see, each with those inside
	// it; none is all.
	Within   []string
	Agency   string
	Platform string
	Language string
	// From (inclusive) and Until (exclusive) bound the post's created_at.
	From, Until time.Time
}

// FlagPage is one page of flagged posts, newest created_at first.
type FlagPage struct {
	Flags []post.Flag
	// Next is the cursor of the next page, empty on the last one.
	Next string
	// Total is how many flagged posts the filter chooses, over all pages.
	Total uint64
}

// Facet is one value that a filter can take, with the number of flagged posts
// that have it.
type Facet struct {
	Value string
	Posts uint64
}

// Facets are the values present among the flagged posts that a filter chooses,
// most frequent first.
type Facets struct {
	Labels, Contestants, Regions, Agencies, Platforms, Languages []Facet
}

// Totals are the counts over everything stored.
type Totals struct {
	Posts   uint64
	Flagged uint64
	ByLabel map[post.Label]uint64
}
