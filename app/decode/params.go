package decode

import (
	"strings"
	"unicode/utf8"
)

// Params are the parts of a query string, with what stands before it.
type Params struct {
	Base  string // "/1/indexes/products/query", "" for a bare query string
	Pairs []Pair // in the order of the text, equal names included
	More  bool   // there are more than MaxPairs
}

// QueryString reads name=value pairs with & between them, alone or behind a path
// or an address. It returns false for text that only happens to hold an equals
// sign: a single pair counts only where something in it is escaped.
func QueryString(s string) (Params, bool) {
	s = strings.TrimSpace(s)
	if len(s) > MaxBytes || strings.ContainsAny(s, " \n\t\r\"<>{}") {
		return Params{}, false
	}
	var p Params
	if base, query, ok := strings.Cut(s, "?"); ok && (base == "" || base[0] == '/' || strings.Contains(base, "://")) {
		p.Base, s = base, query
	} else if strings.HasPrefix(s, "/") || strings.Contains(s, "://") {
		return Params{}, false
	}
	p.Pairs, p.More = Query(s)
	named := 0
	for _, pair := range p.Pairs {
		if !isName(pair.Name) {
			return Params{}, false
		}
		if pair.Value != "" {
			named++
		}
	}
	if !strings.Contains(s, "=") || named == 0 || p.Base == "" && len(p.Pairs) < 2 && !strings.Contains(s, "%") {
		return Params{}, false
	}
	return p, true
}

// Query reads a text that is known to be a query string. more says that there are
// more than MaxPairs.
func Query(s string) (pairs []Pair, more bool) {
	for s != "" {
		var part string
		part, s, _ = strings.Cut(s, "&")
		if part == "" {
			continue
		}
		if len(pairs) == MaxPairs {
			return pairs, true
		}
		name, value, _ := strings.Cut(part, "=")
		n, ok := unescapeURL(name)
		v, good := unescapeURL(value)
		pair := Pair{Name: n, Value: v}
		if !ok || !good {
			pair = Pair{Name: name, Value: value, Broken: true}
		}
		pairs = append(pairs, pair)
	}
	return pairs, false
}

// isName reports whether a text can be a parameter's name.
func isName(s string) bool {
	for i := range len(s) {
		c := s[i]
		if !isWord(c) && strings.IndexByte(".[]%:$~", c) < 0 {
			return false
		}
	}
	return s != ""
}

func isWord(c byte) bool {
	return 'a' <= c|0x20 && c|0x20 <= 'z' || '0' <= c && c <= '9' || c == '_' || c == '-'
}

// unescapeURL decodes %XX and +. It returns false, and nothing, where an escape is
// broken or what comes out is no text.
func unescapeURL(s string) (string, bool) {
	if strings.IndexByte(s, '%') < 0 {
		return strings.ReplaceAll(s, "+", " "), true
	}
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		switch c := s[i]; c {
		case '+':
			b = append(b, ' ')
		case '%':
			if i+2 >= len(s) {
				return "", false
			}
			hi, lo := nibble(s[i+1]), nibble(s[i+2])
			if hi > 15 || lo > 15 {
				return "", false
			}
			b = append(b, hi<<4|lo)
			i += 2
		default:
			b = append(b, c)
		}
	}
	return string(b), utf8.Valid(b)
}

func nibble(c byte) byte {
	switch {
	case '0' <= c && c <= '9':
		return c - '0'
	case 'a' <= c|0x20 && c|0x20 <= 'f':
		return c | 0x20 - 'a' + 10
	}
	return 16
}

// Headers reads "name: value" lines, as Algolia keeps a call's headers, or a JSON
// object of strings. A first line that is a request or a status has no name. It
// returns false unless at least two lines are headers and none is anything else;
// the last may have been cut off.
func Headers(s string) ([]Pair, bool) {
	if d, ok := JSON(s); ok {
		return headerObject(d)
	}
	if len(s) > MaxBytes {
		return nil, false
	}
	var out []Pair
	for first := true; s != ""; first = false {
		line, rest, ended := strings.Cut(s, "\n")
		s = rest
		line = strings.TrimSuffix(line, "\r")
		if strings.TrimSpace(line) == "" {
			continue
		}
		if len(out) == MaxPairs {
			return nil, false
		}
		if (line[0] == ' ' || line[0] == '\t') && len(out) > 0 { // an old way to write long values
			out[len(out)-1].Value += " " + strings.TrimSpace(line)
			continue
		}
		name, value, ok := strings.Cut(line, ":")
		switch {
		case first && (strings.HasPrefix(line, "HTTP/") || strings.Contains(line, " HTTP/")):
			out = append(out, Pair{Value: line})
		case ok && isName(name) && (value == "" || value[0] == ' '):
			out = append(out, Pair{Name: name, Value: strings.TrimSpace(value)})
		case !ended && len(out) > 1 && isName(line): // half a name
			out = append(out, Pair{Name: line, Broken: true})
		default:
			return nil, false
		}
	}
	return out, len(out) > 1
}

func headerObject(d Doc) ([]Pair, bool) {
	if d.Root.Kind != Object || d.Rest != "" || len(d.Root.Kids) == 0 || len(d.Root.Kids) > MaxPairs {
		return nil, false
	}
	var out []Pair
	for _, k := range d.Root.Kids {
		values := []Node{k}
		if k.Kind == Array {
			values = k.Kids
		}
		for _, v := range values {
			if v.Kind == Absent || v.Kind >= Array || !isName(k.Key) {
				return nil, false
			}
			out = append(out, Pair{Name: k.Key, Value: v.Text, Broken: v.Cut})
		}
	}
	return out, len(out) > 0
}
