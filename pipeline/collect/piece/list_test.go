package piece_test

import (
	"encoding/json"
	"testing"

	"github.com/netra-id/netra/pipeline/collect/piece"
)

func TestAListThatIsEmptyIsThere(t *testing.T) {
	for text, want := range map[string]struct {
		there bool
		items int
		err   bool
	}{
		`{}`: {}, `{"data":null}`: {there: true}, `{"data":[]}`: {there: true}, `{"data":[1,{}]}`: {there: true, items: 2}, `{"data":{}}`: {err: true}, `null`: {},
	} {
		var answer struct {
			Data piece.List `json:"data"`
		}
		err := json.Unmarshal([]byte(text), &answer)
		if (err != nil) != want.err || (answer.Data != nil) != want.there || len(answer.Data) != want.items {
			t.Errorf("%s: %v, %v", text, answer.Data, err)
		}
	}
}
