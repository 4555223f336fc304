package console

import (
	"bytes"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"net/url"
	"path"
	"strconv"
	"strings"

	"github.com/netra-id/netra/pipeline/access"
	"github.com/netra-id/netra/pipeline/console/i18n"
)

// languageCookie keeps the language that somebody chose.
const languageCookie = "netra_lang"

// pages are the templates of every page in every language.
type pages struct {
	catalogues map[string]*i18n.Catalogue
	templates  map[string]*template.Template // by language and name
	assets     *assets
}

// page is what every template is given.
type page struct {
	Language  string
	Languages []languageLink
	User      string
	Viewer    access.Viewer
	Token     string // of forms
	Name      string // of the template
	View      any
	// Cases says that there are pages of cases.
	Cases bool
	// Capture says that there are pages to hand things in.
	Capture bool
	// Coordinated says that copies of posts are looked for.
	Coordinated bool
	// Retention says that there is a page of what is purged.
	Retention bool
}

// May says whether the reader may take the action, for the templates.
func (p page) May(action string) bool { return p.Viewer.May(access.Action(action)) }

// In says whether the page is one of an area, for the templates.
func (p page) In(area string) bool { return p.Name == area || strings.HasPrefix(p.Name, area+"-") }

type languageLink struct {
	Code    string
	URL     string
	Current bool
}

func newPages(files fs.FS) (*pages, error) {
	catalogues, err := i18n.Load()
	if err != nil {
		return nil, err
	}
	assets, err := newAssets(files)
	if err != nil {
		return nil, err
	}
	p := &pages{catalogues: catalogues, templates: map[string]*template.Template{}, assets: assets}
	names, err := fs.Glob(files, "templates/pages/*.html")
	if err != nil {
		return nil, err
	}
	for language, words := range catalogues {
		shared, err := template.New("shared").Funcs(p.functions(words)).ParseFS(files, "templates/*.html")
		if err != nil {
			return nil, fmt.Errorf("read the console's templates: %w", err)
		}
		for _, name := range names {
			own, err := shared.Clone()
			if err == nil {
				own, err = own.ParseFS(files, name)
			}
			if err != nil {
				return nil, fmt.Errorf("read the console's template %s: %w", name, err)
			}
			p.templates[language+"/"+strings.TrimSuffix(path.Base(name), ".html")] = own
		}
	}
	return p, nil
}

func (p *pages) functions(words *i18n.Catalogue) template.FuncMap {
	return template.FuncMap{
		"t":       words.T,
		"number":  words.Number,
		"decimal": words.Decimal,
		"asset":   p.assets.url,
	}
}

// words returns the catalogue of the reader's language.
func (p *pages) words(r *http.Request) *i18n.Catalogue { return p.catalogues[of(r).language] }

// render writes a page, all of it or, on an error, nothing.
func (c *Console) render(w http.ResponseWriter, r *http.Request, status int, name string, view any) error {
	known := of(r)
	data := page{
		Language: known.language, Languages: languageLinks(r), User: known.user.Shown(), Viewer: known.viewer,
		Token: c.forms.token(w, r), Name: name, View: view, Cases: c.casework != nil, Capture: c.capture != nil, Coordinated: c.coordinated != nil, Retention: c.retention != nil,
	}
	var body bytes.Buffer
	tmpl, ok := c.pages.templates[known.language+"/"+name]
	if !ok {
		return fmt.Errorf("no template %s in %s", name, known.language)
	}
	if err := tmpl.ExecuteTemplate(&body, "layout", data); err != nil {
		return fmt.Errorf("fill the page %s: %w", name, err)
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Language", known.language)
	w.Header().Set("Content-Length", strconv.Itoa(body.Len()))
	w.WriteHeader(status)
	_, _ = w.Write(body.Bytes()) // the reader may have gone
	return nil
}

// chooseLanguage takes the language from ?lang=, which is kept, else from the
// cookie, else the configured one.
func (c *Console) chooseLanguage(w http.ResponseWriter, r *http.Request) string {
	if language := r.URL.Query().Get("lang"); i18n.Known(language) {
		http.SetCookie(w, &http.Cookie{
			Name: languageCookie, Value: language, Path: "/", MaxAge: 365 * 24 * 3600,
			HttpOnly: true, Secure: c.config.secure(), SameSite: http.SameSiteLaxMode,
		})
		return language
	}
	if cookie, err := r.Cookie(languageCookie); err == nil && i18n.Known(cookie.Value) {
		return cookie.Value
	}
	return c.config.Language
}

// languageLinks lead to the same page in each language. The page that answers a
// form has no address of its own to come back to, but its path has.
func languageLinks(r *http.Request) []languageLink {
	links := make([]languageLink, 0, len(i18n.Languages))
	for _, code := range i18n.Languages {
		query := r.URL.Query()
		query.Set("lang", code)
		u := url.URL{Path: r.URL.Path, RawPath: r.URL.RawPath, RawQuery: query.Encode()}
		target := u.String()
		if !strings.HasPrefix(target, "/") || strings.HasPrefix(target, "//") {
			target = "/?lang=" + code
		}
		links = append(links, languageLink{Code: code, URL: target, Current: code == of(r).language})
	}
	return links
}
