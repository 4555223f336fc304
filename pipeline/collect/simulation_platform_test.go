package collect_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"sort"
	"strconv"
	"sync"
	"time"

	"github.com/netra-id/netra/pipeline/collect"
	"github.com/netra-id/netra/pipeline/post"
)

// simulated is a platform that is not there: its accounts post by chance, it
// answers late, fails now and then, and counts whether it is asked more than it
// allows.
type simulated struct {
	name      string
	accounts  []*simulatedAccount
	byID      map[string]*simulatedAccount
	hosts     int
	quota     collect.Quota
	location  *time.Location
	perWindow int // requests that a host answers in each five minutes, 0 for any number
	away      collect.Period

	mu       sync.Mutex
	requests map[string]int // by host and window
	units    map[string]int // by the quota's window
	tooMany  int
	visits   int
}

type simulatedAccount struct {
	collect.Account
	host    string
	ended   collect.Kind
	posts   []time.Time
	mu      sync.Mutex
	visited []time.Time
}

const simulatedWindow = 5 * time.Minute

// newSimulated makes a platform. Paces are spread as those of people are: half
// of all post less than once in four days, a few many times a day.
func newSimulated(p simulatedPlatform, n int, period collect.Period, random *rand.Rand) *simulated {
	s := &simulated{
		name: p.name, byID: map[string]*simulatedAccount{}, hosts: p.hosts, quota: p.quota.WithDefaults(), perWindow: p.perWindow,
		requests: map[string]int{}, units: map[string]int{}, away: p.away,
	}
	s.location, _ = time.LoadLocation(s.quota.TimeZone)
	for i := range n {
		id := p.name + strconv.Itoa(i)
		a := &simulatedAccount{Account: collect.Account{ID: id, Handle: "@" + id, Region: "62"}}
		if i%10 == 0 {
			a.Region = silentRegion
		}
		if p.hosts > 1 {
			a.host = fmt.Sprintf("host%d.%s.example", i%p.hosts, p.name)
		}
		switch i % 500 {
		case 7:
			a.ended = collect.KindGone
		case 8:
			a.ended = collect.KindPrivate
		}
		perDay := min(0.25*math.Exp(1.5*random.NormFloat64()), 40)
		a.posts = postTimes(perDay, period, random)
		s.accounts = append(s.accounts, a)
		s.byID[id] = a
	}
	return s
}

// postTimes draws the times of posts: five times as many by day as by night.
func postTimes(perDay float64, period collect.Period, random *rand.Rand) []time.Time {
	const peak = 1.5
	var times []time.Time
	for at := period.From; ; {
		at = at.Add(time.Duration(random.ExpFloat64() / (perDay * peak) * float64(24*time.Hour)))
		if !at.Before(period.Until) {
			return times
		}
		night := at.UTC().Hour() >= 15 && at.UTC().Hour() < 22 // 22 to 5 in WIB
		if keep := 1 / peak; night && random.Float64() < keep/4 || !night && random.Float64() < keep*1.3 {
			times = append(times, at.Truncate(time.Second))
		}
	}
}

func (s *simulated) Name() string { return s.name }

// Accounts lists the platform's accounts, as the roster would.
func (s *simulated) Accounts(context.Context, string) ([]collect.Account, error) {
	accounts := make([]collect.Account, len(s.accounts))
	for n, a := range s.accounts {
		accounts[n] = a.Account
	}
	return accounts, nil
}

func (s *simulated) Targets(ctx context.Context) ([]collect.Target, error) {
	targets, err := collect.AccountTargets(ctx, s, "web")
	for n := range targets {
		targets[n].Host = s.accounts[n].host
	}
	return targets, err
}

const simulatedPage = 20

// Collect asks for the posts after the cursor, page by page.
func (s *simulated) Collect(ctx context.Context, target collect.Target, cursor collect.Cursor, sink collect.Sink) (collect.Result, error) {
	a := s.byID[target.ID]
	a.mu.Lock()
	a.visited = append(a.visited, time.Now())
	a.mu.Unlock()
	from, _ := strconv.Atoi(string(cursor))
	for {
		if err := sink.Wait(ctx); err != nil {
			return collect.Result{}, err
		}
		limit, err := s.answer(ctx, a)
		sink.Limit(limit)
		if err != nil {
			return collect.Result{}, err
		}
		now := time.Now()
		until := from
		for until < len(a.posts) && until < from+simulatedPage && !a.posts[until].After(now) {
			until++
		}
		if until == from {
			return collect.Result{Handle: a.Handle}, nil
		}
		page := collect.Page{Cursor: collect.Cursor(strconv.Itoa(until))}
		for ; from < until; from++ {
			page.Items = append(page.Items, collect.Item{Post: post.Post{
				ID: "web:" + a.ID + ":" + strconv.Itoa(from), Platform: "web", Kind: post.KindPost, Account: post.Account{ID: a.ID},
				Text: "x", CreatedAt: a.posts[from],
			}})
		}
		if err := sink.Emit(ctx, page); err != nil {
			return collect.Result{}, err
		}
		if len(page.Items) < simulatedPage {
			return collect.Result{Handle: a.Handle}, nil
		}
	}
}

