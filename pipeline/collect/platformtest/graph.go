package platformtest

import (
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Facebook answers as the Graph API does for Pages; listings are by Page id.
type Facebook struct{ Server }

// GraphError is the body of an error of Meta's APIs.
func GraphError(code, subcode int, message string) string {
	return `{"error":{"message":` + strconv.Quote(message) + `,"type":"OAuthException","code":` + strconv.Itoa(code) +
		`,"error_subcode":` + strconv.Itoa(subcode) + `,"fbtrace_id":"AbCdEf"}}`
}

func graphFailure(w http.ResponseWriter, status, code, subcode int, message string) {
	w.WriteHeader(status)
	_, _ = w.Write([]byte(GraphError(code, subcode, message)))
}

// authorized checks the token in the header or the query. Like Meta, it repeats
// a token that it does not know.
func (s *Server) authorized(w http.ResponseWriter, r *http.Request) bool {
	token := r.URL.Query().Get("access_token")
	if token == "" {
		token = strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	}
	if token == s.Token {
		return true
	}
	graphFailure(w, http.StatusUnauthorized, 190, 0, "Malformed access token "+token)
	return false
}

var pagePosts = regexp.MustCompile(`^/v\d+\.\d+/([^/]+)/posts$`)

// ServeHTTP answers GET /{version}/{page-id}/posts.
func (f *Facebook) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !f.begin(w, r) || !f.authorized(w, r) {
		return
	}
	path := pagePosts.FindStringSubmatch(r.URL.Path)
	if path == nil {
		graphFailure(w, http.StatusBadRequest, 2500, 0, "Unknown path components: "+r.URL.Path)
		return
	}
	entries, ok := f.listing(path[1])
	if !ok {
		graphFailure(w, http.StatusBadRequest, 100, 33, "Unsupported get request. Object with ID '"+path[1]+"' does not exist")
		return
	}
	f.edge(w, r, entries)
}

// edge writes a page of a listing, with cursors, and with an address of the next
// page that holds the token, as Meta's does.
func (s *Server) edge(w http.ResponseWriter, r *http.Request, entries []Entry) {
	query := r.URL.Query()
	limit, err := strconv.Atoi(query.Get("limit"))
	if err != nil || limit < 1 || limit > 100 {
		graphFailure(w, http.StatusBadRequest, 100, 0, "(#100) Param limit must be 1 to 100")
		return
	}
	part, next := page(between(entries, unix(query.Get("since")), unix(query.Get("until"))), query.Get("after"), limit)
	answer := map[string]any{"data": raws(part)}
	if len(part) > 0 {
		paging := map[string]any{"cursors": map[string]string{"before": "QVFI", "after": next}}
		if next != "" {
			paging["next"] = "https://graph.facebook.com/next?access_token=" + s.Token + "&after=" + next
		}
		answer["paging"] = paging
	}
	write(w, http.StatusOK, answer)
}

func unix(value string) time.Time {
	n, err := strconv.ParseInt(value, 10, 64)
	if err != nil {
		return time.Time{}
	}
	return time.Unix(n, 0)
}

// Threads answers as the Threads API's profile discovery does; listings are by
// username.
type Threads struct{ Server }

// ServeHTTP answers GET /v1.0/profile_posts.
func (t *Threads) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !t.begin(w, r) || !t.authorized(w, r) {
		return
	}
	entries, ok := t.listing(r.URL.Query().Get("username"))
	if !strings.HasSuffix(r.URL.Path, "/profile_posts") || !ok {
		graphFailure(w, http.StatusBadRequest, 24, 4279009, "The requested resource does not exist")
		return
	}
	t.edge(w, r, entries)
}

// Instagram answers as business discovery does; listings are by username.
type Instagram struct {
	Server
	// UserID is that of the account that the token is of.
	UserID string
	// IDs are the ids of the accounts, by username.
	IDs map[string]string
}

var discovery = regexp.MustCompile(`^business_discovery\.username\(([A-Za-z0-9._]+)\)\{id,username,name,media\.limit\((\d+)\)(?:\.after\(([A-Za-z0-9_=-]+)\))?\{[a-z_,{}]+\}\}$`)

// ServeHTTP answers GET /{version}/{user-id}?fields=business_discovery….
func (i *Instagram) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !i.begin(w, r) || !i.authorized(w, r) {
		return
	}
	fields := discovery.FindStringSubmatch(r.URL.Query().Get("fields"))
	if fields == nil || !strings.HasSuffix(r.URL.Path, "/"+i.UserID) {
		graphFailure(w, http.StatusBadRequest, 100, 0, "(#100) Tried accessing nonexisting field")
		return
	}
	name := fields[1]
	entries, ok := i.listing(name)
	if !ok {
		graphFailure(w, http.StatusBadRequest, 110, 2207013, "Invalid user id")
		return
	}
	limit, _ := strconv.Atoi(fields[2])
	part, next := page(entries, fields[3], limit)
	media := map[string]any{"data": raws(part)}
	if len(part) > 0 {
		media["paging"] = map[string]any{"cursors": map[string]string{"before": "QVFI", "after": next}}
	}
	write(w, http.StatusOK, map[string]any{
		"business_discovery": map[string]any{"id": i.IDs[name], "username": name, "name": "Nama " + name, "media": media}, "id": i.UserID,
	})
}
