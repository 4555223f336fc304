package state

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/netra-id/netra/pipeline/access"
	"github.com/netra-id/netra/pipeline/database"
)

// BootstrapUser is the name of the user that a new database begins with.
const BootstrapUser = "admin"

var (
	// ErrNoUser says that no user has that name or id.
	ErrNoUser = errors.New("no such user")
	// ErrUserExists says that the name is taken.
	ErrUserExists = errors.New("the user exists already")
	// ErrUserName says that a name cannot be a user's.
	ErrUserName = errors.New("allowed: 1 to 64 of a-z A-Z 0-9 . _ @ -, beginning with a letter or digit")
	// ErrWrongLogin says that name and password do not belong together.
	ErrWrongLogin = errors.New("wrong name or password")
	// ErrDisabled says that name and password are right, but the user may not
	// log in.
	ErrDisabled = errors.New("the user is disabled")
	// ErrLastAdministrator says that nobody could manage people any more.
	ErrLastAdministrator = errors.New("this is the last administrator")
)

var userName = regexp.MustCompile(`^[a-zA-Z0-9][a-zA-Z0-9._@-]{0,63}$`)

// regionCode is a province, a regency, a district or a village.
var regionCode = regexp.MustCompile(`^[0-9]{2}(\.[0-9]{2}(\.[0-9]{2}(\.[0-9]{4})?)?)?$`)

// User is a person who may log in.
type User struct {
	ID          int64
	Name        string
	DisplayName string
	Role        access.Role
	// Regions are the codes of the only regions that the person sees; none is
	// all of them.
	Regions  []string
	Disabled bool
	// MustChange says that the password was given by somebody else.
	MustChange bool
	// Stamp changes when the password does; sessions carry it.
	Stamp string
	// HasPassword is false for people who log in by OpenID Connect only.
	HasPassword bool
	// Identity is issuer and subject of OpenID Connect, or empty.
	Identity string
	// TOTPSince is when the second factor was set up; zero where there is none.
	TOTPSince            time.Time
	CreatedAt, LastLogin time.Time
}

// Viewer is the person as the rest of Netra knows them.
func (u User) Viewer() access.Viewer {
	return access.Viewer{ID: u.ID, Name: u.Name, Role: u.Role, Regions: u.Regions}
}

// Shown is the name by which people know the person.
func (u User) Shown() string {
	if u.DisplayName != "" {
		return u.DisplayName
	}
	return u.Name
}

const userColumns = `id, name, display_name, role, regions, disabled, must_change, stamp, password_hash, coalesce(identity, ''),
	totp_since, created_at, last_login_at`

// row is what QueryRow and Query give.
type row interface{ Scan(into ...any) error }

func scanUser(r row) (u User, hash string, err error) {
	var regions string
	var disabled, must, totp, created, login int64
	err = r.Scan(&u.ID, &u.Name, &u.DisplayName, &u.Role, &regions, &disabled, &must, &u.Stamp, &hash, &u.Identity, &totp, &created, &login)
	u.Regions = strings.Fields(regions)
	u.Disabled, u.MustChange, u.HasPassword = disabled != 0, must != 0, hash != ""
	u.TOTPSince, u.CreatedAt, u.LastLogin = database.Time(totp), database.Time(created), database.Time(login)
	return u, hash, err
}

// NewUser is what a user begins with.
type NewUser struct {
	Name        string
	DisplayName string
	Role        access.Role
	Regions     []string
	// Password is empty for people who log in by OpenID Connect only.
	Password   string
	MustChange bool
	Identity   string
}

func (n NewUser) check() error {
	if !userName.MatchString(n.Name) {
		return fmt.Errorf("user name %q: %w", n.Name, ErrUserName)
	}
	if n.Password == "" && n.Identity == "" {
		return fmt.Errorf("user %s has neither a password nor an identity", n.Name)
	}
	return checkRights(n.Role, n.Regions)
}

// checkRights refuses roles and regions that cannot be.
func checkRights(role access.Role, regions []string) error {
	if !role.Known() {
		return fmt.Errorf("role %q: allowed: %s", role, roleNames())
	}
	for _, region := range regions {
		if !regionCode.MatchString(region) {
			return fmt.Errorf("region %q: allowed: a code such as 61 or 61.08", region)
		}
	}
	return nil
}

func roleNames() string {
	names := make([]string, len(access.Roles))
	for i, role := range access.Roles {
		names[i] = string(role)
	}
	return strings.Join(names, ", ")
}

// Also is done in the transaction of a change, such as to write it into the
// audit log; it may be nil.
type Also func(tx *database.Tx) error

func (do Also) in(tx *database.Tx) error {
	if do == nil {
		return nil
	}
	return do(tx)
}

// Bootstrap creates the user BootstrapUser, an administrator, with a random
// password when there is no user at all. The password is returned this once and
// kept nowhere.
func (s *State) Bootstrap(ctx context.Context, also Also) (user, password string, created bool, err error) {
	password = RandomPassword()
	hash, err := s.hasher.hash(BootstrapUser, password)
	if err != nil {
		return "", "", false, fmt.Errorf("hash the first password: %w", err)
	}
	err = s.db.Write(ctx, func(tx *database.Tx) error {
		created = false
		var users int
		if err := tx.QueryRow(ctx, `SELECT count(*) FROM users`).Scan(&users); err != nil || users > 0 {
			return err
		}
		created = true
		_, err := s.insert(ctx, tx, NewUser{Name: BootstrapUser, Role: access.Administrator}, hash)
		return errors.Join(err, also.in(tx))
	})
	if err != nil {
		return "", "", false, fmt.Errorf("create the first user: %w", err)
	}
	if !created {
		return "", "", false, nil
	}
	return BootstrapUser, password, true, nil
}