// answer takes its time, counts, and says what is left.
func (s *simulated) answer(ctx context.Context, a *simulatedAccount) (collect.Limit, error) {
	wait := 50*time.Millisecond + time.Duration(rand.ExpFloat64()*float64(150*time.Millisecond))
	select {
	case <-time.After(wait):
	case <-ctx.Done():
		return collect.Limit{}, ctx.Err()
	}
	now := time.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.visits++
	y, m, d := now.In(s.location).Date()
	day := fmt.Sprintf("%d-%d-%d", y, m, d)
	s.units[day]++
	if s.quota.Units > 0 && s.units[day] > s.quota.Units {
		s.tooMany++
	}
	limit := collect.Limit{Remaining: -1}
	if s.perWindow > 0 {
		start := now.Truncate(simulatedWindow)
		key := a.host + start.String()
		s.requests[key]++
		if s.requests[key] > s.perWindow {
			s.tooMany++
			return limit, &collect.Error{Kind: collect.KindRateLimited, RetryAfter: start.Add(simulatedWindow).Sub(now), Err: errAway}
		}
		limit = collect.Limit{Remaining: s.perWindow - s.requests[key], Reset: start.Add(simulatedWindow)}
	}
	switch {
	case !s.away.Until.IsZero() && s.away.Contains(now) && (a.host == "" || a.host == s.accounts[0].host):
		return limit, collect.Errorf(collect.KindTemporary, "the platform is away")
	case a.ended != "":
		return limit, collect.Errorf(a.ended, "the account cannot be seen")
	case rand.IntN(200) == 0:
		return limit, collect.Errorf(collect.KindTemporary, "an error of the server")
	}
	return limit, nil
}

// longestUnvisited is the longest time that an account waited for a visit, from
// the start to the end.
func (s *simulated) longestUnvisited(period collect.Period) (longest time.Duration) {
	for _, a := range s.accounts {
		if a.ended != "" {
			continue
		}
		last := period.From
		for _, at := range append(a.visited, period.Until) {
			longest = max(longest, at.Sub(last))
			last = at
		}
	}
	return longest
}

// arrivals is the queue of a simulation.
type arrivals struct {
	mu     sync.Mutex
	times  map[string]time.Time
	twice  int
	delays map[string][]time.Duration // by platform, of posts from settled on
	silent []time.Duration            // of the silent region, in its silent period
	before []time.Duration            // of the same accounts before it
	// settled is when the first visits are over.
	settled, silentFrom time.Time
	platformOf          func(account string) *simulated
}

func (a *arrivals) Send(_ context.Context, posts []collect.Outgoing) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	now := time.Now()
	for n := range posts {
		p := &posts[n].Post
		if _, known := a.times[p.ID]; known {
			a.twice++
			continue
		}
		a.times[p.ID] = now
		if p.CreatedAt.Before(a.settled) {
			continue
		}
		platform := a.platformOf(p.Account.ID)
		delay := now.Sub(p.CreatedAt)
		a.delays[platform.name] = append(a.delays[platform.name], delay)
		if platform.byID[p.Account.ID].Region == silentRegion {
			if p.CreatedAt.Before(a.silentFrom) {
				a.before = append(a.before, delay)
			} else {
				a.silent = append(a.silent, delay)
			}
		}
	}
	return nil
}

func (a *arrivals) Reject(context.Context, []collect.Rejected) error { return nil }

// everybody is a roster that knows all.
type everybody struct{}

func (everybody) Has(string) bool { return true }

func (everybody) Resolve(string, time.Time) (post.Person, bool) { return post.Person{}, true }

const silentRegion = "61"

// silence is the calendar of one election.
type silence struct{ from time.Time }

func (s silence) Silent(region string, at time.Time) bool {
	return region == silentRegion && !at.Before(s.from)
}

// quantile returns the delay below which the part of all lies.
func quantile(delays []time.Duration, part float64) time.Duration {
	if len(delays) == 0 {
		return 0
	}
	sort.Slice(delays, func(i, j int) bool { return delays[i] < delays[j] })
	return delays[min(int(part*float64(len(delays))), len(delays)-1)].Round(time.Second)
}
