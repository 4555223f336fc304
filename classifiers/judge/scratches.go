package judge

import "sync"

// scratches is a sync.Pool that garbage collection leaves alone: a book of words is
// the better the more texts it has seen.
type scratches struct {
	mutex sync.Mutex
	free  []*scratch
	most  int // that are kept
}

// Get gives the scratch that was put back last, or a new one.
func (f *scratches) Get() *scratch {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	last := len(f.free) - 1
	if last < 0 {
		return new(scratch)
	}
	s := f.free[last]
	f.free[last] = nil
	f.free = f.free[:last]
	return s
}

// Put takes a scratch back.
func (f *scratches) Put(s *scratch) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	if len(f.free) < f.most {
		f.free = append(f.free, s)
	}
}
