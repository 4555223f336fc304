package console

import (
	"errors"
	"html/template"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/netra-id/netra/pipeline/access"
	"github.com/netra-id/netra/pipeline/blobs"
	"github.com/netra-id/netra/pipeline/capture"
	"github.com/netra-id/netra/pipeline/post"
)

// captureView is the page on which a post is captured.
type captureView struct {
	Input     captureInput
	Problems  map[string]string // by field
	Summary   string
	Files     []keptFileView
	Refused   []string
	Platforms []captureOption
	Kinds     []captureOption
	Accounts  []rosterAccountView
	Before    *capturedView
	// Unknown says that no account of the roster is meant, so that the capture can
	// only be kept as a tip.
	Unknown     bool
	Limits      limitsView
	Last        []capturedView
	Bookmarklet template.URL
	TipNumber   string
	Done        string
}

type captureOption struct {
	Value, Text string
	Chosen      bool
}

type keptFileView struct {
	Sum, Name, Type, Size, URL string
	Image                      bool
}

type limitsView struct {
	Text            string
	Accept          string
	MaxFiles        int
	MaxImage, Video int64
}

// rosterAccountView is an account of the roster that may be meant.
type rosterAccountView struct {
	Key, Platform, Handle, Name, About string
	Chosen                             bool
}

// capturedView is a capture as it is listed.
type capturedView struct {
	URL, Post, Link, Who, By, State, Outcome string
	StateClass                               string
	At                                       timeView
	Files                                    string
	TipURL                                   string
}

// capturePage is the empty page, or one that the bookmarklet or a tip filled in.
func (c *Console) capturePage(w http.ResponseWriter, r *http.Request) error {
	in := fromLink(r.URL.Query())
	if in.Tip != 0 {
		tip, err := c.capture.Tip(r.Context(), of(r).viewer, in.Tip)
		if err != nil {
			return noneOr(err)
		}
		in.Link, in.Account = tip.Link.Text, tip.Account
	}
	view := captureView{Done: c.tipDone(r)}
	return c.showCapture(w, r, http.StatusOK, in, view)
}

// captureForm takes a capture, or says what is missing. Nothing that was written
// or sent is lost on the way.
func (c *Console) captureForm(w http.ResponseWriter, r *http.Request) error {
	in, refused, err := c.readCapture(r)
	if err != nil {
		return err
	}
	view := captureView{Problems: map[string]string{}}
	words := c.pages.words(r)
	for _, file := range refused {
		view.Refused = append(view.Refused, words.T("capture.file."+file.Why, "name", file.Name))
	}
	c.chooseAccount(r, &in, &view)
	if in.Do == "tip" {
		return c.keepAsTip(w, r, in, view)
	}
	s, problems := c.submission(&in)
	if in.Do == "search" || len(problems) > 0 || len(refused) > 0 {
		c.tellProblems(r, &view, problems)
		return c.showCapture(w, r, http.StatusUnprocessableEntity, in, view)
	}
	captured, err := c.capture.Capture(r.Context(), of(r).viewer, s)
	var duplicate *capture.DuplicateError
	switch {
	case errors.As(err, &problems):
		c.tellProblems(r, &view, problems)
		return c.showCapture(w, r, http.StatusUnprocessableEntity, in, view)
	case errors.As(err, &duplicate):
		before := c.viewer(r).captured(duplicate.Before)
		view.Before = &before
		return c.showCapture(w, r, http.StatusConflict, in, view)
	case err != nil:
		return err
	}
	http.Redirect(w, r, "/capture/"+strconv.FormatInt(captured.Number, 10), http.StatusSeeOther)
	return nil
}

// chooseAccount finds the account that is meant: the one that was chosen, or the
// only one that fits exactly. Else it offers those that may be meant.
func (c *Console) chooseAccount(r *http.Request, in *captureInput, view *captureView) {
	if in.Key != "" && in.Do != "search" {
		found := c.capture.Search(of(r).viewer, "", in.Key)
		view.Accounts = c.viewer(r).accounts(found, in.Key)
		return
	}
	text := in.Account
	if text == "" {
		text = in.Link
		if l := capture.ParseLink(in.Link); !l.Web || l.Handle == "" {
			return
		}
	}
	found := c.capture.Search(of(r).viewer, in.Platform, text)
	if len(found) > 0 && found[0].Exact && (len(found) == 1 || !found[1].Exact) {
		in.Key, in.Searched = found[0].Key, in.Account
	}
	in.Searched = in.Account
	view.Accounts = c.viewer(r).accounts(found, in.Key)
	view.Unknown = len(found) == 0
}

