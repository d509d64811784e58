package source

import (
	"context"
	"crypto/rand"
	"errors"
	"time"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/query"
	"github.com/logpane/logpane/app/wire"
)

// patience is how long an answer with entries of some targets waits for the
// others. They go on in the background and stand in a later page.
const patience = 2500 * time.Millisecond

// scanRows bounds the entries read for one page of a filtered walk.
const scanRows = 20_000

// Ask is one target of a question. A target without a source is reported in the
// coverage with Err, which says why.
type Ask struct {
	Target logs.Target
	Source *Source
	Err    error
}

// Request asks for one page.
type Request struct {
	Asks   []Ask
	Query  *query.Query // nil for all
	Span   logs.Span    // zero ends are open; ignored when Cursor continues a walk
	Text   string       // the span as it was asked for, which the cursor is bound to
	Item   string       // entries of exactly this item; only where Capabilities say Items
	Limit  int          // 1..wire.MaxLimit
	Cursor string       // of the page before; "" for the newest
}

// Searcher answers requests. It is safe for concurrent use.
type Searcher struct {
	key   []byte
	walks *walks
	now   func() time.Time
}

// NewSearcher returns a searcher whose cursors are sealed with key (32 bytes).
// now is time.Now but in tests.
func NewSearcher(key []byte, now func() time.Time) *Searcher {
	return &Searcher{key: key, walks: newWalks(), now: now}
}

// Search answers one page: entries newest first, what they cover, and a cursor
// when there is more. One target's failure stands in its coverage; it becomes the
// error only when no target gave anything. Faults: Invalid for a cursor that is
// not of this question, and those of the vendors.
func (s *Searcher) Search(ctx context.Context, r Request) (*wire.Page, error) {
	text := ""
	if r.Query != nil {
		text = r.Query.String()
	}
	w, c, err := s.begin(r, bind(r.Asks, text, r.Text, r.Item))
	if err != nil {
		return nil, err
	}
	defer w.mu.Unlock()
	page := &wire.Page{Entries: []logs.Entry{}, Coverage: []logs.Coverage{}, Plan: plan(r)}
	for i, l := range w.lanes {
		if l != nil && w.pending[i] == nil {
			l.err = nil
		}
	}
	w.settle()
	for i, l := range w.lanes {
		if l != nil && w.pending[i] == nil {
			l.calls, l.scanned, l.want, l.began = 0, 0, r.Limit, s.now()
		}
	}
	s.run(ctx, w, r.Limit, page)
	if err := ctx.Err(); err != nil {
		w.cancel()
		s.walks.drop(w.id)
		return nil, context.Cause(ctx)
	}

	c.Step++
	c.Places = c.Places[:0]
	more, failed, silent := false, error(nil), true
	for i, l := range w.lanes {
		if l == nil {
			f := fault.Of(r.Asks[i].Err)
			page.Coverage = append(page.Coverage, logs.Coverage{
				Src: r.Asks[i].Target.String(), From: r.Span.From, To: r.Span.To,
				State: logs.Failed, Reason: f.Msg, Kind: string(f.Kind), Said: f.Said,
			})
			failed = errors.Join(failed, f)
			c.Places = append(c.Places, place{})
			continue
		}
		page.Scanned += l.scanned
		if w.pending[i] != nil {
			// Its goroutine owns the lane: only what was settled before may be told.
			page.Coverage = append(page.Coverage, logs.Coverage{
				Src: l.addr, From: c.span().From, To: c.span().To, State: logs.More,
				Reason: l.ask.Source.vendor.Title + " is still answering: ask on",
			})
			c.Places = append(c.Places, w.settled[i])
			more, silent = true, false
			continue
		}
		page.Coverage = append(page.Coverage, l.coverage()...)
		p := l.where()
		w.settled[i] = p
		c.Places = append(c.Places, p)
		more = more || !l.done()
		if l.err != nil {
			failed = errors.Join(failed, l.err)
		} else {
			silent = false
		}
	}
	if failed != nil && silent && len(page.Entries) == 0 {
		s.walks.drop(w.id)
		return nil, failed
	}
	if more {
		if page.Cursor, err = c.seal(s.key); err != nil {
			return nil, err
		}
		w.step = c.Step
		s.walks.keep(w, c.Walk)
	} else {
		s.walks.drop(w.id)
	}
	return page, nil
}

// begin finds the walk that a cursor continues, rebuilds it, or starts one. The
// walk comes back locked.
func (s *Searcher) begin(r Request, binding string) (*walk, cursor, error) {
	c := cursor{Binding: binding, Walk: rand.Text(), From: nanos(r.Span.From), To: nanos(r.Span.To), Start: nanos(s.now())}
	if r.Cursor != "" {
		var err error
		if c, err = openCursor(s.key, r.Cursor, binding); err != nil {
			return nil, c, err
		}
		if len(c.Places) != len(r.Asks) {
			return nil, c, fault.New(fault.Invalid, "open cursor").Saying("this cursor belongs to other targets; start again without it")
		}
		if w := s.walks.take(c.Walk, c.Step, r.Asks); w != nil {
			return w, c, nil
		}
		c.Walk = rand.Text()
	}
	match := func(*logs.Entry) bool { return true }
	if r.Query != nil {
		match = r.Query.Match
	}
	w := newWalk(c.Walk, len(r.Asks))
	for i, a := range r.Asks {
		var p place
		if len(c.Places) > 0 {
			p = c.Places[i]
		}
		if a.Source == nil {
			continue
		}
		w.lanes[i] = newLane(a, p, c.span(), r.Item, at(c.Start), match, s.now)
		w.settled[i] = p
	}
	w.mu.Lock()
	return w, c, nil
}

// run fills a page from the walk's lanes, newest entry first.
func (s *Searcher) run(ctx context.Context, w *walk, limit int, page *wire.Page) {
	stop := context.AfterFunc(ctx, w.cancel)
	defer stop()
	var impatient <-chan time.Time
	scanned := 0
	for len(page.Entries) < limit {
		waiting := 0
		for i, l := range w.lanes {
			if l == nil {
				continue
			}
			if w.pending[i] == nil && l.wants() && scanned < scanRows {
				w.start(i)
			}
			if w.pending[i] != nil {
				waiting++
			}
		}
		if waiting > 0 {
			if impatient == nil && w.answered(waiting) {
				t := time.NewTimer(patience)
				defer t.Stop()
				impatient = t.C
			}
			if !w.await(ctx, impatient) {
				if ctx.Err() != nil {
					return
				}
				// The slow ones stay out of this page; what is here goes out.
				s.drain(w, limit, page)
				return
			}
			scanned = w.scanned()
			continue
		}
		if !w.emit(page) {
			return
		}
	}
}

// drain emits what the lanes at rest hold.
func (s *Searcher) drain(w *walk, limit int, page *wire.Page) {
	for len(page.Entries) < limit && w.emit(page) {
	}
}

// plan says where each clause ran. Vendors are not asked to filter: every clause
// is evaluated here.
func plan(r Request) []logs.Clause {
	out := []logs.Clause{}
	if r.Query == nil {
		return out
	}
	for _, a := range r.Asks {
		for _, cl := range r.Query.Clauses() {
			out = append(out, logs.Clause{Src: a.Target.String(), Query: cl.String(), Where: logs.WhereHere})
		}
	}
	return out
}
