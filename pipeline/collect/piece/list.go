package piece

import "encoding/json"

// List is a list in an answer. It is nil only where the answer does not have it:
// null, as some servers write an empty list, is an empty one.
type List []json.RawMessage

// UnmarshalJSON reads the list.
func (l *List) UnmarshalJSON(data []byte) error {
	items := []json.RawMessage{}
	if err := json.Unmarshal(data, &items); err != nil {
		return err
	}
	if items == nil {
		items = []json.RawMessage{}
	}
	*l = items
	return nil
}
