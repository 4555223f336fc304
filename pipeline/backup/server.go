package backup

import (
	"context"
	"errors"
	"fmt"

	"github.com/netra-id/netra/pipeline/queue"
)

// byServer lets the ClickHouse server write a backup of the database, while the
// workers rest as long as they may. Where it took longer, the manifest says that
// the offsets are not of the same moment.
func (t *taking) byServer(ctx context.Context) (err error) {
	t.manifest.Tables.Destination = t.from.Destination
	t.manifest.Without = append(t.manifest.Without, fmt.Sprintf(
		"the tables: ClickHouse has written them to %s; RESTORE DATABASE brings them back", t.from.Destination))
	if err := t.from.Queue.AskForRest(ctx, queue.LongestRest); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, t.from.Queue.Release(context.WithoutCancel(ctx))) }()
	before, err := t.atRest(ctx)
	if err != nil {
		return err
	}
	t.manifest.Queue.Positions = positionsOf(before)
	if err := t.from.Store.ServerBackup(ctx, t.from.Destination); err != nil {
		return err
	}
	after, err := t.from.Queue.Standings(ctx)
	if err == nil && !same(before, after) {
		t.manifest.Queue.Later = true
		t.from.Log.Warn("the server's backup took longer than the workers may rest: what they stored meanwhile may be counted twice after a restore")
	}
	return err
}
