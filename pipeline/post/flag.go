package post

import "time"

// Person is what the roster says of the person behind an account on a given
// date. NIP and NIK are never here: PersonID is their keyed hash.
type Person struct {
	PersonID string `json:"person_id,omitempty"`
	Name     string `json:"name,omitempty"`
	Agency   string `json:"agency,omitempty"`
	Unit     string `json:"unit,omitempty"`
	Position string `json:"position,omitempty"`
	// Region is a code such as "61" (province), "61.08" (regency) or
	// "61.08.05" (district); empty where it is not known.
	Region string `json:"region,omitempty"`
	// Status is the kind of civil servant: pns, pppk, cpns …
	Status string `json:"status,omitempty"`
	// Basis says how the account was tied to the person.
	Basis string `json:"basis,omitempty"`
}

// Flag is a flagged post, as it is stored: the post, the person behind it as of
// the post's date, and the verdict.
type Flag struct {
	Post    Post
	Person  Person
	Verdict Verdict
	// FlaggedAt is when the worker classified it.
	FlaggedAt time.Time
	// Topic, Partition and Offset say which Kafka record it came from.
	Topic     string
	Partition int
	Offset    int64
}

// HourlyCount is how many posts, flagged or not, were made in one hour by
// accounts of one region and agency on one platform in one language.
type HourlyCount struct {
	// Hour is the start of the hour of the posts' created_at, UTC.
	Hour     time.Time
	Platform string
	Region   string
	Agency   string
	Language string
	Posts    uint64
}
