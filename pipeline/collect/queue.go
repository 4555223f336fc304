package collect

// dueQueue is a heap (container/heap) of entries: on top is the one that can be
// visited first, of those the one that is due for the longest time.
type dueQueue []*entry

func (q dueQueue) Len() int { return len(q) }

func (q dueQueue) Less(i, j int) bool {
	if !q[i].at.Equal(q[j].at) {
		return q[i].at.Before(q[j].at)
	}
	return q[i].due.Before(q[j].due)
}

func (q dueQueue) Swap(i, j int) {
	q[i], q[j] = q[j], q[i]
	q[i].index, q[j].index = i, j
}

// Push is called by container/heap.
func (q *dueQueue) Push(x any) {
	e := x.(*entry)
	e.index = len(*q)
	*q = append(*q, e)
}

// Pop is called by container/heap.
func (q *dueQueue) Pop() any {
	old := *q
	last := old[len(old)-1]
	last.index = -1
	old[len(old)-1] = nil
	*q = old[:len(old)-1]
	return last
}
