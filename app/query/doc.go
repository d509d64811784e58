package query

import (
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/logpane/logpane/app/logs"
)

// Doc is an entry for a filter that reads it in place: what has a column as a
// value, the rest as the bytes of its JSON. Decoding an entry costs fifty times as
// much as most filters do. Its strings may be views of memory that lives on.
//
// JSON is the whole entry as [logs.Entry.AppendJSON] writes it, and Fields and Raw
// are the parts of it that hold these two, "" where it has none. They must be
// plain: Fields one object of strings, booleans and numbers as people write them
// (no exponent, no trailing zeros, at most 15 digits), each name once, case and
// underscores ignored, and outside of Raw nothing escaped that [Plain] would not
// find escaped. [Query.Match] is for all others.
type Doc struct {
	ID, Src, Summary   string
	Job, Item, Request string
	Status, Attempt    int
	Took               time.Duration
	Time               time.Time
	Level              logs.Level
	Outcome            logs.Outcome
	HasTook            bool

	JSON, Fields, Raw string

	// Late fills in PartTexts when a text is looked for anywhere and stands in the
	// bytes, which is the only time it is called. It may be nil.
	Late func()

	entry *logs.Entry // in place of JSON, Fields and Raw
}

// Parts are the parts of a Doc that a filter looks at.
type Parts uint8

// The parts. Level, Outcome, Status, Attempt, Src and Took are always needed.
const (
	PartTexts  Parts = 1 << iota // ID, Summary, Job, Item, Request
	PartLate                     // Late, unless PartTexts are there
	PartTime                     // Time
	PartJSON                     // JSON, Fields and Raw
	PartEntry                    // the time as the vendor wrote it, which no Doc has: use Match
	PartRegexp                   // a regular expression or pattern runs over text, which is slow
)

// Parts returns what MatchDoc needs to find filled in.
func (q *Query) Parts() Parts {
	var p Parts
	if q == nil {
		return p
	}
	q.root.terms(func(t *term) {
		switch t.ref.kind {
		case refText:
			p |= PartLate | PartJSON
		case refFields, refRaw:
			p |= PartJSON
		case refTime:
			p |= PartTime
			if t.op == OpHas || t.op == OpGlob || t.op == opHasGlob || t.op == OpRegex {
				p |= PartEntry
			}
		case refID, refJob, refItem, refRequest, refSummary:
			p |= PartTexts
		}
		if t.op == OpRegex || t.op == opHasGlob || t.op == OpGlob {
			p |= PartRegexp
		}
	})
	return p
}

// DocOf returns an entry as a Doc, which need not be plain.
func DocOf(e *logs.Entry) Doc {
	return Doc{
		ID: e.ID, Src: e.Src, Summary: e.Summary, Job: e.Job, Item: e.Item, Request: e.Request, Status: e.Status, Attempt: e.Attempt,
		Took: e.Took, HasTook: e.HasTook, Time: e.Time, Level: e.Level, Outcome: e.Outcome, Raw: view(e.Raw), entry: e,
	}
}

// MatchDoc reports whether the filter keeps an entry, exactly as Match does, if d
// is plain and has the parts that the filter needs. It does not keep d.
func (q *Query) MatchDoc(d *Doc) bool {
	return q == nil || q.root == nil || q.fast.match(d)
}

// Plain reports whether a rune may be escaped in the JSON of a [Doc]: what JSON
// writers escape for HTML's or JavaScript's sake, and what JSON requires. Words
// that filters look for hold none of these, so that a word that does not stand in
// the bytes does not stand in the text.
func Plain(r rune) bool {
	return r >= ' ' && r != 0x7f && r != '\u2028' && r != '\u2029' && r != '\uFFFD' && (r >= 0x80 || !isQuoted(byte(r)))
}

// absent reports whether no text of the entry can match a condition without a
// name, because what each match holds does not stand in the bytes.
func (t *term) absent(json string) bool {
	switch t.op {
	case OpHas:
		if t.needle.ascii && !t.needle.quoted {
			return !t.needle.in(json)
		}
		return !t.needle.maybe(json)
	case opHasGlob:
		return t.sure != nil && !t.sure.in(json)
	}
	p := t.regex
	if p.literal.text == "" || p.ascii && !isASCII(json) {
		return false
	}
	if p.literal.quoted {
		return !p.literal.maybe(json)
	}
	return !p.literal.in(json)
}

// matchHits is matchText for a plain word, by where the word stands in the bytes.
func (t *term) matchHits(d *Doc) bool {
	rawAt := len(d.JSON) - 1 - len(d.Raw)
	fieldsAt, fieldsEnd := len(d.JSON), rawAt
	if d.Raw == "" {
		rawAt = len(d.JSON)
	} else {
		fieldsEnd -= len(`,"raw":`)
	}
	if d.Fields != "" {
		fieldsAt = fieldsEnd - len(d.Fields)
	}
	headDone, fieldsDone, unsure := false, false, false
	m := len(t.needle.text)
	for at := t.needle.index(d.JSON, 0); at >= 0; {
		next := at + 1
		switch {
		case at+m == len(d.JSON): // the end of the entry is nobody's text
		case at >= rawAt:
			switch t.needle.rawHit(d.Raw, at-rawAt) {
			case hitYes:
				return true
			case hitUnsure:
				unsure = true
			}
		case at >= fieldsAt && at < fieldsEnd:
			if !fieldsDone && t.inFields(d) {
				return true
			}
			fieldsDone, next = true, max(next, fieldsEnd-m)
		case !headDone:
			if t.inHead(d) {
				return true
			}
			headDone = true
		}
		at = t.needle.index(d.JSON, next)
	}
	return unsure && t.inRaw(d.Raw)
}

