package post

// Label is one of the seven things that an author may be alleged to do.
type Label string

// The labels; what each means is in docs/labels.md.
const (
	Support       Label = "support"
	Attack        Label = "attack"
	Hoax          Label = "hoax"
	HateSpeech    Label = "hate_speech"
	MoneyPolitics Label = "money_politics"
	Intimidation  Label = "intimidation"
	OfficePromise Label = "office_promise"
)

// Labels lists every label, in the order in which they are shown.
var Labels = []Label{Support, Attack, Hoax, HateSpeech, MoneyPolitics, Intimidation, OfficePromise}

// LabelNames lists the labels as they are written, in the order of Labels.
func LabelNames() []string { return Strings(Labels) }

// Strings are labels as they are written.
func Strings(labels []Label) []string {
	names := make([]string, len(labels))
	for i, label := range labels {
		names[i] = string(label)
	}
	return names
}

// Undetermined is the language code of a text whose language cannot be told.
const Undetermined = "und"

// Verdict is what the classifiers say of one post. It is a pure function of the
// post, the person's region, the lists, the contestants and the models, whose
// versions it carries.
type Verdict struct {
	ID       string   `json:"id"`
	Language Language `json:"language"`
	// Flagged is true when Labels is not empty.
	Flagged bool `json:"flagged"`
	// Labels holds the labels at or above their threshold, in the order of the
	// variable Labels, one entry a label and contestant.
	Labels []LabelScore `json:"labels"`
	// Attributes are further scores from 0 to 1 that never flag by themselves.
	Attributes map[string]float64 `json:"attributes"`
	Versions   Versions           `json:"versions"`
}

// Language is the language of the authored text.
type Language struct {
	// Code is ISO 639-1 where there is one, else 639-3, or Undetermined.
	Code string `json:"code"`
	// Confidence is from 0 to 1.
	Confidence float64 `json:"confidence"`
}

// LabelScore is one label of a verdict with its reasons.
type LabelScore struct {
	Label Label   `json:"label"`
	Score float64 `json:"score"`
	// Contestant is the id of the contestant meant, empty where none is.
	Contestant string   `json:"contestant,omitempty"`
	Reasons    []Reason `json:"reasons"`
}

// ReasonKind says which kind of classifier gave a reason.
type ReasonKind string

// The kinds of reasons.
const (
	ReasonKeyword ReasonKind = "keyword"
	ReasonModel   ReasonKind = "model"
	ReasonClaim   ReasonKind = "claim"
)

// Reason is one piece of evidence for a label.
type Reason struct {
	Kind ReasonKind `json:"kind"`
	// Source names the rule ("support/vote-for"), the model or the claim.
	Source string `json:"source"`
	// Start and End are byte offsets into the post's Text (into Quoted when
	// Quoted is true), Start inclusive, End exclusive.
	Start int `json:"start"`
	End   int `json:"end"`
	// Text is the original text between Start and End.
	Text   string  `json:"text"`
	Quoted bool    `json:"quoted,omitzero"`
	Weight float64 `json:"weight"`
}

// Versions says what made a verdict, so that it can be made again.
type Versions struct {
	// Lists is "sha256:" and the hex digest of keyword lists and contestants.
	Lists  string `json:"lists"`
	Models string `json:"models"`
	Netra  string `json:"netra"`
}
