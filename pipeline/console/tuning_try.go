package console

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/netra-id/netra/classifiers/judge"
	"github.com/netra-id/netra/pipeline/console/describe"
	"github.com/netra-id/netra/pipeline/console/highlight"
	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/roster"
	"github.com/netra-id/netra/pipeline/tuning"
)

// tryView is the live test of a text: what the draft and the version in force
// make of it. The text is kept nowhere.
type tryView struct {
	draftHead
	Text, Quoted, Date string
	Elections          []optionView
	Problem            string
	Asked              bool
	Same               bool
	Sides              []sideView
	TryURL             string
}

// sideView is what one version makes of the text.
type sideView struct {
	Key, Title  string
	Verdict     string
	Flagged     bool
	Language    string
	Allegations []allegationView
	Text        textView
	Quoted      textView
	HasQuoted   bool
	Lang        string
	Chances     []chanceView
	Weakened    []weakView
	Nearly      []nearlyView
	Broken      []problemView
}

type chanceView struct {
	Label, Class, Score, Meter, Threshold string
	Reached                               bool
}

type weakView struct {
	Rule, Words, Before, After, Effects string
}

type nearlyView struct{ Rule, Class, Label, Trigger, Why string }

// mostNearly bounds what nearly matched, mostTryBytes the text that is tried.
const (
	mostNearly   = 30
	mostTryBytes = 20_000
)

func (c *Console) tuningTryPage(w http.ResponseWriter, r *http.Request) error {
	draft, own, err := c.draftOf(r)
	if err != nil {
		return err
	}
	return c.render(w, r, http.StatusOK, "tuning-try", c.tryView(r, &draft, own, "", c.tryDate(own).Format(time.DateOnly)))
}

// tryDate is today or, where the first election is over, the day before it was:
// on later days nobody is a contestant.
func (c *Console) tryDate(own *tuned) time.Time {
	now := c.deps.Now().In(c.zone)
	if own.compiled == nil || len(own.compiled.Elections.Elections) == 0 {
		return now
	}
	for _, stage := range own.compiled.Elections.Elections[0].Stages {
		if stage.Name == roster.StageFinished && stage.From.Before(now) {
			return stage.From.AddDate(0, 0, -1)
		}
	}
	return now
}

func (c *Console) tryView(r *http.Request, draft *tuning.Draft, own *tuned, election, date string) tryView {
	see := c.viewer(r)
	view := tryView{draftHead: c.draftHead(r, see, draft, "try"), Date: date, TryURL: draftPath(draft.Name) + "/try"}
	if own.compiled != nil {
		for _, e := range own.compiled.Elections.Elections {
			view.Elections = append(view.Elections, optionView{Value: e.Region, Text: short(e.Name, mostWordBytes), Selected: e.Region == election})
		}
	}
	view.Elections = append(view.Elections, optionView{Value: "-", Text: see.words.T("tuning.try.nowhere"), Selected: election == "-"})
	return view
}

func (c *Console) tuningTry(w http.ResponseWriter, r *http.Request) error {
	draft, own, err := c.draftOf(r)
	if err != nil {
		return err
	}
	see, get := c.viewer(r), r.PostForm.Get
	region, date := get("region"), strings.TrimSpace(get("date"))
	view := c.tryView(r, &draft, own, region, date)
	view.Text, view.Quoted = cleanText(get("text")), cleanText(get("quoted"))
	if strings.TrimSpace(view.Text+view.Quoted) == "" {
		view.Problem = see.words.T("tuning.try.empty")
		return c.render(w, r, http.StatusUnprocessableEntity, "tuning-try", view)
	}
	p := post.Post{ID: "try", Kind: post.KindPost, Text: view.Text, Quoted: view.Quoted}
	if view.Text == "" {
		p.Kind = post.KindRepost
	}
	if p.CreatedAt, err = time.ParseInLocation(time.DateOnly, date, c.zone); err != nil && date != "" {
		view.Problem = see.words.T("posts.bad.date", "value", short(date, mostWordBytes))
		return c.render(w, r, http.StatusUnprocessableEntity, "tuning-try", view)
	}
	if region == "-" {
		region = ""
	}
	_, now, err := c.tuning.published(r.Context())
	if err != nil && !errors.Is(err, tuning.ErrNotFound) {
		return err
	}
	view.Asked = true
	view.Sides = append(view.Sides, see.side("draft", own, &p, region))
	if now != nil {
		view.Sides = append(view.Sides, see.side("published", now, &p, region))
		view.Same = view.Sides[0].Verdict == view.Sides[1].Verdict
	}
	return c.render(w, r, http.StatusOK, "tuning-try", view)
}

