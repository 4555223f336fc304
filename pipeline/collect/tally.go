package collect

import "time"

// Tally counts what became of items.
type Tally struct {
	Items int
	// Sent counts the posts that the queue acknowledged; Edited is the part of
	// them that was sent before with another content.
	Sent   int
	Edited int
	// Dropped counts posts that do not go on and are not stored.
	Dropped map[Cause]int
	// Rejected counts items that became dead letters.
	Rejected map[Cause]int
	// Problems say why items were rejected, in order.
	Problems []Problem
	// LastPost is the date of the newest post of each account key that is in
	// the roster, sent or known before.
	LastPost map[string]time.Time
	// Remembered counts new rows of the seen table.
	Remembered int
	// recent counts the sent posts that are no older than the pace of an account
	// looks back.
	recent int
}

// Problem is a rejected item as a person is told of it.
type Problem struct {
	Position string
	Cause    Cause
	Reason   string
}

// Add adds another tally; its problems only up to a total of mostProblems.
func (t *Tally) Add(other *Tally, mostProblems int) {
	t.Items += other.Items
	t.Sent += other.Sent
	t.Edited += other.Edited
	t.Remembered += other.Remembered
	t.recent += other.recent
	for cause, n := range other.Dropped {
		t.drop(cause, n)
	}
	for cause, n := range other.Rejected {
		t.reject(cause, n)
	}
	room := max(mostProblems-len(t.Problems), 0)
	t.Problems = append(t.Problems, other.Problems[:min(room, len(other.Problems))]...)
	for account, at := range other.LastPost {
		t.post(account, at)
	}
}

// TotalDropped counts the dropped posts of all causes.
func (t *Tally) TotalDropped() int { return total(t.Dropped) }

// TotalRejected counts the rejected items of all causes.
func (t *Tally) TotalRejected() int { return total(t.Rejected) }

func (t *Tally) drop(cause Cause, n int) {
	if t.Dropped == nil {
		t.Dropped = map[Cause]int{}
	}
	t.Dropped[cause] += n
}

func (t *Tally) reject(cause Cause, n int) {
	if t.Rejected == nil {
		t.Rejected = map[Cause]int{}
	}
	t.Rejected[cause] += n
}

func (t *Tally) post(account string, at time.Time) {
	if t.LastPost == nil {
		t.LastPost = map[string]time.Time{}
	}
	if at.After(t.LastPost[account]) {
		t.LastPost[account] = at
	}
}

func (t *Tally) newest() time.Time {
	var newest time.Time
	for _, at := range t.LastPost {
		if at.After(newest) {
			newest = at
		}
	}
	return newest
}

func total(counts map[Cause]int) int {
	sum := 0
	for _, n := range counts {
		sum += n
	}
	return sum
}
