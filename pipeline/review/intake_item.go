package review

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/netra-id/netra/pipeline/database"
	"github.com/netra-id/netra/pipeline/post"
)

// takeIn brings one flag into the queue and says what that was.
func (r *Review) takeIn(ctx context.Context, tx *database.Tx, stamp int64, in *incoming) (string, error) {
	items, err := queryItems(ctx, tx, "WHERE i.id = ?", in.flag.Post.ID)
	if err != nil {
		return "", err
	}
	if len(items) == 0 {
		if len(in.flag.Verdict.Labels) == 0 {
			return "same", nil // it never was in the queue
		}
		return "new", r.insertItem(ctx, tx, stamp, in)
	}
	return r.updateItem(ctx, tx, stamp, items[0], in)
}

func (r *Review) insertItem(ctx context.Context, tx *database.Tx, stamp int64, in *incoming) error {
	group, err := r.groupOf(ctx, tx, stamp, in)
	if err != nil {
		return err
	}
	now := r.deps.Now()
	var num int64
	err = tx.QueryRow(ctx, `INSERT INTO review_items (id, status, urgency, grp, changed, `+flagColumns+`)
		VALUES (?, ?, ?, ?, ?, `+database.Marks(flagColumnCount)+`) RETURNING num`,
		append([]any{in.flag.Post.ID, string(Open), r.urgency(in.base, group.copies, time.Time{}, now), group.num, stamp}, in.values()...)...).Scan(&num)
	if err != nil {
		return err
	}
	return putSearch(ctx, tx, num, in.words())
}

// flagColumns are the columns that a flag gives.
const (
	flagColumns = `pairs, rules, score, account, handle, person_id, region, agency, platform, language, lists, excerpt,
		created_at, flagged_at, text_sum, flag_sum, base`
	flagColumnCount = 17
	flagAssignments = `pairs = ?, rules = ?, score = ?, account = ?, handle = ?, person_id = ?, region = ?, agency = ?, platform = ?,
		language = ?, lists = ?, excerpt = ?, created_at = ?, flagged_at = ?, text_sum = ?, flag_sum = ?, base = ?`
)

func (in *incoming) values() []any {
	p, person, v := &in.flag.Post, &in.flag.Person, &in.flag.Verdict
	return []any{
		in.pairs, in.rules, score(v), clean(p.Key()), clean(p.Account.Handle), clean(person.PersonID), clean(person.Region),
		clean(person.Agency), clean(p.Platform), clean(v.Language.Code), clean(v.Versions.Lists), excerptOf(p),
		database.Milliseconds(p.CreatedAt), database.Milliseconds(in.flag.FlaggedAt), in.textSum, in.flagSum, in.base,
	}
}

// words are those by which the item is found.
func (in *incoming) words() []string {
	p := &in.flag.Post
	return wordsOf(strings.Join([]string{p.Text, p.Quoted, p.Account.Handle, p.Account.Name, in.flag.Person.Name}, "\n"))
}

// excerptLetters bounds the beginning of a text that lists show.
const excerptLetters = 280

// excerptOf is the beginning of a text in one line; of the quoted one where the
// author wrote none.
func excerptOf(p *post.Post) string {
	text := p.Text
	if strings.TrimSpace(text) == "" {
		text = p.Quoted
	}
	if len(text) > 8*excerptLetters {
		text = text[:8*excerptLetters]
	}
	text = strings.Join(strings.Fields(clean(text)), " ")
	if utf8.RuneCountInString(text) <= excerptLetters {
		return text
	}
	return strings.TrimSpace(string([]rune(text)[:excerptLetters])) + "…"
}

// updateItem brings an item up to date with a newer flag of its post.
func (r *Review) updateItem(ctx context.Context, tx *database.Tx, stamp int64, item *row, in *incoming) (string, error) {
	now := r.deps.Now()
	withdrawn := len(in.flag.Verdict.Labels) == 0
	var oldText, oldFlag int64
	err := tx.QueryRow(ctx, "SELECT text_sum, flag_sum FROM review_items WHERE num = ?", item.num).Scan(&oldText, &oldFlag)
	if err != nil || oldFlag == in.flagSum {
		return "same", err
	}
	result, status := "changed", item.Status
	edition, firstBy, edited, decided := item.edition, item.firstBy, item.Edited, item.Decided
	switch {
	case withdrawn && status == Open:
		result, status = "withdrawn", Withdrawn
	case withdrawn: // what was decided on stays as it was flagged
		_, err := tx.Exec(ctx, "UPDATE review_items SET flag_sum = ? WHERE num = ?", in.flagSum, item.num)
		return "withdrawn", err
	case status == Withdrawn:
		status = Open
	case oldText != in.textSum && status != Open:
		result, status = "edited", Open
		edition, firstBy, edited, decided = edition+1, "", now, time.Time{}
	}
	copies, group := item.Copies, item.group
	if !withdrawn && (oldText != in.textSum || sumOfSet(item.Contestants) != contestantsSum(in.pairs)) {
		joined, err := r.groupOf(ctx, tx, stamp, in)
		if err != nil {
			return "", err
		}
		group, copies = joined.num, joined.copies
	}
	if !withdrawn {
		if err := putSearch(ctx, tx, item.num, in.words()); err != nil {
			return "", err
		}
	}
	values := append(in.values(), string(status), r.urgency(in.base, copies, item.Due, now), group, edition, firstBy, database.Milliseconds(edited),
		database.Milliseconds(decided), stamp, item.num)
	_, err = tx.Exec(ctx, "UPDATE review_items SET "+flagAssignments+`, status = ?, urgency = ?, grp = ?, edition = ?, first_by = ?,
		edited_at = ?, decided_at = ?, revision = revision + 1, changed = ? WHERE num = ?`, values...)
	if err == nil && group != item.group {
		err = r.recount(ctx, tx, stamp, item.group)
	}
	return result, err
}
