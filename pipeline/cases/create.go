package cases

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/netra-id/netra/pipeline/access"
	"github.com/netra-id/netra/pipeline/database"
	"github.com/netra-id/netra/pipeline/review"
)

// Draft is a case that somebody wants to open.
type Draft struct {
	Title string
	// Kind is OfAccount or OfCopies.
	Kind  string
	Posts []string
	// Note is the first note, or empty.
	Note string
	// People are who works on it; who opens it where there are none.
	People []string
}

// national is the region of numbers of cases over several provinces.
const national = "RI"

// Create opens a case.
func (c *Cases) Create(ctx context.Context, viewer access.Viewer, draft Draft) (Case, error) {
	if !viewer.May(access.Review) {
		return Case{}, ErrForbidden
	}
	r, err := c.drafted(ctx, viewer, &draft)
	if err != nil {
		return Case{}, err
	}
	fresh := *r
	err = c.db.Write(ctx, func(tx *database.Tx) error {
		*r = fresh // it may run several times
		r.links = slices.Clone(fresh.links)
		if err := c.insert(ctx, tx, r); err != nil {
			return err
		}
		if err := c.happened(ctx, tx, viewer, r, Event{Change: Created, Posts: r.Posts, To: Open, Text: r.Title}); err != nil {
			return err
		}
		for _, name := range r.People {
			if err := c.happened(ctx, tx, viewer, r, Event{Change: Assigned, Person: name}); err != nil {
				return err
			}
		}
		if draft.Note == "" {
			return nil
		}
		return c.happened(ctx, tx, viewer, r, Event{Change: Noted, Text: draft.Note})
	})
	if err != nil {
		return Case{}, err
	}
	c.metrics.changes.WithLabelValues(string(Created)).Inc()
	return r.show(viewer), nil
}

// drafted checks a draft and makes a case of it that has no number yet.
func (c *Cases) drafted(ctx context.Context, viewer access.Viewer, draft *Draft) (*row, error) {
	var err error
	if draft.Note, err = text("note", draft.Note, mostText, false); err != nil {
		return nil, err
	}
	r := &row{Case: Case{ID: uuid.NewString(), Kind: draft.Kind, Status: Open, CreatedAt: c.now(), ChangedAt: c.now(), CreatedBy: viewer.Name, Revision: 1}}
	if r.Title, err = line("title", draft.Title, mostTitle, true); err != nil {
		return nil, err
	}
	if !slices.Contains(Kinds, draft.Kind) {
		return nil, invalid("kind", draft.Kind, Kinds)
	}
	if r.links, err = c.linksOf(ctx, viewer, draft.Posts); err != nil {
		return nil, err
	}
	if len(r.links) == 0 || len(r.links) > c.cfg.Posts {
		return nil, invalid("posts", len(r.links), fmt.Sprintf("1 to %d posts", c.cfg.Posts))
	}
	r.gather()
	c.setClock(r)
	people := draft.People
	if len(people) == 0 {
		people = []string{viewer.Name}
	}
	for _, name := range people {
		if name, err = c.person(ctx, viewer, r, name); err != nil {
			return nil, err
		}
		if !slices.Contains(r.People, name) {
			r.People = append(r.People, name)
		}
	}
	r.findBy(r.Title, draft.Note)
	return r, nil
}

// linksOf are links to posts, each once.
func (c *Cases) linksOf(ctx context.Context, viewer access.Viewer, posts []string) ([]Link, error) {
	if len(posts) > 2*c.cfg.Posts {
		return nil, invalid("posts", len(posts), fmt.Sprintf("1 to %d posts", c.cfg.Posts))
	}
	var links []Link
	for _, id := range posts {
		if slices.ContainsFunc(links, func(l Link) bool { return l.Post == id }) {
			continue
		}
		item, err := c.deps.Posts.Item(ctx, viewer, id)
		if errors.Is(err, review.ErrNotFound) {
			return nil, fmt.Errorf("post %q: %w", beginning(id), ErrNoPost)
		}
		if err != nil {
			return nil, fmt.Errorf("look for post %q: %w", beginning(id), err)
		}
		l := Link{Post: item.ID, Account: item.Account, Handle: item.Handle, Region: item.Region, PersonID: item.PersonID, KnownAt: item.OpenedAt, AddedAt: c.now(), AddedBy: viewer.Name}
		if l.KnownAt.IsZero() { // whoever puts it into a case knows of it
			l.KnownAt = l.AddedAt
		}
		links = append(links, l)
	}
	return links, nil
}

