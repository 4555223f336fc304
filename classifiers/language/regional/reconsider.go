package regional

import "slices"

// judgedParts is into how many parts the samples are split, each to be judged by
// weights that were fitted to the others.
const judgedParts = 2

// reconsider looks at the samples whose language nobody vouches for, before the
// weights are fitted to what is left of them.
func (t *trainer) reconsider() {
	all := t.examples
	kept := make([]example, 0, len(all))
	for part := range judgedParts {
		t.examples = nil
		for i, e := range all {
			if e.written || !e.doubted && i%judgedParts != part {
				t.examples = append(t.examples, e)
			}
		}
		t.forget()
		t.fit(t.options.Epochs / 2)
		for i, e := range all {
			if i%judgedParts == part && (e.written || t.judge(&e)) {
				kept = append(kept, e)
			}
		}
	}
	t.forget()
	t.examples = kept
}

// judge says whether to learn from a sample: not from assumed ones that look like
// another language, nor from doubted ones that do not surely look like their own.
// One that is called Indonesian and surely is Malay becomes Malay: among the
// Indonesian tweets are hundreds of Malay ones.
func (t *trainer) judge(e *example) bool {
	probabilities, _ := t.predict(e.words)
	own := float64(probabilities[e.class])
	malay, hasMalay := slices.BinarySearch(t.codes, "ms")
	switch {
	case e.doubted:
		return own >= t.options.Sure
	case hasMalay && t.codes[e.class] == "id" && float64(probabilities[malay]) >= t.options.Sure:
		e.class, e.weight = malay, t.classWeights[malay]
		return true
	}
	return !e.assumed || own >= t.options.Doubt
}
