package deploy_test

import (
	"slices"
	"testing"

	"github.com/compose-spec/compose-go/v2/cli"

	"github.com/netra-id/netra/pipeline/config"
)

// TestComposeFile reads docker-compose.yml with the parser that Docker Compose
// itself uses; no container engine is needed.
func TestComposeFile(t *testing.T) {
	options, err := cli.NewProjectOptions([]string{"../docker-compose.yml"}, cli.WithEnv([]string{"CLICKHOUSE_PASSWORD=secret"}))
	if err != nil {
		t.Fatal(err)
	}
	project, err := options.LoadProject(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"clickhouse", "collect", "console", "kafka", "migrate", "work"}
	got := project.ServiceNames()
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("services %v, want %v", got, want)
	}
	for name, service := range project.Services {
		for _, port := range service.Ports {
			if port.HostIP != "127.0.0.1" {
				t.Errorf("service %s publishes port %s beyond this machine", name, port.Published)
			}
		}
	}
}

// TestComposeNeedsAPassword: there is no default one.
func TestComposeNeedsAPassword(t *testing.T) {
	options, err := cli.NewProjectOptions([]string{"../docker-compose.yml"}, cli.WithEnv(nil))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := options.LoadProject(t.Context()); err == nil {
		t.Error("the file loads without CLICKHOUSE_PASSWORD")
	}
}

func TestComposeConfigurationIsValid(t *testing.T) {
	cfg, err := config.Load("compose/netra.yaml", []string{"NETRA_CLICKHOUSE_PASSWORD=secret"})
	if err != nil {
		t.Fatal(err)
	}
	if cfg.EmbeddedBroker() || cfg.EmbeddedEngine() {
		t.Error("the containers must use the real broker and ClickHouse")
	}
}
