package logs

import (
	"encoding/json"
	"strings"
)

// These walk over JSON text without decoding it. Text that is no JSON gets -1 or some
// offset within it, never a panic.

// SkipSpace returns the offset of what follows the white space of JSON at i.
func SkipSpace(s string, i int) int {
	for i < len(s) && (s[i] == ' ' || s[i] == '\n' || s[i] == '\t' || s[i] == '\r') {
		i++
	}
	return i
}

// StringEnd returns the offset after the string that begins at i, -1 if it never ends.
func StringEnd(s string, i int) int {
	for from := i + 1; from < len(s); {
		n := strings.IndexByte(s[from:], '"')
		if n < 0 {
			return -1
		}
		at, slashes := from+n, 0
		for at-slashes-1 > i && s[at-slashes-1] == '\\' {
			slashes++
		}
		if from = at + 1; slashes%2 == 0 {
			return from
		}
	}
	return -1
}

// ValueEnd returns the offset after the value that begins at i, -1 if it never ends.
func ValueEnd(s string, i int) int {
	nest := 0
	for i < len(s) {
		switch s[i] {
		case '"':
			if i = StringEnd(s, i); i < 0 {
				return -1
			}
		case '{', '[':
			nest++
			i++
			continue
		case '}', ']':
			nest--
			i++
		case ',', ':', ' ', '\n', '\t', '\r':
			if nest == 0 {
				return -1
			}
			i++
			continue
		default:
			for i < len(s) && strings.IndexByte(",:]} \n\t\r\"{[", s[i]) < 0 {
				i++
			}
		}
		if nest <= 0 {
			if nest < 0 {
				return -1
			}
			return i
		}
	}
	return -1
}

// Unquote returns the text of a quoted JSON string, without copying where it
// has no escapes.
func Unquote(quoted string) string {
	if strings.IndexByte(quoted, '\\') < 0 {
		return quoted[1 : len(quoted)-1]
	}
	var out string
	if json.Unmarshal([]byte(quoted), &out) != nil {
		return quoted[1 : len(quoted)-1]
	}
	return out
}
