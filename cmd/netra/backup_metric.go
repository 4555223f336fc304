package main

import (
	"encoding/json"
	"os"

	"github.com/prometheus/client_golang/prometheus"
)

const (
	backupMetric = "netra_backup_last_success_timestamp_seconds"
	backupHelp   = "When the last backup of this machine ended (Unix time), 0 where there was none."
)

// watchBackup shows when the last backup of this data directory ended.
func (a *app) watchBackup() {
	path := a.cfg.Path(stampFile)
	a.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: backupMetric, Help: backupHelp}, func() float64 {
		var last lastBackup
		data, err := os.ReadFile(path) //nolint:gosec // in the data directory
		if err != nil || json.Unmarshal(data, &last) != nil || last.At.IsZero() {
			return 0
		}
		return float64(last.At.Unix())
	}))
}
