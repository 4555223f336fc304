package realkafka_test

import (
	"context"
	"net"
	"testing"
	"time"

	"github.com/netra-id/netra/pipeline/queue/realkafka"
)

func TestABrokerComesBackOnTheSameAddressAfterAKill(t *testing.T) {
	if testing.Short() {
		t.Skip("needs a real Kafka; not with -short")
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	broker, err := realkafka.Start(ctx, realkafka.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = broker.Kill() })
	before := broker.Addr()
	if err := broker.Kill(); err != nil {
		t.Fatal(err)
	}
	if conn, err := new(net.Dialer).DialContext(ctx, "tcp", before); err == nil {
		_ = conn.Close()
		t.Fatal("it answers after the kill")
	}
	if err := broker.Restart(ctx); err != nil {
		t.Fatal(err)
	}
	if after := broker.Addr(); after != before {
		t.Errorf("address %s after the restart, want %s", after, before)
	}
	if err := broker.Stop(ctx); err != nil {
		t.Error(err)
	}
}
