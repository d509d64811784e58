// Package query is the filter language: one parser and one evaluator, compiled
// for the server and for the browser, so that both keep the same rows.
//
//	q, err := query.Parse(`status:>=500 -vendor:algolia "connection refused"`)
//	if err != nil { … }          // *query.Error: column, reason, what to do
//	if q.Match(&entry) { … }
//	vendor, rest := query.Split(q, caps) // what the vendor can do, what is left
//
// # The language
//
// Words next to each other are ANDed; OR binds looser than AND; NOT, - and !
// negate; parentheses group; operators, names and values ignore case.
//
//	timeout            the text, anywhere in the entry: summary, fields, ids, status, raw JSON
//	"connection refused"        the same with spaces; wildcards are plain text in quotes
//	job:3b69*          a whole value; * is any text, ? one character, \ makes the next one plain
//	body:timeout       summary, body, error, url and their like are prose: the value holds the text
//	body="ok"          = asks for the whole value also there
//	body:/time.?out/i  RE2, found anywhere in the value; i ignores case; write \/ for a slash
//	status:>=500       also status>=500 and status >= 500; != negates
//	status:[500 TO 599]   {a TO b} leaves the ends out, * is an open end; status:5xx
//	took:>2s           ns us ms s m h, a bare number is milliseconds; took:>80%limit
//	time:2026-11-21    the whole day; likewise a minute or a second, in UTC unless it says more
//	level:>=warning    by seriousness; level:warn is level:warning
//	error_code:*       the field is there; names ignore case and underscores (errorCode)
//	index:(products OR "products fr")   several values; values side by side are alternatives
//	ep.error_detail:x  the vendor's own JSON by path: ep, moltin, coveo, algolia, deepset, or raw for any
//
// A negated clause keeps the entries that lack the field, as Lucene does:
// -status:404 keeps a row without any status. Add status:* to drop those.
//
// Numbers in strings compare as numbers, and arrays match when one of their
// elements does.
//
// The package must not know a clock (relative times belong to the view's span),
// a vendor's HTTP call, or the browser.
package query

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/logpane/logpane/app/logs"
)

// Bounds of the language. Beyond them Parse returns an *Error.
const (
	MaxLength  = 4096 // bytes of a filter, as written and as String writes it
	MaxDepth   = 50   // nesting of AND, OR and NOT
	MaxClauses = 200  // single conditions
	MaxPattern = 512  // bytes of one regular expression or wildcard pattern
	MaxText    = 1 << 16
)

// DefaultLimit is the webhook limit that 80%limit refers to unless Options say
// otherwise: Elastic Path counts a delivery slower than 10 s as failed, per its
// integrations reference.
const DefaultLimit = 10 * time.Second

// Matcher compiles a regular expression into a test of many texts at once. The
// pattern is RE2, already validated, and begins with (?i) when it ignores case;
// [Script] writes it for a browser, unless it could take long there. A nil test, or
// an error, leaves the expression to package regexp. The test must be safe for
// concurrent use where the queries are, and say what package regexp would say. It
// gets valid UTF-8, of at most 4096 bytes each.
type Matcher func(pattern string) (test func(*Texts), err error)

// Options are what a filter means beyond its text. The zero value is usable.
type Options struct {
	Limit time.Duration // what 100%limit is; 0 means DefaultLimit
	// Regex compiles regular expressions; nil means package regexp, which the
	// browser binary holds anyway because go-app's router does. The hook is for
	// the browser's own RegExp, which is many times faster there.
	Regex Matcher
}

// Query is a parsed filter. It is immutable and safe for concurrent use. A nil
// Query and the zero Query match everything.
type Query struct {
	root *node // nil matches everything
	fast *node // root, in the order in which it is best asked
	text string
	opts Options
	hint Suggestion
}

// Suggestion is a better filter for something that was pasted, offered and not
// imposed: a UUID may be a job, an entry or an integration, and as free text it
// finds all three.
type Suggestion struct {
	Reason string // a plain sentence: "looks like a job id"
	Query  string // the filter to offer
}

// Error says why a filter cannot be read.
type Error struct {
	Column     int    // 1-based, in runes; where the trouble is
	Reason     string // a plain sentence without the column
	Suggestion string // what to write instead, "" when there is no good guess
	AsText     string // the filter that looks for the whole input as text, "" if that is too long
}

// Error returns "col 14: expected `)`".
func (e *Error) Error() string { return fmt.Sprintf("col %d: %s", e.Column, e.Reason) }

// Parse reads a filter with the default options. The error is always an *Error.
// Empty input matches everything.
func Parse(s string) (*Query, error) { return Options{}.Parse(s) }

// Parse reads a filter with these options. The error is always an *Error.
func (o Options) Parse(s string) (*Query, error) {
	if len(s) > MaxLength {
		return nil, &Error{Column: 1, Reason: fmt.Sprintf("the filter is longer than %d bytes", MaxLength),
			Suggestion: "keep the part that matters"}
	}
	s = strings.ToValidUTF8(s, "\uFFFD")
	p := &parser{s: s, opts: o}
	root, hint, err := p.parse()
	if err == nil {
		var q *Query
		if q, err = newQuery(root, o); err == nil {
			q.hint = hint
			return q, nil
		}
	}
	if text := quote(strings.TrimSpace(s)); len(text) <= MaxLength {
		err.AsText = text
	}
	return nil, err
}

// newQuery checks the bounds of a tree and keeps its canonical text.
func newQuery(root *node, o Options) (*Query, *Error) {
	q := &Query{root: root, opts: o}
	if root == nil {
		return q, nil
	}
	if d := root.depth(); d > MaxDepth {
		return nil, &Error{Column: 1, Reason: fmt.Sprintf("the filter nests deeper than %d levels", MaxDepth)}
	}
	if n := root.count(); n > MaxClauses {
		return nil, &Error{Column: 1, Reason: fmt.Sprintf("the filter has more than %d conditions", MaxClauses)}
	}
	var b writer
	root.write(&b)
	if b.Len() > MaxLength {
		return nil, &Error{Column: 1, Reason: fmt.Sprintf("the filter written out is longer than %d bytes", MaxLength),
			Suggestion: "keep the part that matters"}
	}
	q.text, q.fast = b.String(), root.cheapFirst()
	return q, nil
}

// String returns the canonical form: Parse reads it back to an equal query. It is
// "" for the query that matches everything.
func (q *Query) String() string {
	if q == nil {
		return ""
	}
	return q.text
}

// Suggestion returns what else the input may have meant, and false if nothing.
func (q *Query) Suggestion() (Suggestion, bool) {
	if q == nil || q.hint == (Suggestion{}) {
		return Suggestion{}, false
	}
	return q.hint, true
}

// Match reports whether the filter keeps e. It neither changes nor keeps e, and
// does not allocate for conditions on text, numbers, durations and levels.
func (q *Query) Match(e *logs.Entry) bool {
	if q == nil || q.root == nil {
		return true
	}
	d := DocOf(e)
	return q.fast.match(&d)
}

// column converts a byte offset to a 1-based column in runes.
//
//go:noinline
func column(s string, pos int) int {
	if pos > len(s) {
		pos = len(s)
	}
	return utf8.RuneCountInString(s[:pos]) + 1
}
