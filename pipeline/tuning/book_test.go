package tuning_test

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/netra-id/netra/pipeline/database/databasetest"
	"github.com/netra-id/netra/pipeline/tuning"
)

func TestMain(m *testing.M) { databasetest.Main(m) }

// compiler is shared: it loads the language models.
var compiler = sync.OnceValues(tuning.NewCompiler)

const contestants = `elections:
  - id: pilkada-uji
    name: Pilkada Uji
    region: "61.08"
    contestants:
      - {id: uji-1, number: 1, names: ["Sumarni Atmaja"]}
      - {id: uji-2, number: 2, names: ["Budiono Kartiwa"]}
`

const supportList = `list: support
label: support
rules:
  - id: vote-for
    any: ["coblos", "pilih"]
    near: {what: "@contestant", within: 6}
    none: ["@negation", "dilarang"]
    weight: 0.9
    flags: ["ayo coblos nomor 2"]
    passes: ["jadwal pemungutan suara diumumkan besok"]
`

func bundle(t *testing.T, change ...string) tuning.Bundle {
	t.Helper()
	files := map[string]string{"keywords/support.yaml": supportList, "contestants.yaml": contestants}
	for i := 0; i+1 < len(change); i += 2 {
		files[change[i]] = change[i+1]
	}
	data := map[string][]byte{}
	for name, text := range files {
		data[name] = []byte(text)
	}
	b, err := tuning.NewBundle(data)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// withWord is the bundle with another word in its rule.
func withWord(t *testing.T, word string) tuning.Bundle {
	t.Helper()
	return bundle(t, "keywords/support.yaml", strings.Replace(supportList, `"pilih"`, `"pilih", "`+word+`"`, 1))
}

// shelf is a board in memory that can be away: the board itself is tested with
// the real engine in the store's and the command's tests.
type shelf struct {
	mu           sync.Mutex
	away         bool
	publications map[int64]tuning.Publication
	bundles      map[string]tuning.Bundle
	shadow       tuning.Shadow
}

var errAway = errors.New("away")

func newShelf() *shelf {
	return &shelf{publications: map[int64]tuning.Publication{}, bundles: map[string]tuning.Bundle{}}
}

func (s *shelf) set(away bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.away = away
}

func (s *shelf) Lay(_ context.Context, p tuning.Publication, files []tuning.File, content func(string) ([]byte, error)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.away {
		return errAway
	}
	data := map[string][]byte{}
	for _, file := range files {
		var err error
		if data[file.Path], err = content(file.Hash); err != nil {
			return err
		}
	}
	b, err := tuning.NewBundle(data)
	s.publications[p.Number], s.bundles[p.Version] = p, b
	return err
}

func (s *shelf) Latest(ctx context.Context) (tuning.Publication, error) {
	list, err := s.Publications(ctx, 1)
	if err == nil && len(list) == 0 {
		err = tuning.ErrNotFound
	}
	if err != nil {
		return tuning.Publication{}, err
	}
	return list[0], nil
}

func (s *shelf) Publications(_ context.Context, limit int) ([]tuning.Publication, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.away {
		return nil, errAway
	}
	numbers := slices.Sorted(maps.Keys(s.publications))
	slices.Reverse(numbers)
	var list []tuning.Publication
	for _, n := range numbers[:min(limit, len(numbers))] {
		list = append(list, s.publications[n])
	}
	return list, nil
}

func (s *shelf) Bundle(_ context.Context, version string) (tuning.Bundle, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if b, ok := s.bundles[version]; ok {
		return b, nil
	}
	return tuning.Bundle{}, tuning.ErrNotFound
}

func (s *shelf) LayShadow(ctx context.Context, shadow tuning.Shadow, files []tuning.File, content func(string) ([]byte, error)) error {
	if shadow.Version != "" {
		if err := s.Lay(ctx, tuning.Publication{Number: -shadow.Number, Version: shadow.Version}, files, content); err != nil {
			return err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.publications, -shadow.Number)
	s.shadow = shadow
	return nil
}

func (s *shelf) Shadow(context.Context) (tuning.Shadow, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.shadow, nil
}

func openBook(t *testing.T, address string, cfg tuning.Configuration, board tuning.Board) *tuning.Book {
	t.Helper()
	c, err := compiler()
	if err != nil {
		t.Fatal(err)
	}
	book, err := tuning.Open(t.Context(), cfg, tuning.Dependencies{Database: databasetest.Open(t, address), Board: board, Compiler: c})
	if err != nil {
		t.Fatal(err)
	}
	return book
}

// begun is a book with a first version in force.
func begun(t *testing.T, address string, cfg tuning.Configuration, board tuning.Board) *tuning.Book {
	t.Helper()
	book := openBook(t, address, cfg, board)
	if did, err := book.First(t.Context(), bundle(t), "netra", "first"); err != nil || !did {
		t.Fatalf("first: %v, %v", did, err)
	}
	return book
}

func draft(t *testing.T, book *tuning.Book, name string, b tuning.Bundle) tuning.Draft {
	t.Helper()
	d, err := book.NewDraft(t.Context(), name, b, "ani", "why")
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestADraftIsPublishedAndTakenBack(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, address string) {
		ctx, board := t.Context(), newShelf()
		book := begun(t, address, tuning.Configuration{Poll: time.Second}, board)
		changed := withWord(t, "menangkan")
		draft(t, book, "slogan", changed)
		second, err := book.PublishDraft(ctx, "slogan", 1, "ani", "a slogan")
		if err != nil {
			t.Fatal(err)
		}
		if second.Number != 2 || second.Version != changed.ID() || second.Previous != 1 {
			t.Errorf("publication %+v", second)
		}
		if _, err := book.Draft(ctx, "slogan"); !errors.Is(err, tuning.ErrNotFound) {
			t.Errorf("the published draft is still there: %v", err)
		}
		third, err := book.Rollback(ctx, 1, 2, "budi", "flags greetings")
		if err != nil {
			t.Fatal(err)
		}
		latest, err := board.Latest(ctx)
		if err != nil || latest.Number != 3 || latest.Version != bundle(t).ID() || third.Kind != tuning.Rollback {
			t.Errorf("on the board: %+v, %v", latest, err)
		}
		kept, err := book.Bundle(ctx, second.Version)
		if err != nil || kept.ID() != second.Version {
			t.Errorf("the retired version is not kept: %v", err)
		}
	})
}

func TestTwoOperatorsWhoPublishAtOnceDoNotUndoEachOther(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, address string) {
		board := newShelf()
		books := []*tuning.Book{begun(t, address, tuning.Configuration{Poll: time.Second}, board), openBook(t, address, tuning.Configuration{Poll: time.Second}, board)}
		words := []string{"menangkan", "dukung"}
		for i, book := range books {
			draft(t, book, words[i], withWord(t, words[i]))
		}
		errs := make([]error, len(books))
		var both sync.WaitGroup
		for i, book := range books {
			both.Go(func() { _, errs[i] = book.PublishDraft(t.Context(), words[i], 1, words[i], "") })
		}
		both.Wait()
		won := slices.IndexFunc(errs, func(err error) bool { return err == nil })
		if won < 0 || !errors.Is(errs[1-won], tuning.ErrConflict) {
			t.Fatalf("errors %v, want one nil and one conflict", errs)
		}
		if _, err := books[0].Draft(t.Context(), words[1-won]); err != nil {
			t.Errorf("the refused draft is gone: %v", err)
		}
		current, err := books[0].Current(t.Context())
		if err != nil || current.Number != 2 || current.By != words[won] {
			t.Errorf("in force: %+v, %v", current, err)
		}
	})
}

