package backtest

import (
	"sync"
	"sync/atomic"
)

// pool is goroutines that judge.
type pool struct {
	jobs    chan func()
	workers sync.WaitGroup
	size    int
}

func newPool(size int) *pool {
	p := &pool{jobs: make(chan func()), size: size}
	for range size {
		p.workers.Go(p.work)
	}
	return p
}

func (p *pool) work() {
	for job := range p.jobs {
		job()
	}
}

func (p *pool) close() {
	close(p.jobs)
	p.workers.Wait()
}

// each calls f for every index below n and returns when all are done.
func (p *pool) each(n int, f func(i int)) {
	const stride = 64
	var next atomic.Int64
	var done sync.WaitGroup
	for range min(p.size, (n+stride-1)/stride) {
		done.Add(1)
		p.jobs <- func() {
			defer done.Done()
			for {
				end := int(next.Add(stride))
				for i := end - stride; i < min(end, n); i++ {
					f(i)
				}
				if end >= n {
					return
				}
			}
		}
	}
	done.Wait()
}
