package console

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/netra-id/netra/pipeline/console/i18n"
	"github.com/netra-id/netra/pipeline/post"
	"github.com/netra-id/netra/pipeline/review"
	"github.com/netra-id/netra/pipeline/review/law"
)

// lawView says which rules the post may break, and on what that rests.
type lawView struct {
	Stage  string
	Agency string
	List   []lawOfLabel
}

type lawOfLabel struct {
	Class, Label string
	Rules        []lawRule
	Basis        []lawBasis
}

type lawRule struct{ Code, Text string }

// lawBasis are the articles of one kind of law.
type lawBasis struct{ Regime, Articles string }

// groupView is a part of the choices of a list.
type groupView struct {
	Title   string
	Options []optionView
}

// mostLawRules bounds how many rules are told of one label: the likeliest.
const mostLawRules = 4

func (v reader) lawView(flag *post.Flag) *lawView {
	view := &lawView{}
	var told []post.Label
	for _, l := range flag.Verdict.Labels {
		if slices.Contains(told, l.Label) || len(told) == mostAllegations {
			continue
		}
		told = append(told, l.Label)
		stage := v.stage(flag, l.Contestant)
		suggested := law.Suggest([]post.Label{l.Label}, stage, flag.Post.CreatedAt)
		one := lawOfLabel{Class: labelClass(l.Label), Label: v.label(string(l.Label)), Basis: v.basis(suggested.Basis)}
		for _, rule := range suggested.Rules[:min(len(suggested.Rules), mostLawRules)] {
			one.Rules = append(one.Rules, lawRule{Code: rule.Code, Text: v.in(rule.Text)})
		}
		view.List = append(view.List, one)
		view.Stage, view.Agency = cmp.Or(view.Stage, stage), suggested.Agency
	}
	if view.Stage != "" {
		view.Stage = v.words.T("law.stage", "stage", v.words.Or("stage."+view.Stage, strings.ReplaceAll(view.Stage, "_", " ")))
	}
	if view.Agency != "" {
		view.Agency = v.words.T("law.agency", "agency", view.Agency)
	}
	return view
}

// in is a text of the law in the reader's language.
func (v viewer) in(text law.Text) string {
	if v.words.Language == i18n.Indonesian {
		return text.ID
	}
	return cmp.Or(text.EN, text.ID)
}

// basis puts the articles of one kind of law together.
func (v viewer) basis(articles []law.Basis) []lawBasis {
	var views []lawBasis
	for _, article := range articles {
		text := article.Article
		if note := v.in(article.Note); note != "" {
			text += " (" + note + ")"
		}
		if article.Uncertain {
			text += " (" + v.words.T("law.uncertain") + ")"
		}
		regime := v.words.Or("regime."+article.Regime, article.Regime)
		if i := slices.IndexFunc(views, func(b lawBasis) bool { return b.Regime == regime }); i >= 0 {
			views[i].Articles += "; " + text
		} else {
			views = append(views, lawBasis{Regime: regime, Articles: text})
		}
	}
	return views
}

// stage is where the election of a contestant, or of any that the verdict
// names, stood at the post's date.
func (v viewer) stage(flag *post.Flag, contestant string) string {
	ids := []string{contestant}
	for _, l := range flag.Verdict.Labels {
		ids = append(ids, l.Contestant)
	}
	for _, id := range ids {
		if known, ok := v.contestants.Contestant(id); ok && known.StageAt != nil {
			if stage := known.StageAt(flag.Post.CreatedAt); stage != "" {
				return stage
			}
		}
	}
	return ""
}

// ruleChoices are the rules that a decision can name: those suggested for the
// post first, the likeliest one chosen, then all others.
func (v reader) ruleChoices(flag *post.Flag, chosen string) []groupView {
	suggested := v.suggested(flag)
	first, rest := groupView{Title: v.words.T("law.suggested")}, v.allRules()
	for _, code := range suggested {
		for i := range rest {
			for _, option := range rest[i].Options {
				if option.Value == code {
					first.Options = append(first.Options, option)
				}
			}
			rest[i].Options = slices.DeleteFunc(rest[i].Options, func(o optionView) bool { return o.Value == code })
		}
	}
	groups := append([]groupView{first}, rest...)
	if chosen == "" && len(suggested) > 0 {
		chosen = suggested[0]
	}
	for i := range groups {
		for j := range groups[i].Options {
			groups[i].Options[j].Selected = groups[i].Options[j].Value == chosen
		}
	}
	return slices.DeleteFunc(groups, func(g groupView) bool { return len(g.Options) == 0 })
}

// suggested are the codes that fit a post, the likeliest first: rules before
// articles, and those of its weightiest label before others.
func (v viewer) suggested(flag *post.Flag) []string {
	var rules, articles []string
	for _, l := range byScore(flag.Verdict.Labels) {
		found := law.Suggest([]post.Label{l.Label}, v.stage(flag, l.Contestant), flag.Post.CreatedAt)
		for _, rule := range found.Rules {
			rules = append(rules, rule.Code)
		}
		for _, article := range found.Basis {
			articles = append(articles, article.Code)
		}
	}
	var codes []string
	for _, code := range append(rules, articles...) {
		if !slices.Contains(codes, code) {
			codes = append(codes, code)
		}
	}
	return codes
}

func byScore(labels []post.LabelScore) []post.LabelScore {
	sorted := slices.Clone(labels)
	slices.SortStableFunc(sorted, func(a, b post.LabelScore) int { return cmp.Compare(b.Score, a.Score) })
	return sorted
}

func (v viewer) allRules() []groupView {
	decree, laws := groupView{Title: v.words.T("law.decree")}, groupView{Title: v.words.T("law.articles")}
	known := law.Shipped()
	for _, rule := range known.Rules {
		decree.Options = append(decree.Options, optionView{Value: rule.Code, Text: rule.Code + " · " + v.in(rule.Text)})
	}
	for _, article := range known.Basis {
		laws.Options = append(laws.Options, optionView{Value: article.Code, Text: article.Article})
	}
	return []groupView{decree, laws}
}

// decideAll decides on several items. A violation without a rule has for each
// item the one that is suggested for it, so that those are decided rule by rule.
func (c *Console) decideAll(ctx context.Context, v reader, choices []review.Choice, decision review.Decision) ([]review.Decision, error) {
	if decision.Verdict != review.Violation || decision.Rule != "" {
		return c.review.Decide(ctx, v.who, choices, decision)
	}
	byRule, err := c.byRule(ctx, v, choices)
	if err != nil {
		return nil, err
	}
	var made []review.Decision
	for _, group := range byRule {
		decision.Rule = group.rule
		some, err := c.review.Decide(ctx, v.who, group.choices, decision)
		if err != nil {
			return made, err
		}
		made = append(made, some...)
	}
	return made, nil
}

type ruleGroup struct {
	rule    string
	choices []review.Choice
}

func (c *Console) byRule(ctx context.Context, v reader, choices []review.Choice) ([]ruleGroup, error) {
	var groups []ruleGroup
	for _, choice := range choices {
		flag, err := c.review.Flag(ctx, v.who, choice.Item)
		if err != nil {
			return nil, err
		}
		rule := ""
		if codes := v.suggested(&flag); len(codes) > 0 {
			rule = codes[0]
		}
		if i := slices.IndexFunc(groups, func(g ruleGroup) bool { return g.rule == rule }); i >= 0 {
			groups[i].choices = append(groups[i].choices, choice)
		} else {
			groups = append(groups, ruleGroup{rule: rule, choices: []review.Choice{choice}})
		}
	}
	return groups, nil
}
