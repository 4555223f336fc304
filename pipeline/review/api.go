package review

import (
	"context"
	"errors"

	"github.com/netra-id/netra/pipeline/access"
	"github.com/netra-id/netra/pipeline/post"
)

// Review is the queue and what is decided in it. It is safe for concurrent use.
type Review struct {
	cfg  Configuration
	deps Dependencies
}

// New returns a review on a database whose tables Migrate has made.
func New(cfg Configuration, deps Dependencies) (*Review, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	deps, err := deps.withDefaults()
	if err != nil {
		return nil, err
	}
	return &Review{cfg: cfg, deps: deps}, nil
}

var errSoon = errors.New("comes within the hour: this commit is the shape")

// Migrate makes or updates the review's tables.
func (r *Review) Migrate(ctx context.Context) error { return nil }

// Run takes in flags, sends decisions and refreshes urgencies until ctx ends.
func (r *Review) Run(ctx context.Context) error { <-ctx.Done(); return nil }

// List returns the items of a filter behind the cursor.
func (r *Review) List(ctx context.Context, viewer access.Viewer, filter Filter, sort Sort, cursor string, limit int) (Page, error) {
	return Page{}, errSoon
}

// Counts counts the items of a filter.
func (r *Review) Counts(ctx context.Context, viewer access.Viewer, filter Filter) (Counts, error) {
	return Counts{}, errSoon
}

// Item returns one item.
func (r *Review) Item(ctx context.Context, viewer access.Viewer, id string) (Item, error) {
	return Item{}, errSoon
}

// Flag returns the flagged post behind an item.
func (r *Review) Flag(ctx context.Context, viewer access.Viewer, id string) (post.Flag, error) {
	return post.Flag{}, errSoon
}

// Open records that a person looks at an item. The first time starts the legal
// clock. Whoever holds it goes on holding it.
func (r *Review) Open(ctx context.Context, viewer access.Viewer, id string) (Item, error) {
	return Item{}, errSoon
}

// Claim takes items: all of them or, with a *HinderedError, none. With force it
// takes them also from who holds them.
func (r *Review) Claim(ctx context.Context, viewer access.Viewer, ids []string, force bool) ([]Item, error) {
	return nil, errSoon
}

// ClaimNext takes up to n of the most urgent items of a filter that wait for
// somebody like the viewer and that nobody holds.
func (r *Review) ClaimNext(ctx context.Context, viewer access.Viewer, filter Filter, n int) ([]Item, error) {
	return nil, errSoon
}

// Release gives back items; those that the viewer does not hold stay as they are.
func (r *Review) Release(ctx context.Context, viewer access.Viewer, ids []string) error {
	return errSoon
}

// Assign gives items to a person, or to nobody where to is empty. A supervisor
// assigns to anybody, others to themselves.
func (r *Review) Assign(ctx context.Context, viewer access.Viewer, ids []string, to string) error {
	return errSoon
}

// Decide decides on items, on all of them or, with a *HinderedError, on none. Of
// the decision it takes Verdict, Label, Rule, Cause, Same, Note and Replaces;
// Replaces (the id of a decision on the one item) makes it a correction.
func (r *Review) Decide(ctx context.Context, viewer access.Viewer, choices []Choice, decision Decision) ([]Decision, error) {
	return nil, errSoon
}

// Undo takes a decision back and returns the item as it is then.
func (r *Review) Undo(ctx context.Context, viewer access.Viewer, decision string) (Item, error) {
	return Item{}, errSoon
}

// History returns the decisions on an item, oldest first. While the item waits
// for a second opinion, each person sees only the own ones.
func (r *Review) History(ctx context.Context, viewer access.Viewer, id string) ([]Decision, error) {
	return nil, errSoon
}

// Similar returns the other items with nearly the same text, most urgent first.
func (r *Review) Similar(ctx context.Context, viewer access.Viewer, id string) ([]Item, error) {
	return nil, errSoon
}

// OfAccount returns the items of an account, newest first, with the decisions.
func (r *Review) OfAccount(ctx context.Context, viewer access.Viewer, account string) ([]AccountItem, error) {
	return nil, errSoon
}

// Neighbours returns what stands before and after an item in a list, whether or
// not the filter still chooses the item itself (it may have been decided).
func (r *Review) Neighbours(ctx context.Context, viewer access.Viewer, filter Filter, sort Sort, id string) (Neighbours, error) {
	return Neighbours{}, errSoon
}

// SaveFilter keeps a filter under a name; one of the same name and owner is
// replaced.
func (r *Review) SaveFilter(ctx context.Context, viewer access.Viewer, saved SavedFilter) (SavedFilter, error) {
	return SavedFilter{}, errSoon
}

// SavedFilters lists the viewer's filters and those that others share, by name.
func (r *Review) SavedFilters(ctx context.Context, viewer access.Viewer) ([]SavedFilter, error) {
	return nil, errSoon
}

// DeleteFilter deletes one of the viewer's own filters.
func (r *Review) DeleteFilter(ctx context.Context, viewer access.Viewer, id int64) error {
	return errSoon
}
