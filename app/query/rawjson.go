package query

import (
	"strconv"
	"strings"

	"github.com/logpane/logpane/app/logs"
)

// maxJSONDepth bounds how deep a path is followed, JSON inside strings included.
const maxJSONDepth = 32

// The functions here read JSON in place: a path must be found in every row of a
// scan, and decoding a whole entry for that costs a hundred times as much. They
// take the text as it is; broken JSON yields what stands before the break.

// matchRaw reports whether a value under path in a JSON text passes the test. A
// path is normalised names with dots between them; names in the JSON may hold dots
// themselves. Arrays are passed through, one number picks an element, and JSON in
// a string is followed.
func (t *term) matchRaw(s, path string, depth int) bool {
	i := logs.SkipSpace(s, 0)
	if i >= len(s) || depth == 0 {
		return false
	}
	if path == "" {
		return t.matchLeaf(s[i:], depth)
	}
	switch s[i] {
	case '{':
		for i = logs.SkipSpace(s, i+1); i < len(s) && s[i] == '"'; {
			end := logs.StringEnd(s, i)
			if end < 0 {
				return false
			}
			rest, under := cutKey(path, s[i:end])
			if i = logs.SkipSpace(s, end); i >= len(s) || s[i] != ':' {
				return false
			}
			i = logs.SkipSpace(s, i+1)
			if under && t.matchRaw(s[i:], rest, depth-1) {
				return true
			}
			if i = logs.ValueEnd(s, i); i < 0 {
				return false
			}
			if i = logs.SkipSpace(s, i); i >= len(s) || s[i] != ',' {
				return false
			}
			i = logs.SkipSpace(s, i+1)
		}
	case '[':
		first, rest, _ := strings.Cut(path, ".")
		pick, err := strconv.Atoi(first)
		if err != nil || pick < 0 {
			pick = -1
		}
		for n, at := 0, logs.SkipSpace(s, i+1); at < len(s) && s[at] != ']'; n++ {
			if pick < 0 && t.matchRaw(s[at:], path, depth-1) || n == pick && t.matchRaw(s[at:], rest, depth-1) {
				return true
			}
			if at = nextElement(s, at); at < 0 {
				return false
			}
		}
	case '"':
		end := logs.StringEnd(s, i)
		if end < 0 {
			return false
		}
		inner := logs.Unquote(s[i:end])
		if j := logs.SkipSpace(inner, 0); j < len(inner) && (inner[j] == '{' || inner[j] == '[') {
			return t.matchRaw(inner, path, depth-1)
		}
	}
	return false
}

// matchLeaf tests the value that s begins with; of an array, each element.
func (t *term) matchLeaf(s string, depth int) bool {
	if s[0] == '[' {
		for at := logs.SkipSpace(s, 1); at >= 0 && at < len(s) && s[at] != ']'; at = nextElement(s, at) {
			if t.matchRaw(s[at:], "", depth-1) {
				return true
			}
		}
		return false
	}
	end := logs.ValueEnd(s, 0)
	if end <= 0 {
		return false
	}
	v := value{text: s[:end]}
	switch s[0] {
	case 'n':
		return false
	case '"':
		v.text = logs.Unquote(v.text)
		return (v.text != "" || t.op != OpExists) && t.test(&v)
	case '{':
		if inner := logs.SkipSpace(s, 1); t.op == OpExists && inner < len(s) && s[inner] == '}' {
			return false
		}
	}
	return t.test(&v)
}

// nextElement returns where the element after the one at i begins, or the end of
// the array; -1 for broken JSON.
func nextElement(s string, i int) int {
	if i = logs.ValueEnd(s, i); i < 0 {
		return -1
	}
	i = logs.SkipSpace(s, i)
	if i < len(s) && s[i] == ',' {
		return logs.SkipSpace(s, i+1)
	}
	if i < len(s) && s[i] == ']' {
		return i
	}
	return -1
}

// cutKey cuts a quoted name of the JSON, as a path writes it, from the front of a
// path, and reports whether it stood there.
func cutKey(path, quoted string) (rest string, ok bool) {
	p := 0
	for i := 1; i < len(quoted)-1; i++ {
		c := quoted[i]
		if c == '\\' || c >= 0x80 {
			key := normal(logs.Unquote(quoted))
			if key == "" || !strings.HasPrefix(path, key) {
				return "", false
			}
			return afterKey(path, len(key))
		}
		if c == '_' {
			continue
		}
		if p >= len(path) || foldByte(c) != path[p] {
			return "", false
		}
		p++
	}
	if p == 0 {
		return "", false
	}
	return afterKey(path, p)
}

func afterKey(path string, n int) (string, bool) {
	if n == len(path) {
		return "", true
	}
	if path[n] == '.' {
		return path[n+1:], true
	}
	return "", false
}

// inRaw looks for the condition in the values of a JSON text. Names of members do
// not count: every delivery has an "error_detail", also one without an error. A
// condition with a quotation mark is about the JSON itself, and finds it as it is
// written.
func (t *term) inRaw(raw string) bool {
	if t.inText(raw) {
		return strings.IndexByte(t.text, '"') >= 0 || t.inJSONValues(raw)
	}
	// Escapes may hide it.
	return t.op == OpHas && t.needle.quoted && t.needle.maybe(raw) && strings.IndexByte(raw, '\\') >= 0 && t.inJSONValues(raw)
}

// inJSONValues looks for the condition in the strings of a JSON text, decoded,
// that are values, and in what stands between strings: numbers, true, false, null.
// What is no JSON is looked through as text.
func (t *term) inJSONValues(s string) bool {
	for {
		i := strings.IndexByte(s, '"')
		if i < 0 {
			return t.inText(s)
		}
		if i > 0 && t.inText(s[:i]) {
			return true
		}
		end := logs.StringEnd(s, i)
		if end < 0 {
			return t.inText(s[i:])
		}
		if next := strings.TrimLeft(s[end:], " \t\r\n"); !strings.HasPrefix(next, ":") && t.inText(logs.Unquote(s[i:end])) {
			return true
		}
		s = s[end:]
	}
}
