package console

import (
	"crypto/sha256"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"time"

	"golang.org/x/time/rate"
)

// APIConfiguration bounds what programs ask.
type APIConfiguration struct {
	// Requests is how many requests a second one token may make for a long time,
	// and Burst how many at once.
	Requests float64 `yaml:"requests"`
	Burst    int     `yaml:"burst"`
}

func defaultAPI() APIConfiguration { return APIConfiguration{Requests: 20, Burst: 100} }

func (a APIConfiguration) check(wrong func(key string, value any, allowed string)) {
	if !(a.Requests > 0) || math.IsInf(a.Requests, 0) {
		wrong("api.requests", a.Requests, "a number above 0, such as 20")
	}
	if a.Burst < 1 {
		wrong("api.burst", a.Burst, "1 or more")
	}
}

// waitForToken counts a request with a token and says how long to wait before it
// may be made; 0 means now. Only tokens that are valid are counted.
func (l *loginLimiter) waitForToken(token string, limits APIConfiguration) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	every := time.Duration(float64(time.Second) / limits.Requests)
	return reserve([]*rate.Limiter{l.limiter("token "+hashed(token), limits.Burst, every)}, l.now())
}

// hashed keeps a token out of memory that lives longer than its request.
func hashed(token string) string {
	sum := sha256.Sum256([]byte(token))
	return string(sum[:])
}

// tooMany tells a program when to come back.
func tooMany(w http.ResponseWriter, wait time.Duration, limits APIConfiguration) error {
	seconds := int(math.Ceil(wait.Seconds()))
	w.Header().Set("Retry-After", strconv.Itoa(seconds))
	return failure{status: http.StatusTooManyRequests, fields: []fieldProblem{{
		Field: "Authorization", Allowed: fmt.Sprintf("%g requests a second, %d at once; again in %d s", limits.Requests, limits.Burst, seconds),
	}}}
}
