package capture

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/netra-id/netra/pipeline/blobs"
)

// HandedIn is a file with who handed it in first.
type HandedIn struct {
	*blobs.Blob
	// By is a person's user name, empty where that is no longer known, Name what
	// the file was called.
	By, Name string
	At       time.Time
}

// Handed opens a file that somebody handed in, for whoever keeps evidence of the
// post that names it. Its errors wrap those of blobs. The caller closes it.
func (d *Desk) Handed(ctx context.Context, sum string) (HandedIn, error) {
	blob, err := d.files.Open(ctx, sum)
	if err != nil {
		return HandedIn{}, err
	}
	file := HandedIn{Blob: blob}
	var id, at int64
	err = d.db.QueryRow(ctx, "SELECT by_id, name, at FROM capture_files WHERE sha256 = ? ORDER BY at LIMIT 1", sum).Scan(&id, &file.Name, &at)
	if err == nil {
		file.At = time.UnixMilli(at)
		err = d.db.QueryRow(ctx, "SELECT by_name FROM capture_posts WHERE by_id = ? ORDER BY num DESC LIMIT 1", id).Scan(&file.By)
	}
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return HandedIn{}, errors.Join(fmt.Errorf("look who handed in the file %s: %w", sum, err), blob.Close())
	}
	return file, nil
}
