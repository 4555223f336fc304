// Command plain is the yardstick: the worker that a Go team would write in a
// day. A kafka-go group reader, encoding/json, lingua-go, a keyword list in
// cloudflare/ahocorasick, clickhouse-go with batches by count and time. It is
// measured beside Netra's worker, in the same run, on the same topic.
//
// It promises less: no strict parsing, no targets, no speech act, no reasons,
// and it stores duplicates when it is killed.
package main

import (
	"context"
	"encoding/json"
	"log"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/cloudflare/ahocorasick"
	"github.com/pemistahl/lingua-go"
	"github.com/segmentio/kafka-go"
)

type plainPost struct {
	ID        string    `json:"id"`
	Platform  string    `json:"platform"`
	Text      string    `json:"text"`
	CreatedAt time.Time `json:"created_at"`
	Account   struct {
		ID string `json:"id"`
	} `json:"account"`
}

type hourly struct {
	hour               time.Time
	platform, language string
}

// keywords are what such a program starts with: the words that campaigns use.
var keywords = []string{
	"coblos", "nyoblos", "dukung", "menangkan", "pilih nomor", "nomor urut", "paslon", "all in", "lanjutkan", "dua periode",
	"jangan pilih", "asal bukan", "pembohong", "pencitraan", "korup", "serangan fajar", "amplop", "sembako", "dimutasi", "kafir",
}

const batchSize = 5000

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx)
	ended := ctx.Err() != nil
	stop()
	if err != nil && !ended {
		log.Fatal(err)
	}
}

func run(ctx context.Context) error {
	connection, err := clickhouse.Open(&clickhouse.Options{
		Protocol: clickhouse.HTTP, Addr: []string{os.Getenv("PLAIN_CLICKHOUSE")},
		Auth: clickhouse.Auth{Database: "plain", Username: "netra", Password: os.Getenv("PLAIN_PASSWORD")},
	})
	if err != nil {
		return err
	}
	defer func() { _ = connection.Close() }()
	reader := kafka.NewReader(kafka.ReaderConfig{
		Brokers: []string{os.Getenv("PLAIN_BROKER")}, GroupID: "plain", Topic: "netra.posts",
		MinBytes: 64 << 10, MaxBytes: 4 << 20, MaxWait: 100 * time.Millisecond, StartOffset: kafka.FirstOffset,
	})
	defer func() { _ = reader.Close() }()
	w := &plainWorker{
		connection: connection, reader: reader, matcher: ahocorasick.NewStringMatcher(keywords),
		detector: lingua.NewLanguageDetectorBuilder().FromLanguages(lingua.Indonesian, lingua.English).Build(),
	}
	return w.work(ctx)
}

type plainWorker struct {
	connection driver.Conn
	reader     *kafka.Reader
	matcher    *ahocorasick.Matcher
	detector   lingua.LanguageDetector
}

func (w *plainWorker) work(ctx context.Context) error {
	for ctx.Err() == nil {
		messages := w.fetch(ctx)
		if len(messages) == 0 {
			continue
		}
		if err := w.store(ctx, messages); err != nil {
			return err
		}
		if err := w.reader.CommitMessages(ctx, messages...); err != nil {
			return err
		}
	}
	return nil
}

func (w *plainWorker) fetch(ctx context.Context) []kafka.Message {
	ctx, cancel := context.WithTimeout(ctx, 500*time.Millisecond)
	defer cancel()
	var messages []kafka.Message
	for len(messages) < batchSize {
		message, err := w.reader.FetchMessage(ctx)
		if err != nil {
			break
		}
		messages = append(messages, message)
	}
	return messages
}

func (w *plainWorker) store(ctx context.Context, messages []kafka.Message) error {
	flagged, err := w.connection.PrepareBatch(ctx, "INSERT INTO flagged (id, account, language, words, text)")
	if err != nil {
		return err
	}
	counts := map[hourly]uint64{}
	for _, message := range messages {
		var p plainPost
		if json.Unmarshal(message.Value, &p) != nil {
			continue
		}
		language, _ := w.detector.DetectLanguageOf(p.Text)
		counts[hourly{p.CreatedAt.Truncate(time.Hour), p.Platform, language.String()}]++
		if hits := w.matcher.Match([]byte(strings.ToLower(p.Text))); len(hits) > 0 {
			words := make([]string, len(hits))
			for i, hit := range hits {
				words[i] = keywords[hit]
			}
			if err := flagged.Append(p.ID, p.Account.ID, language.String(), words, p.Text); err != nil {
				return err
			}
		}
	}
	if flagged.Rows() > 0 {
		if err := flagged.Send(); err != nil {
			return err
		}
	}
	batch, err := w.connection.PrepareBatch(ctx, "INSERT INTO counts (hour, platform, language, posts)")
	if err != nil {
		return err
	}
	for key, posts := range counts {
		if err := batch.Append(key.hour, key.platform, key.language, posts); err != nil {
			return err
		}
	}
	return batch.Send()
}
