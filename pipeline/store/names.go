package store

import (
	"context"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"

	"github.com/netra-id/netra/pipeline/roster"
)

// Names are what dashboards call regions and contestants.
type Names struct {
	Regions   []roster.Region
	Elections []roster.Election
}

type placeRow struct {
	Code      string    `ch:"code"`
	Name      string    `ch:"name"`
	UpdatedAt time.Time `ch:"updated_at"`
}

type contestantRow struct {
	Election     string    `ch:"election"`
	ElectionName string    `ch:"election_name"`
	Region       string    `ch:"region"`
	Contestant   string    `ch:"contestant"`
	Number       uint16    `ch:"number"`
	Name         string    `ch:"name"`
	UpdatedAt    time.Time `ch:"updated_at"`
}

// placeColumns and contestantColumns are the columns of place_names and
// election_contestants, as migration 13 makes them.
var (
	placeColumns = []clickhouse.ColumnNameAndType{
		{Name: "code", Type: "String"}, {Name: "name", Type: "String"}, {Name: "updated_at", Type: "DateTime64(3, 'UTC')"},
	}
	contestantColumns = []clickhouse.ColumnNameAndType{
		{Name: "election", Type: "String"}, {Name: "election_name", Type: "String"}, {Name: "region", Type: "String"},
		{Name: "contestant", Type: "String"}, {Name: "number", Type: "UInt16"}, {Name: "name", Type: "String"},
		{Name: "updated_at", Type: "DateTime64(3, 'UTC')"},
	}
)

// SaveNames stores names for the dashboards. A later name of a region or
// contestant replaces the earlier one; what is not named stays, as its flags do.
func (s *Store) SaveNames(ctx context.Context, names Names) error {
	now := time.Now().UTC().Truncate(time.Millisecond)
	token := "names/" + now.Format(time.RFC3339Nano)
	var places []*placeRow
	for _, region := range names.Regions {
		places = append(places, &placeRow{Code: region.Code, Name: region.Name, UpdatedAt: now})
	}
	var contestants []*contestantRow
	for i := range names.Elections {
		election := &names.Elections[i]
		for _, c := range election.Contestants {
			contestants = append(contestants, &contestantRow{
				Election: election.ID, ElectionName: election.Name, Region: election.Region,
				Contestant: c.ID, Number: uint16(min(max(c.Number, 0), 1<<16-1)), Name: strings.Join(c.Names, " – "), UpdatedAt: now, //nolint:gosec // bounded
			})
		}
	}
	if err := insertBlock(ctx, s, "place_names", token, placeColumns, places); err != nil {
		return s.failed("names", "save the names of regions", err)
	}
	return s.failed("names", "save the names of contestants", insertBlock(ctx, s, "election_contestants", token, contestantColumns, contestants))
}
