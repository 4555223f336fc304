package console

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/netra-id/netra/pipeline/console/describe"
	"github.com/netra-id/netra/pipeline/console/highlight"
	"github.com/netra-id/netra/pipeline/post"
)

// Bounds of one post's page, which keep it under 200 KB whatever the post
// holds. What is left out is in the post's text at /items/{id}/text.
const (
	mostTextBytes   = 16 << 10
	mostQuotedBytes = 4 << 10
	mostSpans       = 100
	mostAllegations = 12
	mostReasons     = 12 // of one allegation
	mostPageReasons = 48 // of all
	mostWordBytes   = 80
	mostMedia       = 10
	mostFieldBytes  = 300
	mostLinkBytes   = 2000
)

// postView is what an item's page shows of the post, with its evidence.
type postView struct {
	Back        string
	Title       string
	Heading     string
	Who         string
	Created     timeView
	Text        textView
	TextURL     string
	Lang        string
	Quoted      textView
	HasQuoted   bool
	Legend      []legendView
	Allegations []allegationView
	Attributes  []fieldView
	Media       []mediaView
	Link        string
	Platform    string
	Account     []fieldView
	Person      []fieldView
	AsOf        string
	Times       []fieldView
	Provenance  []fieldView
	Versions    []fieldView
}

type legendView struct{ Class, Label string }

// allegationView is a label with its reasons in words.
type allegationView struct {
	allegation
	Meter       string // the score as a number for <meter>
	Reasons     []reasonView
	MoreReasons int
}

type reasonView struct {
	describe.Reason
	Weight string
	// Rule is the source with its kind, where that is not a keyword rule.
	Rule string
}

// fieldView is one line of a list of facts.
type fieldView struct {
	Title string
	Text  string
	Time  string // for machines, where Text is a time
	Code  bool   // Text is an id or a hash
}

type mediaView struct{ Type, Alt, Link, Address, SHA256 string }

// post puts a flagged post, the person behind it and the verdict into words.
func (v viewer) post(flag *post.Flag) postView {
	p, verdict := &flag.Post, &flag.Verdict
	labels := v.distinctLabels(verdict.Labels)
	view := postView{
		Heading:  v.words.T("post.heading", "labels", labels),
		Title:    v.words.T("post.title", "labels", labels, "account", short(v.who(flag), mostFieldBytes)),
		Who:      short(v.who(flag), mostFieldBytes),
		Created:  v.time(p.CreatedAt),
		Text:     v.text(p.Text, highlight.Spans(verdict.Labels, false), mostTextBytes, mostSpans),
		Quoted:   v.text(p.Quoted, highlight.Spans(verdict.Labels, true), mostQuotedBytes, mostSpans/4),
		Lang:     languageTag(verdict.Language.Code),
		Link:     safeLink(p.URL),
		Platform: v.platform(p.Platform),
		AsOf:     v.words.T("post.person.asof", "date", v.words.Date(p.CreatedAt.In(v.zone))),
		Legend:   v.legend(verdict.Labels),
		Media:    v.media(p.Media),
	}
	view.HasQuoted = p.Quoted != ""
	left := mostPageReasons
	for _, l := range verdict.Labels[:min(len(verdict.Labels), mostAllegations)] {
		one := v.allegationView(l, min(mostReasons, left))
		left -= len(one.Reasons)
		view.Allegations = append(view.Allegations, one)
	}
	for _, name := range slices.Sorted(maps.Keys(verdict.Attributes))[:min(len(verdict.Attributes), mostAllegations)] {
		view.Attributes = append(view.Attributes, fieldView{Title: v.named("attribute", name), Text: v.words.Decimal(verdict.Attributes[name])})
	}
	view.facts(v, flag)
	return view
}