// AddUser creates a user and returns its id.
func (s *State) AddUser(ctx context.Context, n NewUser, also Also) (id int64, err error) {
	if err := n.check(); err != nil {
		return 0, err
	}
	hash := ""
	if n.Password != "" {
		if hash, err = s.hasher.hash(n.Name, n.Password); err != nil {
			return 0, fmt.Errorf("add user %s: %w", n.Name, err)
		}
	}
	err = s.db.Write(ctx, func(tx *database.Tx) (err error) {
		if id, err = s.insert(ctx, tx, n, hash); err != nil {
			return err
		}
		return also.in(tx)
	})
	if database.IsUnique(err) {
		err = ErrUserExists
	}
	if err != nil {
		return 0, fmt.Errorf("add user %s: %w", n.Name, err)
	}
	return id, nil
}

func (s *State) insert(ctx context.Context, tx *database.Tx, n NewUser, hash string) (id int64, err error) {
	identity := sql.NullString{String: n.Identity, Valid: n.Identity != ""}
	err = tx.QueryRow(ctx, `INSERT INTO users (name, name_key, display_name, role, regions, password_hash, must_change, stamp, identity, created_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`,
		n.Name, strings.ToLower(n.Name), n.DisplayName, string(n.Role), strings.Join(n.Regions, " "), hash, bit(n.MustChange),
		rand.Text(), identity, database.Milliseconds(s.now())).Scan(&id)
	return id, err
}

// SetPassword gives a user a new password and ends the user's sessions. must
// says that the user has to choose another one at the next login.
func (s *State) SetPassword(ctx context.Context, name, password string, must bool, also Also) error {
	hash, err := s.hasher.hash(name, password)
	if err != nil {
		return fmt.Errorf("set the password of %s: %w", name, err)
	}
	err = s.db.Write(ctx, func(tx *database.Tx) error {
		result, err := tx.Exec(ctx, `UPDATE users SET password_hash = ?, must_change = ?, stamp = ? WHERE name_key = ?`,
			hash, bit(must), rand.Text(), strings.ToLower(name))
		if err := oneRow(result, err, ErrNoUser); err != nil {
			return err
		}
		return also.in(tx)
	})
	if err != nil {
		return fmt.Errorf("set the password of %s: %w", name, err)
	}
	return nil
}

// User returns the user with the id, or ErrNoUser.
func (s *State) User(ctx context.Context, id int64) (User, error) {
	return s.one(s.db.QueryRow(ctx, `SELECT `+userColumns+` FROM users WHERE id = ?`, id))
}

// UserNamed returns the user with the name, or ErrNoUser.
func (s *State) UserNamed(ctx context.Context, name string) (User, error) {
	return s.one(s.db.QueryRow(ctx, `SELECT `+userColumns+` FROM users WHERE name_key = ?`, strings.ToLower(name)))
}

// UserOf returns the user with the identity, or ErrNoUser.
func (s *State) UserOf(ctx context.Context, identity string) (User, error) {
	return s.one(s.db.QueryRow(ctx, `SELECT `+userColumns+` FROM users WHERE identity = ?`, identity))
}

func (s *State) one(r row) (User, error) {
	u, _, err := scanUser(r)
	if errors.Is(err, sql.ErrNoRows) {
		return User{}, ErrNoUser
	}
	if err != nil {
		return User{}, fmt.Errorf("read a user: %w", err)
	}
	return u, nil
}

// Users lists all users by name.
func (s *State) Users(ctx context.Context) ([]User, error) {
	rows, err := s.db.Query(ctx, `SELECT `+userColumns+` FROM users ORDER BY name_key`)
	if err != nil {
		return nil, fmt.Errorf("list the users: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var all []User
	for rows.Next() {
		u, _, err := scanUser(rows)
		if err != nil {
			return nil, fmt.Errorf("list the users: %w", err)
		}
		all = append(all, u)
	}
	return all, rows.Err()
}

// Login returns the user whose name and password these are, or ErrWrongLogin,
// or ErrDisabled. An unknown name takes as long as a wrong password.
func (s *State) Login(ctx context.Context, name, password string) (User, error) {
	u, hash, err := scanUser(s.db.QueryRow(ctx, `SELECT `+userColumns+` FROM users WHERE name_key = ?`, strings.ToLower(name)))
	if errors.Is(err, sql.ErrNoRows) || err == nil && hash == "" {
		if err := s.hasher.waste(); err != nil {
			return User{}, fmt.Errorf("log in: %w", err)
		}
		return User{}, ErrWrongLogin
	}
	if err != nil {
		return User{}, fmt.Errorf("read the user who logs in: %w", err)
	}
	ok, err := s.hasher.matches(password, hash)
	if err != nil {
		return User{}, fmt.Errorf("compare the password of %s: %w", u.Name, err)
	}
	switch {
	case !ok:
		return User{}, ErrWrongLogin
	case u.Disabled:
		return u, ErrDisabled
	}
	return u, nil
}

func oneRow(result sql.Result, err, none error) error {
	if err != nil {
		return err
	}
	n, err := result.RowsAffected()
	if err != nil {
		return err
	}
	if n == 0 {
		return none
	}
	return nil
}

// CheckRegions says which of the codes can be no region's.
func CheckRegions(codes []string) error { return checkRights(access.Analyst, codes) }
