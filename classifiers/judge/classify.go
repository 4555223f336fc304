package judge

import (
	"math"
	"strings"
	"unicode"

	"github.com/netra-id/netra/classifiers/keyword"
	"github.com/netra-id/netra/classifiers/linear"
	"github.com/netra-id/netra/classifiers/text"
	"github.com/netra-id/netra/pipeline/post"
)

const (
	// shareFactor weakens what is only shared without a word of one's own: to
	// share is forbidden, too, but the words are another's.
	shareFactor = 0.9
	// quotedFactor weakens what is quoted beside a comment.
	quotedFactor = 0.4
)

func (j *Judge) classify(p *post.Post, region string, s *scratch) post.Verdict {
	language := j.gather(p, region, s)
	verdict := post.Verdict{
		ID: p.ID, Versions: j.versions, Labels: []post.LabelScore{}, Attributes: j.attributes.of(j.abusive(s)), Language: language,
	}
	verdict.Labels = j.fuse(s, verdict.Labels)
	verdict.Flagged = len(verdict.Labels) > 0
	return verdict
}

// gather collects the evidence for all labels, and returns the language. What the
// author quotes beside words of his or her own counts little; what is only
// shared counts almost as own words.
func (j *Judge) gather(p *post.Post, region string, s *scratch) post.Language {
	s.reset()
	j.read(s.reading, p, region, p.Text, &s.book)
	language := j.language.IdentifyReading(&s.reading.words, &s.language)
	if p.Quoted != "" {
		j.read(s.quoted, p, region, p.Quoted, &s.book)
		if isShare(p.Text, &s.reading.doc) {
			s.shared = true
			s.reading, s.quoted = s.quoted, s.reading
			language = j.language.IdentifyReading(&s.reading.words, &s.language)
		} else {
			j.evaluate(s.quoted, keyword.Quoted, p, language)
			s.addHits(s.quoted, j.fusion.known, true, quotedFactor)
		}
	}
	r := s.reading
	j.score(r, s)
	j.evaluate(r, keyword.Authored, p, language)
	s.addHits(r, j.fusion.known, s.shared, 1)
	j.addClaims(r, s)
	return language
}

// isShare reports whether the author added nothing of his or her own: no words,
// or two or three that agree.
func isShare(authored string, doc *text.Doc) bool {
	words := 0
	for i := range doc.Tokens {
		token := &doc.Tokens[i]
		if token.Kind != text.Word && token.Kind != text.Number {
			continue
		}
		words++
		if words > 3 || !agreeing[string(doc.Norm(token))] {
			return false
		}
	}
	return words > 0 || !strings.ContainsFunc(authored, unicode.IsLetter)
}

// agreeing are words that only pass on what they stand before.
var agreeing = map[string]bool{
	"setuju": true, "betul": true, "benar": true, "bener": true, "sepakat": true, "mantap": true, "mantab": true, "gas": true, "siap": true, "sip": true,
	"share": true, "bagikan": true, "repost": true, "rt": true, "ini": true, "banget": true, "sekali": true, "ini dia": true, "amin": true, "aamiin": true, "lanjut": true,
	"akur": true, "inggih": true, "leres": true, "nah": true, "cocok": true, "jos": true, "up": true, "keren": true, "top": true, "ya": true, "nih": true,
}

// score runs the linear models, with contestants masked.
func (j *Judge) score(r *reading, s *scratch) {
	s.maskMentions(r)
	s.raw, s.weighed = j.models.LogitsReading(&r.words, s.spans, &s.linear), false
}

// abusive is the probability that the text is abusive.
func (j *Judge) abusive(s *scratch) float64 {
	if j.lanes.abusive < 0 {
		return 0
	}
	return float64(linear.Probability(s.raw[j.lanes.abusive]))
}

// maskMentions notes where contestants are mentioned, in order and apart.
func (s *scratch) maskMentions(r *reading) {
	s.spans = s.spans[:0]
	for _, m := range r.mentions {
		start, end := r.doc.Span(m.First, m.Last)
		if n := len(s.spans); n > 0 && start < s.spans[n-1].End {
			s.spans[n-1].End = max(s.spans[n-1].End, end)
			continue
		}
		s.spans = append(s.spans, linear.Span{Start: start, End: end})
	}
}

// logit is the log-odds of a probability, within what a float32 can tell.
func logit(p float32) float32 {
	const edge = 1e-5
	q := float64(max(edge, min(p, 1-edge)))
	return float32(math.Log(q / (1 - q)))
}
