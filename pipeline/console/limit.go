package console

import (
	"container/list"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

const (
	// mostLoginKeys bounds the limiter's memory; the key longest unused goes.
	mostLoginKeys = 20_000
	// perAddress is how many times the attempts for one user an address has for
	// all users together: many analysts share an office's address.
	perAddress = 10
	// perUser is how many times the attempts from one address a user has from all
	// addresses together, so that guessing from many does not help. Addresses
	// from which the user logged in before are not held up by it: others cannot
	// shut a person out.
	perUser = 4
	// mostHashing is how many passwords are compared at the same time.
	mostHashing = 2
)

// loginLimiter slows down guessing: attempts by user and address, and by
// address alone. It is kept in memory; a restart forgives.
type loginLimiter struct {
	config  LoginConfiguration
	now     func() time.Time
	hashing chan struct{}

	mu   sync.Mutex
	keys map[string]*list.Element
	used *list.List // of *loginKey, the latest used in front
}

type loginKey struct {
	key     string
	limiter *rate.Limiter
}

func newLoginLimiter(config LoginConfiguration, now func() time.Time) *loginLimiter {
	return &loginLimiter{
		config: config, now: now, hashing: make(chan struct{}, mostHashing),
		keys: map[string]*list.Element{}, used: list.New(),
	}
}

// wait counts an attempt and says how long to wait before it may be made; 0
// means now.
func (l *loginLimiter) wait(user, address string) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	limiters := []*rate.Limiter{
		l.limiter(address, l.config.Attempts*perAddress, l.config.Every/perAddress),
		l.limiter(userKey(user, address), l.config.Attempts, l.config.Every),
	}
	if _, known := l.keys[knownKey(user, address)]; !known {
		limiters = append(limiters, l.limiter(userKey(user, "*"), l.config.Attempts*perUser, l.config.Every))
	}
	return reserve(limiters, now)
}

// waitForCode is wait for a user's second factor, from wherever: who gets there
// has the password.
func (l *loginLimiter) waitForCode(user string) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	return reserve([]*rate.Limiter{l.limiter(userKey(user, "code"), l.config.Attempts, l.config.Every)}, l.now())
}

// codeSucceeded forgets the user's wrong codes.
func (l *loginLimiter) codeSucceeded(user string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.forget(userKey(user, "code"))
}

func reserve(limiters []*rate.Limiter, now time.Time) time.Duration {
	for _, limiter := range limiters {
		reservation := limiter.ReserveN(now, 1)
		if delay := reservation.DelayFrom(now); delay > 0 {
			reservation.CancelAt(now)
			return delay
		}
	}
	return 0
}

// succeeded forgets the user's wrong attempts from that address.
func (l *loginLimiter) succeeded(user, address string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.forget(userKey(user, address))
	l.limiter(knownKey(user, address), 0, l.config.Every) // only remembered
}

func (l *loginLimiter) forget(key string) {
	if element, ok := l.keys[key]; ok {
		l.used.Remove(element)
		delete(l.keys, key)
	}
}

func (l *loginLimiter) limiter(key string, burst int, every time.Duration) *rate.Limiter {
	if element, ok := l.keys[key]; ok {
		l.used.MoveToFront(element)
		return element.Value.(*loginKey).limiter //nolint:forcetypeassert // the list holds nothing else
	}
	if l.used.Len() >= mostLoginKeys {
		oldest := l.used.Back()
		delete(l.keys, oldest.Value.(*loginKey).key) //nolint:forcetypeassert // as above
		l.used.Remove(oldest)
	}
	limiter := rate.NewLimiter(rate.Every(every), burst)
	l.keys[key] = l.used.PushFront(&loginKey{key: key, limiter: limiter})
	return limiter
}

// userKey joins user and address; names are compared without case, as SQLite
// finds them, and a long one is not kept whole.
func userKey(user, address string) string {
	user = strings.ToLower(user)
	return address + " " + user[:min(len(user), 64)]
}

// knownKey stands for an address from which a user has logged in.
func knownKey(user, address string) string { return "known " + userKey(user, address) }

// clientAddresses tells who asks, behind proxies that are trusted.
type clientAddresses struct{ trusted []netip.Prefix }

// of returns the address of the client: the nearest one that is no trusted
// proxy. Of an IPv6 address it returns the /64, which is one household's.
func (c clientAddresses) of(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0 && c.trusts(host); i-- {
		hop, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			break
		}
		host = hop.String()
	}
	address, err := netip.ParseAddr(host)
	if err != nil {
		return host
	}
	address = address.Unmap()
	if address.Is6() {
		if prefix, err := address.WithZone("").Prefix(64); err == nil {
			return prefix.String()
		}
	}
	return address.String()
}

func (c clientAddresses) trusts(host string) bool {
	address, err := netip.ParseAddr(host)
	if err != nil {
		return false
	}
	for _, prefix := range c.trusted {
		if prefix.Contains(address.Unmap()) {
			return true
		}
	}
	return false
}
