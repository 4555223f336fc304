package console

import (
	"strconv"
	"time"

	"github.com/netra-id/netra/pipeline/console/i18n"
)

const (
	// mostSeries bounds the lines of one chart.
	mostSeries = 8
	// mostPieces bounds the pieces of time of one chart.
	mostPieces = 110
)

// chartView is a table of numbers over time, which scripts also draw.
type chartView struct {
	ID, Title, Note string
	// Decimals is how many decimals the numbers have, Zone the zone of the times.
	Decimals int
	Zone     string
	Step     string
	Series   []string
	Rows     []chartRow
	// Empty says that there is nothing to draw.
	Empty bool
}

type chartRow struct {
	Text  string
	Unix  int64
	Cells []chartCell
}

// chartCell is a number for people and for scripts; both are empty where there is
// none.
type chartCell struct{ Text, Value string }

func (v viewer) cell(value float64, known bool, decimals int) chartCell {
	if !known {
		return chartCell{Text: "–"}
	}
	if decimals == 0 {
		return chartCell{Text: v.number(int(value)), Value: strconv.FormatFloat(value, 'f', 0, 64)}
	}
	return chartCell{Text: v.words.Decimal(value), Value: strconv.FormatFloat(value, 'g', 6, 64)}
}

// pieces are the beginnings of the pieces of time of a period. The first one may
// begin before it: a week begins on Monday.
func pieces(from, until time.Time, step string) []time.Time {
	var all []time.Time
	for at := pieceOf(from, step); at.Before(until); at = nextPiece(at, step) {
		all = append(all, at)
	}
	return all
}

// pieceOf is the beginning of the piece in which a time lies, in its zone.
func pieceOf(t time.Time, step string) time.Time {
	year, month, day := t.Date()
	switch step {
	case "hour":
		return time.Date(year, month, day, t.Hour(), 0, 0, 0, t.Location())
	case "week":
		return time.Date(year, month, day-(int(t.Weekday())+6)%7, 0, 0, 0, 0, t.Location())
	case "month":
		return time.Date(year, month, 1, 0, 0, 0, 0, t.Location())
	default:
		return time.Date(year, month, day, 0, 0, 0, 0, t.Location())
	}
}

func nextPiece(t time.Time, step string) time.Time {
	switch step {
	case "hour":
		return t.Add(time.Hour)
	case "week":
		return t.AddDate(0, 0, 7)
	case "month":
		return t.AddDate(0, 1, 0)
	default:
		return t.AddDate(0, 0, 1)
	}
}

// fitting is the wanted step, or the next longer one that makes few enough pieces
// of the period.
func fitting(from, until time.Time, wanted string) string {
	lengths := map[string]time.Duration{"hour": time.Hour, "day": 24 * time.Hour, "week": 7 * 24 * time.Hour}
	begun := false
	for _, step := range trendSteps {
		if begun = begun || step == wanted; begun && lengths[step]*mostPieces >= until.Sub(from) {
			return step
		}
	}
	return "month"
}

// piece says a piece of time: 20 Nov 2024, with the hour, or as a month.
func piece(words *i18n.Catalogue, at time.Time, step string) string {
	switch step {
	case "hour":
		return words.DateTime(at)
	case "month":
		return words.T("month."+strconv.Itoa(int(at.Month()))) + " " + strconv.Itoa(at.Year())
	case "week":
		return words.T("trends.week_of", "date", words.Date(at))
	default:
		return words.Date(at)
	}
}
