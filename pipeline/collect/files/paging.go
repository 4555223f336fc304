package files

import (
	"context"
	"time"

	"golang.org/x/time/rate"

	"github.com/netra-id/netra/pipeline/collect"
)

const (
	pageItems = 500
	pageBytes = 4 << 20
)

// pager hands the records of a file on in pages.
type pager struct {
	file *file
	// pace limits the records, nil for no limit.
	pace  *rate.Limiter
	items int // most of a page
	emit  func(context.Context, collect.Page, progress) error
}

func newPager(f *file, pace *rate.Limiter, emit func(context.Context, collect.Page, progress) error) *pager {
	p := &pager{file: f, pace: pace, items: pageItems, emit: emit}
	if pace != nil {
		// A quarter of a second of posts a page, so that they arrive evenly.
		p.items = min(max(int(float64(pace.Limit())/4), 1), pageItems)
	}
	return p
}

// run reads to the end of the file or of ctx.
func (p *pager) run(ctx context.Context) error {
	for {
		items, end, err := p.page()
		if err != nil && len(items) == 0 {
			return err
		}
		if len(items) > 0 || end {
			if err := p.send(ctx, items, end); err != nil {
				return err
			}
		}
		if err != nil {
			return err // what was read before it has been handed on
		}
		if end {
			return nil
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
}

func (p *pager) page() (items []collect.Item, end bool, err error) {
	for size := 0; len(items) < p.items && size < pageBytes; {
		item, err := p.file.reader.next()
		if isEnd(err) {
			return items, true, nil
		}
		if err != nil {
			return items, false, p.file.readError(err)
		}
		items = append(items, item)
		size += len(item.Raw)
	}
	return items, false, nil
}

func (p *pager) send(ctx context.Context, items []collect.Item, end bool) error {
	if p.pace != nil {
		if err := p.pace.WaitN(ctx, len(items)); err != nil {
			return err
		}
	}
	state, err := p.file.progress(end)
	if err != nil {
		return err
	}
	cursor, err := state.cursor()
	if err != nil {
		return err
	}
	return p.emit(ctx, collect.Page{Items: items, Cursor: cursor}, state)
}

// perSecond is a limiter for pages of a paced file.
func perSecond(posts float64) *rate.Limiter {
	return rate.NewLimiter(rate.Limit(posts), min(max(int(posts/4), 1), pageItems))
}

// spreadOver is the limiter that brings so many posts evenly over d.
func spreadOver(posts int, d time.Duration) *rate.Limiter {
	return perSecond(float64(max(posts, 1)) / d.Seconds())
}
