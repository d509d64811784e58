package redact

import "strings"

// class says what a byte can be part of.
var class = func() (c [256]uint8) {
	for b := range 256 {
		switch {
		case '0' <= b && b <= '9':
			c[b] = digit
		case 'a' <= b|0x20 && b|0x20 <= 'f':
			c[b] = hexLetter
		case 'a' <= b|0x20 && b|0x20 <= 'z':
			c[b] = letter
		case b == '_' || b == '-':
			c[b] = dash
		}
	}
	for _, b := range []byte("@:%[\\") {
		c[b] = special
	}
	return c
}()

const (
	digit     = 1 << iota
	hexLetter // a to f
	letter    // the others
	dash      // hyphen and underscore
	special   // may begin something by itself
	inWord    = digit | hexLetter | letter | dash
)

// masking walks once over a text, from word to word, and copies it from where the
// first thing is covered.
type masking struct {
	s        string
	b        strings.Builder
	done     int // bytes of s that are dealt with
	lens     Lens
	personal bool // cover personal data, too
	until    int  // where the object ends that describes somebody, if the walk is inside of one
	begins   int  // whether the text begins like JSON: 0 not looked, 1 no, 2 yes
	tried    int  // up to where the walk looked for an IPv6 address
}

func (m *masking) run() string {
	s := m.s
	for i := 0; i < len(s); {
		c := class[s[i]]
		switch {
		case c == 0:
			i++
		case c == special:
			next := byte(0)
			if i+1 < len(s) {
				next = s[i+1]
			}
			switch s[i] {
			case ':':
				if next != ':' && next != '/' && next != '\\' && next != '%' {
					i++
					continue
				}
			case '\\':
				if next != 'u' {
					i++
					continue
				}
			case '[':
				if class[next]&(letter|hexLetter) == 0 {
					i++
					continue
				}
			}
			i = m.special(i)
		default:
			from, flags := i, c
			for i++; i < len(s); i++ {
				c := class[s[i]]
				if c&inWord == 0 {
					break
				}
				flags |= c
			}
			i = m.word(from, i, flags)
		}
	}
	if m.done == 0 {
		return s
	}
	m.b.WriteString(s[m.done:])
	return m.b.String()
}

// replace puts text in the place of s[at:end] and returns end.
func (m *masking) replace(at, end int, text string) int {
	m.b.WriteString(m.s[m.done:at])
	m.b.WriteString(text)
	m.done = end
	return end
}

// special looks at what a character begins that belongs to no word, and returns
// where to go on.
func (m *masking) special(i int) int {
	s := m.s
	switch s[i] {
	case '[':
		return i + max(1, tagAt(s, i))
	case ':':
		if i+1 < len(s) && (s[i+1] == '/' || s[i+1] == '\\') {
			if end := m.userinfo(i); end > i {
				return end
			}
		}
	}
	if size := atSign(s, i); size > 0 {
		return m.mail(i, size)
	}
	if size := colon(s, i); size > 0 {
		if colon(s, i+size) > 0 {
			if end := m.ipv6(i); end > i {
				return end
			}
		} else if size > 1 {
			return max(i+1, m.userinfo(i))
		}
	}
	return i + 1
}

// word looks at the word s[from:end] and what follows it, and returns where to go on.
func (m *masking) word(from, end int, flags uint8) int {
	s := m.s
	at := from
	if from > 0 && (s[from-1] == '\\' || s[from-1] == '%') {
		at, flags = afterEscape(s, from, end), 0
		for _, c := range []byte(s[at:end]) {
			flags |= class[c]
		}
	}
	size := end - at
	if end < len(s) && flags&digit != 0 && m.personal {
		switch c := s[end]; {
		case c == '.':
			if to := m.ipv4(at, end); to > 0 {
				return to
			}
		case (c == ':' || c == '%') && size <= 4 && flags&^(digit|hexLetter) == 0:
			if to := m.ipv6(at); to > 0 {
				return to
			}
		}
	} else if size <= 4 && size > 0 && end < len(s) && flags&^hexLetter == 0 && (s[end] == ':' || s[end] == '%') && m.personal {
		if to := m.ipv6(at); to > 0 {
			return to
		}
	}
	if flags&^(digit|dash) == 0 && size >= 4 {
		if to := m.card(at, end); to > 0 {
			return to
		}
	}
	if size >= minKey || size >= 8 && (s[at] == '-' || s[at] == 'e' && end < len(s) && s[end] == '.') {
		if to := m.key(at, end, flags&letter != 0); to > 0 {
			return to
		}
	}
	if end == len(s) || size < 2 {
		return end
	}
	if (size == 5 || size == 6) && s[at]|0x20 == 'b' && isScheme(s[at:end]) {
		return m.scheme(end)
	}
	if isName(s, end) {
		if k := kindOf(s[at:end]); k != plain {
			if end <= m.until {
				k = k.inside(s[at:end])
			}
			if k == secret || k == token || m.personal {
				return m.value(k, from, at, end)
			}
		}
	}
	return end
}

// isName reports whether a word that ends at i may be a name: what follows begins with
// a colon or an equals sign, or may lead to one.
func isName(s string, i int) bool {
	switch s[i] {
	case ':', '=', '%', ' ', ']', '>':
		return true
	case '\\':
		for i < len(s) && s[i] == '\\' {
			i++
		}
		if i == len(s) || s[i] != '"' && s[i] != '\'' {
			return false
		}
	case '"', '\'':
	default:
		return false
	}
	i++
	return i < len(s) && (s[i] == ':' || s[i] == '=' || s[i] == ' ' || s[i] == '%')
}

// afterEscape returns where a word begins whose first characters belong to an escape
// before it: the n of a line feed in JSON, the 20 of a space in a URL.
func afterEscape(s string, from, end int) int {
	if from == 0 {
		return from
	}
	switch s[from-1] {
	case '%':
		at := from
		for strings.HasPrefix(s[at:end], "25") && at+4 <= end && isHex(s[at+2:at+4]) {
			at += 2
		}
		if at+2 > end || !isHex(s[at:at+2]) {
			return from
		}
		if strings.EqualFold(s[at:at+2], "5c") {
			return afterSlash(s, at+2, end)
		}
		return at + 2
	case '\\':
		return afterSlash(s, from, end)
	}
	return from
}

func afterSlash(s string, from, end int) int {
	if from < end {
		switch s[from] {
		case 'n', 'r', 't', 'b', 'f':
			return from + 1
		case 'u':
			if from+5 <= end && isHex(s[from+1:from+5]) {
				return from + 5
			}
		}
	}
	return from
}

func isHex(s string) bool {
	for i := range len(s) {
		if class[s[i]]&(digit|hexLetter) == 0 {
			return false
		}
	}
	return true
}

// atSign returns the length of the at sign at i, also of an escaped one, 0 for none.
func atSign(s string, i int) int {
	if i < len(s) {
		switch s[i] {
		case '@':
			return 1
		case '\\':
			return begins(s, i, `\u0040`)
		case '%':
			return begins(s, i, "%40") + begins(s, i, "%2540")
		}
	}
	return 0
}

// colon returns the length of the colon at i, also of an escaped one, 0 for none.
func colon(s string, i int) int {
	if i < len(s) {
		switch s[i] {
		case ':':
			return 1
		case '%':
			return begins(s, i, "%3A") + begins(s, i, "%3a") + begins(s, i, "%253A")
		}
	}
	return 0
}

// begins returns the length of what begins at i, 0 if something else does.
func begins(s string, i int, what string) int {
	if i+len(what) <= len(s) && s[i:i+len(what)] == what {
		return len(what)
	}
	return 0
}
