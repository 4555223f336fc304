package deploy_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/types"

	"github.com/netra-id/netra/pipeline/config"
)

// composed is docker-compose.yml as Docker Compose itself would read it; no
// container engine is needed.
func composed(t *testing.T, environ ...string) *types.Project {
	t.Helper()
	options, err := cli.NewProjectOptions([]string{"../docker-compose.yml"}, cli.WithEnv(environ), cli.WithProfiles([]string{"*"}))
	if err != nil {
		t.Fatal(err)
	}
	project, err := options.LoadProject(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return project
}

// ends are the services that do something once.
var ends = []string{"first-start", "clickhouse-users", "migrate", "netra", "backup"}

func TestComposeHasAllServices(t *testing.T) {
	want := []string{
		"alertmanager", "backup", "clickhouse", "clickhouse-users", "collect", "console", "first-start", "grafana", "kafka", "migrate", "netra",
		"postgres", "prometheus", "proxy", "work",
	}
	project := composed(t)
	got := project.ServiceNames()
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("services %v, want %v", got, want)
	}
	for _, name := range got {
		profiles := project.Services[name].Profiles
		if byHand := name == "netra" || name == "backup" || name == "proxy"; byHand != (len(profiles) > 0) {
			t.Errorf("service %s has the profiles %v", name, profiles)
		}
	}
}

func TestComposeServicesAreBoundAndWatched(t *testing.T) {
	for name, service := range composed(t).Services {
		if service.MemLimit == 0 || service.CPUS == 0 {
			t.Errorf("service %s has no limit of memory or processors", name)
		}
		watched := service.HealthCheck != nil && !service.HealthCheck.Disable && len(service.HealthCheck.Test) > 0
		if once := slices.Contains(ends, name); watched == once {
			t.Errorf("service %s: health check %v, but it ends by itself: %v", name, watched, once)
		}
		if !slices.Contains(service.SecurityOpt, "no-new-privileges:true") {
			t.Errorf("service %s may gain privileges", name)
		}
		if service.Privileged || slices.Contains(service.CapAdd, "ALL") || service.NetworkMode == "host" {
			t.Errorf("service %s has the machine's own rights", name)
		}
		if strings.HasPrefix(service.Image, "netra") && (!service.ReadOnly || !slices.Contains(service.CapDrop, "ALL")) {
			t.Errorf("service %s may write to its image or has capabilities", name)
		}
	}
}

func TestComposeImagesHaveAVersion(t *testing.T) {
	for name, service := range composed(t).Services {
		_, tag, found := strings.Cut(service.Image, ":")
		if !found || tag == "latest" || tag == "" {
			t.Errorf("service %s: image %q: want a version", name, service.Image)
		}
	}
}

// Only the proxy is reached from other machines.
func TestComposePublishesOnLoopback(t *testing.T) {
	published := map[string][]string{}
	for name, service := range composed(t).Services {
		for _, port := range service.Ports {
			published[name] = append(published[name], port.Published)
			if name != "proxy" && port.HostIP != "127.0.0.1" {
				t.Errorf("service %s publishes port %s beyond this machine", name, port.Published)
			}
		}
	}
	if len(published) != 3 || len(published["console"]) != 1 || len(published["grafana"]) != 1 {
		t.Errorf("published: %v, want one of console and grafana each, and the proxy's", published)
	}
}

// Whoever is taken over must not reach what it has nothing to do with.
func TestComposeNetworksKeepApart(t *testing.T) {
	project := composed(t)
	for name, of := range map[string][]string{
		"queue":    {"backup", "collect", "console", "kafka", "migrate", "netra", "work"},
		"store":    {"backup", "clickhouse", "clickhouse-users", "collect", "console", "grafana", "migrate", "netra", "work"},
		"database": {"backup", "console", "netra", "postgres"},
		"web":      {"console", "grafana", "proxy"},
	} {
		var in []string
		for service, s := range project.Services {
			if _, ok := s.Networks[name]; ok {
				in = append(in, service)
			}
			if _, ok := s.Networks["default"]; ok {
				t.Errorf("service %s is in the network of all", service)
			}
		}
		slices.Sort(in)
		if !slices.Equal(in, of) {
			t.Errorf("network %s has %v, want %v", name, in, of)
		}
		if internal := project.Networks[name].Internal; internal != (name != "web") {
			t.Errorf("network %s leads outside: %v", name, !internal)
		}
	}
}

