package main

import (
	"context"
	"time"

	"github.com/netra-id/netra/pipeline/collect"
	"github.com/netra-id/netra/pipeline/roster"
)

// rosterAccounts tells sources which accounts of the roster to collect.
type rosterAccounts struct{ roster func() *roster.Roster }

// stillCollected is how long after its end an account is visited on: what it
// posted until then may be seen late.
const stillCollected = 7 * 24 * time.Hour

// keys lists the keys of all accounts that count now.
func (r rosterAccounts) keys() []string { return r.roster().Keys(time.Now()) }

func (r rosterAccounts) Accounts(_ context.Context, platform string) ([]collect.Account, error) {
	now := time.Now()
	listed := r.roster().Accounts(platform, now.Add(-stillCollected), now)
	accounts := make([]collect.Account, len(listed))
	for i, a := range listed {
		accounts[i] = collect.Account(a)
	}
	return accounts, nil
}
