package x

import (
	"encoding/json"

	"github.com/netra-id/netra/pipeline/collect"
)

// ItemsOf is for the fuzz test.
func ItemsOf(owner collect.Account, body json.RawMessage) ([]collect.Item, error) {
	t := &timeline{}
	if err := json.Unmarshal(body, t); err != nil {
		return nil, err
	}
	t.index()
	var items []collect.Item
	for _, raw := range t.Data {
		items = append(items, t.itemOf(owner, raw))
	}
	return items, nil
}
