package linear

import (
	"strings"

	"github.com/netra-id/netra/classifiers/linear/words"
)

// MaskPolitics finds what a stance model must not learn by heart: the names of
// past candidates and parties, and the numbers of pairs behind "nomor",
// "paslon" and the like. It is for training texts whose contestants nobody has
// marked; the classifier marks the contestants of the election itself.
func MaskPolitics(text string) []Span {
	var spans []Span
	after := false // the word before announces a number
	for i := 0; i < len(text); {
		kind := words.Kinds[text[i]]
		if kind != words.Letter && kind != words.Digit && kind != words.At && kind != words.Hash {
			i++
			continue
		}
		j := i + 1
		for j < len(text) && isHandle(text[j]) {
			j++
		}
		word := strings.ToLower(text[i:j])
		number := len(word) <= 2 && word[0] >= '0' && word[0] <= '9'
		switch {
		case number && (after || word[0] == '0' && len(word) == 2):
			spans = append(spans, Span{i, j})
		case namesPolitics(strings.TrimLeft(word, "@#"), word[0] == '#'):
			spans = append(spans, Span{i, j})
		}
		after = announces(word)
		i = j
	}
	return spans
}

func announces(word string) bool {
	switch word {
	case "no", "nomor", "nomer", "nmr", "paslon", "pasangan", "urut", "capres", "kubu":
		return true
	}
	return false
}

// politicalNames are people and parties of the elections in the training data,
// as whole words; stems of three letters and more also match within hashtags.
var politicalNames = strings.Fields(`
	jokowi jokowidodo joko widodo jkw jkwi jokowow wiwik amin maruf prabowo prabs prbowo prabu wowo subianto
	sandi sandiaga sandiuno uno ahok basuki tjahaja purnama anies baswedan djarot saiful hidayat agus harimurti ahy sylviana
	sby yudhoyono megawati mega puan ganjar pranowo mahfud gibran muhaimin cak imin ridwan kamil emil khofifah
	gatot fahri hamzah fadli zon amien rais rizieq setnov novanto luhut hary tanoe cornelis sudirman said deddy mizwar
	jokower jokowers prabower projo 
	pdip pdi gerindra golkar nasdem pks pkb ppp pan demokrat hanura perindo psi pbb berkarya garuda pkpi`)

func namesPolitics(word string, hashtag bool) bool {
	for _, name := range politicalNames {
		if word == name || hashtag && len(name) > 3 && strings.Contains(word, name) {
			return true
		}
	}
	return false
}
