package redact

import (
	"math/bits"
	"strings"
)

// masked is how a credential begins after it was covered.
const masked = "[masked"

// cover returns what stands in place of a value of that kind, and false where
// nothing is to be covered.
func (l Lens) cover(k kind, value string) (string, bool) {
	switch k {
	case plain:
		return "", false
	case token:
		if !looksToken(value) {
			return "", false
		}
		return hide(value)
	case secret:
		return hide(value)
	}
	trimmed := strings.TrimSpace(value)
	if absent(trimmed) || starred(trimmed) || strings.HasPrefix(trimmed, masked) || tagAt(trimmed, 0) > 0 {
		return "", false
	}
	if k <= ip { // these come in lists: X-Forwarded-For, the users of several queries
		if one, rest, more := strings.Cut(trimmed, ", "); more {
			if shown, ok := l.cover(k, one); ok {
				one = shown
			}
			if shown, ok := l.cover(k, rest); ok {
				rest = shown
			}
			return one + ", " + rest, true
		}
	}
	return l.tag(k, trimmed), true
}

// hide returns what stands in place of a credential, and false where nothing is
// secret.
func hide(secret string) (string, bool) {
	trimmed := strings.TrimSpace(secret)
	if absent(trimmed) || strings.HasPrefix(trimmed, masked) || starred(trimmed) || isVariable(trimmed) || isScheme(trimmed) {
		return "", false
	}
	if scheme, rest, ok := strings.Cut(trimmed, " "); ok && isScheme(scheme) {
		if rest, ok := hide(rest); ok {
			return scheme + " " + rest, true
		}
		return "", false
	}
	if len(trimmed) < 20 {
		return masked + "]", true
	}
	last := trimmed[len(trimmed)-4:]
	for _, c := range []byte(last) {
		if class[c]&inWord == 0 {
			return masked + "]", true
		}
	}
	return masked + "…" + last + "]", true
}

