package query

import (
	"slices"
	"sort"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/logpane/logpane/app/logs"
)

// MaxCompletions is how many completions there are at most.
const MaxCompletions = 8

// Catalog is what a filter can be completed from, beside what the language
// itself knows.
type Catalog struct {
	// Names are names of fields that were seen; those that all vendors share
	// need not be among them.
	Names []Name
	// Values returns values of a name as a filter writes it, the likeliest first;
	// nil when none are known.
	Values func(name string) []string
}

// Name is the name of a field.
type Name struct {
	Name   string
	Vendor string // whose entries have it, for people; "" for any
}

// Completion is one way in which a filter may go on.
type Completion struct {
	Text     string // takes the place of what stands between From and To
	From, To int    // offsets in bytes
	Caret    int    // where the caret belongs afterwards, in bytes of the new filter
	Label    string // to be shown
	Detail   string // what it means, or whose it is; may be ""
}

// Apply returns the filter with the completion, and where its caret belongs.
func (c Completion) Apply(text string) (string, int) {
	if c.From < 0 || c.From > c.To || c.To > len(text) {
		return text, len(text)
	}
	return text[:c.From] + c.Text + text[c.To:], c.Caret
}

// Complete returns how a filter may go on at the caret, an offset in bytes, the
// likeliest first: names, what can be asked of one, its values, and the words of
// the language. What begins like the text before the caret comes before what
// only holds it, and names that all vendors share before those of one. There are
// at most MaxCompletions; none inside a regular expression.
func Complete(text string, caret int, c Catalog) []Completion {
	if len(text) > MaxLength || caret < 0 || caret > len(text) || !utf8.ValidString(text[:caret]) {
		return nil
	}
	s := &scan{text: text, caret: caret, known: c.known}
	var out list
	switch at := s.spot(); at.kind {
	case spotCondition:
		out.conditions(text, at, c)
	case spotValue:
		out.values(text, at, c)
	case spotRange:
		out.add(text, at, "TO", "TO ", "between the two ends")
	}
	out.sort()
	return out.done
}

// known reports whether a name is shared or was seen.
func (c Catalog) known(name string) bool {
	return isKnown(name) || slices.ContainsFunc(c.Names, func(n Name) bool { return normal(n.Name) == normal(name) })
}

// spotKind is what may stand where the caret is.
type spotKind uint8

const (
	spotNothing   spotKind = iota
	spotCondition          // a name, a word, a keyword
	spotValue              // a value of a name
	spotRange              // the TO between the ends of a range
)

// spot is the place of the caret.
type spot struct {
	kind     spotKind
	name     string // of the value, as written
	from, to int    // the word that the caret is in
	typed    string // its text before the caret
	quoted   bool   // the word began with a quotation mark
	bound    bool   // after a comparison: patterns make no sense
	more     bool   // a condition stands before it: AND and OR make sense
	group    bool   // in parentheses
}

// scan looks for the place of the caret. It forgives what a parser must not: a
// filter that is being typed is seldom whole.
type scan struct {
	text  string
	caret int
	known func(name string) bool
	open  []string // for each open parenthesis the name whose values it holds, "" for none
}

// field is the name whose values stand here, "" for none.
func (s *scan) field() string {
	if len(s.open) == 0 {
		return ""
	}
	return s.open[len(s.open)-1]
}

func (s *scan) spot() spot {
	i, more := 0, false
	for {
		for i < s.caret && s.isGap(i) {
			_, n := utf8.DecodeRuneInString(s.text[i:])
			i += n
		}
		if i >= s.caret {
			return s.word(i, more)
		}
		switch c := s.text[i]; {
		case c == '(':
			s.open = append(s.open, s.field())
			more = false
			i++
		case c == ')':
			if len(s.open) > 0 {
				s.open = s.open[:len(s.open)-1]
			}
			more = true
			i++
		case (c == '-' || c == '!' || c == '+') && !(i+1 < s.caret && s.isGap(i+1)):
			more = false
			i++
		case strings.HasPrefix(s.text[i:s.caret], "&&"), strings.HasPrefix(s.text[i:s.caret], "||"):
			more = false
			i += 2
		default:
			next, at := s.condition(i, more)
			if next < 0 {
				return at
			}
			more = !isOperator(s.text[i:next])
			i = next
		}
	}
}

