package keyword

import "slices"

// archipelago are the languages of Indonesia and its nearest neighbours, which
// people mix in one post; a rule for Indonesian or Malay holds in all of them.
var archipelago = []string{
	"id", "ms", "jv", "su", "bjn", "min", "ban", "ace", "bug", "mad", "nij", "bbc", "bew", "abs", "bhp", "mak", "mui",
	"rej", "sas", "tet", "gor", "day", "btx", "bts", "btm", "btd", "btz", "nia", "lpg", "ljp", "mqy", "xmm", "zlm", "pse",
	"osi", "jax", "kge", "mnb", "tdt", "iba", "xdy", "mdr", "ktm", "bve", "tld", "ter",
}

// languageCodes are what a rule may name: ISO 639-1 where there is one, else
// 639-3.
var languageCodes = append([]string{
	"en", "ar", "zh", "nl", "tl", "hi", "ja", "ko", "th", "vi", "ta", "fr", "de", "es", "pt", "ru", "tr",
}, archipelago...)

// sureLanguage is the confidence below which a post's language excludes no rule.
const sureLanguage = 0.7

// speaks reports whether a rule for the given languages is for a text of the
// given one. In doubt it is: a post of three words, a mixed one, one whose
// language could not be told. A regional rule holds for Indonesian and Malay
// texts only in doubt, since the same word has other senses there.
func speaks(languages []string, code string, confidence float64) bool {
	if len(languages) == 0 || code == "" || code == "und" || confidence < sureLanguage {
		return true
	}
	if slices.Contains(languages, code) {
		return true
	}
	if !slices.Contains(archipelago, code) {
		return false
	}
	return slices.Contains(languages, "id") || slices.Contains(languages, "ms")
}