// isVariable reports whether a value is one of a shell, such as $ALGOLIA_API_KEY.
func isVariable(s string) bool {
	name, ok := strings.CutPrefix(s, "$")
	return ok && name != "" && strings.Trim(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_{}") == ""
}

// looksToken reports whether a value is one long word of letters and digits.
func looksToken(s string) bool {
	flags := uint8(0)
	for _, c := range []byte(s) {
		if class[c]&inWord == 0 && strings.IndexByte(".+/=~%:", c) < 0 {
			return false
		}
		flags |= class[c]
	}
	return len(s) >= 16 && flags&digit != 0 && flags&(letter|hexLetter) != 0
}

func isScheme(word string) bool {
	return len(word) <= 6 && (strings.EqualFold(word, "bearer") || strings.EqualFold(word, "basic"))
}

// put covers s[at:end], in quotes where these are given, and returns where to go on:
// behind it, or at it where it stays, since something may be in it.
func (m *masking) put(k kind, at, end int, quote string) int {
	if at >= end || tagAt(m.s, at) > 0 {
		return at
	}
	shown, ok := m.lens.cover(k, m.s[at:end])
	if !ok {
		return at
	}
	return m.replace(at, end, quote+shown+quote)
}

// scheme covers what stands behind Bearer or Basic, which end at i, unless it is a
// word of a sentence: "basic information".
func (m *masking) scheme(i int) int {
	at := i
	for _, space := range [...]string{" ", "+", "%20"} {
		if strings.HasPrefix(m.s[i:], space) {
			at = i + len(space)
		}
	}
	end := m.wordEnd(at, endsWord+":")
	if at == i || end-at < 8 || strings.TrimLeft(m.s[at:end], "abcdefghijklmnopqrstuvwxyz") == "" {
		return i
	}
	return m.put(secret, at, end, "")
}

// value covers the value of the name s[name:i], unless the name is only a word of a
// sentence, and returns where to go on. from is name, or lies before it where an
// escape goes on in the name's word.
func (m *masking) value(k kind, from, name, i int) int {
	s := m.s
	next, keyQuote := quoteAt(s, i)
	if keyQuote == "" { // of customer[email]=
		if strings.HasPrefix(s[i:], "]") {
			next++
		} else if strings.HasPrefix(s[i:], "%5D") {
			next += 3
		}
	}
	at := skipSpaces(s, next, " ")
	switch {
	case at >= len(s):
		return i
	case s[at] == '=' && at+1 < len(s) && s[at+1] != '=':
		return m.assigned(k.scalar(), at+1, i)
	case strings.HasPrefix(s[at:], "%3D") || strings.HasPrefix(s[at:], "%3d"):
		return m.assigned(k.scalar(), at+3, i)
	case s[i] == '>' && from > 0 && s[from-1] == '<':
		if n := strings.IndexAny(s[i:], "<\"\\\n"); n > 0 && k.scalar() != plain {
			return max(i, m.put(k.scalar(), i+1, i+n, ""))
		}
		return i
	}
	size := colon(s, at)
	if size == 0 {
		return i
	}
	at = skipSpaces(s, at+size, " \n\r\t")
	if at < len(s) && (s[at] == '{' || s[at] == '[') && k >= account && k != partial {
		if at >= m.until {
			m.until = m.objectEnd(at, keyQuote)
		}
		return at
	}
	if k = k.scalar(); k == plain {
		return i
	}
	begin, quote := quoteAt(s, at)
	switch {
	case quote != "" && (len(quote) < len(keyQuote) || keyQuote == "" && m.ends(from, quote)):
		return i // the text around it ends here
	case quote != "":
		return max(i, m.put(k, begin, m.closing(begin, quote), ""))
	case keyQuote == "":
		return max(i, m.line(k, from, name, i, at))
	case at < len(s) && s[at] == '[':
		return max(i, m.list(k, at+1, keyQuote))
	}
	return max(i, m.put(k, at, m.wordEnd(at, endsNumber), keyQuote)) // a number: what stands for it is text
}

// list covers the texts and numbers of a list in JSON, which are the values of one
// name, from at on.
func (m *masking) list(k kind, at int, keyQuote string) int {
	for {
		at = skipSpaces(m.s, at, " \n\r\t,")
		if begin, quote := quoteAt(m.s, at); quote != "" {
			if len(quote) < len(keyQuote) {
				return at
			}
			end := m.closing(begin, quote)
			m.put(k, begin, end, "")
			if !strings.HasPrefix(m.s[end:], quote) {
				return end
			}
			at = end + len(quote)
			continue
		}
		end := m.wordEnd(at, endsNumber)
		if end == at {
			return at
		}
		m.put(k, at, end, keyQuote)
		at = end
	}
}

// line covers a value behind a colon without quotes: of a header to the end of its
// line, else one word. i is where the name ends.
func (m *masking) line(k kind, from, name, i, at int) int {
	s := m.s
	if strings.IndexByte(s[i:at], '\n') >= 0 {
		return i
	}
	quote, begins := opens(s, from)
	if begins && (k == secret || k >= person) {
		return m.put(k, at, m.lineEnd(at, quote), "")
	}
	end := m.wordEnd(at, endsWord+"]{[")
	if begins && (k != token || at < end) || compound(s[name:i]) || k == secret && looksToken(s[at:end]) {
		return m.put(k, at, end, "")
	}
	return i
}

// compound reports whether a name is of several words: those are no words of
// sentences.
func compound(name string) bool {
	for i := 1; i < len(name); i++ {
		if c := name[i]; class[c] == dash || 'A' <= c && c <= 'Z' && name[i-1] >= 'a' {
			return true
		}
	}
	return false
}

// assigned covers a value behind an equals sign.
func (m *masking) assigned(k kind, at, i int) int {
	if k == plain {
		return i
	}
	if begin, quote := quoteAt(m.s, at); quote != "" {
		if m.closes(quote) {
			return i
		}
		return max(i, m.put(k, begin, m.closing(begin, quote), ""))
	}
	ends := endsWord
	if k == place { // a position is two numbers
		ends = strings.Replace(ends, ",", "", 1)
	}
	return max(i, m.put(k, at, m.wordEnd(at, ends), ""))
}

func skipSpaces(s string, i int, spaces string) int {
	for i < len(s) && strings.IndexByte(spaces, s[i]) >= 0 {
		i++
	}
	return i
}

// quoteAt returns the quotation mark at i, with the backslashes before it, and where
// it ends; "" and i where there is none. In a JSON string that is escaped n times,
// 2ⁿ-1 backslashes stand before a quotation mark; others are the rest of a text that
// was cut inside of an escape.
func quoteAt(s string, i int) (next int, quote string) {
	if strings.HasPrefix(s[i:], "%22") {
		return i + 3, s[i : i+3]
	}
	end := i
	for end < len(s) && s[end] == '\\' {
		end++
	}
	if n := end - i; end < len(s) && (s[end] == '"' || s[end] == '\'') && n&(n+1) == 0 {
		return end + 1, s[i : end+1]
	}
	return i, ""
}

// closing returns where a text in quotes ends that begins at i: before the same
// quotation mark with as many backslashes, before that of a text around it, which a
// text that was cut runs into, or before a line feed. In a JSON string that is
// escaped n times, 2ⁿ-1 backslashes stand before a quotation mark, and those of
// escaped backslashes before these.
func (m *masking) closing(i int, quote string) int {
	s := m.s
	slashes := len(quote) - 1
	mark := quote[slashes]
	if mark == '2' { // %22
		n := strings.Index(s[i:], quote)
		if end := m.wordEnd(i, "\"\n"); n < 0 || i+n > end {
			return end
		}
		return i + n
	}
	level := bits.Len(uint(slashes))
	for at, run := i, 0; at < len(s); at++ {
		switch c := s[at]; c {
		case '\\':
			run++
			continue
		case '"', '\'':
			depth := bits.TrailingZeros(^uint(run))
			if c == mark && depth == level {
				return at - slashes
			}
			if c == '"' && depth < level || c == '"' && mark == '\'' && depth <= level && m.isJSON() {
				return at - (1<<depth - 1)
			}
		case '\n':
			return at
		}
		run = 0
	}
	return len(s)
}

// closes reports whether a quotation mark behind a name without one, and a colon or an
// equals sign, ends the text that these stand in: in JSON they only stand in one.
func (m *masking) closes(quote string) bool { return quote == `"` && m.isJSON() }

// ends reports whether a quotation mark behind a name without one, and a colon, ends
// the text that these stand in: it is the one before the name, or closes it in JSON.
func (m *masking) ends(from int, quote string) bool {
	around, _ := opens(m.s, from)
	return around == quote || m.closes(quote)
}

// isJSON reports whether the text begins like JSON.
func (m *masking) isJSON() bool {
	if m.begins == 0 {
		m.begins = 1
		s := strings.TrimLeft(m.s, " \n\r\t")
		if s != "" && strings.IndexByte("{[\"", s[0]) >= 0 {
			next := strings.TrimLeft(s[1:], " \n\r\t")
			if s[0] == '"' || next == "" || s[0] == '{' && (next[0] == '"' || next[0] == '}') || s[0] == '[' && strings.IndexByte("\"{[]-0123456789tfn", next[0]) >= 0 {
				m.begins = 2
			}
		}
	}
	return m.begins == 2
}

// objectEnd returns where the object or list ends that begins at i and whose names
// stand in that quotation mark.
func (m *masking) objectEnd(i int, quote string) int {
	if quote == "" {
		quote = `"`
	}
	depth := 0
	for ; i < len(m.s); i++ {
		switch m.s[i] {
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return i + 1
			}
		case '"', '\'', '\\', '%':
			switch {
			case strings.HasPrefix(m.s[i:], quote):
				end := m.closing(i+len(quote), quote)
				if !strings.HasPrefix(m.s[end:], quote) {
					return end
				}
				i = end + len(quote) - 1
			case m.s[i] == '"' && len(quote) > 1: // the text around it ends here
				return i
			}
		}
	}
	return len(m.s)
}

