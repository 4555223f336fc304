package chaos

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/netra-id/netra/pipeline/embedded"
	"github.com/netra-id/netra/pipeline/queue/realkafka"
)

// EmbeddedBroker is the embedded broker in a child process of this program
// (which calls embedded.RunChild first thing in main).
type EmbeddedBroker struct {
	cfg     embedded.BrokerConfiguration
	log     *slog.Logger
	process *embedded.BrokerProcess
}

// StartEmbeddedBroker starts one.
func StartEmbeddedBroker(ctx context.Context, cfg embedded.BrokerConfiguration, log *slog.Logger) (*EmbeddedBroker, error) {
	b := &EmbeddedBroker{cfg: cfg, log: log}
	if err := b.Start(ctx); err != nil {
		return nil, err
	}
	b.cfg.Listen = b.process.Addresses()[0]
	return b, nil
}

// Address is where it listens, also after a restart.
func (b *EmbeddedBroker) Address() string { return b.cfg.Listen }

// Kill ends it at once.
func (b *EmbeddedBroker) Kill() error {
	b.process.Kill()
	return nil
}

// Start starts it (again).
func (b *EmbeddedBroker) Start(ctx context.Context) (err error) {
	b.process, err = embedded.StartBrokerProcess(ctx, b.cfg, b.log)
	return err
}

// RealKafka fits a real broker.
type RealKafka struct{ *realkafka.Broker }

// Start starts it again.
func (k RealKafka) Start(ctx context.Context) error { return k.Restart(ctx) }

// KafkaCluster fits several real brokers: each Kill ends the one whose turn it
// is, and Start starts that one again.
type KafkaCluster struct {
	*realkafka.Cluster
	turn int
}

// Kill ends the next broker at once.
func (k *KafkaCluster) Kill() error {
	k.turn = (k.turn + 1) % len(k.Brokers)
	return k.Brokers[k.turn].Kill()
}

// Start starts all brokers again that are away: together, since one may not
// answer without another.
func (k *KafkaCluster) Start(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	var group errgroup.Group
	for _, broker := range k.Brokers {
		if broker.PID() == 0 {
			group.Go(func() error { return broker.Restart(ctx) })
		}
	}
	return group.Wait()
}

// Engine is the embedded ClickHouse engine, which starts again by itself.
type Engine struct{ *embedded.Engine }

// Kill ends the engine's process at once.
func (e Engine) Kill() error {
	err := syscall.Kill(e.Pid(), syscall.SIGKILL)
	if errors.Is(err, syscall.ESRCH) {
		return nil
	}
	return err
}

// Start waits until it answers again.
func (e Engine) Start(ctx context.Context) error {
	for {
		err := e.ping(ctx)
		if err == nil {
			return nil
		}
		if paused := sleep(ctx, 100*time.Millisecond); paused != nil {
			return fmt.Errorf("the engine does not answer: %w", err)
		}
	}
}

func (e Engine) ping(ctx context.Context) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+e.Address()+"/ping", nil)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	return response.Body.Close() // only the answer matters
}

// ClickHouse counts what is stored, by ClickHouse's HTTP interface.
type ClickHouse struct {
	// Address is "http://host:port".
	Address, User, Password, Database string
}

// Stored counts the rows as they lie there.
func (c ClickHouse) Stored(ctx context.Context) (Stored, error) {
	stored := Stored{Flags: map[string]uint64{}, Posts: map[time.Time]uint64{}}
	err := c.rows(ctx, "SELECT id, count() FROM flagged_posts GROUP BY id", func(id string, n uint64) error {
		stored.Flags[id] = n
		return nil
	})
	if err != nil {
		return stored, err
	}
	err = c.rows(ctx, "SELECT toUnixTimestamp(hour), sum(posts) FROM hourly_counts GROUP BY hour", func(second string, n uint64) error {
		unix, err := strconv.ParseInt(second, 10, 64)
		if err != nil {
			return err
		}
		stored.Posts[time.Unix(unix, 0).UTC()] = n
		return nil
	})
	return stored, err
}

// rows runs a query of two columns, a text and a number.
func (c ClickHouse) rows(ctx context.Context, query string, each func(string, uint64) error) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost,
		c.Address+"/?database="+url.QueryEscape(c.Database), strings.NewReader(query+" FORMAT TabSeparated"))
	if err != nil {
		return err
	}
	request.SetBasicAuth(c.User, c.Password)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(io.LimitReader(response.Body, 2000)) // what could be read of it
		return fmt.Errorf("%s: status %d: %s", query, response.StatusCode, text)
	}
	lines := bufio.NewScanner(response.Body)
	for lines.Scan() {
		text, number, _ := strings.Cut(lines.Text(), "\t")
		n, err := strconv.ParseUint(number, 10, 64)
		if err != nil {
			return fmt.Errorf("%s: %w", query, err)
		}
		if err := each(text, n); err != nil {
			return fmt.Errorf("%s: %w", query, err)
		}
	}
	return lines.Err()
}
