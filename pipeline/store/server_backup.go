package store

import (
	"context"
	"fmt"
	"time"
)

// backupPolled is how often a backup is asked after.
const backupPolled = time.Second

// ServerBackup lets the server back its database up to a destination that it
// knows, such as Disk('backups', 'netra-1') or S3(named_collection, 'netra-1'),
// and returns when that is done. On a cluster every machine takes part.
func (s *Store) ServerBackup(ctx context.Context, destination string) error {
	statement := fmt.Sprintf("BACKUP DATABASE `%s` %s TO %s ASYNC",
		s.configuration.Database, layout{&s.configuration}.OnCluster(), destination)
	var id, status string
	if err := s.connection.QueryRow(ctx, statement).Scan(&id, &status); err != nil {
		return s.failed("backup", "begin the server's backup to "+destination, err)
	}
	for {
		var problem string
		err := s.connection.QueryRow(ctx, "SELECT toString(status), error FROM system.backups WHERE id = ?", id).Scan(&status, &problem)
		switch {
		case err != nil:
			return s.failed("backup", "ask after the server's backup "+id, err)
		case status == "BACKUP_CREATED":
			return nil
		case status != "CREATING_BACKUP":
			return fmt.Errorf("the server's backup to %s ended as %s: %s", destination, status, problem)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(backupPolled):
		}
	}
}
