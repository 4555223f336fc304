package store_test

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/netra-id/netra/pipeline/embedded/embeddedtest"
	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/store"
)

func TestMain(m *testing.M) { embeddedtest.Main(m) }

// configurationOf is how a test's database is reached.
func configurationOf(c embeddedtest.Connection) store.Configuration {
	configuration := store.DefaultConfiguration()
	configuration.Address = "http://" + c.Address
	configuration.User, configuration.Password, configuration.Database = c.User, c.Password, c.Database
	return configuration
}

func open(t testing.TB, configuration store.Configuration) *store.Store {
	t.Helper()
	s, err := store.New(configuration, discard, prometheus.NewRegistry())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// migrated is a store on a fresh database with its tables.
func migrated(t testing.TB) (*store.Store, embeddedtest.Connection) {
	t.Helper()
	connection := embeddedtest.Engine(t)
	s := open(t, configurationOf(connection))
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s, connection
}

var discard = slog.New(slog.DiscardHandler)

var noon = time.Date(2024, 11, 20, 5, 0, 0, 0, time.UTC)

// flagOf is a small flag to change; minute is its post's age in minutes.
func flagOf(id string, minute int, change ...func(*post.Flag)) post.Flag {
	f := post.Flag{
		Post: post.Post{
			ID: id, Platform: "mastodon", Kind: post.KindPost, Account: post.Account{ID: "42"}, Text: "coblos nomor 2",
			CreatedAt:   noon.Add(-time.Duration(minute) * time.Minute),
			CollectedAt: noon.Add(time.Minute),
		},
		Person: post.Person{PersonID: "hmac:1", Agency: "Dinas Pendidikan", Region: "61.08"},
		Verdict: post.Verdict{
			ID: id, Language: post.Language{Code: "id", Confidence: 1}, Flagged: true,
			Labels: []post.LabelScore{{
				Label: post.Support, Score: 0.9, Contestant: "landak-2",
				Reasons: []post.Reason{{Kind: post.ReasonKeyword, Source: "support/vote-for", Start: 0, End: 14, Text: "coblos nomor 2", Weight: 0.9}},
			}},
			Attributes: map[string]float64{},
		},
		FlaggedAt: noon.Add(2 * time.Minute), Topic: "netra.posts", Offset: int64(minute),
	}
	for _, c := range change {
		c(&f)
	}
	return f
}

func insert(t testing.TB, s *store.Store, token string, flags ...post.Flag) {
	t.Helper()
	if err := s.Insert(t.Context(), store.Batch{Token: token, Flags: flags}); err != nil {
		t.Fatal(err)
	}
}

// query1 asks past the store for one value.
func query1(t testing.TB, connection embeddedtest.Connection, query string) string {
	t.Helper()
	output, err := connection.Query(t.Context(), query+" FORMAT TSVRaw")
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSuffix(output, "\n")
}
