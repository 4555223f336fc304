package coordinated

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"time"

	"github.com/netra-id/netra/pipeline/coordinated/sketch"
	"github.com/netra-id/netra/pipeline/store"
)

// tally counts a cluster's posts, which are in order; flags are the flagged posts
// by the hash of their id.
func tally(c *Cluster, posts []store.SketchedPost, flags map[uint64]store.PlacedFlag) []Item {
	var items []Item
	accounts, texts := map[uint64]bool{}, map[uint64]bool{}
	agencies, regions, platforms := newShares(), newShares(), newShares()
	harmless := map[sketch.Harmless]int{}
	c.Figures = Figures{InHour: mostWithin(posts, time.Hour)}
	for i := range posts {
		p := &posts[i]
		flag, flagged := flags[p.Post]
		if flagged {
			items = append(items, Item{ID: flag.ID, Region: flag.Region, Account: flag.Platform + ":" + flag.AccountID, CreatedAt: flag.CreatedAt})
		}
		accounts[p.Account], texts[p.Exact] = true, true
		agencies.add(p.Agency, p.Account, flagged)
		regions.add(p.Region, p.Account, flagged)
		platforms.add(p.Platform, p.Account, flagged)
		c.Shared += int(p.Shared)
		harmless[sketch.Harmless(p.Harmless)]++
	}
	c.FirstAt, c.LastAt = posts[0].CreatedAt, posts[len(posts)-1].CreatedAt
	c.Accounts, c.Posts, c.Flagged, c.Texts = len(accounts), len(posts), len(items), len(texts)
	c.Agencies, c.Regions, c.Platforms = agencies.sorted(), regions.sorted(), platforms.sorted()
	c.Step, c.Line = line(posts, flags)
	c.rank(harmless)
	return items
}

// shares counts accounts by a value.
type shares struct {
	accounts map[string]map[uint64]bool
	posts    map[string]*Share
}

func newShares() *shares {
	return &shares{accounts: map[string]map[uint64]bool{}, posts: map[string]*Share{}}
}

func (s *shares) add(value string, account uint64, flagged bool) {
	share := s.posts[value]
	if share == nil {
		share = &Share{Value: value}
		s.posts[value], s.accounts[value] = share, map[uint64]bool{}
	}
	share.Posts++
	if flagged {
		share.Flagged++
	}
	s.accounts[value][account] = true
}

// mostShares bounds how many values are kept.
const mostShares = 600

func (s *shares) sorted() []Share {
	var all []Share
	for value, share := range s.posts {
		share.Accounts = len(s.accounts[value])
		all = append(all, *share)
	}
	slices.SortFunc(all, func(a, b Share) int {
		return cmp.Or(cmp.Compare(b.Accounts, a.Accounts), cmp.Compare(a.Value, b.Value))
	})
	return all[:min(len(all), mostShares)]
}

// steps are the pieces of time of which a line can be.
var steps = []time.Duration{time.Minute, 5 * time.Minute, 15 * time.Minute, time.Hour, 3 * time.Hour, 24 * time.Hour}

// mostPieces bounds the pieces of a line.
const mostPieces = 48

// line counts posts over time, also the pieces in which there are none.
func line(posts []store.SketchedPost, flags map[uint64]store.PlacedFlag) (time.Duration, []Piece) {
	first, last := posts[0].CreatedAt, posts[len(posts)-1].CreatedAt
	step := steps[len(steps)-1]
	for _, s := range steps {
		if last.Sub(first.Truncate(s)) < mostPieces*s {
			step = s
			break
		}
	}
	begin := first.Truncate(step)
	pieces := make([]Piece, last.Sub(begin)/step+1)
	for i := range pieces {
		pieces[i].At = begin.Add(time.Duration(i) * step)
	}
	for i := range posts {
		piece := &pieces[posts[i].CreatedAt.Sub(begin)/step]
		piece.Posts++
		if _, flagged := flags[posts[i].Post]; flagged {
			piece.Flagged++
		}
	}
	return step, pieces
}

