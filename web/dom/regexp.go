package dom

import (
	"fmt"
	"regexp/syntax"
	"strconv"
	"strings"
	"unicode"
)

// script writes a regular expression of Go's as the source of a JavaScript one
// with the flag u that finds exactly the same: both parse what people write a
// little differently, so it is built from the parsed tree, in which classes,
// flags and repeats are spelled out.
func script(pattern string) (string, error) {
	re, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	if err := writeScript(&b, re); err != nil {
		return "", err
	}
	return b.String(), nil
}

func writeScript(b *strings.Builder, re *syntax.Regexp) error {
	switch re.Op {
	case syntax.OpNoMatch:
		b.WriteString("(?!)")
	case syntax.OpEmptyMatch:
		b.WriteString("(?:)")
	case syntax.OpLiteral:
		for _, r := range re.Rune {
			writeRune(b, r, re.Flags&syntax.FoldCase != 0)
		}
	case syntax.OpCharClass:
		if len(re.Rune) == 0 {
			b.WriteString("(?!)")
			return nil
		}
		b.WriteByte('[')
		for i := 0; i+1 < len(re.Rune); i += 2 {
			fmt.Fprintf(b, `\u{%x}-\u{%x}`, re.Rune[i], re.Rune[i+1])
		}
		b.WriteByte(']')
	case syntax.OpAnyCharNotNL:
		b.WriteString(`[^\n]`)
	case syntax.OpAnyChar:
		b.WriteString(`[^]`)
	case syntax.OpBeginLine: // JavaScript's m also takes \r and others for ends of lines
		b.WriteString(`(?<![^\n])`)
	case syntax.OpEndLine:
		b.WriteString(`(?![^\n])`)
	case syntax.OpBeginText:
		b.WriteByte('^')
	case syntax.OpEndText:
		b.WriteByte('$')
	case syntax.OpWordBoundary:
		b.WriteString(`\b`)
	case syntax.OpNoWordBoundary:
		b.WriteString(`\B`)
	case syntax.OpConcat:
		for _, sub := range re.Sub {
			if err := writeGroup(b, sub, sub.Op == syntax.OpAlternate); err != nil {
				return err
			}
		}
	case syntax.OpAlternate:
		for i, sub := range re.Sub {
			if i > 0 {
				b.WriteByte('|')
			}
			if err := writeScript(b, sub); err != nil {
				return err
			}
		}
	case syntax.OpCapture:
		return writeGroup(b, re.Sub[0], true)
	case syntax.OpStar, syntax.OpPlus, syntax.OpQuest, syntax.OpRepeat:
		if err := writeGroup(b, re.Sub[0], true); err != nil {
			return err
		}
		switch re.Op {
		case syntax.OpStar:
			b.WriteByte('*')
		case syntax.OpPlus:
			b.WriteByte('+')
		case syntax.OpQuest:
			b.WriteByte('?')
		default:
			b.WriteString("{" + strconv.Itoa(re.Min))
			if re.Max != re.Min {
				b.WriteByte(',')
				if re.Max >= 0 {
					b.WriteString(strconv.Itoa(re.Max))
				}
			}
			b.WriteByte('}')
		}
		if re.Flags&syntax.NonGreedy != 0 {
			b.WriteByte('?')
		}
	default:
		return fmt.Errorf("dom: no script for %v", re.Op)
	}
	return nil
}

// writeGroup writes a part, in a group where it would else bind otherwise.
func writeGroup(b *strings.Builder, re *syntax.Regexp, group bool) error {
	if !group {
		return writeScript(b, re)
	}
	b.WriteString("(?:")
	if err := writeScript(b, re); err != nil {
		return err
	}
	b.WriteByte(')')
	return nil
}

// writeRune writes one character, with its other cases where case is ignored.
func writeRune(b *strings.Builder, r rune, fold bool) {
	if fold && unicode.SimpleFold(r) != r {
		fmt.Fprintf(b, `[\u{%x}`, r)
		for f := unicode.SimpleFold(r); f != r; f = unicode.SimpleFold(f) {
			fmt.Fprintf(b, `\u{%x}`, f)
		}
		b.WriteByte(']')
		return
	}
	if r < 0x80 && (unicode.IsLetter(r) || unicode.IsDigit(r)) || r == ' ' {
		b.WriteRune(r)
		return
	}
	fmt.Fprintf(b, `\u{%x}`, r)
}
