// Package seal is an append-only, tamper-evident log of statements: a Merkle
// tree as in RFC 6962 and Go's checksum database, with checkpoints that are
// signed and time-stamped (RFC 3161) by a configurable authority.
//
// A statement is bytes that somebody vouches for: what a piece of evidence is,
// what a person decided, what was exported or purged. The log holds its SHA-256
// only, so that what must be forgotten can be: the leaf stays and proves that
// something was there, not what.
//
// A statement is added in the transaction of the change that it tells of, as a
// row that waits; sealing appends what waits, in order, and signs a checkpoint.
// So no change waits for the log, and nothing that was committed is left out.
//
// The package knows neither posts nor files. It is called by everything that is
// evidence: evidence, review (decisions), cases, evidence/pack, retention.
package seal

import (
	"context"

	"github.com/netra-id/netra/pipeline/database"
)

// Kind says what a statement is about. It is part of the leaf.
type Kind string

// The kinds of statements.
const (
	KindPiece     Kind = "piece"
	KindDecision  Kind = "decision"
	KindCase      Kind = "case"
	KindPack      Kind = "pack"
	KindTombstone Kind = "tombstone"
)

// Adder takes statements. *Log implements it; packages that only add declare
// their dependency by it.
type Adder interface {
	// Add has the statement sealed after the transaction is committed, within
	// seconds. The same statement is sealed once, however often it is added.
	Add(ctx context.Context, tx *database.Tx, kind Kind, statement []byte) error
}
