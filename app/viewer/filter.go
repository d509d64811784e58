package viewer

import (
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/query"
)

// filter is what the filter box says and what of it the rows obey.
type filter struct {
	committed *query.Query // of the view; nil also where that cannot be read
	draft     *query.Query // what the box says, as far as it could be read last
	wrong     *query.Error // why the text of the box cannot be read; nil when it can
	loaded    string       // what the entries of the store were asked with, in its canonical form
	shown     string       // what the table filters them by, "" for nothing
}

// read takes the text of the filter box and reports whether it can be read. If not,
// the rows go on obeying what could be read last.
func (m *Model) read(text string) bool {
	m.draft = text
	m.touch()
	q, err := m.opts.Parse(text)
	if errors.As(err, &m.filter.wrong) {
		return false
	}
	m.filter.wrong, m.filter.draft = nil, q
	return true
}

// readView takes the view's query as committed. One that cannot be read, as a link
// may hold, stands for none.
func (m *Model) readView() {
	if !m.read(m.view.Query) {
		m.filter.draft = nil
	}
	m.filter.committed = m.filter.draft
}

// draftQuery returns what is committed together with a change of something else:
// what the box says, if it can be read. Rows under a box that says something else
// would be taken for its answer.
func (m *Model) draftQuery() string {
	if m.filter.wrong != nil {
		return m.view.Query
	}
	return strings.TrimSpace(m.draft)
}

// edited filters the loaded rows by what was typed.
func (m *Model) edited(text string) []Effect {
	if text == m.draft {
		return nil
	}
	m.typed = true
	if !m.read(text) {
		return nil
	}
	return m.applyFilter()
}

// Asked returns the view's filter as the server is asked with it. The server knows
// no reader's limit.
func (m *Model) Asked() string {
	if q := m.filter.committed; q.Grounded() != q {
		return q.Grounded().String()
	}
	return m.view.Query
}

// limited takes another limit, and searches anew where the filter depends on it.
func (m *Model) limited(limit time.Duration) []Effect {
	if limit == m.opts.Limit {
		return nil
	}
	asked := m.Asked()
	m.opts.Limit = limit
	_, typed := m.filter.draft.Limited()
	text := m.draft
	if q, err := m.opts.Parse(m.view.Query); err == nil {
		m.filter.committed = q
	}
	if m.read(text); typed {
		m.filter.shown = "" // what follows is another one in the same words
	}
	effects := m.applyFilter()
	if m.Asked() != asked && len(m.view.Src) > 0 {
		effects = append(effects, m.search(keepEntries)...)
	}
	return effects
}

// submitted commits a filter. One that cannot be read asks nobody, and what is
// shown stays.
func (m *Model) submitted(text string) []Effect {
	if !m.read(text) {
		m.typed = true
		return nil
	}
	return m.commit(strings.TrimSpace(text))
}

// commit commits a filter that can be read.
func (m *Model) commit(text string) []Effect { return m.change(func() { m.view.Query = text }) }

// applyFilter has the table show the loaded rows that the box asks for. What the
// server was asked with it has applied already.
func (m *Model) applyFilter() []Effect {
	q := m.filter.draft
	text := q.String()
	if text == m.filter.loaded {
		q, text = nil, ""
	}
	if text == m.filter.shown {
		return nil
	}
	m.remember(m.filter.draft)
	m.filter.shown = text
	m.pin = m.anchor(focusFirst)
	m.turned = true
	m.table.SetQuery(q.Grounded()) // told from others by its text
	return m.slice()
}

// uncommitted reports whether the rows obey another filter than the view's.
func (m *Model) uncommitted() bool { return m.filter.draft.String() != m.filter.committed.String() }

// edit changes the filter by one of its clauses or values, and commits that. A
// change that the language has no room for is told like one that cannot be read.
func (m *Model) edit(q *query.Query, err error) []Effect {
	if err != nil {
		if !errors.As(err, &m.filter.wrong) {
			m.filter.wrong = &query.Error{Column: 1, Reason: err.Error()}
		}
		return nil
	}
	return m.commit(q.String())
}

// filtered takes in the messages that change the filter by its parts. Values are
// chosen from rows that obey the box, clauses from the pills of the view.
func (m *Model) filtered(msg Msg) (effects []Effect, mine bool) {
	switch msg := msg.(type) {
	case QueryEdited:
		return m.edited(msg.Query), true
	case LimitChosen:
		return m.limited(msg.Limit), true
	case QuerySubmitted:
		return m.submitted(msg.Query), true
	case Included:
		return m.edit(m.filter.draft.Include(msg.Field, msg.Value)), true
	case Excluded:
		return m.edit(m.filter.draft.Exclude(msg.Field, msg.Value)), true
	case Unchosen:
		return m.edit(m.filter.draft.Remove(msg.Field, msg.Value)), true
	case ClauseDropped:
		return m.edit(m.filter.committed.Without(msg.Clause), nil), true
	case ClauseFlipped:
		return m.edit(m.filter.committed.Flip(msg.Clause)), true
	case TextSearched:
		if p, ok := m.FilterProblem(); ok && p.AsText != "" {
			return m.submitted(p.AsText), true
		}
		return nil, true
	case SuggestionTaken:
		if p, ok := m.FilterProblem(); ok {
			if p.Fixed == "" {
				return nil, true
			}
			return m.submitted(p.Fixed), true
		}
		if _, better, ok := m.Hint(); ok && better != "" {
			return m.submitted(better), true
		}
		return nil, true
	}
	return nil, false
}

