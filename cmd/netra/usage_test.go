package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

func TestExitCodesOfUsage(t *testing.T) {
	tests := []struct {
		args string
		code int
		want string
	}{
		{"", exitDone, "netra [command]"},
		{"--version", exitDone, "netra version"},
		{"--help", exitDone, "netra demo"},
		{"help roster import", exitDone, "netra roster import FILE"},
		{"clasify", exitUsage, `command "clasify" is not known to netra; allowed: all, `},
		{"clasify", exitUsage, `did you mean "classify"?`},
		{"help clasify", exitUsage, `command "clasify" is not known`},
		{"help roster imprt", exitUsage, `command "imprt" is not known to netra roster`},
		{"roster", exitUsage, "netra roster COMMAND; allowed: check, import, suggest"},
		{"roster chek", exitUsage, `did you mean "check"?`},
		{"keywords", exitUsage, "allowed: check, diff"},
		{"claims", exitUsage, "allowed: check, import"},
		{"contestants", exitUsage, "allowed: check"},
		{"config", exitUsage, "allowed: check, dump"},
		{"--frobnicate", exitUsage, "unknown flag: --frobnicate"},
		{"classify --frobnicate", exitUsage, "unknown flag: --frobnicate"},
		{"classify -x", exitUsage, "unknown shorthand flag"},
		{"classify --threshold much", exitUsage, "invalid argument"},
		{"classify --threshold 1.5", exitUsage, "--threshold 1.5; allowed: more than 0, at most 1"},
		{"classify --threshold NaN", exitUsage, "--threshold NaN; allowed"},
		{"classify --format xml", exitUsage, `--format "xml"; allowed: jsonl, text`},
		{"classify --region Landak", exitUsage, `--region "Landak"; allowed`},
		{"classify --contestants /nowhere.yaml", exitUsage, "/nowhere.yaml"},
		{"classify --keywords /nowhere", exitUsage, "/nowhere"},
		{"classify --claims /nowhere.csv", exitUsage, "/nowhere.csv"},
		{"classify posts.jsonl", exitUsage, "usage: netra classify [flags]; arguments given: posts.jsonl"},
		{"demo now", exitUsage, "usage: netra demo"},
		{"demo --spread -5s", exitUsage, "--spread -5s; allowed: 0 or more"},
		{"demo --listen nope", exitUsage, `--listen "nope"; allowed: host:port`},
		{"demo --listen 127.0.0.1:99999", exitUsage, "allowed: host:port"},
		{"all now", exitUsage, "usage: netra all"},
		{"work now", exitUsage, "usage: netra work"},
		{"collect now", exitUsage, "usage: netra collect"},
		{"collect", exitUsage, `key "collect.sources"`},
		{"console now", exitUsage, "usage: netra console"},
		{"console passwd", exitUsage, "usage: netra console passwd USER"},
		{"console passwd a b", exitUsage, "arguments given: a b"},
		{"console user", exitUsage, "netra console user COMMAND; allowed: add, list, set"},
		{"console user add", exitUsage, "usage: netra console user add NAME"},
		{"console user add rina --role root", exitUsage, `--role "root"; allowed: analyst, supervisor, operator, administrator`},
		{"console user add rina --region Landak", exitUsage, `region "Landak": allowed: a code such as 61 or 61.08`},
		{"console user list now", exitUsage, "usage: netra console user list"},
		{"console user set rina --disable --enable", exitUsage, "exclude each other"},
		{"console backup", exitUsage, "usage: netra console backup FILE"},
		{"audit", exitUsage, "netra audit COMMAND; allowed: head, verify"},
		{"audit verify now", exitUsage, "usage: netra audit verify"},
		{"audit verify --head 12", exitUsage, "allowed: NUMBER:HASH"},
		{"import", exitUsage, "usage: netra import FILE"},
		{"import /nowhere.jsonl", exitUsage, "/nowhere.jsonl"},
		{"import /tmp", exitUsage, "it is a folder"},
		{"import --format xml posts.jsonl", exitUsage, `key "import.format": value "xml": allowed: auto, jsonl, csv`},
		{"roster check", exitUsage, "usage: netra roster check FILE"},
		{"roster check /nowhere.csv", exitUsage, "/nowhere.csv"},
		{"roster import", exitUsage, "usage: netra roster import FILE"},
		{"contestants check", exitUsage, "usage: netra contestants check FILE"},
		{"contestants check /nowhere.yaml", exitUsage, "/nowhere.yaml"},
		{"contestants check /tmp", exitUsage, "it is a folder"},
		{"keywords check a b", exitUsage, "usage: netra keywords check [DIR]"},
		{"keywords test a b", exitUsage, "usage: netra keywords test [DIR]"},
		{"keywords check /nowhere", exitUsage, "/nowhere"},
		{"keywords test /nowhere", exitUsage, "/nowhere"},
		{"keywords check main.go", exitUsage, "main.go is not a folder; allowed: a folder"},
		{"claims check", exitUsage, "usage: netra claims check FILE"},
		{"claims check /nowhere.csv", exitUsage, "/nowhere.csv"},
		{"claims import", exitUsage, "usage: netra claims import FILE"},
		{"claims import claims.csv", exitUsage, `key "classify.claims"`},
		{"train", exitUsage, "usage: netra train FILE"},
		{"train /nowhere.tsv", exitUsage, "/nowhere.tsv"},
		{"eval", exitUsage, "usage: netra eval FILE.tsv"},
		{"eval /nowhere.tsv", exitUsage, "/nowhere.tsv"},
		{"eval a.tsv --only dukungan", exitUsage, `--only "dukungan"; allowed:`},
		{"migrate now", exitUsage, "usage: netra migrate"},
		{"config check now", exitUsage, "usage: netra config check"},
		{"config dump --config /nowhere.yaml", exitUsage, "/nowhere.yaml"},
		{"engine", exitUsage, `key "clickhouse.password"`},
		{"backup", exitUsage, "usage: netra backup DIR"},
		{"backup /a --keys /a/b", exitUsage, "in one place"},
		{"backup check /nowhere", exitUsage, "/nowhere is not there"},
		{"restore /nowhere", exitUsage, "/nowhere is not there"},
		{"restore", exitUsage, "usage: netra restore DIR"},
		{"version now", exitUsage, "usage: netra version"},
		{"broker now", exitUsage, "usage: netra broker"},
		{"chaos --broker rabbit", exitUsage, `--broker "rabbit"; allowed: [embedded kafka cluster]`},
		{"chaos --kills -1", exitUsage, "--kills -1"},
	}
	for _, test := range tests {
		t.Run(test.args, func(t *testing.T) {
			t.Setenv("NETRA_DATA_DIR", t.TempDir())
			netra(t, strings.NewReader(""), strings.Fields(test.args)...).expect(t, test.code, test.want)
		})
	}
}

