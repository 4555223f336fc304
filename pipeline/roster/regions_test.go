package roster_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/netra-id/netra/pipeline/roster"
)

func TestNewRegionsAddsFilesToTheProvinces(t *testing.T) {
	file := filepath.Join(t.TempDir(), "regions.csv")
	if err := os.WriteFile(file, []byte("\ufeffcode,name\r\n99,Rekaan Raya\n99.01,Kabupaten Rekaan\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	regions, err := roster.NewRegions(file)
	if err != nil {
		t.Fatal(err)
	}
	if got := len(regions.All()); got != 38+2 {
		t.Errorf("%d regions, want 40", got)
	}
	for code, want := range map[string]string{
		"61": "Kalimantan Barat", "99.01": "Kabupaten Rekaan, Rekaan Raya", "61.08": "61.08, Kalimantan Barat", "": "",
	} {
		if got := regions.Path(code); got != want {
			t.Errorf("Path(%q) = %q, want %q", code, got, want)
		}
	}
}

func TestParseRegionsNamesWhatIsWrong(t *testing.T) {
	for name, test := range map[string]struct{ text, want string }{
		"header":  {"a,b\n", "r.csv:1: header"},
		"code":    {"code,name\n6108,X\n", `r.csv:2: column "code": value "6108"`},
		"twice":   {"code,name\n61,X\n61,Y\n", "r.csv:3: column \"code\": value \"61\" stands in line 2, too"},
		"name":    {"code,name\n61,\n", `r.csv:2: column "name"`},
		"columns": {"code,name\n61\n", "allowed: CSV with the columns code,name"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := roster.ParseRegions("r.csv", strings.NewReader(test.text))
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want it to contain %q", err, test.want)
			}
		})
	}
	if _, err := roster.NewRegions("/nonexistent/regions.csv"); err == nil {
		t.Error("a missing file is no error")
	}
}
