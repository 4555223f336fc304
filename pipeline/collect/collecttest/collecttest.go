// Package collecttest is for tests of sources: a sink that keeps what a visit
// hands on, and a list of accounts. Nothing but tests calls it.
package collecttest

import (
	"context"
	"slices"
	"sync"

	"github.com/netra-id/netra/pipeline/collect"
)

// Sink keeps everything that a visit hands to it.
type Sink struct {
	// Refuse, where it is set, is asked before a page is taken.
	Refuse func(page collect.Page) error
	// Budget, where it is set, is asked before every request.
	Budget func(units int) error

	mu     sync.Mutex
	pages  []collect.Page
	cursor collect.Cursor
	units  []int
	limits []collect.Limit
}

// Wait is WaitFor with one unit.
func (s *Sink) Wait(ctx context.Context) error { return s.WaitFor(ctx, 1) }

// WaitFor notes the units.
func (s *Sink) WaitFor(ctx context.Context, units int) error {
	if s.Budget != nil {
		if err := s.Budget(units); err != nil {
			return err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.units = append(s.units, units)
	return ctx.Err()
}

// Limit notes the limit where it says something.
func (s *Sink) Limit(limit collect.Limit) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if limit.Said() {
		s.limits = append(s.limits, limit)
	}
}

// Emit notes the page.
func (s *Sink) Emit(_ context.Context, page collect.Page) error {
	if s.Refuse != nil {
		if err := s.Refuse(page); err != nil {
			return err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pages = append(s.pages, page)
	if page.Cursor != nil {
		s.cursor = page.Cursor
	}
	return nil
}

// Items returns the items of all pages, in order.
func (s *Sink) Items() []collect.Item {
	s.mu.Lock()
	defer s.mu.Unlock()
	var items []collect.Item
	for _, page := range s.pages {
		items = append(items, page.Items...)
	}
	return items
}

// Pages returns the pages, in order.
func (s *Sink) Pages() []collect.Page {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.pages)
}

// Cursor returns the cursor of the last page that had one.
func (s *Sink) Cursor() collect.Cursor {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.cursor
}

// Units returns what each request has cost.
func (s *Sink) Units() []int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.units)
}

// Limits returns what answers said of the budget.
func (s *Sink) Limits() []collect.Limit {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.limits)
}

// Accounts is a roster's accounts by platform.
type Accounts map[string][]collect.Account

// Accounts lists the accounts of the platform.
func (a Accounts) Accounts(_ context.Context, platform string) ([]collect.Account, error) {
	return slices.Clone(a[platform]), nil
}
