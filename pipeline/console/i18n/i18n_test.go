package i18n_test

import (
	"maps"
	"regexp"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/netra-id/netra/pipeline/console/i18n"
	"github.com/netra-id/netra/pipeline/post"
)

func load(t *testing.T) map[string]*i18n.Catalogue {
	t.Helper()
	catalogues, err := i18n.Load()
	if err != nil {
		t.Fatal(err)
	}
	return catalogues
}

func TestEveryLanguageHasTheSameKeysAndPlaces(t *testing.T) {
	catalogues := load(t)
	if got := slices.Sorted(maps.Keys(catalogues)); !slices.Equal(got, []string{"en", "id"}) {
		t.Fatalf("languages %v", got)
	}
	indonesian, english := catalogues[i18n.Indonesian], catalogues[i18n.English]
	if diff := cmp.Diff(indonesian.Keys(), english.Keys()); diff != "" {
		t.Errorf("keys of Indonesian and English differ:\n%s", diff)
	}
	place := regexp.MustCompile(`\{[a-z]+\}`)
	places := func(text string) []string {
		found := place.FindAllString(text, -1)
		slices.Sort(found)
		return found
	}
	for _, key := range indonesian.Keys() {
		if indonesian.T(key) == "" || english.T(key) == "" {
			t.Errorf("%s is empty", key)
		}
		if diff := cmp.Diff(places(indonesian.T(key)), places(english.T(key))); diff != "" {
			t.Errorf("%s has other places in English:\n%s", key, diff)
		}
	}
}

func TestEveryLabelPlatformAndKindHasAName(t *testing.T) {
	var keys []string
	for _, label := range post.Labels {
		keys = append(keys, "label."+string(label))
	}
	for _, platform := range post.Platforms {
		keys = append(keys, "platform."+platform)
	}
	for _, kind := range post.Kinds {
		keys = append(keys, "kind."+string(kind))
	}
	for _, words := range load(t) {
		for _, key := range keys {
			if words.T(key) == key {
				t.Errorf("%s: no text for %s", words.Language, key)
			}
		}
	}
}

func TestNumbersAndDates(t *testing.T) {
	catalogues := load(t)
	indonesian, english := catalogues[i18n.Indonesian], catalogues[i18n.English]
	for n, want := range map[uint64][2]string{0: {"0", "0"}, 999: {"999", "999"}, 1000: {"1.000", "1,000"}, 1234567: {"1.234.567", "1,234,567"}} {
		if got := indonesian.Number(n); got != want[0] {
			t.Errorf("Indonesian %d is %q, want %q", n, got, want[0])
		}
		if got := english.Number(n); got != want[1] {
			t.Errorf("English %d is %q, want %q", n, got, want[1])
		}
	}
	if got := indonesian.Decimal(0.926); got != "0,93" {
		t.Errorf("decimal %q", got)
	}
	wit, err := time.LoadLocation("Asia/Jayapura")
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2024, 8, 17, 20, 5, 0, 0, time.UTC).In(wit)
	if got, want := indonesian.DateTime(at), "18 Agu 2024, 05.05 WIT"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got, want := english.DateTime(at), "18 Aug 2024, 05:05 WIT"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestTextFillsPlacesOnce(t *testing.T) {
	words := load(t)[i18n.Indonesian]
	if got, want := words.T("site.user", "user", "{user} <b>"), "Masuk sebagai {user} <b>"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got := words.T("no.such.key"); got != "no.such.key" {
		t.Errorf("%q", got)
	}
}
