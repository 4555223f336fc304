package capture

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/netra-id/netra/pipeline/access"
	"github.com/netra-id/netra/pipeline/audit"
	"github.com/netra-id/netra/pipeline/blobs"
	"github.com/netra-id/netra/pipeline/database"
	"github.com/netra-id/netra/pipeline/post"
)

// File is a file that somebody handed in.
type File struct {
	blobs.Ref
	// Name is what its sender called it; it is shown and means nothing.
	Name string
}

// Keep stores a file that a person hands in, for a capture of theirs. Its errors
// wrap those of blobs where the file is refused.
func (d *Desk) Keep(ctx context.Context, by access.Viewer, name string, r io.Reader) (File, error) {
	ref, err := d.files.Put(ctx, &bounded{reader: r, desk: d}, blobs.Limits{MaxBytes: max(d.cfg.MaxImageBytes, d.cfg.MaxVideoBytes)})
	if err != nil {
		d.metrics.files.WithLabelValues("refused").Inc()
		return File{}, err
	}
	f := File{Ref: ref, Name: fileName(name)}
	err = d.db.Write(ctx, func(tx *database.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO capture_files (sha256, by_id, kind, name, size, at) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (sha256, by_id) DO UPDATE SET name = excluded.name`,
			ref.SHA256, by.ID, ref.Type, f.Name, ref.Size, d.now().UnixMilli())
		if err != nil {
			return err
		}
		return d.audit.Append(ctx, tx, audit.Event{
			By: by, Action: DidKeepFile, Subject: "file " + ref.SHA256, Detail: map[string]string{"type": ref.Type, "bytes": fmt.Sprint(ref.Size)},
		})
	})
	if err != nil {
		return File{}, fmt.Errorf("keep a file: %w", err)
	}
	d.metrics.files.WithLabelValues("kept").Inc()
	return f, nil
}

// bounded refuses an image that is larger than images may be, as soon as that is
// known: the store's own limit is that of videos.
type bounded struct {
	reader io.Reader
	desk   *Desk
	head   []byte
	read   int64
}

func (b *bounded) Read(p []byte) (int, error) {
	n, err := b.reader.Read(p)
	if room := 16 - len(b.head); room > 0 {
		b.head = append(b.head, p[:min(n, room)]...)
	}
	b.read += int64(n)
	if most := b.desk.cfg.MaxImageBytes; b.read > most && len(b.head) == 16 && !likeVideo(b.head) {
		return n, fmt.Errorf("%w: allowed: at most %d bytes", blobs.ErrTooLarge, most)
	}
	return n, err
}

func likeVideo(head []byte) bool {
	return string(head[4:8]) == "ftyp" || string(head[:4]) == "\x1a\x45\xdf\xa3"
}

func fileName(name string) string {
	name = strings.Map(func(r rune) rune {
		if r < 0x20 || r == 0x7f || r == '/' || r == '\\' {
			return -1
		}
		return r
	}, strings.ToValidUTF8(name, ""))
	if runes := []rune(name); len(runes) > 80 {
		name = string(runes[:80])
	}
	return name
}

// Kept are the files of a person with the hashes, in their order; those of others
// are left out.
func (d *Desk) Kept(ctx context.Context, by access.Viewer, sums []string) ([]File, error) {
	var files []File
	seen := map[string]bool{}
	for _, sum := range sums[:min(len(sums), 100)] {
		if !blobs.IsSum(sum) || seen[sum] {
			continue
		}
		seen[sum] = true
		f := File{Ref: blobs.Ref{SHA256: sum}}
		err := d.db.QueryRow(ctx, `SELECT kind, name, size FROM capture_files WHERE sha256 = ? AND by_id = ?`, sum, by.ID).Scan(&f.Type, &f.Name, &f.Size)
		if errors.Is(err, sql.ErrNoRows) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("look for a file: %w", err)
		}
		files = append(files, f)
	}
	return files, nil
}

// OpenKept opens a file that the person handed in.
func (d *Desk) OpenKept(ctx context.Context, by access.Viewer, sum string) (*blobs.Blob, error) {
	files, err := d.Kept(ctx, by, []string{sum})
	if err != nil {
		return nil, err
	}
	if len(files) == 0 {
		return nil, ErrNone
	}
	if err := d.audit.Tell(ctx, audit.Event{By: by, Action: DidViewFile, Subject: "file " + sum}); err != nil {
		return nil, err
	}
	return d.files.Open(ctx, sum)
}

func (d *Desk) media(ctx context.Context, by access.Viewer, sums []string) ([]post.Media, error) {
	files, err := d.Kept(ctx, by, sums)
	if err != nil {
		return nil, err
	}
	media := make([]post.Media, len(files))
	for i, f := range files {
		kind, _, _ := strings.Cut(f.Type, "/")
		if kind == "application" {
			kind = "document"
		}
		media[i] = post.Media{Type: kind, SHA256: f.SHA256}
	}
	return media, nil
}