type hit uint8

const (
	hitNo hit = iota
	hitYes
	hitUnsure
)

// rawHit says what a word that stands at a place of the raw JSON is worth: names of
// members do not count, and behind an escape it may be another text.
func (n *needle) rawHit(raw string, at int) hit {
	if strings.IndexByte(raw[max(0, at-5):at], '\\') >= 0 {
		return hitUnsure
	}
	i := at + len(n.text)
	for i < len(raw) && raw[i] != '"' {
		if raw[i] == '\\' {
			i++
		}
		i++
	}
	if i >= len(raw) {
		return hitYes // in a number at the very end
	}
	if i = logs.SkipSpace(raw, i+1); i >= len(raw) || raw[i] != ':' {
		return hitYes
	}
	// A name, or a number before a string that begins with a colon.
	if n.word {
		return hitNo
	}
	return hitUnsure
}

// inHead looks for the condition in what has a place of its own in an entry.
func (t *term) inHead(d *Doc) bool {
	if d.Late != nil {
		d.Late()
	}
	return t.inText(d.Summary) || t.inText(d.ID) || t.inText(d.Job) || t.inText(d.Item) || t.inText(d.Request) ||
		d.Status != 0 && t.inNumber(float64(d.Status))
}

// inFields looks for the condition in the values of the fields.
func (t *term) inFields(d *Doc) bool {
	if d.entry == nil {
		for i := 1; i < len(d.Fields); {
			var v string
			if _, v, i = member(d.Fields, i); i > 0 && t.inText(plainValue(v)) {
				return true
			}
		}
		return false
	}
	for i := range d.entry.Fields {
		switch x := d.entry.Fields[i].Value.(type) {
		case string:
			if t.inText(x) {
				return true
			}
		case float64:
			if t.inNumber(x) {
				return true
			}
		default:
			if t.inText(logs.TextOf(x)) {
				return true
			}
		}
	}
	return false
}

// member reads a member of a plain object: its quoted name, its value, and where
// the next one begins, len(s) after the last.
func member(s string, i int) (name, val string, next int) {
	i = logs.SkipSpace(s, i)
	end := -1
	if i < len(s) && s[i] == '"' {
		end = logs.StringEnd(s, i)
	}
	if end < 0 {
		return "", "", len(s)
	}
	name = s[i:end]
	at := logs.SkipSpace(s, logs.SkipSpace(s, end)+1)
	if at >= len(s) {
		return "", "", len(s)
	}
	if end = logs.ValueEnd(s, at); end < 0 {
		return "", "", len(s)
	}
	next = logs.SkipSpace(s, end)
	if next < len(s) && s[next] == ',' {
		next++
	} else {
		next = len(s)
	}
	return name, s[at:end], next
}

// plainValue returns the value of a plain field as text.
func plainValue(v string) string {
	if v[0] == '"' {
		return logs.Unquote(v)
	}
	return v
}

// field reads a plain field by its normalised name.
func (d *Doc) field(key string, v *value) bool {
	for i := 1; i < len(d.Fields); {
		var name, text string
		if name, text, i = member(d.Fields, i); len(name) > 2 && sameName(name[1:len(name)-1], key) {
			return v.read(text)
		}
	}
	return false
}

// read takes the JSON of a plain field; an empty text counts as absent.
func (v *value) read(text string) bool {
	switch text[0] {
	case '"':
		v.text = logs.Unquote(text)
		return v.text != ""
	case 't', 'f':
		v.text = text
		return true
	}
	f, err := strconv.ParseFloat(text, 64)
	v.kind, v.num = vNum, f
	return err == nil
}

// EachField calls f for each of the fields of a plain object, with its name as it
// is written and its value as text; number says that it is one.
func EachField(fields string, f func(name, text string, number bool)) {
	for i := 1; i < len(fields); {
		var name, text string
		if name, text, i = member(fields, i); len(name) > 2 {
			f(name[1:len(name)-1], plainValue(text), text[0] == '-' || text[0] >= '0' && text[0] <= '9')
		}
	}
}

// cost ranks conditions by how long they take: columns, fields, the raw JSON, all.
func (n *node) cost() int {
	if n.kind != nTerm {
		worst := 0
		for _, k := range n.kids {
			worst = max(worst, k.cost())
		}
		return worst
	}
	c := 0
	switch n.term.ref.kind {
	case refText:
		c = 3
	case refRaw:
		c = 4
	case refFields:
		c = 2
	case refID, refJob, refItem, refRequest, refSummary, refSrc, refTime:
		c = 1
	}
	if n.term.op == OpRegex || n.term.op == opHasGlob {
		c += 5
	}
	return c
}

// cheapFirst returns the same filter with what is answered fast asked first.
func (n *node) cheapFirst() *node {
	if n == nil || n.kind == nTerm {
		return n
	}
	out := &node{kind: n.kind, kids: make([]*node, len(n.kids))}
	for i, k := range n.kids {
		out.kids[i] = k.cheapFirst()
	}
	sort.SliceStable(out.kids, func(a, b int) bool { return out.kids[a].cost() < out.kids[b].cost() })
	return out
}