func cleanText(text string) string {
	text = strings.ToValidUTF8(strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\x00", ""), "\uFFFD")
	if len(text) > mostTryBytes {
		text = strings.ToValidUTF8(text[:mostTryBytes], "")
	}
	return text
}

// of is the viewer with the words and contestants of a version.
func (v viewer) of(compiled *tuning.Compiled) viewer {
	v.dictionary, v.contestants = wordsOf(compiled), ContestantsOf(compiled.Elections)
	return v
}

func (v viewer) side(key string, t *tuned, p *post.Post, region string) sideView {
	side := sideView{Key: key, Title: v.words.T("tuning.try." + key)}
	if t.compiled == nil {
		side.Broken = v.problems(t.report.Problems)
		return side
	}
	v = v.of(t.compiled)
	x := t.compiled.Judge.Explain(p, region)
	verdict := &x.Verdict
	side.Flagged = verdict.Flagged
	side.Verdict = v.words.T("tuning.try.nothing")
	if verdict.Flagged {
		side.Verdict = v.words.T("post.heading", "labels", v.distinctLabels(verdict.Labels))
	}
	side.Text = v.text(p.Text, highlight.Spans(verdict.Labels, false), mostTextBytes, mostSpans)
	side.Quoted, side.HasQuoted = v.text(p.Quoted, highlight.Spans(verdict.Labels, true), mostQuotedBytes, mostSpans), p.Quoted != ""
	side.Lang, side.Language = languageTag(verdict.Language.Code), v.language(verdict.Language.Code)
	left := mostPageReasons
	for _, l := range verdict.Labels[:min(len(verdict.Labels), mostAllegations)] {
		one := v.allegationView(l, min(mostReasons, left))
		left -= len(one.Reasons)
		side.Allegations = append(side.Allegations, one)
	}
	side.nearly(v, &x)
	return side
}

// nearly fills what did not reach a verdict.
func (side *sideView) nearly(v viewer, x *judge.Explanation) {
	for _, chance := range x.Chances {
		if chance.Score < 0.005 {
			continue
		}
		side.Chances = append(side.Chances, chanceView{
			Label: v.label(string(chance.Label)), Class: labelClass(chance.Label), Score: v.words.Decimal(chance.Score), Threshold: v.words.Decimal(chance.Threshold),
			Meter: strconv.FormatFloat(min(chance.Score, 1), 'f', 3, 64), Reached: chance.Score >= chance.Threshold,
		})
	}
	for i := range x.Held {
		held := &x.Held[i]
		if held.Reason.Weight >= held.Weight-0.005 || len(side.Weakened) >= mostNearly {
			continue
		}
		effects := make([]string, len(held.Effects))
		for i, name := range held.Effects {
			effects[i] = v.words.Or("tuning.effect."+strings.ReplaceAll(name, " ", "_"), name)
		}
		weak := weakView{Rule: held.Rule.Source(), Words: short(held.Reason.Text, 2*mostWordBytes), Before: v.words.Decimal(held.Weight), After: v.words.Decimal(held.Reason.Weight), Effects: strings.Join(effects, ", ")}
		if !slices.Contains(side.Weakened, weak) {
			side.Weakened = append(side.Weakened, weak)
		}
	}
	for i := range x.Nearly[:min(len(x.Nearly), mostNearly)] {
		side.Nearly = append(side.Nearly, v.nearly(&x.Nearly[i]))
	}
}

func (v viewer) nearly(n *judge.Nearly) nearlyView {
	terms := make([]string, 0, 6)
	for _, term := range n.Terms[:min(len(n.Terms), 6)] {
		terms = append(terms, short(term, mostWordBytes))
	}
	if len(n.Terms) > 6 {
		terms = append(terms, "…")
	}
	key := "tuning.nearly." + string(n.Why)
	if n.Other.Text != "" {
		key += ".other"
	}
	args := []any{"terms", strings.Join(terms, ", "), "within", n.Within, "other", short(n.Other.Text, 2*mostWordBytes)}
	for i := 1; i < len(args); i += 2 {
		if text, ok := args[i].(string); ok {
			args[i] = strings.NewReplacer("{", "(", "}", ")").Replace(text)
		}
	}
	return nearlyView{
		Rule: n.Rule.Source(), Label: v.label(string(n.Rule.List.Label)), Class: labelClass(n.Rule.List.Label), Trigger: short(n.Trigger.Text, 2*mostWordBytes),
		Why: v.words.T(key, args...),
	}
}

// wordsOf says what the rules of a version look for.
func wordsOf(compiled *tuning.Compiled) describe.Dictionary {
	words := map[string]string{}
	for _, rule := range compiled.Lists.Rules() {
		words["id "+rule.Source()], words["en "+rule.Source()] = rule.Description.ID, rule.Description.EN
	}
	return func(language, source string) string { return words[language+" "+source] }
}

// ContestantsOf are the contestants of elections, as people know them.
func ContestantsOf(elections *roster.Elections) Contestants { return electionsContestants{elections} }

type electionsContestants struct{ elections *roster.Elections }

func (c electionsContestants) Contestant(id string) (Contestant, bool) {
	for i := range c.elections.Elections {
		election := &c.elections.Elections[i]
		for j := range election.Contestants {
			if contestant := &election.Contestants[j]; contestant.ID == id {
				return Contestant{Number: contestant.Number, Names: contestant.Names, Election: election.Name, StageAt: election.StageAt}, true
			}
		}
	}
	return Contestant{}, false
}
