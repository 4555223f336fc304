package collect

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"time"
	_ "time/tzdata" // machines without a time zone database know when a quota's day begins, too

	"github.com/netra-id/netra/pipeline/post"
)

// Quota is how many units a platform gives in a window of time.
type Quota struct {
	// Units are spent by requests, most of which cost one; 0 is no quota.
	Units int `yaml:"units"`
	// Per is the length of a window. Windows of a day begin at midnight in
	// TimeZone, others at multiples of their length since 1970.
	Per time.Duration `yaml:"per"`
	// TimeZone is where a day begins: for YouTube America/Los_Angeles.
	TimeZone string `yaml:"time_zone"`
}

// WithDefaults fills in what is not set.
func (q Quota) WithDefaults() Quota {
	if q.Per == 0 {
		q.Per = 24 * time.Hour
	}
	if q.TimeZone == "" {
		q.TimeZone = "UTC"
	}
	return q
}

// Validate checks the values; key is the path of the quota in its file.
func (q Quota) Validate(key string) error {
	q = q.WithDefaults()
	if q.Units < 0 {
		return &post.FieldError{Key: key + ".units", Value: strconv.Itoa(q.Units), Allowed: "a number of units, 0 for no quota"}
	}
	if _, err := time.LoadLocation(q.TimeZone); err != nil {
		return &post.FieldError{Key: key + ".time_zone", Value: strconv.Quote(q.TimeZone), Allowed: "a time zone such as America/Los_Angeles"}
	}
	return AtLeast(key+".per", q.Per, time.Minute)
}

// window returns the window that the time is in; location is that of TimeZone.
func (q Quota) window(now time.Time, location *time.Location) (start, end time.Time) {
	if q.Per != 24*time.Hour {
		start = now.Truncate(q.Per)
		return start, start.Add(q.Per)
	}
	y, m, d := now.In(location).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, location), time.Date(y, m, d+1, 0, 0, 0, 0, location)
}

// perSecond is what the quota allows in the long run.
func (q Quota) perSecond() float64 { return float64(q.Units) / q.Per.Seconds() }

// quotaHead is the part of a window's units that may be spent ahead of an even
// pace: what is left in the evening should be as much as in the morning.
const quotaHead = 0.05

// meter counts what is spent of a source's quota, over restarts, and also where
// several processes collect from one platform with one state file: units are
// taken from the file in blocks, before they are spent, so that a crash can lose
// the rest of a block but never spend more than there is.
type meter struct {
	quota  Quota
	source string
	state  *State
	day    *time.Location

	mu    sync.Mutex
	start time.Time // of the window that the counts below are of
	used  int       // of the window, by everybody, with our block
	held  int       // of our block, not spent yet
}

func newMeter(quota Quota, source string, state *State) *meter {
	day, err := time.LoadLocation(quota.TimeZone)
	if err != nil {
		day = time.UTC // the configuration has been checked
	}
	return &meter{quota: quota, source: source, state: state, day: day}
}

// spend takes units from the quota and returns 0, or returns how long to wait
// until it may be tried again: with an even pace over the window, so that the
// last hours of a day are not blind.
func (m *meter) spend(ctx context.Context, units int, now time.Time) (time.Duration, error) {
	if m == nil || m.quota.Units == 0 {
		return 0, nil
	}
	if units > m.quota.Units {
		return 0, Errorf(KindRefused, "a request costs %d units, and the quota has %d", units, m.quota.Units)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	start, end := m.quota.window(now, m.day)
	if !m.start.Equal(start) {
		m.start, m.used, m.held = start, 0, 0
	}
	if m.held < units {
		if err := m.reserve(ctx, units); err != nil {
			return 0, err
		}
	}
	if m.held < units {
		return end.Sub(now), nil
	}
	if wait := m.pace(units, now, end); wait > 0 {
		return wait, nil
	}
	m.held -= units
	return 0, nil
}

// pace is how long to wait until so many units more are within the even pace.
func (m *meter) pace(units int, now, end time.Time) time.Duration {
	spent := float64(m.used - m.held + units)
	head := max(quotaHead*float64(m.quota.Units), 1)
	// Paced evenly, spent units are allowed at this part of the window.
	part := (spent - head) / (float64(m.quota.Units) - head)
	if head >= float64(m.quota.Units) || part <= 0 {
		return 0
	}
	at := m.start.Add(time.Duration(min(part, 1) * float64(end.Sub(m.start))))
	return max(at.Sub(now), 0)
}

// reserve takes a block from the state file, or what is needed where there is no
// whole block any more.
func (m *meter) reserve(ctx context.Context, units int) error {
	block := max(m.quota.Units/200, units-m.held)
	for _, n := range []int{block, units - m.held} {
		used, ok, err := m.state.takeQuota(ctx, m.source, m.start, n, m.quota.Units)
		if err != nil {
			return &Error{Kind: KindDelivery, Err: err}
		}
		m.used = used
		if ok {
			m.held += n
			return nil
		}
	}
	return nil
}

// giveBack returns the rest of the block at a stop.
func (m *meter) giveBack(ctx context.Context) error {
	if m == nil || m.quota.Units == 0 {
		return nil
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.held == 0 {
		return nil
	}
	_, _, err := m.state.takeQuota(ctx, m.source, m.start, -m.held, m.quota.Units)
	m.used, m.held = m.used-m.held, 0
	return err
}

// left is what the window still has, as far as is known here.
func (m *meter) left() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.quota.Units - m.used + m.held
}

// takeQuota adds units to what is used in the window, unless that would be more
// than the most, and returns what is used now.
func (s *State) takeQuota(ctx context.Context, source string, window time.Time, units, most int) (used int, ok bool, err error) {
	err = s.db.QueryRowContext(ctx, `INSERT INTO quota (source, began, used) VALUES (?1, ?2, 0)
		ON CONFLICT (source) DO UPDATE SET
			used = CASE WHEN began = excluded.began THEN used ELSE 0 END, began = excluded.began
		RETURNING used`, source, window.UnixMilli()).Scan(&used)
	if err == nil && used+units <= most {
		err = s.db.QueryRowContext(ctx, `UPDATE quota SET used = max(used + ?3, 0)
			WHERE source = ?1 AND began = ?2 AND used + ?3 <= ?4 RETURNING used`, source, window.UnixMilli(), units, most).Scan(&used)
		ok = err == nil
		if errors.Is(err, sql.ErrNoRows) {
			err = nil // another process was faster
		}
	}
	if err != nil {
		return used, false, fmt.Errorf("count the quota of %s: %w", source, err)
	}
	return used, ok, nil
}
