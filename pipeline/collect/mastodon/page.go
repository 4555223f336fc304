package mastodon

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tomnomnom/linkheader"

	"github.com/netra-id/netra/pipeline/collect"
	"github.com/netra-id/netra/pipeline/collect/fetch"
	"github.com/netra-id/netra/pipeline/post"
)

// page is one answer with statuses.
type page struct {
	// items are all public statuses, oldest first, and edited those of them that
	// were edited.
	items, edited []collect.Item
	// newest is the id behind which the next page begins.
	newest string
	// ahead says that there is an id from the future.
	ahead bool
	// last is the date of the youngest status.
	last time.Time
}

// page asks for statuses of the account.
func (v *visit) page(ctx context.Context, query url.Values) (*page, error) {
	query = maps.Clone(query)
	if query == nil {
		query = url.Values{}
	}
	query.Set("limit", strconv.Itoa(pageSize))
	var statuses []json.RawMessage
	answer, err := v.client.AskJSON(ctx, v.sink, v.request("/api/v1/accounts/"+url.PathEscape(v.Native)+"/statuses", query), &statuses)
	if err != nil {
		return nil, v.statusesError(ctx, err)
	}
	r := reader{domain: v.home.domain, owner: v.owner, native: v.Native}
	p := r.page(statuses, answer.Header)
	answer.Exchange.Of(p.items)
	answer.Exchange.Of(p.edited)
	return p, nil
}

// statusesError looks the account up, to say why its statuses are not there.
func (v *visit) statusesError(ctx context.Context, err error) error {
	if status := fetch.Status(err); status == nil || status.Status != http.StatusNotFound && status.Status != http.StatusGone {
		return v.accountError(err)
	}
	v.Checked = time.Time{}
	if _, lookUpErr := v.lookUp(ctx); lookUpErr != nil {
		return lookUpErr
	}
	return collect.Errorf(collect.KindTemporary, "%s: the account is there, its statuses are not: %w", v.home, err)
}

// page reads one answer.
func (r *reader) page(statuses []json.RawMessage, header http.Header) *page {
	p := &page{}
	ids := map[string]bool{}
	for _, raw := range slices.Backward(statuses) {
		var head struct {
			ID       string `json:"id"`
			EditedAt string `json:"edited_at"`
		}
		switch {
		case json.Unmarshal(raw, &head) != nil:
		case fromFuture(head.ID):
			p.ahead = true
		case idLess(p.newest, head.ID):
			p.newest = head.ID
		}
		ids[head.ID] = true
		item, ok := r.item(raw)
		if !ok {
			continue
		}
		p.items = append(p.items, item)
		if head.EditedAt != "" && item.Err == nil {
			p.edited = append(p.edited, item)
		}
		if item.Post.CreatedAt.After(p.last) {
			p.last = item.Post.CreatedAt
		}
	}
	if id := previous(header); ids[id] && !fromFuture(id) {
		p.newest = id
	}
	return p
}

// previous returns the min_id of the page of newer statuses (RFC 8288, rel
// prev). Only the id is taken from the address: where to ask is for us to say.
func previous(header http.Header) string {
	for _, link := range linkheader.ParseMultiple(header.Values("Link")).FilterByRel("prev") {
		u, err := url.Parse(link.URL)
		if err != nil {
			continue
		}
		query := u.Query()
		for _, name := range []string{"min_id", "since_id"} {
			if id := query.Get(name); id != "" {
				return id
			}
		}
	}
	return ""
}

// idLess orders ids by their age: they are numbers as texts, or texts of one
// length whose order is that of time.
func idLess(a, b string) bool {
	if len(a) != len(b) {
		return len(a) < len(b)
	}
	return a < b
}

// isSnowflake says whether an id is of the make of Mastodon's: a number with the
// milliseconds since 1970 above 16 other bits.
func isSnowflake(id string) bool {
	n, err := strconv.ParseInt(id, 10, 64)
	return err == nil && time.UnixMilli(n>>16).After(post.Earliest)
}

// fromFuture says whether an id is a number that Mastodon has not reached yet.
// Behind such a one nothing would ever be new.
func fromFuture(id string) bool {
	return strings.Trim(id, "0123456789") == "" && idLess(idAt(time.Now().Add(post.MaxClockSkew)), id)
}

// idAt returns an id between those of the statuses before a time and those at it
// or after.
func idAt(at time.Time) string {
	if at.IsZero() || at.UnixMilli() <= 0 {
		return "0"
	}
	return strconv.FormatInt(at.UnixMilli()<<16-1, 10)
}
