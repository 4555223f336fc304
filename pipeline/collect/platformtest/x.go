package platformtest

import (
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// X answers as version 2 of X's API does; listings are by user id.
type X struct {
	Server
	// Usernames are those of the users, by id.
	Usernames map[string]string
	// Suspended and Protected are users that are.
	Suspended, Protected []string
	// Includes are the posts that others refer to, as X tells them, and Media
	// the attachments.
	Includes, Media []string
}

var userPath = regexp.MustCompile(`^/2/users/(?:(by/username)/)?([^/]+)(/tweets)?$`)

// ServeHTTP answers GET /2/users/:id/tweets, /2/users/:id and
// /2/users/by/username/:username.
func (x *X) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !x.begin(w, r) {
		return
	}
	if r.Header.Get("Authorization") != "Bearer "+x.Token {
		write(w, http.StatusUnauthorized, map[string]any{"title": "Unauthorized", "type": "about:blank", "status": 401, "detail": "Unauthorized"})
		return
	}
	path := userPath.FindStringSubmatch(r.URL.Path)
	switch {
	case path == nil:
		write(w, http.StatusNotFound, map[string]any{"title": "Not Found", "type": "about:blank", "status": 404})
	case path[3] != "":
		x.timeline(w, r, path[2])
	default:
		x.user(w, path[1] != "", path[2])
	}
}

// problemOf is what X says of a user that it does not show.
func problemOf(id, detail, title, kind string) map[string]any {
	return map[string]any{"errors": []any{map[string]any{
		"value": id, "detail": detail + ": [" + id + "].", "title": title, "resource_type": "user", "parameter": "id",
		"resource_id": id, "type": "https://api.twitter.com/2/problems/" + kind,
	}}}
}

func (x *X) user(w http.ResponseWriter, byName bool, name string) {
	id := name
	for known, username := range x.Usernames {
		if byName && username == name {
			id = known
		}
	}
	switch {
	case slices.Contains(x.Suspended, id):
		write(w, http.StatusOK, problemOf(id, "User has been suspended", "Forbidden", "resource-not-found"))
	case x.Usernames[id] == "":
		write(w, http.StatusOK, problemOf(id, "Could not find user with id", "Not Found Error", "resource-not-found"))
	default:
		write(w, http.StatusOK, map[string]any{"data": map[string]string{"id": id, "name": "Nama", "username": x.Usernames[id]}})
	}
}

func (x *X) timeline(w http.ResponseWriter, r *http.Request, id string) {
	entries, ok := x.listing(id)
	switch {
	case slices.Contains(x.Protected, id):
		write(w, http.StatusOK, problemOf(id, "Sorry, you are not authorized to see the user with id", "Authorization Error", "not-authorized-for-resource"))
		return
	case !ok || slices.Contains(x.Suspended, id):
		write(w, http.StatusOK, problemOf(id, "Could not find user with id", "Not Found Error", "resource-not-found"))
		return
	}
	query := r.URL.Query()
	limit, err := strconv.Atoi(query.Get("max_results"))
	if err != nil || limit < 5 || limit > 100 {
		write(w, http.StatusBadRequest, map[string]any{"title": "Invalid Request", "type": "https://api.twitter.com/2/problems/invalid-request"})
		return
	}
	since, _ := time.Parse(time.RFC3339, query.Get("start_time"))
	until, _ := time.Parse(time.RFC3339, query.Get("end_time"))
	entries = between(entries, since, until)
	if mark := query.Get("since_id"); mark != "" {
		entries = slices.DeleteFunc(entries, func(e Entry) bool { return !newerID(e.ID, mark) })
	}
	part, next := page(entries, query.Get("pagination_token"), limit)
	x.write(w, id, part, next)
}

func (x *X) write(w http.ResponseWriter, id string, part []Entry, next string) {
	meta := map[string]any{"result_count": len(part)}
	answer := map[string]any{"meta": meta}
	if len(part) > 0 {
		meta["newest_id"], meta["oldest_id"] = part[0].ID, part[len(part)-1].ID
		answer["data"] = raws(part)
		answer["includes"] = map[string]any{
			"users":  []any{map[string]string{"id": id, "name": "Nama", "username": x.Usernames[id]}},
			"tweets": rawList(x.Includes), "media": rawList(x.Media),
		}
	}
	if next != "" {
		meta["next_token"] = next
	}
	write(w, http.StatusOK, answer)
}

func rawList(all []string) []json.RawMessage {
	list := make([]json.RawMessage, 0, len(all))
	for _, one := range all {
		list = append(list, json.RawMessage(one))
	}
	return list
}

// newerID compares the numbers that ids are.
func newerID(a, b string) bool {
	if len(a) != len(b) {
		return len(a) > len(b)
	}
	return strings.Compare(a, b) > 0
}
