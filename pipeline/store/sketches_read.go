package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
)

// Sketches are in order of the posts' own time. What is asked for here is always
// of one key: those of others cannot be compared.

// SketchHour is an hour of posts of which sketches came in.
type SketchHour struct {
	Hour time.Time `ch:"hour"`
	// Posts came in, the last of them at Newest.
	Posts  uint64    `ch:"posts"`
	Newest time.Time `ch:"newest"`
}

// SketchForm is a text that several posts have: the same normalised words.
type SketchForm struct {
	Exact     uint64   `ch:"exact"`
	Turns     uint32   `ch:"turns"`
	Signature string   `ch:"signature"`
	Bands     []uint32 `ch:"shared_bands"` // those that many accounts share
	Accounts  uint64   `ch:"accounts"`
}

// SketchedPost is a post by its hashes.
type SketchedPost struct {
	Exact     uint64    `ch:"exact"`
	Post      uint64    `ch:"post"`
	Account   uint64    `ch:"account"`
	CreatedAt time.Time `ch:"created_at"`
	Platform  string    `ch:"platform"`
	Region    string    `ch:"region"`
	Agency    string    `ch:"agency"`
	Shared    uint8     `ch:"shared"`
	Harmless  uint8     `ch:"harmless"`
}

// SketchRange chooses sketches by their key and by their posts' time: From
// inclusive, Until exclusive.
type SketchRange struct {
	KeyID       uint16
	From, Until time.Time
}

const inRange = ` key_id = {key:UInt16} AND created_at >= toDateTime({from:Int64}, 'UTC') AND created_at < toDateTime({until:Int64}, 'UTC')`

func (r SketchRange) parameters() []any {
	return []any{
		clickhouse.Named("key", r.KeyID), clickhouse.Named("from", within32(r.From).Unix()), clickhouse.Named("until", within32(r.Until).Unix()),
	}
}

// SketchHours lists the hours of posts of which sketches were stored after a
// time, oldest hour first.
func (s *Store) SketchHours(ctx context.Context, keyID uint16, after time.Time) ([]SketchHour, error) {
	var rows []SketchHour
	err := s.read(ctx, "sketch_hours", &rows, `
		SELECT toStartOfHour(created_at) AS hour, count() AS posts, max(inserted_at) AS newest FROM text_sketches
		WHERE key_id = {key:UInt16} AND inserted_at > fromUnixTimestamp64Milli({after:Int64}, 'UTC')
		GROUP BY hour ORDER BY hour`,
		clickhouse.Named("key", keyID), clickhouse.Named("after", max(0, after.UnixMilli())))
	return rows, err
}

// ForeignSketches counts the sketches stored after a time that have another key.
func (s *Store) ForeignSketches(ctx context.Context, keyID uint16, after time.Time) (uint64, error) {
	var rows []struct {
		Posts uint64 `ch:"posts"`
	}
	err := s.read(ctx, "sketch_foreign", &rows, `SELECT count() AS posts FROM text_sketches
		WHERE key_id != {key:UInt16} AND inserted_at > fromUnixTimestamp64Milli({after:Int64}, 'UTC')`,
		clickhouse.Named("key", keyID), clickhouse.Named("after", max(0, after.UnixMilli())))
	if err != nil || len(rows) == 0 {
		return 0, err
	}
	return rows[0].Posts, nil
}

