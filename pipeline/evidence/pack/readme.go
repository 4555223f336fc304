package pack

import (
	"bytes"
	_ "embed"
	"fmt"
)

//go:embed BACA-SAYA.txt
var readmeText []byte

// readme is what a person who opens the pack reads first.
func readme(c *Contents) []byte {
	var out bytes.Buffer
	out.Write(readmeText)
	fmt.Fprintf(&out, "\nPos dalam berkas ini:\n")
	for _, post := range c.Posts {
		fmt.Fprintf(&out, "- %s\n", post)
	}
	return out.Bytes()
}
