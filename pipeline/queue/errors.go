package queue

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"syscall"

	"github.com/segmentio/kafka-go"
)

// ErrFenced says that the group has moved on: another worker may own the
// partition, so the batch must not be handled here.
var ErrFenced = errors.New("the partition may belong to another worker now")

// ErrTooLarge says that a record is larger than the topics take.
var ErrTooLarge = errors.New("record too large")

// SendError says which records of a Send were not acknowledged. A record that
// failed by a time-out may be in the log all the same.
type SendError struct {
	// Failed holds one error for each record that failed, by its index.
	Failed map[int]error
	// Records is how many were to be sent.
	Records int
}

func (e *SendError) Error() string {
	for _, index := range sortedKeys(e.Failed) {
		return fmt.Sprintf("%d of %d records not acknowledged; record %d: %v", len(e.Failed), e.Records, index, e.Failed[index])
	}
	return "no record failed"
}

// Unwrap gives the causes to errors.Is and errors.As.
func (e *SendError) Unwrap() []error {
	causes := make([]error, 0, len(e.Failed))
	for _, index := range sortedKeys(e.Failed) {
		causes = append(causes, e.Failed[index])
	}
	return causes
}

func isFenced(err error) bool {
	for _, fenced := range []kafka.Error{
		kafka.IllegalGeneration, kafka.UnknownMemberId, kafka.RebalanceInProgress, kafka.FencedInstanceID,
	} {
		if errors.Is(err, fenced) {
			return true
		}
	}
	return false
}

// isRefused says that the broker will refuse the same record again.
func isRefused(err error) bool {
	for _, refused := range []kafka.Error{
		kafka.MessageSizeTooLarge, kafka.RecordListTooLarge, kafka.InvalidRecord, kafka.InvalidTopic,
		kafka.TopicAuthorizationFailed, kafka.ClusterAuthorizationFailed, kafka.InvalidTimestamp, kafka.PolicyViolation,
	} {
		if errors.Is(err, refused) {
			return true
		}
	}
	return errors.Is(err, ErrTooLarge)
}

// kindOf sorts an error for the metrics.
func kindOf(err error) string {
	var broker kafka.Error
	var network *net.OpError
	switch {
	case errors.Is(err, ErrFenced) || isFenced(err):
		return "fenced"
	case errors.Is(err, ErrTooLarge) || errors.Is(err, kafka.MessageSizeTooLarge):
		return "too_large"
	case errors.As(err, &broker):
		return "broker"
	case errors.Is(err, context.DeadlineExceeded):
		return "timeout"
	case errors.As(err, &network), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF),
		errors.Is(err, syscall.ECONNREFUSED), errors.Is(err, syscall.ECONNRESET):
		return "network"
	case errors.Is(err, context.Canceled):
		return "cancelled"
	}
	return "other"
}
