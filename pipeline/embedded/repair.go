package embedded

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// A MergeTree table with non_replicated_deduplication_window writes the block
// ids of an insert into its deduplication log first and gives the part its
// name after that (ClickHouse's MergeTreeSink). A process that is killed
// between the two leaves an id whose rows were never stored; the client that
// repeats its insert with the same token is then told that it is a duplicate,
// and the rows are lost. The same holds for a plain ClickHouse server; here we
// own the start, and so take such ids out of the logs before the engine reads
// them.

// repairDeduplication removes from every table's deduplication log what has no
// part, and a last line that was not written to its end. The engine must not
// be running.
func repairDeduplication(engineDirectory string, logger *slog.Logger) error {
	for _, pattern := range []string{"store/*/*/deduplication_logs", "data/*/*/deduplication_logs"} {
		logs, err := filepath.Glob(filepath.Join(engineDirectory, pattern))
		if err != nil {
			return fmt.Errorf("find deduplication logs: %w", err)
		}
		for _, directory := range logs {
			removed, err := repairTable(filepath.Dir(directory), directory)
			if err != nil {
				return fmt.Errorf("repair %s: %w", directory, err)
			}
			if removed > 0 {
				logger.Warn("the engine was killed during inserts; forgot ids of blocks that were not stored",
					"table", filepath.Dir(directory), "blocks", removed)
			}
		}
	}
	return nil
}

// addRecord is the operation of a record that says that a block was stored.
const addRecord = "1"

// logLine is a record of a deduplication log: operation, part, block id.
type logLine struct {
	file                   int
	operation, part, block string
	text                   string
}

func repairTable(table, directory string) (int, error) {
	parts, err := storedParts(table)
	if err != nil {
		return 0, err
	}
	files, err := logFiles(directory)
	if err != nil {
		return 0, err
	}
	var lines []logLine
	rewrite := make([]bool, len(files))
	for i, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			return 0, err
		}
		read, whole := parseLog(content, i)
		lines, rewrite[i] = append(lines, read...), !whole
	}
	last := map[string]int{} // block id to its last record
	for i, line := range lines {
		last[line.block] = i
	}
	removed := map[int]bool{}
	for _, i := range last {
		if line := lines[i]; line.operation == addRecord && !parts.hold(line.part) {
			removed[i], rewrite[line.file] = true, true
		}
	}
	for i, file := range files {
		if !rewrite[i] {
			continue
		}
		var kept bytes.Buffer
		for at, line := range lines {
			if line.file == i && !removed[at] {
				kept.WriteString(line.text)
			}
		}
		if err := replaceFile(table, file, kept.Bytes()); err != nil {
			return 0, err
		}
	}
	return len(removed), nil
}

// parseLog splits a log into its records. It reports false where the log ends
// in a record that is not whole; what follows such a record is not read by
// the engine either.
func parseLog(content []byte, file int) ([]logLine, bool) {
	var lines []logLine
	for len(content) > 0 {
		text, rest, ended := strings.Cut(string(content), "\n")
		fields := strings.Split(text, "\t")
		if !ended || len(fields) != 3 {
			return lines, false
		}
		lines = append(lines, logLine{file: file, operation: fields[0], part: fields[1], block: fields[2], text: text + "\n"})
		content = []byte(rest)
	}
	return lines, true
}

// logFiles are the logs of a table in the order in which they were written.
func logFiles(directory string) ([]string, error) {
	files, err := filepath.Glob(filepath.Join(directory, "deduplication_log_*.txt"))
	if err != nil {
		return nil, err
	}
	number := func(path string) int {
		name := strings.TrimSuffix(strings.TrimPrefix(filepath.Base(path), "deduplication_log_"), ".txt")
		n, err := strconv.Atoi(name)
		if err != nil {
			return -1
		}
		return n
	}
	slices.SortFunc(files, func(a, b string) int { return number(a) - number(b) })
	return files, nil
}

// partPattern is the name of a stored part: partition, first and last block,
// level, and the mutation if there was one. Names that begin with a prefix
// (tmp_insert_, delete_tmp_) are not stored parts.
var partPattern = regexp.MustCompile(`^([^_]+)_(\d+)_(\d+)_\d+(?:_\d+)?$`)

type blockRange struct{ first, last uint64 }

// partSet are the blocks that a table's parts hold, by partition.
type partSet map[string][]blockRange

func storedParts(table string) (partSet, error) {
	entries, err := os.ReadDir(table)
	if err != nil {
		return nil, err
	}
	set := partSet{}
	for _, entry := range entries {
		if partition, blocks, ok := parsePart(entry.Name()); ok && entry.IsDir() {
			set[partition] = append(set[partition], blocks)
		}
	}
	return set, nil
}

func parsePart(name string) (string, blockRange, bool) {
	match := partPattern.FindStringSubmatch(name)
	if match == nil {
		return "", blockRange{}, false
	}
	first, err1 := strconv.ParseUint(match[2], 10, 64)
	last, err2 := strconv.ParseUint(match[3], 10, 64)
	// In the old form of names, PARTITION_PARTITION_FIRST_LAST_LEVEL, this is
	// not the block range; it is then not understood.
	return match[1], blockRange{first, last}, err1 == nil && err2 == nil && first <= last
}

// hold says whether a part, or one that it was merged into, is stored. A name
// that is not understood counts as stored.
func (s partSet) hold(part string) bool {
	partition, wanted, ok := parsePart(part)
	if !ok {
		return true
	}
	return slices.ContainsFunc(s[partition], func(stored blockRange) bool {
		return stored.first <= wanted.first && wanted.last <= stored.last
	})
}

// replaceFile writes a file anew so that it is either the old or the new one.
// The engine reads every name in the log's directory as a log, so the new file
// grows in the table's.
func replaceFile(table, path string, content []byte) error {
	temporary := filepath.Join(table, "netra_repair.tmp")
	file, err := os.OpenFile(temporary, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o640) //nolint:gosec // below the data directory
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	if err = errors.Join(err, file.Sync(), file.Close()); err == nil {
		err = os.Rename(temporary, path)
	}
	if err != nil {
		if gone := os.Remove(temporary); !errors.Is(gone, fs.ErrNotExist) {
			err = errors.Join(err, gone)
		}
	}
	return err
}
