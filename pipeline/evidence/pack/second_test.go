package pack_test

import (
	"testing"

	"github.com/netra-id/netra/pipeline/database/databasetest"
)

func TestTheSecondVerifierAgreesThatAPackHolds(t *testing.T) {
	for _, stamped := range []bool{true, false} {
		o := filled(t, databasetest.SQLite(t), stamped)
		data := o.write()
		for _, withRoot := range []bool{true, false} {
			if out, ok := newPython(t, o, withRoot).verify(data); !ok {
				t.Errorf("stamped %t, with the root %t: %s", stamped, withRoot, out)
			}
		}
	}
}