func (c *Console) tellProblems(r *http.Request, view *captureView, problems capture.Problems) {
	words := c.pages.words(r)
	for _, p := range problems {
		why := p.Why
		if p.Field == "account" && why == "missing" && len(view.Accounts) > 0 {
			why = "choose"
		}
		if p.Field == "account" && why == "missing" && view.Unknown {
			why = "unknown"
		}
		view.Problems[p.Field] = words.T("capture.bad." + p.Field + "." + why)
		view.Unknown = view.Unknown || p.Field == "account" && why != "choose"
	}
	if len(problems) > 0 {
		view.Summary = words.T("capture.bad")
	}
}

// keepAsTip keeps a capture of an account that nobody knows as a tip, and the files'
// hashes in it.
func (c *Console) keepAsTip(w http.ResponseWriter, r *http.Request, in captureInput, view captureView) error {
	seen := strings.Join(compact(in.Account, in.Text, in.Quoted), "\n\n")
	for _, sum := range in.Files {
		if blobs.IsSum(sum) {
			seen += "\nsha256:" + sum
		}
	}
	tip, err := c.capture.Put(r.Context(), of(r).viewer, in.Link, seen)
	var refused *capture.TipError
	if errors.As(err, &refused) {
		view.Summary = c.pages.words(r).T("tips.bad." + refused.Why)
		return c.showCapture(w, r, http.StatusUnprocessableEntity, in, view)
	}
	if err != nil {
		return err
	}
	c.later(r, flash{Text: c.pages.words(r).T("capture.kept_as_tip", "receipt", tip.Receipt)})
	http.Redirect(w, r, "/tips", http.StatusSeeOther)
	return nil
}

// showCapture shows the form with what was filled in.
func (c *Console) showCapture(w http.ResponseWriter, r *http.Request, status int, in captureInput, view captureView) error {
	see, by := c.viewer(r), of(r).viewer
	if in.Seen == "" {
		in.Seen = c.deps.Now().In(c.zone).Format(dateTimeLocal)
	}
	link := capture.ParseLink(in.Link)
	if in.Platform == "" && status == http.StatusOK {
		in.Platform = link.Guess()
	}
	if status == http.StatusOK {
		c.chooseAccount(r, &in, &view)
		view.Unknown = false
	}
	files, err := c.capture.Kept(r.Context(), by, in.Files)
	if err != nil {
		return err
	}
	for _, f := range files {
		view.Files = append(view.Files, see.file(f))
	}
	if view.Before == nil && link.Key != "" {
		before, found, err := c.capture.Before(r.Context(), by, in.Link)
		if err != nil {
			return err
		}
		if shown := see.captured(before); found {
			view.Before = &shown
		}
	}
	last, err := c.capture.Last(r.Context(), by, 8)
	if err != nil {
		return err
	}
	for _, one := range last {
		view.Last = append(view.Last, see.captured(one))
	}
	view.Input, view.Limits, view.Bookmarklet = in, c.captureLimits(r), c.bookmarklet(r)
	view.Platforms = see.options("platform", post.Platforms, in.Platform)
	view.Kinds = see.options("kind", captureKinds, in.Kind)
	if in.Tip != 0 {
		view.TipNumber = strconv.FormatInt(in.Tip, 10)
	}
	return c.render(w, r, status, "capture", view)
}

// captureKinds are the kinds that a person can see in a capture.
var captureKinds = []string{string(post.KindPost), string(post.KindComment), string(post.KindReply), string(post.KindRepost), string(post.KindQuote)}

func (v viewer) options(group string, values []string, chosen string) []captureOption {
	options := make([]captureOption, len(values))
	for i, value := range values {
		options[i] = captureOption{Value: value, Text: v.named(group, value), Chosen: value == chosen}
	}
	return options
}

func (v viewer) accounts(found []capture.Match, chosen string) []rosterAccountView {
	list := make([]rosterAccountView, len(found))
	for i, m := range found {
		handle := m.Account.Handle
		if handle == "" {
			handle = m.Account.ID
		}
		list[i] = rosterAccountView{
			Key: m.Key, Platform: v.platform(m.Platform), Handle: short(handle, mostRowFieldBytes), Name: short(m.Person.Name, mostRowFieldBytes),
			About: short(strings.Join(compact(m.Person.Position, m.Person.Agency, v.regionName(m.Person.Region)), ", "), mostRowFieldBytes), Chosen: m.Key == chosen,
		}
	}
	return list
}

func (v viewer) file(f capture.File) keptFileView {
	return keptFileView{
		Sum: f.SHA256, Name: f.Name, Type: v.words.Or("capture.type."+f.Type, f.Type), Size: v.bytes(f.Size),
		URL: "/capture/files/" + f.SHA256, Image: strings.HasPrefix(f.Type, "image/"),
	}
}

// bytes says a size as people do.
func (v viewer) bytes(n int64) string {
	if n >= 1<<20 {
		return v.words.Decimal(float64(n)/(1<<20)) + " MB"
	}
	return v.words.Number(uint64(max(n+1023, 1024)/1024)) + " KB" //nolint:gosec // it is not below 0
}

