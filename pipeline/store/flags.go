package store

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"

	"github.com/netra-id/netra/pipeline/post"
)

// ErrCursor says that a cursor is not one that FlagPage.Next held.
var ErrCursor = errors.New("not the cursor of a page")

// maxPage bounds how many flagged posts one page can hold.
const maxPage = 1000

// matching is the condition of a FlagFilter. An empty parameter does not filter;
// label and contestant together mean the same label of the verdict.
const matching = `
	notEmpty(labels)
	AND ({label:String} = '' OR has(labels, {label:String}))
	AND ({contestant:String} = '' OR has(contestants, {contestant:String}))
	AND ({label:String} = '' OR {contestant:String} = ''
		OR arrayExists((label, contestant) -> label = {label:String} AND contestant = {contestant:String}, labels, contestants))
	AND ({region:String} = '' OR region = {region:String} OR startsWith(region, concat({region:String}, '.')))
	AND ({within:String} = '' OR arrayExists(own -> region = own OR startsWith(region, concat(own, '.')), splitByChar(' ', {within:String})))
	AND ({agency:String} = '' OR agency = {agency:String})
	AND ({platform:String} = '' OR platform = {platform:String})
	AND ({language:String} = '' OR language = {language:String})
	AND created_at >= fromUnixTimestamp64Nano({from:Int64}, 'UTC')
	AND created_at < fromUnixTimestamp64Nano({until:Int64}, 'UTC')`

// parameters are the values for matching.
func (f *FlagFilter) parameters() []any {
	from, until := int64(0), int64(math.MaxInt64)
	if !f.From.IsZero() {
		from = nanoseconds(f.From)
	}
	if !f.Until.IsZero() {
		until = nanoseconds(f.Until)
	}
	return []any{
		clickhouse.Named("label", string(f.Label)),
		clickhouse.Named("contestant", f.Contestant),
		clickhouse.Named("region", f.Region),
		clickhouse.Named("within", strings.Join(f.Within, " ")),
		clickhouse.Named("agency", f.Agency),
		clickhouse.Named("platform", f.Platform),
		clickhouse.Named("language", f.Language),
		clickhouse.Named("from", from),
		clickhouse.Named("until", until),
	}
}

// nanoseconds since 1970, at the nearest where the time is beyond what
// DateTime64(9) holds.
func nanoseconds(t time.Time) int64 {
	switch {
	case t.Before(noTime):
		return 0
	case t.After(latestTime):
		return math.MaxInt64
	}
	return t.UnixNano()
}

// newest orders the versions of a flagged post as the table replaces them,
// without the cost of FINAL: the greatest version, and of equal ones the one
// inserted last. The second piece of a part's name is the number of its first
// block; the parts of the table's one partition do not overlap.
const newest = "version DESC, toInt64(splitByChar('_', _part)[2]) DESC"

// Flag returns the flagged post with the given id, or ErrNotFound.
func (s *Store) Flag(ctx context.Context, id string) (post.Flag, error) {
	var rows []flagRow
	err := s.read(ctx, "flag", &rows, "SELECT "+columnList(flagColumns)+`
		FROM flagged_posts WHERE id = {id:String} ORDER BY `+newest+` LIMIT 1 SETTINGS max_threads = 1`, clickhouse.Named("id", id))
	if err != nil {
		return post.Flag{}, err
	}
	if len(rows) == 0 {
		return post.Flag{}, fmt.Errorf("post %q: %w", id, ErrNotFound)
	}
	return rows[0].flag()
}

// Flags returns up to limit flagged posts, newest created_at first, that follow
// the cursor after ("" for the first page).
func (s *Store) Flags(ctx context.Context, filter FlagFilter, after string, limit int) (FlagPage, error) {
	if limit < 1 || limit > maxPage {
		return FlagPage{}, fmt.Errorf("query flags: limit %d; allowed: 1 to %d", limit, maxPage)
	}
	from, err := parseCursor(after)
	if err != nil {
		return FlagPage{}, err
	}
	page := FlagPage{}
	page.Total, err = s.countFlags(ctx, &filter)
	if err != nil || page.Total == 0 {
		return page, err
	}
	rows, err := s.flagsAfter(ctx, &filter, from, limit+1)
	if err != nil {
		return FlagPage{}, err
	}
	if len(rows) > limit {
		rows = rows[:limit]
		page.Next = cursorOf(rows[limit-1]).String()
	}
	page.Flags = make([]post.Flag, len(rows))
	for i, row := range rows {
		if page.Flags[i], err = row.flag(); err != nil {
			return FlagPage{}, err
		}
	}
	return page, nil
}

