package exception

import (
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/logpane/logpane/app/logs"
)

// maxNames bounds how many messages, pipelines, origins and components of a card are
// told apart.
const maxNames = 50

// Count is how often something occurs on a card.
type Count struct {
	Name  string
	Field string // what a filter calls it: pipeline, index, origin; "" where it cannot reach it
	N     int
}

// Card is what was raised in one place.
type Card struct {
	Fingerprint string
	Type        string // of what was raised first; "" where it is not told
	Value       string // its first line, as the newest occurrence has it
	Frame       string // "file:line name"; "" without a trace
	Own         bool   // that frame is of one's own code
	Count       int    // occurrences
	Untimed     int    // of them, those without a time
	First, Last time.Time
	Bars        []int // occurrences over time, oldest first; nil where no span is known

	Components []Count // most frequent first, as all below
	Around     []Count // types of the exceptions that were raised around it
	Pipelines  []Count // pipelines and indexes
	Origins    []Count
	Messages   []Count // variants of the logs' messages
	Unlisted   int     // occurrences whose message is none of Messages
	Like       string  // fingerprint of a card with a trace, same type and text; "" for none
	After      Deploy  // the last one before First, at most an hour; zero for none
}

// Deploy is a line of the log that begins to tell of a deployment. Deepset documents
// no such line: it is quoted, and nobody else vouches for it.
type Deploy struct {
	Time time.Time
	Text string
	in   string // pipeline or index
}

// maxDeploys bounds how many are remembered, newest of the table first.
const maxDeploys = 500

// IsDeploy reports whether a summary begins as the line of a deployment does.
func IsDeploy(summary string) bool {
	const word = "deploy"
	return len(summary) > len(word) && strings.EqualFold(summary[:len(word)], word)
}

// Note takes in an entry for which IsDeploy says so. Failed ones are left out: they
// brought nothing new. It counts no entry.
func (c *Cards) Note(e *logs.Entry) {
	if len(c.deploys) < maxDeploys && isOurs(e.Src) && e.Level < logs.LevelError && !e.Time.IsZero() {
		c.deploys = append(c.deploys, Deploy{e.Time, strings.Clone(firstLine(e.Summary)), strings.Clone(e.Item)})
	}
}

// after returns the last deployment of a card's pipelines in the hour before a time.
func (c *Cards) after(x *Card) (last Deploy) {
	for i := range c.deploys {
		d := &c.deploys[i]
		if !d.Time.Before(x.First) || x.First.Sub(d.Time) > time.Hour || !d.Time.After(last.Time) {
			continue
		}
		for k := range x.Pipelines {
			if x.Pipelines[k].Name == d.in {
				last = *d
			}
		}
	}
	return last
}

// Title is the type, or a word for it.
func (c *Card) Title() string {
	if c.Type == "" {
		return "Exception"
	}
	return c.Type
}

// Occurrence is one entry of a card.
type Occurrence struct {
	At       int // as Add was told
	Src, ID  string
	Time     time.Time // zero where it is not known
	Pipeline string
	Origin   string
	Message  string // its first line
}

// Cards collects entries. Give it all that are shown, one after the other, in slices
// if they are many; List may be asked for at any time. To start over, as when more
// entries are shown, Begin: what was read of an entry is remembered by its address
// and id. Not safe for concurrent use. Make it with New.
type Cards struct {
	pass   int
	total  int // entries of this pass
	errors int // of them, those of level error or worse that name no exception
	read   map[key]*seen
	names  map[string]string // one copy of what many entries say
	groups map[string]*group

	deploys []Deploy // of this pass
}

type key struct{ src, id string }

// seen is what is remembered of an entry: nothing but the pass, if no exception is
// in it.
type seen struct {
	pass        int
	fingerprint string
	at          int
	src, id     string
	time        time.Time
	fatal       bool // level error or worse
	kind, value string
	like        string // variant of the value
	frame       string
	own         bool
	component   string
	around      []string
	pipeline    string
	field       string // of the pipeline: pipeline or index
	origin      string
	message     string
	variant     string
}

// group is a card in the making.
type group struct {
	list    []*seen
	mixed   bool  // list is not in the order of Occurrences
	newest  *seen // the first in that order
	first   time.Time
	untimed int
	texts   map[string]bool // variants of the values, some of them if they are many

	components, around, pipelines, origins, messages counter
}

