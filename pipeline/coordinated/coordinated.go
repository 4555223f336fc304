// Package coordinated finds near-identical texts by many accounts in a short time,
// among all posts, flagged or not. It reads the sketches that the workers keep in
// ClickHouse (package sketch: hashes, no texts), puts copies together into
// clusters, and keeps those in the console's database under ids that stay the same
// while they grow. How many accounts post alike says nothing by itself: a greeting
// is copied by thousands. So clusters are ranked, with the reasons for it, and
// none is hidden.
//
// It decides nothing, holds no text, and knows no HTTP. It is called by the
// console, which runs it and shows the clusters.
package coordinated

import (
	"errors"
	"time"
)

// ErrNotFound is also what somebody gets who may not see the cluster.
var ErrNotFound = errors.New("no such cluster")

// Grade is how a cluster ranks, for people.
type Grade string

// The grades.
const (
	High   Grade = "high"
	Medium Grade = "medium"
	Low    Grade = "low"
)

// Grades lists the grades, the gravest first.
var Grades = []Grade{High, Medium, Low}

// gradeFrom is the least rank of a grade.
var gradeFrom = map[Grade]int{High: 60, Medium: 35, Low: 0}

// GradeOf is the grade of a rank.
func GradeOf(rank int) Grade {
	for _, g := range Grades {
		if rank >= gradeFrom[g] {
			return g
		}
	}
	return Low
}

// Reason says what moved a cluster's rank.
type Reason struct {
	// Code is one of the codes below; Share from 0 to 1 and Count say how much of
	// it there is, Name of whom, where that is meant.
	Code  string  `json:"code"`
	Share float64 `json:"share,omitempty"`
	Count int     `json:"count,omitempty"`
	Name  string  `json:"name,omitempty"`
	// Points is what it added to the rank, or took from it.
	Points int `json:"points"`
}

// The codes of reasons.
const (
	ReasonFlagged      = "flagged"       // Share of the posts are flagged, Count of them
	ReasonTight        = "tight"         // Share of the accounts posted within one hour
	ReasonOneAgency    = "one_agency"    // Share of the accounts are of agency Name
	ReasonManyAgencies = "many_agencies" // Count agencies
	ReasonOneRegion    = "one_region"    // Share of the accounts are of region Name
	ReasonSize         = "size"          // Count accounts
	ReasonShared       = "shared"        // Share of the posts pass on another's post
	ReasonGreeting     = "greeting"      // Share of the posts are greetings
	ReasonCondolence   = "condolence"
	ReasonCircular     = "circular"
	ReasonPrayer       = "prayer"
)

// Cluster is a number of posts with nearly the same text.
type Cluster struct {
	// ID is a UUID. A cluster that was merged into another is found under both.
	ID              string
	FirstAt, LastAt time.Time
	FoundAt         time.Time
	UpdatedAt       time.Time
	// Rank is from 0 to 100.
	Rank     int
	Accounts int
	Posts    int
	Flagged  int
	Figures
}

// Grade is how it ranks.
func (c *Cluster) Grade() Grade { return GradeOf(c.Rank) }

// Figures are what else is counted of a cluster.
type Figures struct {
	Reasons []Reason `json:"reasons"`
	// Texts is how many different normalised texts there are.
	Texts int `json:"texts"`
	// Shared posts pass on another's post.
	Shared int `json:"shared"`
	// Agencies, Regions and Platforms have the accounts of each; "" is not known.
	Agencies  []Share `json:"agencies"`
	Regions   []Share `json:"regions"`
	Platforms []Share `json:"platforms"`
	// Line has the posts of each piece of Step from Line's first one on.
	Step time.Duration `json:"step"`
	Line []Piece       `json:"line"`
	// InHour is the most accounts within one hour.
	InHour int `json:"in_hour"`
}

// Share is how many accounts and posts have a value, and how many of the posts are
// flagged.
type Share struct {
	Value    string `json:"value"`
	Accounts int    `json:"accounts"`
	Posts    int    `json:"posts"`
	Flagged  int    `json:"flagged,omitempty"`
}

// Piece is the posts of a piece of time.
type Piece struct {
	At      time.Time `json:"at"`
	Posts   int       `json:"posts"`
	Flagged int       `json:"flagged"`
}

// Item is a flagged post of a cluster.
type Item struct {
	ID, Region, Account string
	CreatedAt           time.Time
}
