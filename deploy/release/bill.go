package main

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"strings"
	"time"
)

// The bill of materials, as CycloneDX 1.5 has it.
type bill struct {
	Format       string      `json:"bomFormat"`
	Spec         string      `json:"specVersion"`
	Serial       string      `json:"serialNumber"`
	Version      int         `json:"version"`
	Metadata     metadata    `json:"metadata"`
	Components   []component `json:"components"`
	Dependencies []depends   `json:"dependencies"`
}

type metadata struct {
	Timestamp string    `json:"timestamp"`
	Component component `json:"component"`
}

type component struct {
	Type       string           `json:"type"`
	Ref        string           `json:"bom-ref"`
	Name       string           `json:"name"`
	Version    string           `json:"version"`
	Purl       string           `json:"purl"`
	Licenses   []map[string]any `json:"licenses"`
	Properties []property       `json:"properties,omitempty"`
}

type property struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

type depends struct {
	Ref string   `json:"ref"`
	On  []string `json:"dependsOn"`
}

func (p *plan) writeBill(parts []part, arch, to string) error {
	own := component{
		Type: "application", Ref: "netra", Name: "netra", Version: p.version,
		Purl: "pkg:golang/github.com/netra-id/netra@" + url.PathEscape(p.version) + "?goarch=" + arch + "&goos=linux", Licenses: licences("Apache-2.0"),
		Properties: []property{{"netra:commit", p.commit}, {"netra:arch", "linux/" + arch}},
	}
	b := bill{
		Format: "CycloneDX", Spec: "1.5", Version: 1,
		Metadata: metadata{Timestamp: p.time.Format(time.RFC3339), Component: own},
	}
	on := depends{Ref: own.Ref, On: []string{}}
	for _, part := range parts {
		c := part.component()
		b.Components, on.On = append(b.Components, c), append(on.On, c.Ref)
	}
	b.Dependencies = []depends{on}
	// The number follows from the content, so that it is the same each time.
	sum := sha256.Sum256(fmt.Appendf(nil, "%v", b))
	sum[6], sum[8] = sum[6]&0x0f|0x80, sum[8]&0x3f|0x80
	b.Serial = fmt.Sprintf("urn:uuid:%x-%x-%x-%x-%x", sum[:4], sum[4:6], sum[6:8], sum[8:10], sum[10:16])
	data, err := json.MarshalIndent(b, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(to, append(data, '\n'), 0o644) //nolint:gosec // it is handed out
}

func licences(id string) []map[string]any {
	return []map[string]any{{"license": map[string]string{"id": id}}}
}

func (p part) component() component {
	purl := "pkg:" + p.kind + "/" + strings.ReplaceAll(p.name, "@", "%40") + "@" + url.PathEscape(p.version)
	c := component{Type: "library", Ref: purl, Name: p.name, Version: p.version, Purl: purl, Licenses: licences(p.licence)}
	if p.sum != "" {
		c.Properties = []property{{p.kind + ":sum", p.sum}}
	}
	return c
}
