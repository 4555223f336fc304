// Package linear scores a text with hashed linear models: hate speech, abusive
// language, political stance with its targets masked, and any label for which
// somebody has labelled posts. It holds the models' shipped weights, the trainer
// that made them, and the explanation of a score by the words that carried it.
//
// It does not decide: a model's score is one reason among the rules and claims
// that the classifier fuses. It knows nothing of contestants either; the caller
// says where they stand in the text, and they are masked before a model sees
// them. The classifier calls Score and Explain, the commands train and eval call
// Train.
//
// A text is read once for all models. Each word gives hashed features of two
// blocks: words (one and two, and pairs of word classes close to each other) and
// characters (three and four within a word). A block's features are weighted by
// their inverse document frequency and the block is normalised to length one by
// itself, so that a long word does not drown a telling pair of words.
package linear

// MaxModels is the largest number of models in one Set.
const MaxModels = 23

// Span is a part of a text: byte offsets, Start inclusive, End exclusive.
type Span struct {
	Start, End int
}

// Scores holds one calibrated probability a model, in the order of Set.Models.
type Scores [MaxModels]float32

// Contribution is one word and the weight that it carried in a score.
type Contribution struct {
	// Span is the word's place in the original text.
	Span
	// Weight is in units of the model's raw score (log-odds): positive weights
	// speak for the label. The weights of all words and the model's bias add up
	// to the raw score.
	Weight float64
}

// Thresholds are the two operating points of a model, as probabilities.
type Thresholds struct {
	// Balanced maximised the macro F1 over held-out parts: for counting.
	Balanced float32 `json:"balanced"`
	// Precise is where at most one benign text in a thousand was above it in
	// the held-out parts: for flagging.
	Precise float32 `json:"precise"`
}

// Info describes one model of a Set.
type Info struct {
	// Name is the label or attribute that the model scores.
	Name string `json:"name"`
	// Thresholds are the model's operating points.
	Thresholds Thresholds `json:"thresholds"`
}
