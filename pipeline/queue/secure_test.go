package queue_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/netra-id/netra/pipeline/queue"
	"github.com/netra-id/netra/pipeline/queue/kafkatest"
	"github.com/netra-id/netra/pipeline/queue/realkafka"
)

// secured is a real Kafka that is reached by TLS and with users only.
func secured(t *testing.T) (cfg func(testing.TB) queue.Configuration, broker *realkafka.Broker) {
	t.Helper()
	authority := kafkatest.NewAuthority(t)
	broker = kafkatest.Secured(t, &realkafka.Secure{Keystore: authority.Server(t), Users: map[string]string{"netra": "rahasia-yang-panjang"}})
	return func(t testing.TB) queue.Configuration {
		cfg := configuration(t, broker.SecureAddr())
		cfg.TLS.Enabled, cfg.TLS.CAFile = true, authority.File
		cfg.SASL = queue.SASLConfiguration{Mechanism: "scram-sha-512", Username: "netra", Password: "rahasia-yang-panjang"}
		return cfg
	}, broker
}

func TestARealKafkaWithTLSAndUsers(t *testing.T) {
	right, broker := secured(t)
	for _, mechanism := range []string{"scram-sha-512", "scram-sha-256", "plain"} {
		t.Run(mechanism, func(t *testing.T) {
			cfg := right(t)
			cfg.SASL.Mechanism = mechanism
			travels(t, cfg)
		})
	}
	other := kafkatest.NewAuthority(t)
	tests := map[string]struct {
		change func(*queue.Configuration)
		want   string
	}{
		"wrong password": {
			func(c *queue.Configuration) { c.SASL.Password = "salah-sekali" }, "keys kafka.sasl.username and kafka.sasl.password",
		},
		"wrong password by PLAIN": {
			func(c *queue.Configuration) { c.SASL.Mechanism, c.SASL.Password = "plain", "salah-sekali" }, "keys kafka.sasl.username and kafka.sasl.password",
		},
		"unknown user": {
			func(c *queue.Configuration) { c.SASL.Username = "orang-lain" }, "keys kafka.sasl.username and kafka.sasl.password",
		},
		"another authority": {
			func(c *queue.Configuration) { c.TLS.CAFile = other.File }, "certificate signed by unknown authority",
		},
		"another name": {
			func(c *queue.Configuration) { c.TLS.ServerName = "kafka.example" }, "(keys kafka.tls.ca_file and kafka.tls.server_name)",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			cfg := right(t)
			test.change(&cfg)
			q, _ := open(t, cfg)
			ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
			defer cancel()
			_, err := q.EnsureTopics(ctx)
			if err == nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), cfg.Brokers[0]) {
				t.Errorf("got %v, want it to name the broker and %q", err, test.want)
			}
			if !queue.LoginRefused(err) || errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%v is waited for, which mends nothing", err)
			}
			if err != nil && (strings.Contains(err.Error(), "salah") || strings.Contains(err.Error(), "rahasia")) {
				t.Errorf("a password is shown: %v", err)
			}
		})
	}
	for name, change := range map[string]func(*queue.Configuration){
		"no TLS where it is wanted": func(c *queue.Configuration) { c.TLS.Enabled = false },
		"TLS where there is none":   func(c *queue.Configuration) { c.Brokers = []string{broker.Addr()} },
	} {
		t.Run(name, func(t *testing.T) {
			cfg := right(t)
			change(&cfg)
			q, _ := open(t, cfg)
			ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
			defer cancel()
			if err := q.Reach(ctx); err == nil || !strings.Contains(err.Error(), "key kafka.tls.enabled") {
				t.Errorf("got %v, want it to name the key", err)
			}
		})
	}
}

// travels sends records and has them handled by a group, all of them once.
func travels(t *testing.T, cfg queue.Configuration) {
	t.Helper()
	const records = 120
	q := openReady(t, cfg)
	producer := q.NewProducer()
	var sent []queue.Record
	for i := range records {
		sent = append(sent, queue.Record{Topic: cfg.Topic, Key: []byte(fmt.Sprint(i % 7)), Value: []byte(fmt.Sprint(i))})
	}
	if err := producer.SendRecords(t.Context(), sent...); err != nil {
		t.Fatal(err)
	}
	if err := producer.Close(); err != nil {
		t.Error(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	handled := make(chan string, 2*records)
	consumer := q.NewConsumer(0, func(string, int) queue.Handler {
		return queue.HandlerFunc(func(_ context.Context, batch queue.Batch) error {
			for _, record := range batch.Records {
				handled <- string(record.Value)
			}
			return nil
		})
	})
	ended := make(chan error, 1)
	go func() { ended <- consumer.Run(ctx) }()
	seen := map[string]bool{}
	for len(seen) < records {
		select {
		case value := <-handled:
			if seen[value] {
				t.Errorf("record %s came twice", value)
			}
			seen[value] = true
		case <-ctx.Done():
			t.Fatalf("%d of %d records came", len(seen), records)
		}
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
