package tuning

import (
	"cmp"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/netra-id/netra/classifiers/claims"
	"github.com/netra-id/netra/classifiers/keyword"
	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/roster"
)

// Change is one difference between two bundles, as an operator would say it.
type Change struct {
	// Part is what kind of thing changed: list, group, rule, contestant,
	// election, threshold, claim, model, file.
	Part string `json:"part"`
	// Name is the thing's: "support/vote-for", "tirta-1", "hoax".
	Name string `json:"name"`
	// What is added, removed or changed.
	What string `json:"what"`
	// Field is which of its fields changed; empty where the whole thing did.
	Field string `json:"field,omitempty"`
	// Added and Removed are the words of a list that changed; Before and After
	// the values of any other field.
	Added   []string `json:"added,omitempty"`
	Removed []string `json:"removed,omitempty"`
	Before  string   `json:"before,omitempty"`
	After   string   `json:"after,omitempty"`
}

// The values of Change.What.
const (
	Added   = "added"
	Removed = "removed"
	Changed = "changed"
)

// String says the change in one line.
func (c Change) String() string {
	line := fmt.Sprintf("%s %s %s", c.Part, c.Name, c.What)
	if c.Field != "" {
		line += ": " + c.Field
	}
	for _, word := range c.Added {
		line += fmt.Sprintf(" +%q", word)
	}
	for _, word := range c.Removed {
		line += fmt.Sprintf(" -%q", word)
	}
	if c.Before != "" || c.After != "" {
		line += fmt.Sprintf(" %s → %s", orNone(c.Before), orNone(c.After))
	}
	return line
}

func orNone(s string) string { return cmp.Or(s, "(none)") }

// Diff says what differs from one bundle to another: by rules and contestants
// where both can be read, else by files.
func Diff(before, after Bundle) []Change {
	old, errOld := read(before)
	now, errNow := read(after)
	if errOld != nil || errNow != nil {
		return diffFiles(before, after)
	}
	var d differ
	d.lists(old.Lists, now.Lists)
	d.elections(old.Elections, now.Elections)
	d.limits(old.Thresholds, now.Thresholds)
	d.claims(old.Claims, now.Claims)
	d.value("model", "linear", "version", old.models.Version(), now.models.Version())
	d.value("model", "fusion", "weights", digestOf(old.fusion), digestOf(now.fusion))
	if len(d.changes) == 0 {
		return diffFiles(before, after) // comments and order
	}
	return d.changes
}

func digestOf(v any) string { return hashOf(fmt.Append(nil, v))[:12] }

func diffFiles(before, after Bundle) []Change {
	var d differ
	names := slices.Compact(slices.Sorted(slices.Values(append(before.Paths(), after.Paths()...))))
	for _, name := range names {
		old, had := before.Read(name)
		now, has := after.Read(name)
		d.presence("file", name, had, has)
		if had && has && hashOf(old) != hashOf(now) {
			d.add(Change{Part: "file", Name: name, What: Changed})
		}
	}
	return d.changes
}

type differ struct{ changes []Change }

func (d *differ) add(c Change) { d.changes = append(d.changes, c) }

func (d *differ) presence(part, name string, had, has bool) {
	switch {
	case has && !had:
		d.add(Change{Part: part, Name: name, What: Added})
	case had && !has:
		d.add(Change{Part: part, Name: name, What: Removed})
	}
}

func (d *differ) value(part, name, field string, before, after any) {
	old, now := fmt.Sprint(before), fmt.Sprint(after)
	if old != now {
		d.add(Change{Part: part, Name: name, What: Changed, Field: field, Before: old, After: now})
	}
}

func (d *differ) words(part, name, field string, before, after []string) {
	c := Change{Part: part, Name: name, What: Changed, Field: field, Added: without(after, before), Removed: without(before, after)}
	if len(c.Added)+len(c.Removed) > 0 {
		d.add(c)
	}
}

func without(words, others []string) []string {
	var left []string
	for _, word := range words {
		if !slices.Contains(others, word) {
			left = append(left, word)
		}
	}
	return left
}

// union walks the keys of both maps in order.
func union[V any](before, after map[string]V) []string {
	keys := slices.AppendSeq(slices.Collect(maps.Keys(before)), maps.Keys(after))
	slices.Sort(keys)
	return slices.Compact(keys)
}

func (d *differ) lists(before, after *keyword.Set) {
	d.groups("", before.Groups, after.Groups)
	old, now := byName(before), byName(after)
	for _, name := range union(old, now) {
		a, had := old[name]
		b, has := now[name]
		d.presence("list", name, had, has)
		if had && has {
			d.value("list", name, "label", a.Label, b.Label)
			d.groups(name+"/", a.Groups, b.Groups)
		}
		d.rules(rulesOf(a), rulesOf(b))
	}
}

func byName(set *keyword.Set) map[string]*keyword.List {
	lists := map[string]*keyword.List{}
	for _, list := range set.Lists {
		lists[list.Name] = list
	}
	return lists
}

func rulesOf(list *keyword.List) map[string]*keyword.Rule {
	rules := map[string]*keyword.Rule{}
	if list != nil {
		for _, rule := range list.Rules {
			rules[rule.Source()] = rule
		}
	}
	return rules
}

func (d *differ) groups(prefix string, before, after map[string][]keyword.Term) {
	for _, name := range union(before, after) {
		_, had := before[name]
		_, has := after[name]
		d.presence("group", prefix+name, had, has)
		if had && has {
			d.words("group", prefix+name, "words", textsOf(before[name]), textsOf(after[name]))
		}
	}
}

