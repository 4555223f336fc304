package console

import (
	"net/http"
	"strconv"
	"time"

	"github.com/netra-id/netra/pipeline/tuning"
)

// apiPublicationView is a publication as programs read it.
type apiPublicationView struct {
	Number   int64       `json:"number"`
	Version  string      `json:"version"`
	Kind     tuning.Kind `json:"kind"`
	Previous int64       `json:"previous,omitzero"`
	By       string      `json:"by"`
	At       time.Time   `json:"at"`
	Why      string      `json:"why"`
	Draft    string      `json:"draft,omitzero"`
	Approved string      `json:"approved,omitzero"`
	Backtest int64       `json:"backtest,omitzero"`
}

func apiPublicationOf(p tuning.Publication) apiPublicationView {
	return apiPublicationView{
		Number: p.Number, Version: p.Version, Kind: p.Kind, Previous: p.Previous, By: p.By, At: p.At.UTC(), Why: p.Why,
		Draft: p.Draft, Approved: p.Approved, Backtest: p.Backtest,
	}
}

// apiPublications lists which lists were in force, the latest first.
func (c *Console) apiPublications(w http.ResponseWriter, r *http.Request) error {
	query := r.URL.Query()
	if err := knownQuery(query, nil, "limit"); err != nil {
		return err
	}
	limit, err := limitOf(query)
	if err != nil {
		return err
	}
	ctx, cancel := c.reviewing(r)
	defer cancel()
	publications, err := c.tuning.Book.Publications(ctx, limit)
	if err != nil {
		return err
	}
	views := make([]apiPublicationView, len(publications))
	for i, p := range publications {
		views[i] = apiPublicationOf(p)
	}
	return apiList(w, "publications", views)
}

// apiPublication shows one publication with the files of its version.
func (c *Console) apiPublication(w http.ResponseWriter, r *http.Request) error {
	number, err := strconv.ParseInt(r.PathValue("number"), 10, 64)
	if err != nil {
		return failure{status: http.StatusNotFound}
	}
	ctx, cancel := c.reviewing(r)
	defer cancel()
	p, err := c.tuning.Book.Publication(ctx, number)
	if err != nil {
		return missing(err)
	}
	version, err := c.tuning.Book.Version(ctx, p.Version)
	if err != nil {
		return missing(err)
	}
	return writeJSON(w, http.StatusOK, struct {
		Publication apiPublicationView `json:"publication"`
		Files       []tuning.File      `json:"files"`
	}{apiPublicationOf(p), filled(version.Files)})
}
