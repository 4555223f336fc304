// Package access says who may do what: roles, the actions that each may take,
// and the regions to which a person's rights are limited. It knows no database
// and no HTTP. It is called by everything that answers a person: the console's
// pages and API, the review, the tuning and the exports.
package access

import (
	"slices"
	"strings"
)

// Role is what a person is in Netra. A person has exactly one.
type Role string

// The roles.
const (
	// Analyst reviews flagged posts.
	Analyst Role = "analyst"
	// Supervisor also watches trends, settles conflicts and assigns work.
	Supervisor Role = "supervisor"
	// Operator tunes lists, contestants, roster and sources; reviews nothing.
	Operator Role = "operator"
	// Administrator manages people and reads the audit log; reviews nothing.
	Administrator Role = "administrator"
)

// Roles lists the roles.
var Roles = []Role{Analyst, Supervisor, Operator, Administrator}

// Action is something that a right is needed for.
type Action string

// The actions.
const (
	// Read is to see flagged posts and their reasons.
	Read Action = "read"
	// Review is to claim items and to decide on them.
	Review Action = "review"
	// Supervise is to settle conflicts, assign items and see the work of others.
	Supervise Action = "supervise"
	// Export is to take lists out of the console.
	Export Action = "export"
	// Tune is to edit, back-test and publish lists.
	Tune Action = "tune"
	// Collect is to capture posts by hand and look at tips.
	Collect Action = "collect"
	// Administer is to manage people and to read the audit log.
	Administer Action = "administer"
)

// Actions lists the actions.
var Actions = []Action{Read, Review, Supervise, Export, Tune, Collect, Administer}

var rights = map[Role][]Action{
	Analyst:       {Read, Review, Collect},
	Supervisor:    {Read, Review, Supervise, Export, Collect},
	Operator:      {Read, Tune, Collect},
	Administrator: {Administer},
}

// May says whether the role may take the action.
func (r Role) May(action Action) bool { return slices.Contains(rights[r], action) }

// Known says whether it is one of the roles.
func (r Role) Known() bool { return slices.Contains(Roles, r) }

// Viewer is the person on whose behalf something is done.
type Viewer struct {
	// ID is the user's number, 0 for Netra itself and for commands.
	ID   int64
	Name string
	Role Role
	// Regions are the codes ("61", "61.08") of the only regions that the person
	// sees, each with the regions inside it. None is all of them.
	Regions []string
}

// May says whether the viewer may take the action.
func (v Viewer) May(action Action) bool { return v.Role.May(action) }

// Sees says whether a region is among the viewer's. A post without a known
// region is seen only by those who see all.
func (v Viewer) Sees(region string) bool {
	if len(v.Regions) == 0 {
		return true
	}
	return slices.ContainsFunc(v.Regions, func(own string) bool { return Within(region, own) })
}

// Within says whether the region is outer or inside it: "61.08" is within "61".
func Within(region, outer string) bool {
	return region == outer || strings.HasPrefix(region, outer+".")
}