func TestWhatIsNotReadyIsNotPublished(t *testing.T) {
	broken := strings.Replace(supportList, `flags: ["ayo coblos nomor 2"]`, `flags: ["selamat pagi"]`, 1)
	cases := map[string]struct {
		cfg    tuning.Configuration
		bundle tuning.Bundle
		want   string
	}{
		"a list that is no YAML":        {bundle: bundle(t, "keywords/support.yaml", "list: [")},
		"an unknown label":              {bundle: bundle(t, "keywords/support.yaml", strings.Replace(supportList, "label: support", "label: suport", 1)), want: "support"},
		"an example that does not flag": {bundle: bundle(t, "keywords/support.yaml", broken), want: "selamat pagi"},
		"a threshold of two":            {bundle: bundle(t, "thresholds.yaml", "thresholds: {support: 2}"), want: "thresholds.yaml:1"},
		"no back-test":                  {cfg: tuning.Configuration{BacktestFirst: true}, bundle: withWord(t, "dukung"), want: "back-test"},
		"no second person":              {cfg: tuning.Configuration{SecondPerson: true}, bundle: withWord(t, "dukung"), want: "approve"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			book := begun(t, databasetest.SQLite(t), test.cfg, newShelf())
			draft(t, book, "x", test.bundle)
			_, err := book.PublishDraft(t.Context(), "x", 1, "ani", "")
			if !errors.Is(err, tuning.ErrNotChecked) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want one with %q", err, test.want)
			}
			if current, err := book.Current(t.Context()); err != nil || current.Number != 1 {
				t.Errorf("in force: %+v, %v", current, err)
			}
		})
	}
}