// isGap reports whether what stands at i separates words.
func (s *scan) isGap(i int) bool {
	r, _ := utf8.DecodeRuneInString(s.text[i:])
	return unicode.IsSpace(r) || r == ',' && s.field() != ""
}

// condition goes over the condition or value at i. next is where it ends, or -1
// where the caret is inside of it.
func (s *scan) condition(i int, more bool) (next int, at spot) {
	if s.field() == "" {
		if name, after := s.name(i); name != "" {
			return s.value(name, after)
		}
	}
	return s.plain(i, s.field(), more, false)
}

// name reads a name and the sign after it, and returns where its value begins.
func (s *scan) name(i int) (name string, after int) {
	size := nameLength(s.text[i:s.caret])
	if size == 0 {
		return "", 0
	}
	j := i + size
	if known := s.known(s.text[i:j]); known {
		for j < s.caret && s.text[j] == ' ' {
			j++
		}
	}
	rest := s.text[j:s.caret]
	for _, sign := range signs {
		if strings.HasPrefix(rest, sign) {
			if sign == ":" && strings.HasPrefix(rest, "://") {
				return "", 0
			}
			return s.text[i : i+size], j + len(sign)
		}
	}
	return "", 0
}

// signs are what may stand between a name and its value, longer ones first.
var signs = []string{":>=", ":<=", ":!=", ":==", ":>", ":<", ":=", "==", "!=", ">=", "<=", ":", "=", ">", "<"}

// value goes over what a name is asked for.
func (s *scan) value(name string, i int) (next int, at spot) {
	sign := s.text[i-1]
	for i < s.caret && s.text[i] == ' ' && s.known(name) {
		i++
	}
	if i < s.caret && s.text[i] == '(' {
		s.open = append(s.open, name)
		return i + 1, spot{}
	}
	if i < s.caret && (s.text[i] == '[' || s.text[i] == '{') {
		end := strings.IndexAny(s.text[i:s.caret], "]}")
		if end >= 0 {
			return i + end + 1, spot{}
		}
		return -1, s.ends(i + 1)
	}
	next, at = s.plain(i, name, false, true)
	at.bound = strings.IndexByte("<>", sign) >= 0 || i >= 2 && strings.ContainsAny(s.text[i-2:i], "<>")
	return next, at
}

// ends is the place in the range that begins at i.
func (s *scan) ends(i int) spot {
	words := strings.Fields(s.text[i:s.caret])
	gap := i < s.caret && s.isGap(s.caret-1)
	at := spot{kind: spotRange, from: s.caret, to: s.caret}
	switch {
	case len(words) == 1 && gap:
		return at
	case len(words) == 2 && !gap && len(words[1]) == 1 && strings.EqualFold(words[1], "t"):
		at.typed, at.from = words[1], s.caret-1
		return at
	}
	return spot{}
}

// plain goes over a phrase, a regular expression or a word.
func (s *scan) plain(i int, name string, more, alone bool) (next int, at spot) {
	if i < s.caret {
		switch r, n := utf8.DecodeRuneInString(s.text[i:]); r {
		case '"', '“':
			if end := closing(s.text[i+n : s.caret]); end >= 0 {
				return i + n + end, spot{}
			}
			at = spot{kind: spotValue, name: name, from: i, to: s.caret, typed: s.text[i+n : s.caret], quoted: true}
			if name == "" {
				at.kind = spotNothing
			}
			if end := closing(s.text[s.caret:]); end >= 0 {
				at.to = s.caret + end
			}
			return -1, at
		case '/':
			if p := (&parser{s: s.text[:s.caret], i: i}); i+1 < s.caret {
				if _, _, ok := p.regex(); ok {
					return p.i, spot{}
				}
			}
			if name != "" || strings.IndexByte(s.text[i+1:s.caret], '/') < 0 && !s.hasGap(i) {
				return -1, spot{} // inside an expression, as it seems
			}
		}
	}
	end := s.end(i)
	if end < s.caret {
		return end, spot{}
	}
	at = s.word(i, more)
	if alone {
		at.kind, at.name, at.group = spotValue, name, false
	}
	return -1, at
}

func (s *scan) hasGap(i int) bool {
	return strings.ContainsFunc(s.text[i:s.caret], unicode.IsSpace)
}

