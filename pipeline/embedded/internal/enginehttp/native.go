package enginehttp

import (
	"encoding/binary"
	"strconv"
)

// column is the name and the type of a column.
type column struct{ name, kind string }

// nativeHeader is a block of the Native format with no rows, which tells the
// columns of an empty result.
func nativeHeader(columns []column) []byte {
	block := binary.AppendUvarint(nil, uint64(len(columns)))
	block = binary.AppendUvarint(block, 0)
	for _, c := range columns {
		block = appendString(block, c.name)
		block = appendString(block, c.kind)
	}
	return block
}

// Protocol revisions from which a Native block has more in it.
const (
	revisionBlockInfo           = 1
	revisionCustomSerialization = 54454
)

// hello is the answer to the driver's first question, at the revision at which
// the driver reads it.
type hello struct {
	name, version, timezone string
}

// helloStatement is what clickhouse-go asks when it connects.
const helloStatement = "SELECT displayName(), version(), revision(), timezone()"

// block answers revision 0, so that the driver reads all that follows as the
// plain Native format that the engine writes.
func (h hello) block(revision string) []byte {
	number, err := strconv.ParseUint(revision, 10, 64)
	if err != nil {
		number = 0
	}
	var block []byte
	if number >= revisionBlockInfo {
		block = append(block, 1, 0, 2, 0xff, 0xff, 0xff, 0xff, 0)
	}
	block = append(block, 4, 1)
	add := func(name, kind string, value []byte) {
		block = appendString(block, name)
		block = appendString(block, kind)
		if number >= revisionCustomSerialization {
			block = append(block, 0)
		}
		block = append(block, value...)
	}
	add("displayName()", "String", appendString(nil, h.name))
	add("version()", "String", appendString(nil, h.version))
	add("revision()", "UInt32", make([]byte, 4))
	add("timezone()", "String", appendString(nil, h.timezone))
	return block
}

func appendString(block []byte, s string) []byte {
	return append(binary.AppendUvarint(block, uint64(len(s))), s...)
}
