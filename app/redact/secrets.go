package redact

import "strings"

// secretNames are the ends of the names, without case, hyphens and underscores,
// whose values are secret: x-algolia-api-key, Proxy-Authorization, Set-Cookie,
// aws_secret_access_key.
var secretNames = []string{
	"apikey", "authorization", "cookie", "accesstoken", "refreshtoken", "idtoken", "sessiontoken", "clientsecret", "secretkey",
	"accesskey", "accesskeyid", "privatekey", "password", "passwd", "secret", "authtoken", "csrftoken", "xsrftoken", "signature",
}

// IsSecret reports whether the value of that name must not be shown.
func IsSecret(name string) bool {
	if name == "" || strings.IndexByte("yYnNeEtTdD", name[len(name)-1]) < 0 { // every word of a long text comes by here
		return false
	}
	for _, s := range secretNames {
		if endsWith(name, s) {
			return true
		}
	}
	return false
}

// endsWith reports whether a name ends with a word of small letters, without case,
// hyphens and underscores.
func endsWith(name, word string) bool {
	i := len(name)
	for at := len(word) - 1; at >= 0; at-- {
		for i--; i >= 0 && (name[i] == '-' || name[i] == '_'); i-- {
		}
		if i < 0 || name[i]|0x20 != word[at] {
			return false
		}
	}
	return true
}

// masked is how a secret begins after it was masked.
const masked = "[masked"

// Secrets returns s without the secrets in it: values of names that are secret in
// header lines, JSON members and query strings, escaped once or twice, and what
// stands behind Bearer and Basic. Of a long secret the last four characters stay,
// so that two can be told apart. Masking twice changes nothing, and JSON stays
// JSON. What a vendor masked itself, with asterisks, stays as it is.
func Secrets(s string) string {
	m := masking{s: s}
	for i := 0; i < len(s); {
		if !isWord(s[i]) {
			i++
			continue
		}
		from := i
		for i < len(s) && isWord(s[i]) {
			i++
		}
		switch word := s[from:i]; {
		case len(word) < 5:
		case isScheme(word):
			i = m.scheme(i)
		case IsSecret(word):
			i = m.value(from, i)
		}
	}
	if m.done == 0 {
		return s
	}
	m.b.WriteString(s[m.done:])
	return m.b.String()
}

type masking struct {
	s    string
	b    strings.Builder
	done int // bytes of s that are dealt with
}

// put masks s[at:end], in quotes where these are given, and returns end.
func (m *masking) put(at, end int, quote string) int {
	if at < end {
		if hidden, ok := hide(m.s[at:end]); ok {
			m.b.WriteString(m.s[m.done:at])
			m.b.WriteString(quote + hidden + quote)
			m.done = end
		}
	}
	return max(at, end)
}

// scheme masks what stands behind Bearer or Basic, which end at i, unless it is a
// word of a sentence: "basic information".
func (m *masking) scheme(i int) int {
	at := i
	for _, space := range [...]string{" ", "+", "%20"} {
		if strings.HasPrefix(m.s[i:], space) {
			at = i + len(space)
		}
	}
	end := wordEnd(m.s, at, endsWord+":")
	if at == i || end-at < 8 || strings.TrimLeft(m.s[at:end], "abcdefghijklmnopqrstuvwxyz") == "" {
		return i
	}
	return m.put(at, end, "")
}

