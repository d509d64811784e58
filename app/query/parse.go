package query

import (
	"fmt"
	"strings"
	"unicode"
)

// exists is Lucene's way to ask for a field: _exists_:status.
const exists = "_exists_"

// maxNesting bounds the parser's own recursion; the tree that results is flatter
// and has its own bound.
const maxNesting = 2 * MaxDepth

// parser reads one filter by recursive descent.
type parser struct {
	s     string
	i     int // next byte
	opts  Options
	count int
	// field is set while the values of one name are read inside parentheses.
	field *fieldScope
}

type fieldScope struct {
	name  string
	ref   ref
	whole bool // written with "="
}

func (p *parser) parse() (*node, Suggestion, *Error) {
	text := strings.TrimSpace(p.s)
	if text == "" {
		return nil, Suggestion{}, nil
	}
	if n, hint, ok := p.opts.fromJSON(text); ok {
		return n, hint, nil
	}
	n, err := p.or(0)
	if err == nil && p.i < len(p.s) {
		err = p.fail(p.i, "unexpected `)`", "remove it, or open a parenthesis before it")
	}
	if err != nil {
		return nil, Suggestion{}, err
	}
	return n, recognize(text), nil
}

//go:noinline
func (p *parser) fail(at int, reason, suggestion string) *Error {
	return &Error{Column: column(p.s, at), Reason: reason, Suggestion: suggestion}
}

//go:noinline
func (p *parser) failed(at int, pr *problem) *Error { return p.fail(at, pr.reason, pr.suggestion) }

func (p *parser) or(depth int) (*node, *Error) {
	if depth > maxNesting {
		return nil, p.fail(p.i, fmt.Sprintf("the filter nests deeper than %d levels", MaxDepth), "")
	}
	var kids []*node
	for {
		n, err := p.and(depth)
		if err != nil {
			return nil, err
		}
		kids = append(kids, n)
		size := p.operator("or", "||")
		if size == 0 {
			return join(nOr, kids), nil
		}
		p.i += size
	}
}

func (p *parser) and(depth int) (*node, *Error) {
	var kids []*node
	explicit, dangling := false, ""
	for {
		p.skipSpace()
		if p.i >= len(p.s) || p.s[p.i] == ')' || p.operator("or", "||") > 0 {
			break
		}
		if size := p.operator("and", "&&"); size > 0 {
			if len(kids) == 0 || dangling != "" {
				return nil, p.fail(p.i, "AND needs something on its left", `put it in quotes to look for the word: "and"`)
			}
			p.i += size
			explicit, dangling = true, "AND"
			continue
		}
		n, err := p.unary(depth)
		if err != nil {
			return nil, err
		}
		kids, dangling = append(kids, n), ""
	}
	if dangling != "" {
		return nil, p.fail(p.i, "AND needs something on its right", `put it in quotes to look for the word: "and"`)
	}
	if len(kids) == 0 {
		return nil, p.missing()
	}
	if p.field != nil && !explicit && !p.field.narrows(kids) {
		return join(nOr, kids), nil
	}
	return join(nAnd, kids), nil
}

// narrows reports whether values side by side are to hold all at once: words of
// prose, comparisons, negations. Whole values are alternatives, since a field
// cannot be two of them.
func (f *fieldScope) narrows(kids []*node) bool {
	for _, k := range kids {
		if k.kind == nNot || k.kind == nAnd {
			return true
		}
		if k.kind == nTerm {
			switch k.term.op {
			case OpIs, OpGlob, OpRegex, OpExists, OpRange:
			default:
				return true
			}
		}
	}
	return f.ref.prose && !f.whole
}

// missing explains why there is nothing at the current position.
func (p *parser) missing() *Error {
	before := strings.TrimRightFunc(p.s[:p.i], unicode.IsSpace)
	switch {
	case p.i < len(p.s) && p.s[p.i] != ')':
		return p.fail(p.i, "OR needs something on its left", `put it in quotes to look for the word: "or"`)
	case strings.HasSuffix(before, "(") && p.i < len(p.s):
		return p.fail(p.i, "there is nothing between the parentheses", "write a condition between them, or remove them")
	case p.i < len(p.s) && before == "":
		return p.fail(p.i, "unexpected `)`", "remove it, or open a parenthesis before it")
	case strings.HasSuffix(before, "("):
		return p.fail(p.i, "expected `)`", "write a condition and close the parenthesis")
	}
	return p.fail(p.i, "OR needs something on its right", `put it in quotes to look for the word: "or"`)
}

