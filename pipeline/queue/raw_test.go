package queue_test

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/netra-id/netra/pipeline/queue"
)

func noise(n int) []byte {
	data := make([]byte, n)
	_, _ = rand.Read(data)
	return data
}

// TestAnswersTravelWithTheirPosts sends answers of all sizes and reads them back
// byte for byte, one by one; who replays the topic does not see them.
func TestAnswersTravelWithTheirPosts(t *testing.T) {
	fetched := map[string]any{"address": "https://contoh.id/api", "status": 200}
	long := bytes.Repeat([]byte(`{"content":"<p>halo</p>"}`), 40_000)
	tests := []struct {
		name    string
		raw     []byte
		problem string
	}{
		{"small", []byte(`{"id":"1"}`), ""},
		{"long", long, ""},
		{"noise", noise(10_000), ""},
		{"too large", noise(300 << 10), "the answer of 307200 bytes takes"},
		{"none", nil, "did not bring"},
	}
	onBothBrokers(t, map[string]func(t *testing.T, cfg queue.Configuration){"answers": func(t *testing.T, cfg queue.Configuration) {
		cfg.Topics.Partitions = 1
		q := openReady(t, cfg)
		producer := q.NewProducer()
		defer func() { _ = producer.Close() }()
		for i, test := range tests {
			record := queue.Record{Key: []byte("mastodon:1"), Value: []byte(test.name), Headers: []queue.Header{{Key: queue.RevisionHeader, Value: []byte("3")}}}
			if err := producer.AttachRaw(&record, test.raw, fetched); err != nil {
				t.Fatal(err)
			}
			if err := producer.SendRecords(t.Context(), record); err != nil {
				t.Fatalf("%s: a record is refused because of its answer: %v", test.name, err)
			}
			got, err := q.Read(t.Context(), cfg.Topic, 0, int64(i))
			if err != nil {
				t.Fatal(err)
			}
			raw, err := q.Raw(&got)
			if string(got.Value) != test.name || got.Revision() != 3 || test.problem == "" && !bytes.Equal(raw, test.raw) {
				t.Errorf("%s: value %q, revision %d, %d bytes of %d", test.name, got.Value, got.Revision(), len(raw), len(test.raw))
			}
			if (test.problem == "") != (err == nil) || err != nil && (!errors.Is(err, queue.ErrNoRaw) || !strings.Contains(err.Error(), test.problem)) {
				t.Errorf("%s: %v", test.name, err)
			}
			var told map[string]any
			if json.Unmarshal(got.Fetch(), &told) != nil || told["address"] != fetched["address"] {
				t.Errorf("%s: fetch %s", test.name, got.Fetch())
			}
		}
		seen := 0
		err := q.Replay(t.Context(), cfg.Topic, nil, func(_ int, r queue.Record) error {
			if seen++; len(r.Headers) != 1 || r.Revision() != 3 {
				t.Errorf("a replay sees the headers %v", r.Headers)
			}
			return nil
		})
		if err != nil || seen != len(tests) {
			t.Errorf("replayed %d, %v", seen, err)
		}
		for _, offset := range []int64{int64(len(tests)), 99} {
			if _, err := q.Read(t.Context(), cfg.Topic, 0, offset); !errors.Is(err, queue.ErrExpired) {
				t.Errorf("offset %d: %v", offset, err)
			}
		}
	}})
}

func TestARecordIsNotRefusedForItsAnswer(t *testing.T) {
	cfg := queue.DefaultConfiguration()
	cfg.Topics.MaxMessageBytes = 20_000
	tests := map[string]struct {
		most, value int
		raw         []byte
		want        bool
	}{
		"fits":           {256 << 10, 100, noise(10_000), true},
		"fills up":       {256 << 10, 15_000, noise(10_000), false},
		"switched off":   {0, 100, []byte("x"), false},
		"over its limit": {500, 100, noise(501), false},
		"at its limit":   {500, 100, noise(500), true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			cfg.Producer.MaxRawBytes = test.most
			q, _ := open(t, cfg)
			record := queue.Record{Value: make([]byte, test.value)}
			if err := q.NewProducer().AttachRaw(&record, test.raw, nil); err != nil {
				t.Fatal(err)
			}
			size := len(record.Value)
			for _, h := range record.Headers {
				size += len(h.Key) + len(h.Value) + 40
			}
			if _, err := q.Raw(&record); (err == nil) != test.want || size > cfg.Topics.MaxMessageBytes-128 {
				t.Errorf("record of %d bytes: %v", size, err)
			}
		})
	}
}

// TestABombIsNotUnpacked unpacks what says that it is small and is not.
func TestABombIsNotUnpacked(t *testing.T) {
	q, _ := open(t, queue.DefaultConfiguration())
	for name, headers := range map[string][]queue.Header{
		"no zstd":          {{Key: queue.RawHeader, Value: []byte("plain")}, {Key: queue.RawEncodingHeader, Value: []byte("zstd")}},
		"another encoding": {{Key: queue.RawHeader, Value: []byte("plain")}, {Key: queue.RawEncodingHeader, Value: []byte("br")}},
	} {
		if _, err := q.Raw(&queue.Record{Headers: headers}); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
