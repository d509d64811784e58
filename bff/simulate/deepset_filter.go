package simulate

import (
	"errors"
	"fmt"
	"strings"
)

// odataFilter is a conjunction of exact matches; nil means any value.
type odataFilter struct {
	level, origin *string
	none          bool // contradicts itself
}

func (f odataFilter) match(level, origin string) bool {
	return !f.none && (f.level == nil || *f.level == level) && (f.origin == nil || *f.origin == origin)
}

// parseODataFilter reads `level eq 'error' and origin eq 'haystack'`. A quote inside a value is doubled.
func parseODataFilter(s string) (odataFilter, error) {
	var f odataFilter
	rest := strings.TrimSpace(s)
	if rest == "" {
		return f, nil
	}
	for {
		field, after, _ := strings.Cut(rest, " ")
		after, ok := strings.CutPrefix(strings.TrimLeft(after, " "), "eq ")
		if !ok {
			return f, errors.New("only eq is known")
		}
		value, after, err := odataString(strings.TrimLeft(after, " "))
		if err != nil {
			return f, err
		}
		var slot **string
		switch field {
		case "level":
			slot = &f.level
		case "origin":
			slot = &f.origin
		default:
			return f, fmt.Errorf("unknown field %q", field)
		}
		if *slot != nil && **slot != value {
			f.none = true
		}
		*slot = &value
		if after = strings.TrimSpace(after); after == "" {
			return f, nil
		}
		word, after, _ := strings.Cut(after, " ")
		if !strings.EqualFold(word, "and") {
			return f, errors.New("only and is known")
		}
		rest = strings.TrimLeft(after, " ")
	}
}

func odataString(s string) (value, rest string, err error) {
	if s == "" || s[0] != '\'' {
		return "", "", errors.New("a value must be quoted")
	}
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		if s[i] != '\'' {
			b.WriteByte(s[i])
			continue
		}
		if i+1 < len(s) && s[i+1] == '\'' {
			b.WriteByte('\'')
			i++
			continue
		}
		if rest = s[i+1:]; rest != "" && rest[0] != ' ' {
			return "", "", errors.New("a space must follow a value")
		}
		return b.String(), rest, nil
	}
	return "", "", errors.New("a quote is missing")
}
