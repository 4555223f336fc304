package platformtest

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// YouTube answers as the YouTube Data API v3 does. Listings are the videos of
// channels by channel id, the comment threads by "threads " and channel id, and
// the replies by "replies " and the comment's id.
type YouTube struct {
	Server
	// Channels are the channels as YouTube tells them, by id.
	Channels map[string]string
	// NoComments are channels whose comments are switched off.
	NoComments []string
}

// YouTubeError is the body of an error of Google's APIs.
func YouTubeError(code int, reason, message string) string {
	body, _ := json.Marshal(map[string]any{"error": map[string]any{
		"code": code, "message": message, "errors": []any{map[string]string{"message": message, "domain": "youtube", "reason": reason}},
	}})
	return string(body)
}

// uploads is the id of the playlist of a channel's uploads.
func uploads(channel string) string { return "UU" + strings.TrimPrefix(channel, "UC") }

// Channel is a channel as YouTube tells it.
func Channel(id, title, handle string) string {
	body, _ := json.Marshal(map[string]any{
		"kind": "youtube#channel", "etag": "c", "id": id, "snippet": map[string]string{"title": title, "customUrl": handle},
		"contentDetails": map[string]any{"relatedPlaylists": map[string]string{"likes": "", "uploads": uploads(id)}},
		"status":         map[string]any{"privacyStatus": "public"},
	})
	return string(body)
}

// ServeHTTP answers channels.list, playlistItems.list, videos.list,
// commentThreads.list and comments.list.
func (y *YouTube) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !y.begin(w, r) {
		return
	}
	if r.Header.Get("X-Goog-Api-Key") != y.Token {
		body := `{"error":{"code":400,"message":"API key not valid: ` + r.Header.Get("X-Goog-Api-Key") + `","status":"INVALID_ARGUMENT",` +
			`"errors":[{"message":"API key not valid.","domain":"global","reason":"badRequest"}],"details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"API_KEY_INVALID"}]}}`
		w.WriteHeader(http.StatusBadRequest)
		_, _ = w.Write([]byte(body))
		return
	}
	query := r.URL.Query()
	switch method := strings.TrimPrefix(r.URL.Path, "/youtube/v3/"); method {
	case "channels":
		y.channels(w, strings.Split(query.Get("id"), ","), query.Get("forHandle"))
	case "playlistItems":
		y.playlist(w, r, "UC"+strings.TrimPrefix(query.Get("playlistId"), "UU"))
	case "videos":
		y.videos(w, strings.Split(query.Get("id"), ","))
	case "commentThreads":
		y.threads(w, r, query.Get("allThreadsRelatedToChannelId"))
	case "comments":
		y.list(w, r, "replies "+query.Get("parentId"), "commentNotFound")
	default:
		y.fail(w, http.StatusNotFound, "notFound")
	}
}

func (y *YouTube) fail(w http.ResponseWriter, status int, reason string) {
	w.WriteHeader(status)
	_, _ = w.Write([]byte(YouTubeError(status, reason, "The request cannot be answered: "+reason)))
}

func (y *YouTube) channels(w http.ResponseWriter, ids []string, handle string) {
	var found []json.RawMessage
	for id, channel := range y.Channels {
		if slices.Contains(ids, id) || handle != "" && strings.Contains(channel, `"customUrl":"@`+handle+`"`) {
			found = append(found, json.RawMessage(channel))
		}
	}
	answer := map[string]any{"kind": "youtube#channelListResponse", "etag": "x", "pageInfo": map[string]int{"totalResults": len(found)}}
	if found != nil { // YouTube leaves items out where there are none
		answer["items"] = found
	}
	write(w, http.StatusOK, answer)
}

// playlist lists the videos of a channel, with an ETag of what is in it.
func (y *YouTube) playlist(w http.ResponseWriter, r *http.Request, channel string) {
	entries, ok := y.listing(channel)
	if !ok {
		y.fail(w, http.StatusNotFound, "playlistNotFound")
		return
	}
	items := make([]Entry, 0, len(entries))
	for _, e := range entries {
		e.JSON = `{"kind":"youtube#playlistItem","contentDetails":{"videoId":` + strconv.Quote(e.ID) + `,"videoPublishedAt":` + strconv.Quote(e.At.UTC().Format(time.RFC3339)) + `}}`
		items = append(items, e)
	}
	y.write(w, r, items)
}

func (y *YouTube) list(w http.ResponseWriter, r *http.Request, name, missing string) {
	entries, ok := y.listing(name)
	if !ok {
		y.fail(w, http.StatusNotFound, missing)
		return
	}
	y.write(w, r, entries)
}

func (y *YouTube) write(w http.ResponseWriter, r *http.Request, entries []Entry) {
	limit, err := strconv.Atoi(r.URL.Query().Get("maxResults"))
	if err != nil || limit < 1 || limit > 100 {
		y.fail(w, http.StatusBadRequest, "invalidParameter")
		return
	}
	part, next := page(entries, r.URL.Query().Get("pageToken"), limit)
	answer := map[string]any{"kind": "youtube#list", "items": raws(part)}
	if next != "" {
		answer["nextPageToken"] = next
	}
	body, _ := json.Marshal(answer)
	sum := sha256.Sum256(body)
	etag := `"` + hex.EncodeToString(sum[:8]) + `"`
	if r.Header.Get("If-None-Match") == etag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	answer["etag"] = etag
	w.Header().Set("ETag", etag)
	write(w, http.StatusOK, answer)
}

func (y *YouTube) videos(w http.ResponseWriter, ids []string) {
	found := []json.RawMessage{}
	y.mu.Lock()
	defer y.mu.Unlock()
	for _, id := range ids {
		for _, entries := range y.listings {
			for _, e := range entries {
				if e.ID == id {
					found = append(found, json.RawMessage(e.JSON))
				}
			}
		}
	}
	write(w, http.StatusOK, map[string]any{"kind": "youtube#videoListResponse", "etag": "v", "items": found})
}

func (y *YouTube) threads(w http.ResponseWriter, r *http.Request, channel string) {
	switch {
	case slices.Contains(y.NoComments, channel):
		y.fail(w, http.StatusForbidden, "commentsDisabled")
	case y.Channels[channel] == "":
		y.fail(w, http.StatusNotFound, "channelNotFound")
	default:
		entries, _ := y.listing("threads " + channel)
		y.write(w, r, entries)
	}
}
