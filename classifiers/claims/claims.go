// Package claims finds debunked claims in posts, also where they are reworded,
// shortened or wrapped in other text. It holds the library of claims, its parser
// and its check, and the near-duplicate search over it.
//
// It does not say that a post spreads a claim: a post that denies or reports the
// claim repeats its words too. The classifier, which knows the author's speech
// act, decides that from the match and its place in the text.
//
// The search compares stems without common words. Pairs of stems that stand close
// together are the keys of an index; each claim is kept under its rarest pairs
// only, so a post that shares none costs a few look-ups in a bit set, however
// large the library is. What shares some is compared in full.
package claims

import (
	_ "embed"
	"fmt"
	"os"
	"strings"
)

// Claim is one debunked claim.
type Claim struct {
	ID   string
	Text string
	// Date is the day of the debunking, "2019-01-02" or empty.
	Date string
	// Source is who debunked it, URL where that can be read.
	Source string
	URL    string
	// Verdict is what the source found: one of Verdicts.
	Verdict string
	// Language is the code of the text's language, empty where it is not known.
	Language string
}

// Likely is the score from which a match is worth showing as the claim itself.
const Likely = 0.6

// Possible is the lowest score that Match returns.
const Possible = 0.45

// Match is a claim that was found in a text.
type Match struct {
	Claim *Claim
	// Score says how much of the claim is there and how closely, from Possible to 1.
	Score float64
	// Start and End are byte offsets into the text, around the words of the claim.
	Start, End int
}

//go:embed default.csv
var defaultLibrary string

// Default is the library that is shipped with the program: typical false claims
// about elections, in our own words.
func Default() (*Index, error) {
	claims, err := Parse("default.csv", strings.NewReader(defaultLibrary))
	if err != nil {
		return nil, fmt.Errorf("shipped claims: %w", err)
	}
	return Build(claims), nil
}

// DefaultFile is the library that is shipped with the program, as the file.
func DefaultFile() []byte { return []byte(defaultLibrary) }

// Load reads a library from a CSV file and indexes it.
func Load(path string) (*Index, error) {
	claims, err := ReadFile(path)
	if err != nil {
		return nil, err
	}
	return Build(claims), nil
}

// ReadFile reads the claims of a CSV file.
func ReadFile(path string) ([]Claim, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read claims: %w", err)
	}
	defer func() { _ = file.Close() }()
	return Parse(path, file)
}
