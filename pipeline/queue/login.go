package queue

import (
	"errors"

	"github.com/segmentio/kafka-go"
)

// LoginRefused says that the broker refused the user or the password: waiting
// does not mend that.
func LoginRefused(err error) bool {
	for _, refused := range []kafka.Error{
		kafka.SASLAuthenticationFailed, kafka.UnsupportedSASLMechanism, kafka.IllegalSASLState,
	} {
		if errors.Is(err, refused) {
			return true
		}
	}
	return false
}