// SketchForms returns the texts in around of which a band is shared by at least so
// many accounts and by a sketch that is in fresh and was stored after a time: the
// most copied first, up to limit.
func (s *Store) SketchForms(ctx context.Context, around, fresh SketchRange, after time.Time, accounts, limit int) ([]SketchForm, error) {
	if accounts < 2 || accounts > 100 || limit < 1 {
		return nil, fmt.Errorf("look for copied texts: %d accounts, limit %d; allowed: 2 to 100 accounts, a limit above 0", accounts, limit)
	}
	var rows []SketchForm
	// uniqUpTo takes a number, not a parameter; it is checked above.
	statement := fmt.Sprintf(`
		SELECT exact, any(turns) AS turns, any(signature) AS signature, groupUniqArray(band) AS shared_bands, uniqExact(account) AS accounts
		FROM text_sketches ARRAY JOIN `+allBands+` AS band
		WHERE`+inRange+` AND band IN (
			SELECT band FROM text_sketches ARRAY JOIN `+allBands+` AS band
			WHERE`+inRange+` AND band IN (
				SELECT arrayJoin(`+allBands+`) FROM text_sketches
				WHERE key_id = {key:UInt16}
					AND created_at >= toDateTime({fresh_from:Int64}, 'UTC') AND created_at < toDateTime({fresh_until:Int64}, 'UTC')
					AND inserted_at > fromUnixTimestamp64Milli({after:Int64}, 'UTC')
			)
			GROUP BY band HAVING uniqUpTo(%d)(account) >= %d
		)
		GROUP BY exact ORDER BY accounts DESC, exact LIMIT {limit:UInt32}`, accounts, accounts)
	err := s.read(ctx, "sketch_forms", &rows, statement, append(around.parameters(),
		clickhouse.Named("fresh_from", within32(fresh.From).Unix()), clickhouse.Named("fresh_until", within32(fresh.Until).Unix()),
		clickhouse.Named("after", max(0, after.UnixMilli())),
		clickhouse.Named("limit", uint32(limit)))...) //nolint:gosec // above 0
	return rows, err
}

// sketchTexts is how many texts one query names.
const sketchTexts = 4000

// SketchedPosts calls each with the posts in a range that have one of the texts,
// in no order. A post that was stored twice comes twice.
func (s *Store) SketchedPosts(ctx context.Context, in SketchRange, exact []uint64, each func(*SketchedPost)) error {
	for len(exact) > 0 {
		n := min(len(exact), sketchTexts)
		var rows []SketchedPost
		err := s.read(ctx, "sketched_posts", &rows, `
			SELECT exact, post, account, created_at, platform, region, agency, shared, harmless FROM text_sketches
			WHERE`+inRange+` AND exact IN {exact:Array(UInt64)}`, append(in.parameters(), clickhouse.Named("exact", exact[:n]))...)
		if err != nil {
			return err
		}
		for i := range rows {
			rows[i].CreatedAt = rows[i].CreatedAt.UTC()
			each(&rows[i])
		}
		exact = exact[n:]
	}
	return nil
}

// SketchesOf returns what is kept of the accounts with these hashes.
func (s *Store) SketchesOf(ctx context.Context, keyID uint16, accounts []uint64) ([]SketchedPost, error) {
	if len(accounts) > sketchTexts {
		return nil, errors.New("look for sketches of accounts: too many accounts at once")
	}
	var rows []SketchedPost
	err := s.read(ctx, "sketches_of", &rows, `
		SELECT exact, post, account, created_at, platform, region, agency, shared, harmless FROM text_sketches
		WHERE key_id = {key:UInt16} AND account IN {accounts:Array(UInt64)} ORDER BY created_at, post`,
		clickhouse.Named("key", keyID), clickhouse.Named("accounts", accounts))
	return rows, err
}

// PlacedFlag is a flagged post with what a cluster says of it.
type PlacedFlag struct {
	ID        string    `ch:"id"`
	CreatedAt time.Time `ch:"created_at"`
	Platform  string    `ch:"platform"`
	AccountID string    `ch:"account_id"`
	Region    string    `ch:"region"`
}

// FlagsBetween lists the posts of a period that are flagged: From inclusive, Until
// exclusive.
func (s *Store) FlagsBetween(ctx context.Context, from, until time.Time) ([]PlacedFlag, error) {
	var rows []PlacedFlag
	err := s.read(ctx, "flags_between", &rows, `
		SELECT id, created_at, platform, account_id, region FROM flagged_posts FINAL
		WHERE notEmpty(labels) AND created_at >= fromUnixTimestamp64Nano({from:Int64}, 'UTC') AND created_at < fromUnixTimestamp64Nano({until:Int64}, 'UTC')`,
		clickhouse.Named("from", nanoseconds(from)), clickhouse.Named("until", nanoseconds(until)))
	return rows, err
}
