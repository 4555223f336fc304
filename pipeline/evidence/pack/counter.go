package pack

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"hash"
	"io"
)

// counter measures what is written through it.
type counter struct {
	to   io.Writer
	sum  hash.Hash
	size int64
}

func (c *counter) Write(p []byte) (int, error) {
	if c.sum == nil {
		c.sum = sha256.New()
	}
	n, err := c.to.Write(p)
	c.sum.Write(p[:n])
	c.size += int64(n)
	return n, err
}

// custodyOf writes the custody record, an entry a line.
func custodyOf(entries []Custody) ([]byte, error) {
	out := []byte("[")
	for i, e := range entries {
		line, err := json.Marshal(e)
		if err != nil {
			return nil, fmt.Errorf("write the custody record: %w", err)
		}
		if i > 0 {
			out = append(out, ',')
		}
		out = append(append(out, '\n'), line...)
	}
	return append(out, "\n]\n"...), nil
}