func (v viewer) captured(c capture.Captured) capturedView {
	shown := capturedView{
		URL: "/capture/" + strconv.FormatInt(c.Number, 10), Post: short(c.PostID, mostSubjectBytes), Link: short(c.Link, 300), Who: c.Who, By: c.By,
		At: v.time(c.At), State: v.words.T("capture.state." + string(c.State)), StateClass: string(c.State), Files: strconv.Itoa(c.Files),
	}
	if shown.Who == "" {
		shown.Who = c.Account
	}
	if c.Outcome != "" {
		shown.Outcome = v.words.Or("capture.outcome."+c.Outcome, c.Outcome)
	}
	if c.Tip != 0 {
		shown.TipURL = tipURL(c.Tip)
	}
	return shown
}

func (c *Console) captureLimits(r *http.Request) limitsView {
	cfg, see := c.capture.Configuration(), c.viewer(r)
	return limitsView{
		Text: see.words.T("capture.limits", "files", strconv.Itoa(cfg.MaxFiles), "image", see.bytes(cfg.MaxImageBytes), "video", see.bytes(cfg.MaxVideoBytes)),
		// Phones offer the camera and the gallery for these, and no other files.
		Accept: strings.Join(blobs.Types, ",") + ",video/quicktime", MaxFiles: cfg.MaxFiles, MaxImage: cfg.MaxImageBytes, Video: cfg.MaxVideoBytes,
	}
}

// bookmarklet opens the page with the link, the title and the selected text of the
// page on which it is pressed. It loads nothing there, so that no policy of that
// page is in its way.
func (c *Console) bookmarklet(r *http.Request) template.URL {
	base := strings.TrimSuffix(c.config.PublicURL, "/")
	if base == "" {
		base = "http://" + r.Host
		if c.config.secure() {
			base = "https://" + r.Host
		}
	}
	script := `(function(){var e=encodeURIComponent,s=String(window.getSelection?getSelection():'').slice(0,1500);open('` + template.JSEscapeString(base) +
		`/capture?url='+e(location.href.slice(0,2000))+'&title='+e(document.title.slice(0,300))+'&text='+e(s),'_blank','noopener')})()`
	return template.URL("javascript:" + url.PathEscape(script)) //nolint:gosec // nothing in it comes from a post
}

// captureAccounts answers a search of the roster's accounts with a part of the
// page.
func (c *Console) captureAccounts(w http.ResponseWriter, r *http.Request) error {
	query := r.URL.Query()
	found := c.capture.Search(of(r).viewer, query.Get("platform"), cutTo(query.Get("q"), 300))
	return c.renderPart(w, r, http.StatusOK, "capture", "capture-accounts", c.viewer(r).accounts(found, ""))
}

// captured shows what became of a capture.
func (c *Console) captured(w http.ResponseWriter, r *http.Request) error {
	number, err := strconv.ParseInt(r.PathValue("number"), 10, 64)
	if err != nil {
		return failure{status: http.StatusNotFound}
	}
	one, err := c.capture.Captured(r.Context(), of(r).viewer, number)
	if err != nil {
		return noneOr(err)
	}
	return c.render(w, r, http.StatusOK, "captured", struct {
		capturedView
		MayRead bool
	}{c.viewer(r).captured(one), of(r).viewer.May(access.Read)})
}

// captureFile gives a file back to the person who handed it in. A browser runs
// nothing of it.
func (c *Console) captureFile(w http.ResponseWriter, r *http.Request) error {
	sum := r.PathValue("sha256")
	blob, err := c.capture.OpenKept(r.Context(), of(r).viewer, sum)
	if err != nil {
		return noneOr(err)
	}
	defer func() { _ = blob.Close() }()
	disposition := "attachment"
	if strings.HasPrefix(blob.Type, "image/") {
		disposition = "inline"
	}
	ending := map[string]string{"image/jpeg": "jpg", "application/pdf": "pdf"}[blob.Type]
	if ending == "" {
		_, ending, _ = strings.Cut(blob.Type, "/")
	}
	h := w.Header()
	h.Set("Content-Type", blob.Type)
	h.Set("Content-Disposition", mime.FormatMediaType(disposition, map[string]string{"filename": sum[:12] + "." + ending}))
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	http.ServeContent(w, r, "", time.Time{}, blob.File)
	return nil
}

// noneOr answers that there is no such page where there is nothing that the person
// may see.
func noneOr(err error) error {
	if errors.Is(err, capture.ErrNone) || errors.Is(err, blobs.ErrNotFound) {
		return failure{status: http.StatusNotFound, cause: err}
	}
	return err
}

// tipDone says on the capture's page which tip it is about to answer.
func (c *Console) tipDone(r *http.Request) string {
	if slices.Contains(r.URL.Query()["done"], "accepted") {
		return "tips.done.accepted"
	}
	return ""
}
