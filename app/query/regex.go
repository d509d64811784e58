package query

import (
	"fmt"
	"regexp"
	"regexp/syntax"
	"strings"
)

// maxProgram bounds a compiled expression in instructions. Matching takes time in
// proportion to text × instructions, so that this and MaxText bound it.
const maxProgram = 2000

// maxScript bounds the text in bytes that the hook's engine gets. One that
// backtracks takes time in proportion to the square of it for a pattern as plain as
// a.*b; longer texts are left to package regexp.
const maxScript = 4096

// pattern is a compiled regular expression with a literal that must stand in any
// text it matches, which is far cheaper to look for.
type pattern struct {
	match   func(string) bool
	hook    Matcher
	loose   *syntax.Regexp // see endless
	test    func(*Texts)   // the hook's, nil for none
	batch   *Batch         // who asks on behalf of many entries, nil for none
	literal needle         // "" when nothing is certain
	ascii   bool           // the literal is only certain in ASCII text
	sure    *needle        // the longest part of it that is certain, and not escaped in JSON; nil for none
}

// newRegex builds a regular expression condition.
func newRegex(name string, r ref, expr string, fold bool, hook Matcher) (*term, *problem) {
	if len(expr) > MaxPattern {
		return nil, &problem{fmt.Sprintf("the regular expression is longer than %d bytes", MaxPattern), ""}
	}
	flags := syntax.Perl
	full := expr
	if fold {
		flags |= syntax.FoldCase
		full = "(?i)" + expr
	}
	tree, err := syntax.Parse(expr, flags)
	if err != nil {
		reason := strings.TrimPrefix(err.Error(), "error parsing regexp: ")
		return nil, &problem{"the regular expression is not valid: " + reason, ""}
	}
	prog, err := syntax.Compile(tree.Simplify())
	if err != nil || len(prog.Inst) > maxProgram {
		return nil, &problem{"the regular expression is too large", "use smaller repeat counts"}
	}
	re, err := regexp.Compile(full)
	if err != nil {
		return nil, &problem{"the regular expression is not valid: " + err.Error(), ""}
	}
	p := &pattern{match: re.MatchString, hook: hook}
	if hook != nil {
		if test, err := hook(full); err == nil {
			p.test = test
		}
	}
	if lit := required(tree); len(lit) > 1 {
		p.literal = newNeedle(lit)
		// In Unicode k also folds to the Kelvin sign and s to the long s.
		p.ascii = strings.ContainsAny(p.literal.text, "ks")
		p.sure = longestPlain([]rune(strings.NewReplacer("k", "\n", "s", "\n").Replace(p.literal.text)))
	}
	p.loose = endless(tree)
	return &term{name: name, ref: r, op: OpRegex, text: expr, fold: fold, regex: p}, nil
}

// in reports whether the expression matches somewhere in the first MaxText bytes.
func (p *pattern) in(s string) bool {
	if len(s) > MaxText {
		s = s[:MaxText]
	}
	if p.literal.text != "" && !p.literal.in(s) && !(p.ascii && !isASCII(s)) {
		return false
	}
	switch {
	case p.test == nil || !fits(s):
		return p.match(s)
	case p.batch != nil:
		return p.batch.ask(p, s)
	}
	var one Texts
	one.add(s)
	p.test(&one)
	return one.Hits[0] != 0
}

func isASCII(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// required returns the longest ASCII text that, case ignored, every match holds;
// "" when there is none.
func required(re *syntax.Regexp) string {
	switch re.Op {
	case syntax.OpLiteral:
		var best, run []rune
		for _, r := range re.Rune {
			if r >= 0x80 {
				run = nil
				continue
			}
			if run = append(run, r); len(run) > len(best) {
				best = run
			}
		}
		return string(best)
	case syntax.OpConcat:
		best := ""
		for _, sub := range re.Sub {
			if lit := required(sub); len(lit) > len(best) {
				best = lit
			}
		}
		return best
	case syntax.OpCapture, syntax.OpPlus:
		return required(re.Sub[0])
	case syntax.OpRepeat:
		if re.Min > 0 {
			return required(re.Sub[0])
		}
	}
	return ""
}
