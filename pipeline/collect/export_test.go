package collect

import (
	"context"
	"fmt"
)

// LimitPages lets the state file grow to so many pages only, as a full disk
// does; SQLite answers both with SQLITE_FULL.
func (s *State) LimitPages(ctx context.Context, pages int) error {
	_, err := s.db.ExecContext(ctx, fmt.Sprintf("PRAGMA max_page_count = %d", pages))
	return err
}
