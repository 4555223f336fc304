package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/netra-id/netra/pipeline/post"
)

// offer is a post that any election's classifier must flag.
const offer = "Siap bagi amplop 100 ribu per kepala asal coblos nomor 2"

// classified runs classify and decodes its verdicts.
func classified(t *testing.T, in string, args ...string) ([]post.Verdict, result) {
	t.Helper()
	contestants := sampleFile(t, t.TempDir(), "contestants.yaml")
	r := netra(t, strings.NewReader(in), append([]string{"classify", "--contestants", contestants}, args...)...)
	var verdicts []post.Verdict
	for line := range strings.Lines(r.out) {
		var v post.Verdict
		decoder := json.NewDecoder(strings.NewReader(line))
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(&v); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		verdicts = append(verdicts, v)
	}
	return verdicts, r
}

func TestVerdictHasTheAgreedKeys(t *testing.T) {
	_, r := classified(t, fmt.Sprintf(`{"id":"mastodon:1","text":%q}`, "Ayo coblos nomor 2! "+offer)+"\n"+`{"id":"mastodon:2","text":"Selamat pagi"}`)
	r.expect(t, exitDone)
	lines := strings.Split(strings.TrimSpace(r.out), "\n")
	if len(lines) != 2 {
		t.Fatalf("%d lines: %s", len(lines), r.out)
	}
	top := []string{"attributes", "flagged", "id", "labels", "language", "versions"}
	for _, line := range lines {
		verdict := object(t, line)
		keys(t, "verdict", verdict, top...)
		keys(t, "language", verdict["language"], "code", "confidence")
		keys(t, "versions", verdict["versions"], "lists", "models", "netra")
		if lists := verdict["versions"].(map[string]any)["lists"].(string); !strings.HasPrefix(lists, "sha256:") {
			t.Errorf("versions.lists is %q", lists)
		}
		if _, ok := verdict["attributes"].(map[string]any); !ok {
			t.Errorf("attributes is %v", verdict["attributes"])
		}
	}
	flagged, benign := object(t, lines[0]), object(t, lines[1])
	if flagged["flagged"] != true || benign["flagged"] != false {
		t.Error("flagged is wrong")
	}
	if none, ok := benign["labels"].([]any); !ok || len(none) > 0 {
		t.Errorf("labels of a benign post are %v, want []", benign["labels"])
	}
	for _, label := range flagged["labels"].([]any) {
		keys(t, "label", label, "contestant", "label", "reasons", "score")
		for _, reason := range label.(map[string]any)["reasons"].([]any) {
			keys(t, "reason", reason, "end", "kind", "source", "start", "text", "weight")
		}
	}
}

func object(t *testing.T, text string) map[string]any {
	t.Helper()
	var o map[string]any
	if err := json.Unmarshal([]byte(text), &o); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return o
}

func keys(t *testing.T, what string, value any, want ...string) {
	t.Helper()
	o, ok := value.(map[string]any)
	if !ok {
		t.Fatalf("%s is %v", what, value)
	}
	if diff := cmp.Diff(want, slices.Sorted(maps.Keys(o))); diff != "" {
		t.Errorf("keys of %s: %s", what, diff)
	}
}

func TestReasonsCoverTheText(t *testing.T) {
	text := "👍🏽 Éh — Ayo c0bl0s nomor 2… " + offer + " dukunggg GUNAMA"
	line, err := json.Marshal(map[string]string{"id": "x:1", "text": text})
	if err != nil {
		t.Fatal(err)
	}
	verdicts, r := classified(t, string(line))
	r.expect(t, exitDone)
	if len(verdicts) != 1 || !verdicts[0].Flagged {
		t.Fatalf("not flagged: %s", r.out)
	}
	for _, label := range verdicts[0].Labels {
		if label.Score <= 0 || label.Score > 1 || len(label.Reasons) == 0 || !slices.Contains(post.Labels, label.Label) {
			t.Errorf("label %+v", label)
		}
		for _, reason := range label.Reasons {
			if reason.Start < 0 || reason.End > len(text) || reason.Start > reason.End || text[reason.Start:reason.End] != reason.Text {
				t.Errorf("the span of %+v does not cover its text", reason)
			}
		}
	}
}

