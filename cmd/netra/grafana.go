package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"

	"github.com/netra-id/netra/dashboards"
)

// The user of the embedded engine that may only read, for dashboards, and the file
// in the data directory that keeps its password.
const (
	dashboardReader   = "grafana"
	dashboardPassword = "grafana.password" //nolint:gosec // the name of a file
)

// keptPassword returns the password in a file, and makes both where there is none.
func keptPassword(file string) (string, error) {
	data, err := os.ReadFile(filepath.Clean(file))
	if err == nil && strings.TrimSpace(string(data)) != "" {
		return strings.TrimSpace(string(data)), nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("read the password for dashboards: %w", err)
	}
	password := rand.Text()
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return "", fmt.Errorf("make the data directory (key data_dir): %w", err)
	}
	if err := os.WriteFile(file, []byte(password+"\n"), 0o600); err != nil {
		return "", fmt.Errorf("keep the password for dashboards: %w", err)
	}
	return password, nil
}

// sayGrafana lays the dashboards into the demo's folder and says how a Grafana on
// this machine gets them and their data.
func (d *demo) sayGrafana(console string) {
	folder, err := filepath.Abs(filepath.Join(d.dir, "grafana"))
	if err == nil {
		err = d.layGrafana(folder, console)
	}
	if err != nil {
		d.say("\n  grafana:   the dashboards are not laid out: %v", err)
		return
	}
	d.say("\n  grafana:   . %s/env.sh && grafana server --homepath /usr/share/grafana", folder)
	d.say("             (12.3 with the plugin grafana-clickhouse-datasource; dashboards in %s/dashboards;\n             ClickHouse over HTTP at %s, user %s, password in %s)",
		folder, strings.TrimPrefix(d.cfg.ClickHouse.Address, "http://"), dashboardReader, d.cfg.Path(dashboardPassword))
}

// layGrafana writes dashboards, which open at the time of the sample posts and link
// to this console, provisioning without the alarms, which would go to people, and
// the environment that the provisioning reads.
func (d *demo) layGrafana(folder, console string) error {
	forDemo := strings.NewReplacer(
		"/var/lib/grafana/dashboards", filepath.Join(folder, "dashboards"),
		"http://127.0.0.1:8080", "http://"+strings.TrimPrefix(console, "http://"),
		`"from": "now-30d",`, `"from": "2024-11-01T00:00:00.000Z",`, `"to": "now"`, `"to": "2024-11-30T17:00:00.000Z"`)
	err := fs.WalkDir(dashboards.Grafana, "grafana", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.Name() == "alerting" {
			return fs.SkipDir
		}
		to := filepath.Join(folder, filepath.FromSlash(strings.TrimPrefix(name, "grafana")))
		if entry.IsDir() {
			return os.MkdirAll(to, 0o700)
		}
		data, err := dashboards.Grafana.ReadFile(name)
		if err != nil {
			return err
		}
		text := string(data)
		if entry.Name() != "operasi.json" { // metrics are of now
			text = forDemo.Replace(text)
		}
		return os.WriteFile(to, []byte(text), 0o600)
	})
	if err != nil {
		return err
	}
	host, port, err := net.SplitHostPort(strings.TrimPrefix(d.cfg.ClickHouse.Address, "http://"))
	if err != nil {
		return fmt.Errorf("address of the engine: %w", err)
	}
	password, err := filepath.Abs(d.cfg.Path(dashboardPassword))
	if err != nil {
		return err
	}
	var env strings.Builder
	env.WriteString("# Made by netra demo: what Grafana needs to show its data.\n")
	for _, one := range [][2]string{
		{"GF_PATHS_PROVISIONING", folder + "/provisioning"},
		{"NETRA_GRAFANA_CLICKHOUSE_HOST", host}, {"NETRA_GRAFANA_CLICKHOUSE_PORT", port},
		{"NETRA_GRAFANA_CLICKHOUSE_PROTOCOL", "http"}, {"NETRA_GRAFANA_CLICKHOUSE_SECURE", "false"},
		{"NETRA_GRAFANA_CLICKHOUSE_DATABASE", d.cfg.ClickHouse.Database}, {"NETRA_GRAFANA_CLICKHOUSE_USER", dashboardReader},
		{"NETRA_GRAFANA_PROMETHEUS_URL", "http://127.0.0.1:9090"},
	} {
		fmt.Fprintf(&env, "export %s='%s'\n", one[0], one[1])
	}
	fmt.Fprintf(&env, "NETRA_GRAFANA_CLICKHOUSE_PASSWORD=\"$(cat '%s')\" && export NETRA_GRAFANA_CLICKHOUSE_PASSWORD\n", password)
	return os.WriteFile(filepath.Join(folder, "env.sh"), []byte(env.String()), 0o600)
}
