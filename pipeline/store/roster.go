package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"

	"github.com/netra-id/netra/pipeline/roster"
	"github.com/netra-id/netra/pipeline/strict"
)

// keptImports is how many imports of the roster are kept. Entries are dated, so
// that the last one says all; the others are there to go back to by hand.
const keptImports = 5

// errRosterMoved says that another import came between.
var errRosterMoved = errors.New("another import of the roster came between: try again")

type entryRow struct {
	Import     uint64     `ch:"import"`
	Platform   string     `ch:"platform"`
	AccountID  string     `ch:"account_id"`
	Handle     string     `ch:"handle"`
	PersonID   string     `ch:"person_id"`
	PersonName string     `ch:"person_name"`
	Agency     string     `ch:"agency"`
	Unit       string     `ch:"unit"`
	Position   string     `ch:"position"`
	Region     string     `ch:"region"`
	Status     string     `ch:"status"`
	Basis      string     `ch:"basis"`
	ValidFrom  time.Time  `ch:"valid_from"`
	ValidUntil *time.Time `ch:"valid_until"`
}

type importRow struct {
	Import     uint64    `ch:"import"`
	Version    string    `ch:"version"`
	Entries    uint64    `ch:"entries"`
	ImportedAt time.Time `ch:"imported_at"`
	New        uint64    `ch:"new"`
	Changed    uint64    `ch:"changed"`
	Ended      uint64    `ch:"ended"`
	Unchanged  uint64    `ch:"unchanged"`
}

// The columns of roster_accounts and roster_imports, as migration 4 makes them.
var (
	entryColumns = []clickhouse.ColumnNameAndType{
		{Name: "import", Type: "UInt64"},
		{Name: "platform", Type: "LowCardinality(String)"},
		{Name: "account_id", Type: "String"},
		{Name: "handle", Type: "String"},
		{Name: "person_id", Type: "String"},
		{Name: "person_name", Type: "String"},
		{Name: "agency", Type: "LowCardinality(String)"},
		{Name: "unit", Type: "LowCardinality(String)"},
		{Name: "position", Type: "LowCardinality(String)"},
		{Name: "region", Type: "LowCardinality(String)"},
		{Name: "status", Type: "LowCardinality(String)"},
		{Name: "basis", Type: "LowCardinality(String)"},
		{Name: "valid_from", Type: "Date32"},
		{Name: "valid_until", Type: "Nullable(Date32)"},
	}
	importColumns = []clickhouse.ColumnNameAndType{
		{Name: "import", Type: "UInt64"},
		{Name: "version", Type: "String"},
		{Name: "entries", Type: "UInt64"},
		{Name: "imported_at", Type: "DateTime64(3, 'UTC')"},
		{Name: "new", Type: "UInt64"},
		{Name: "changed", Type: "UInt64"},
		{Name: "ended", Type: "UInt64"},
		{Name: "unchanged", Type: "UInt64"},
	}
)

// SaveRoster lays an import over the stored roster by roster.Merge, and says
// what changed. The new roster is in force as a whole or not at all. When
// nothing changes, nothing is written.
func (s *Store) SaveRoster(ctx context.Context, entries []roster.Entry) (roster.Changes, error) {
	if err := roster.CheckPeriods(entries); err != nil {
		return roster.Changes{}, fmt.Errorf("save the roster: %w", err)
	}
	last, err := s.lastImport(ctx)
	if err != nil {
		return roster.Changes{}, err
	}
	stored, err := s.entriesOf(ctx, last)
	if err != nil {
		return roster.Changes{}, err
	}
	merged, changes := roster.Merge(stored, entries)
	if !changes.Any() {
		return changes, nil
	}
	next := importRow{
		Import:  max(uint64(time.Now().UnixMicro()), last.Import+1),
		Version: roster.Version(merged), Entries: uint64(len(merged)), ImportedAt: time.Now().UTC(),
		New: uint64(changes.New), Changed: uint64(changes.Changed), Ended: uint64(changes.Ended), Unchanged: uint64(changes.Unchanged),
	}
	if err := s.writeImport(ctx, last, next, merged); err != nil {
		return roster.Changes{}, s.failed("roster", "save the roster", err)
	}
	s.dropOldImports(ctx)
	return changes, nil
}

// writeImport writes the entries, and then, unless another import came between,
// the row that puts them in force.
func (s *Store) writeImport(ctx context.Context, last, next importRow, merged []roster.Entry) error {
	rows := make([]*entryRow, len(merged))
	for i := range merged {
		rows[i] = newEntryRow(next.Import, &merged[i])
	}
	token := fmt.Sprintf("roster/%d", next.Import)
	if err := insertBlock(ctx, s, "roster_accounts", token, entryColumns, rows); err != nil {
		return err
	}
	now, err := s.lastImport(ctx)
	if err != nil {
		return err
	}
	if now.Import != last.Import {
		return errRosterMoved
	}
	return insertBlock(ctx, s, "roster_imports", token, importColumns, []*importRow{&next})
}