func TestClassifyKeepsOrderAndIgnoresBadLines(t *testing.T) {
	var in strings.Builder
	var want []string
	for n := range 5000 {
		if n%1000 == 999 {
			_, _ = fmt.Fprintf(&in, "{\"id\":\"bad:%d\"\n", n)
			continue
		}
		id := fmt.Sprintf("x:%d", n)
		want = append(want, id)
		_, _ = fmt.Fprintf(&in, `{"id":%q,"text":%q}`+"\n", id, strings.Repeat("kata demi kata ", n%13)+offer)
	}
	verdicts, r := classified(t, in.String())
	r.expect(t, exitFails, "stdin:1000: ", "stdin:5000: ", "5 of 5000 posts could not be classified")
	got := make([]string, len(verdicts))
	for i := range verdicts {
		got[i] = verdicts[i].ID
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestTextFormat(t *testing.T) {
	verdicts, r := classified(t, "Selamat pagi\n"+offer+"\n", "--format", "text")
	r.expect(t, exitDone)
	if len(verdicts) != 2 || verdicts[0].ID != "1" || verdicts[1].ID != "2" || verdicts[0].Flagged || !verdicts[1].Flagged {
		t.Errorf("got %s", r.out)
	}
}

func TestThresholdOfOneFlagsNothingAndALowOneFlagsMore(t *testing.T) {
	text := offer + "\nnomor 2 keren\n"
	high, r := classified(t, text, "--format", "text", "--threshold", "1")
	r.expect(t, exitDone)
	low, r := classified(t, text, "--format", "text", "--threshold", "0.01")
	r.expect(t, exitDone)
	if labels(high) > 0 || labels(low) <= 1 {
		t.Errorf("%d labels at 1, %d at 0.01", labels(high), labels(low))
	}
	for _, v := range low {
		for _, label := range v.Labels {
			if label.Score < 0.01 {
				t.Errorf("%+v is below the threshold", label)
			}
		}
	}
}

func labels(verdicts []post.Verdict) (n int) {
	for _, v := range verdicts {
		n += len(v.Labels)
	}
	return n
}

func TestRegionDecidesWhichElectionCounts(t *testing.T) {
	const text = "Ayo coblos nomor 2, menangkan GUNAMA"
	for region, want := range map[string]string{"": "tirta-2", "97": "tirta-2", "97.01": "tirta-2", "61.08": ""} {
		verdicts, r := classified(t, text, "--format", "text", "--region", region)
		r.expect(t, exitDone)
		contestant := ""
		if len(verdicts) == 1 && len(verdicts[0].Labels) > 0 {
			contestant = verdicts[0].Labels[0].Contestant
		}
		if contestant != want {
			t.Errorf("region %q: contestant %q, want %q: %s", region, contestant, want, r.out)
		}
	}
}

func TestOwnKeywordsAndOwnClaims(t *testing.T) {
	lists := t.TempDir()
	write(t, lists, "money.yaml", ownList)
	verdicts, r := classified(t, offer+"\n", "--format", "text", "--keywords", lists)
	r.expect(t, exitDone)
	builtin, _ := classified(t, offer+"\n", "--format", "text")
	if verdicts[0].Versions.Lists == builtin[0].Versions.Lists {
		t.Error("own lists have the version of the built-in ones")
	}
	for _, label := range verdicts[0].Labels {
		for _, reason := range label.Reasons {
			if reason.Kind == post.ReasonKeyword && reason.Source != "own-money/envelopes" {
				t.Errorf("a rule of the built-in lists matched: %+v", reason)
			}
		}
	}
	const claim = "Tujuh ribu pena ajaib di gudang Muara Sunda menghapus suara pemilih sendiri"
	claims := write(t, t.TempDir(), "claims.csv", "id,text,date,source,url,verdict,language\npena,"+claim+",2024-11-01,contoh,,false,id\n")
	verdicts, r = classified(t, claim+", sebarkan sebelum dihapus!\n", "--format", "text", "--claims", claims)
	r.expect(t, exitDone, `"kind":"claim"`)
	if len(verdicts) == 0 || !verdicts[0].Flagged || verdicts[0].Labels[0].Label != post.Hoax {
		t.Errorf("the claim is not flagged: %s", r.out)
	}
}

// ownList is an operator's list of one rule.
const ownList = `list: own-money
label: money_politics
rules:
  - id: envelopes
    all: ["bagi amplop", "coblos"]
    weight: 0.9
    flags: ["bagi amplop asal coblos nomor 2"]
    passes: ["selamat pagi"]
`

func TestClassifyBadContestantsNamesThePlace(t *testing.T) {
	file := write(t, t.TempDir(), "c.yaml", "elections:\n  - id: a\n    nama: b\n")
	netra(t, strings.NewReader(""), "classify", "--contestants", file).expect(t, exitUsage, `c.yaml:3: key "elections[0].nama"`, "allowed:")
}
