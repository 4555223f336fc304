package review

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/netra-id/netra/pipeline/database"
)

// board keeps in memory, of all items, what they are filtered, sorted and
// counted by: about 80 bytes an item. A database has an index for some of the
// filters that people combine; this has every one, and the counts, at the cost
// of reading over arrays. Which items a list holds comes from here; what is
// shown comes from the database, and so does every decision on a right or a
// lock. It follows the database by the numbers of the changes (change.go), also
// those of other processes, before each use.
//
// Values that repeat are numbers into a dictionary, so that a condition on them
// is a table of yes and no.
type board struct {
	db   *database.DB
	many int // more items than this have orders, and counts are kept

	following sync.Mutex // held while reading changes
	began     time.Time  // when the last reading of changes began
	upto      int64

	mu    sync.RWMutex
	dicts [columns]*dictionary
	// pairs and rules are what the values of these dictionaries hold.
	pairs   [][]pair
	rules   [][]string
	values  [columns][]uint32
	status  []uint8 // 0 where no item is, else 1 + its place in allStatuses
	urgency []int64
	created []int64
	due     []int64
	held    []int64
	group   []int64
	orders  map[Sort]*order
	// named are, of the columns that hold names, who has which items.
	named [columns]named
}

// column is one of the values that repeat.
type column int

const (
	colPairs column = iota
	colRules
	colRegion
	colAgency
	colPlatform
	colLanguage
	colLists
	colAccount
	colHolder
	colAssignee
	colFirst
	columns
)

var allStatuses = append(slices.Clone(Statuses), Withdrawn)

// dictionary numbers values.
type dictionary struct {
	numbers map[string]uint32
	values  []string
}

func (d *dictionary) number(value string) uint32 {
	if n, ok := d.numbers[value]; ok {
		return n
	}
	n := uint32(len(d.values))
	value = strings.Clone(value) // it is a part of a longer one
	d.numbers[value] = n
	d.values = append(d.values, value)
	return n
}

// table says of each value whether it fulfils a condition.
func table[T any](values []T, fulfils func(value T) bool) []bool {
	table := make([]bool, len(values))
	for i, value := range values {
		table[i] = fulfils(value)
	}
	return table
}

func newBoard(db *database.DB) *board {
	b := &board{db: db, many: manyItems, orders: map[Sort]*order{}}
	for i := range b.dicts {
		b.dicts[i] = &dictionary{numbers: map[string]uint32{}}
		if isNamed(column(i)) {
			b.dicts[i].number("") // 0 is nobody
			b.named[i] = named{}
		}
	}
	return b
}

// boardQuery reads the values that repeat as one text, which is much quicker
// where all items are read.
func boardQuery(dialect database.Dialect) string {
	separator := "char(31)"
	if dialect == database.Postgres {
		separator = "chr(31)"
	}
	values := strings.Join([]string{"pairs", "rules", "region", "agency", "platform", "language", "lists", "account", "holder", "assignee",
		"first_by", "status"}, " || "+separator+" || ")
	return "SELECT num, " + values + ", urgency, created_at, due_at, held_until, grp FROM review_items WHERE changed >= ? ORDER BY num"
}

const boardSeparator = "\x1f"

// follow reads what has changed. A caller that waited for another who began
// after it was called needs nothing more.
func (b *board) follow(ctx context.Context) error {
	called := time.Now()
	b.following.Lock()
	defer b.following.Unlock()
	if b.began.After(called) {
		return nil
	}
	began := time.Now()
	next, err := settled(ctx, b.db)
	if err != nil {
		return err
	}
	if b.upto == next && b.db.Dialect() == database.SQLite {
		b.began = began
		return nil
	}
	if err := b.read(ctx); err != nil {
		return fmt.Errorf("read the changed items: %w", err)
	}
	b.began, b.upto = began, next
	return nil
}

func (b *board) read(ctx context.Context) error {
	rows, err := b.db.Query(ctx, boardQuery(b.db.Dialect()), b.upto)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	batch := make([]boardRow, boardBatch)
	n := 0
	var row boardRow
	targets := []any{&row.num, &row.values}
	for i := range row.numbers {
		targets = append(targets, &row.numbers[i])
	}
	for rows.Next() {
		if err := rows.Scan(targets...); err != nil {
			return err
		}
		batch[n] = row
		if n++; n == len(batch) {
			b.put(batch)
			n = 0
		}
	}
	b.put(batch[:n])
	return rows.Err()
}

const boardBatch = 4096

type boardRow struct {
	num int64
	// values are those of the columns and the status, separated.
	values string
	// numbers are urgency, created, due, held, group.
	numbers [5]int64
}

func (b *board) put(batch []boardRow) {
	if len(batch) == 0 {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for i := range batch {
		r := &batch[i]
		b.grow(int(r.num) + 1)
		rest := r.values
		var value string
		for c := range b.values {
			value, rest, _ = strings.Cut(rest, boardSeparator)
			number := b.dicts[c].number(value)
			if isNamed(column(c)) {
				b.named[c].rename(r.num, b.values[c][r.num], number)
			}
			b.values[c][r.num] = number
		}
		b.parse()
		b.status[r.num] = uint8(1 + slices.Index(allStatuses, Status(rest)))
		b.moved(r.num)
		for n, list := range b.lists() {
			(*list)[r.num] = r.numbers[n]
		}
	}
}

// parse reads the new values of the dictionaries whose values are lists.
func (b *board) parse() {
	for _, value := range b.dicts[colPairs].values[len(b.pairs):] {
		b.pairs = append(b.pairs, parsePairs(value))
	}
	for _, value := range b.dicts[colRules].values[len(b.rules):] {
		b.rules = append(b.rules, parseList(value))
	}
}

func (b *board) lists() [5]*[]int64 {
	return [...]*[]int64{&b.urgency, &b.created, &b.due, &b.held, &b.group}
}

// grow makes room for n items. All arrays have the same length.
func (b *board) grow(n int) {
	if n <= len(b.status) {
		return
	}
	b.status = longer(b.status, n)
	for c := range b.values {
		b.values[c] = longer(b.values[c], n)
	}
	for _, list := range b.lists() {
		*list = longer(*list, n)
	}
}

func longer[T any](list []T, n int) []T {
	return slices.Grow(list, n-len(list))[:n]
}
