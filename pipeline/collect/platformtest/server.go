// Package platformtest has servers that answer as the public documentation of
// platforms says: Facebook, Instagram, Threads, X and YouTube. They are for
// tests and demonstrations; the collector itself never calls them.
package platformtest

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// Entry is a post in a listing.
type Entry struct {
	ID string
	At time.Time
	// JSON is the post as the platform tells it.
	JSON string
}

// Answer is what a server says instead of what it would.
type Answer struct {
	Status int
	Header map[string]string
	Body   string
}

// Server is what all servers have in common.
type Server struct {
	// Token is the only one that is accepted.
	Token string
	// Instead, where it is set and returns an answer, says that.
	Instead func(r *http.Request) *Answer
	// Header is sent with every answer.
	Header map[string]string

	mu       sync.Mutex
	requests []string
	listings map[string][]Entry
}

// Put puts posts into the listing of an account, wherever their dates belong.
func (s *Server) Put(account string, entries ...Entry) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.listings == nil {
		s.listings = map[string][]Entry{}
	}
	all := append(slices.Clone(s.listings[account]), entries...)
	slices.SortStableFunc(all, func(a, b Entry) int { return b.At.Compare(a.At) })
	s.listings[account] = all
}

// Delete takes a post out of the listing of an account.
func (s *Server) Delete(account, id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.listings[account] = slices.DeleteFunc(slices.Clone(s.listings[account]), func(e Entry) bool { return e.ID == id })
}

// Requests returns the paths and queries that were asked for.
func (s *Server) Requests() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.requests)
}

// begin notes a request and gives the answer that is to be given instead. It
// returns false where that was done.
func (s *Server) begin(w http.ResponseWriter, r *http.Request) bool {
	s.mu.Lock()
	s.requests = append(s.requests, r.URL.RequestURI())
	s.mu.Unlock()
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	for key, value := range s.Header {
		w.Header().Set(key, value)
	}
	if s.Instead == nil {
		return true
	}
	answer := s.Instead(r)
	if answer == nil {
		return true
	}
	for key, value := range answer.Header {
		w.Header().Set(key, value)
	}
	w.WriteHeader(answer.Status)
	_, _ = w.Write([]byte(answer.Body))
	return false
}

// listing returns the posts of an account; ok is false where there is none.
func (s *Server) listing(account string) (entries []Entry, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	entries, ok = s.listings[account]
	return entries, ok
}

// page returns the entries behind a cursor, which names the last entry before
// it with its date, so that it stands where that is deleted.
func page(entries []Entry, after string, limit int) (part []Entry, next string) {
	if after != "" {
		entries = behind(entries, after)
	}
	if len(entries) <= limit {
		return entries, ""
	}
	last := entries[limit-1]
	return entries[:limit], base64.RawURLEncoding.EncodeToString([]byte(last.At.UTC().Format(time.RFC3339Nano) + " " + last.ID))
}

func behind(entries []Entry, cursor string) []Entry {
	decoded, _ := base64.RawURLEncoding.DecodeString(cursor)
	date, id, _ := strings.Cut(string(decoded), " ")
	at, _ := time.Parse(time.RFC3339Nano, date)
	for n, e := range entries {
		if e.ID == id {
			return entries[n+1:]
		}
		if e.At.Before(at) {
			return entries[n:]
		}
	}
	return nil
}

// between returns the entries in a period; a zero time is no bound.
func between(entries []Entry, since, until time.Time) []Entry {
	return slices.DeleteFunc(slices.Clone(entries), func(e Entry) bool {
		return !since.IsZero() && e.At.Before(since) || !until.IsZero() && !e.At.Before(until)
	})
}

func raws(entries []Entry) []json.RawMessage {
	all := make([]json.RawMessage, 0, len(entries))
	for _, e := range entries {
		all = append(all, json.RawMessage(e.JSON))
	}
	return all
}

func write(w http.ResponseWriter, status int, value any) {
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(value)
}

// Say answers every request with the body, as an Instead.
func Say(status int, body string) func(*http.Request) *Answer {
	return func(*http.Request) *Answer { return &Answer{Status: status, Body: body} }
}
