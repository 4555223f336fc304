package blobs

import (
	"bytes"
	"encoding/binary"
)

// Unknown is the type of a file that is none of Types.
const Unknown = "application/octet-stream"

// Types are the types of files that are known by how they begin. What a browser
// runs (HTML, SVG, scripts) is not among them.
var Types = []string{
	"image/jpeg", "image/png", "image/webp", "image/gif", "video/mp4", "video/webm", "application/pdf",
}

// headBytes is how much of a file is looked at to tell its type.
const headBytes = 4096

// sniff tells the type of a file from its first bytes alone: neither its name nor
// what its sender says of it counts.
func sniff(head []byte) string {
	switch {
	case bytes.HasPrefix(head, []byte("\xff\xd8\xff")):
		return "image/jpeg"
	case bytes.HasPrefix(head, []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR")):
		return "image/png"
	case len(head) >= 16 && string(head[:4]) == "RIFF" && string(head[8:15]) == "WEBPVP8":
		return "image/webp"
	case bytes.HasPrefix(head, []byte("GIF87a")) || bytes.HasPrefix(head, []byte("GIF89a")):
		return "image/gif"
	case isMP4(head):
		return "video/mp4"
	case isWebM(head):
		return "video/webm"
	case bytes.HasPrefix(head, []byte("%PDF-")):
		return "application/pdf"
	}
	return Unknown
}

// brands are those of MP4 files (ISO/IEC 14496-12, the registry at mp4ra.org) that
// recorders of screens and phones write; "qt  ", of QuickTime, is what iPhones
// write into files that browsers play as MP4.
var brands = map[string]bool{
	"isom": true, "iso2": true, "iso4": true, "iso5": true, "iso6": true, "mp41": true, "mp42": true, "avc1": true, "M4V ": true,
	"dash": true, "MSNV": true, "3gp4": true, "3gp5": true, "3gp6": true, "qt  ": true,
}

// isMP4 looks for a box ftyp with a known brand.
func isMP4(head []byte) bool {
	if len(head) < 16 || string(head[4:8]) != "ftyp" {
		return false
	}
	size := binary.BigEndian.Uint32(head)
	if size < 16 || size%4 != 0 || size > headBytes {
		return false
	}
	if brands[string(head[8:12])] {
		return true
	}
	for at := 16; at+4 <= min(int(size), len(head)); at += 4 {
		if brands[string(head[at:at+4])] {
			return true
		}
	}
	return false
}

// isWebM looks for the header of EBML (RFC 8794) with the document type webm:
// other Matroska files are not taken.
func isWebM(head []byte) bool {
	return bytes.HasPrefix(head, []byte("\x1a\x45\xdf\xa3")) && bytes.Contains(head[:min(len(head), 64)], []byte("\x42\x82\x84webm"))
}
