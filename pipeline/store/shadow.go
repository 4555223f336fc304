package store

import (
	"context"
	"fmt"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
)

// ListShadow is a draft of the lists that runs in shadow; without a version none
// does.
type ListShadow struct {
	Number  uint64    `ch:"number"`
	Version string    `ch:"version"`
	Draft   string    `ch:"draft"`
	By      string    `ch:"made_by"`
	At      time.Time `ch:"made_at"`
}

// ShadowCount is how many posts of one hour the version in force, the shadow and
// both flag with a label; label "" is any.
type ShadowCount struct {
	Hour      time.Time `ch:"hour"`
	Version   string    `ch:"version"`
	Published string    `ch:"published"`
	Label     string    `ch:"label"`
	Posts     uint64    `ch:"posts"`
	Live      uint64    `ch:"live"`
	Shadow    uint64    `ch:"shadow"`
	Both      uint64    `ch:"both"`
}

// ShadowSample is a post on which the version in force and the shadow differ.
type ShadowSample struct {
	Version      string    `ch:"version"`
	Published    string    `ch:"published"`
	ID           string    `ch:"id"`
	Account      string    `ch:"account"`
	Region       string    `ch:"region"`
	Excerpt      string    `ch:"excerpt"`
	LiveLabels   []string  `ch:"live_labels"`
	ShadowLabels []string  `ch:"shadow_labels"`
	ShadowRules  []string  `ch:"shadow_rules"`
	At           time.Time `ch:"at"`
}

// The columns of the tables of migration 10.
var (
	listShadowColumns = []clickhouse.ColumnNameAndType{
		{Name: "number", Type: "UInt64"}, {Name: "version", Type: "String"}, {Name: "draft", Type: "String"}, {Name: "made_by", Type: "String"},
		{Name: "made_at", Type: "DateTime64(3, 'UTC')"},
	}
	shadowCountColumns = []clickhouse.ColumnNameAndType{
		{Name: "hour", Type: "DateTime('UTC')"}, {Name: "version", Type: "LowCardinality(String)"}, {Name: "published", Type: "LowCardinality(String)"},
		{Name: "label", Type: "LowCardinality(String)"}, {Name: "posts", Type: "UInt64"}, {Name: "live", Type: "UInt64"},
		{Name: "shadow", Type: "UInt64"}, {Name: "both", Type: "UInt64"},
	}
	shadowSampleColumns = []clickhouse.ColumnNameAndType{
		{Name: "version", Type: "LowCardinality(String)"}, {Name: "published", Type: "LowCardinality(String)"}, {Name: "id", Type: "String"},
		{Name: "account", Type: "String"}, {Name: "region", Type: "LowCardinality(String)"}, {Name: "excerpt", Type: "String"},
		{Name: "live_labels", Type: "Array(LowCardinality(String))"}, {Name: "shadow_labels", Type: "Array(LowCardinality(String))"},
		{Name: "shadow_rules", Type: "Array(LowCardinality(String))"}, {Name: "at", Type: "DateTime64(3, 'UTC')"},
	}
)

// LayShadow lays out which draft runs in shadow, with its files.
func (s *Store) LayShadow(ctx context.Context, shadow ListShadow, files []ListFile, content func(hash string) ([]byte, error)) error {
	doing := fmt.Sprintf("lay out shadow %d of the lists", shadow.Number)
	if err := s.layFiles(ctx, doing, shadow.Version, files, content); err != nil {
		return err
	}
	token := fmt.Sprintf("shadow/%d/%s", shadow.Number, shadow.Version)
	return s.failed("lists", doing, insertBlock(ctx, s, "list_shadows", token, listShadowColumns, []*ListShadow{&shadow}))
}

// ListShadow returns the draft that runs in shadow; its zero value where none
// ever did.
func (s *Store) ListShadow(ctx context.Context) (ListShadow, error) {
	var rows []ListShadow
	err := s.read(ctx, "list_shadows", &rows, "SELECT "+columnList(listShadowColumns)+" FROM list_shadows ORDER BY number DESC LIMIT 1")
	if err != nil || len(rows) == 0 {
		return ListShadow{}, err
	}
	return rows[0], nil
}

// ShadowCounts sums the counts of a shadow from a time on, by version in force
// and label.
func (s *Store) ShadowCounts(ctx context.Context, version string, from time.Time) ([]ShadowCount, error) {
	var rows []ShadowCount
	err := s.read(ctx, "shadow_counts", &rows, `
		SELECT min(hour) AS hour, version, published, label, sum(posts) AS posts, sum(live) AS live, sum(shadow) AS shadow, sum(both) AS both
		FROM shadow_counts AS c WHERE version = {version:String} AND c.hour >= fromUnixTimestamp64Milli({from:Int64}, 'UTC')
		GROUP BY version, published, label ORDER BY published, label`,
		clickhouse.Named("version", version), clickhouse.Named("from", max(from.UnixMilli(), 0)))
	return rows, err
}

// ShadowSamples returns the newest posts on which a shadow differs.
func (s *Store) ShadowSamples(ctx context.Context, version string, limit int) ([]ShadowSample, error) {
	var rows []ShadowSample
	err := s.read(ctx, "shadow_samples", &rows, "SELECT "+columnList(shadowSampleColumns)+`
		FROM shadow_samples FINAL WHERE version = {version:String} ORDER BY at DESC, id LIMIT {limit:UInt32}`,
		clickhouse.Named("version", version), clickhouse.Named("limit", uint32(limit))) //nolint:gosec // a page
	return rows, err
}

func (s *Store) insertShadow(ctx context.Context, batch *Batch) error {
	counts := make([]*ShadowCount, len(batch.ShadowCounts))
	for i := range counts {
		counts[i] = &batch.ShadowCounts[i]
	}
	if err := insertBlock(ctx, s, "shadow_counts", batch.Token, shadowCountColumns, counts); err != nil {
		return err
	}
	samples := make([]*ShadowSample, len(batch.ShadowSamples))
	for i := range samples {
		samples[i] = &batch.ShadowSamples[i]
	}
	return insertBlock(ctx, s, "shadow_samples", batch.Token, shadowSampleColumns, samples)
}
