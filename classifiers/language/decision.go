package language

import (
	"github.com/netra-id/netra/classifiers/language/regional"
	"github.com/netra-id/netra/pipeline/post"
)

// How lingua's answer and the regional model's join into one. The figures were
// chosen on a fifth of the training data that the model had not seen; see
// docs/parts/language.md.
const (
	// leastConfidence is the confidence below which a language is undetermined:
	// of the answers below it three in four are wrong.
	leastConfidence = 0.2
	// sureOfNational is lingua's confidence from which its choice between the
	// languages it knows stands whatever the regional model says.
	sureOfNational = 0.9
	// likelierNational is how many times likelier the regional model must find
	// the other language to overrule a lingua that is not sure.
	likelierNational = 20
	// malayInLong and malayInShort are how many times likelier than Indonesian and
	// English a text of shortWords words or more, or fewer, must be to be Malay;
	// leastMalay is the least probability of it.
	malayInLong, malayInShort = 0.8, 2
	leastMalay                = 0.35
	shortWords                = 5
	longWords                 = 9
)

// regionalMargin is how many times likelier than Indonesian, English and Malay a
// regional language must be for a text of so many words. A few words are
// often the same in several languages, and most people write Indonesian.
func regionalMargin(words int) float32 {
	switch {
	case words < shortWords:
		return 1.8
	case words < longWords:
		return 1.2
	default:
		return 1
	}
}

// decider joins the answers. Its fields are places in the model's languages, or
// -1.
type decider struct {
	model                      *regional.Model
	indonesian, english, malay int
	malayIsConfigured          bool
	// further says that a language is configured that the model does not know.
	further bool
}

func newDecider(model *regional.Model, configured []string) *decider {
	d := &decider{model: model, indonesian: -1, english: -1, malay: -1}
	for place, code := range model.Codes() {
		switch code {
		case indonesian:
			d.indonesian = place
		case english:
			d.english = place
		case malay:
			d.malay = place
		}
	}
	for _, code := range configured {
		d.malayIsConfigured = d.malayIsConfigured || code == malay
		d.further = d.further || !isKnownToModel(code)
	}
	return d
}

const (
	indonesian = "id"
	english    = "en"
	malay      = "ms"
)

// decide says what a text is written in:
//  1. A further language that was configured, of which lingua is sure, stands.
//     Else a text without a word (only emoji, numbers, addresses, user names,
//     hashtags, other scripts) is undetermined.
//  2. A regional language wins where it is likelier, by regionalMargin, than each
//     of Indonesian, English and Malay.
//  3. Malay wins where the model finds it about as likely as Indonesian, or likelier
//     in few words, and lingua was not asked for it.
//  4. Else lingua decides. Only where it is not sure, and the model finds the
//     other of Indonesian and English much likelier, the model does.
//
// Lingua is asked only where its answer counts.
func (d *decider) decide(ask func() post.Language, answer *regional.Answer) post.Language {
	var national post.Language
	if d.further {
		national = ask()
		if !isKnownToModel(national.Code) && national.Confidence >= sureOfNational {
			return national
		}
	}
	if answer.Words == 0 {
		return post.Language{Code: post.Undetermined}
	}
	p := &answer.Probabilities
	best, bestProbability := -1, float32(0)
	for place := range d.model.Codes() {
		if !d.isNational(place) && p[place] > bestProbability {
			best, bestProbability = place, p[place]
		}
	}
	likeliestNational := max(d.at(p, d.indonesian), d.at(p, d.english), d.at(p, d.malay))
	if bestProbability > regionalMargin(answer.Words)*likeliestNational {
		return decided(d.model.Codes()[best], float64(bestProbability))
	}
	if !d.malayIsConfigured && d.isMalay(answer) {
		return decided(malay, float64(p[d.malay]))
	}
	if !d.further {
		national = ask()
	}
	return d.decideNational(national, p)
}

// isKnownToModel says whether lingua's answer is one that the model can doubt.
func isKnownToModel(code string) bool {
	return code == indonesian || code == english || code == malay || code == post.Undetermined
}

func (d *decider) isMalay(answer *regional.Answer) bool {
	p := &answer.Probabilities
	likelier := float32(malayInLong)
	if answer.Words < shortWords {
		likelier = malayInShort
	}
	isMalay := d.at(p, d.malay)
	return isMalay >= leastMalay && isMalay > likelier*max(d.at(p, d.indonesian), d.at(p, d.english))
}

func (d *decider) decideNational(national post.Language, p *[regional.MaxClasses]float32) post.Language {
	isIndonesian, isEnglish := d.at(p, d.indonesian)+d.at(p, d.malay), d.at(p, d.english)
	either := float64(isIndonesian + isEnglish)
	if national.Confidence >= sureOfNational {
		return decided(national.Code, national.Confidence*either)
	}
	switch {
	case national.Code == english && isIndonesian > likelierNational*isEnglish:
		return decided(indonesian, either/2)
	case national.Code == indonesian && isEnglish > likelierNational*isIndonesian:
		return decided(english, either/2)
	case national.Code == post.Undetermined:
		return national
	}
	return decided(national.Code, national.Confidence*either)
}

func decided(code string, confidence float64) post.Language {
	if confidence < leastConfidence {
		return post.Language{Code: post.Undetermined}
	}
	return post.Language{Code: code, Confidence: min(confidence, 1)}
}

func (d *decider) isNational(place int) bool {
	return place == d.indonesian || place == d.english || place == d.malay
}

func (d *decider) at(p *[regional.MaxClasses]float32, place int) float32 {
	if place < 0 {
		return 0
	}
	return p[place]
}
