package describe

import "github.com/netra-id/netra/pipeline/console/i18n"

// Shipped is the dictionary of the rules that Netra ships, in the language of a
// catalogue: its keys "rule." and the rule's id.
type Shipped struct{ Words *i18n.Catalogue }

// Rule says what the rule looks for.
func (s Shipped) Rule(source string) (string, bool) {
	text := s.Words.Or("rule."+source, "")
	return text, text != ""
}
