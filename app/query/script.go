package query

import (
	"fmt"
	"regexp/syntax"
	"unicode"
)

// Script returns an RE2 expression as the pattern of an ECMAScript regular
// expression with the flag u, which finds its matches in [Texts] joined by
// [Separator], and never one that spans two of them. It reports false for
// expressions that [Backtracks] warns of, and for those that do not translate.
func Script(expr string) (pattern string, ok bool) {
	tree, err := syntax.Parse(expr, syntax.Perl)
	if err != nil || backtracks(tree) {
		return "", false
	}
	var b writer
	if !writeScript(&b, tree) {
		return "", false
	}
	return b.String(), true
}

// Backtracks reports whether an engine that backtracks, as the browser's does,
// could take long over a text of some kilobytes: there are repeats within repeats,
// two open repeats over the same characters with nothing certain between them, or
// many ways to choose. Go's own engine never takes long, and what cannot be parsed
// is left to it too.
func Backtracks(expr string) bool {
	tree, err := syntax.Parse(expr, syntax.Perl)
	return err != nil || backtracks(tree)
}

// Bounds of what a backtracking engine is trusted with.
const (
	maxChoices = 64 // ways to choose alternatives, outside of open repeats
	maxCounted = 8  // a counted repeat up to this many is a choice; beyond, it is open
)

// backtracks is conservative: everything that is not surely fast is refused.
func backtracks(tree *syntax.Regexp) bool {
	choices := 1
	return !tame(tree, &choices) || choices > maxChoices || crowded(tree)
}

// open reports whether a repeat may go on for long.
func open(re *syntax.Regexp) bool {
	return re.Op == syntax.OpStar || re.Op == syntax.OpPlus || re.Op == syntax.OpRepeat && (re.Max < 0 || re.Max > maxCounted)
}

// tame reports whether all repeats repeat single characters or plain words, and
// multiplies the choices.
func tame(re *syntax.Regexp, choices *int) bool {
	switch {
	case open(re):
		return single(re.Sub[0])
	case re.Op == syntax.OpRepeat:
		if !single(re.Sub[0]) {
			return false
		}
		*choices = min(*choices*(re.Max-re.Min+1), maxChoices+1)
		return true
	case re.Op == syntax.OpQuest:
		*choices = min(*choices*2, maxChoices+1)
	case re.Op == syntax.OpAlternate:
		*choices = min(*choices*len(re.Sub), maxChoices+1)
	}
	for _, sub := range re.Sub {
		if !tame(sub, choices) {
			return false
		}
	}
	return true
}

// single reports whether an expression matches one character in one way.
func single(re *syntax.Regexp) bool {
	switch re.Op {
	case syntax.OpCapture:
		return single(re.Sub[0])
	case syntax.OpLiteral:
		return len(re.Rune) == 1
	case syntax.OpCharClass, syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return true
	}
	return false
}

// crowded reports whether two open repeats can divide one stretch of text between
// them. What stands between two repeats keeps them apart if its first character
// is certain and cannot be one of the first repeat.
func crowded(tree *syntax.Regexp) bool {
	var repeats []*syntax.Regexp // the open repeats so far that nothing has closed
	bad := false
	var walk func(re *syntax.Regexp)
	walk = func(re *syntax.Regexp) {
		switch {
		case open(re):
			for _, r := range repeats {
				bad = bad || overlap(r.Sub[0], re.Sub[0])
			}
			repeats = append(repeats, re)
		case single(re):
			kept := repeats[:0:0]
			for _, r := range repeats {
				if overlap(r.Sub[0], re) {
					kept = append(kept, r)
				}
			}
			repeats = kept
		case re.Op == syntax.OpLiteral:
			for _, c := range re.Rune {
				walk(&syntax.Regexp{Op: syntax.OpLiteral, Flags: re.Flags, Rune: []rune{c}})
			}
		case re.Op == syntax.OpAlternate || re.Op == syntax.OpQuest || re.Op == syntax.OpRepeat:
			// One branch may be passed by: what was open stays open.
			before := repeats
			var after []*syntax.Regexp
			for _, sub := range re.Sub {
				repeats = before[:len(before):len(before)]
				walk(sub)
				after = append(after, repeats...)
			}
			repeats = append(after, before...)
		default:
			for _, sub := range re.Sub {
				walk(sub)
			}
		}
	}
	walk(tree)
	return bad
}

