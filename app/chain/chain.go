// Package chain says which entries of different vendors belong to one story: an
// Elastic Path job that published a catalog, the calls that changed an Algolia
// index after it, the first query that found something there.
//
//	b := chain.New(0)
//	for i := range entries {
//		b.Add(i, &entries[i])
//	}
//	for _, l := range b.Result().Links {
//		// l.From 3, l.To 7, l.Why "both name 3b69…cd26, 12 s after"
//	}
//
// No vendor tells of another, so what relates entries is what they share: an id
// that few entries hold, or a name and little time. Each link says which in words,
// and those that rest on a name alone are marked as such.
//
// The package must not claim a cause, nor that something did not happen: it knows
// only what was loaded. It is bounded in entries, tokens and links.
package chain

import (
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/logpane/logpane/app/logs"
)

// Bounds. Beyond them entries are left out, tokens are not looked at and links are
// not made; see Result.Left.
const (
	MaxEntries = 5_000
	maxTokens  = 64       // of one entry
	maxText    = 16 << 10 // bytes of one entry that are looked through
	maxShared  = 12       // entries that share a token: with more it says nothing
	maxLinks   = 2_000
)

// Window is how long after an entry another one may still belong to it, unless New
// is told otherwise; nameWindow, where only a name relates them.
const (
	Window     = 10 * time.Minute
	nameWindow = 2 * time.Minute
)

// Link relates two entries.
type Link struct {
	From, To int    // numbers given to Add; From is the earlier one
	Why      string // what they share, as a sentence without its end
	Likely   bool   // it rests on a name and the time alone
}

// Missing is a step that could follow an entry and is not among what was added,
// which does not mean that it was not done.
type Missing struct {
	After int // number given to Add
	Text  string
}

// Result is what was found.
type Result struct {
	Links   []Link // in the order of time of their later entries
	Missing []Missing
	Left    int // entries that were added beyond MaxEntries, and not looked at
}

// kind is what an entry does in a story.
type kind uint8

const (
	other  kind = iota
	job         // a delivery of Elastic Path or Moltin
	change      // a call that changes an Algolia index
	query       // a call that searches one
)

// event is what is kept of an entry.
type event struct {
	n       int
	at      int64 // Unix nanoseconds; see Moment
	vendor  string
	account string
	kind    kind
	index   string // of an Algolia call
	hits    float64
	names   string // lower case: what the integration of a job is called, and its host
	called  string // the integration's name, for people
	id      string // of the job

	// As Result finds it.
	place   int    // in the order of time
	follows *event // the job that a change follows
	led     bool   // an id relates some change to this job
	lacks   string // what could follow
}

// Builder takes entries and relates them. Make one with New. It is not safe for
// concurrent use.
type Builder struct {
	window time.Duration
	events []*event
	holds  map[string][]*event // token → events, at most maxShared+1
	left   int
}

// New returns an empty builder. Entries further apart than window are never
// related; 0 is Window.
func New(window time.Duration) *Builder {
	if window <= 0 {
		window = Window
	}
	return &Builder{window: window, holds: map[string][]*event{}}
}

// Add takes in an entry with a number that Result calls it by. Entries without a
// time are in no order, and left out.
func (b *Builder) Add(n int, e *logs.Entry) {
	if e.Time.IsZero() {
		return
	}
	if len(b.events) == MaxEntries {
		b.left++
		return
	}
	ev := read(n, e)
	b.events = append(b.events, ev)
	tokens(e, func(token string) {
		list := b.holds[token]
		if len(list) > maxShared || len(list) > 0 && list[len(list)-1] == ev {
			return
		}
		if list == nil {
			token = strings.Clone(token) // a part of the entry's text, which may be large
		}
		b.holds[token] = append(list, ev)
	})
}

// Moment is where an entry stands in the order of a story, in Unix nanoseconds. A vendor that tells whole
// seconds may mean any moment of the second: the last one, so that what was caused
// within it comes after its cause.
func Moment(e *logs.Entry) int64 {
	at := e.Time.UnixNano()
	if e.Time.Nanosecond() == 0 && !strings.Contains(e.TimeText, ".") {
		at += int64(time.Second) - 1
	}
	return at
}

