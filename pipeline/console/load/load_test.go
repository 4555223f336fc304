// Package load measures the console under load: analysts at work, each with a
// session of their own and by real HTTP, on a queue of very many flagged posts in
// the console's database, with the posts that they open in a real ClickHouse. It
// is a test binary, so that it can start both; without -load.items it does
// nothing. `make bench-console` runs it.
package load

import (
	"flag"
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/netra-id/netra/pipeline/database/databasetest"
	"github.com/netra-id/netra/pipeline/embedded/embeddedtest"
)

var (
	items    = flag.Int("load.items", 0, "flagged posts in the queue; 0 measures nothing")
	analysts = flag.Int("load.analysts", 100, "analysts at work")
	pace     = flag.Float64("load.pace", 1000, "reviews an hour that each analyst aims at, before all work without a pause; 0 is only that")
	lasts    = flag.Duration("load.for", 60*time.Second, "how long is measured, after a warm-up of a fifth of it")
	where    = flag.String("load.database", "both", "sqlite, postgres or both")
	seen     = flag.Int("load.stored", 0, "posts in ClickHouse; 0 is all of the queue")
)

func TestMain(m *testing.M) { embeddedtest.Main(m, databasetest.Stop) }

func TestLoad(t *testing.T) {
	if *items == 0 {
		t.Skip("-load.items says how many posts are in the queue; see make bench-console")
	}
	fmt.Printf("%s, Go %s, %d CPUs\n", time.Now().Format(time.DateOnly), runtime.Version(), runtime.NumCPU())
	data := newStore(t)
	for name, address := range map[string]func(testing.TB) string{"sqlite": databasetest.SQLite, "postgres": databasetest.Postgres} {
		if *where != "both" && *where != name {
			continue
		}
		t.Run(name, func(t *testing.T) {
			site := newSite(t, address(t), data)
			if *pace > 0 {
				site.measure(t, fmt.Sprintf("%s, at %.0f reviews an hour", name, *pace), *pace)
			}
			site.measure(t, name+", without a pause", 0)
		})
	}
}
