package console

import (
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"github.com/netra-id/netra/pipeline/tuning"
)

// Bounds of what a tuning page lists.
const (
	mostChanges    = 150
	mostChangedIn  = 30 // words of one change
	mostProblems   = 50
	mostRuleRows   = 100
	mostDraftRows  = 100
	mostLogRows    = 50
	mostSampleRows = 20
)

// changeView is one difference between two versions in words.
type changeView struct {
	Part, Name, What, Class string
	Field                   string
	Added, Removed          []string
	More                    string
	Before, After           string
}

// changesView is what differs between two versions.
type changesView struct {
	Changes []changeView
	More    string
	None    string
}

func (v viewer) changesView(changes []tuning.Change) changesView {
	view := changesView{}
	for i := range changes[:min(len(changes), mostChanges)] {
		view.Changes = append(view.Changes, v.changeView(&changes[i]))
	}
	if more := len(changes) - mostChanges; more > 0 {
		view.More = v.words.T("tuning.change.more", "n", v.number(more))
	}
	if len(changes) == 0 {
		view.None = v.words.T("tuning.change.none")
	}
	return view
}

func (v viewer) changeView(c *tuning.Change) changeView {
	view := changeView{
		Part: v.words.Or("tuning.part."+c.Part, c.Part), Name: short(c.Name, mostWordBytes), Class: c.What, What: v.words.Or("tuning.what."+c.What, c.What),
	}
	if c.Field != "" {
		view.Field = v.words.Or("tuning.field."+c.Field, c.Field)
	}
	cut := func(words []string) []string {
		shown := make([]string, 0, min(len(words), mostChangedIn))
		for _, word := range words[:min(len(words), mostChangedIn)] {
			shown = append(shown, short(word, 2*mostWordBytes))
		}
		return shown
	}
	view.Added, view.Removed = cut(c.Added), cut(c.Removed)
	if more := len(c.Added) + len(c.Removed) - len(view.Added) - len(view.Removed); more > 0 {
		view.More = v.words.T("tuning.words.more", "n", v.number(more))
	}
	if c.Before != "" || c.After != "" {
		none := v.words.T("tuning.none")
		view.Before, view.After = short(orText(c.Before, none), mostFieldBytes), short(orText(c.After, none), mostFieldBytes)
	}
	return view
}

func orText(text, other string) string {
	if text == "" {
		return other
	}
	return text
}

// problemView is one thing that is wrong in a file, as far as it could be told
// apart.
type problemView struct {
	Place, Field, Key, Value, Allowed string
	// Text is the message as it is, where it names no key.
	Text string
}

// problem is what messages of the strict reader look like.
var problem = regexp.MustCompile(`(?s)^([^:]+):(\d+): key "([^"]*)": value (.*?): allowed: (.*)$`)

func (v viewer) problems(messages []string) []problemView {
	var views []problemView
	for _, message := range messages[:min(len(messages), mostProblems)] {
		views = append(views, v.problem(message))
	}
	if more := len(messages) - mostProblems; more > 0 {
		views = append(views, problemView{Text: v.words.T("tuning.change.more", "n", v.number(more))})
	}
	return views
}

func (v viewer) problem(message string) problemView {
	m := problem.FindStringSubmatch(message)
	if m == nil {
		return problemView{Text: short(message, 3*mostFieldBytes)}
	}
	view := problemView{
		Place: v.words.T("tuning.place", "file", m[1], "line", m[2]), Key: m[3], Field: fieldOf(m[3]),
		Value: short(m[4], 2*mostWordBytes), Allowed: short(v.allowedText(m[5]), 2*mostFieldBytes),
	}
	if len(view.Value) > 2 && view.Value[0] == '"' && strings.HasSuffix(view.Value, `"`) {
		view.Value = view.Value[1 : len(view.Value)-1]
	}
	switch view.Value {
	case "missing":
		view.Value = v.words.T("tuning.missing")
	case `""`, "[]", "empty":
		view.Value = v.words.T("tuning.empty")
	}
	view.Key = v.words.Or("tuning.field."+view.Field, view.Key)
	return view
}

var inRule = regexp.MustCompile(`^rules\[\d+\]\.?`)

// fieldOf is the field of a rule that a key's path leads to, such as near.
func fieldOf(path string) string {
	path = inRule.ReplaceAllString(path, "")
	if end := strings.IndexAny(path, ".["); end >= 0 {
		path = path[:end]
	}
	return path
}

// allowedTexts are the commonest of what the strict reader says is allowed, by
// the key of their words.
var allowedTexts = map[string]string{
	"a number above 0, at most 1":                                          "weight",
	"a number above 0 and at most 1":                                       "weight",
	"at least one phrase, or leave the key out":                            "words",
	"at least one phrase":                                                  "words",
	"each phrase once":                                                     "once",
	"any or all: words that the rule looks for":                            "any",
	"a date such as 2024-08-27":                                            "date",
	"a whole number of tokens from 1 to 100":                               "within",
	"true, false, after or before":                                         "order",
	"an id of small letters, digits, - and _, such as vote-for":            "id",
	"a name of small letters, digits, - and _, such as support":            "list",
	"a group such as @contestant, a phrase, or a list of these":            "near",
	"the text of a post":                                                   "example",
	"a number":                                                             "number",
	"a word, a phrase, a hashtag, an emoji or a group such as @contestant": "phrase",
}

func (v viewer) allowedText(text string) string {
	if key, ok := allowedTexts[text]; ok {
		return v.words.T("tuning.allowed." + key)
	}
	for english, key := range map[string]string{"an id that no other rule of the list has": "unique", "one of ": "one_of"} {
		if rest, ok := strings.CutPrefix(text, english); ok {
			if before, meant, found := strings.Cut(rest, ` (did you mean "`); found {
				rest = before + " " + v.words.T("tuning.meant", "word", strings.TrimSuffix(meant, `"?)`))
			}
			return v.words.T("tuning.allowed."+key, "rest", rest)
		}
	}
	return text
}

// versionView is a version by its short name.
type versionView struct{ Short, Full string }

func versionOf(id string) versionView { return versionView{Short: tuning.Short(id), Full: id} }

func draftPath(name string) string { return "/tuning/drafts/" + url.PathEscape(name) }

func publicationPath(number int64) string {
	return "/tuning/publications/" + strconv.FormatInt(number, 10)
}

func backtestPath(number int64) string { return "/tuning/backtests/" + strconv.FormatInt(number, 10) }

// rulePath leads to a rule's form; an empty id is a new rule.
func rulePath(draft, file, id string) string {
	return draftPath(draft) + "/rule?" + url.Values{"file": {file}, "id": {id}}.Encode()
}

func groupPath(draft, file, name string) string {
	return draftPath(draft) + "/group?" + url.Values{"file": {file}, "name": {name}}.Encode()
}

func filePath(draft, file string) string {
	return draftPath(draft) + "/file?" + url.Values{"path": {file}}.Encode()
}

// lines reads a text area: one entry a line. What is on several lines itself is
// shown with ⏎.
func linesOf(text string) []string {
	entries := strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
	for i := range entries {
		entries[i] = strings.ReplaceAll(entries[i], "⏎", "\n")
	}
	return tuning.Words(entries)
}

func areaOf(entries []string) string {
	shown := make([]string, len(entries))
	for i, entry := range entries {
		shown[i] = strings.ReplaceAll(entry, "\n", "⏎")
	}
	return strings.Join(shown, "\n")
}