func (g *group) add(s *seen) {
	if n := len(g.list); n > 0 && s.before(g.list[n-1]) {
		g.mixed = true
	}
	g.list = append(g.list, s)
	if g.newest == nil || s.before(g.newest) {
		g.newest = s
	}
	if s.time.IsZero() {
		g.untimed++
	} else if g.first.IsZero() || s.time.Before(g.first) {
		g.first = s.time
	}
	if len(g.texts) < maxNames {
		if g.texts == nil {
			g.texts = map[string]bool{}
		}
		g.texts[s.like] = true
	}
	g.components.add(s.component, "")
	for _, kind := range s.around {
		g.around.add(kind, "")
	}
	g.pipelines.add(s.pipeline, s.field)
	g.origins.add(s.origin, "origin")
	g.messages.add(s.variant, "")
}

// before reports whether an entry stands before another one in Occurrences.
func (s *seen) before(o *seen) bool {
	switch {
	case s.time.IsZero() != o.time.IsZero():
		return o.time.IsZero()
	case !s.time.Equal(o.time):
		return s.time.After(o.time)
	}
	return s.at < o.at
}

// New returns a collector without entries.
func New() *Cards {
	return &Cards{pass: 1, read: map[key]*seen{}, names: map[string]string{}, groups: map[string]*group{}}
}

// Begin starts over: what was counted goes, what was read stays. Of entries that the
// pass before did not have, it is forgotten once they are many.
func (c *Cards) Begin() {
	if len(c.read) > 2*c.total+10_000 {
		for k, s := range c.read {
			if s.pass != c.pass {
				delete(c.read, k)
			}
		}
		clear(c.names)
	}
	c.pass++
	c.total, c.errors, c.deploys = 0, 0, nil
	clear(c.groups)
}

// Again adds an entry that was read before, and reports whether it was. at is what
// stands for the entry in Occurrence.At.
func (c *Cards) Again(at int, src, id string) bool {
	s, ok := c.read[key{src, id}]
	if !ok || id == "" {
		return false
	}
	c.add(at, s)
	return true
}

// Add adds an entry. Nothing of it is kept but what the cards show.
func (c *Cards) Add(at int, e *logs.Entry) {
	if c.Again(at, e.Src, e.ID) {
		return
	}
	s := c.parse(e)
	if e.ID != "" {
		c.read[key{s.src, s.id}] = s
	}
	c.add(at, s)
}

// Skip adds an entry of which Maybe says that it holds no exception.
func (c *Cards) Skip(src string, level logs.Level) {
	c.total++
	if isOurs(src) && level >= logs.LevelError {
		c.errors++
	}
}

func (c *Cards) add(at int, s *seen) {
	if s.pass == c.pass { // twice in one pass: the table never holds an entry twice, and neither does a card
		return
	}
	s.pass, s.at = c.pass, at
	c.total++
	if s.fingerprint == "" {
		if s.fatal {
			c.errors++
		}
		return
	}
	g := c.groups[s.fingerprint]
	if g == nil {
		g = &group{}
		c.groups[s.fingerprint] = g
	}
	g.add(s)
}

// parse reads an entry.
func (c *Cards) parse(e *logs.Entry) *seen {
	s := &seen{src: c.name(e.Src), id: strings.Clone(e.ID), fatal: e.Level >= logs.LevelError && isOurs(e.Src)}
	r, ok := Read(e)
	if !ok {
		return s
	}
	root := &r.Chain[len(r.Chain)-1]
	s.fingerprint, s.time = c.name(r.Fingerprint), e.Time
	s.kind, s.value, s.like = c.name(r.Type), c.name(firstLine(root.Value)), c.name(Variant(cut(root.Value, maxText)))
	s.frame, s.own = c.name(FrameText(r.Frame)), r.Frame.Own
	s.component = c.name(r.Component)
	if r.Kind != "" {
		s.component = c.name(r.Component + " (" + r.Kind + ")")
	}
	for i := range r.Chain[:len(r.Chain)-1] {
		if kind := r.Chain[i].Type; kind != "" && !slices.Contains(s.around, kind) {
			s.around = append(s.around, c.name(kind))
		}
	}
	for _, field := range [...]string{"pipeline", "index"} {
		if name := e.Fields.Text(field); name != "" {
			s.pipeline, s.field = c.name(name), field
		}
	}
	s.origin = c.name(e.Fields.Text("origin"))
	if s.message = firstLine(r.Message); s.message == "" {
		s.message = s.value
	}
	s.variant = c.name(Variant(s.message))
	return s
}

