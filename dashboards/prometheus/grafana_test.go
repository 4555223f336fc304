package prometheus_test

import "testing"

func grafanaAlarms(t *testing.T) []string { t.Helper(); return nil }
