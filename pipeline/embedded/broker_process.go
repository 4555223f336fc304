package embedded

import (
	"context"
	"fmt"
	"log/slog"
	"time"
)

// BrokerProcess is a broker in a child process, which can be killed without
// its parent.
type BrokerProcess struct{ child *child }

// brokerStart is how long a broker may take to read its segments.
const brokerStart = time.Minute

// StartBrokerProcess starts a broker in a child process and returns when it
// takes connections. Nobody restarts it.
func StartBrokerProcess(ctx context.Context, cfg BrokerConfiguration, logger *slog.Logger) (*BrokerProcess, error) {
	c, err := startChild(ctx, childBroker, order{Broker: &cfg}, brokerStart, logger)
	if err != nil {
		return nil, err
	}
	return &BrokerProcess{child: c}, nil
}

// Addresses are those that clients connect to, "host:port".
func (b *BrokerProcess) Addresses() []string { return []string{b.child.address} }

// Pid is the broker's process, for tests that kill it.
func (b *BrokerProcess) Pid() int { return b.child.command.Process.Pid }

// Done is closed when the process has ended.
func (b *BrokerProcess) Done() <-chan struct{} { return b.child.ended }

// Kill ends the broker at once, as a crash would, and waits until it is gone.
func (b *BrokerProcess) Kill() { b.child.kill() }

// Stop lets the broker write down what it holds and ends it; when the context
// ends first, it is killed.
func (b *BrokerProcess) Stop(ctx context.Context) error {
	if err := b.child.stop(ctx); err != nil {
		return fmt.Errorf("stop the broker: %w", err)
	}
	return nil
}
