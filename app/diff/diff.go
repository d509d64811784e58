// Package diff tells what differs between two texts, two JSON values and the
// fields of two entries.
//
//	diff.Words("took 9.8 s", "took 12 s")
//	// {Same "took "} {Gone "9.8"} {New "12"} {Same " s"}
//
// The texts come from the far end of somebody's webhook, so everything is
// bounded: the comparison works in linear space, and spends at most a fixed number
// of steps. What is left when they are spent is told as gone and new, which is
// true, only longer than need be. Joining the texts of a result that are not New
// always gives the first text, byte for byte, and those that are not Gone the
// second; a character is never split.
//
// The package must not decide what matters: whether a change is worth a look is
// its reader's to say.
package diff

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Op is what became of a piece from the first text to the second.
type Op uint8

// The operations. Changed is for values that have a place of their own, as a
// member of an object: it is on both sides, with another value.
const (
	Same Op = iota
	Gone
	New
	Changed
)

// Run is a piece of text that is on both sides, only in the first, or only in the
// second. Text is never empty, and the next run has another Op.
type Run struct {
	Op   Op
	Text string
}

// maxWords bounds in bytes, of both sides together, what Words splits into words
// all at once.
const maxWords = 64 << 10

// Lines compares line by line. Where texts differ, all that is gone stands before
// all that is new. A run consists of whole lines with their ends.
func Lines(a, b string) []Run { return compare(a, b, line) }

// Words compares word by word: letters and digits stay together, everything else
// counts character by character. Texts of more than 64 KB together are compared by
// lines first, and by words where these differ.
func Words(a, b string) []Run {
	if len(a)+len(b) <= maxWords {
		return mend(compare(a, b, word))
	}
	var out []Run
	runs := Lines(a, b)
	for i := 0; i < len(runs); i++ {
		if i+1 < len(runs) && runs[i].Op == Gone && runs[i+1].Op == New && len(runs[i].Text)+len(runs[i+1].Text) <= maxWords {
			out = append(out, mend(compare(runs[i].Text, runs[i+1].Text, word))...)
			i++
		} else {
			out = append(out, runs[i])
		}
	}
	return out
}

// Equal reports whether nothing differs in runs.
func Equal(runs []Run) bool {
	for _, r := range runs {
		if r.Op != Same {
			return false
		}
	}
	return true
}

// line returns the length of the first line of s, with its end.
func line(s string) int {
	if i := strings.IndexByte(s, '\n'); i >= 0 {
		return i + 1
	}
	return len(s)
}

// word returns the length of the first word or other character of s, which is not
// empty.
func word(s string) int {
	n := 0
	for n < len(s) {
		c, size := rune(s[n]), 1
		if c >= utf8.RuneSelf {
			c, size = utf8.DecodeRuneInString(s[n:])
		}
		if !(c == '_' || unicode.IsLetter(c) || unicode.IsDigit(c) || unicode.IsMark(c)) {
			if n == 0 {
				return size
			}
			break
		}
		n += size
	}
	return n
}

// compare splits both texts with next and returns the runs.
func compare(a, b string, next func(string) int) []Run {
	head := common(a, b, next)
	ids := map[string]int32{}
	as, aEnds := tokens(a, head, next, ids)
	bs, bEnds := tokens(b, head, next, ids)
	keepA, keepB := match(as, bs, len(ids))

	var out []Run
	add := func(op Op, text string) {
		if text != "" {
			out = append(out, Run{op, text})
		}
	}
	doneA, doneB := 0, 0 // bytes told of
	for i, j, same := 0, 0, head; ; {
		// Here the texts have same bytes in common from doneA and doneB on.
		for i < len(as) && j < len(bs) && keepA[i] && keepB[j] {
			same = aEnds[i] - doneA
			i, j = i+1, j+1
		}
		add(Same, a[doneA:doneA+same])
		doneA, doneB = doneA+same, doneB+same
		if i == len(as) && j == len(bs) {
			return out
		}
		endA, endB := doneA, doneB
		for ; i < len(as) && !keepA[i]; i++ {
			endA = aEnds[i]
		}
		for ; j < len(bs) && !keepB[j]; j++ {
			endB = bEnds[j]
		}
		add(Gone, a[doneA:endA])
		add(New, b[doneB:endB])
		doneA, doneB, same = endA, endB, 0
	}
}

// common returns how many bytes of whole tokens both texts begin with.
func common(a, b string, next func(string) int) int {
	at := 0
	for at < len(a) && at < len(b) {
		n := next(a[at:])
		if n != next(b[at:]) || a[at:at+n] != b[at:at+n] {
			break
		}
		at += n
	}
	return at
}

// tokens numbers the tokens of s from byte at on: equal tokens have equal numbers.
func tokens(s string, at int, next func(string) int, ids map[string]int32) (seq []int32, ends []int) {
	for at < len(s) {
		n := next(s[at:])
		id, ok := ids[s[at:at+n]]
		if !ok {
			id = int32(len(ids))
			ids[s[at:at+n]] = id
		}
		at += n
		seq, ends = append(seq, id), append(ends, at)
	}
	return seq, ends
}

// mend joins changes that only a space or a sign between them holds apart: a
// reader sees a changed phrase then, instead of crumbs.
func mend(runs []Run) []Run {
	for i := 1; i+1 < len(runs); i++ {
		if runs[i].Op == Same && len(runs[i].Text) < 3 && runs[i-1].Op != Same && runs[i+1].Op != Same && bare(runs[i].Text) {
			return joined(runs)
		}
	}
	return runs
}

// joined builds the runs anew, with the small equal pieces inside of changes on
// both sides of these.
func joined(runs []Run) []Run {
	var out []Run
	var gone, fresh strings.Builder
	flush := func() {
		if gone.Len() > 0 {
			out = append(out, Run{Gone, gone.String()})
		}
		if fresh.Len() > 0 {
			out = append(out, Run{New, fresh.String()})
		}
		gone.Reset()
		fresh.Reset()
	}
	for i, r := range runs {
		switch {
		case r.Op == Gone:
			gone.WriteString(r.Text)
		case r.Op == New:
			fresh.WriteString(r.Text)
		case i > 0 && i+1 < len(runs) && len(r.Text) < 3 && bare(r.Text):
			gone.WriteString(r.Text)
			fresh.WriteString(r.Text)
		default:
			flush()
			out = append(out, r)
		}
	}
	flush()
	return out
}

// bare reports whether s has no letter, digit or line end.
func bare(s string) bool {
	for i := range len(s) {
		if c := s[i]; c == '\n' || c >= utf8.RuneSelf || c == '_' || '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'z' {
			return false
		}
	}
	return true
}
