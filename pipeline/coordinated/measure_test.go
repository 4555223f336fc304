package coordinated_test

import (
	"flag"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/netra-id/netra/pipeline/coordinated"
	"github.com/netra-id/netra/pipeline/database/databasetest"
)

var (
	measuredPosts    = flag.Int("coordinated.posts", 0, "measure with so many ordinary posts of one day (make bench-coordinated)")
	measuredAccounts = flag.Int("coordinated.accounts", 100_000, "of so many accounts")
)

// planted is a campaign of which it is known who takes part.
type planted struct {
	prefix   string // of the accounts
	accounts int
}

// TestMeasure plants campaigns among the ordinary posts of a day and says how many
// of them, and of their accounts, are found, what else is, and how long it takes.
func TestMeasure(t *testing.T) {
	if *measuredPosts == 0 {
		t.Skip("make bench-coordinated measures")
	}
	s, w := newSite(t, databasetest.Open(t, databasetest.SQLite(t))), newWorld(99)
	hours := make([][]written, 24)
	put := func(posts []written) {
		for _, p := range posts {
			hours[p.post.CreatedAt.Hour()] = append(hours[p.post.CreatedAt.Hour()], p)
		}
	}
	midnight := noon.Truncate(24 * time.Hour)
	var campaigns []planted
	for i := range 60 {
		from := midnight.Add(time.Duration(1+i%20)*time.Hour + time.Duration(i)*time.Minute)
		accounts := []int{8, 15, 40, 120}[i%4]
		posts := w.campaign(accounts, from, 2*time.Hour)
		campaigns = append(campaigns, planted{strings.SplitN(posts[0].post.Account.ID, "-", 2)[0], accounts})
		put(posts)
		if i%3 == 0 { // the same with another number, which must not join
			others := opposite(posts, w)
			campaigns = append(campaigns, planted{strings.SplitN(others[0].post.Account.ID, "-", 2)[0], accounts})
			put(others)
		}
	}
	var inserting, longest, whole time.Duration
	for hour := range 24 {
		for range *measuredPosts / 24 {
			put([]written{w.ordinary(*measuredAccounts, midnight.Add(time.Duration(hour)*time.Hour+time.Duration(w.random.IntN(3600))*time.Second))})
		}
		began := time.Now()
		s.insert(hours[hour], nil)
		inserting += time.Since(began)
		began = time.Now()
		s.now = midnight.Add(time.Duration(hour+1) * time.Hour)
		s.look()
		took := time.Since(began)
		whole, longest = whole+took, max(longest, took)
		hours[hour] = nil
	}
	s.report(t, campaigns, inserting, whole, longest)
}

func (s *site) report(t *testing.T, campaigns []planted, inserting, whole, longest time.Duration) {
	t.Helper()
	found, other, members, wanted := 0, 0, 0, 0
	all := s.clusters(everyone)
	taken := map[string]bool{}
	for _, c := range campaigns {
		wanted += c.accounts
		best := 0
		for i := range all {
			if mine := s.accountsOf(t, &all[i], c.prefix); mine > best {
				best = mine
				taken[all[i].ID] = true
			}
		}
		members += best
		if best*2 >= c.accounts {
			found++
		}
	}
	strangers := 0
	for i := range all {
		if !taken[all[i].ID] {
			other++
			strangers += all[i].Accounts
		}
	}
	fmt.Printf("%d ordinary posts of %d accounts and %d planted campaigns with %d accounts\n", *measuredPosts, *measuredAccounts, len(campaigns), wanted)
	fmt.Printf("recall: %d of %d campaigns, %d of %d accounts (%.1f%%)\n", found, len(campaigns), members, wanted, 100*float64(members)/float64(wanted))
	fmt.Printf("precision: %d clusters, %d of them none of the campaigns (%d accounts)\n", len(all), other, strangers)
	fmt.Printf("time: %s to insert, %s for 24 looks at an hour each, the longest %s\n", inserting.Round(time.Millisecond), whole.Round(time.Millisecond), longest.Round(time.Millisecond))
}

// accountsOf counts the accounts of a campaign in a cluster, by their hashes.
func (s *site) accountsOf(t *testing.T, c *coordinated.Cluster, prefix string) int {
	t.Helper()
	if s.members == nil {
		s.members = map[string]map[uint64]bool{}
	}
	if s.members[c.ID] == nil {
		s.members[c.ID] = s.accountsIn(t, c)
	}
	n := 0
	for i := range 200 {
		if s.members[c.ID][s.maker.AccountHash(fmt.Sprintf("x:%s-%d", prefix, i))] {
			n++
		}
	}
	return n
}
