package pack

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"

	"github.com/netra-id/netra/pipeline/evidence"
	"github.com/netra-id/netra/pipeline/evidence/seal"
)

// statedTime is what a statement says of when it was.
type statedTime struct {
	path string
	what string
	at   time.Time
	leaf int64
	// sealed is when the log took it in, by its own clock.
	sealed time.Time
	// bound says that the time must be close to that; otherwise it is only told.
	bound bool
}

// statement reads what a statement says, as far as something can be verified by
// it.
func (v *verifier) statement(i int, data []byte) error {
	s, proof := v.manifest.Statements[i], v.proofs.leaves[i+1]
	t := statedTime{path: s.Path, bound: true}
	var err error
	switch s.Kind {
	case seal.KindPiece:
		err = v.piece(s, data, &t)
	case seal.KindDecision:
		err = v.decision(s, data, &t)
	default:
		v.result.Others++
		var other struct {
			At time.Time `json:"at"`
		}
		if err = json.Unmarshal(data, &other); err == nil {
			t.at, t.what = other.At, "what it tells of"
		}
	}
	if err != nil {
		return err
	}
	if t.at.IsZero() {
		return nil
	}
	t.leaf, t.sealed = proof.number, proof.sealedAt
	v.stated = append(v.stated, t)
	return nil
}

// fetchedElsewhere are the kinds of pieces that were fetched before Netra kept
// them as evidence, by a collector or a person: the log bounds when they were
// there, not when they were fetched.
var fetchedElsewhere = map[evidence.Kind]bool{evidence.Raw: true, evidence.HTTP: true, evidence.Handed: true}

func (v *verifier) piece(s Stated, data []byte, t *statedTime) error {
	var p evidence.Piece
	if err := strictly(data, &p); err != nil {
		return fault(s.Path, "it is no statement of a piece: %v", err)
	}
	if p.Post != s.Post {
		return fault(s.Path, "it is about the post %q; the manifest says %q", short(p.Post), short(s.Post))
	}
	if p.SHA256 != "" {
		v.pieces[p.SHA256] = p.Size
	} else if p.Problem == "" {
		return fault(s.Path, "it names no file and no problem")
	}
	if p.Problem != "" {
		v.result.Problems++
	}
	v.result.Pieces++
	t.at, t.what, t.bound = p.CapturedAt, fmt.Sprintf("the capture (%s of %s)", p.Kind, p.Post), !fetchedElsewhere[p.Kind]
	return nil
}

func (v *verifier) decision(s Stated, data []byte, t *statedTime) error {
	var d struct {
		Post string    `json:"post"`
		At   time.Time `json:"at"`
		By   string    `json:"by"`
		Late bool      `json:"late"`
	}
	if err := json.Unmarshal(data, &d); err != nil {
		return fault(s.Path, "it is no statement of a decision: %v", err)
	}
	if d.Post != s.Post {
		return fault(s.Path, "it is a decision on the post %q; the manifest says %q", short(d.Post), short(s.Post))
	}
	v.result.Decisions++
	t.at, t.what, t.bound = d.At, fmt.Sprintf("the decision by %s on %s", d.By, d.Post), !d.Late
	return nil
}

// strictly decodes JSON that has no other fields.
func strictly(data []byte, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	return decoder.Decode(into)
}
