package state

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"
)

// The keys of a session's values that its row shows, too.
const (
	SessionUser    = "user"
	SessionAddress = "address"
	SessionAgent   = "agent"
)

// Codec writes a session's texts and whole numbers as JSON for
// scs.SessionManager: always the same bytes for the same values, so that a
// session that did not change is not written again.
type Codec struct{}

type sessionData struct {
	Deadline int64          `json:"deadline"`
	Values   map[string]any `json:"values"`
}

// Encode writes a session.
func (Codec) Encode(deadline time.Time, values map[string]any) ([]byte, error) {
	for key, value := range values {
		switch value.(type) {
		case string, int64, bool:
		default:
			return nil, fmt.Errorf("session value %s is a %T: allowed: string, int64, bool", key, value)
		}
	}
	return json.Marshal(sessionData{Deadline: deadline.UnixMilli(), Values: values})
}

// Decode reads what Encode wrote.
func (Codec) Decode(data []byte) (time.Time, map[string]any, error) {
	var s sessionData
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	if err := decoder.Decode(&s); err != nil {
		return time.Time{}, nil, fmt.Errorf("read a session: %w", err)
	}
	for key, value := range s.Values {
		number, ok := value.(json.Number)
		if !ok {
			continue
		}
		n, err := number.Int64()
		if err != nil {
			return time.Time{}, nil, fmt.Errorf("read a session's %s: %w", key, err)
		}
		s.Values[key] = n
	}
	if s.Values == nil {
		s.Values = map[string]any{}
	}
	return time.UnixMilli(s.Deadline), s.Values, nil
}