func read(n int, e *logs.Entry) *event {
	ev := &event{n: n, at: Moment(e)}
	ev.vendor, _, _ = strings.Cut(e.Src, "/")
	parts := strings.SplitN(e.Src, "/", 4)
	ev.account = strings.Join(parts[:min(len(parts), 3)], "/")
	switch ev.vendor {
	case "elasticpath", "moltin":
		if e.Job != "" {
			ev.kind, ev.id = job, e.Job
			ev.called = e.Fields.Text("integration_name")
			ev.names = strings.ToLower(ev.called + " " + e.Fields.Text("url"))
		}
	case "algolia":
		ev.index = e.Fields.Text("index")
		ev.kind = callKind(e)
		if v, ok := e.Fields.Get("hits"); ok {
			ev.hits, _ = v.(float64)
		}
	}
	return ev
}

// callKind tells by its path what a call did. The vendor's own word, build, would
// say it as well, but stands only in what a filter for it returns.
func callKind(e *logs.Entry) kind {
	path, _, _ := strings.Cut(e.Fields.Text("url"), "?")
	if _, hits := e.Fields.Get("hits"); hits {
		return query
	}
	switch path[max(strings.LastIndexByte(path, '/'), 0):] {
	case "/query", "/queries", "/browse":
		return query
	}
	if e.Fields.Text("type") == "build" {
		return change
	}
	switch e.Fields.Text("method") {
	case "POST", "PUT", "DELETE":
		if strings.HasPrefix(path, "/1/indexes/") {
			return change
		}
	}
	return other
}

// Result relates what was added. It may be asked again after more was.
func (b *Builder) Result() Result {
	all := b.events
	sort.Slice(all, func(i, j int) bool {
		x, y := all[i], all[j]
		return x.at < y.at || x.at == y.at && x.n < y.n
	})
	place := map[int]int{}
	for i, e := range all {
		e.place, e.follows, e.led, e.lacks = i, nil, false, ""
		place[e.n] = i
	}

	r := Result{Left: b.left}
	shared := b.shared()
	var pairs []int
	for p := range shared {
		pairs = append(pairs, p)
	}
	sort.Slice(pairs, func(i, j int) bool { return pairs[i] < pairs[j] })
	for _, p := range pairs[:min(len(pairs), maxLinks)] {
		from, to := all[p%MaxEntries], all[p/MaxEntries]
		r.link(from, to, "both name "+list(shared[p])+", "+after(from, to), false)
		if from.kind == job && to.kind == change {
			to.follows = from // the last one, if they are several
		}
	}
	b.byName(&r)
	b.queries(&r)
	pair := func(l *Link) int { return place[l.To]*MaxEntries + place[l.From] }
	sort.Slice(r.Links, func(i, j int) bool { return pair(&r.Links[i]) < pair(&r.Links[j]) })
	for _, e := range all {
		if e.lacks != "" {
			r.Missing = append(r.Missing, Missing{e.n, e.lacks})
		}
	}
	return r
}

// link relates two events, unless there are too many links.
func (r *Result) link(from, to *event, why string, likely bool) {
	if len(r.Links) < maxLinks {
		r.Links = append(r.Links, Link{from.n, to.n, why, likely})
	}
}

// shared returns the pairs of events that share rare tokens, with these: each event
// with the nearest one before it that is of another vendor. A pair is the place of
// the later one times MaxEntries, and that of the earlier one.
func (b *Builder) shared() map[int][]string {
	out := map[int][]string{}
	for token, list := range b.holds {
		if len(list) > maxShared {
			continue
		}
		sort.Slice(list, func(i, j int) bool { return list[i].place < list[j].place })
		for i, to := range list {
			for j := i - 1; j >= 0; j-- {
				from := list[j]
				if to.at-from.at > int64(b.window) {
					break
				}
				if from.vendor != to.vendor {
					p := to.place*MaxEntries + from.place
					out[p] = append(out[p], token)
					break
				}
			}
		}
	}
	return out
}

