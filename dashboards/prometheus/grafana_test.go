package prometheus_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"
)

const provisioning = "../grafana/provisioning/"

// The shapes of Grafana's alerting files, as its documentation of file
// provisioning (12.x) has them; what is not here is not allowed.
type (
	ruleFile struct {
		APIVersion int `yaml:"apiVersion"`
		Groups     []struct {
			OrgID    int           `yaml:"orgId"`
			Name     string        `yaml:"name"`
			Folder   string        `yaml:"folder"`
			Interval string        `yaml:"interval"`
			Rules    []grafanaRule `yaml:"rules"`
		} `yaml:"groups"`
	}
	grafanaRule struct {
		UID          string            `yaml:"uid"`
		Title        string            `yaml:"title"`
		Condition    string            `yaml:"condition"`
		For          string            `yaml:"for"`
		NoDataState  string            `yaml:"noDataState"`
		ExecErrState string            `yaml:"execErrState"`
		Labels       map[string]string `yaml:"labels"`
		Annotations  map[string]string `yaml:"annotations"`
		Data         []grafanaQuery    `yaml:"data"`
	}
	grafanaQuery struct {
		RefID             string `yaml:"refId"`
		RelativeTimeRange struct {
			From int `yaml:"from"`
			To   int `yaml:"to"`
		} `yaml:"relativeTimeRange"`
		DatasourceUID string       `yaml:"datasourceUid"`
		Model         grafanaModel `yaml:"model"`
	}
	grafanaModel struct {
		RefID string `yaml:"refId"`
		// of ClickHouse
		EditorType string `yaml:"editorType"`
		QueryType  string `yaml:"queryType"`
		Format     int    `yaml:"format"`
		RawSQL     string `yaml:"rawSql"`
		// of Prometheus
		Expr       string `yaml:"expr"`
		Instant    bool   `yaml:"instant"`
		Range      bool   `yaml:"range"`
		EditorMode string `yaml:"editorMode"`
		// of expressions
		Type       string `yaml:"type"`
		Expression string `yaml:"expression"`
		Datasource struct {
			Type string `yaml:"type"`
			UID  string `yaml:"uid"`
		} `yaml:"datasource"`
		Conditions []struct {
			Evaluator struct {
				Type   string    `yaml:"type"`
				Params []float64 `yaml:"params"`
			} `yaml:"evaluator"`
		} `yaml:"conditions"`
	}
	contactFile struct {
		APIVersion    int `yaml:"apiVersion"`
		ContactPoints []struct {
			OrgID     int    `yaml:"orgId"`
			Name      string `yaml:"name"`
			Receivers []struct {
				UID                   string         `yaml:"uid"`
				Type                  string         `yaml:"type"`
				DisableResolveMessage bool           `yaml:"disableResolveMessage"`
				Settings              map[string]any `yaml:"settings"`
			} `yaml:"receivers"`
		} `yaml:"contactPoints"`
	}
	route struct {
		OrgID               int         `yaml:"orgId"`
		Receiver            string      `yaml:"receiver"`
		GroupBy             []string    `yaml:"group_by"`
		GroupWait           string      `yaml:"group_wait"`
		GroupInterval       string      `yaml:"group_interval"`
		RepeatInterval      string      `yaml:"repeat_interval"`
		ObjectMatchers      [][3]string `yaml:"object_matchers"`
		MuteTimeIntervals   []string    `yaml:"mute_time_intervals"`
		ActiveTimeIntervals []string    `yaml:"active_time_intervals"`
		Continue            bool        `yaml:"continue"`
		Routes              []route     `yaml:"routes"`
	}
	policyFile struct {
		APIVersion int     `yaml:"apiVersion"`
		Policies   []route `yaml:"policies"`
		MuteTimes  []struct {
			OrgID         int    `yaml:"orgId"`
			Name          string `yaml:"name"`
			TimeIntervals []struct {
				Weekdays []string            `yaml:"weekdays"`
				Times    []map[string]string `yaml:"times"`
				Location string              `yaml:"location"`
			} `yaml:"time_intervals"`
		} `yaml:"muteTimes"`
	}
	templateFile struct {
		APIVersion int `yaml:"apiVersion"`
		Templates  []struct {
			OrgID    int    `yaml:"orgId"`
			Name     string `yaml:"name"`
			Template string `yaml:"template"`
		} `yaml:"templates"`
	}
)

