package review

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/netra-id/netra/pipeline/database"
)

// Texts are cut into words here, the same way for both databases, so that they
// find the same: SQLite's FTS5 and PostgreSQL's tsvector get words of letters and
// digits only, in lower case and without accents, with their places. What a
// person types goes the same way, and no sign of it reaches a query.

const (
	mostSearched   = 20_000 // words of a text
	longestWord    = 200    // bytes
	mostSearchTerm = 32     // terms of what a person looks for
	// MostFound bounds how many items a search considers: the latest ones.
	MostFound = 50_000
)

// wordsOf cuts a text into words.
func wordsOf(s string) []string {
	folded := norm.NFKD.String(strings.ToLower(clean(s)))
	folded = strings.Map(func(r rune) rune {
		switch {
		case unicode.Is(unicode.M, r), r == '\u200b', r == '\u200c', r == '\u200d', r == '\u2060', r == '\ufeff':
			return -1
		case unicode.IsLetter(r), unicode.IsDigit(r):
			return unicode.ToLower(r)
		}
		return ' '
	}, folded)
	words := strings.Fields(folded)
	for i, word := range words {
		if len(word) > longestWord {
			words[i] = strings.ToValidUTF8(word[:longestWord], "")
		}
	}
	return words[:min(len(words), mostSearched)]
}

// index is what the database keeps of a text's words.
func searchIndex(dialect database.Dialect, words []string) string {
	if dialect != database.Postgres {
		return strings.Join(words, " ")
	}
	const lastPlace = 16383 // of a tsvector
	var b strings.Builder
	for i, word := range words {
		fmt.Fprintf(&b, "'%s':%d ", word, min(i+1, lastPlace))
	}
	return b.String()
}

// term is one of the things looked for: words that stand together.
type term struct {
	words  []string
	prefix bool // the last word is a beginning
	not    bool
}

// parseSearch reads what a person typed. Signs that mean nothing are spaces.
func parseSearch(s string) []term {
	var terms []term
	add := func(part string, not, quoted bool) {
		words := wordsOf(part)
		if len(words) == 0 || len(terms) == mostSearchTerm {
			return
		}
		terms = append(terms, term{words: words, not: not, prefix: !quoted && strings.HasSuffix(part, "*")})
	}
	for s = strings.TrimSpace(s); s != ""; s = strings.TrimSpace(s) {
		not := strings.HasPrefix(s, "-") && len(s) > 1
		if not {
			s = s[1:]
		}
		if inside, found := strings.CutPrefix(s, `"`); found {
			inside, s, _ = strings.Cut(inside, `"`)
			add(inside, not, true)
			continue
		}
		part := s
		if i := strings.IndexFunc(s, func(r rune) bool { return unicode.IsSpace(r) || r == '"' }); i >= 0 {
			part, s = s[:i], s[i:]
		} else {
			s = ""
		}
		add(part, not, false)
	}
	if !slices.ContainsFunc(terms, func(t term) bool { return !t.not }) {
		for i := range terms {
			terms[i].not = false // something must be there to be found
		}
	}
	slices.SortStableFunc(terms, func(a, b term) int { return boolean(a.not) - boolean(b.not) })
	return terms
}

func boolean(b bool) int {
	if b {
		return 1
	}
	return 0
}

// match writes terms, those that must not be there at the end, in a database's
// own language.
func match(dialect database.Dialect, terms []term) string {
	var b strings.Builder
	for i, t := range terms {
		if dialect == database.Postgres {
			if i > 0 {
				b.WriteString(" & ")
			}
			if t.not {
				b.WriteString("!")
			}
			b.WriteString("('" + strings.Join(t.words, "' <-> '") + "'")
			if t.prefix {
				b.WriteString(":*")
			}
			b.WriteString(")")
			continue
		}
		if i > 0 {
			b.WriteString(map[bool]string{true: " NOT ", false: " AND "}[t.not])
		}
		b.WriteString(`("` + strings.Join(t.words, " ") + `"`)
		if t.prefix {
			b.WriteString(" *")
		}
		b.WriteString(")")
	}
	return b.String()
}

// search returns the numbers of the items that have what is looked for; not
// searched where nothing is looked for.
func (r *Review) search(ctx context.Context, s string) (searched bool, nums []int64, err error) {
	if strings.TrimSpace(s) == "" {
		return false, nil, nil
	}
	if id := strings.TrimSpace(s); strings.Contains(id, ":") {
		if num, err := numOf(ctx, r.db, id); err == nil {
			return true, []int64{num}, nil
		}
	}
	terms := parseSearch(s)
	if len(terms) == 0 {
		return true, nil, nil
	}
	query := "SELECT rowid FROM review_search WHERE review_search MATCH ? ORDER BY rowid DESC LIMIT " + strconv.Itoa(MostFound)
	if r.db.Dialect() == database.Postgres {
		query = "SELECT rowid FROM review_search WHERE words @@ CAST(CAST(? AS TEXT) AS TSQUERY) ORDER BY rowid DESC LIMIT " + strconv.Itoa(MostFound)
	}
	rows, err := r.db.Query(ctx, query, match(r.db.Dialect(), terms))
	if err != nil {
		return true, nil, fmt.Errorf("search: %w", err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var num int64
		if err := rows.Scan(&num); err != nil {
			return true, nil, fmt.Errorf("search: %w", err)
		}
		nums = append(nums, num)
	}
	return true, nums, inWords("search", rows.Err())
}

// numOf finds the number of the item with an id, ErrNotFound where none has it.
func numOf(ctx context.Context, db database.Querier, id string) (int64, error) {
	var num int64
	if err := db.QueryRow(ctx, "SELECT num FROM review_items WHERE id = ?", id).Scan(&num); err != nil {
		return 0, ErrNotFound
	}
	return num, nil
}

// putSearch makes an item found by its words.
func putSearch(ctx context.Context, tx *database.Tx, num int64, words []string) error {
	if _, err := tx.Exec(ctx, "DELETE FROM review_search WHERE rowid = ?", num); err != nil {
		return fmt.Errorf("index the words of an item: %w", err)
	}
	value := "?"
	if tx.Dialect() == database.Postgres {
		value = "CAST(CAST(? AS TEXT) AS TSVECTOR)"
	}
	_, err := tx.Exec(ctx, "INSERT INTO review_search (rowid, words) VALUES (?, "+value+")", num, searchIndex(tx.Dialect(), words))
	return inWords("index the words of an item", err)
}
