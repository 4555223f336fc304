// Package kafkatest gives tests a real Apache Kafka. It is imported by tests
// only; a program uses realkafka.
package kafkatest

import (
	"context"
	"testing"
	"time"

	"github.com/netra-id/netra/pipeline/queue/realkafka"
)

// Kafka starts a broker for the test and returns its address. It skips with
// -short, and fails where the jars are missing, naming the command that gets
// them.
func Kafka(t testing.TB) string {
	t.Helper()
	return Broker(t).Addr()
}

// Broker starts a broker that the test may kill and restart.
func Broker(t testing.TB) *realkafka.Broker {
	t.Helper()
	return Secured(t, nil)
}

// Secured starts a broker with one more listener, where secure is not nil.
func Secured(t testing.TB, secure *realkafka.Secure) *realkafka.Broker {
	t.Helper()
	if testing.Short() {
		t.Skip("needs a real Kafka; not with -short")
	}
	ctx, cancel := context.WithTimeout(context.Background(), 90*time.Second)
	defer cancel()
	broker, err := realkafka.Start(ctx, realkafka.Options{Dir: t.TempDir(), Secure: secure})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := broker.Kill(); err != nil {
			t.Error(err)
		}
	})
	return broker
}