func (p *parser) unary(depth int) (*node, *Error) {
	if depth > maxNesting {
		return nil, p.fail(p.i, fmt.Sprintf("the filter nests deeper than %d levels", MaxDepth), "")
	}
	p.skipSpace()
	at := p.i
	size := p.operator("not", "")
	if size == 0 && p.isSign("-!") {
		size = 1
	}
	if size > 0 {
		p.i += size
		p.skipSpace()
		if p.i >= len(p.s) || p.s[p.i] == ')' || p.operator("or", "||") > 0 || p.operator("and", "&&") > 0 {
			return nil, p.fail(at, "NOT needs something after it", `put it in quotes to look for the word: "not"`)
		}
		n, err := p.unary(depth + 1)
		if err != nil {
			return nil, err
		}
		return negate(n), nil
	}
	if p.isSign("+") { // Lucene's "must", which everything is here
		p.i++
	}
	if p.i < len(p.s) && p.s[p.i] == '(' {
		return p.group(depth)
	}
	if p.count++; p.count > MaxClauses {
		return nil, p.fail(p.i, fmt.Sprintf("the filter has more than %d conditions", MaxClauses), "")
	}
	if p.field != nil {
		return p.value(p.field.name, p.field.ref, p.field.whole)
	}
	return p.condition(depth)
}

func (p *parser) group(depth int) (*node, *Error) {
	open := p.i
	p.i++
	n, err := p.or(depth + 1)
	if err != nil {
		return nil, err
	}
	if p.i >= len(p.s) {
		return nil, p.fail(p.i, "expected `)`", fmt.Sprintf("close the parenthesis that opens at column %d", column(p.s, open)))
	}
	p.i++
	return n, nil
}

// condition reads a phrase, a regular expression, a word, or a name with what is
// asked of it.
func (p *parser) condition(depth int) (*node, *Error) {
	at := p.i
	name, op := p.nameAndOperator()
	switch {
	case name == "*" && p.s[p.i] == '(': // any field, as elsewhere
		return p.group(depth)
	case name == "" || name == "*":
		return p.value("", ref{}, false)
	case name == exists:
		start := p.i
		w := p.word()
		if !validName(w.text) {
			return nil, p.fail(start, "expected the name of a field", "status:*")
		}
		written, r := p.opts.resolve(w.text)
		return leaf(newExists(written, r)), nil
	}
	written, r := p.opts.resolve(name)
	if p.i >= len(p.s) || p.s[p.i] == ')' {
		return nil, p.fail(p.i, fmt.Sprintf("expected a value after `%s`", strings.TrimSpace(p.s[at:p.i])),
			fmt.Sprintf("%s:* finds the entries that have it", written))
	}
	if op == ":" {
		switch sign := p.comparison(); sign {
		case "=", "==", "!=":
			p.i += len(sign)
			p.skipSpace()
			op = sign
		}
	}
	switch op {
	case ":", "=", "==", "!=":
		n, err := p.values(written, r, op != ":", depth)
		if err == nil && op == "!=" {
			n = negate(n)
		}
		return n, err
	}
	return p.compare(written, r, Op(op))
}

// values reads one value or, in parentheses, several.
func (p *parser) values(name string, r ref, whole bool, depth int) (*node, *Error) {
	if p.i < len(p.s) && p.s[p.i] == '(' {
		p.field = &fieldScope{name, r, whole}
		p.count-- // the group itself is no condition
		n, err := p.group(depth)
		p.field = nil
		return n, err
	}
	return p.value(name, r, whole)
}