// name returns a copy of s of its own, the same for all that say the same.
func (c *Cards) name(s string) string {
	if s == "" {
		return ""
	}
	n, ok := c.names[s]
	if !ok {
		n = strings.Clone(s)
		c.names[n] = n
	}
	return n
}

// Entries returns how many entries were added since Begin, and how many of deepset's
// that are errors name no exception.
func (c *Cards) Entries() (all, plainErrors int) { return c.total, c.errors }

// List returns the cards of what was added since Begin: the most frequent first, of
// equally frequent ones the one that occurred last. Bars divide the span, from
// included and to excluded, into n of equal length; none are made where it is empty.
// What it returns is the caller's.
func (c *Cards) List(from, to time.Time, n int) []Card {
	out := make([]Card, 0, len(c.groups))
	traced := map[string]string{} // type and text → the card with a trace, "-" for several
	for _, g := range c.groups {
		x := g.card(from, to, n)
		x.After = c.after(&x)
		out = append(out, x)
		if x.Frame == "" {
			continue
		}
		for text := range g.texts {
			k := x.Type + "\x00" + text
			if traced[k] != "" {
				traced[k] = "-"
			} else {
				traced[k] = x.Fingerprint
			}
		}
	}
	for i := range out {
		x := &out[i]
		if like := traced[x.Type+"\x00"+c.groups[x.Fingerprint].newest.like]; x.Frame == "" && like != "-" {
			x.Like = like
		}
	}
	// Not slices.SortFunc here and below: its code for each type costs every visitor.
	sort.SliceStable(out, func(i, j int) bool {
		a, b := &out[i], &out[j]
		switch {
		case a.Count != b.Count:
			return a.Count > b.Count
		case !a.Last.Equal(b.Last):
			return a.Last.After(b.Last)
		}
		return a.Fingerprint < b.Fingerprint
	})
	return out
}

// Occurrences returns the entries of a card, newest first, those without a time
// last, and equally old ones in the order of at. nil where there is no such card.
func (c *Cards) Occurrences(fingerprint string) []Occurrence {
	g := c.groups[fingerprint]
	if g == nil {
		return nil
	}
	if g.mixed {
		sort.SliceStable(g.list, func(i, j int) bool { return g.list[i].before(g.list[j]) })
		g.mixed = false
	}
	out := make([]Occurrence, len(g.list))
	for i, s := range g.list {
		out[i] = Occurrence{At: s.at, Src: s.src, ID: s.id, Time: s.time, Pipeline: s.pipeline, Origin: s.origin, Message: s.message}
	}
	return out
}

func (g *group) card(from, to time.Time, n int) Card {
	s := g.newest
	c := Card{
		Fingerprint: s.fingerprint, Type: s.kind, Value: s.value, Frame: s.frame, Own: s.own,
		Count: len(g.list), Untimed: g.untimed, First: g.first, Last: s.time,
		Components: g.components.list(), Around: g.around.list(), Pipelines: g.pipelines.list(), Origins: g.origins.list(),
		Messages: g.messages.list(), Unlisted: g.messages.over,
	}
	if length := to.Sub(from) / time.Duration(max(n, 1)); n > 0 && length > 0 && !from.IsZero() {
		c.Bars = make([]int, n)
		for _, s := range g.list {
			if !s.time.Before(from) && s.time.Before(to) {
				c.Bars[min(int(s.time.Sub(from)/length), n-1)]++
			}
		}
	}
	return c
}

// counter counts names, those that come first if there are many.
type counter struct {
	all  []Count
	over int // of names that are not among them
}

func (c *counter) add(name, field string) {
	if name == "" {
		return
	}
	for i := range c.all {
		if n := &c.all[i]; n.Name == name && n.Field == field {
			n.N++
			return
		}
	}
	if len(c.all) == maxNames {
		c.over++
		return
	}
	c.all = append(c.all, Count{name, field, 1})
}

// list returns the counts, the greatest first.
func (c *counter) list() []Count {
	out := append([]Count(nil), c.all...)
	sort.SliceStable(out, func(i, j int) bool {
		a, b := &out[i], &out[j]
		switch {
		case a.N != b.N:
			return a.N > b.N
		case a.Name != b.Name:
			return a.Name < b.Name
		}
		return a.Field < b.Field
	})
	return out
}
