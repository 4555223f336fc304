package queue

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"

	"github.com/segmentio/kafka-go"
)

// LoginRefused says that the broker refused the user or the password, or that its
// certificate is not one that we trust: waiting does not mend that.
func LoginRefused(err error) bool {
	var certificate *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	return userRefused(err) || errors.As(err, &certificate) || errors.As(err, &record)
}

func userRefused(err error) bool {
	for _, refused := range []kafka.Error{
		kafka.SASLAuthenticationFailed, kafka.UnsupportedSASLMechanism, kafka.IllegalSASLState,
	} {
		if errors.Is(err, refused) {
			return true
		}
	}
	return false
}

// explained says which key to look at where a connection fails for a reason that
// the configuration may hold.
func explained(err error) error {
	var certificate *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	switch {
	case errors.Is(err, kafka.UnsupportedSASLMechanism):
		return fmt.Errorf("%w (key kafka.sasl.mechanism)", err)
	case userRefused(err):
		return fmt.Errorf("%w (keys kafka.sasl.username and kafka.sasl.password)", err)
	case errors.As(err, &certificate):
		return fmt.Errorf("%w (keys kafka.tls.ca_file and kafka.tls.server_name)", err)
	case errors.As(err, &record):
		return fmt.Errorf("%w (the broker does not speak TLS there: key kafka.tls.enabled)", err)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Errorf("%w (it closed the connection: key kafka.tls.enabled must be as its listener is)", err)
	}
	return err
}