// value reads one value of a field, or free text when there is no name.
func (p *parser) value(name string, r ref, whole bool) (*node, *Error) {
	at := p.i
	isField := name != ""
	if p.i >= len(p.s) || p.s[p.i] == ')' {
		return nil, p.fail(at, "expected a value", "")
	}
	if isField {
		switch sign := p.comparison(); sign {
		case ">=", "<=", ">", "<":
			p.i += len(sign)
			p.skipSpace()
			return p.compare(name, r, Op(sign))
		}
		if c := p.s[p.i]; c == '[' || c == '{' {
			return p.rangeValue(name, r)
		}
	}
	text, quoted, err := p.phrase()
	if err != nil {
		return nil, err
	}
	var t *term
	var pr *problem
	if !quoted {
		if expr, fold, ok := p.regex(); ok {
			t, pr = newRegex(name, r, expr, fold, p.opts.Regex)
			return p.finish(at, t, pr)
		}
		w := p.word()
		if p.i == at {
			return nil, p.fail(at, "expected a value", "")
		}
		if text = w.text; r.kind == refStatus && isClass(text) && !w.wild {
			w.wild, w.pattern = true, text[:1]+"??"
		}
		if w.wild {
			t, pr = newGlob(name, r, w.pattern, whole)
			return p.finish(at, t, pr)
		}
	}
	t, pr = newText(name, r, text, whole)
	return p.finish(at, t, pr)
}

// finish turns what a constructor returned into a node or an error at an offset.
//
//go:noinline
func (p *parser) finish(at int, t *term, pr *problem) (*node, *Error) {
	if pr != nil {
		return nil, p.failed(at, pr)
	}
	return leaf(t), nil
}

// isClass reports whether s is a class of status codes such as 5xx.
func isClass(s string) bool {
	return len(s) == 3 && s[0] >= '1' && s[0] <= '5' && (s[1:] == "xx" || s[1:] == "XX")
}

// compare reads the bound of a comparison whose sign was read.
func (p *parser) compare(name string, r ref, op Op) (*node, *Error) {
	at := p.i
	text, err := p.plain("")
	if err != nil {
		return nil, err
	}
	if text == "" {
		return nil, p.fail(at, fmt.Sprintf("expected a value after `%s`", op), "status:>=500")
	}
	t, pr := newCompare(name, r, op, text)
	return p.finish(at, t, pr)
}

// rangeValue reads [a TO b], where either bracket may be a brace that leaves its
// end out, and * is an open end.
func (p *parser) rangeValue(name string, r ref) (*node, *Error) {
	at := p.i
	const help = "status:[500 TO 599]; put the value in quotes if it is no range"
	bad := func(i int, reason string) (*node, *Error) { return nil, p.fail(i, reason, help) }
	loIn := p.s[p.i] == '['
	p.i++
	lo, err := p.end()
	if err != nil {
		return nil, err
	}
	if p.operator("to", "") == 0 {
		return bad(p.i, "expected TO: a range is written [a TO b]")
	}
	p.i += len("to")
	hi, err := p.end()
	if err != nil {
		return nil, err
	}
	if p.i >= len(p.s) || p.s[p.i] != ']' && p.s[p.i] != '}' {
		return bad(p.i, "expected `]` or `}`")
	}
	hiIn := p.s[p.i] == ']'
	p.i++
	t, pr := newRange(name, r, lo, hi, loIn, hiIn)
	return p.finish(at, t, pr)
}

// end reads one end of a range, "" for an open one.
func (p *parser) end() (string, *Error) {
	p.skipSpace()
	at := p.i
	open := strings.HasPrefix(p.s[p.i:], "*")
	text, err := p.plain("]}")
	if err != nil {
		return "", err
	}
	if text == "" {
		return "", p.fail(at, "expected a value or * in the range", "status:[500 TO 599]")
	}
	p.skipSpace()
	if open && text == "*" {
		return "", nil
	}
	return text, nil
}

// plain reads a phrase, or a word in which * and ? are text.
func (p *parser) plain(stop string) (string, *Error) {
	if text, ok, err := p.phrase(); ok || err != nil {
		return text, err
	}
	return p.wordUntil(stop).text, nil
}
