package rest

import (
	"bytes"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/logpane/logpane/bff/secret"
)

// Mask removes the credentials of one connection from what its vendor answers.
// Vendors log the calls that they get, their keys among them, and only some mask
// them. nil masks nothing. It is safe for concurrent use.
type Mask struct {
	words []string  // the secrets, and how they look inside a URL; longest first
	first [256]bool // bytes that a secret starts with
}

// minSecret is the shortest text, in bytes, that is treated as a secret: shorter
// ones stand in any text by chance, and are no secret anyway.
const minSecret = 4

// NewMask returns a mask for secrets.
func NewMask(secrets ...secret.Value) *Mask {
	m := &Mask{}
	for _, s := range secrets {
		plain := s.Reveal()
		for _, w := range []string{plain, url.QueryEscape(plain), url.PathEscape(plain)} {
			if len(w) >= minSecret && !slices.Contains(m.words, w) {
				m.words = append(m.words, w)
			}
		}
	}
	slices.SortFunc(m.words, func(a, b string) int { return len(b) - len(a) })
	for _, w := range m.words {
		m.first[w[0]] = true
	}
	return m
}

// Text replaces every secret in s by "[redacted]".
func (m *Mask) Text(s string) string {
	if m == nil {
		return s
	}
	for _, w := range m.words {
		s = strings.ReplaceAll(s, w, secret.Redacted)
	}
	return s
}

// Raw replaces every secret inside the strings of a JSON text by as many
// asterisks, escaped spellings included, so that the text stays JSON, keeps its
// length and tells where something was. A text without secrets is returned as it
// is; otherwise the result is a copy.
func (m *Mask) Raw(b []byte) []byte {
	if m == nil || !m.suspects(b) {
		return b
	}
	var out []byte
	quoted := false
	for i := 0; i < len(b); {
		switch {
		case b[i] == '"':
			quoted = !quoted
			i++
			continue
		case !quoted:
			i++
			continue
		case b[i] == '\\':
			if r, n := unit(b[i:]); r < utf8.RuneSelf && !m.first[r] {
				i += n
				continue
			}
		case !m.first[b[i]]:
			i++
			continue
		}
		end := m.match(b, i)
		if end == i {
			_, n := unit(b[i:])
			i += n
			continue
		}
		if out == nil {
			out = slices.Clone(b)
		}
		for ; i < end; i++ {
			out[i] = '*'
		}
	}
	if out == nil {
		return b
	}
	return out
}

// suspects reports whether b may hold a secret: it finds the plain spelling, or
// escapes that could spell one.
func (m *Mask) suspects(b []byte) bool {
	escapes := bytes.IndexByte(b, '\\') >= 0
	slash := false
	for _, w := range m.words {
		if bytes.Contains(b, []byte(w)) || escapes && strings.ContainsAny(w, `"\`) {
			return true
		}
		slash = slash || strings.Contains(w, "/")
	}
	return len(m.words) > 0 && escapes && (bytes.Contains(b, []byte(`\u00`)) || slash && bytes.Contains(b, []byte(`\/`)))
}

// match returns where a secret that starts at i, inside a string, ends; i where
// none does.
func (m *Mask) match(b []byte, i int) int {
	for _, w := range m.words {
		at := i
		for w != "" && at < len(b) && b[at] != '"' {
			r, n := unit(b[at:])
			want, size := utf8.DecodeRuneInString(w)
			if r != want {
				break
			}
			w, at = w[size:], at+n
		}
		if w == "" {
			return at
		}
	}
	return i
}

// unit reads one character of a JSON string's content, escaped or not.
func unit(b []byte) (rune, int) {
	switch {
	case b[0] == '\\':
		return unescape(b)
	case b[0] < utf8.RuneSelf:
		return rune(b[0]), 1
	}
	return utf8.DecodeRune(b)
}