func TestASecondPersonApprovesWhatAnotherChangedLast(t *testing.T) {
	book := begun(t, databasetest.SQLite(t), tuning.Configuration{SecondPerson: true}, newShelf())
	d := draft(t, book, "x", withWord(t, "dukung"))
	if err := book.Approve(t.Context(), "x", d.Revision, "ani"); !errors.Is(err, tuning.ErrNotChecked) {
		t.Errorf("the author approved: %v", err)
	}
	if err := book.Approve(t.Context(), "x", d.Revision, "budi"); err != nil {
		t.Fatal(err)
	}
	if _, err := book.Change(t.Context(), "x", 0, withWord(t, "menangkan"), "ani", ""); err != nil {
		t.Fatal(err)
	}
	if _, err := book.PublishDraft(t.Context(), "x", 1, "ani", ""); !errors.Is(err, tuning.ErrNotChecked) {
		t.Errorf("what was changed after the approval was published: %v", err)
	}
}

func TestAChangeOnAnOldRevisionIsAConflict(t *testing.T) {
	book := begun(t, databasetest.SQLite(t), tuning.Configuration{}, newShelf())
	d := draft(t, book, "x", withWord(t, "dukung"))
	if _, err := book.Change(t.Context(), "x", d.Revision, withWord(t, "menangkan"), "budi", ""); err != nil {
		t.Fatal(err)
	}
	if _, err := book.Change(t.Context(), "x", d.Revision, withWord(t, "sukseskan"), "ani", ""); !errors.Is(err, tuning.ErrConflict) {
		t.Errorf("error %v, want a conflict", err)
	}
}

func TestAPublicationReachesTheBoardWhenItIsBack(t *testing.T) {
	board := newShelf()
	book := begun(t, databasetest.SQLite(t), tuning.Configuration{}, board)
	draft(t, book, "x", withWord(t, "dukung"))
	board.set(true)
	if _, err := book.PublishDraft(t.Context(), "x", 1, "ani", ""); err != nil {
		t.Fatalf("a publication failed since the board is away: %v", err)
	}
	board.set(false)
	for range 2 {
		if err := book.Deliver(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if latest, err := board.Latest(t.Context()); err != nil || latest.Number != 2 {
		t.Errorf("on the board: %+v, %v", latest, err)
	}
}
