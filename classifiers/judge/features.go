package judge

import (
	"math"
	"math/bits"
	"slices"

	"github.com/netra-id/netra/classifiers/act"
	"github.com/netra-id/netra/classifiers/linear"
	"github.com/netra-id/netra/classifiers/target"
)

// features are what the score of one label rests on. Their names are the keys
// of the fusion's weights, so that a reader of the weights knows what counts.
//
// Most are the same for every label of a post; those of the first group are the
// label's own.
const (
	fBias        = iota
	fRules       // what rules say, after the speech act: 0 to 1
	fRulesRaw    // what rules say before it
	fModel       // the label's own model, raw score
	fClaim       // the best claim, after the speech act
	fClaimRaw    // the best claim
	fRulesFormal // fRules in a formal text
	fRulesOwn    // fRules where the author speaks of himself or calls on others
	fModelFormal // fModel in a formal text
	fModelOwn
	fModelTarget                              // fModel where a contestant is mentioned
	fRulesModel                               // fRules times fModel
	fRulesLoose                               // fRules where who is meant is not sure
	fRulesPlain                               // fRules where that is a number and nothing is of an election alone
	fModelPlain                               // fModel there
	fVetoed                                   // all that rules found is denied, forbidden, recited …
	fModelVetoed                              // fModel where fVetoed
	fDenied                                   // rules found something, and all of it is denied, forbidden or recited
	fEffects                                  // one an effect of the speech act: the weight that it weakens
	fModelCues   = fEffects + act.EffectCount // fModel where a cue of modelCues stands
	ownFeatures  = fModelCues + modelCueCount
)

// modelCues are the classes of cues that bear on what a model makes of the text.
var modelCues = [modelCueCount]act.Class{
	act.Negation, act.Prohibition, act.Refusal, act.Report, act.Norm, act.Institution, act.Debunk, act.Listing, act.Turnout, act.Everyday,
	act.Campaign, act.Affairs, act.Ballot, act.Condemnation,
}

const modelCueCount = 14

// The features that all labels of a post share.
const (
	fTarget          = ownFeatures + iota // a contestant is mentioned
	fTargetStrong                         // by a full name, alias, hashtag or "paslon 2"
	fTargetLoose                          // only by what may also mean something else
	fTargets                              // two or more contestants
	fPrivate                              // nothing tells of a vote or of public affairs
	fLoosePrivate                         // contestants are mentioned, none clearly, where fPrivate
	fNumberOnly                           // a contestant is mentioned by a number only, without words of a vote
	fNumberPlain                          // a contestant is mentioned by a number only that nobody chooses, and nothing is of an election alone
	fNumberEveryday                       // fNumberPlain, in words of everyday life
	fUnclearPlain                         // contestants are mentioned, none clearly, and nothing is of an election alone
	fUnclearEveryday                      // fUnclearPlain, in words of everyday life
	fAsked
	fLength
	fFormal
	fOwn
	fCues   // one a class of cues
	fModels = fCues + int(act.Classes)
	// featureCount leaves room for every model of a set.
	featureCount = fModels + linear.MaxModels
)

var ownNames = [...]string{
	"bias", "rules", "rules before the speech act", "model", "claim", "claim before the speech act", "rules × formal", "rules × own voice",
	"model × formal", "model × own voice", "model × contestant", "rules × model", "rules × contestant perhaps", "rules × number only × no ballot", "model × number only × no ballot", "rules vetoed", "model × rules vetoed", "rules all denied",
}

var sharedNames = [...]string{
	"contestant", "contestant named clearly", "contestant perhaps", "several contestants", "private", "contestant unclear × private", "number only", "number only × no ballot", "number only × no ballot × everyday", "contestant unclear × no ballot", "contestant unclear × no ballot × everyday", "question mark", "length", "formal", "own voice",
}

// featureNames names all features, for the models of a set.
func featureNames(models []linear.Info) []string {
	names := make([]string, 0, featureCount)
	names = append(names, ownNames[:]...)
	for _, effect := range act.EffectNames() {
		names = append(names, "rules "+effect)
	}
	for _, class := range modelCues {
		names = append(names, "model × cue "+class.String())
	}
	names = append(names, sharedNames[:]...)
	for class := range act.Classes {
		names = append(names, "cue "+class.String())
	}
	for _, model := range models {
		names = append(names, "model "+model.Name)
	}
	return names
}

// vector is the features of one label of one post.
type vector [featureCount]float64

// sharedFeatures fills what all labels share.
func (s *scratch) sharedFeatures(logits []float32) {
	s.contextFeatures()
	for lane, logit := range logits {
		s.vector[fModels+lane] = modelFeature(logit)
		s.present = append(s.present, fModels+lane)
	}
}