// made are folders that are not in the repository: Docker makes them, or
// first-start.
var made = []string{"secrets", "inbox", "certificates", "backup"}

func TestComposeFilesAreThere(t *testing.T) {
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	used := map[string]bool{}
	project := composed(t)
	for name, service := range project.Services {
		for _, volume := range service.Volumes {
			if volume.Type == types.VolumeTypeVolume {
				used[volume.Source] = true
				continue
			}
			if volume.Type != types.VolumeTypeBind {
				continue
			}
			path, err := filepath.Rel(root, volume.Source)
			if err != nil {
				t.Fatal(err)
			}
			if first, _, _ := strings.Cut(path, "/"); slices.Contains(made, first) {
				continue
			}
			if _, err := os.Stat(volume.Source); err != nil {
				t.Errorf("service %s: %v", name, err)
			}
			if !volume.ReadOnly {
				t.Errorf("service %s may write to %s", name, path)
			}
		}
		if service.Build != nil {
			if _, err := os.Stat(filepath.Join(service.Build.Context, service.Build.Dockerfile)); err != nil {
				t.Errorf("service %s: %v", name, err)
			}
		}
	}
	for name := range project.Volumes {
		if !used[name] {
			t.Errorf("volume %s is used by nobody", name)
		}
	}
}

// A secret is given as a file, never as a value, and every file is one that
// first-start makes.
func TestComposeSecretsAreFilesThatFirstStartMakes(t *testing.T) {
	there := secretsOf(t, firstStart(t))
	for name, service := range composed(t).Services {
		mounted := map[string]string{}
		for _, volume := range service.Volumes {
			if _, below, found := strings.Cut(volume.Source, "/secrets/"); found {
				mounted[volume.Target] = below
				if !volume.ReadOnly {
					t.Errorf("service %s may write to its secrets", name)
				}
			}
		}
		for key, value := range service.Environment {
			if value == nil {
				continue
			}
			if secret := strings.HasSuffix(key, "PASSWORD") || strings.HasSuffix(key, "SECRET") || strings.HasSuffix(key, "_KEY"); secret {
				t.Errorf("service %s has a secret in %s", name, key)
			}
			if strings.HasPrefix(*value, "/run/netra/") {
				wantSecret(t, name, *value, mounted, there)
			}
		}
		for _, argument := range slices.Concat(service.Command, service.Entrypoint) {
			if _, file, found := strings.Cut(argument, "=/run/netra/"); found {
				wantSecret(t, name, "/run/netra/"+file, mounted, there)
			}
			if _, file, found := strings.Cut(argument, "cat /run/netra/"); found {
				file, _, _ = strings.Cut(file, ")")
				wantSecret(t, name, "/run/netra/"+file, mounted, there)
			}
		}
	}
}

func wantSecret(t *testing.T, service, path string, mounted map[string]string, there map[string]os.FileInfo) {
	t.Helper()
	folder, file := filepath.Split(path)
	below, ok := mounted[strings.TrimSuffix(folder, "/")]
	if !ok {
		t.Errorf("service %s: %s is on no mount of its own: %v", service, path, mounted)
		return
	}
	if _, ok := there[filepath.Join(below, file)]; !ok {
		t.Errorf("service %s: first-start makes no %s", service, filepath.Join(below, file))
	}
}

