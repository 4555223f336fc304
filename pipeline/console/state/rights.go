package state

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/netra-id/netra/pipeline/access"
	"github.com/netra-id/netra/pipeline/database"
)

// Rights are what an administrator says of a person.
type Rights struct {
	DisplayName string
	Role        access.Role
	Regions     []string
	Disabled    bool
}

// Rights returns the user's present ones.
func (u User) Rights() Rights {
	return Rights{DisplayName: u.DisplayName, Role: u.Role, Regions: u.Regions, Disabled: u.Disabled}
}

// Equal says whether they are the same.
func (r Rights) Equal(other Rights) bool {
	return r.DisplayName == other.DisplayName && r.Role == other.Role && r.Disabled == other.Disabled && slices.Equal(r.Regions, other.Regions)
}

// SetRights changes a person's rights, from the next request on; a person who is
// disabled loses sessions and tokens. ErrLastAdministrator refuses what would
// leave nobody to manage people. also learns what the rights were.
func (s *State) SetRights(ctx context.Context, id int64, rights Rights, also func(tx *database.Tx, before User) error) error {
	if err := checkRights(rights.Role, rights.Regions); err != nil {
		return err
	}
	err := s.db.Write(ctx, func(tx *database.Tx) error {
		before, err := s.one(tx.QueryRow(ctx, `SELECT `+userColumns+` FROM users WHERE id = ?`, id))
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `UPDATE users SET display_name = ?, role = ?, regions = ?, disabled = ? WHERE id = ?`,
			rights.DisplayName, string(rights.Role), strings.Join(rights.Regions, " "), bit(rights.Disabled), id); err != nil {
			return err
		}
		if err := administered(ctx, tx, before); err != nil {
			return err
		}
		if rights.Disabled && !before.Disabled {
			if err := s.shutOut(ctx, tx, id); err != nil {
				return err
			}
		}
		if also == nil {
			return nil
		}
		return also(tx, before)
	})
	if err != nil && !errors.Is(err, ErrNoUser) && !errors.Is(err, ErrLastAdministrator) {
		return fmt.Errorf("change the rights of user %d: %w", id, err)
	}
	return err
}

// administered refuses a change after which an administrator's place is empty.
func administered(ctx context.Context, tx *database.Tx, before User) error {
	if before.Role != access.Administrator || before.Disabled {
		return nil
	}
	var left int
	if err := tx.QueryRow(ctx, `SELECT count(*) FROM users WHERE role = ? AND disabled = 0`, string(access.Administrator)).Scan(&left); err != nil {
		return err
	}
	if left == 0 {
		return ErrLastAdministrator
	}
	return nil
}

// shutOut ends all by which a person could still ask for something.
func (s *State) shutOut(ctx context.Context, tx *database.Tx, id int64) error {
	if _, err := s.EndSessions(ctx, tx, id, ""); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `UPDATE api_tokens SET revoked_at = ? WHERE user_id = ? AND revoked_at = 0`, database.Milliseconds(s.now()), id)
	return err
}

// LoggedIn keeps when a person logged in last.
func (s *State) LoggedIn(ctx context.Context, tx *database.Tx, id int64) error {
	_, err := tx.Exec(ctx, `UPDATE users SET last_login_at = ? WHERE id = ?`, database.Milliseconds(s.now()), id)
	return err
}
