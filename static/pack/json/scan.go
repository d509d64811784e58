package json

import (
	"errors"
	"strconv"
)

// at returns the byte at i, or 0, which is nowhere allowed, behind the end.
func at(data []byte, i int) byte {
	if i < len(data) {
		return data[i]
	}
	return 0
}

// space returns the index of the first byte from i on that is not white.
func space(data []byte, i int) int {
	for i < len(data) && (data[i] == ' ' || data[i] == '\n' || data[i] == '\r' || data[i] == '\t') {
		i++
	}
	return i
}

// wrong is the error for the byte at i.
func wrong(data []byte, i int) error {
	if i >= len(data) {
		return errors.New("unexpected end of JSON input")
	}
	return errors.New("invalid character " + strconv.QuoteRune(rune(data[i])) + " in JSON at byte " + strconv.Itoa(i))
}

// check returns the error in data, if it is not one JSON value.
func check(data []byte) error {
	i, err := scan(data, 0)
	if err != nil {
		return err
	}
	if i = space(data, i); i < len(data) {
		return wrong(data, i)
	}
	return nil
}

// scan returns the index behind the value at data[i] and the white space before it.
// It does not recurse: a browser's stack is short, and this is what goes through the
// vendors' own values.
func scan(data []byte, i int) (int, error) {
	var open []byte
	for {
		i = space(data, i)
		c := at(data, i)
		if c == '{' || c == '[' {
			if len(open) == maxDepth {
				return 0, errors.New("JSON exceeds " + strconv.Itoa(maxDepth) + " levels")
			}
			open = append(open, c)
			i = space(data, i+1)
			if at(data, i) != c+2 {
				if c == '{' {
					if i = name(data, i); i < 0 {
						return 0, wrong(data, ^i)
					}
				}
				continue
			}
		} else if i = literal(data, i); i < 0 {
			return 0, wrong(data, ^i)
		}
		// Behind a value, or before the end of what is empty.
		for {
			if len(open) == 0 {
				return i, nil
			}
			i = space(data, i)
			c, in := at(data, i), open[len(open)-1]
			if c == in+2 {
				i++
				open = open[:len(open)-1]
				continue
			}
			if c != ',' {
				return 0, wrong(data, i)
			}
			i++
			if in == '{' {
				if i = name(data, space(data, i)); i < 0 {
					return 0, wrong(data, ^i)
				}
			}
			break
		}
	}
}

// name returns the index behind the name and the colon at data[i], or the complement
// of where they are wrong.
func name(data []byte, i int) int {
	if at(data, i) != '"' {
		return ^i
	}
	if i = literal(data, i); i < 0 {
		return i
	}
	if i = space(data, i); at(data, i) != ':' {
		return ^i
	}
	return i + 1
}

// literal returns the index behind the string, number or word at data[i], or the
// complement of where it is wrong.
func literal(data []byte, i int) int {
	word := ""
	switch at(data, i) {
	case '"':
		for i++; i < len(data); i++ {
			switch c := data[i]; {
			case c == '"':
				return i + 1
			case c < ' ':
				return ^i
			case c == '\\':
				i++
				switch at(data, i) {
				case 'b', 'f', 'n', 'r', 't', '\\', '/', '"':
				case 'u':
					if hex4(data, i+1) < 0 {
						return ^i
					}
					i += 4
				default:
					return ^i
				}
			}
		}
		return ^i
	case 't':
		word = "true"
	case 'f':
		word = "false"
	case 'n':
		word = "null"
	default:
		return number(data, i)
	}
	for j := range len(word) {
		if at(data, i+j) != word[j] {
			return ^(i + j)
		}
	}
	return i + len(word)
}

// number is literal for a number.
func number(data []byte, i int) int {
	if at(data, i) == '-' {
		i++
	}
	if at(data, i) == '0' {
		i++
	} else if i = digits(data, i); i < 0 {
		return i
	}
	if at(data, i) == '.' {
		if i = digits(data, i+1); i < 0 {
			return i
		}
	}
	if at(data, i)|0x20 == 'e' {
		i++
		if c := at(data, i); c == '+' || c == '-' {
			i++
		}
		i = digits(data, i)
	}
	return i
}

// digits returns the index behind the digits at data[i], or the complement of i if
// there are none.
func digits(data []byte, i int) int {
	start := i
	for i < len(data) && '0' <= data[i] && data[i] <= '9' {
		i++
	}
	if i == start {
		return ^i
	}
	return i
}

// hex4 returns the number that the four digits at data[i] are, or -1.
func hex4(data []byte, i int) rune {
	if i+4 > len(data) {
		return -1
	}
	n, err := strconv.ParseUint(string(data[i:i+4]), 16, 16)
	if err != nil {
		return -1
	}
	return rune(n)
}
