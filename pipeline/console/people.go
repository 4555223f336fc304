package console

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/netra-id/netra/pipeline/access"
	"github.com/netra-id/netra/pipeline/console/state"
)

// peopleView is the list of all who may log in.
type peopleView struct {
	People             []personRow
	Total              string
	Search             string
	OlderURL, NewerURL string
	Done               string
}

type personRow struct {
	URL      string
	Name     string
	Shown    string
	Role     string
	Regions  string
	Disabled bool
	SSO      bool
	TOTP     bool
	Must     bool
	Seen     timeView
}

// peoplePageSize is how many people are on one page.
const peoplePageSize = 100

func (c *Console) people(w http.ResponseWriter, r *http.Request) error {
	all, err := c.state.Users(r.Context())
	if err != nil {
		return err
	}
	see := c.viewer(r)
	search := displayName(r.URL.Query().Get("q"))
	view := peopleView{Total: see.words.Number(uint64(len(all))), Search: search, Done: done(r)}
	all = slices.DeleteFunc(all, func(u state.User) bool { return !matches(u, search) })
	page, _ := strconv.Atoi(r.URL.Query().Get("page"))
	page = min(max(page, 1), max((len(all)+peoplePageSize-1)/peoplePageSize, 1))
	if page > 1 {
		view.NewerURL = peopleURL(search, page-1)
	}
	if page*peoplePageSize < len(all) {
		view.OlderURL = peopleURL(search, page+1)
	}
	for _, u := range all[(page-1)*peoplePageSize : min(page*peoplePageSize, len(all))] {
		view.People = append(view.People, personRow{
			URL: personURL(u), Name: u.Name, Shown: short(u.Shown(), mostRowFieldBytes), Role: see.words.T("role." + string(u.Role)),
			Regions: short(see.regionNames(u.Regions), mostRowFieldBytes), Disabled: u.Disabled, SSO: !u.HasPassword,
			TOTP: !u.TOTPSince.IsZero(), Must: u.MustChange, Seen: see.time(u.LastLogin),
		})
	}
	return c.render(w, r, http.StatusOK, "people", view)
}

// matches says whether a person's name holds what is searched for.
func matches(u state.User, search string) bool {
	return strings.Contains(strings.ToLower(u.Name+" "+u.DisplayName), strings.ToLower(search))
}

func peopleURL(search string, page int) string {
	query := url.Values{"page": {strconv.Itoa(page)}}
	if search != "" {
		query.Set("q", search)
	}
	return (&url.URL{Path: "/people", RawQuery: query.Encode()}).String()
}

func personURL(u state.User) string { return "/people/" + strconv.FormatInt(u.ID, 10) }

// personOf is the user whom the path names.
func (c *Console) personOf(r *http.Request) (state.User, error) {
	id, err := strconv.ParseInt(r.PathValue("user"), 10, 64)
	if err != nil {
		return state.User{}, failure{status: http.StatusNotFound}
	}
	user, err := c.state.User(r.Context(), id)
	if errors.Is(err, state.ErrNoUser) {
		return state.User{}, failure{status: http.StatusNotFound}
	}
	return user, err
}

// rightsForm is what an administrator writes of a person.
type rightsForm struct {
	Name        string
	DisplayName string
	Role        string
	Regions     string
	Disabled    bool
	Roles       []roleOption
	Error       string
}

type roleOption struct {
	Value, Name, May string
	Chosen           bool
}

func (v viewer) rightsForm(form rightsForm) rightsForm {
	for _, role := range access.Roles {
		form.Roles = append(form.Roles, roleOption{
			Value: string(role), Name: v.words.T("role." + string(role)), May: v.actions(role), Chosen: string(role) == form.Role,
		})
	}
	return form
}

func readRights(r *http.Request) rightsForm {
	get := r.PostForm.Get
	return rightsForm{
		Name: strings.TrimSpace(get("name")), DisplayName: get("display_name"), Role: get("role"),
		Regions: get("regions"), Disabled: get("disabled") != "",
	}
}

