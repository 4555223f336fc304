package main

import (
	"encoding/json"
	"os"
	"runtime"
	"strings"
	"testing"

	"github.com/netra-id/netra/pipeline/embedded"
)

func TestVersionTellsWhatThisIs(t *testing.T) {
	said := netra(t, nil, "version", "--json")
	said.expect(t, exitDone)
	var v versions
	if err := json.Unmarshal([]byte(said.out), &v); err != nil {
		t.Fatal(err)
	}
	if v.Version == "" || v.Go != runtime.Version() || !strings.HasPrefix(v.Lists, "sha256:") || v.Models == "" || !strings.Contains(v.Migration, "_") {
		t.Errorf("%+v", v)
	}
	netra(t, nil, "version").expect(t, exitDone, "built with", "lists", "models", "ClickHouse up to "+v.Migration)
	netra(t, nil, "--version").expect(t, exitDone, v.Version)
}

func TestTheEngineThatIsFetchedIsTheOneThatIsNamed(t *testing.T) {
	data, err := os.ReadFile("../../deploy/engine/package.json")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(data), `"@chdb/lib-linux-x64-gnu": "`+embedded.LibraryVersion+`"`) {
		t.Errorf("deploy/engine/package.json fetches another version than %s", embedded.LibraryVersion)
	}
}