// What ends a value without quotes, and a number.
const (
	endsWord   = " \n\r\t\"'\\&;,<>#)}"
	endsNumber = endsWord + "]{[%"
)

// wordEnd returns where the word that begins at i ends: before one of the ends, or
// before an escaped ampersand or quotation mark.
func (m *masking) wordEnd(i int, ends string) int {
	s := m.s
	n := strings.IndexAny(s[i:], ends)
	if n < 0 {
		n = len(s) - i
	}
	for _, e := range [...]string{"%26", "%22"} {
		if at := strings.Index(s[i:i+n], e); at >= 0 {
			n = at
		}
	}
	return i + n
}

// opens reports whether a name at from begins a line or a quoted text, as that of a
// header does, and which quotation mark then ends it: "" for none. The n of an
// escaped line feed counts as a letter of the name.
func opens(s string, from int) (quote string, ok bool) {
	slashes := 0
	for slashes < from && s[from-1-slashes] == '\\' {
		slashes++
	}
	switch {
	case slashes > 0 && s[from] == 'n':
		return strings.Repeat(`\`, slashes-1) + `"`, true
	case from == 0:
		return "", true
	}
	switch c := s[from-1]; c {
	case '"', '\'':
		at := from - 1
		for at > 0 && s[at-1] == '\\' {
			at--
		}
		return s[at:from], true
	case '\n', '\r':
		if first := skipSpaces(s, 0, " \n\r\t"); s[first] == '{' || s[first] == '[' {
			return `"`, true
		}
		return "", true
	}
	return "", false
}

// lineEnd returns where a header's value that begins at i ends: with the line, also
// an escaped one, or with the quotation mark around it.
func (m *masking) lineEnd(i int, quote string) int {
	s, end := m.s, len(m.s)
	if quote != "" {
		end = m.closing(i, quote)
	}
	for at := i; at < end; at++ {
		if s[at] == '\n' || s[at] == '\r' || quote != "" && s[at] == '\\' && at+1 < end && (s[at+1] == 'n' || s[at+1] == 'r') {
			return at
		}
	}
	return end
}
