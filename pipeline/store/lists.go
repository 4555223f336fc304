package store

import (
	"context"
	"fmt"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
)

// ListPublication puts a version of the lists in force; see package tuning.
type ListPublication struct {
	Number   uint64    `ch:"number"`
	Version  string    `ch:"version"`
	Kind     string    `ch:"kind"`
	Previous uint64    `ch:"previous"`
	By       string    `ch:"made_by"`
	At       time.Time `ch:"made_at"`
	Why      string    `ch:"why"`
	Draft    string    `ch:"draft"`
	Approved string    `ch:"approved"`
	Backtest uint64    `ch:"backtest"`
}

// ListFile is one file of a version; Hash is its content's.
type ListFile struct {
	Version string `ch:"version"`
	Path    string `ch:"path"`
	Hash    string `ch:"hash"`
	Size    uint64 `ch:"size"`
}

type listContent struct {
	Hash    string `ch:"hash"`
	Content string `ch:"content"`
}

// The columns of the tables of migration 6.
var (
	listFileColumns = []clickhouse.ColumnNameAndType{
		{Name: "version", Type: "String"}, {Name: "path", Type: "String"}, {Name: "hash", Type: "String"}, {Name: "size", Type: "UInt64"},
	}
	listContentColumns     = []clickhouse.ColumnNameAndType{{Name: "hash", Type: "String"}, {Name: "content", Type: "String"}}
	listPublicationColumns = []clickhouse.ColumnNameAndType{
		{Name: "number", Type: "UInt64"}, {Name: "version", Type: "String"}, {Name: "kind", Type: "LowCardinality(String)"},
		{Name: "previous", Type: "UInt64"}, {Name: "made_by", Type: "String"}, {Name: "made_at", Type: "DateTime64(3, 'UTC')"},
		{Name: "why", Type: "String"}, {Name: "draft", Type: "String"}, {Name: "approved", Type: "String"}, {Name: "backtest", Type: "UInt64"},
	}
)

// LayLists lays out a published version: first the files that are not there yet,
// then its list of files, then the publication, so that whoever sees the
// publication finds all of it. The same may be laid out again.
func (s *Store) LayLists(ctx context.Context, p ListPublication, files []ListFile, content func(hash string) ([]byte, error)) error {
	doing := fmt.Sprintf("lay out publication %d of the lists", p.Number)
	if err := s.layFiles(ctx, doing, p.Version, files, content); err != nil {
		return err
	}
	token := fmt.Sprintf("lists/%d/%s", p.Number, p.Version)
	return s.failed("lists", doing, insertBlock(ctx, s, "list_publications", token, listPublicationColumns, []*ListPublication{&p}))
}

// layFiles lays out the files of a version that are not there yet, and then its
// list of files.
func (s *Store) layFiles(ctx context.Context, doing, version string, files []ListFile, content func(hash string) ([]byte, error)) error {
	hashes := make([]string, len(files))
	rows := make([]*ListFile, len(files))
	for i := range files {
		hashes[i], rows[i] = files[i].Hash, &files[i]
	}
	here, err := s.listContentsHere(ctx, hashes)
	if err != nil {
		return err
	}
	for _, hash := range hashes {
		if here[hash] {
			continue
		}
		here[hash] = true
		data, err := content(hash)
		if err != nil {
			return fmt.Errorf("%s: %w", doing, err)
		}
		row := []*listContent{{Hash: hash, Content: string(data)}}
		if err := insertBlock(ctx, s, "list_files", "lists/"+hash, listContentColumns, row); err != nil {
			return s.failed("lists", doing, err)
		}
	}
	return s.failed("lists", doing, insertBlock(ctx, s, "list_versions", "lists/"+version, listFileColumns, rows))
}

func (s *Store) listContentsHere(ctx context.Context, hashes []string) (map[string]bool, error) {
	var found []struct {
		Hash string `ch:"hash"`
	}
	err := s.read(ctx, "list_files", &found, "SELECT DISTINCT hash FROM list_files WHERE hash IN {hashes:Array(String)}", clickhouse.Named("hashes", hashes))
	here := map[string]bool{}
	for _, file := range found {
		here[file.Hash] = true
	}
	return here, err
}

// ListPublications returns the newest publications, newest first.
func (s *Store) ListPublications(ctx context.Context, limit int) ([]ListPublication, error) {
	var list []ListPublication
	err := s.read(ctx, "list_publications", &list,
		"SELECT "+columnList(listPublicationColumns)+" FROM list_publications ORDER BY number DESC LIMIT 1 BY number LIMIT {limit:UInt32}",
		clickhouse.Named("limit", uint32(limit))) //nolint:gosec // a few
	return list, err
}

// ListFiles returns the files of a version with their content, by path; an error
// that wraps ErrNotFound where the version is not laid out whole.
func (s *Store) ListFiles(ctx context.Context, version string) (map[string][]byte, error) {
	var files []ListFile
	err := s.read(ctx, "list_versions", &files,
		"SELECT "+columnList(listFileColumns)+" FROM list_versions WHERE version = {version:String} ORDER BY path LIMIT 1 BY path", clickhouse.Named("version", version))
	if err != nil {
		return nil, err
	}
	hashes := make([]string, len(files))
	for i := range files {
		hashes[i] = files[i].Hash
	}
	var contents []listContent
	err = s.read(ctx, "list_files", &contents,
		"SELECT hash, content FROM list_files WHERE hash IN {hashes:Array(String)} LIMIT 1 BY hash", clickhouse.Named("hashes", hashes))
	if err != nil {
		return nil, err
	}
	byHash := make(map[string]string, len(contents))
	for _, c := range contents {
		byHash[c.Hash] = c.Content
	}
	bundle := make(map[string][]byte, len(files))
	for _, file := range files {
		data, ok := byHash[file.Hash]
		if !ok {
			return nil, fmt.Errorf("file %s of version %s of the lists: %w", file.Path, version, ErrNotFound)
		}
		bundle[file.Path] = []byte(data)
	}
	if len(bundle) == 0 {
		return nil, fmt.Errorf("version %s of the lists: %w", version, ErrNotFound)
	}
	return bundle, nil
}
