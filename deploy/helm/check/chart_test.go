// Package check holds the chart against Helm's own linter and engine and against
// Kubernetes' own types, without a cluster and without the internet. It is a module
// of its own, so that neither is among Netra's dependencies: `make helm-check`.
package check

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/engine"
	"helm.sh/helm/v3/pkg/lint"
	"helm.sh/helm/v3/pkg/lint/support"
	apps "k8s.io/api/apps/v1"
	batch "k8s.io/api/batch/v1"
	core "k8s.io/api/core/v1"
	networking "k8s.io/api/networking/v1"
	policy "k8s.io/api/policy/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"
)

const chartDir = "../netra"

// sets are the values that the chart is tried with; "" are its own.
var sets = []string{"", "values/scaled.yaml", "values/least.yaml"}

func readValues(t *testing.T, file string) map[string]any {
	t.Helper()
	values := map[string]any{}
	if file == "" {
		return values
	}
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.UnmarshalStrict(data, &values); err != nil {
		t.Fatal(err)
	}
	return values
}

// render returns the chart's files with values, by template.
func render(values map[string]any) (map[string]string, error) {
	chart, err := loader.Load(chartDir)
	if err != nil {
		return nil, err
	}
	all, err := chartutil.ToRenderValues(chart, values, chartutil.ReleaseOptions{Name: "netra", Namespace: "netra", Revision: 1, IsInstall: true}, nil)
	if err != nil {
		return nil, err
	}
	return engine.Engine{Strict: true}.Render(chart, all)
}

// object is one of the chart's, as Kubernetes would read it.
type object struct {
	file string
	meta.TypeMeta
	ObjectMeta meta.ObjectMeta `json:"metadata"`
	typed      any
	pod        *core.PodTemplateSpec
}

// The kinds that are Kubernetes' own; the others are of operators, whose types are
// written down below as far as the chart uses them.
func typed(o object) any {
	switch o.APIVersion + "/" + o.Kind {
	case "v1/ConfigMap":
		return &core.ConfigMap{}
	case "v1/Service":
		return &core.Service{}
	case "v1/ServiceAccount":
		return &core.ServiceAccount{}
	case "v1/PersistentVolumeClaim":
		return &core.PersistentVolumeClaim{}
	case "apps/v1/Deployment":
		return &apps.Deployment{}
	case "apps/v1/StatefulSet":
		return &apps.StatefulSet{}
	case "batch/v1/Job":
		return &batch.Job{}
	case "policy/v1/PodDisruptionBudget":
		return &policy.PodDisruptionBudget{}
	case "networking.k8s.io/v1/NetworkPolicy":
		return &networking.NetworkPolicy{}
	case "networking.k8s.io/v1/Ingress":
		return &networking.Ingress{}
	case "keda.sh/v1alpha1/ScaledObject":
		return &scaledObject{}
	case "monitoring.coreos.com/v1/PodMonitor":
		return &podMonitor{}
	}
	return nil
}

type scaledObject struct {
	meta.TypeMeta   `json:",inline"`
	meta.ObjectMeta `json:"metadata"`
	Spec            struct {
		ScaleTargetRef                                                    struct{ Name string }
		MinReplicaCount, MaxReplicaCount, PollingInterval, CooldownPeriod int32
		Triggers                                                          []struct {
			Type              string
			Metadata          map[string]string
			AuthenticationRef *struct{ Name string }
		}
	}
}

type podMonitor struct {
	meta.TypeMeta   `json:",inline"`
	meta.ObjectMeta `json:"metadata"`
	Spec            struct {
		Selector            meta.LabelSelector
		JobLabel            string
		PodMetricsEndpoints []struct {
			Port, Interval string
			Relabelings    []struct {
				SourceLabels []string
				TargetLabel  string
			}
		}
	}
}

func objects(t *testing.T, values map[string]any) []object {
	t.Helper()
	files, err := render(values)
	if err != nil {
		t.Fatal(err)
	}
	var all []object
	for _, file := range slices.Sorted(maps.Keys(files)) {
		if strings.HasSuffix(file, ".txt") {
			continue
		}
		for document := range strings.SplitSeq("\n"+files[file], "\n---") {
			if onlyComments(document) {
				continue
			}
			all = append(all, decoded(t, file, document))
		}
	}
	return all
}

func onlyComments(document string) bool {
	for line := range strings.Lines(document) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			return false
		}
	}
	return true
}