// FilterProblem returns why the filter cannot be read, while it is typed and after
// the server refused it.
func (m *Model) FilterProblem() (FilterProblem, bool) {
	if w := m.filter.wrong; w != nil {
		return FilterProblem{
			Column: w.Column, Query: m.draft, Reason: stopped(Capital(w.Reason)), Suggestion: w.Suggestion,
			AsText: w.AsText, Fixed: m.mended(m.draft, w.Column),
		}, true
	}
	if e := m.load.err; e != nil && e.Kind == fault.Invalid && e.Column > 0 && m.load.replace {
		return FilterProblem{Column: e.Column, Query: m.view.Query, Reason: stopped(Capital(e.Msg))}, true
	}
	return FilterProblem{}, false
}

// mended returns what a filter may have been before its last sign was forgotten or
// one too many was typed, "" where that is not it. column is where the trouble is.
func (m *Model) mended(text string, column int) string {
	if runes := []rune(text); column > 0 && column <= len(runes) && runes[column-1] == '/' {
		return "" // a regular expression: where it went wrong is not for us to guess
	}
	var tries []string
	head := strings.TrimSpace(text)
	for _, word := range []string{" or", " and", " not", " -", "("} { // one that awaits a condition
		if n := len(head) - len(word); n > 0 && strings.EqualFold(head[n:], word) {
			tries = append(tries, strings.TrimSpace(head[:n]))
		}
	}
	if strings.HasSuffix(head, ":") {
		tries = append(tries, head+"*")
	}
	round, square := strings.Contains(text, "("), strings.Contains(text, "[")
	for _, end := range [...]struct {
		sign string
		may  bool
	}{{")", round}, {`"`, true}, {`")`, round}, {"]", square}, {"))", round}} {
		if end.may {
			tries = append(tries, text+end.sign)
		}
	}
	if runes := []rune(text); column <= len(runes) && strings.ContainsRune(`)"(]`, runes[column-1]) {
		tries = append(tries, string(slices.Delete(runes, column-1, column)))
	}
	for _, t := range tries {
		if _, err := m.opts.Parse(t); err == nil {
			return t
		}
	}
	return ""
}

// Hint returns what else the filter may have meant: a sentence, and the filter to
// offer for SuggestionTaken, "" where there is none.
func (m *Model) Hint() (reason, better string, ok bool) {
	q := m.filter.draft
	if m.filter.wrong != nil || q.String() == "" {
		return "", "", false
	}
	if s, ok := q.Suggestion(); ok {
		return "This " + s.Reason + ".", s.Query, true
	}
	name, near, said := m.unknownName(q)
	if name == "" {
		return "", "", false
	}
	if near != "" {
		better = m.renamed(m.draft, name, near)
	}
	return said, better, true
}

// unknownName returns a name of the filter that nothing has, the nearest that
// exists, and a sentence on it. Of the committed filter the server knows; of a typed
// one the loaded entries tell.
func (m *Model) unknownName(q *query.Query) (name, near, said string) {
	if !m.uncommitted() {
		at := slices.IndexFunc(m.load.notes, func(n logs.Note) bool { return n.Near != "" })
		if len(m.load.notes) == 0 {
			return "", "", ""
		}
		n := m.load.notes[max(at, 0)]
		if said = stopped(Capital(n.Text)); n.Near != "" {
			said += " Did you mean `" + n.Near + "`?"
		}
		return n.Name, n.Near, said
	}
	if m.store.Len() == 0 {
		return "", "", ""
	}
	if name, near = query.Unknown(q, m.fieldNames()); name == "" {
		return "", "", ""
	}
	said = "No entry loaded so far has a field `" + name + "`"
	if near == "" {
		return name, "", said + "."
	}
	return name, near, said + ": did you mean `" + near + "`?"
}

// renamed returns the filter with one name for another, "" where that changes
// nothing or cannot be read.
func (m *Model) renamed(text, name, near string) string {
	var b strings.Builder
	rest := text
	for {
		i := indexFold(rest, name)
		if i < 0 {
			break
		}
		after := strings.TrimLeft(rest[i+len(name):], " ")
		begins := i == 0 || strings.ContainsRune(" (-!", rune(rest[i-1]))
		b.WriteString(rest[:i])
		if begins && after != "" && strings.ContainsRune(":=<>!", rune(after[0])) {
			b.WriteString(near)
		} else {
			b.WriteString(rest[i : i+len(name)])
		}
		rest = rest[i+len(name):]
	}
	b.WriteString(rest)
	if _, err := m.opts.Parse(b.String()); err != nil || b.String() == text {
		return ""
	}
	return b.String()
}

// indexFold is strings.Index, whatever the case of ASCII letters.
func indexFold(s, word string) int {
	for i := 0; word != "" && i+len(word) <= len(s); i++ {
		if strings.EqualFold(s[i:i+len(word)], word) {
			return i
		}
	}
	return -1
}
