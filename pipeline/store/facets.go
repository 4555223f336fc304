package store

import (
	"context"

	"github.com/netra-id/netra/pipeline/post"
)

// Facets counts the values of the flagged posts that the filter chooses, all in
// one reading of the table: posts that are alike in all of them are counted
// first, and only these few groups are taken apart. It gives up to 1,000 values
// of each kind.
func (s *Store) Facets(ctx context.Context, filter FlagFilter) (Facets, error) {
	var rows []struct {
		Facet string `ch:"facet"`
		Value string `ch:"value"`
		Posts uint64 `ch:"posts"`
	}
	err := s.read(ctx, "facets", &rows, `
		SELECT pair.1 AS facet, pair.2 AS value, sum(alike) AS posts
		FROM (
			SELECT alike, arrayJoin(arrayConcat(
				arrayMap(value -> ('label', toString(value)), arrayDistinct(labels)),
				arrayMap(value -> ('contestant', toString(value)), arrayDistinct(contestants)),
				[('region', toString(region)), ('agency', toString(agency)),
				 ('platform', toString(platform)), ('language', toString(language))]
			)) AS pair
			FROM (
				SELECT labels, contestants, region, agency, platform, language, count() AS alike
				FROM flagged_posts FINAL WHERE`+matching+`
				GROUP BY labels, contestants, region, agency, platform, language
			)
		)
		WHERE value != ''
		GROUP BY facet, value
		ORDER BY posts DESC, value
		LIMIT 1000 BY facet`, filter.parameters()...)
	if err != nil {
		return Facets{}, err
	}
	var facets Facets
	lists := map[string]*[]Facet{
		"label": &facets.Labels, "contestant": &facets.Contestants, "region": &facets.Regions,
		"agency": &facets.Agencies, "platform": &facets.Platforms, "language": &facets.Languages,
	}
	for _, row := range rows {
		list := lists[row.Facet]
		*list = append(*list, Facet{Value: row.Value, Posts: row.Posts})
	}
	return facets, nil
}

// Totals counts everything that is stored.
func (s *Store) Totals(ctx context.Context) (Totals, error) {
	var posts []struct {
		Posts uint64 `ch:"posts"`
	}
	if err := s.read(ctx, "totals_posts", &posts, "SELECT sum(posts) AS posts FROM hourly_counts"); err != nil {
		return Totals{}, err
	}
	var labels []struct {
		Label string `ch:"label"`
		Posts uint64 `ch:"posts"`
	}
	// The row with label '' counts every post once.
	err := s.read(ctx, "totals_flagged", &labels, `
		SELECT arrayJoin(arrayPushBack(arrayDistinct(labels), '')) AS label, count() AS posts
		FROM flagged_posts FINAL WHERE notEmpty(labels) GROUP BY label`)
	if err != nil {
		return Totals{}, err
	}
	totals := Totals{ByLabel: make(map[post.Label]uint64, len(labels))}
	if len(posts) > 0 {
		totals.Posts = posts[0].Posts
	}
	for _, row := range labels {
		if row.Label == "" {
			totals.Flagged = row.Posts
			continue
		}
		totals.ByLabel[post.Label(row.Label)] = row.Posts
	}
	return totals, nil
}
