package bluesky

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/bluesky-social/indigo/atproto/syntax"
	"github.com/coder/websocket"

	"github.com/netra-id/netra/pipeline/collect"
)

const (
	// mostDIDs is how many accounts one connection may ask for.
	mostDIDs = 10_000
	// rewind is how far before the last event a connection begins: an event may
	// have had company in its microsecond, and another server another order.
	rewind = 5 * time.Second
	// batchSize and batchTime bound what is gathered before it is handed on.
	batchSize = 50
	batchTime = time.Second
	// pingEvery is how often it is asked whether the server is there, and
	// refreshEvery how often for the accounts.
	pingEvery    = 30 * time.Second
	refreshEvery = time.Minute
)

const streamPrefix = "jetstream/"

func (s *Source) streamTarget(shard int) collect.Target {
	target := collect.Target{ID: streamPrefix + strconv.Itoa(shard), Stream: true}
	if u, err := url.Parse(s.cfg.Stream.URL); err == nil {
		target.Host = u.Hostname()
	}
	return target
}

// shardOf says whether the target is a connection to Jetstream, and which.
func (s *Source) shardOf(target collect.Target) (int, bool) {
	number, ok := strings.CutPrefix(target.ID, streamPrefix)
	if !ok {
		return 0, false
	}
	shard, err := strconv.Atoi(number)
	return shard, err == nil
}

// streamState is what is remembered of a connection; as JSON it is its cursor.
type streamState struct {
	// TimeUS is the time of the last event, in microseconds since 1970.
	TimeUS int64 `json:"time_us"`
}

// listen hands on what Jetstream tells of the accounts of a shard, for the time
// of a session.
func (s *Source) listen(ctx context.Context, shard int, cursor collect.Cursor, sink collect.Sink) (collect.Result, error) {
	l := &listener{Source: s, shard: shard, sink: sink}
	if cursor != nil {
		if err := json.Unmarshal(cursor, &l.streamState); err != nil {
			return collect.Result{}, fmt.Errorf("cursor of connection %d: %w", shard, err)
		}
	}
	if _, err := l.refresh(ctx); err != nil {
		return collect.Result{}, err
	}
	if len(l.wanted) == 0 {
		return collect.Result{Next: refreshEvery}, nil
	}
	if err := sink.Wait(ctx); err != nil {
		return collect.Result{}, err
	}
	conn, err := s.client.Dial(ctx, l.address())
	if err != nil {
		return collect.Result{}, err
	}
	defer func() { _ = conn.CloseNow() }() // whatever its state, it is not used any more
	if err := l.options(ctx, conn); err != nil {
		return collect.Result{}, err
	}
	return collect.Result{Next: time.Millisecond}, l.run(ctx, conn)
}

// listener is one session of one connection.
type listener struct {
	*Source
	streamState
	shard  int
	sink   collect.Sink
	wanted map[string]collect.Account // by DID
	batch  []event
}

// refresh asks for the shard's accounts and says whether they have changed.
func (l *listener) refresh(ctx context.Context) (changed bool, err error) {
	accounts, err := l.accounts.Accounts(ctx, platform)
	if err != nil {
		return false, err
	}
	wanted := make(map[string]collect.Account, len(l.wanted))
	for _, a := range accounts {
		if _, err := syntax.ParseDID(a.ID); err == nil && shardFor(a.ID, l.cfg.Stream.Connections) == l.shard {
			wanted[a.ID] = a
			_, known := l.wanted[a.ID]
			changed = changed || !known
		}
	}
	if len(wanted) > mostDIDs {
		return false, collect.Errorf(collect.KindRefused, "connection %d has %d accounts: allowed: %d; raise stream.connections", l.shard, len(wanted), mostDIDs)
	}
	changed = changed || len(wanted) != len(l.wanted)
	l.wanted = wanted
	return changed, nil
}

