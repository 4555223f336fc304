package realkafka

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"golang.org/x/sync/errgroup"
)

// ClusterOptions of several brokers. Only Dir must be set, and must be empty.
type ClusterOptions struct {
	// Dir holds a folder for each broker.
	Dir string
	// Jars is as in Options.
	Jars string
	// Brokers is how many there are; 0 is three. Each is a controller, too.
	Brokers int
	// HeapMB bounds the heap of each; 0 is 256.
	HeapMB int
}

// Cluster is several brokers that keep every partition on up to three of them,
// and acknowledge what two have.
type Cluster struct {
	Brokers []*Broker
}

// place is what a broker of a cluster must know of the whole.
type place struct {
	cluster          string
	node             int
	voters           string
	replicas, insync int
}

// StartCluster formats the storage of all brokers, starts them together, and
// returns when each knows all.
func StartCluster(ctx context.Context, options ClusterOptions) (_ *Cluster, err error) {
	c, err := newCluster(ctx, options)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, c.Kill())
		}
	}()
	for _, step := range []func(*Broker) error{
		func(b *Broker) error { return b.install(ctx) },
		func(b *Broker) error { return b.Restart(ctx) }, // none answers before a quorum is there
	} {
		var group errgroup.Group
		for _, broker := range c.Brokers {
			group.Go(func() error { return step(broker) })
		}
		if err := group.Wait(); err != nil {
			return nil, err
		}
	}
	return c, nil
}

func newCluster(ctx context.Context, options ClusterOptions) (*Cluster, error) {
	n := options.Brokers
	if n == 0 {
		n = 3
	}
	if options.HeapMB == 0 {
		options.HeapMB = 256
	}
	if options.Jars == "" {
		jars, err := FindJars()
		if err != nil {
			return nil, err
		}
		options.Jars = jars
	}
	ports, err := freePorts(ctx, 2*n)
	if err != nil {
		return nil, err
	}
	voters := make([]string, n)
	for i := range voters {
		voters[i] = fmt.Sprintf("%d@127.0.0.1:%d", i+1, ports[2*i+1])
	}
	c, id := &Cluster{}, newClusterID()
	for i := range n {
		c.Brokers = append(c.Brokers, &Broker{
			options: Options{Dir: filepath.Join(options.Dir, fmt.Sprintf("broker-%d", i+1)), Jars: options.Jars, HeapMB: options.HeapMB},
			port:    ports[2*i], control: ports[2*i+1],
			place: &place{
				cluster: id, node: i + 1, voters: strings.Join(voters, ","), replicas: min(n, 3), insync: min(n, 2),
			},
		})
	}
	return c, nil
}

// Addrs are the addresses for clients, also of brokers that do not run now.
func (c *Cluster) Addrs() []string {
	addresses := make([]string, len(c.Brokers))
	for i, broker := range c.Brokers {
		addresses[i] = broker.Addr()
	}
	return addresses
}

// Kill ends all brokers at once.
func (c *Cluster) Kill() error {
	var all []error
	for _, broker := range c.Brokers {
		all = append(all, broker.Kill())
	}
	return errors.Join(all...)
}

func (p *place) properties(b *Broker) string {
	return strings.Join([]string{
		"process.roles=broker,controller",
		fmt.Sprintf("node.id=%d", p.node),
		"controller.quorum.voters=" + p.voters,
		fmt.Sprintf("listeners=PLAINTEXT://127.0.0.1:%d,CONTROLLER://127.0.0.1:%d", b.port, b.control),
		fmt.Sprintf("advertised.listeners=PLAINTEXT://127.0.0.1:%d", b.port),
		"controller.listener.names=CONTROLLER",
		"listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
		"inter.broker.listener.name=PLAINTEXT",
		"log.dirs=" + b.path("data"),
		"auto.create.topics.enable=false",
		fmt.Sprintf("default.replication.factor=%d", p.replicas),
		fmt.Sprintf("min.insync.replicas=%d", p.insync),
		fmt.Sprintf("offsets.topic.replication.factor=%d", p.replicas),
		"offsets.topic.num.partitions=4",
		fmt.Sprintf("transaction.state.log.replication.factor=%d", p.replicas),
		fmt.Sprintf("transaction.state.log.min.isr=%d", p.insync),
		fmt.Sprintf("share.coordinator.state.topic.replication.factor=%d", p.replicas),
		fmt.Sprintf("share.coordinator.state.topic.min.isr=%d", p.insync),
		// A broker that was killed is noticed, and leaders come back to one that
		// was restarted, within seconds: so that a run sees many moves.
		"broker.session.timeout.ms=3000",
		"broker.heartbeat.interval.ms=500",
		"leader.imbalance.check.interval.seconds=5",
		"replica.lag.time.max.ms=5000",
		"group.initial.rebalance.delay.ms=0",
		"group.min.session.timeout.ms=1000",
		"",
	}, "\n")
}
