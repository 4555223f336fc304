package coordinated_test

import (
	"fmt"
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/netra-id/netra/pipeline/access"
	"github.com/netra-id/netra/pipeline/coordinated"
	"github.com/netra-id/netra/pipeline/coordinated/sketch"
	"github.com/netra-id/netra/pipeline/database"
	"github.com/netra-id/netra/pipeline/database/databasetest"
	"github.com/netra-id/netra/pipeline/embedded/embeddedtest"
	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/store"
)

func TestMain(m *testing.M) { embeddedtest.Main(m, databasetest.Stop) }

var (
	noon     = time.Date(2024, 11, 20, 5, 0, 0, 0, time.UTC)
	everyone = access.Viewer{Name: "sari", Role: access.Analyst}
)

// site is a finder on real parts.
type site struct {
	t      testing.TB
	store  *store.Store
	db     *database.DB
	finder *coordinated.Finder
	maker  *sketch.Maker
	now    time.Time
	lots   int
	// members are the accounts of clusters, by id.
	members map[string]map[uint64]bool
}

func newSite(t testing.TB, db *database.DB) *site {
	t.Helper()
	c := embeddedtest.Engine(t)
	cfg := store.DefaultConfiguration()
	cfg.Address, cfg.User, cfg.Password, cfg.Database = "http://"+c.Address, c.User, c.Password, c.Database
	st, err := store.New(cfg, slog.New(slog.DiscardHandler), prometheus.NewRegistry())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = st.Close() })
	if err := st.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := coordinated.Migrate(t.Context(), db); err != nil {
		t.Fatal(err)
	}
	s := &site{t: t, store: st, db: db, now: noon.Add(12 * time.Hour)}
	// The sketches' time to live is by the engine's own clock.
	s.maker = sketch.NewMaker([]byte("a key for tests only"), 24*365*50*time.Hour)
	s.finder = s.newFinder()
	return s
}

func (s *site) newFinder() *coordinated.Finder {
	s.t.Helper()
	cfg := coordinated.DefaultConfiguration()
	cfg.Keep = 24 * 365 * 5 * time.Hour
	f, err := coordinated.New(cfg, coordinated.Dependencies{Database: s.db, Sketches: s.store, Maker: s.maker, Now: func() time.Time { return s.now }})
	if err != nil {
		s.t.Fatal(err)
	}
	return f
}

// insert stores the sketches of posts, and flags of those that are to be flagged.
func (s *site) insert(posts []written, flagged func(*post.Post) bool) {
	s.t.Helper()
	s.lots++
	batch := store.Batch{Token: fmt.Sprintf("test/0/%d", s.lots)}
	for i := range posts {
		p := &posts[i]
		var made sketch.Sketch
		if s.maker.Make(&made, &p.post, &p.person, noon) {
			batch.Sketches = append(batch.Sketches, made)
		}
		if flagged != nil && flagged(&p.post) {
			batch.Flags = append(batch.Flags, post.Flag{
				Post: p.post, Person: p.person, FlaggedAt: p.post.CreatedAt,
				Verdict: post.Verdict{ID: p.post.ID, Flagged: true, Labels: []post.LabelScore{{Label: post.Support, Score: 0.9}}},
			})
		}
	}
	if err := s.store.Insert(s.t.Context(), batch); err != nil {
		s.t.Fatal(err)
	}
}

func (s *site) look() {
	s.t.Helper()
	if err := s.finder.Look(s.t.Context()); err != nil {
		s.t.Fatal(err)
	}
}

func (s *site) clusters(viewer access.Viewer) []coordinated.Cluster {
	s.t.Helper()
	all, err := s.finder.Clusters(s.t.Context(), viewer, coordinated.Filter{})
	if err != nil {
		s.t.Fatal(err)
	}
	return all
}

func always(*post.Post) bool { return true }

