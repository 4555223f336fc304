package store

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
)

// DecisionFilter chooses decisions. A zero field does not filter.
type DecisionFilter struct {
	// From (inclusive) and Until (exclusive) bound when the decision was made.
	From, Until time.Time
	// Region and each of Regions also choose the regions inside. Of Regions, which
	// are a person's rights, one is enough.
	Region   string
	Regions  []string
	Agency   string
	Platform string
	Language string
	// Lists is the version of the lists that flagged the post.
	Lists string
}

// Judged is how often people found a flag right.
type Judged struct {
	Value      string `ch:"value"`
	Violations uint64 `ch:"violations"`
	Judged     uint64 `ch:"judged"`
}

// judgedBy is what precision can be counted by, with view and column.
var judgedBy = map[string]string{
	"label": "SELECT judged_label AS value, countIf(correct) AS violations, count() AS judged FROM decisions_by_label",
	"rule":  "SELECT judged_rule AS value, countIf(correct) AS violations, count() AS judged FROM decisions_by_rule",
	"cause": "SELECT cause AS value, toUInt64(0) AS violations, count() AS judged FROM decisions_final",
}

// Judged counts the last words on flagged posts: by "label" or by "rule" (the
// source of a reason) how many there are and how many of them are violations; by
// "cause" how many flags were found wrong for it. The most frequent come first.
func (s *Store) Judged(ctx context.Context, by string, filter DecisionFilter) ([]Judged, error) {
	statement, ok := judgedBy[by]
	if !ok {
		return nil, fmt.Errorf("count decisions by %q; allowed: label, rule, cause", by)
	}
	until := int64(math.MaxInt64 / 1_000_000)
	if !filter.Until.IsZero() {
		until = filter.Until.UnixMilli()
	}
	from := int64(0)
	if !filter.From.IsZero() {
		from = max(0, filter.From.UnixMilli())
	}
	if filter.Regions == nil {
		filter.Regions = []string{}
	}
	var rows []Judged
	err := s.read(ctx, "judged_"+by, &rows, statement+`
		WHERE value != ''
			AND at >= fromUnixTimestamp64Milli({from:Int64}, 'UTC') AND at < fromUnixTimestamp64Milli({until:Int64}, 'UTC')
			AND ({region:String} = '' OR region = {region:String} OR startsWith(region, concat({region:String}, '.')))
			AND (empty({regions:Array(String)}) OR arrayExists(own -> region = own OR startsWith(region, concat(own, '.')), {regions:Array(String)}))
			AND ({agency:String} = '' OR agency = {agency:String})
			AND ({platform:String} = '' OR platform = {platform:String})
			AND ({language:String} = '' OR language = {language:String})
			AND ({lists:String} = '' OR lists_version = {lists:String})
		GROUP BY value
		ORDER BY judged DESC, value
		LIMIT 10000`,
		clickhouse.Named("from", from), clickhouse.Named("until", until),
		clickhouse.Named("region", filter.Region), clickhouse.Named("regions", filter.Regions),
		clickhouse.Named("agency", filter.Agency), clickhouse.Named("platform", filter.Platform),
		clickhouse.Named("language", filter.Language), clickhouse.Named("lists", filter.Lists))
	return rows, err
}