func decoded(t *testing.T, file, document string) object {
	t.Helper()
	o := object{file: file}
	if err := yaml.Unmarshal([]byte(document), &o); err != nil {
		t.Fatalf("%s: %v\n%s", file, err, document)
	}
	if o.typed = typed(o); o.typed == nil {
		t.Fatalf("%s: kind %s of %s is not known to this test", file, o.Kind, o.APIVersion)
	}
	if err := yaml.UnmarshalStrict([]byte(document), o.typed); err != nil {
		t.Errorf("%s: %s %s is not as Kubernetes has it: %v\n%s", file, o.Kind, o.ObjectMeta.Name, err, document)
	}
	switch of := o.typed.(type) {
	case *apps.Deployment:
		o.pod = &of.Spec.Template
	case *apps.StatefulSet:
		o.pod = &of.Spec.Template
	case *batch.Job:
		o.pod = &of.Spec.Template
	}
	return o
}

// each runs a test with every set of values.
func each(t *testing.T, do func(t *testing.T, all []object)) {
	t.Helper()
	for _, file := range sets {
		name := filepath.Base(file)
		if file == "" {
			name = "defaults"
		}
		t.Run(name, func(t *testing.T) { do(t, objects(t, readValues(t, file))) })
	}
}

func TestHelmLintHasNothingToSay(t *testing.T) {
	for _, file := range sets {
		for _, message := range lint.All(chartDir, readValues(t, file), "netra", true).Messages {
			if message.Severity >= support.WarningSev {
				t.Errorf("%s: %s", file, message)
			}
		}
	}
}

func TestEveryObjectIsAsKubernetesHasIt(t *testing.T) {
	each(t, func(t *testing.T, all []object) {
		seen := map[string]bool{}
		for _, o := range all {
			name := o.Kind + " " + o.ObjectMeta.Name
			if seen[name] {
				t.Errorf("%s is there twice", name)
			}
			seen[name] = true
			if o.ObjectMeta.Labels["app.kubernetes.io/instance"] != "netra" {
				t.Errorf("%s has no labels", name)
			}
		}
	})
}

func TestKindsByValues(t *testing.T) {
	count := func(file string) map[string]int {
		kinds := map[string]int{}
		for _, o := range objects(t, readValues(t, file)) {
			kinds[o.Kind]++
		}
		return kinds
	}
	for file, want := range map[string]map[string]int{
		"": {"ConfigMap": 3, "Deployment": 2, "StatefulSet": 1, "Service": 2, "Job": 1, "PodDisruptionBudget": 2, "NetworkPolicy": 4, "ServiceAccount": 1, "PersistentVolumeClaim": 1},
		"values/scaled.yaml": {
			"ConfigMap": 3, "Deployment": 2, "StatefulSet": 1, "Service": 2, "Job": 1, "PodDisruptionBudget": 2, "NetworkPolicy": 4, "ServiceAccount": 1, "PersistentVolumeClaim": 1,
			"ScaledObject": 1, "PodMonitor": 1, "Ingress": 1,
		},
		"values/least.yaml": {"ConfigMap": 1, "Deployment": 1},
	} {
		if got := count(file); !maps.Equal(got, want) {
			t.Errorf("%s: %v, want %v", file, got, want)
		}
	}
}

func TestPodsAreConfined(t *testing.T) {
	each(t, func(t *testing.T, all []object) {
		for _, o := range all {
			if o.pod == nil {
				continue
			}
			of := o.pod.Spec
			pod := of.SecurityContext
			if pod == nil || pod.RunAsNonRoot == nil || !*pod.RunAsNonRoot || pod.SeccompProfile == nil || pod.SeccompProfile.Type != core.SeccompProfileTypeRuntimeDefault {
				t.Errorf("%s: the pod's security context is %+v", o.ObjectMeta.Name, pod)
			}
			if of.AutomountServiceAccountToken == nil || *of.AutomountServiceAccountToken {
				t.Errorf("%s gets a token of the cluster, which it has no use for", o.ObjectMeta.Name)
			}
			for _, c := range of.Containers {
				s := c.SecurityContext
				if s == nil || s.ReadOnlyRootFilesystem == nil || !*s.ReadOnlyRootFilesystem || s.AllowPrivilegeEscalation == nil || *s.AllowPrivilegeEscalation ||
					s.Capabilities == nil || !slices.Equal(s.Capabilities.Drop, []core.Capability{"ALL"}) {
					t.Errorf("%s: the container's security context is %+v", o.ObjectMeta.Name, s)
				}
				if c.Resources.Limits.Memory().IsZero() || c.Resources.Requests.Cpu().IsZero() {
					t.Errorf("%s has no limit of memory or asks for no processor", o.ObjectMeta.Name)
				}
				if _, tag, found := strings.Cut(c.Image, ":"); !found || tag == "latest" {
					t.Errorf("%s: image %s", o.ObjectMeta.Name, c.Image)
				}
			}
		}
	})
}

