-- Netra's roles in ClickHouse, each with the least rights that its work needs, and
-- the database. `netra migrate users` runs this file as an administrator, with the
-- configured names of database and cluster in it; `netra migrate users --print`
-- shows the statements for who would rather run them by hand. It may be repeated.

CREATE DATABASE IF NOT EXISTS {{.Database}} {{.OnCluster}};

-- Makes and changes tables; used by `netra migrate` and by nothing that runs on.
CREATE ROLE IF NOT EXISTS netra_migration {{.OnCluster}};
GRANT {{.OnCluster}} SELECT, INSERT, CREATE TABLE, CREATE VIEW, DROP TABLE, DROP VIEW, ALTER, TRUNCATE, OPTIMIZE ON {{.Database}}.* TO netra_migration;
{{- if .Cluster}}
GRANT {{.OnCluster}} CLUSTER ON *.* TO netra_migration;
{{- end}}
{{- if .Distributed}}
GRANT {{.OnCluster}} REMOTE ON *.* TO netra_migration;
{{- end}}

-- Reads and adds rows: collector and workers. Nothing is changed or
-- removed but old imports of the roster, a partition each.
CREATE ROLE IF NOT EXISTS netra_road {{.OnCluster}};
GRANT {{.OnCluster}} SELECT, INSERT ON {{.Database}}.* TO netra_road;
GRANT {{.OnCluster}} ALTER DELETE ON {{.Database}}.roster_accounts TO netra_road;

-- Removes posts whose time is over, and people from decisions on them: the
-- console's retention, beside netra_road.
CREATE ROLE IF NOT EXISTS netra_retention {{.OnCluster}};
{{- range .PurgedTables}}
GRANT {{$.OnCluster}} ALTER DELETE ON {{$.Database}}.{{.}} TO netra_retention;
{{- end}}
GRANT {{.OnCluster}} ALTER UPDATE ON {{.Database}}.decisions TO netra_retention;
{{- if .Cluster}}
GRANT {{.OnCluster}} CLUSTER ON *.* TO netra_retention;
{{- end}}

-- Reads what dashboards show: not the lists' files, not the samples of drafts.
CREATE ROLE IF NOT EXISTS netra_dashboards {{.OnCluster}};
{{- range .DashboardTables}}
GRANT {{$.OnCluster}} SELECT ON {{$.Database}}.{{.}} TO netra_dashboards;
{{- end}}

-- Who has this role beside netra_dashboards sees all regions.
CREATE ROLE IF NOT EXISTS netra_all_regions {{.OnCluster}};
{{- range .RegionTables}}
CREATE ROW POLICY IF NOT EXISTS netra_all_regions {{$.OnCluster}} ON {{$.Database}}.{{.Name}} USING 1 AS PERMISSIVE TO netra_all_regions, netra_road, netra_migration;
{{- end}}

-- Bounds what a panel may cost. Grafana's plugin sets settings of its own, which
-- readonly = 2 allows and readonly = 1 does not. It asks for its time limit and five
-- seconds more (65 by default), and a query that asks for more than MAX is refused.
CREATE SETTINGS PROFILE OR REPLACE netra_dashboards {{.OnCluster}} SETTINGS readonly = 2, max_execution_time = 30 MAX 120, max_memory_usage = 4000000000 MAX 4000000000, max_result_rows = 200000 MAX 200000, result_overflow_mode = 'throw' TO netra_dashboards;
