package tuning

import "reflect"

// MergeRule puts one operator's changes of a rule on top of another's: each field
// that mine has otherwise than base is mine's, all others are theirs.
func MergeRule(base, mine, theirs RuleText) RuleText {
	mine = mine.trimmed()
	merged := theirs
	for _, key := range ruleKeys {
		if !reflect.DeepEqual(base.field(key), mine.field(key)) {
			merged.take(key, mine)
		}
	}
	return merged
}

// take copies one field.
func (r *RuleText) take(key string, from RuleText) {
	switch key {
	case "id":
		r.ID = from.ID
	case "description":
		r.DescriptionID, r.DescriptionEN = from.DescriptionID, from.DescriptionEN
	case "any":
		r.Any = from.Any
	case "all":
		r.All = from.All
	case "near":
		r.Near = from.Near
	case "none":
		r.None = from.None
	case "none_anywhere":
		r.NoneAnywhere = from.NoneAnywhere
	case "scope":
		r.Scope = from.Scope
	case "languages":
		r.Languages = from.Languages
	case "from":
		r.From = from.From
	case "until":
		r.Until = from.Until
	case "weight":
		r.Weight = from.Weight
	case "flags":
		r.Flags = from.Flags
	case "passes":
		r.Passes = from.Passes
	}
}
