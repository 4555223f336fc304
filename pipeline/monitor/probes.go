package monitor

import (
	"context"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Probes ask again and again whether the servers that a process needs answer it,
// so that an alarm can tell a server that is away from work that fails.
type Probes struct {
	// Every is the time between two questions, Within how long an answer may take.
	Every, Within time.Duration

	up      *prometheus.GaugeVec
	mutex   sync.Mutex
	servers []Check
	added   chan struct{}
}

// NewProbes returns probes of no server yet.
func NewProbes(registerer prometheus.Registerer) *Probes {
	return &Probes{
		Every: 5 * time.Second, Within: 5 * time.Second, added: make(chan struct{}, 1),
		up: Register(registerer, prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "netra_server_up", Help: "1 when the server answered this process, 0 when it did not: clickhouse, kafka or database.",
		}, []string{"server"})),
	}
}

// Add adds a server, named as in the metric. It is asked at once where Run runs.
func (p *Probes) Add(server Check) {
	p.mutex.Lock()
	p.servers = append(p.servers, server)
	p.mutex.Unlock()
	select {
	case p.added <- struct{}{}:
	default:
	}
}

// Run asks until ctx ends, and returns when no question is open any more.
func (p *Probes) Run(ctx context.Context) {
	ticker := time.NewTicker(p.Every)
	defer ticker.Stop()
	for {
		p.ask(ctx)
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		case <-p.added:
		}
	}
}

// ask asks all servers at once, so that one that hangs holds up no other.
func (p *Probes) ask(ctx context.Context) {
	p.mutex.Lock()
	servers := p.servers
	p.mutex.Unlock()
	var asked sync.WaitGroup
	for _, server := range servers {
		asked.Go(func() {
			within, cancel := context.WithTimeout(ctx, p.Within)
			defer cancel()
			up := 1.0
			if err := server.Ready(within); err != nil {
				up = 0
			}
			if ctx.Err() == nil {
				p.up.WithLabelValues(server.Name).Set(up)
			}
		})
	}
	asked.Wait()
}
