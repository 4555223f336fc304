-- A reader for the dashboards of one province or regency: the role by which rows of
-- other regions are not there for it. Views run with the rights of who reads them,
-- so that the policies of the tables below them hold there too.
CREATE ROLE IF NOT EXISTS netra_region_{{.Suffix}} {{.OnCluster}};
{{- range .RegionTables}}
CREATE ROW POLICY IF NOT EXISTS netra_region_{{$.Suffix}} {{$.OnCluster}} ON {{$.Database}}.{{.Name}} USING {{.Condition}} AS PERMISSIVE TO netra_region_{{$.Suffix}};
{{- end}}
