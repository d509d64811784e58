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
	"cmp"
	"slices"
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
}

// Builder takes entries and relates them. Make one with New. It is not safe for
// concurrent use.
type Builder struct {
	window time.Duration
	events []event
	holds  map[string][]int32 // token → events, at most maxShared+1
	left   int
}

// New returns an empty builder. Entries further apart than window are never
// related; 0 is Window.
func New(window time.Duration) *Builder {
	if window <= 0 {
		window = Window
	}
	return &Builder{window: window, holds: map[string][]int32{}}
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
	b.events = append(b.events, read(n, e))
	at := int32(len(b.events) - 1)
	tokens(e, func(token string) {
		list := b.holds[token]
		if len(list) > maxShared || len(list) > 0 && list[len(list)-1] == at {
			return
		}
		if list == nil {
			token = strings.Clone(token) // a part of the entry's text, which may be large
		}
		b.holds[token] = append(list, at)
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

func read(n int, e *logs.Entry) event {
	ev := event{n: n, at: Moment(e)}
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
	_, hits := e.Fields.Get("hits")
	switch method := e.Fields.Text("method"); {
	case hits || strings.HasSuffix(path, "/query") || strings.HasSuffix(path, "/queries") || strings.HasSuffix(path, "/browse"):
		return query
	case e.Fields.Text("type") == "build":
		return change
	case (method == "POST" || method == "PUT" || method == "DELETE") && strings.HasPrefix(path, "/1/indexes/"):
		return change
	}
	return other
}

// pair is two events that share something.
type pair struct{ from, to int32 }

// Result relates what was added. It may be asked again after more was.
func (b *Builder) Result() Result {
	r := Result{Left: b.left}
	order := make([]int32, len(b.events))
	for i := range order {
		order[i] = int32(i)
	}
	before := func(x, y int32) int {
		if c := cmp.Compare(b.events[x].at, b.events[y].at); c != 0 {
			return c
		}
		return cmp.Compare(b.events[x].n, b.events[y].n)
	}
	slices.SortFunc(order, before)

	shared := b.shared(before)
	linked := map[int32]int32{} // change → the job that it follows
	pairs := make([]pair, 0, len(shared))
	for p := range shared {
		pairs = append(pairs, p)
	}
	slices.SortFunc(pairs, func(x, y pair) int { return cmp.Or(before(x.to, y.to), before(x.from, y.from)) })
	for _, p := range pairs[:min(len(pairs), maxLinks)] {
		tokens := shared[p]
		from, to := &b.events[p.from], &b.events[p.to]
		r.Links = append(r.Links, Link{From: from.n, To: to.n, Why: "both name " + list(tokens) + ", " + b.after(from, to)})
		if from.kind == job && to.kind == change {
			if was, ok := linked[p.to]; !ok || before(was, p.from) < 0 {
				linked[p.to] = p.from
			}
		}
	}
	b.byName(order, linked, &r)
	b.queries(order, linked, &r)
	place := make(map[int]int, len(order))
	for i, e := range order {
		place[b.events[e].n] = i
	}
	slices.SortFunc(r.Links, func(x, y Link) int {
		return cmp.Or(cmp.Compare(place[x.To], place[y.To]), cmp.Compare(place[x.From], place[y.From]))
	})
	slices.SortFunc(r.Missing, func(x, y Missing) int { return cmp.Compare(place[x.After], place[y.After]) })
	return r
}

// shared returns the pairs of events that share rare tokens: each event with the
// nearest one before it that is of another vendor.
func (b *Builder) shared(before func(x, y int32) int) map[pair][]string {
	out := map[pair][]string{}
	for token, list := range b.holds {
		if len(list) < 2 || len(list) > maxShared {
			continue
		}
		slices.SortFunc(list, before)
		for i := 1; i < len(list); i++ {
			to := &b.events[list[i]]
			for j := i - 1; j >= 0; j-- {
				from := &b.events[list[j]]
				if to.at-from.at > int64(b.window) {
					break
				}
				if from.vendor != to.vendor {
					p := pair{list[j], list[i]}
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
func (b *Builder) byName(order []int32, linked map[int32]int32, r *Result) {
	follows := map[int32]bool{} // jobs that some change follows
	for _, j := range linked {
		follows[j] = true
	}
	searched := slices.ContainsFunc(b.events, func(e event) bool { return e.vendor == "algolia" })
	for i, at := range order {
		from := &b.events[at]
		if from.kind != job || follows[at] {
			continue
		}
		algolia := strings.Contains(from.names, "algolia")
		done := map[string]bool{}
		for _, next := range order[i+1:] {
			to := &b.events[next]
			if to.at-from.at > int64(nameWindow) || to.kind == job && to.id != from.id && to.called == from.called {
				break // later changes rather follow the next job
			}
			if to.kind != change || to.index == "" || done[to.index] {
				continue
			}
			why := ""
			switch {
			case algolia:
				why = "the integration “" + from.called + "” is named for Algolia"
			case namesIndex(from.names, to.index):
				why = "the integration “" + from.called + "” names index " + to.index
			default:
				continue
			}
			done[to.index] = true
			if _, is := linked[next]; is || len(r.Links) == maxLinks {
				continue
			}
			linked[next] = at
			r.Links = append(r.Links, Link{From: from.n, To: to.n, Why: why + ", and index " + to.index + " changed " + b.after(from, to), Likely: true})
		}
		if algolia && len(done) == 0 && searched {
			r.Missing = append(r.Missing, Missing{from.n, "No change of an Algolia index is loaded in the " + length(nameWindow) + " after it"})
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
func (b *Builder) queries(order []int32, linked map[int32]int32, r *Result) {
	type run struct {
		job            int32
		account, index string
	}
	last := map[run]int32{}
	for _, at := range order {
		if j, ok := linked[at]; ok && b.events[at].index != "" {
			last[run{j, b.events[at].account, b.events[at].index}] = at
		}
	}
	place := make([]int, len(b.events))
	for i, at := range order {
		place[at] = i
	}
	for k, at := range last {
		from, found := &b.events[at], false
		for _, next := range order[place[at]+1:] {
			to := &b.events[next]
			if to.at-from.at > int64(b.window) {
				break
			}
			if to.kind == query && to.hits > 0 && to.index == k.index && to.account == k.account {
				found = true
				if len(r.Links) < maxLinks {
					r.Links = append(r.Links, Link{From: from.n, To: to.n, Why: "first query with hits on index " + k.index + ", " + b.after(from, to) + " its last change"})
				}
				break
			}
		}
		if !found {
			r.Missing = append(r.Missing, Missing{from.n, "No query with hits on index " + k.index + " is loaded in the " + length(b.window) + " after it"})
		}
	}
}

// after writes how much later an event is: "12 s after".
func (b *Builder) after(from, to *event) string {
	d := time.Duration(to.at - from.at)
	if d < time.Second {
		return "within a second after"
	}
	return length(d) + " after"
}

func length(d time.Duration) string {
	switch {
	case d < time.Minute:
		return strconv.Itoa(int(d/time.Second)) + " s"
	case d%time.Minute < time.Second:
		return strconv.Itoa(int(d/time.Minute)) + " min"
	}
	return strconv.Itoa(int(d/time.Minute)) + " min " + strconv.Itoa(int(d%time.Minute/time.Second)) + " s"
}

// list writes tokens for people: the longest first, at most two.
func list(tokens []string) string {
	slices.SortFunc(tokens, func(x, y string) int { return cmp.Or(cmp.Compare(len(y), len(x)), cmp.Compare(x, y)) })
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
