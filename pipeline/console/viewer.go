package console

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/netra-id/netra/pipeline/console/describe"
	"github.com/netra-id/netra/pipeline/console/highlight"
	"github.com/netra-id/netra/pipeline/console/i18n"
	"github.com/netra-id/netra/pipeline/post"
)

// viewer puts what the store gives into the words of one reader. It asks
// nothing of the store.
type viewer struct {
	words       *i18n.Catalogue
	zone        *time.Location
	contestants Contestants
	region      func(code string) string
	// knowsRegions says that a code without a name is not a region.
	knowsRegions bool
	dictionary   describe.Dictionary
}

func (c *Console) viewer(r *http.Request) viewer {
	words := c.pages.words(r)
	return viewer{
		words: words, zone: c.zone, contestants: c.deps.Contestants, region: c.deps.RegionName,
		dictionary: c.deps.Rule, knowsRegions: c.knowsRegions,
	}
}

// timeView is a time for people and for machines.
type timeView struct{ Text, Machine string }

func (v viewer) time(t time.Time) timeView {
	if t.IsZero() {
		return timeView{}
	}
	local := t.In(v.zone)
	return timeView{Text: v.words.DateTime(local), Machine: local.Format(time.RFC3339)}
}

// textView is a text with its marks, and whether it is all of it.
type textView struct {
	Pieces        []pieceView
	Before, After bool
}

type pieceView struct {
	Text  string
	Class string // of the mark; empty where nothing is marked
	// Names are the labels that cover the piece. Ends are those whose mark ends
	// behind it, for the page to tell marks apart other than by colour; empty
	// where all marks are of one label.
	Names string
	Ends  string
}

func (v viewer) text(text string, spans []highlight.Span, size, mostSpans int) textView {
	cut := highlight.Window(text, spans, size)
	view := textView{Before: cut.Before, After: cut.After}
	several := slices.ContainsFunc(spans, func(s highlight.Span) bool { return s.Label != spans[0].Label })
	for _, piece := range highlight.Split(cut.Text, cut.Spans[:min(len(cut.Spans), mostSpans)]) {
		p := pieceView{Text: strings.ToValidUTF8(piece.Text, "\uFFFD")}
		if len(piece.Labels) > 0 {
			p.Class = labelClass(piece.Labels[0])
			if len(piece.Labels) > 1 {
				p.Class += " also-" + labelClass(piece.Labels[1])
			}
			p.Names = v.labelNames(piece.Labels)
			if several && len(piece.Ends) > 0 {
				p.Ends = v.labelNames(piece.Ends)
				if piece.Ends[0] != piece.Labels[0] {
					p.Class += " other-end" // the tag is of another label than the mark's colour
				}
			}
		}
		view.Pieces = append(view.Pieces, p)
	}
	return view
}

func (v viewer) labelNames(labels []post.Label) string {
	names := make([]string, len(labels))
	for i, label := range labels {
		names[i] = v.label(string(label))
	}
	return strings.Join(names, " + ")
}

// labelClass is the style of a label's mark and badge.
func labelClass(label post.Label) string {
	for _, known := range post.Labels {
		if label == known {
			return "l-" + strings.ReplaceAll(string(label), "_", "-")
		}
	}
	return "l-other"
}

// allegation is a label of a verdict, always alleged.
type allegation struct {
	Class      string
	Label      string
	Score      string
	Contestant string
	Election   string
}

func (v viewer) allegation(l post.LabelScore) allegation {
	known, _ := v.contestants.Contestant(l.Contestant)
	return allegation{
		Class: labelClass(l.Label), Label: v.words.T("label.alleged", "label", v.label(string(l.Label))),
		Score: v.words.Decimal(l.Score), Contestant: v.contestant(l.Contestant), Election: known.Election,
	}
}

// named says a value by its text in the catalogue, or as it is.
func (v viewer) named(group, value string) string {
	return v.words.Or(group+"."+value, short(value, mostWordBytes))
}

func (v viewer) label(label string) string       { return v.named("label", label) }
func (v viewer) platform(platform string) string { return v.named("platform", platform) }
func (v viewer) kind(kind post.Kind) string      { return v.named("kind", string(kind)) }

func (v viewer) language(code string) string {
	if code == "" {
		return ""
	}
	return v.named("language", code)
}

// contestant says "nomor 2, Ani – Budi"; the id where it is not known.
func (v viewer) contestant(id string) string {
	if id == "" {
		return ""
	}
	known, ok := v.contestants.Contestant(id)
	if !ok {
		return short(id, mostWordBytes)
	}
	names := strings.Join(known.Names, " – ")
	if known.Number == 0 {
		return names
	}
	return v.words.T("contestant.numbered", "number", strconv.Itoa(known.Number), "names", names)
}

// regionOwnName is a region's name without what it lies in; the code where the
// name is not known.
func (v viewer) regionOwnName(code string) string {
	if name := v.region(code); name != "" {
		return name
	}
	return short(code, mostWordBytes)
}

// regionName says a region with its province: "Kabupaten Landak, Kalimantan
// Barat".
func (v viewer) regionName(code string) string {
	if code == "" {
		return ""
	}
	name := v.regionOwnName(code)
	province, _, inside := strings.Cut(code, ".")
	if outer := v.region(province); inside && outer != "" && !strings.Contains(name, outer) {
		name += ", " + outer
	}
	return name
}

// who names the person behind the account, or the account.
func (v viewer) who(flag *post.Flag) string {
	account := flag.Post.Account
	for _, name := range []string{flag.Person.Name, account.Name, account.Handle} {
		if strings.TrimSpace(name) != "" {
			return name
		}
	}
	return account.ID
}

// safeLink returns the address when it leads to a web page, else nothing: what
// posts carry is not to be trusted.
func safeLink(address string) string {
	u, err := url.Parse(strings.TrimSpace(address))
	if err != nil || len(address) > mostLinkBytes || u.Host == "" || u.User != nil || u.Scheme != "http" && u.Scheme != "https" {
		return ""
	}
	return u.String()
}

// languageTag is a language for the lang attribute, empty where it is unknown.
func languageTag(code string) string {
	if len(code) < 2 || len(code) > 3 || code == post.Undetermined {
		return ""
	}
	for _, r := range code {
		if r < 'a' || r > 'z' {
			return ""
		}
	}
	return code
}

func compact(texts ...string) []string {
	var kept []string
	for _, text := range texts {
		if strings.TrimSpace(text) != "" {
			kept = append(kept, text)
		}
	}
	return kept
}