func TestPodsThatRunOnAreProbed(t *testing.T) {
	each(t, func(t *testing.T, all []object) {
		for _, o := range all {
			if o.pod == nil || o.Kind == "Job" {
				continue
			}
			for _, c := range o.pod.Spec.Containers {
				for path, probe := range map[string]*core.Probe{"/healthz": c.LivenessProbe, "/readyz": c.ReadinessProbe} {
					if probe == nil || probe.HTTPGet == nil || probe.HTTPGet.Path != path || !slices.ContainsFunc(c.Ports, func(p core.ContainerPort) bool { return p.Name == probe.HTTPGet.Port.StrVal }) {
						t.Errorf("%s: probe of %s: %+v", o.ObjectMeta.Name, path, probe)
					}
				}
				if c.StartupProbe == nil {
					t.Errorf("%s has no time to start", o.ObjectMeta.Name)
				}
			}
		}
	})
}

// Every volume that a container mounts is there, and every one that is there is
// mounted; so are the files that variables name.
func TestVolumesFit(t *testing.T) {
	each(t, func(t *testing.T, all []object) {
		maps := map[string]bool{}
		for _, o := range all {
			if o.Kind == "ConfigMap" {
				maps[o.ObjectMeta.Name] = true
			}
		}
		for _, o := range all {
			if o.pod == nil {
				continue
			}
			volumes := map[string]bool{}
			for _, v := range o.pod.Spec.Volumes {
				volumes[v.Name] = false
				if v.ConfigMap != nil && !maps[v.ConfigMap.Name] && v.ConfigMap.Name != "netra-lists" {
					t.Errorf("%s: there is no ConfigMap %s", o.ObjectMeta.Name, v.ConfigMap.Name)
				}
			}
			if set, ok := o.typed.(*apps.StatefulSet); ok {
				for _, claim := range set.Spec.VolumeClaimTemplates {
					volumes[claim.Name] = false
				}
			}
			c := o.pod.Spec.Containers[0]
			for _, m := range c.VolumeMounts {
				if _, ok := volumes[m.Name]; !ok {
					t.Errorf("%s mounts %s, which is not there", o.ObjectMeta.Name, m.Name)
				}
				volumes[m.Name] = true
			}
			for name, mounted := range volumes {
				if !mounted {
					t.Errorf("%s does not mount %s", o.ObjectMeta.Name, name)
				}
			}
			for _, e := range c.Env {
				secret := strings.HasSuffix(e.Name, "_FILE")
				if secret && !slices.ContainsFunc(c.VolumeMounts, func(m core.VolumeMount) bool { return strings.HasPrefix(e.Value, m.MountPath+"/") }) {
					t.Errorf("%s: %s is %s, which no volume has", o.ObjectMeta.Name, e.Name, e.Value)
				}
				if strings.HasSuffix(e.Name, "PASSWORD") || strings.HasSuffix(e.Name, "SECRET") {
					t.Errorf("%s has a secret in %s", o.ObjectMeta.Name, e.Name)
				}
			}
		}
	})
}

// selects says whether a selector finds just one kind of pod of the chart.
func selects(t *testing.T, name string, all []object, selector map[string]string) {
	t.Helper()
	var found []string
	for _, o := range all {
		if o.pod == nil {
			continue
		}
		matches := len(selector) > 0
		for key, value := range selector {
			matches = matches && o.pod.Labels[key] == value
		}
		if matches {
			found = append(found, o.ObjectMeta.Name)
		}
	}
	if len(found) != 1 {
		t.Errorf("%s selects the pods of %v, want one", name, found)
	}
}

func TestSelectorsFindTheirPods(t *testing.T) {
	each(t, func(t *testing.T, all []object) {
		for _, o := range all {
			name := o.Kind + " " + o.ObjectMeta.Name
			switch of := o.typed.(type) {
			case *apps.Deployment:
				selects(t, name, all, of.Spec.Selector.MatchLabels)
			case *apps.StatefulSet:
				selects(t, name, all, of.Spec.Selector.MatchLabels)
			case *core.Service:
				selects(t, name, all, of.Spec.Selector)
			case *policy.PodDisruptionBudget:
				selects(t, name, all, of.Spec.Selector.MatchLabels)
			case *networking.NetworkPolicy:
				selects(t, name, all, of.Spec.PodSelector.MatchLabels)
				if len(of.Spec.PolicyTypes) != 2 || len(of.Spec.Egress) < 3 {
					t.Errorf("%s bounds %v with %d ways out", name, of.Spec.PolicyTypes, len(of.Spec.Egress))
				}
			}
		}
	})
}

