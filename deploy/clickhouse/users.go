// Package users has the statements that make Netra's users in ClickHouse with the
// least rights that each needs: who migrates, who runs the road, who looks at
// dashboards of all regions or of one. `netra migrate users` runs or prints them;
// the package itself knows no server.
package users

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"regexp"
	"strings"
	"text/template"
)

//go:embed *.sql
var files embed.FS

// Names of the users, and of the roles that they have.
const (
	Migrator = "netra_migrator"
	Road     = "netra"
	Console  = "netra_console"
	Grafana  = "netra_grafana"
)

// Roles of the users, as the statements write them.
var Roles = map[string]string{
	Migrator: "netra_migration",
	Road:     "netra_road",
	Console:  "netra_road, netra_retention",
	Grafana:  "netra_dashboards, netra_all_regions",
}

// DashboardTables are what dashboards may read; NotForDashboards is everything
// else, with the reason. A test holds both against the migrations.
var (
	DashboardTables = []string{
		"flagged_posts", "hourly_counts", "account_coverage", "roster_accounts", "roster_imports",
		"decisions", "decisions_current", "decisions_final", "decisions_by_label", "decisions_by_rule",
		"list_publications", "shadow_counts", "rule_hits", "rule_decisions", "trend_flags", "trend_posts",
		"roster_current", "accounts_in", "accounts_best_in",
		"provinces", "place_names", "election_contestants", "region_names", "contestant_names", "flags_over", "posts_over",
		"election_regions", "judged_posts", "judged_labels", "judged_contestants", "decision_pairs", "undecided_flags",
		"decisions_over", "arrivals_over", "flagged_accounts",
	}
	NotForDashboards = map[string]string{
		"list_files":     "what rules look for would be told to everybody",
		"list_versions":  "belongs to list_files",
		"list_shadows":   "a draft is nobody's business yet",
		"shadow_samples": "texts of posts that nobody has flagged",
	}
)

// Table is one that has rows of several regions.
type Table struct{ Name, Condition string }

// ByRegion are the tables with a column region; ByAccount those whose rows belong
// to an account of the roster, which has one. A policy does not hold for what has
// neither: nothing about a person may be there.
var (
	ByRegion  = []string{"flagged_posts", "hourly_counts", "decisions", "roster_accounts"}
	ByAccount = []string{"account_coverage"}
	// purged are the tables that retention removes rows from.
	purged = []string{"flagged_posts", "shadow_samples", "edited_posts", "text_sketches"}
	spread = map[string]bool{
		"flagged_posts": true, "hourly_counts": true, "shadow_counts": true, "shadow_samples": true, "edited_posts": true, "text_sketches": true,
	}
)

// Options are of the configuration's section clickhouse.
type Options struct {
	Database string
	// Cluster is the name of the cluster on all of whose machines the statements
	// run, "" for one server.
	Cluster string
	// Distributed says that tables are spread over shards.
	Distributed bool
}

// RegionCode is how a region is written: a province, or what lies in one.
var RegionCode = regexp.MustCompile(`^[0-9]{2}(\.[0-9]{2}(\.[0-9]{2}(\.[0-9]{4})?)?)?$`)

// OfRegion is the user that reads one region's dashboards.
func OfRegion(code string) string { return Grafana + "_" + suffix(code) }

func suffix(code string) string { return strings.ReplaceAll(code, ".", "_") }

// Statements make the database and the roles.
func (o Options) Statements() ([]string, error) {
	return o.render("roles.sql", map[string]any{
		"DashboardTables": o.tables(DashboardTables), "RegionTables": o.regional(""), "PurgedTables": o.tables(purged),
	})
}

// User makes a user with roles, or gives it another password.
func (o Options) User(name, roles, password string) ([]string, error) {
	salt := rand.Text()
	hash := sha256.Sum256([]byte(password + salt))
	return o.render("user.sql", map[string]any{
		"Name": name, "Roles": roles, "Salt": salt, "Hash": hex.EncodeToString(hash[:]),
	})
}

// Region makes the role and the reader of one region's dashboards.
func (o Options) Region(code, password string) ([]string, error) {
	if !RegionCode.MatchString(code) {
		return nil, fmt.Errorf("region %q: allowed: a code such as 61 or 61.08", code)
	}
	role, err := o.render("region.sql", map[string]any{"Suffix": suffix(code), "RegionTables": o.regional(code)})
	if err != nil {
		return nil, err
	}
	user, err := o.User(OfRegion(code), "netra_dashboards, netra_region_"+suffix(code), password)
	return append(role, user...), err
}

// tables adds the parts on each shard.
func (o Options) tables(names []string) []string {
	var all []string
	for _, name := range names {
		all = append(all, name)
		if o.Distributed && spread[name] {
			all = append(all, name+"_local")
		}
	}
	return all
}

// regional are the tables with policies, and the condition of each for the region
// of code.
func (o Options) regional(code string) []Table {
	in := fmt.Sprintf("region = '%[1]s' OR startsWith(region, '%[1]s.')", code)
	var all []Table
	for _, name := range o.tables(ByRegion) {
		all = append(all, Table{name, in})
	}
	for _, name := range o.tables(ByAccount) {
		all = append(all, Table{name, fmt.Sprintf("(platform, account_id) IN (SELECT platform, account_id FROM %s.roster_accounts WHERE %s)", o.Database, in)})
	}
	return all
}

var comments = regexp.MustCompile(`(?m)^--.*\n`)

func (o Options) render(name string, with map[string]any) ([]string, error) {
	parsed, err := template.ParseFS(files, name)
	if err != nil {
		return nil, fmt.Errorf("parse %s: %w", name, err)
	}
	with["Database"], with["Cluster"], with["Distributed"], with["OnCluster"] = o.Database, o.Cluster, o.Distributed, ""
	if o.Cluster != "" {
		with["OnCluster"] = "ON CLUSTER '" + o.Cluster + "'"
	}
	var text bytes.Buffer
	if err := parsed.Execute(&text, with); err != nil {
		return nil, fmt.Errorf("render %s: %w", name, err)
	}
	var statements []string
	for statement := range strings.SplitSeq(comments.ReplaceAllString(text.String(), ""), ";\n") {
		if statement = strings.Join(strings.Fields(statement), " "); statement != "" {
			statements = append(statements, statement)
		}
	}
	return statements, nil
}