// shardFor divides accounts over connections, each always to the same.
func shardFor(did string, connections int) int {
	h := fnv.New32a()
	_, _ = h.Write([]byte(did)) // a hash takes everything
	return int(h.Sum32() % uint32(connections))
}

// address is where the connection is opened. Nothing is sent on it before the
// options: ten thousand accounts are too many for an address.
func (l *listener) address() string {
	query := url.Values{"requireHello": {"true"}}
	if l.TimeUS > 0 {
		query.Set("cursor", strconv.FormatInt(l.TimeUS-rewind.Microseconds(), 10))
	}
	return l.cfg.Stream.URL + "?" + query.Encode()
}

// options tells the server what is wanted.
func (l *listener) options(ctx context.Context, conn *websocket.Conn) error {
	type payload struct {
		WantedCollections   []string `json:"wantedCollections"`
		WantedDIDs          []string `json:"wantedDids"`
		MaxMessageSizeBytes int64    `json:"maxMessageSizeBytes"`
	}
	update := payload{
		WantedCollections: []string{collectionPost, collectionRepost}, WantedDIDs: make([]string, 0, len(l.wanted)), MaxMessageSizeBytes: l.cfg.Fetch.MaxBodyBytes,
	}
	for did := range l.wanted {
		update.WantedDIDs = append(update.WantedDIDs, did)
	}
	message, err := json.Marshal(map[string]any{"type": "options_update", "payload": update})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, l.cfg.Fetch.Timeout)
	defer cancel()
	if err := conn.Write(ctx, websocket.MessageText, message); err != nil {
		return collect.Errorf(collect.KindTemporary, "tell Jetstream what is wanted: %w", err)
	}
	return nil
}

// received is a message, or why there are no more.
type received struct {
	data []byte
	err  error
}

// run hands on events until the session ends.
func (l *listener) run(ctx context.Context, conn *websocket.Conn) (err error) {
	reading, stop := context.WithCancel(ctx)
	messages, done := make(chan received), make(chan struct{})
	go func() {
		defer close(done)
		receive(reading, conn, messages)
	}()
	defer func() { stop(); <-done }()

	end := time.NewTimer(l.cfg.Stream.Session)
	defer end.Stop()
	flush, ping, refresh := time.NewTicker(batchTime), time.NewTicker(pingEvery), time.NewTicker(refreshEvery)
	defer flush.Stop()
	defer ping.Stop()
	defer refresh.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err() // the events since the cursor come again
		case <-end.C:
			return l.flush(ctx)
		case message := <-messages:
			if message.err != nil {
				return errors.Join(l.flush(ctx), streamError(ctx, message.err))
			}
			l.take(message.data)
			if len(l.batch) >= batchSize {
				err = l.flush(ctx)
			}
		case <-flush.C:
			err = l.flush(ctx)
		case <-ping.C:
			err = l.ping(ctx, conn)
		case <-refresh.C:
			var changed bool
			if changed, err = l.refresh(ctx); err == nil && changed {
				err = l.options(ctx, conn)
			}
		}
		if err != nil {
			return err
		}
	}
}

// receive passes messages on until ctx ends or the connection does.
func receive(ctx context.Context, conn *websocket.Conn, messages chan<- received) {
	for {
		_, data, err := conn.Read(ctx)
		select {
		case messages <- received{data, err}:
		case <-ctx.Done():
			return
		}
		if err != nil {
			return
		}
	}
}

func (l *listener) ping(ctx context.Context, conn *websocket.Conn) error {
	waiting, cancel := context.WithTimeout(ctx, pingEvery/2)
	defer cancel()
	if err := conn.Ping(waiting); err != nil {
		return streamError(ctx, err)
	}
	return nil
}

// streamError gives the end of a connection its kind.
func streamError(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if websocket.CloseStatus(err) == websocket.StatusMessageTooBig || errors.Is(err, websocket.ErrMessageTooBig) {
		return collect.Errorf(collect.KindMalformed, "Jetstream: %w", err)
	}
	return collect.Errorf(collect.KindTemporary, "Jetstream: %w", err)
}