func TestACampaignIsFoundAmongOrdinaryPostsAndKeepsItsIDAsItGrows(t *testing.T) {
	databasetest.EachOpen(t, func(t *testing.T, db *database.DB) {
		s, w := newSite(t, db), newWorld(7)
		var posts []written
		for range 3000 {
			posts = append(posts, w.ordinary(500, noon.Add(time.Duration(w.random.IntN(240))*time.Minute)))
		}
		campaign := w.campaign(40, noon, time.Hour)
		s.insert(append(posts, campaign[:25]...), nil)
		s.look()
		first := s.clusters(everyone)
		if len(first) != 1 {
			t.Fatalf("%d clusters, want 1", len(first))
		}
		if first[0].Accounts < 23 || first[0].Accounts > 25 {
			t.Errorf("%d accounts, want nearly 25", first[0].Accounts)
		}

		s.insert(campaign[25:], always) // late, and flagged
		s.look()
		grown := s.clusters(everyone)
		if len(grown) != 1 || grown[0].ID != first[0].ID {
			t.Fatalf("it became %d clusters, the first with id %s; want one with %s", len(grown), grown[0].ID, first[0].ID)
		}
		if grown[0].Accounts < 37 || grown[0].Accounts > 40 || grown[0].Flagged < 13 || grown[0].Rank <= first[0].Rank {
			t.Errorf("%d accounts (nearly 40), %d flagged (nearly 15), rank %d after %d", grown[0].Accounts, grown[0].Flagged, grown[0].Rank, first[0].Rank)
		}
		items, err := s.finder.Items(t.Context(), everyone, grown[0].ID)
		if err != nil || len(items) != grown[0].Flagged {
			t.Errorf("%d flagged posts listed of %d: %v", len(items), grown[0].Flagged, err)
		}
		again := grown[0].UpdatedAt
		s.now = s.now.Add(time.Minute)
		s.look()
		if now := s.clusters(everyone)[0]; !now.UpdatedAt.Equal(again) {
			t.Error("a look at nothing new counted again")
		}
	})
}

func TestAnotherNumberMakesAnotherCluster(t *testing.T) {
	db := databasetest.Open(t, databasetest.SQLite(t))
	s, w := newSite(t, db), newWorld(8)
	two := w.campaign(20, noon, time.Hour)
	s.insert(append(two, opposite(two, w)...), nil)
	s.look()
	all := s.clusters(everyone)
	if len(all) != 2 {
		t.Fatalf("%d clusters, want 2", len(all))
	}
	for _, c := range all {
		if c.Accounts > 20 {
			t.Errorf("%d accounts in one: numbers were joined", c.Accounts)
		}
	}
}

func TestFewAccountsOrALongTimeMakeNoCluster(t *testing.T) {
	db := databasetest.Open(t, databasetest.SQLite(t))
	s, w := newSite(t, db), newWorld(9)
	few := w.campaign(4, noon, time.Minute)
	one := w.campaign(30, noon, time.Minute)
	for i := range one {
		one[i].post.Account.ID = "same"
	}
	slow := w.campaign(12, noon, time.Minute)
	for i := range slow {
		slow[i].post.CreatedAt = noon.Add(time.Duration(i) * 5 * time.Hour)
	}
	s.insert(slices.Concat(few, one, slow), nil)
	s.look()
	if all := s.clusters(everyone); len(all) != 0 {
		t.Errorf("%d clusters of few accounts, one account, or a long time", len(all))
	}
}

func TestOrdinaryCopiesRankLowerWithTheReasonAndAreNotHidden(t *testing.T) {
	db := databasetest.Open(t, databasetest.SQLite(t))
	s, w := newSite(t, db), newWorld(10)
	var greeting, shared []written
	for i := range 60 {
		at := noon.Add(time.Duration(i) * time.Minute / 2)
		greeting = append(greeting, w.write("Selamat Hari Raya Natal dan tahun baru untuk semua saudara yang merayakan, damai di hati", fmt.Sprintf("g%d", i), at))
		passed := w.write("", fmt.Sprintf("r%d", i), at)
		passed.post.Kind, passed.post.Quoted = post.KindRepost, "Kabar dari kantor pusat: pelayanan berjalan seperti biasa di semua loket mulai pagi ini"
		shared = append(shared, passed)
	}
	s.insert(slices.Concat(greeting, shared, w.campaign(20, noon, time.Hour)), func(p *post.Post) bool { return p.Account.ID[0] == 'c' })
	s.look()
	all := s.clusters(everyone)
	if len(all) != 3 {
		t.Fatalf("%d clusters, want 3", len(all))
	}
	if all[0].Flagged == 0 || all[0].Grade() == coordinated.Low {
		t.Errorf("the campaign is not first: %+v", all[0])
	}
	var codes []string
	for _, c := range all[1:] {
		if c.Grade() != coordinated.Low {
			t.Errorf("ordinary copies rank %d", c.Rank)
		}
		codes = append(codes, c.Reasons[len(c.Reasons)-1].Code)
	}
	slices.Sort(codes)
	if !slices.Equal(codes, []string{coordinated.ReasonGreeting, coordinated.ReasonShared}) {
		t.Errorf("the reasons are %q", codes)
	}
}

