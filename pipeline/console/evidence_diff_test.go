package console

import (
	"strings"
	"testing"
)

func shownDiff(pieces []diffPiece) string {
	var text strings.Builder
	for _, p := range pieces {
		switch {
		case p.Added:
			text.WriteString("[+" + p.Text + "]")
		case p.Removed:
			text.WriteString("[-" + p.Text + "]")
		default:
			text.WriteString(p.Text)
		}
	}
	return text.String()
}

func TestTextsAreComparedWordByWord(t *testing.T) {
	tests := []struct{ before, after, want string }{
		{"coblos nomor 2 ya", "coblos nomor 3 ya", "coblos nomor [-2][+3] ya"},
		{"", "baru", "[+baru]"},
		{"lama", "", "[-lama]"},
		{"sama", "sama", "sama"},
		{"", "", ""},
		{"ayo coblos", "ayo, coblos!", "ayo[- ][+, ]coblos[+!]"},
	}
	for _, test := range tests {
		if got := shownDiff(diffWords(test.before, test.after)); got != test.want {
			t.Errorf("%q to %q: %s, want %s", test.before, test.after, got, test.want)
		}
	}
}

// FuzzDiffWords puts both texts together again from their difference.
func FuzzDiffWords(f *testing.F) {
	f.Add("coblos nomor 2", "coblos nomor dua 🙏")
	f.Fuzz(func(t *testing.T, before, after string) {
		var old, now strings.Builder
		for _, p := range diffWords(before, after) {
			if !p.Added {
				old.WriteString(p.Text)
			}
			if !p.Removed {
				now.WriteString(p.Text)
			}
		}
		if old.String() != cutText(before) || now.String() != cutText(after) {
			t.Errorf("%q and %q became %q and %q", before, after, old.String(), now.String())
		}
	})
}