// insert numbers a case and writes it down.
func (c *Cases) insert(ctx context.Context, tx *database.Tx, r *row) error {
	if err := number(ctx, tx, r); err != nil {
		return err
	}
	err := tx.QueryRow(ctx, `INSERT INTO cases (id, number, title, kind, status, known_at, due_at, created_at, created_by, changed_at, revision, search)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '') RETURNING num`, r.ID, r.Number, r.Title, r.Kind, string(r.Status), database.Milliseconds(r.KnownAt),
		database.Milliseconds(r.Due), database.Milliseconds(r.CreatedAt), r.CreatedBy, database.Milliseconds(r.ChangedAt), r.Revision).Scan(&r.num)
	if err != nil {
		return fmt.Errorf("open case %s: %w", r.Number, err)
	}
	for _, l := range r.links {
		if err := insertLink(ctx, tx, r, l); err != nil {
			return err
		}
	}
	for _, name := range r.People {
		if _, err := tx.Exec(ctx, "INSERT INTO case_people (case_num, name) VALUES (?, ?)", r.num, name); err != nil {
			return fmt.Errorf("give case %s to a person: %w", r.Number, err)
		}
	}
	r.findBy(r.Number)
	return r.save(ctx, tx)
}

// number gives a case the next number of its year and province. The count is
// part of the transaction, so that there are no gaps.
func number(ctx context.Context, tx *database.Tx, r *row) error {
	region := provinceOf(r.Regions)
	year := r.CreatedAt.In(Zone(r.region())).Year()
	var n int64
	err := tx.QueryRow(ctx, `INSERT INTO case_numbers (year, region, last) VALUES (?, ?, 1)
		ON CONFLICT (year, region) DO UPDATE SET last = case_numbers.last + 1 RETURNING last`, year, region).Scan(&n)
	if err != nil {
		return fmt.Errorf("number a case: %w", err)
	}
	r.Number = fmt.Sprintf("%d/%s/%04d", year, region, n)
	return nil
}

// provinceOf is the one province of all regions, or else the whole country.
func provinceOf(regions []string) string {
	found := ""
	for _, region := range regions {
		province, _, _ := strings.Cut(region, ".")
		if province == "" || found != "" && found != province {
			return national
		}
		found = province
	}
	if found == "" || len(found) > 8 || strings.ContainsAny(found, "/ ") {
		return national
	}
	return found
}

func insertLink(ctx context.Context, tx *database.Tx, r *row, l Link) error {
	_, err := tx.Exec(ctx, `INSERT INTO case_posts (case_num, post, region, account, handle, person_id, known_at, added_at, added_by)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (case_num, post) DO UPDATE SET region = excluded.region, account = excluded.account,
		handle = excluded.handle, person_id = excluded.person_id, known_at = excluded.known_at, added_at = excluded.added_at,
		added_by = excluded.added_by, removed_at = 0, removed_by = '', reason = ''`,
		r.num, clean(l.Post), clean(l.Region), clean(l.Account), clean(l.Handle), clean(l.PersonID), database.Milliseconds(l.KnownAt), database.Milliseconds(l.AddedAt), l.AddedBy)
	if err != nil {
		return fmt.Errorf("add a post to case %s: %w", r.Number, err)
	}
	r.findBy(l.Post, l.Account, l.Handle)
	return nil
}