// LoadRoster returns the entries in force with their version; none and "" before
// the first import.
func (s *Store) LoadRoster(ctx context.Context) ([]roster.Entry, string, error) {
	last, err := s.lastImport(ctx)
	if err != nil {
		return nil, "", err
	}
	entries, err := s.entriesOf(ctx, last)
	if err != nil {
		return nil, "", err
	}
	return entries, last.Version, nil
}

// RosterVersion returns the version of the roster in force, "" before the first
// import. It reads one row.
func (s *Store) RosterVersion(ctx context.Context) (string, error) {
	last, err := s.lastImport(ctx)
	return last.Version, err
}

func (s *Store) lastImport(ctx context.Context) (importRow, error) {
	var rows []importRow
	err := s.read(ctx, "roster_version", &rows,
		"SELECT "+columnList(importColumns)+" FROM roster_imports ORDER BY import DESC LIMIT 1")
	if err != nil || len(rows) == 0 {
		return importRow{}, err
	}
	return rows[0], nil
}

// entriesOf reads an import whole, or fails: another replica may have its row
// before it has all of its entries.
func (s *Store) entriesOf(ctx context.Context, which importRow) ([]roster.Entry, error) {
	if which.Import == 0 {
		return nil, nil
	}
	var rows []entryRow
	err := s.read(ctx, "roster", &rows, "SELECT "+columnList(entryColumns)+`
		FROM roster_accounts WHERE import = {import:UInt64} ORDER BY platform, account_id, valid_from`,
		clickhouse.Named("import", which.Import))
	if err != nil {
		return nil, err
	}
	entries := make([]roster.Entry, len(rows))
	for i := range rows {
		entries[i] = rows[i].entry()
	}
	if version := roster.Version(entries); version != which.Version {
		return nil, fmt.Errorf("load the roster: import %d has %d entries here that make version %s; it should have %d that make %s (is this replica behind?)",
			which.Import, len(entries), version, which.Entries, which.Version)
	}
	return entries, nil
}

// dropOldImports forgets all but the last imports. Each is a partition, so that
// this costs nothing; where it fails, the next import does it.
func (s *Store) dropOldImports(ctx context.Context) {
	var old []struct {
		Import uint64 `ch:"import"`
	}
	err := s.read(ctx, "roster_imports", &old, `
		SELECT DISTINCT import FROM roster_accounts
		WHERE import < (SELECT min(import) FROM (SELECT import FROM roster_imports ORDER BY import DESC LIMIT {kept:UInt32}))`,
		clickhouse.Named("kept", uint32(keptImports)))
	for _, row := range old {
		if err == nil {
			err = s.connection.Exec(ctx, fmt.Sprintf("ALTER TABLE roster_accounts DROP PARTITION %d", row.Import))
		}
	}
	if err != nil {
		s.log.WarnContext(ctx, "old imports of the roster stay", "error", err)
	}
}

func newEntryRow(number uint64, e *roster.Entry) *entryRow {
	row := &entryRow{
		Import: number, Platform: e.Platform, AccountID: e.AccountID, Handle: e.Handle,
		PersonID: e.Person.PersonID, PersonName: e.Person.Name, Agency: e.Person.Agency, Unit: e.Person.Unit,
		Position: e.Person.Position, Region: e.Person.Region, Status: e.Person.Status, Basis: e.Person.Basis,
		ValidFrom: dayIn(e.ValidFrom, strict.WIB, time.UTC),
	}
	if !e.Open() {
		until := dayIn(e.ValidUntil, strict.WIB, time.UTC)
		row.ValidUntil = &until
	}
	return row
}

func (r *entryRow) entry() roster.Entry {
	e := roster.Entry{
		Platform: r.Platform, AccountID: r.AccountID, Handle: r.Handle,
		ValidFrom: dayIn(r.ValidFrom, time.UTC, strict.WIB),
	}
	e.Person.PersonID, e.Person.Name = r.PersonID, r.PersonName
	e.Person.Agency, e.Person.Unit, e.Person.Position = r.Agency, r.Unit, r.Position
	e.Person.Region, e.Person.Status, e.Person.Basis = r.Region, r.Status, r.Basis
	if r.ValidUntil != nil {
		e.ValidUntil = dayIn(*r.ValidUntil, time.UTC, strict.WIB)
	}
	return e
}

// dayIn is the day that t has in one zone, as the start of that day in another.
func dayIn(t time.Time, from, to *time.Location) time.Time {
	year, month, day := t.In(from).Date()
	return time.Date(year, month, day, 0, 0, 0, 0, to)
}
