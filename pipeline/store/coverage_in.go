package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
)

// CoverageState is how well an account was collected in a period. The view
// accounts_in says what each means.
type CoverageState string

// The states, the worst first.
const (
	Unwatched    CoverageState = "unwatched"
	NotCollected CoverageState = "none"
	WithGaps     CoverageState = "gaps"
	Collected    CoverageState = "full"
)

// CoverageStates lists the states, the best first.
var CoverageStates = []CoverageState{Collected, WithGaps, NotCollected, Unwatched}

// CoverageFilter chooses accounts in a period. From and Until must be there; of
// the others an empty field does not filter.
type CoverageFilter struct {
	// From (inclusive) and Until (exclusive) bound the period; what is behind Now
	// cannot have been collected yet.
	From, Until, Now time.Time
	Platform, Agency string
	// Region also chooses the regions inside it. Within are the only regions that
	// the reader may see, each with those inside it; none is all.
	Region string
	Within []string
	State  CoverageState
}

// CoveredAccount is an account with how well it was collected in a period, by the
// best of its sources.
type CoveredAccount struct {
	Platform  string `ch:"platform"`
	AccountID string `ch:"account_id"`
	Handle    string `ch:"handle"`
	Agency    string `ch:"agency"`
	Region    string `ch:"region"`
	// Listed says that the roster has the account in the period.
	Listed bool   `ch:"is_listed"`
	Source string `ch:"source"`
	// State is one of CoverageStates.
	State string `ch:"state"`
	// LastSuccess, LastPost and FailingSince are zero where there is none.
	LastSuccess  time.Time `ch:"last_success"`
	LastPost     time.Time `ch:"last_post"`
	FailingSince time.Time `ch:"failing_since"`
	Failures     uint32    `ch:"failures"`
	// Problem is the kind of the last failure, Reason what was said of it.
	Problem string `ch:"problem"`
	Reason  string `ch:"reason"`
	// The periods in which posts may be missing, and their time within the period.
	MissingFrom    []time.Time `ch:"missing_from"`
	MissingUntil   []time.Time `ch:"missing_until"`
	MissingReason  []string    `ch:"missing_reason"`
	MissingSeconds float64     `ch:"missing_seconds"`
}

// CoverageShare is how many accounts of a value are in each state.
type CoverageShare struct {
	Value     string `ch:"value"`
	Full      uint64 `ch:"full"`
	Gaps      uint64 `ch:"gaps"`
	None      uint64 `ch:"none"`
	Unwatched uint64 `ch:"unwatched"`
}

// Accounts is how many there are in all states.
func (c CoverageShare) Accounts() uint64 { return c.Full + c.Gaps + c.None + c.Unwatched }

const accountsIn = ` FROM accounts_best_in(
		from = fromUnixTimestamp64Milli({from:Int64}, 'UTC'), until = fromUnixTimestamp64Milli({until:Int64}, 'UTC'),
		now = fromUnixTimestamp64Milli({now:Int64}, 'UTC'))
	WHERE ({region:String} = '' OR region = {region:String} OR startsWith(region, concat({region:String}, '.')))
		AND ({within:String} = '' OR arrayExists(own -> region = own OR startsWith(region, concat(own, '.')), splitByChar(' ', {within:String})))
		AND ({agency:String} = '' OR agency = {agency:String})
		AND ({platform:String} = '' OR platform = {platform:String})
		AND ({state:String} = '' OR state = {state:String})`

func (f *CoverageFilter) parameters() []any {
	return []any{
		clickhouse.Named("from", f.From.UnixMilli()), clickhouse.Named("until", f.Until.UnixMilli()), clickhouse.Named("now", f.Now.UnixMilli()),
		clickhouse.Named("region", f.Region), clickhouse.Named("within", strings.Join(f.Within, " ")),
		clickhouse.Named("agency", f.Agency), clickhouse.Named("platform", f.Platform), clickhouse.Named("state", string(f.State)),
	}
}

// sharedBy is what shares of coverage can be counted by.
var sharedBy = map[string]string{"": "''", "platform": "toString(platform)", "province": "province", "region": "toString(region)"}

// CoverageShares counts the accounts of a filter by platform, province or region,
// or with "" all together; the most accounts first.
func (s *Store) CoverageShares(ctx context.Context, by string, filter CoverageFilter) ([]CoverageShare, error) {
	column, known := sharedBy[by]
	if !known {
		return nil, fmt.Errorf("share coverage by %q; allowed: platform, province, region or nothing", by)
	}
	var rows []CoverageShare
	err := s.read(ctx, "coverage_shares", &rows, "SELECT "+column+` AS value, countIf(state = 'full') AS full, countIf(state = 'gaps') AS gaps,
		countIf(state = 'none') AS none, countIf(state = 'unwatched') AS unwatched`+accountsIn+`
		GROUP BY value ORDER BY count() DESC, value LIMIT 1000`, filter.parameters()...)
	return rows, err
}

// CoveredAccounts lists the accounts of a filter that stand behind the last one,
// in order of platform and account id.
func (s *Store) CoveredAccounts(ctx context.Context, filter CoverageFilter, after CoveredAccount, limit int) ([]CoveredAccount, error) {
	var rows []CoveredAccount
	err := s.read(ctx, "coverage_accounts", &rows, `SELECT platform, account_id, handle, agency, region, CAST(listed = 1, 'Bool') AS is_listed, source,
		CAST(state, 'String') AS state, last_success, last_post, failing_since, failures, problem, reason, missing_from, missing_until, missing_reason, missing_seconds`+accountsIn+`
			AND (platform, account_id) > ({after_platform:String}, {after_account:String})
		ORDER BY platform, account_id LIMIT {limit:UInt32}`,
		append(filter.parameters(), clickhouse.Named("after_platform", after.Platform), clickhouse.Named("after_account", after.AccountID),
			clickhouse.Named("limit", uint32(max(0, limit))))...) //nolint:gosec // not negative
	for i := range rows {
		r := &rows[i]
		r.LastSuccess, r.LastPost, r.FailingSince = loadedTime(r.LastSuccess), loadedTime(r.LastPost), loadedTime(r.FailingSince)
	}
	return rows, err
}
