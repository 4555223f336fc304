package linear

// Configuration says how models are trained. It is not needed for scoring.
type Configuration struct {
	// WordBits and CharBits are the logarithms of the blocks' sizes, 10 to 18.
	WordBits int `yaml:"word_bits"`
	CharBits int `yaml:"char_bits"`
	// Models names the labels to train; empty means every label that a corpus
	// knows.
	Models []string `yaml:"models"`
	// Heads names, for a label, the models that a small network joins into its
	// score; see head. Names that are not trained are left out.
	Heads map[string][]string `yaml:"heads"`
	// Cost is how dear an error on a training text is against large weights (the
	// C of support-vector machines).
	Cost float64 `yaml:"cost"`
	// PositiveWeight is how many times dearer a missed positive is.
	PositiveWeight float64 `yaml:"positive_weight"`
	// Folds is into how many parts the texts are split to calibrate, to choose
	// thresholds and to report; at least 2.
	Folds int `yaml:"folds"`
	// FalseFlagRate is the share of benign texts above the precise threshold.
	FalseFlagRate float64 `yaml:"false_flag_rate"`
	// Seed fixes the split into folds.
	Seed uint64 `yaml:"seed"`
	// Mask finds the contestants in a text that brings no targets of its own. Nil
	// means MaskPolitics.
	Mask func(text string) []Span `yaml:"-"`
}

// DefaultConfiguration is what made the shipped weights.
func DefaultConfiguration() Configuration {
	return Configuration{
		WordBits: 15, CharBits: 14, Cost: 1, PositiveWeight: 2,
		Heads: map[string][]string{HateSpeech: {
			HateSpeech, Abusive, "hs", "hs_religion", "hs_race", "hs_physical", "hs_gender", "hs_strong",
		}},
		Folds: 5, FalseFlagRate: 0.001, Seed: 1,
	}
}