// value masks the value of the name s[from:i], unless the name is only a word of a
// sentence, and returns where to go on.
func (m *masking) value(from, i int) int {
	s := m.s
	next, keyQuote := quoteAt(s, i)
	at := skipSpaces(s, next, " ")
	switch {
	case at+1 < len(s) && s[at] == '=' && s[at+1] != '=':
		return m.assigned(at + 1)
	case strings.HasPrefix(s[at:], "%3D") || strings.HasPrefix(s[at:], "%3d"):
		return m.assigned(at + 3)
	case at >= len(s) || s[at] != ':':
		return i
	case keyQuote == "":
		if quotes, ok := opens(s, from); ok {
			at = skipSpaces(s, at+1, " ")
			return m.put(at, lineEnd(s, at, quotes), "")
		}
		return i
	}
	at = skipSpaces(s, at+1, " \n\r\t")
	if at < len(s) && s[at] == '[' {
		for at++; ; {
			at = skipSpaces(s, at, " \n\r\t,")
			begin, quote := quoteAt(s, at)
			if quote == "" {
				return at
			}
			at = m.put(begin, closing(s, begin, quote), "") + len(quote)
			if at >= len(s) {
				return len(s)
			}
		}
	}
	if begin, quote := quoteAt(s, at); quote != "" {
		return m.put(begin, closing(s, begin, quote), "")
	}
	return m.put(at, wordEnd(s, at, endsWord+"]{["), keyQuote) // a number: what stands for it is text
}

// assigned masks a value behind an equals sign.
func (m *masking) assigned(at int) int {
	if begin, quote := quoteAt(m.s, at); quote != "" {
		return m.put(begin, closing(m.s, begin, quote), "")
	}
	return m.put(at, wordEnd(m.s, at, endsWord), "")
}

func isScheme(word string) bool {
	return len(word) <= 6 && (strings.EqualFold(word, "bearer") || strings.EqualFold(word, "basic"))
}

func skipSpaces(s string, i int, spaces string) int {
	for i < len(s) && strings.IndexByte(spaces, s[i]) >= 0 {
		i++
	}
	return i
}

// quoteAt returns the quotation mark at i, with the backslashes before it, and where
// it ends; "" and i where there is none.
func quoteAt(s string, i int) (next int, quote string) {
	end := skipSpaces(s, i, `\`)
	if end < len(s) && (s[end] == '"' || s[end] == '\'') {
		return end + 1, s[i : end+1]
	}
	return i, ""
}

// closing returns where a text in quotes ends that begins at i: before the same
// quotation mark with as many backslashes, or before a line feed. In a JSON string
// that is escaped n times, 2ⁿ-1 of them stand before a quotation mark, and those of
// an escaped backslash before these.
func closing(s string, i int, quote string) int {
	slashes := len(quote) - 1
	mark := quote[slashes]
	for at, run := i, 0; at < len(s); at++ {
		switch s[at] {
		case '\\':
			run++
			continue
		case mark:
			if run%(2*slashes+2) == slashes {
				return at - slashes
			}
		case '\n':
			return at
		}
		run = 0
	}
	return len(s)
}

// endsWord are the characters that end a value without quotes.
const endsWord = " \n\r\t\"'\\&;,<>#)}"

// wordEnd returns where the word that begins at i ends: before one of the ends, or
// before an escaped ampersand.
func wordEnd(s string, i int, ends string) int {
	n := strings.IndexAny(s[i:], ends)
	if n < 0 {
		n = len(s) - i
	}
	if amp := strings.Index(s[i:i+n], "%26"); amp >= 0 {
		n = amp
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
func lineEnd(s string, i int, quote string) int {
	end := len(s)
	if quote != "" {
		end = closing(s, i, quote)
	}
	for at := i; at < end; at++ {
		if s[at] == '\n' || s[at] == '\r' || quote != "" && s[at] == '\\' && at+1 < end && (s[at+1] == 'n' || s[at+1] == 'r') {
			return at
		}
	}
	return end
}

// hide returns what stands in place of a secret, and false where nothing is secret.
func hide(secret string) (string, bool) {
	trimmed := strings.TrimSpace(secret)
	stars := strings.Count(trimmed, "*")
	if trimmed == "" || strings.HasPrefix(trimmed, masked) || stars > 3 && 2*stars >= len(trimmed) || trimmed == "null" || trimmed == "true" || trimmed == "false" {
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
	for i := range len(last) {
		if !isWord(last[i]) {
			return masked + "]", true
		}
	}
	return masked + "…" + last + "]", true
}

// isWord reports whether a byte belongs to a name.
func isWord(c byte) bool {
	return 'a' <= c|0x20 && c|0x20 <= 'z' || '0' <= c && c <= '9' || c == '_' || c == '-'
}
