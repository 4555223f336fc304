package embedded

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// ghosts finds members of consumer groups that died while they waited for the
// answer to their join. The broker gives such a member partitions, but starts no
// session for it, since the answer could not be sent: its partitions would lie
// until the next rebalance. What ghosts does about it is what an administrator
// would do: it lets the member leave.
type ghosts struct {
	client *kgo.Client
	log    *slog.Logger

	mutex sync.Mutex
	// alive is when a member was last heard of, by group and member.
	alive map[[2]string]time.Time
	// sessions is the longest session that members of a group asked for.
	sessions map[string]time.Duration
}

// unknownSession is for groups of which no join was seen by this process.
const unknownSession = 45 * time.Second

// watchGroups looks for ghosts until the broker closes.
func (b *Broker) watchGroups(logger *slog.Logger) error {
	g, err := newGhosts(b.cluster, logger)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(context.Background())
	b.cleaning.Go(func() { g.run(ctx) })
	b.cleaning.Go(func() { <-b.stop; cancel() })
	return nil
}

func newGhosts(cluster *kfake.Cluster, log *slog.Logger) (*ghosts, error) {
	client, err := kgo.NewClient(kgo.SeedBrokers(cluster.ListenAddrs()...))
	if err != nil {
		return nil, fmt.Errorf("watch the members of groups: %w", err)
	}
	g := &ghosts{client: client, log: log, alive: map[[2]string]time.Time{}, sessions: map[string]time.Duration{}}
	for _, request := range []kmsg.Request{new(kmsg.JoinGroupRequest), new(kmsg.HeartbeatRequest), new(kmsg.SyncGroupRequest)} {
		cluster.ControlKey(request.Key(), g.hear)
	}
	return g, nil
}

// hear notes who is alive, and leaves every request to the broker.
func (g *ghosts) hear(request kmsg.Request) (kmsg.Response, error, bool) {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	switch r := request.(type) {
	case *kmsg.JoinGroupRequest:
		g.sessions[r.Group] = max(g.sessions[r.Group], time.Duration(r.SessionTimeoutMillis)*time.Millisecond)
		g.alive[[2]string{r.Group, r.MemberID}] = time.Now()
	case *kmsg.HeartbeatRequest:
		g.alive[[2]string{r.Group, r.MemberID}] = time.Now()
	case *kmsg.SyncGroupRequest:
		g.alive[[2]string{r.Group, r.MemberID}] = time.Now()
	}
	return nil, nil, false
}

// run looks for ghosts until ctx ends.
func (g *ghosts) run(ctx context.Context) {
	defer g.client.Close()
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		if err := g.look(ctx); err != nil && ctx.Err() == nil {
			g.log.Warn("the members of groups cannot be watched", "error", err)
		}
	}
}

func (g *ghosts) look(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	list, err := kmsg.NewPtrListGroupsRequest().RequestWith(ctx, g.client)
	if err != nil {
		return fmt.Errorf("list groups: %w", err)
	}
	describe := kmsg.NewPtrDescribeGroupsRequest()
	for _, group := range list.Groups {
		describe.Groups = append(describe.Groups, group.Group)
	}
	if len(describe.Groups) == 0 {
		return nil
	}
	described, err := describe.RequestWith(ctx, g.client)
	if err != nil {
		return fmt.Errorf("describe groups: %w", err)
	}
	members := map[[2]string]bool{}
	for _, group := range described.Groups {
		for _, member := range group.Members {
			members[[2]string{group.Group, member.MemberID}] = true
		}
		if group.State != "Stable" {
			continue
		}
		for _, member := range group.Members {
			if err := g.judge(ctx, group.Group, member.MemberID); err != nil {
				return err
			}
		}
	}
	g.forget(members)
	return nil
}

// judge lets a member leave that was silent for longer than any session.
func (g *ghosts) judge(ctx context.Context, group, member string) error {
	g.mutex.Lock()
	heard, known := g.alive[[2]string{group, member}]
	if !known {
		heard = time.Now()
		g.alive[[2]string{group, member}] = heard
	}
	session := g.sessions[group]
	g.mutex.Unlock()
	if session == 0 {
		session = unknownSession
	}
	if silent := time.Since(heard); silent <= session+2*time.Second {
		return nil
	}
	g.log.Info("a member that died while joining leaves its group", "group", group, "member", member)
	leave := kmsg.NewPtrLeaveGroupRequest()
	leave.Group, leave.MemberID = group, member
	leaving := kmsg.NewLeaveGroupRequestMember()
	leaving.MemberID = member
	leave.Members = append(leave.Members, leaving)
	if _, err := leave.RequestWith(ctx, g.client); err != nil {
		return fmt.Errorf("let member %s leave group %s: %w", member, group, err)
	}
	return nil
}

// forget drops members that are in no group any more.
func (g *ghosts) forget(members map[[2]string]bool) {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	for member, heard := range g.alive {
		if !members[member] && time.Since(heard) > time.Minute {
			delete(g.alive, member)
		}
	}
}