// facts fills the lists beside the text.
func (view *postView) facts(v viewer, flag *post.Flag) {
	p, person, versions := &flag.Post, &flag.Person, flag.Verdict.Versions
	language := v.language(flag.Verdict.Language.Code)
	if language != "" {
		language += " (" + v.words.T("post.language.confidence", "confidence", v.words.Decimal(flag.Verdict.Language.Confidence)) + ")"
	}
	view.Account = v.fields(
		"post.account.name", p.Account.Name, "post.account.handle", p.Account.Handle, "post.account.id#", p.Account.ID,
		"post.platform", view.Platform, "post.kind", v.kind(p.Kind), "post.in_reply_to#", p.InReplyTo, "post.language", language)
	view.Person = v.fields(
		"post.person.name", person.Name, "post.person.position", person.Position, "post.person.unit", person.Unit,
		"post.person.agency", person.Agency, "post.person.region", v.regionName(person.Region),
		"post.person.status", v.words.Or("status."+strings.ToLower(person.Status), person.Status), "post.person.basis", person.Basis)
	for _, t := range []struct {
		key  string
		time timeView
	}{{"post.created", v.time(p.CreatedAt)}, {"post.collected", v.time(p.CollectedAt)}, {"post.flagged", v.time(flag.FlaggedAt)}} {
		if t.time.Text != "" {
			view.Times = append(view.Times, fieldView{Title: v.words.T(t.key), Text: t.time.Text, Time: t.time.Machine})
		}
	}
	record := ""
	if flag.Topic != "" {
		record = flag.Topic + "/" + strconv.Itoa(flag.Partition) + "/" + strconv.FormatInt(flag.Offset, 10)
	}
	view.Provenance = v.fields("post.id#", p.ID, "post.address#", p.URL, "post.source#", p.Source, "post.sha256#", p.RawSHA256, "post.record#", record)
	view.Versions = v.fields("post.version.lists#", versions.Lists, "post.version.models#", versions.Models, "post.version.netra#", versions.Netra)
}

// fields makes lines of keys and texts by turns and leaves out empty texts. A
// key that ends in # is of an id or a hash.
func (v viewer) fields(keysAndTexts ...string) []fieldView {
	var fields []fieldView
	for i := 0; i+1 < len(keysAndTexts); i += 2 {
		key, code := strings.CutSuffix(keysAndTexts[i], "#")
		if text := short(keysAndTexts[i+1], mostFieldBytes); strings.TrimSpace(text) != "" {
			fields = append(fields, fieldView{Title: v.words.T(key), Text: text, Code: code})
		}
	}
	return fields
}

func (v viewer) allegationView(l post.LabelScore, most int) allegationView {
	reasons := describe.Reasons(l.Reasons, v.words, v.dictionary)
	view := allegationView{
		allegation: v.allegation(l), Meter: strconv.FormatFloat(min(max(l.Score, 0), 1), 'f', 3, 64),
		MoreReasons: max(len(reasons)-most, 0),
	}
	for _, reason := range reasons[:min(len(reasons), most)] {
		for i := range reason.Parts {
			reason.Parts[i].Text = short(reason.Parts[i].Text, 2*mostWordBytes)
		}
		rule := reason.Source
		if reason.Kind != post.ReasonKeyword {
			rule = string(reason.Kind) + "/" + rule
		}
		view.Reasons = append(view.Reasons, reasonView{
			Reason: reason, Weight: v.words.Decimal(reason.Weight), Rule: short(rule, mostWordBytes),
		})
	}
	return view
}

// distinctLabels says "dukungan, serangan".
func (v viewer) distinctLabels(labels []post.LabelScore) string {
	var names []string
	for _, l := range labels {
		if name := v.label(string(l.Label)); !slices.Contains(names, name) && len(names) < mostAllegations {
			names = append(names, name)
		}
	}
	return strings.Join(names, ", ")
}

func (v viewer) legend(labels []post.LabelScore) []legendView {
	var legend []legendView
	for _, l := range labels {
		entry := legendView{Class: labelClass(l.Label), Label: v.label(string(l.Label))}
		if !slices.Contains(legend, entry) && len(legend) < mostAllegations {
			legend = append(legend, entry)
		}
	}
	return legend
}

func (v viewer) media(attachments []post.Media) []mediaView {
	views := make([]mediaView, 0, len(attachments))
	for _, m := range attachments[:min(len(attachments), mostMedia)] {
		views = append(views, mediaView{
			Type: v.named("media", m.Type), Alt: short(m.Alt, mostFieldBytes),
			Link: safeLink(m.URL), Address: short(m.URL, mostFieldBytes), SHA256: short(m.SHA256, mostWordBytes),
		})
	}
	return views
}

// short bounds what a page says of one field, which may be of any length.
func short(text string, most int) string {
	if len(text) <= most {
		return strings.ToValidUTF8(text, "\uFFFD")
	}
	return strings.ToValidUTF8(text[:most], "") + "…"
}