func TestCommandsThatNeedARoadSayWhereItIsNot(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("NETRA_DATA_DIR", dir)
	t.Setenv("NETRA_MONITOR_LISTEN", "")
	posts := write(t, dir, "posts.jsonl", `{"id":"x"}`)
	roster := sampleFile(t, dir, "roster.csv")
	for _, args := range [][]string{{"migrate"}, {"work"}, {"console"}, {"import", posts}, {"roster", "import", roster}} {
		t.Run(strings.Join(args[:1], " "), func(t *testing.T) {
			netra(t, nil, args...).expect(t, exitUsage, `key "clickhouse.address" is empty`, "netra all", dir)
		})
	}
}

func TestBadConfigurationIsWrongUsageOfEveryCommand(t *testing.T) {
	file := write(t, t.TempDir(), "netra.yaml", "kafak: {}\n")
	for _, args := range []string{"config check", "config dump", "classify", "all", "keywords check"} {
		netra(t, strings.NewReader(""), append(strings.Fields(args), "--config", file)...).expect(t, exitUsage, `netra.yaml:1: key "kafak"`, `did you mean "kafka"?`)
	}
}

// TestHelpOfEveryCommand walks the tree: each command says what it does, shows
// an example that begins with the program's name, and prints its help.
func TestHelpOfEveryCommand(t *testing.T) {
	var walk func(*cobra.Command, []string)
	walk = func(cmd *cobra.Command, path []string) {
		if cmd.Name() == "completion" {
			return // cobra's own
		}
		t.Run(strings.Join(path, " "), func(t *testing.T) {
			if cmd.Short == "" {
				t.Error("it does not say what it does")
			}
			if !strings.Contains(cmd.Example, "netra "+strings.Join(path, " ")) {
				t.Errorf("no example of it: %q", cmd.Example)
			}
			netra(t, nil, append(path, "--help")...).expect(t, exitDone, cmd.Example, "--config")
		})
		for _, child := range cmd.Commands() {
			walk(child, append(append([]string{}, path...), child.Name()))
		}
	}
	root := newRoot(&app{out: &bytes.Buffer{}, errOut: &bytes.Buffer{}})
	root.InitDefaultHelpCmd()
	walk(root, nil)
}
