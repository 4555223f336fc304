package console

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/netra-id/netra/pipeline/tuning"
	"github.com/netra-id/netra/pipeline/tuning/suggest"
)

// suggestView is the page of suggestions: words that stand out, and other
// spellings of a phrase.
type suggestView struct {
	draftHead
	Asked      bool
	Words      []suggestedWord
	Read       string
	Phrase     string
	Variants   []variantView
	VariantsOf string
	Targets    []optionView
	Problem    string
	Seen       string
}

type suggestedWord struct{ Phrase, Confirmed, Others, Accounts, RuleURL string }

type variantView struct{ Phrase, How, Posts string }

// suggestFlagged bounds the flagged posts that spellings are looked for in.
const suggestFlagged = 20_000

// tuningSuggest suggests words for the draft. What it shows is counted over all
// regions, and no post is shown.
func (c *Console) tuningSuggest(w http.ResponseWriter, r *http.Request) error {
	draft, own, err := c.draftOf(r)
	if err != nil {
		return err
	}
	see := c.viewer(r)
	all := c.wordsView(r, &draft, own, "")
	view := suggestView{draftHead: c.draftHead(r, see, &draft, "suggest"), Phrase: short(strings.TrimSpace(r.URL.Query().Get("phrase")), mostFieldBytes), Targets: all.Targets, Seen: draft.Version}
	if c.tuning.Posts == nil || own.compiled == nil {
		view.Problem = see.words.T("tuning.suggest.none_now")
		return c.render(w, r, http.StatusOK, "tuning-suggest", view)
	}
	ctx, cancel := context.WithTimeout(r.Context(), c.config.QueryTimeout)
	defer cancel()
	if view.Phrase != "" {
		err = view.variants(ctx, c, see)
	} else {
		err = view.words(ctx, c, see, own.compiled)
	}
	if err != nil {
		return unreachable("suggest words", err)
	}
	return c.render(w, r, http.StatusOK, "tuning-suggest", view)
}

func (view *suggestView) words(ctx context.Context, c *Console, see viewer, compiled *tuning.Compiled) error {
	confirmed, background, err := suggest.Decided(ctx, c.tuning.Posts)
	if err != nil {
		return err
	}
	view.Read = see.words.T("tuning.suggest.read", "confirmed", see.number(len(confirmed)), "others", see.number(len(background)))
	first := ""
	for _, target := range view.Targets {
		if file, name, _ := strings.Cut(target.Value, "#"); first == "" && !strings.HasPrefix(name, "@") {
			first = file
		}
	}
	for _, word := range suggest.Words(suggest.DefaultConfiguration(), compiled.Lists, suggest.Names(compiled.Elections), confirmed, background) {
		view.Words = append(view.Words, suggestedWord{
			Phrase: short(word.Phrase, mostWordBytes), Confirmed: see.number(word.Confirmed), Others: see.number(word.Background), Accounts: see.number(word.Accounts),
			RuleURL: rulePath(view.Name, first, "") + "&" + url.Values{"any": {word.Phrase}}.Encode(),
		})
	}
	return nil
}

func (view *suggestView) variants(ctx context.Context, c *Console, see viewer) error {
	posts, err := suggest.Flagged(ctx, c.tuning.Posts, suggestFlagged)
	if err != nil {
		return err
	}
	found, err := suggest.Variants(suggest.DefaultConfiguration(), view.Phrase, posts)
	if err != nil {
		view.Problem = see.words.T("tuning.suggest.bad")
		return nil //nolint:nilerr // it is what somebody wrote, and is told
	}
	view.VariantsOf = see.words.T("tuning.suggest.variants", "n", see.number(len(found)), "phrase", view.Phrase, "posts", see.number(len(posts)))
	for _, one := range found[:min(len(found), mostRuleRows)] {
		view.Variants = append(view.Variants, variantView{Phrase: short(one.Phrase, mostWordBytes), How: see.words.Or("tuning.suggest.how."+one.How, one.How), Posts: see.number(one.Posts)})
	}
	return nil
}
