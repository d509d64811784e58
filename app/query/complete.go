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
