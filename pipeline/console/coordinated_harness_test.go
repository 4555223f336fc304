package console_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/netra-id/netra/pipeline/access"
	"github.com/netra-id/netra/pipeline/console"
	"github.com/netra-id/netra/pipeline/coordinated"
	"github.com/netra-id/netra/pipeline/coordinated/sketch"
	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/store"
)

// withCoordinated lets a console look for copies of posts in a store.
func withCoordinated(t testing.TB, st *store.Store, finder **coordinated.Finder, now time.Time) func(context.Context, console.CoordinatedParts) (*coordinated.Finder, error) {
	t.Helper()
	return func(ctx context.Context, parts console.CoordinatedParts) (*coordinated.Finder, error) {
		if err := coordinated.Migrate(ctx, parts.Database); err != nil {
			return nil, err
		}
		if st == nil {
			st = newStore(t, nil)
		}
		cfg := coordinated.DefaultConfiguration()
		cfg.Keep = 24 * 365 * 5 * time.Hour
		f, err := coordinated.New(cfg, coordinated.Dependencies{
			Database: parts.Database, Sketches: st, Maker: coordinatedMaker(), Now: func() time.Time { return now },
		})
		if finder != nil {
			*finder = f
		}
		return f, err
	}
}

func coordinatedMaker() *sketch.Maker {
	return sketch.NewMaker([]byte("a key for tests only"), 24*365*50*time.Hour)
}

// copied is one text by many accounts.
type copied struct {
	text     string
	accounts int
	every    time.Duration
	from     time.Time
	flagged  func(i int) bool
	region   func(i int) string
	agency   func(i int) string
	kind     post.Kind
}

// storeCopies stores sketches of copies, and flags of those that are flagged.
func storeCopies(t testing.TB, st *store.Store, name string, c copied) {
	t.Helper()
	maker, batch := coordinatedMaker(), store.Batch{Token: "copies/" + name}
	for i := range c.accounts {
		p := post.Post{
			ID: fmt.Sprintf("x:%s-%d", name, i), Platform: "x", Kind: c.kind, Account: post.Account{ID: fmt.Sprintf("%s-%d", name, i), Handle: fmt.Sprintf("@akun%d", i)},
			Text: c.text, CreatedAt: c.from.Add(time.Duration(i) * c.every), CollectedAt: c.from.Add(time.Hour),
		}
		if c.kind == post.KindRepost {
			p.Text, p.Quoted = "", c.text
		}
		person := post.Person{PersonID: "hmac:" + p.Account.ID, Region: c.region(i), Agency: c.agency(i)}
		var s sketch.Sketch
		if !maker.Make(&s, &p, &person, c.from) {
			t.Fatal("a text of too few words")
		}
		batch.Sketches = append(batch.Sketches, s)
		if c.flagged(i) {
			batch.Flags = append(batch.Flags, post.Flag{Post: p, Person: person, FlaggedAt: p.CollectedAt, Verdict: post.Verdict{
				ID: p.ID, Flagged: true, Language: post.Language{Code: "id", Confidence: 1},
				Labels: []post.LabelScore{{Label: post.Support, Score: 0.93, Contestant: "landak-2", Reasons: []post.Reason{{Kind: post.ReasonKeyword, Source: "support/vote-for", Text: "coblos"}}}},
			}})
		}
	}
	if err := st.Insert(t.Context(), batch); err != nil {
		t.Fatal(err)
	}
}

const mobilisation = "Ayo warga Landak, besok kita rapatkan barisan dan coblos nomor 2 di TPS masing-masing, jangan lupa ajak keluarga semua!"

// coordinatedSite is a console with a campaign, a greeting, and a shared post.
func coordinatedSite(t testing.TB) (*site, []coordinated.Cluster) {
	t.Helper()
	st := newStore(t, nil)
	now := time.Now().Truncate(time.Second)
	from := now.Add(-3 * time.Hour)
	agencies := []string{"Dinas Pendidikan Kabupaten Landak", "Kecamatan Ngabang", "Dinas Kesehatan Kabupaten Landak"}
	storeCopies(t, st, "kampanye", copied{
		text: mobilisation, accounts: 42, every: 90 * time.Second, from: from, flagged: func(i int) bool { return i%4 != 3 },
		region: func(i int) string { return []string{"61.08", "61.08", "61.71"}[i%3] }, agency: func(i int) string { return agencies[min(i%5, 2)] },
	})
	storeCopies(t, st, "ucapan", copied{
		text: "Selamat Hari Guru Nasional untuk semua bapak dan ibu guru, terima kasih atas pengabdiannya", accounts: 120, every: time.Minute, from: from,
		flagged: func(int) bool { return false }, region: func(i int) string { return fmt.Sprintf("%d.%02d", 61+i%3, 1+i%9) }, agency: func(i int) string { return fmt.Sprintf("Dinas %d", i%40) },
	})
	storeCopies(t, st, "terusan", copied{
		text: "Kabar dari kantor: pelayanan berjalan seperti biasa di semua loket mulai pagi ini", accounts: 30, every: time.Minute, from: from, kind: post.KindRepost,
		flagged: func(int) bool { return false }, region: func(int) string { return "62.08" }, agency: func(int) string { return "Dinas Dukcapil" },
	})
	var finder *coordinated.Finder
	s := newSite(t, options{data: st, change: func(_ *console.Configuration, d *console.Dependencies) {
		d.Coordinated = withCoordinated(t, st, &finder, now)
		d.Cases = withCases(t, &archive{})
	}})
	if err := finder.Look(t.Context()); err != nil {
		t.Fatal(err)
	}
	all, err := finder.Clusters(t.Context(), access.Viewer{Name: "rina", Role: access.Supervisor}, coordinated.Filter{})
	if err != nil || len(all) != 3 {
		t.Fatalf("%d clusters, want 3: %v", len(all), err)
	}
	return s, all
}
