package store

import (
	"context"
	"fmt"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
)

// purgeAtOnce bounds the posts of one mutation.
const purgeAtOnce = 2000

// PurgedPost is a post to be forgotten: its id, the name under which its decisions
// go on to be counted, and the hash under which its sketch is kept.
type PurgedPost struct {
	ID, Name string
	Sketch   uint64
}

// PurgePosts removes flagged posts with their samples and sketches, and takes out
// of the decisions on them who and what they were about. It returns when that is
// done on all replicas. The same may be asked again.
func (s *Store) PurgePosts(ctx context.Context, posts []PurgedPost) error {
	for len(posts) > 0 {
		n := min(len(posts), purgeAtOnce)
		if err := s.purgePosts(ctx, posts[:n]); err != nil {
			return err
		}
		posts = posts[n:]
	}
	return nil
}

// purgePosts changes the tables by mutations: lightweight deletes are refused
// where a table has projections, and keep the rows on disk for a while.
func (s *Store) purgePosts(ctx context.Context, posts []PurgedPost) error {
	ids, names, sketches := make([]string, len(posts)), make([]string, len(posts)), make([]uint64, len(posts))
	for i, p := range posts {
		ids[i], names[i], sketches[i] = p.ID, p.Name, p.Sketch
	}
	tables := layout{&s.configuration}
	alter := func(table, change string, parameters ...any) error {
		ctx := clickhouse.Context(ctx, clickhouse.WithSettings(clickhouse.Settings{"mutations_sync": 2, "allow_nondeterministic_mutations": 1}))
		statement := fmt.Sprintf("ALTER TABLE %s %s %s", table, tables.OnCluster(), change)
		if err := s.connection.Exec(ctx, statement, parameters...); err != nil {
			return s.failed("purge", "purge posts from "+table, err)
		}
		return nil
	}
	byID := clickhouse.Named("ids", ids)
	for _, table := range []string{tables.Local("flagged_posts"), tables.Local("shadow_samples"), tables.Local("edited_posts")} {
		if err := alter(table, "DELETE WHERE id IN {ids:Array(String)}", byID); err != nil {
			return err
		}
	}
	if err := alter(tables.Local("text_sketches"), "DELETE WHERE post IN {sketches:Array(UInt64)}", clickhouse.Named("sketches", sketches)); err != nil {
		return err
	}
	return alter("decisions", `UPDATE item = transform(item, {ids:Array(String)}, {names:Array(String)}, item), account = '', person_id = '',
		created_at = toStartOfDay(created_at) WHERE item IN {ids:Array(String)}`, byID, clickhouse.Named("names", names))
}

// FilesOfFlags says which of these files a flagged post names.
func (s *Store) FilesOfFlags(ctx context.Context, sha256 []string) (map[string]bool, error) {
	named := map[string]bool{}
	if len(sha256) == 0 {
		return named, nil
	}
	var rows []struct {
		Sum string `ch:"sum"`
	}
	err := s.read(ctx, "files_of_flags", &rows, `
		SELECT DISTINCT arrayJoin(extractAll(media, '[0-9a-f]{64}')) AS sum FROM flagged_posts
		WHERE media != '' AND sum IN {sums:Array(String)}`, clickhouse.Named("sums", sha256))
	for _, row := range rows {
		named[row.Sum] = true
	}
	return named, err
}

// FlaggedOf returns what is kept of flagged posts of a person or of accounts, the
// newest versions, oldest first.
func (s *Store) FlaggedOf(ctx context.Context, personID string, accounts []string) ([]PersonFlag, error) {
	var rows []PersonFlag
	err := s.read(ctx, "flagged_of", &rows, `
		SELECT id, created_at, platform, account_id, account_handle, person_name, agency, unit, position, region, labels, text, url, collected_at
		FROM flagged_posts FINAL
		WHERE (person_id = {person:String} AND {person:String} != '') OR concat(platform, ':', account_id) IN {accounts:Array(String)}
		ORDER BY created_at, id`, clickhouse.Named("person", personID), clickhouse.Named("accounts", accounts))
	return rows, err
}

// PersonFlag is a flagged post as somebody may ask what is held of them.
type PersonFlag struct {
	ID            string    `ch:"id" json:"id"`
	CreatedAt     time.Time `ch:"created_at" json:"created_at"`
	Platform      string    `ch:"platform" json:"platform"`
	AccountID     string    `ch:"account_id" json:"account_id"`
	AccountHandle string    `ch:"account_handle" json:"account_handle"`
	PersonName    string    `ch:"person_name" json:"person_name"`
	Agency        string    `ch:"agency" json:"agency"`
	Unit          string    `ch:"unit" json:"unit"`
	Position      string    `ch:"position" json:"position"`
	Region        string    `ch:"region" json:"region"`
	Labels        []string  `ch:"labels" json:"labels"`
	Text          string    `ch:"text" json:"text"`
	URL           string    `ch:"url" json:"url"`
	CollectedAt   time.Time `ch:"collected_at" json:"collected_at"`
}
