package console

import (
	_ "embed" // the description
	"fmt"
	"net/http"
	"strings"

	"github.com/goccy/go-yaml"
)

// openapiYAML describes the API.
//
//go:embed openapi.yaml
var openapiYAML []byte

// openapiJSON is the description in JSON.
func openapiJSON() ([]byte, error) {
	data, err := yaml.YAMLToJSON(openapiYAML)
	if err != nil {
		return nil, fmt.Errorf("put openapi.yaml into JSON: %w", err)
	}
	return data, nil
}

// apiDescription serves the description. It is everybody's: it says nothing of
// what is in the queue.
func (c *Console) apiDescription(w http.ResponseWriter, r *http.Request) error {
	kind, data := "application/yaml", openapiYAML
	if strings.HasSuffix(r.URL.Path, ".json") {
		kind, data = "application/json; charset=utf-8", c.description
	}
	w.Header().Set("Content-Type", kind)
	w.WriteHeader(http.StatusOK)
	_, _ = w.Write(data) // the reader may have gone
	return nil
}
