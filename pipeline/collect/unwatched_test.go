package collect_test

import (
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/netra-id/netra/pipeline/collect"
)

func TestCoverageTellsOfAccountsThatNoSourceCollects(t *testing.T) {
	tests := map[string]struct {
		roster, want []string
		order        collect.Order
	}{
		"one is of a platform without a source": {[]string{"tiktok:1", "web:0", "web:1"}, []string{"tiktok:1"}, collect.Order{}},
		"all are collected":                     {[]string{"web:0"}, nil, collect.Order{}},
		"only some sources are asked":           {[]string{"tiktok:1"}, nil, collect.Order{Source: "n"}},
		"a rehearsal":                           {[]string{"tiktok:1"}, nil, collect.Order{Show: func(collect.Shown) {}}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "s.db")
			synctest.Test(t, func(t *testing.T) {
				time.Sleep(time.Until(time.Date(2024, 11, 20, 0, 0, 0, 0, time.UTC)))
				var in inbox
				state := openState(t, path)
				deps := dependencies(state, budiKnown, &in)
				deps.Listed = func() []string { return test.roster }
				c, err := collect.New(testConfiguration(), []collect.Schedule{
					{Source: &numbered{name: "n", targets: accountsOf(2)}, Interval: time.Hour}, {Source: &numbered{name: "m"}, Interval: time.Hour},
				}, deps)
				if err != nil {
					t.Fatal(err)
				}
				for range 2 { // it is told once
					if _, err := c.Round(t.Context(), test.order); err != nil {
						t.Fatal(err)
					}
				}
				if err := state.Close(); err != nil {
					t.Fatal(err)
				}
				var told []string
				for _, entry := range in.coverage {
					if entry.Source == "" {
						told = append(told, entry.Account)
						if entry.Reason != "no source" || entry.At.IsZero() || !entry.LastSuccess.IsZero() {
							t.Errorf("entry %+v", entry)
						}
					}
				}
				if diff := cmp.Diff(test.want, told); diff != "" {
					t.Error(diff)
				}
			})
		})
	}
}