func TestComposeBehindTheProxy(t *testing.T) {
	plain := composed(t)
	for key, want := range map[string]string{"NETRA_CONSOLE_PUBLIC_URL": "", "NETRA_CONSOLE_TRUSTED_PROXIES": ""} {
		if got := plain.Services["console"].Environment[key]; got == nil || *got != want {
			t.Errorf("%s without a name is %v, want %q", key, got, want)
		}
	}
	if got := *plain.Services["grafana"].Environment["GF_SERVER_ROOT_URL"]; got != "http://127.0.0.1:3000/grafana/" {
		t.Errorf("Grafana's address without a name is %s", got)
	}
	project := composed(t, "NETRA_HOST=netra.example.go.id")
	for service, variables := range map[string]map[string]string{
		"console": {"NETRA_CONSOLE_PUBLIC_URL": "https://netra.example.go.id", "NETRA_CONSOLE_TRUSTED_PROXIES": project.Networks["web"].Ipam.Config[0].Subnet},
		"grafana": {
			"GF_SERVER_ROOT_URL": "https://netra.example.go.id/grafana/", "NETRA_CONSOLE_URL": "https://netra.example.go.id", "GF_SECURITY_COOKIE_SECURE": "true",
		},
		"proxy": {"NETRA_HOST": "netra.example.go.id", "NETRA_TLS": "internal"},
	} {
		for key, want := range variables {
			if got := project.Services[service].Environment[key]; got == nil || *got != want {
				t.Errorf("service %s: %s is %v, want %q", service, key, got, want)
			}
		}
	}
}

// The configuration of each part is read as the part would, with the variables of
// its service; secrets are those that first-start makes.
func TestComposeConfigurationIsValid(t *testing.T) {
	secrets := firstStart(t)
	for name, service := range composed(t, "NETRA_HOST=netra.example.go.id").Services {
		if service.Environment["NETRA_CONFIG"] == nil {
			continue
		}
		mounted := map[string]string{}
		for _, volume := range service.Volumes {
			if _, below, found := strings.Cut(volume.Source, "/secrets/"); found {
				mounted[volume.Target] = below
			}
		}
		var environ []string
		for key, value := range service.Environment {
			for target, below := range mounted {
				*value = strings.Replace(*value, target+"/", filepath.Join(secrets, below)+"/", 1)
			}
			environ = append(environ, key+"="+*value)
		}
		cfg, err := config.Load("compose/netra.yaml", environ)
		if err != nil {
			t.Errorf("service %s: %v", name, err)
			continue
		}
		if cfg.EmbeddedBroker() || cfg.EmbeddedEngine() {
			t.Errorf("service %s must use the real broker and ClickHouse", name)
		}
		if cfg.ClickHouse.Password == "" || cfg.ClickHouse.User == "default" {
			t.Errorf("service %s logs in as %q with a password of %d characters", name, cfg.ClickHouse.User, len(cfg.ClickHouse.Password))
		}
		if name == "console" && (!strings.HasPrefix(cfg.Console.Database, "postgres://netra:") || cfg.Roster.HashKey == "") {
			t.Errorf("the console's database or hash key is not set")
		}
		for _, file := range append(slices.Clone(cfg.Roster.RegionFiles), cfg.Classify.Contestants) {
			if _, err := os.Stat(strings.Replace(file, "/etc/netra/", "compose/", 1)); err != nil {
				t.Errorf("service %s: %v", name, err)
			}
		}
	}
}

// Grafana's dashboards link to the console's address as the browser knows it.
func TestComposeGrafanaLinksToTheConsole(t *testing.T) {
	grafana := composed(t, "NETRA_HOST=netra.example.go.id").Services["grafana"]
	source, err := filepath.Abs("../dashboards/grafana/dashboards")
	if err != nil {
		t.Fatal(err)
	}
	to := t.TempDir()
	if err := os.WriteFile(filepath.Join(to, "clickhouse-password"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	script := strings.NewReplacer("/etc/netra/dashboards", source, "/var/lib/grafana", to, "/run/netra", to, "exec /run.sh", "exit 0").Replace(grafana.Entrypoint[2])
	command := exec.CommandContext(t.Context(), "sh", "-euc", script) //nolint:gosec // the file's own
	command.Env = append(os.Environ(), "NETRA_CONSOLE_URL="+*grafana.Environment["NETRA_CONSOLE_URL"])
	if out, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	files, err := filepath.Glob(filepath.Join(to, "dashboards/*.json"))
	if err != nil || len(files) != 4 {
		t.Fatalf("%d dashboards, %v", len(files), err)
	}
	linked := 0
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		linked += strings.Count(string(text), `"https://netra.example.go.id"`)
		if strings.Contains(string(text), "127.0.0.1:8080") {
			t.Errorf("%s leads to this machine", filepath.Base(file))
		}
	}
	if linked == 0 {
		t.Error("no dashboard knows the console")
	}
}
