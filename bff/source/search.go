package source

import (
	"context"
	"crypto/rand"
	"time"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/query"
	"github.com/logpane/logpane/app/wire"
)

// patience is how long an answer with entries of some targets waits for the
// others, once for each of their calls. They go on in the background and stand in a later page.
const patience = 2500 * time.Millisecond

// scanRows bounds the entries read for one page of a filtered walk.
const scanRows = 20_000

// Ask is one target of a question. A target without a source is reported in the
// coverage with Err, which says why.
type Ask struct {
	Target logs.Target
	Source *Source
	Err    error
	// Left says why no more of the target is read in this walk, nil to read on. What
	// it gave stays covered, and the rest has failed with Left.
	Left error
}

// id returns the credential's id, "" where the target has no source.
func (a Ask) id() string {
	if a.Source == nil {
		return ""
	}
	return a.Source.id
}

// Request asks for one page.
type Request struct {
	Asks   []Ask
	Query  *query.Query // nil for all
	Span   logs.Span    // zero ends are open; ignored when Cursor continues a walk
	Text   string       // the span as it was asked for, which the cursor is bound to
	Item   string       // entries of exactly this item; only where Capabilities say Items
	Facets bool         // the vendors' own counts are wanted as well; with a first page only
	Limit  int          // 1..wire.MaxLimit
	Cursor string       // of the page before; "" for the newest
	// Strict keeps the order over all targets, at the price of waiting: a page waits
	// for the slowest, and ends where one fails or has read what it may, so that
	// nothing older passes what it has still to give. A failure is never the error of a
	// page but the first.
	Strict bool
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
// when there is more. A target's failure stands in its coverage; it becomes the
// error only when it is that of the only target, and nothing else is to be told. Faults: Invalid for a cursor that is
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
	kept := false
	defer func() {
		if !kept {
			w.cancel()
		}
	}()
	page := &wire.Page{Entries: []logs.Entry{}, Coverage: []logs.Coverage{}}
	w.open(r, s.now())
	s.run(ctx, w, r, page)
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	more, failed, silent := w.report(r.Asks, &c, page)
	if failed != nil && silent && len(page.Entries) == 0 && len(r.Asks) == 1 && (!r.Strict || r.Cursor == "") {
		return nil, failed
	}
	page.Plan, page.Notes = plan(r, c.Places), w.notes(r, c.Places, len(page.Entries) == 0 && !more && r.Cursor == "")
	if r.Facets && r.Cursor == "" {
		page.Facets = s.counts(ctx, w, r, c)
	}
	if more {
		c.Step++
		if page.Cursor, err = c.seal(s.key); err != nil {
			return nil, err
		}
		w.step, kept = c.Step, true
		s.walks.keep(c.Walk, w)
	}
	return page, nil
}

// begin finds the walk that a cursor continues, rebuilds it, or starts one.
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
	w := newWalk(len(r.Asks))
	room := maxPushes
	for i, a := range r.Asks {
		var p place
		if len(c.Places) > 0 {
			p = c.Places[i]
		} else {
			p.push = divide(a, r.Query, &room)
		}
		w.ids[i], w.settled[i] = a.id(), p
		if a.Source != nil {
			w.lanes[i] = newLane(a, p, c.span(), r.Item, at(c.Start), r.Query, s.now)
		}
	}
	return w, c, nil
}

// run fills a page from the walk's lanes, newest entry first. A lane that is still
// reading when the patience ends, while others have answered, is left out: its
// entries come in a later page, after older ones of the others.
func (s *Searcher) run(ctx context.Context, w *walk, r Request, page *wire.Page) {
	stop := context.AfterFunc(ctx, w.cancel)
	defer stop()
	var impatient <-chan time.Time
	late := false
	for len(page.Entries) < r.Limit {
		scanned := w.scanned()
		for i, l := range w.lanes {
			if l == nil || w.pending[i] != nil || !l.wants() || scanned >= scanRows {
				continue
			}
			if late {
				return // it would have to be waited for, and older entries of others must not pass it
			}
			w.start(i)
		}
		waiting, again, answered := w.waiting()
		answered = answered || len(page.Entries) > 0
		if waiting == 0 {
			if (r.Strict || len(page.Entries) > 0) && w.spent() || r.Strict && w.failing() {
				return // older entries of others pass it only where nothing else can be shown
			}
			if !w.emit(page) {
				return
			}
			continue
		}
		if answered && again == waiting && !r.Strict {
			w.hurry() // the reader has waited for them before
			late = true
			continue
		}
		if impatient == nil && answered && !r.Strict {
			t := time.NewTimer(patience)
			defer t.Stop()
			impatient = t.C
		}
		if !w.await(ctx, impatient) {
			if ctx.Err() != nil {
				return
			}
			w.hurry()
			late = true
		}
	}
}