func TestAViewerSeesClustersOfOwnRegionsAndOwnPosts(t *testing.T) {
	db := databasetest.Open(t, databasetest.SQLite(t))
	s, w := newSite(t, db), newWorld(11)
	posts := w.campaign(30, noon, time.Hour)
	for i := range posts {
		posts[i].person.Region = []string{"61.08", "62.01", "61.71"}[i%3]
	}
	s.insert(posts, always)
	s.look()
	inProvince := access.Viewer{Role: access.Analyst, Regions: []string{"61"}}
	all := s.clusters(inProvince)
	if len(all) != 1 {
		t.Fatalf("%d clusters", len(all))
	}
	items, err := s.finder.Items(t.Context(), inProvince, all[0].ID)
	if err != nil || len(items) == 0 || len(items) >= all[0].Flagged {
		t.Errorf("%d of %d flagged posts listed: %v", len(items), all[0].Flagged, err)
	}
	for _, item := range items {
		if !inProvince.Sees(item.Region) {
			t.Errorf("a post of %s is listed", item.Region)
		}
	}
	elsewhere := access.Viewer{Role: access.Analyst, Regions: []string{"73"}}
	if all := s.clusters(elsewhere); len(all) != 0 {
		t.Error("a cluster of other regions is listed")
	}
	if _, err := s.finder.Cluster(t.Context(), elsewhere, all[0].ID); err == nil {
		t.Error("a cluster of other regions is shown")
	}
	if _, err := s.finder.Clusters(t.Context(), access.Viewer{Role: access.Administrator}, coordinated.Filter{}); err == nil {
		t.Error("an administrator sees clusters")
	}
}

func TestClustersThatABridgeJoinsBecomeTheOldest(t *testing.T) {
	databasetest.EachOpen(t, func(t *testing.T, db *database.DB) {
		s, w := newSite(t, db), newWorld(12)
		text := w.text(20)
		at := func(hour float64, n int) []written {
			var posts []written
			for i := range n {
				posts = append(posts, w.write(fmt.Sprint(text), fmt.Sprintf("b%v-%d", hour, i), noon.Add(time.Duration(hour*float64(time.Hour))+time.Duration(i)*time.Second)))
			}
			return posts
		}
		s.insert(at(0, 8), nil)
		s.look()
		oldest := s.clusters(everyone)[0].ID
		s.insert(at(8, 8), nil) // more than the window later
		s.now = s.now.Add(time.Minute)
		s.look()
		two := s.clusters(everyone)
		if len(two) != 2 {
			t.Fatalf("%d clusters, want 2", len(two))
		}
		s.insert(at(4, 3), nil) // late: they are one
		s.look()
		one := s.clusters(everyone)
		if len(one) != 1 || one[0].ID != oldest || one[0].Accounts != 19 {
			t.Fatalf("%d clusters; id %s with %d accounts, want %s with 19", len(one), one[0].ID, one[0].Accounts, oldest)
		}
		for _, before := range two {
			if c, err := s.finder.Cluster(t.Context(), everyone, before.ID); err != nil || c.ID != oldest {
				t.Errorf("the cluster %s leads to %s: %v", before.ID, c.ID, err)
			}
		}
	})
}

func TestOneConsoleLooksAtATime(t *testing.T) {
	databasetest.EachOpen(t, func(t *testing.T, db *database.DB) {
		s, w := newSite(t, db), newWorld(13)
		s.look() // takes the lease
		second := s.newFinder()
		s.insert(w.campaign(10, noon, time.Hour), nil)
		if err := second.Look(t.Context()); err != nil {
			t.Fatal(err)
		}
		if len(s.clusters(everyone)) != 0 {
			t.Error("a second console looked while the first has the lease")
		}
		s.now = s.now.Add(time.Hour) // the first one is gone
		if err := second.Look(t.Context()); err != nil {
			t.Fatal(err)
		}
		if len(s.clusters(everyone)) != 1 {
			t.Error("nobody looks after the first console is gone")
		}
	})
}

func TestARepeatedBatchIsStoredOnce(t *testing.T) {
	db := databasetest.Open(t, databasetest.SQLite(t))
	s, w := newSite(t, db), newWorld(14)
	posts := w.campaign(10, noon, time.Hour)
	s.insert(posts, nil)
	s.lots--
	s.insert(posts, nil)
	hours, err := s.store.SketchHours(t.Context(), s.maker.KeyID(), time.Time{})
	stored := uint64(0)
	for _, h := range hours {
		stored += h.Posts
	}
	if err != nil || stored != 10 {
		t.Errorf("%d sketches stored, want 10: %v", stored, err)
	}
}