// grafanaRules are the alarms that Grafana works out itself.
func grafanaRules(t *testing.T) []grafanaRule {
	t.Helper()
	var file ruleFile
	read(t, provisioning+"alerting/rules.yaml", &file)
	var all []grafanaRule
	for _, group := range file.Groups {
		if file.APIVersion != 1 || group.OrgID != 1 || group.Name == "" || group.Folder == "" || group.Interval == "" {
			t.Errorf("rules.yaml: group %q is not whole", group.Name)
		}
		all = append(all, group.Rules...)
	}
	return all
}

func grafanaAlarms(t *testing.T) []string {
	t.Helper()
	var names []string
	for _, rule := range grafanaRules(t) {
		names = append(names, rule.Title)
	}
	return names
}

// dataSources are the uids that Grafana knows from its provisioning.
func dataSources(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob(provisioning + "datasources/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no data sources: %v", err)
	}
	var uids []string
	for _, path := range files {
		var file struct {
			Datasources []struct {
				UID string `yaml:"uid"`
			} `yaml:"datasources"`
		}
		text, err := os.ReadFile(path) //nolint:gosec // of this repository
		if err == nil {
			err = yaml.Unmarshal(text, &file)
		}
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		for _, source := range file.Datasources {
			uids = append(uids, source.UID)
		}
	}
	return uids
}

