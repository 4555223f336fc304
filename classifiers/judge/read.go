package judge

import (
	"github.com/netra-id/netra/classifiers/act"
	"github.com/netra-id/netra/classifiers/claims"
	"github.com/netra-id/netra/classifiers/keyword"
	"github.com/netra-id/netra/classifiers/language"
	"github.com/netra-id/netra/classifiers/linear"
	"github.com/netra-id/netra/classifiers/target"
	"github.com/netra-id/netra/classifiers/text"
	"github.com/netra-id/netra/classifiers/wordbook"
	"github.com/netra-id/netra/pipeline/post"
)

// scratch is the working memory for one post.
type scratch struct {
	// reading is of the text that is judged, quoted of what stands beside it.
	reading, quoted *reading
	readings        [2]reading
	book            wordbook.Book
	clause          wordbook.Reading
	language        language.Scratch
	linear          linear.Scratch
	claims          claims.Scratch
	spans           []linear.Span
	// shared is true where reading is of the quoted text, which the author only
	// shares.
	shared   bool
	evidence []evidence
	group    []evidence // of the label that is explained

	// raw are the log-odds of the models, logits the same as the fusion reads
	// them, with what it reads besides in vector and present, once weighed is true.
	raw     linear.Logits
	logits  [linear.MaxModels]float32
	weighed bool
	// rules and rulesRaw are what rules say of each label, after and before the
	// speech act; claim and claimRaw the same of claims.
	rules, rulesRaw [labels]float64
	effects         [labels]effectWeights
	// standing is the largest weight of matches that are not denied outright.
	standing [labels]float64
	// foreign is what rules say that the fusion does not know, after the speech
	// act.
	foreign         [labels]float64
	claim, claimRaw float64
	vector          vector
	present         []int // places of the features in vector that labels share and that are not zero
	// document are the classes of cues in the whole text.
	document act.Set
}

// reset forgets the post before.
func (s *scratch) reset() {
	s.reading, s.quoted = &s.readings[0], &s.readings[1]
	s.evidence, s.shared = s.evidence[:0], false
	s.rules, s.rulesRaw = [labels]float64{}, [labels]float64{}
	s.effects, s.standing, s.foreign = [labels]effectWeights{}, [labels]float64{}, [labels]float64{}
	s.claim, s.claimRaw = 0, 0
}

// reading is one text, authored or quoted, with all that was found in it.
type reading struct {
	words    wordbook.Reading
	doc      text.Doc
	matches  []keyword.Match
	cues     []act.Cue
	names    []target.Hit
	target   target.Scratch
	mentions []target.Mention
	act      act.Reading
	specials []keyword.Special
	// mentionOf is the index into mentions of each special, -1 for a negation.
	mentionOf []int
	rules     keyword.Scratch
	hits      []keyword.Hit
}

// read fills r with the tokens, mentions and cues of a text.
func (j *Judge) read(r *reading, p *post.Post, region, body string, book *wordbook.Book) {
	book.Read(body, &r.words)
	j.matcher.AnalyzeReading(&r.doc, &r.words)
	r.matches = j.matcher.Match(&r.doc, r.matches[:0])
	r.cues, r.names = r.cues[:0], r.names[:0]
	for _, m := range r.matches {
		switch m.Space {
		case j.cues:
			r.cues = append(r.cues, act.Cue{Class: act.Class(m.Payload), First: int(m.First), Last: int(m.Last)})
		case j.targets:
			r.names = append(r.names, target.Hit{Payload: m.Payload, First: int(m.First), Last: int(m.Last)})
		}
	}
	r.mentions = j.resolver.Resolve(&r.doc, r.names, region, p.CreatedAt, &r.target)
	r.act.Read(&r.doc, r.cues)
	r.gatherSpecials()
}

// gatherSpecials gives the rules the mentions and what is negated, in the order
// of their first tokens.
func (r *reading) gatherSpecials() {
	r.specials, r.mentionOf = r.specials[:0], r.mentionOf[:0]
	denied := r.act.Denied()
	for next, n := 0, 0; n < len(r.mentions) || next < len(denied); {
		if n < len(r.mentions) && (next == len(denied) || r.mentions[n].First <= denied[next].First) {
			m := r.mentions[n]
			r.specials = append(r.specials, keyword.Special{Groups: groupsOf(m.Kind), First: int32(m.First), Last: int32(m.Last)})
			r.mentionOf = append(r.mentionOf, n)
			n++
			continue
		}
		d := denied[next]
		r.specials = append(r.specials, keyword.Special{Groups: keyword.Negation, First: int32(d.First), Last: int32(d.Last)})
		r.mentionOf = append(r.mentionOf, -1)
		next++
	}
}

func groupsOf(kind target.Kind) keyword.Group {
	switch kind {
	case target.ByNumber, target.ByHandSign:
		return keyword.Contestant | keyword.Number
	case target.ByParty:
		return keyword.Contestant | keyword.Party
	case target.ByHashtag:
		return keyword.Contestant | keyword.HashtagOf
	default:
		return keyword.Contestant
	}
}

// evaluate finds the places where rules hold.
func (j *Judge) evaluate(r *reading, scope keyword.Scope, p *post.Post, lang post.Language) {
	r.hits = j.rules.Evaluate(&r.doc, r.matches, &keyword.Context{
		Scope: scope, Language: lang.Code, Confidence: lang.Confidence, When: p.CreatedAt, Specials: r.specials, Blocked: true,
	}, &r.rules, r.hits[:0])
}
