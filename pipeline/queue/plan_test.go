package queue

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestParsePlan(t *testing.T) {
	tests := map[string]struct {
		metadata string
		offset   int64
		want     plan
		ok       bool
	}{
		"a plan":               {"plan:5-9", 5, plan{5, 9}, true},
		"of one record":        {"plan:5-5", 5, plan{5, 5}, true},
		"nothing":              {"", 5, plan{}, false},
		"of another program":   {"host-7", 5, plan{}, false},
		"of another offset":    {"plan:5-9", 6, plan{}, false},
		"backwards":            {"plan:5-4", 5, plan{}, false},
		"half":                 {"plan:5", 5, plan{}, false},
		"negative":             {"plan:-1-4", -1, plan{}, false},
		"with something after": {"plan:5-9 ", 5, plan{}, false},
		"huge":                 {"plan:5-99999999999999999999", 5, plan{}, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, ok := parsePlan(test.metadata, test.offset)
			if got != test.want || ok != test.ok {
				t.Errorf("got %v %v, want %v %v", got, ok, test.want, test.ok)
			}
		})
	}
}

func FuzzParsePlan(f *testing.F) {
	f.Add("plan:5-9", int64(5))
	f.Add("plan:--", int64(-1))
	f.Fuzz(func(t *testing.T, metadata string, offset int64) {
		p, ok := parsePlan(metadata, offset)
		if !ok {
			return
		}
		if p.first != offset || p.last < p.first || p.first < 0 {
			t.Errorf("%q at %d gave %v", metadata, offset, p)
		}
		if again, ok := parsePlan(p.String(), offset); !ok || again != p {
			t.Errorf("%v does not read back", p)
		}
	})
}

func TestBatcherCutsByRecordsBytesAndTime(t *testing.T) {
	records := func(from, n, size int) []Record {
		records := make([]Record, n)
		for i := range records {
			records[i] = Record{Offset: int64(from + i), Value: []byte(strings.Repeat("x", size))}
		}
		return records
	}
	tests := map[string]struct {
		cfg  ConsumerConfiguration
		want string
	}{
		"by records": {ConsumerConfiguration{MaxRecords: 4, MaxBytes: 1 << 20, Linger: time.Hour}, "0-3 4-7 8-11"},
		"by bytes":   {ConsumerConfiguration{MaxRecords: 100, MaxBytes: 3 * (100 + 128), Linger: time.Hour}, "0-2 3-5 6-8 9-11"},
		"by time":    {ConsumerConfiguration{MaxRecords: 100, MaxBytes: 1 << 20, Linger: 10 * time.Millisecond}, "0-11"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			chunks := make(chan chunk, 2)
			chunks <- chunk{records: records(0, 5, 100), next: 5, highWater: 12}
			chunks <- chunk{records: records(5, 7, 100), next: 12, highWater: 12}
			b := newBatcher("t", 0, test.cfg, nil)
			go b.run(ctx, chunks)
			var got []string
			for next := int64(0); next < 12; {
				g := <-b.batches
				got = append(got, fmt.Sprintf("%d-%d", g.batch.First, g.batch.Last))
				if int64(len(g.batch.Records)) != g.batch.Last-g.batch.First+1 || g.batch.First != next {
					t.Fatalf("batch %s holds %d records", g.batch.Token(), len(g.batch.Records))
				}
				next = g.batch.Last + 1
			}
			if strings.Join(got, " ") != test.want {
				t.Errorf("got %v, want %s", got, test.want)
			}
		})
	}
}