func (d *differ) rules(before, after map[string]*keyword.Rule) {
	for _, source := range union(before, after) {
		a, had := before[source]
		b, has := after[source]
		d.presence("rule", source, had, has)
		if had && has {
			d.rule(source, a, b)
		}
	}
}

func (d *differ) rule(source string, a, b *keyword.Rule) {
	d.words("rule", source, "any", textsOf(a.Any), textsOf(b.Any))
	d.words("rule", source, "all", textsOf(a.All), textsOf(b.All))
	d.words("rule", source, "none", textsOf(a.None), textsOf(b.None))
	d.words("rule", source, "none_anywhere", textsOf(a.NoneAnywhere), textsOf(b.NoneAnywhere))
	d.words("rule", source, "near", nearsOf(a), nearsOf(b))
	d.words("rule", source, "languages", a.Languages, b.Languages)
	d.words("rule", source, "flags", examplesOf(a.Flags), examplesOf(b.Flags))
	d.words("rule", source, "passes", examplesOf(a.Passes), examplesOf(b.Passes))
	d.value("rule", source, "weight", a.Weight, b.Weight)
	d.value("rule", source, "scope", scopeName(a.Scope), scopeName(b.Scope))
	d.value("rule", source, "from", day(a.From), day(b.From))
	d.value("rule", source, "until", day(a.Until), day(b.Until))
	d.value("rule", source, "description", a.Description.ID, b.Description.ID)
}

func textsOf(terms []keyword.Term) []string {
	texts := make([]string, len(terms))
	for i, term := range terms {
		texts[i] = term.Text
	}
	return texts
}

func examplesOf(examples []keyword.Example) []string {
	texts := make([]string, len(examples))
	for i, example := range examples {
		texts[i] = example.Text
	}
	return texts
}

func nearsOf(r *keyword.Rule) []string {
	var nears []string
	for _, near := range r.Near {
		order := map[keyword.Order]string{keyword.After: ", after it", keyword.Before: ", before it"}[near.Order]
		nears = append(nears, fmt.Sprintf("%s within %d%s", strings.Join(textsOf(near.What), "|"), near.Within, order))
	}
	return nears
}

func scopeName(scope keyword.Scope) string {
	return map[keyword.Scope]string{keyword.Authored: "authored", keyword.Quoted: "quoted", keyword.Both: "both"}[scope]
}

// day is a date, empty for none.
func day(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.DateOnly)
}

func (d *differ) elections(before, after *roster.Elections) {
	old, now := map[string]*roster.Election{}, map[string]*roster.Election{}
	for i := range before.Elections {
		old[before.Elections[i].ID] = &before.Elections[i]
	}
	for i := range after.Elections {
		now[after.Elections[i].ID] = &after.Elections[i]
	}
	for _, id := range union(old, now) {
		a, b := old[id], now[id]
		d.presence("election", id, a != nil, b != nil)
		if a == nil || b == nil {
			continue
		}
		d.value("election", id, "name", a.Name, b.Name)
		d.value("election", id, "region", a.Region, b.Region)
		d.value("election", id, "stages", stagesOf(a), stagesOf(b))
		d.contestants(contestantsOf(a), contestantsOf(b))
	}
}

func stagesOf(e *roster.Election) string {
	stages := make([]string, len(e.Stages))
	for i, stage := range e.Stages {
		stages[i] = stage.Name + " " + day(stage.From.Time)
	}
	return strings.Join(stages, ", ")
}

func contestantsOf(e *roster.Election) map[string]*roster.Contestant {
	all := map[string]*roster.Contestant{}
	for i := range e.Contestants {
		all[e.Contestants[i].ID] = &e.Contestants[i]
	}
	return all
}

func (d *differ) contestants(before, after map[string]*roster.Contestant) {
	for _, id := range union(before, after) {
		a, had := before[id]
		b, has := after[id]
		d.presence("contestant", id, had, has)
		if !had || !has {
			continue
		}
		d.value("contestant", id, "number", a.Number, b.Number)
		d.words("contestant", id, "names", a.Names, b.Names)
		d.words("contestant", id, "aliases", a.Aliases, b.Aliases)
		d.words("contestant", id, "parties", a.Parties, b.Parties)
		d.words("contestant", id, "hashtags", a.Hashtags, b.Hashtags)
		d.value("contestant", id, "incumbent", a.Incumbent, b.Incumbent)
	}
}

func (d *differ) limits(before, after map[post.Label]float64) {
	for _, label := range post.Labels {
		d.value("threshold", string(label), "from", limit(before, label), limit(after, label))
	}
}

func limit(limits map[post.Label]float64, label post.Label) string {
	if value, ok := limits[label]; ok {
		return fmt.Sprint(value)
	}
	return "built-in"
}

func (d *differ) claims(before, after []claims.Claim) {
	old, now := map[string]claims.Claim{}, map[string]claims.Claim{}
	for _, c := range before {
		old[c.ID] = c
	}
	for _, c := range after {
		now[c.ID] = c
	}
	for _, id := range union(old, now) {
		a, had := old[id]
		b, has := now[id]
		d.presence("claim", id, had, has)
		if had && has && !reflect.DeepEqual(a, b) {
			d.add(Change{Part: "claim", Name: id, What: Changed, Before: a.Text, After: b.Text})
		}
	}
}
