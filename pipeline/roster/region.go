package roster

import "strings"

// Contains says whether the region with code inner is outer or lies in it:
// "61" contains "61.08", and "61.08" contains "61.08.05".
func Contains(outer, inner string) bool {
	return inner == outer || strings.HasPrefix(inner, outer) && inner[len(outer)] == '.'
}