var uid = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,39}$`)

func TestGrafanaRulesAreAsDocumented(t *testing.T) {
	known, seen := dataSources(t), map[string]bool{}
	for _, rule := range grafanaRules(t) {
		if !uid.MatchString(rule.UID) || seen[rule.UID] || seen[rule.Title] {
			t.Errorf("%s: uid %q; allowed: one of its own, of at most 40 characters", rule.Title, rule.UID)
		}
		seen[rule.UID], seen[rule.Title] = true, true
		if _, err := time.ParseDuration(rule.For); err != nil {
			t.Errorf("%s: for: %v", rule.Title, err)
		}
		if !slices.Contains([]string{"OK", "NoData", "Alerting", "KeepLast"}, rule.NoDataState) || !slices.Contains([]string{"OK", "Error", "Alerting", "KeepLast"}, rule.ExecErrState) {
			t.Errorf("%s: states %s and %s", rule.Title, rule.NoDataState, rule.ExecErrState)
		}
		if !slices.Contains([]string{"critical", "warning"}, rule.Labels["severity"]) || rule.Annotations["runbook_url"] != runbooks+strings.ToLower(rule.Title) ||
			rule.Annotations["summary"] == "" || rule.Annotations["description"] == "" {
			t.Errorf("%s: labels %v, annotations %v", rule.Title, rule.Labels, rule.Annotations)
		}
		for _, text := range rule.Annotations {
			if strings.Contains(text, "$") {
				t.Errorf("%s: %q has a dollar sign, which Grafana takes for a variable of its environment", rule.Title, text)
			}
		}
		queriesAreWhole(t, &rule, known)
	}
}

// queriesAreWhole: a query of a data source, and a threshold on it.
func queriesAreWhole(t *testing.T, rule *grafanaRule, known []string) {
	t.Helper()
	if len(rule.Data) != 2 || rule.Condition != rule.Data[1].RefID {
		t.Fatalf("%s: %d queries; allowed: one, and its condition", rule.Title, len(rule.Data))
	}
	query, threshold := rule.Data[0], rule.Data[1]
	if !slices.Contains(known, query.DatasourceUID) || query.RelativeTimeRange.From <= query.RelativeTimeRange.To || query.RefID != query.Model.RefID {
		t.Errorf("%s: query %s of %q; allowed: %v", rule.Title, query.RefID, query.DatasourceUID, known)
	}
	if sql := query.Model; (sql.RawSQL == "") == (sql.Expr == "") || sql.RawSQL != "" && (sql.EditorType != "sql" || sql.QueryType != "table" || sql.Format != 1) {
		t.Errorf("%s: model %+v", rule.Title, sql)
	}
	if m := threshold.Model; threshold.DatasourceUID != "__expr__" || m.Type != "threshold" || m.Expression != query.RefID || m.RefID != threshold.RefID ||
		m.Datasource.UID != "__expr__" || len(m.Conditions) != 1 || len(m.Conditions[0].Evaluator.Params) != 1 {
		t.Errorf("%s: condition %+v", rule.Title, threshold)
	}
}

func TestGrafanaSendsAlarmsToContactPoints(t *testing.T) {
	var contacts contactFile
	read(t, provisioning+"alerting/contact-points.yaml", &contacts)
	templates := templateNames(t)
	names, uids := map[string]bool{}, map[string]bool{}
	variable := regexp.MustCompile(`\$\{[A-Z_]+\}`)
	for _, contact := range contacts.ContactPoints {
		names[contact.Name] = true
		for _, receiver := range contact.Receivers {
			if !uid.MatchString(receiver.UID) || uids[receiver.UID] {
				t.Errorf("receiver %q; allowed: a uid of its own", receiver.UID)
			}
			uids[receiver.UID] = true
			needed := map[string][]string{"email": {"addresses"}, "telegram": {"bottoken", "chatid"}, "webhook": {"url"}}[receiver.Type]
			if needed == nil {
				t.Errorf("receiver %s: type %q", receiver.UID, receiver.Type)
			}
			for _, key := range needed {
				text, _ := receiver.Settings[key].(string)
				if !strings.Contains(text, "${NETRA_ALARM_") || variable.ReplaceAllString(text, "") == "" {
					t.Errorf("receiver %s: %s is %q; allowed: from the environment, and not empty without it, with which Grafana would not start", receiver.UID, key, text)
				}
			}
			for key, value := range receiver.Settings {
				text, _ := value.(string)
				for _, used := range regexp.MustCompile(`template "([^"]+)"`).FindAllStringSubmatch(text, -1) {
					if !slices.Contains(templates, used[1]) {
						t.Errorf("receiver %s: %s asks for the template %s; there are %v", receiver.UID, key, used[1], templates)
					}
				}
			}
		}
	}
	var policies policyFile
	read(t, provisioning+"alerting/policies.yaml", &policies)
	mutes := map[string]bool{}
	for _, mute := range policies.MuteTimes {
		mutes[mute.Name] = true
	}
	if len(policies.Policies) != 1 || policies.APIVersion != 1 || contacts.APIVersion != 1 {
		t.Fatalf("%d trees of policies; allowed: one an organisation", len(policies.Policies))
	}
	routesAreWhole(t, policies.Policies[0], names, mutes)
}

func routesAreWhole(t *testing.T, r route, contacts, mutes map[string]bool) {
	t.Helper()
	if !contacts[r.Receiver] {
		t.Errorf("a policy names the contact point %q, which is not there", r.Receiver)
	}
	for _, name := range append(r.MuteTimeIntervals, r.ActiveTimeIntervals...) {
		if !mutes[name] {
			t.Errorf("a policy names the time %q, which is not there", name)
		}
	}
	for _, child := range r.Routes {
		if len(child.ObjectMatchers) == 0 {
			t.Errorf("the policy to %s matches everything", child.Receiver)
		}
		routesAreWhole(t, child, contacts, mutes)
	}
}

// templateNames are those that messages can be made by.
func templateNames(t *testing.T) []string {
	t.Helper()
	var file templateFile
	read(t, provisioning+"alerting/templates.yaml", &file)
	var names []string
	for _, one := range file.Templates {
		if file.APIVersion != 1 || one.OrgID != 1 || strings.Contains(one.Template, "$") {
			t.Errorf("templates.yaml: %s", one.Name)
		}
		for _, defined := range regexp.MustCompile(`define "([^"]+)"`).FindAllStringSubmatch(one.Template, -1) {
			names = append(names, defined[1])
		}
	}
	return names
}
