package instagram

import (
	"encoding/json"

	"github.com/netra-id/netra/pipeline/collect"
)

// ItemOf is for the fuzz test.
func ItemOf(owner collect.Account, raw json.RawMessage) collect.Item {
	return itemOf(owner, &profile{Username: "budi"}, raw)
}