// How much of the rank each thing can give, of 100 together.
const (
	flaggedPoints = 50
	tightPoints   = 15
	agencyPoints  = 15
	regionPoints  = 10
	sizePoints    = 10
	// fewFlagged is the share of flagged posts below which an ordinary reason for
	// copies counts.
	fewFlagged = 0.2
)

// rank ranks the cluster, with the reasons, the weightiest first. What is flagged
// weighs most; then how close in time, how much of one agency or region, how many
// agencies, how many accounts. An ordinary reason for copies takes most of it
// away, unless much is flagged.
func (c *Cluster) rank(harmless map[sketch.Harmless]int) {
	c.Reasons = nil
	flagged := float64(c.Flagged) / float64(c.Posts)
	c.reason(Reason{Code: ReasonFlagged, Share: flagged, Count: c.Flagged}, flaggedPoints*math.Min(1, 1.5*flagged))
	tight := float64(c.InHour) / float64(c.Accounts)
	c.reason(Reason{Code: ReasonTight, Share: tight, Count: c.InHour}, tightPoints*over(tight, 0.3))
	c.rankPlaces()
	c.reason(Reason{Code: ReasonSize, Count: c.Accounts}, sizePoints*math.Min(1, math.Log10(float64(c.Accounts))/3))
	sum := 0
	for _, r := range c.Reasons {
		sum += r.Points
	}
	slices.SortStableFunc(c.Reasons, func(a, b Reason) int { return cmp.Compare(b.Points, a.Points) })
	if flagged < fewFlagged {
		sum -= c.ordinary(harmless, sum)
	}
	c.Rank = min(max(sum, 0), 100)
}

// rankPlaces adds what agencies and regions say: most of one, or several agencies
// of one region.
func (c *Cluster) rankPlaces() {
	known := slices.DeleteFunc(slices.Clone(c.Agencies), func(s Share) bool { return s.Value == "" })
	if len(known) > 0 {
		of := float64(known[0].Accounts) / float64(c.Accounts)
		one := Reason{Code: ReasonOneAgency, Share: of, Name: known[0].Value, Count: known[0].Accounts}
		many := Reason{Code: ReasonManyAgencies, Count: len(known)}
		onePoints, manyPoints := agencyPoints*over(of, 0.2), agencyPoints*math.Min(1, float64(len(known)-1)/6)*0.6
		if onePoints >= manyPoints {
			c.reason(one, onePoints)
		} else {
			c.reason(many, manyPoints)
		}
	}
	if regions := slices.DeleteFunc(slices.Clone(c.Regions), func(s Share) bool { return s.Value == "" }); len(regions) > 0 {
		of := float64(regions[0].Accounts) / float64(c.Accounts)
		c.reason(Reason{Code: ReasonOneRegion, Share: of, Name: regions[0].Value, Count: regions[0].Accounts}, regionPoints*over(of, 0.3))
	}
}

// ordinary takes points off for an ordinary reason for copies.
func (c *Cluster) ordinary(harmless map[sketch.Harmless]int, sum int) (points int) {
	codes := map[sketch.Harmless]string{
		sketch.Greeting: ReasonGreeting, sketch.Condolence: ReasonCondolence, sketch.Circular: ReasonCircular, sketch.Prayer: ReasonPrayer,
	}
	lower := func(code string, posts int, part float64) {
		share := float64(posts) / float64(c.Posts)
		if share <= 0.5 {
			return
		}
		off := int(math.Round(float64(sum-points) * part * share))
		c.Reasons = append(c.Reasons, Reason{Code: code, Share: share, Count: posts, Points: -off})
		points += off
	}
	for _, why := range slices.Sorted(maps.Keys(codes)) {
		lower(codes[why], harmless[why], 0.8)
	}
	lower(ReasonShared, c.Shared, 0.6)
	return points
}

// over is how far a share is above the one from which it counts, 0 to 1.
func over(share, from float64) float64 { return math.Max(0, (share-from)/(1-from)) }

func (c *Cluster) reason(r Reason, points float64) {
	if r.Points = int(math.Round(points)); r.Points > 0 {
		c.Reasons = append(c.Reasons, r)
	}
}
