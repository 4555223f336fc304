package chaos

import (
	"context"
	"fmt"
	"os/exec"
	"time"
)

// upgradeStage is how far an upgrade under load has come.
type upgradeStage int

const (
	allOld upgradeStage = iota
	sideBySide
	allNew
)

// nextWorker is the command of the worker that is started next.
func (r *run) nextWorker() *exec.Cmd {
	switch {
	case r.parts.Old == nil || r.stage == allNew:
		return r.parts.Worker()
	case r.stage == allOld || r.random.IntN(2) == 0:
		return r.parts.Old()
	default:
		return r.parts.Worker()
	}
}

// upgrade goes on with the upgrade when its time has come.
func (r *run) upgrade(ctx context.Context, passed time.Duration) error {
	if r.parts.Old == nil {
		return nil
	}
	if r.stage == allOld && passed >= r.cfg.Duration/3 {
		r.parts.Log.Info("chaos", "act", "migrate while old workers run")
		r.report.Acts["migrate"]++
		if err := r.parts.Upgrade(ctx); err != nil {
			return fmt.Errorf("migrate: %w", err)
		}
		r.stage = sideBySide
		if err := r.workers.add(); err != nil {
			return err
		}
	}
	if r.stage == sideBySide && passed >= 2*r.cfg.Duration/3 {
		r.parts.Log.Info("chaos", "act", "replace the workers in turn", "workers", r.workers.size())
		r.stage = allNew
		return r.replaceAll(ctx)
	}
	return nil
}

// replaceAll ends every worker in order, one after the other, each after a new one
// was started.
func (r *run) replaceAll(ctx context.Context) error {
	for range r.workers.size() {
		r.report.Acts["replace a worker"]++
		if err := r.workers.add(); err != nil {
			return err
		}
		if err := r.workers.remove(ctx, func(int) int { return 0 }); err != nil { // the oldest
			return err
		}
	}
	return nil
}
