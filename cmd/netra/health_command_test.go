package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestHealthAsksTheRunningPart(t *testing.T) {
	ready := http.StatusOK
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/healthz":
			_, _ = w.Write([]byte("ok\n"))
		case "/readyz":
			w.WriteHeader(ready)
			_, _ = w.Write([]byte("kafka: it is away\n"))
		}
	}))
	defer server.Close()
	address := strings.TrimPrefix(server.URL, "http://")
	_, port, _ := strings.Cut(address, ":")
	tests := map[string]struct {
		arguments []string
		listen    string
		status    int
		code      int
		want      string
	}{
		"ready":                    {nil, address, http.StatusOK, exitDone, "kafka: it is away"},
		"not ready":                {nil, address, http.StatusServiceUnavailable, exitFails, "not ready: kafka: it is away"},
		"alive, not ready":         {[]string{"--alive"}, address, http.StatusServiceUnavailable, exitDone, "ok"},
		"that listens everywhere":  {[]string{"--alive"}, ":" + port, http.StatusOK, exitDone, "ok"},
		"that listens on all IPv4": {[]string{"--alive"}, "0.0.0.0:" + port, http.StatusOK, exitDone, "ok"},
		"nobody is there":          {nil, freeAddress(t), http.StatusOK, exitFails, "no part of netra answers at monitor.listen"},
		"nothing to ask":           {nil, "", http.StatusOK, exitUsage, `key "monitor.listen": it is empty`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			ready = test.status
			t.Setenv("NETRA_MONITOR_LISTEN", test.listen)
			netra(t, nil, append([]string{"health"}, test.arguments...)...).expect(t, test.code, test.want)
		})
	}
}

func TestMigrateUsersPrintsWhatItWouldRun(t *testing.T) {
	file := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(file, []byte("rahasia-0123456789\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	short := filepath.Join(t.TempDir(), "short")
	if err := os.WriteFile(short, []byte("rahasia\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		arguments []string
		code      int
		want      string
	}{
		"a user":                 {[]string{"--user", "netra=" + file}, exitDone, "CREATE USER IF NOT EXISTS netra IDENTIFIED WITH sha256_hash BY '"},
		"a reader of one region": {[]string{"--region", "61.08=" + file}, exitDone, "CREATE USER IF NOT EXISTS netra_grafana_61_08 "},
		"nobody":                 {nil, exitUsage, "no user is named"},
		"somebody else":          {[]string{"--user", "root=" + file}, exitUsage, `--user "root"; allowed: netra, netra_console, netra_grafana, netra_migrator`},
		"no region":              {[]string{"--region", "Landak=" + file}, exitUsage, `--region: region "Landak": allowed: a code such as 61`},
		"a short password":       {[]string{"--user", "netra=" + short}, exitUsage, "(content not shown): allowed: one line of 12 characters or more"},
		"no file":                {[]string{"--user", "netra=/nowhere"}, exitUsage, "open /nowhere"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			answer := netra(t, nil, append([]string{"migrate", "users", "--print"}, test.arguments...)...)
			answer.expect(t, test.code, test.want)
			if strings.Contains(answer.out+answer.errOut, "rahasia") {
				t.Errorf("the password is shown: %+v", answer)
			}
		})
	}
}
