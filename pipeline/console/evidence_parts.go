package console

import (
	"net/http"

	"github.com/netra-id/netra/pipeline/access"
	"github.com/netra-id/netra/pipeline/evidence"
	evidencecapture "github.com/netra-id/netra/pipeline/evidence/capture"
)

// EvidenceParts are what evidence is shown from. Keeper must be there; without
// Capture nothing is captured again when somebody asks for it.
type EvidenceParts struct {
	Keeper  *evidence.Keeper
	Capture *evidencecapture.Worker
}

// What people do with evidence, as the audit log names it.
const (
	didOpenPiece = "evidence.open"
	didRequest   = "evidence.request"
)

// evidenceRoutes are what is kept of a post. They are of the item: who may see
// that may see these.
func (c *Console) evidenceRoutes() []route {
	return []route{
		{name: "evidence", pattern: "GET /items/{id}/evidence", action: access.Read, handle: c.whereEvidence(c.itemEvidence)},
		{name: "evidence_request", pattern: "POST /items/{id}/evidence", action: access.Review, handle: c.whereEvidence(c.requestEvidence)},
		{name: "evidence_file", pattern: "GET /items/{id}/evidence/{piece}", action: access.Read, handle: c.whereEvidence(c.evidenceFile)},
	}
}

// whereEvidence answers that there is no such page where nothing is kept.
func (c *Console) whereEvidence(handle handler) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		if c.deps.Evidence == nil {
			return failure{status: http.StatusNotFound}
		}
		return handle(w, r)
	}
}
