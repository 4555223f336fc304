package store

import (
	"time"
)

// InsertCursor is a place in the order in which flagged posts were inserted.
type InsertCursor struct {
	InsertedAt time.Time `ch:"inserted_at"`
	ID         string    `ch:"id"`
}

// Before says whether the cursor is before another one.
func (c InsertCursor) Before(other InsertCursor) bool {
	return c.InsertedAt.Before(other.InsertedAt) || c.InsertedAt.Equal(other.InsertedAt) && c.ID < other.ID
}

// DecisionRow is a decision as it is stored in ClickHouse, with what the item
// was when it fell.
type DecisionRow struct {
	ID           string    `ch:"id" json:"id"`
	Item         string    `ch:"item" json:"item"`
	Edition      uint32    `ch:"edition" json:"edition"`
	Account      string    `ch:"account" json:"account"`
	PersonID     string    `ch:"person_id" json:"person_id"`
	Labels       []string  `ch:"labels" json:"labels"`
	Rules        []string  `ch:"rules" json:"rules"`
	Contestants  []string  `ch:"contestants" json:"contestants"`
	Region       string    `ch:"region" json:"region"`
	Agency       string    `ch:"agency" json:"agency"`
	Platform     string    `ch:"platform" json:"platform"`
	Language     string    `ch:"language" json:"language"`
	Verdict      string    `ch:"verdict" json:"verdict"`
	Label        string    `ch:"label" json:"label"`
	Rule         string    `ch:"rule" json:"rule"`
	Cause        string    `ch:"cause" json:"cause"`
	By           string    `ch:"by" json:"by"`
	At           time.Time `ch:"at" json:"at"`
	Round        uint8     `ch:"round" json:"round"`
	Replaces     string    `ch:"replaces" json:"replaces"`
	Withdrawn    bool      `ch:"withdrawn" json:"withdrawn"`
	ListsVersion string    `ch:"lists_version" json:"lists_version"`
	CreatedAt    time.Time `ch:"created_at" json:"created_at"`
	FlaggedAt    time.Time `ch:"flagged_at" json:"flagged_at"`
	OpenedAt     time.Time `ch:"opened_at" json:"opened_at"`
}
