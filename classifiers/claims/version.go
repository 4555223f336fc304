package claims

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
)

// Version is "sha256:" and the digest of the claims, for the verdicts that rest
// on them.
func (x *Index) Version() string {
	digest := sha256.New()
	for i := range x.claims {
		_, _ = fmt.Fprintf(digest, "%d:%s%d:%s", len(x.claims[i].ID), x.claims[i].ID, len(x.claims[i].Text), x.claims[i].Text)
	}
	return "sha256:" + hex.EncodeToString(digest.Sum(nil))
}