// rights checks what was written; the problem is in words.
func (v viewer) rights(form rightsForm) (rights state.Rights, problem string) {
	rights = state.Rights{DisplayName: displayName(form.DisplayName), Role: access.Role(form.Role), Disabled: form.Disabled}
	if !rights.Role.Known() {
		return rights, v.words.T("people.bad.role")
	}
	codes, err := sortedRegions(splitRegions(form.Regions))
	if err != nil {
		return rights, v.words.T("people.bad.region", "value", short(form.Regions, mostWordBytes))
	}
	for _, code := range codes {
		if v.region(code) == "" && v.knowsRegions {
			return rights, v.words.T("people.bad.region", "value", code)
		}
	}
	rights.Regions = codes
	return rights, ""
}

var betweenRegions = regexp.MustCompile(`[\s,;]+`)

func splitRegions(text string) []string {
	return slices.DeleteFunc(betweenRegions.Split(text, -1), func(s string) bool { return s == "" })
}

var regionCode = regexp.MustCompile(`^[0-9]{2}(\.[0-9]{2}(\.[0-9]{2}(\.[0-9]{4})?)?)?$`)

// mostRegions bounds how many regions a person can be limited to: more are a
// province.
const mostRegions = 60

// sortedRegions checks codes, and leaves out what lies inside another of them.
func sortedRegions(codes []string) ([]string, error) {
	if len(codes) > mostRegions {
		return nil, fmt.Errorf("%d regions: allowed: %d", len(codes), mostRegions)
	}
	codes = slices.Clone(codes)
	slices.Sort(codes) // a region stands before those inside it
	var kept []string
	for _, code := range codes {
		if !regionCode.MatchString(code) {
			return nil, fmt.Errorf("region %q: allowed: a code such as 61 or 61.08", code)
		}
		if !slices.ContainsFunc(kept, func(outer string) bool { return access.Within(code, outer) }) {
			kept = append(kept, code)
		}
	}
	return kept, nil
}

// mostDisplayName bounds a display name in characters.
const mostDisplayName = 100

// displayName cleans a name that is shown to others.
func displayName(name string) string {
	name = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == utf8.RuneError {
			return -1
		}
		return r
	}, strings.ToValidUTF8(name, ""))
	name = strings.Join(strings.Fields(name), " ")
	if runes := []rune(name); len(runes) > mostDisplayName {
		name = string(runes[:mostDisplayName])
	}
	return name
}

// regionNames says regions in words; none is all of them.
func (v viewer) regionNames(codes []string) string {
	if len(codes) == 0 {
		return v.words.T("people.regions.all")
	}
	return v.list(codes, v.regionName)
}

// list says several things after one another.
func (v viewer) list(values []string, name func(string) string) string {
	names := make([]string, len(values))
	for i, value := range values {
		names[i] = name(value)
	}
	return strings.Join(names, "; ")
}

// rightsDetail says rights for the audit log.
func rightsDetail(rights state.Rights) map[string]string {
	return map[string]string{
		"role": string(rights.Role), "regions": regionsText(rights.Regions), "disabled": strconv.FormatBool(rights.Disabled), "display_name": rights.DisplayName,
	}
}

func regionsText(codes []string) string {
	if len(codes) == 0 {
		return "*"
	}
	return strings.Join(codes, " ")
}

// changes says for the audit log what was changed, as "before → after".
func changes(before, after state.Rights) map[string]string {
	was, is := rightsDetail(before), rightsDetail(after)
	changed := map[string]string{}
	for key, value := range is {
		if was[key] != value {
			changed[key] = was[key] + " → " + value
		}
	}
	return changed
}

// agents are the names that browsers are known by, the most telling first.
var agents = []struct{ sign, name string }{
	{"Edg", "Edge"}, {"OPR/", "Opera"}, {"SamsungBrowser", "Samsung Internet"}, {"Firefox", "Firefox"}, {"Chrome", "Chrome"}, {"Safari", "Safari"},
}

var systems = []struct{ sign, name string }{
	{"Android", "Android"}, {"iPhone", "iPhone"}, {"iPad", "iPad"}, {"Windows", "Windows"}, {"Mac OS", "macOS"}, {"CrOS", "ChromeOS"}, {"Linux", "Linux"},
}

// agentName says which browser it is, as far as it says so itself.
func agentName(agent string) string {
	var names []string
	for _, known := range [][]struct{ sign, name string }{agents, systems} {
		for _, one := range known {
			if strings.Contains(agent, one.sign) {
				names = append(names, one.name)
				break
			}
		}
	}
	if len(names) == 0 {
		return short(agent, mostWordBytes)
	}
	return strings.Join(names, ", ")
}