// overlap reports whether some character may match both of two single ones.
func overlap(a, b *syntax.Regexp) bool {
	ra, rb := runesOf(a), runesOf(b)
	for i := 0; i+1 < len(ra); i += 2 {
		for j := 0; j+1 < len(rb); j += 2 {
			if ra[i] <= rb[j+1] && rb[j] <= ra[i+1] {
				return true
			}
		}
	}
	return false
}

// runesOf returns the ranges of a single character.
func runesOf(re *syntax.Regexp) []rune {
	switch re.Op {
	case syntax.OpCapture:
		return runesOf(re.Sub[0])
	case syntax.OpLiteral:
		return foldRanges(re.Rune[0], re.Flags)
	case syntax.OpCharClass:
		return re.Rune
	case syntax.OpAnyCharNotNL:
		return []rune{0, '\n' - 1, '\n' + 1, unicode.MaxRune}
	}
	return []rune{0, unicode.MaxRune}
}

// foldRanges returns a character, and its other cases where case is ignored.
func foldRanges(r rune, flags syntax.Flags) []rune {
	out := []rune{r, r}
	if flags&syntax.FoldCase != 0 {
		for f := unicode.SimpleFold(r); f != r; f = unicode.SimpleFold(f) {
			out = append(out, f, f)
		}
	}
	return out
}

// maxCopies bounds the copies that are written of what is repeated so often at least.
const maxCopies = 12

// writeScript writes a tree in ECMAScript's syntax.
func writeScript(b *writer, re *syntax.Regexp) bool {
	open, between, end := "", "", ""
	switch re.Op {
	case syntax.OpEmptyMatch:
		end = "(?:)"
	case syntax.OpLiteral:
		for _, r := range re.Rune {
			writeRanges(b, foldRanges(r, re.Flags))
		}
	case syntax.OpCharClass:
		writeRanges(b, re.Rune)
	case syntax.OpAnyCharNotNL:
		end = `[^\n\x01]`
	case syntax.OpAnyChar:
		end = `[^\x01]`
	case syntax.OpBeginText:
		end = `(?<=\x01)`
	case syntax.OpEndText:
		end = `(?=\x01)`
	case syntax.OpBeginLine:
		end = `(?<=[\x01\n])`
	case syntax.OpEndLine:
		end = `(?=[\x01\n])`
	case syntax.OpWordBoundary:
		end = `\b`
	case syntax.OpNoWordBoundary:
		end = `\B`
	case syntax.OpCapture, syntax.OpConcat:
	case syntax.OpAlternate:
		open, between, end = "(?:", "|", ")"
	case syntax.OpStar:
		open, end = "(?:", ")*"
	case syntax.OpPlus:
		open, end = "(?:", ")+"
	case syntax.OpQuest:
		open, end = "(?:", ")?"
	case syntax.OpRepeat:
		// As many copies as there must be: a browser's engine counts slowly, ten times
		// so where that is how an expression begins.
		for range min(re.Min, maxCopies) {
			if !writeScript(b, re.Sub[0]) {
				return false
			}
		}
		least := max(re.Min-maxCopies, 0)
		if re.Max == re.Min && least == 0 {
			return true
		}
		open, end = "(?:", fmt.Sprintf("){%d,%d}", least, re.Max-min(re.Min, maxCopies))
		if re.Max < 0 {
			end = fmt.Sprintf("){%d,}", least)
		}
	default:
		return false
	}
	for _, sub := range re.Sub {
		b.WriteString(open)
		if open = between; !writeScript(b, sub) {
			return false
		}
	}
	b.WriteString(end)
	return true
}

// writeRanges writes a class without Separator, or a single character as itself.
func writeRanges(b *writer, ranges []rune) {
	if len(ranges) == 2 && ranges[0] == ranges[1] && ranges[0] != Separator {
		writeRune(b, ranges[0])
		return
	}
	b.WriteByte('[')
	for i := 0; i+1 < len(ranges); i += 2 {
		if lo, hi := ranges[i], ranges[i+1]; lo <= Separator && hi >= Separator {
			writeRange(b, lo, Separator-1)
			writeRange(b, Separator+1, hi)
		} else {
			writeRange(b, lo, hi)
		}
	}
	b.WriteByte(']')
}

func writeRange(b *writer, lo, hi rune) {
	if lo < hi {
		writeRune(b, lo)
		b.WriteByte('-')
	}
	if lo <= hi {
		writeRune(b, hi)
	}
}

func writeRune(b *writer, r rune) {
	if r == '_' || r == ' ' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
		b.WriteRune(r)
		return
	}
	fmt.Fprintf(b, `\u{%x}`, r)
}