func (s *Store) countFlags(ctx context.Context, filter *FlagFilter) (uint64, error) {
	var rows []struct {
		Posts uint64 `ch:"posts"`
	}
	err := s.read(ctx, "flags_total", &rows,
		"SELECT count() AS posts FROM flagged_posts FINAL WHERE"+matching, filter.parameters()...)
	if err != nil || len(rows) == 0 {
		return 0, err
	}
	return rows[0].Posts, nil
}

// flagsAfter finds rows in two steps, since the table is in order of id and
// FINAL over all of it is slow: candidates by date among all versions of all
// posts, which reads little, then the present versions of just these.
func (s *Store) flagsAfter(ctx context.Context, filter *FlagFilter, from cursor, wanted int) ([]*flagRow, error) {
	var found []*flagRow
	for len(found) < wanted {
		candidates, err := s.candidates(ctx, filter, from, wanted)
		if err != nil {
			return nil, err
		}
		if len(candidates) == 0 {
			break
		}
		current, err := s.current(ctx, filter, candidates)
		if err != nil {
			return nil, err
		}
		for _, candidate := range candidates {
			row := current[candidate.ID]
			if row == nil || !row.CreatedAt.Equal(candidate.CreatedAt) {
				continue // an older version; the present one has its own place
			}
			delete(current, candidate.ID)
			found = append(found, row)
		}
		from = candidates[len(candidates)-1]
		if len(candidates) < wanted {
			break
		}
	}
	return found[:min(len(found), wanted)], nil
}

// candidates are the places of the next versions, new or old, that match.
func (s *Store) candidates(ctx context.Context, filter *FlagFilter, from cursor, wanted int) ([]cursor, error) {
	var candidates []cursor
	err := s.read(ctx, "flags_candidates", &candidates, `
		SELECT created_at, id FROM flagged_posts
		WHERE created_at <= fromUnixTimestamp64Nano({cursor_at:Int64}, 'UTC')
			AND (created_at < fromUnixTimestamp64Nano({cursor_at:Int64}, 'UTC') OR {cursor_end:UInt8} = 1 OR id < {cursor_id:String})
			AND`+matching+`
		ORDER BY created_at DESC, id DESC
		LIMIT {wanted:UInt32}`,
		append(filter.parameters(),
			clickhouse.Named("cursor_at", from.CreatedAt.UnixNano()),
			clickhouse.Named("cursor_id", from.ID),
			clickhouse.Named("cursor_end", boolean(from.ID == "")),
			clickhouse.Named("wanted", uint32(wanted)))...)
	return candidates, err
}

// current reads the present versions of the candidates that match.
func (s *Store) current(ctx context.Context, filter *FlagFilter, candidates []cursor) (map[string]*flagRow, error) {
	ids := make([]string, len(candidates))
	for i, candidate := range candidates {
		ids[i] = candidate.ID
	}
	slices.Sort(ids)
	var rows []flagRow
	err := s.read(ctx, "flags_page", &rows, "SELECT "+columnList(flagColumns)+`
		FROM flagged_posts FINAL WHERE id IN {ids:Array(String)} AND`+matching,
		append(filter.parameters(), clickhouse.Named("ids", slices.Compact(ids)))...)
	if err != nil {
		return nil, err
	}
	current := make(map[string]*flagRow, len(rows))
	for i := range rows {
		current[rows[i].ID] = &rows[i]
	}
	return current, nil
}

func boolean(b bool) uint8 {
	if b {
		return 1
	}
	return 0
}

// cursor is the place of a post among all, newest first. What follows is older,
// or as old with a smaller id; after an empty id it is all that is not newer.
type cursor struct {
	CreatedAt time.Time `ch:"created_at"`
	ID        string    `ch:"id"`
}

func cursorOf(row *flagRow) cursor { return cursor{CreatedAt: row.CreatedAt, ID: row.ID} }

// String is for links: eight bytes of nanoseconds and the id, in base64.
func (c cursor) String() string {
	encoded := binary.BigEndian.AppendUint64(nil, uint64(c.CreatedAt.UnixNano()))
	return base64.RawURLEncoding.EncodeToString(append(encoded, c.ID...))
}

func parseCursor(s string) (cursor, error) {
	if s == "" {
		return cursor{CreatedAt: time.Unix(0, math.MaxInt64)}, nil
	}
	encoded, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil || len(encoded) <= 8 || encoded[0] >= 0x80 {
		return cursor{}, fmt.Errorf("%q: %w", s, ErrCursor)
	}
	return cursor{
		CreatedAt: time.Unix(0, int64(binary.BigEndian.Uint64(encoded))),
		ID:        string(encoded[8:]),
	}, nil
}