// contextFeatures fills what all labels share but for the models.
func (s *scratch) contextFeatures() {
	v, r := &s.vector, s.reading
	v[fBias] = 1
	clear(v[ownFeatures:fModels])
	distinct := 0
	for i, m := range r.mentions {
		switch m.Certainty {
		case target.Clear:
			v[fTarget], v[fTargetStrong] = 1, 1
		case target.Supported:
			v[fTarget] = 1
		}
		if i == 0 || m.Contestant != r.mentions[0].Contestant {
			distinct++
		}
	}
	if len(r.mentions) > 0 && v[fTarget] == 0 {
		v[fTargetLoose] = 1
	}
	if distinct > 1 {
		v[fTargets] = 1
	}
	whole := r.act.Whole()
	s.document = whole.Document
	if whole.Asked {
		v[fAsked] = 1
	}
	if !whole.Document.Any(act.Campaign, act.Affairs) {
		v[fPrivate] = 1
		if len(r.mentions) > 0 && v[fTargetStrong] == 0 {
			v[fLoosePrivate] = 1
		}
	}
	if byNumberOnly(r.mentions) && !whole.Document.Has(act.Campaign) {
		v[fNumberOnly] = 1
	}
	if !whole.Document.Has(act.Ballot) {
		everyday := whole.Document.Has(act.Everyday)
		v.note(fNumberPlain, fNumberEveryday, byNumberOnly(r.mentions) && !chosen(r.mentions), everyday)
		v.note(fUnclearPlain, fUnclearEveryday, len(r.mentions) > 0 && v[fTargetStrong] == 0, everyday)
	}
	formal := min(int(whole.Count[act.Norm])+int(whole.Count[act.Institution])+int(whole.Count[act.Report])/2, 4)
	v[fFormal] = float64(formal) / 4
	if whole.Document.Has(act.FirstPerson) || whole.Document.Has(act.Exhort) {
		v[fOwn] = 1
	}
	v[fLength] = lengthFeature(len(r.doc.Tokens))
	s.present = s.present[:0]
	for place := ownFeatures; place < fCues; place++ {
		if v[place] != 0 {
			s.present = append(s.present, place)
		}
	}
	for rest := whole.Document; rest != 0; rest &= rest - 1 {
		place := fCues + bits.TrailingZeros32(uint32(rest))
		v[place] = 1
		s.present = append(s.present, place)
	}
}

// note sets the feature plain, and everyday beside it, where they hold.
func (v *vector) note(plain, everyday int, is, isEveryday bool) {
	if is {
		v[plain] = 1
		if isEveryday {
			v[everyday] = 1
		}
	}
}

// lengths holds lengthFeature for the lengths of nearly all posts.
var lengths = func() (table [256]float64) {
	for tokens := range table {
		table[tokens] = math.Log1p(float64(tokens)) / 4
	}
	return table
}()

func lengthFeature(tokens int) float64 {
	if tokens < len(lengths) {
		return lengths[tokens]
	}
	return math.Log1p(float64(tokens)) / 4
}

// byNumberOnly reports whether contestants are mentioned, by nothing but numbers
// and hand signs.
func byNumberOnly(mentions []target.Mention) bool {
	for _, m := range mentions {
		if m.Kind != target.ByNumber && m.Kind != target.ByHandSign || m.Certainty == target.Clear {
			return false
		}
	}
	return len(mentions) > 0
}

// chosen reports whether a number stands right behind a word for choosing.
func chosen(mentions []target.Mention) bool {
	return slices.ContainsFunc(mentions, func(m target.Mention) bool { return m.Chosen })
}

// ownFeatures fills what is a label's own.
func (s *scratch) ownFeatures(label, lane int, raw []float32) {
	v := &s.vector
	v[fRules], v[fRulesRaw] = s.rules[label], s.rulesRaw[label]
	v[fModel] = noModel
	if lane >= 0 {
		v[fModel] = modelFeature(raw[lane])
	}
	v[fClaim], v[fClaimRaw] = s.claim, s.claimRaw
	v[fRulesFormal] = v[fRules] * v[fFormal]
	v[fRulesOwn] = v[fRules] * v[fOwn]
	v[fModelFormal] = v[fModel] * v[fFormal]
	v[fModelOwn] = v[fModel] * v[fOwn]
	v[fModelTarget] = v[fModel] * v[fTarget]
	v[fRulesModel] = v[fRules] * v[fModel]
	if v[fVetoed] = 0; v[fRulesRaw] >= vetoFrom && v[fRules] < vetoShare*v[fRulesRaw] {
		v[fVetoed] = 1
	}
	v[fModelVetoed] = v[fModel] * v[fVetoed]
	if v[fDenied] = 0; v[fRulesRaw] >= deniedFrom && s.standing[label] == 0 {
		v[fDenied] = 1
	}
	for i, weight := range s.effects[label] {
		v[fEffects+i] = weight
	}
	for i, class := range modelCues {
		v[fModelCues+i] = v[fModel] * v[fCues+int(class)]
	}
	v[fRulesLoose] = v[fRules] * v[fTargetLoose]
	v[fRulesPlain] = v[fRules] * v[fNumberPlain]
	v[fModelPlain] = v[fModel] * v[fNumberPlain]
}

// Rules of at least vetoFrom of which the speech act leaves less than vetoShare
// are vetoed.
const (
	vetoFrom  = 0.3
	vetoShare = 0.2
	// deniedFrom is the weight of rules from which their denial is sure.
	deniedFrom = 0.5
)

const (
	// modelScale brings log-odds to the size of the other features.
	modelScale = 4
	// noModel is the feature of a label that has no model.
	noModel = -1.0
)

// modelFeature is the feature of a model's log-odds.
func modelFeature(raw float32) float64 { return clip(float64(raw)) / modelScale }

// clip keeps one odd text from outweighing everything else.
func clip(raw float64) float64 { return max(-8, min(raw, 8)) }
