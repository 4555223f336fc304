package backtest

import (
	"runtime"
	"sync"
	"sync/atomic"

	"golang.org/x/sys/unix"
)

// lowPriority is the nice value of the threads that judge, so that the workers
// on the machine go before them.
const lowPriority = 15

// pool is goroutines that judge at a low priority, each on a thread of its own.
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
	runtime.LockOSThread() // and never back: the thread, with its priority, ends with the goroutine
	_ = unix.Setpriority(unix.PRIO_PROCESS, 0, lowPriority)
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
