package dom

import "unicode/utf8"

// A browser counts the characters of a field in UTF-16 units, Go in bytes.

// bytesAt returns the offset in bytes of the unit-th UTF-16 unit of s, the end
// where there are fewer.
func bytesAt(s string, unit int) int {
	for i, r := range s {
		if unit <= 0 {
			return i
		}
		unit--
		if r > 0xffff {
			unit--
		}
	}
	return len(s)
}

// unitsAt returns how many UTF-16 units stand before an offset in bytes.
func unitsAt(s string, offset int) int {
	n := 0
	for _, r := range s[:min(max(offset, 0), len(s))] {
		n++
		if r > 0xffff && r <= utf8.MaxRune {
			n++
		}
	}
	return n
}