// end returns where the word at i ends.
func (s *scan) end(i int) int {
	for depth := 0; i < len(s.text); {
		r, n := utf8.DecodeRuneInString(s.text[i:])
		switch {
		case s.isGap(i), r == ')' && depth == 0:
			return i
		case r == '(':
			depth++
		case r == ')':
			depth--
		case r == '\\' && i+n < len(s.text):
			_, m := utf8.DecodeRuneInString(s.text[i+n:])
			n += m
		}
		i += n
	}
	return len(s.text)
}

// word is the place in the word at i, which the caret is in or at the edge of.
func (s *scan) word(i int, more bool) spot {
	at := spot{kind: spotCondition, from: i, to: max(s.end(i), s.caret), typed: s.text[min(i, s.caret):s.caret], more: more, group: len(s.open) > 0}
	if i >= s.caret {
		at.from = s.caret
	}
	if name := s.field(); name != "" {
		at.kind, at.name = spotValue, name
		return at
	}
	// A name ends where its sign begins.
	if n := nameLength(s.text[at.from:at.to]); n > 0 && at.from+n >= s.caret {
		at.to = at.from + n
	}
	return at
}

// closing returns the offset after the quotation mark that ends a phrase, -1 for
// none.
func closing(s string) int {
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		if r == '\\' && i+1 < len(s) {
			i += 2
			continue
		}
		i += n
		if r == '"' || r == '”' {
			return i
		}
	}
	return -1
}

// Tiers of completions, likeliest first.
const (
	tierSign   = iota // what can be asked of the name that stands there
	tierShared        // begins like what was typed
	tierSeen
	tierWord
	tierHolds // only holds what was typed
	tierSeenHolds
	tierGuess // a value that says more than the word
)

// list gathers completions.
type list struct {
	done  []Completion
	tiers []int
	tier  int
}

// add takes a completion at a place, shown as label, which writes text.
func (l *list) add(filter string, at spot, label, text, detail string) {
	for _, c := range l.done {
		if c.Label == label {
			return
		}
	}
	caret := at.from + len(text)
	// What goes on with a space takes the one that is there.
	if rest := filter[at.to:]; strings.HasSuffix(text, " ") && rest != "" {
		if text = text[:len(text)-1]; rest[0] == ')' || rest[0] == ']' || rest[0] == ',' {
			caret--
		} else if rest[0] != ' ' {
			text += " "
		}
	}
	l.done = append(l.done, Completion{Text: text, From: at.from, To: at.to, Caret: caret, Label: label, Detail: detail})
	l.tiers = append(l.tiers, l.tier)
}

// sort brings the likeliest first and drops those that are too many.
func (l *list) sort() {
	order := make([]int, len(l.done))
	for i := range order {
		order[i] = i
	}
	sort.SliceStable(order, func(a, b int) bool { return l.tiers[order[a]] < l.tiers[order[b]] })
	var out []Completion
	for _, i := range order[:min(len(order), MaxCompletions)] {
		out = append(out, l.done[i])
	}
	l.done = out
}

// like reports whether a word begins with, or else holds, what was typed. One
// letter is not enough to be looked for inside.
func like(word, typed string) (begins, holds bool) {
	if strings.HasPrefix(word, typed) {
		return true, true
	}
	return false, len(typed) > 1 && strings.Contains(word, typed)
}

