package embedded

import (
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestRepairForgetsOnlyBlocksThatWereNotStored(t *testing.T) {
	const wide = "store/abc/abcdef"
	for _, test := range []struct {
		name  string
		parts []string
		logs  map[string]string
		want  map[string]string
	}{
		{"all stored", []string{"all_1_1_1", "all_2_2_1"},
			map[string]string{"1": "1\tall_1_1_1\ta\n1\tall_2_2_1\tb\n"}, map[string]string{"1": "1\tall_1_1_1\ta\n1\tall_2_2_1\tb\n"}},
		{"merged, mutated and in another partition", []string{"all_1_5_2", "202411_3_3_0_9"},
			map[string]string{"1": "1\tall_1_1_1\ta\n1\tall_5_5_1\tb\n1\t202411_3_3_0\tc\n"},
			map[string]string{"1": "1\tall_1_1_1\ta\n1\tall_5_5_1\tb\n1\t202411_3_3_0\tc\n"}},
		{"last one not stored", []string{"all_1_1_1", "tmp_insert_all_2_2_1"},
			map[string]string{"1": "1\tall_1_1_1\ta\n1\tall_2_2_1\tb\n"}, map[string]string{"1": "1\tall_1_1_1\ta\n"}},
		{"same number in another partition", []string{"202411_2_2_0"},
			map[string]string{"1": "1\t202412_2_2_0\ta\n"}, map[string]string{"1": ""}},
		{"dropped before, and stored again under another part", []string{"all_9_9_1"},
			map[string]string{"1": "1\tall_1_1_1\ta\n2\tall_1_1_1\ta\n", "2": "1\tall_9_9_1\ta\n1\tall_10_10_1\tb\n"},
			map[string]string{"1": "1\tall_1_1_1\ta\n2\tall_1_1_1\ta\n", "2": "1\tall_9_9_1\ta\n"}},
		{"order of the logs is by number", []string{"all_1_1_1"},
			map[string]string{"9": "1\tall_7_7_1\ta\n", "10": "2\tall_7_7_1\ta\n"}, map[string]string{"9": "1\tall_7_7_1\ta\n", "10": "2\tall_7_7_1\ta\n"}},
		{"torn last line", []string{"all_1_1_1", "all_2_2_1"},
			map[string]string{"1": "1\tall_1_1_1\ta\n1\tall_2_"}, map[string]string{"1": "1\tall_1_1_1\ta\n"}},
		{"a part name that is not understood stays", nil, map[string]string{"1": "1\t20241101_20241130_1_1_0\ta\n"},
			map[string]string{"1": "1\t20241101_20241130_1_1_0\ta\n"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			root := t.TempDir()
			logs := filepath.Join(root, wide, "deduplication_logs")
			if err := os.MkdirAll(logs, 0o700); err != nil {
				t.Fatal(err)
			}
			for _, part := range test.parts {
				if err := os.Mkdir(filepath.Join(root, wide, part), 0o700); err != nil {
					t.Fatal(err)
				}
			}
			path := func(number string) string { return filepath.Join(logs, "deduplication_log_"+number+".txt") }
			for number, content := range test.logs {
				if err := os.WriteFile(path(number), []byte(content), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			for range 2 { // repairing what is right changes nothing
				if err := repairDeduplication(root, slog.New(slog.DiscardHandler)); err != nil {
					t.Fatal(err)
				}
				got := map[string]string{}
				for number := range test.logs {
					content, err := os.ReadFile(path(number))
					if err != nil {
						t.Fatal(err)
					}
					got[number] = string(content)
				}
				if diff := cmp.Diff(test.want, got); diff != "" {
					t.Errorf("logs (-want +got):\n%s", diff)
				}
			}
			if entries, err := os.ReadDir(logs); err != nil || len(entries) != len(test.logs) {
				t.Errorf("the engine would find %d files in place of %d logs (%v)", len(entries), len(test.logs), err)
			}
		})
	}
}

func TestRepairOfADirectoryWithoutTables(t *testing.T) {
	if err := repairDeduplication(filepath.Join(t.TempDir(), "nothing"), slog.New(slog.DiscardHandler)); err != nil {
		t.Error(err)
	}
}