func TestWorkersAreScaledByLag(t *testing.T) {
	for _, o := range objects(t, readValues(t, "values/scaled.yaml")) {
		if of, ok := o.typed.(*apps.Deployment); ok && strings.HasSuffix(of.Name, "-work") && of.Spec.Replicas != nil {
			t.Error("the number of workers is set, so that every upgrade would undo what KEDA did")
		}
		of, ok := o.typed.(*scaledObject)
		if !ok {
			continue
		}
		got := of.Spec.Triggers[0]
		want := map[string]string{
			"bootstrapServers": "kafka-0.kafka:9093,kafka-1.kafka:9093,kafka-2.kafka:9093", "consumerGroup": "netra-worker-2", "topic": "netra.posts",
			"lagThreshold": "20000", "offsetResetPolicy": "earliest", "sasl": "scram_sha512", "tls": "enable",
		}
		if got.Type != "kafka" || !maps.Equal(got.Metadata, want) || got.AuthenticationRef == nil || got.AuthenticationRef.Name != "netra-kafka" {
			t.Errorf("the trigger is %+v", got)
		}
		if of.Spec.ScaleTargetRef.Name != "netra-work" || of.Spec.MaxReplicaCount != 48 {
			t.Errorf("it scales %+v", of.Spec)
		}
		return
	}
	t.Error("there is no ScaledObject")
}

func TestWrongValuesAreRefused(t *testing.T) {
	for text, want := range map[string]string{
		"workers: {replicas: 2}":                                     "workers",
		"image: {tag: latest}":                                       "tag",
		"image: {digest: sha256:abc}":                                "digest",
		"config: {kafka: {brokers: [kafka]}}":                        "brokers",
		"config: {clickhouse: {address: clickhouse, password: x}}":   "clickhouse",
		"config: {clickhouse: {address: \"http://c\", password: x}}": "password",
		"secrets: {clickhouse: {name: \"\"}}":                        "clickhouse",
		"work: {replicas: many}":                                     "replicas",
		"console: {replicas: 2}":                                     "console.replicas above 1 needs",
		"networkPolicy: {kafka: {ports: [], to: []}}":                "ports",
	} {
		values := map[string]any{}
		if err := yaml.UnmarshalStrict([]byte(text), &values); err != nil {
			t.Fatal(err)
		}
		if _, err := render(values); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want it to name %q", text, err, want)
		}
	}
}

// The configuration file that the chart writes is one that netra takes.
func TestNetraTakesTheConfiguration(t *testing.T) {
	root, err := filepath.Abs("../../..")
	if err != nil {
		t.Fatal(err)
	}
	binary := filepath.Join(t.TempDir(), "netra")
	if out, err := command(root, "go", "build", "-o", binary, "./cmd/netra"); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	each(t, func(t *testing.T, all []object) {
		for _, o := range all {
			of, ok := o.typed.(*core.ConfigMap)
			if !ok || of.Data["netra.yaml"] == "" {
				continue
			}
			file := filepath.Join(t.TempDir(), "netra.yaml")
			if err := os.WriteFile(file, []byte(of.Data["netra.yaml"]), 0o600); err != nil {
				t.Fatal(err)
			}
			out, err := command(root, binary, "config", "dump", "--config", file)
			if err != nil {
				t.Errorf("%s: %v\n%s", of.Name, err, out)
			}
			for _, want := range []string{"data_dir: /data", "listen: :9464", "format: json"} {
				if !strings.Contains(out, want) {
					t.Errorf("%s: netra does not see %q in\n%s", of.Name, want, out)
				}
			}
		}
	})
}

func command(dir, name string, arguments ...string) (string, error) {
	cmd := exec.Command(name, arguments...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func TestNotesNameTheRelease(t *testing.T) {
	files, err := render(readValues(t, "values/scaled.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	notes := files["netra/templates/NOTES.txt"]
	for _, want := range []string{"kubectl -n netra logs deploy/netra-console", "https://netra.example.go.id"} {
		if !strings.Contains(notes, want) {
			t.Errorf("no %q in\n%s", want, notes)
		}
	}
	if strings.Contains(notes, "NOTE:") {
		t.Error(fmt.Sprint("the notes ask for what is set:\n", notes))
	}
}