// conditions takes names, keywords and, for a word that is one of the language's
// own values, the condition that it stands for.
func (l *list) conditions(filter string, at spot, c Catalog) {
	typed := normal(at.typed)
	if at.typed != "" && nameLength(at.typed) != len(at.typed) {
		typed = strings.TrimRight(typed, ".-")
		if nameLength(strings.TrimRight(at.typed, ".-_")) == 0 && at.typed != "_" {
			return // no name begins like this
		}
	}
	rest := filter[at.to:]
	signed := strings.HasPrefix(rest, ":") || strings.HasPrefix(rest, "=") || strings.HasPrefix(rest, ">") || strings.HasPrefix(rest, "<") || strings.HasPrefix(rest, "!=")
	if at.typed != "" && !signed && c.known(at.typed) {
		l.tier = tierSign
		l.signs(filter, at)
	}
	name := func(n Name, tier int) {
		begins, holds := like(normal(n.Name), typed)
		if !holds || !validName(n.Name) || normal(n.Name) == typed {
			return
		}
		if l.tier = tier; !begins {
			l.tier += tierHolds - tierShared
		}
		if signed { // only the name changes; the caret goes behind its sign
			l.add(filter, at, n.Name, n.Name, n.Vendor)
			last := &l.done[len(l.done)-1]
			last.Caret = at.from + len(n.Name) + len(rest) - len(strings.TrimLeft(rest, ":=<>!"))
			return
		}
		l.add(filter, at, n.Name, n.Name+":", n.Vendor)
	}
	for _, n := range names {
		name(Name{n, hints[n]}, tierShared)
	}
	for _, n := range c.Names {
		name(n, tierSeen)
	}
	if signed {
		return
	}
	l.tier = tierWord
	for _, w := range []struct{ word, says string }{{"AND", "both"}, {"OR", "either"}, {"NOT", "leaves out"}} {
		if begins, _ := like(strings.ToLower(w.word), strings.ToLower(at.typed)); begins && (at.more && w.word != "NOT" || at.typed != "") && (at.more || w.word == "NOT") {
			l.add(filter, at, w.word, w.word+" ", w.says)
		}
	}
	if len(typed) < 3 {
		return
	}
	l.tier = tierGuess
	for _, n := range []string{"level", "outcome", "vendor"} {
		for _, v := range own(n) {
			if strings.HasPrefix(v, typed) {
				l.add(filter, at, n+":"+v, n+":"+v+" ", "")
			}
		}
	}
}

// hints say what the shared names take where that is no plain text.
var hints = map[string]string{
	"attempt": ">1", "level": ">=warning", "status": ">=500 or 5xx", "succeeded": "true or false",
	"took": ">2s or >80%limit", "time": "2026-11-21", "hits": "0",
}

// signs takes what can be asked of the name at a place.
func (l *list) signs(filter string, at spot) {
	written, r := resolve(at.typed)
	l.add(filter, at, at.typed+":", at.typed+":", "has the value")
	if _, ordered := hints[written]; ordered && written != "succeeded" || r.kind == refFields && !r.prose && !slices.Contains(names, written) {
		l.add(filter, at, at.typed+":>=", at.typed+":>=", "at least")
		l.add(filter, at, at.typed+":<", at.typed+":<", "less than")
	}
	l.add(filter, at, at.typed+"!=", at.typed+"!=", "has another value, or none")
	l.add(filter, at, at.typed+":*", at.typed+":* ", "is there")
}

// own returns the values that the language itself gives a name.
func own(name string) []string {
	switch name {
	case "level":
		return words(logs.LevelUnknown+1, logs.LevelCritical)
	case "outcome":
		return words(logs.OutcomeUnknown+1, logs.OutcomeWarned)
	case "succeeded":
		return []string{"false", "true"}
	case "vendor":
		return []string{"algolia", "coveo", "deepset", "elasticpath", "moltin"}
	case "status":
		return []string{"5xx", "4xx", "2xx"}
	case "took":
		return []string{">1s", ">80%limit", ">100ms"}
	}
	return nil
}

// words are the names of the values from first to last.
func words[T interface {
	~uint8
	String() string
}](first, last T) []string {
	var out []string
	for v := first; v <= last; v++ {
		out = append(out, v.String())
	}
	return out
}

// values takes the values of a name: those that were seen, then the language's
// own.
func (l *list) values(filter string, at spot, c Catalog) {
	written, _ := resolve(at.name)
	typed := strings.ToLower(at.typed)
	end := " "
	if at.group {
		end = ""
	}
	value := func(v string, sign bool) {
		begins, holds := like(strings.ToLower(v), typed)
		if !holds || v == "" || v == at.typed && !at.quoted || strings.ContainsRune(v, unicode.ReplacementChar) {
			return
		}
		if l.tier = tierShared; !begins {
			l.tier = tierHolds
		}
		text := v
		switch {
		case at.quoted:
			text = quote(v)
		case !sign && !bare(v, true):
			text = quote(v)
		}
		l.add(filter, at, v, text+end, "")
	}
	if c.Values != nil {
		for _, v := range c.Values(written) {
			value(v, false)
		}
	}
	if at.quoted && written != "level" && written != "outcome" && written != "vendor" {
		return
	}
	for _, v := range own(written) {
		pattern := strings.HasSuffix(v, "xx") || v[0] == '>'
		if !pattern || !at.bound && !at.quoted && !at.group {
			value(v, pattern)
		}
	}
}
