package json

import "unicode/utf8"

const hex = "0123456789abcdef"

// quote appends s as a JSON string. What is not UTF-8 becomes U+FFFD.
func quote(dst []byte, s string) []byte {
	dst = append(dst, '"')
	done := 0
	for i := 0; i < len(s); {
		c, size := rune(s[i]), 1
		if c >= utf8.RuneSelf {
			c, size = utf8.DecodeRuneInString(s[i:])
		}
		var esc byte
		switch c {
		case '"', '\\':
			esc = byte(c)
		case '\b':
			esc = 'b'
		case '\f':
			esc = 'f'
		case '\n':
			esc = 'n'
		case '\r':
			esc = 'r'
		case '\t':
			esc = 't'
		case '<', '>', '&', '\u2028', '\u2029':
			esc = 'u'
		default:
			if c < ' ' || c == utf8.RuneError && size == 1 {
				esc = 'u'
			}
		}
		if esc != 0 {
			dst = append(append(dst, s[done:i]...), '\\', esc)
			if esc == 'u' {
				dst = append(dst, hex[c>>12], hex[c>>8&15], hex[c>>4&15], hex[c&15])
			}
			done = i + size
		}
		i += size
	}
	return append(append(dst, s[done:]...), '"')
}

// compact appends src, which is JSON, without white space between the elements and
// with its strings escaped as Marshal escapes them.
func compact(dst, src []byte) []byte {
	for i := 0; i < len(src); i++ {
		switch c := src[i]; c {
		case ' ', '\t', '\n', '\r':
		case '"':
			end := literal(src, i)
			for ; i < end; i++ {
				c := src[i]
				switch {
				case c == '<' || c == '>' || c == '&':
					dst = append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
				case c == 0xE2 && src[i+1] == 0x80 && at(src, i+2)&^1 == 0xA8:
					dst = append(dst, '\\', 'u', '2', '0', '2', hex[src[i+2]&15])
					i += 2
				default:
					dst = append(dst, c)
				}
			}
			i--
		default:
			dst = append(dst, c)
		}
	}
	return dst
}

// indented returns src, which is compact JSON, with its elements on lines of their own,
// each after newline and as many indents as it is deep.
func indented(src []byte, newline, indent string) []byte {
	var dst []byte
	depth := 0
	line := func() {
		dst = append(dst, newline...)
		for range depth {
			dst = append(dst, indent...)
		}
	}
	for i := 0; i < len(src); i++ {
		switch c := src[i]; c {
		case '"':
			end := literal(src, i)
			dst = append(dst, src[i:end]...)
			i = end - 1
		case '{', '[':
			dst = append(dst, c)
			if src[i+1] == c+2 {
				i++
				dst = append(dst, c+2)
				continue
			}
			depth++
			line()
		case '}', ']':
			depth--
			line()
			dst = append(dst, c)
		case ',':
			dst = append(dst, c)
			line()
		case ':':
			dst = append(dst, c, ' ')
		default:
			dst = append(dst, c)
		}
	}
	return dst
}