// byName relates a job whose integration is named for Algolia, or for an index, with
// the first change of each index soon after it, where no id relates them.
func (b *Builder) byName(r *Result) {
	searched := false
	for _, e := range b.events {
		if e.follows != nil {
			e.follows.led = true
		}
		searched = searched || e.vendor == "algolia"
	}
	for i, from := range b.events {
		if from.kind != job || from.led {
			continue
		}
		algolia := strings.Contains(from.names, "algolia")
		done := map[string]bool{}
		for _, to := range b.events[i+1:] {
			if to.at-from.at > int64(nameWindow) || to.kind == job && to.id != from.id && to.called == from.called {
				break // later changes rather follow the next job
			}
			if to.kind != change || to.index == "" || done[to.index] {
				continue
			}
			why := "names index " + to.index
			if algolia {
				why = "is named for Algolia"
			} else if !namesIndex(from.names, to.index) {
				continue
			}
			done[to.index] = true
			if to.follows == nil && len(r.Links) < maxLinks {
				to.follows = from
				r.link(from, to, "the integration “"+from.called+"” "+why+", and index "+to.index+" changed "+after(from, to), true)
			}
		}
		if algolia && len(done) == 0 && searched {
			from.lacks = "No change of an Algolia index is loaded in the " + length(nameWindow) + " after it"
		}
	}
}

// namesIndex reports whether names hold an index as a word of its own.
func namesIndex(names, index string) bool {
	index = strings.ToLower(index)
	if len(index) < 4 {
		return false
	}
	for rest := names; ; {
		i := strings.Index(rest, index)
		if i < 0 {
			return false
		}
		end := i + len(index)
		if (i == 0 || !wordByte(rest[i-1])) && (end == len(rest) || !wordByte(rest[end])) {
			return true
		}
		rest = rest[i+1:]
	}
}

func wordByte(c byte) bool { return 'a' <= c && c <= 'z' || '0' <= c && c <= '9' }

// queries relates the last change that follows a job, of each index, with the first
// query after it that found something there.
func (b *Builder) queries(r *Result) {
	last := map[string]*event{}
	run := func(e *event) string { return strconv.Itoa(e.follows.place) + " " + e.account + " " + e.index }
	for _, e := range b.events {
		if e.follows != nil && e.index != "" {
			last[run(e)] = e
		}
	}
	for i, from := range b.events {
		if from.follows == nil || last[run(from)] != from {
			continue
		}
		from.lacks = "No query with hits on index " + from.index + " is loaded in the " + length(b.window) + " after it"
		for _, to := range b.events[i+1:] {
			if to.at-from.at > int64(b.window) {
				break
			}
			if to.kind == query && to.hits > 0 && to.index == from.index && to.account == from.account {
				from.lacks = ""
				r.link(from, to, "first query with hits on index "+from.index+", "+after(from, to)+" its last change", false)
				break
			}
		}
	}
}

// after writes how much later an event is: "12 s after".
func after(from, to *event) string {
	d := time.Duration(to.at - from.at)
	if d < time.Second {
		return "within a second after"
	}
	return length(d) + " after"
}

func length(d time.Duration) string {
	minutes, seconds := int(d/time.Minute), int(d%time.Minute/time.Second)
	s := strconv.Itoa(minutes) + " min"
	switch {
	case minutes == 0:
		return strconv.Itoa(seconds) + " s"
	case seconds > 0:
		s += " " + strconv.Itoa(seconds) + " s"
	}
	return s
}

// list writes tokens for people: the longest first, at most two.
func list(tokens []string) string {
	sort.Slice(tokens, func(i, j int) bool {
		x, y := tokens[i], tokens[j]
		return len(x) > len(y) || len(x) == len(y) && x < y
	})
	s := short(tokens[0])
	if len(tokens) > 1 {
		s += " and " + short(tokens[1])
	}
	if n := len(tokens) - 2; n > 0 {
		s += " and " + strconv.Itoa(n) + " more"
	}
	return s
}

func short(token string) string {
	if len(token) < 20 {
		return token
	}
	return token[:4] + "…" + token[len(token)-4:]
}
