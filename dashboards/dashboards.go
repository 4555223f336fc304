// Package dashboards holds what supervisors and operators look at in Grafana: four
// dashboards with the provisioning that brings them there. It embeds the files so
// that `netra demo` can lay them out for a local Grafana; its tests run every query
// of every panel against the real ClickHouse engine and a real Prometheus. It draws
// nothing itself, and the console's own pages are not here. Alerting rules are in
// the folders beside, with tests of their own.
package dashboards

import "embed"

// Grafana has grafana/dashboards/*.json and grafana/provisioning, laid out as
// Grafana reads them from /var/lib/grafana/dashboards and /etc/grafana/provisioning.
//
//go:embed grafana
var Grafana embed.FS
