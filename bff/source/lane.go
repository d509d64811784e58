package source

import (
	"context"
	"hash/fnv"
	"math"
	"slices"
	"time"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/query"
	"github.com/logpane/logpane/bff/source/driver"
)

// Brakes of one lane within one request.
const (
	maxCalls   = 12               // steps, most of which are one vendor call
	maxStalls  = 3                // calls in a row that brought the walk no further
	maxElapsed = 20 * time.Second // no new step is begun after it
	stride     = time.Second      // likewise, of a filtered walk
	maxGather  = 60 * time.Second // the same within a step that must read much at once
)

// lane walks one target, newest first. It is used by one goroutine at a time.
//
// Where it stands is kept in place, in one of three ways. A vendor that pages by
// offset is remembered by position: how many of its rows are consumed, and which
// were the last (offset.go). One that pages by time is remembered by time:
// everything newer is consumed, and of that very moment the rows in Seen
// (bytime.go). Where a stretch is read whole before any of it is shown, it gets a
// total order, by time and then by hash, and one row of it says it all
// (gather.go, window.go).
type lane struct {
	ask   Ask
	caps  driver.Capabilities
	addr  string
	span  logs.Span
	item  string
	start time.Time              // of the walk
	match func(*logs.Entry) bool // the whole query, whatever the vendor filtered
	some  bool                   // the query may keep entries back
	now   func() time.Time
	call  func(context.Context, driver.Read) (driver.Page, error)
	watch []watched              // names that nobody has declared, until an entry has them
	only  func(*logs.Entry) bool // of window lanes: the entries that count, where all of a span is read for a few; nil for all

	place place
	buf   []row     // read, not consumed; in the order of the answer
	marks []*mark   // offset modes: the vendor's rows from the frontier on, in walking order
	ahead hashes    // offset modes: rows consumed beyond the frontier before the walk was rebuilt, not met again yet
	next  int       // modeDown: the offset to read next; modeUp: rows before it are unread
	low   time.Time // modeWindow: everything from here on was read
	open  *spanRead // modeWindow: the span of which not all pages were read, nil if there is none
	known recent    // rows consumed or buffered, as far as memory reaches
	prev  []uint64  // rows of the newest page, to notice one that repeats
	same  bool      // the newest page repeats the one before, row by row
	stall int
	back  int // pages gone back to look for the anchor

	widened bool // modeTime: a larger page was asked for since the walk came further

	// Of the current request.
	calls   int
	scanned int
	want    int
	began   time.Time
	err     error
	left    error // of Ask.Left
}

// row is an entry that was read and is not consumed.
type row struct {
	entry logs.Entry
	hash  uint64
	eff   time.Time // its time, or that of its newer neighbour when it has none
	shown bool      // it lies in the span and matches the filter
	mark  *mark
}

// mark stands for one row in the vendor's order.
type mark struct {
	hash     uint64
	eff      time.Time
	consumed bool
}

// newLane returns a lane at a place; the zero place is the newest edge.
func newLane(a Ask, p place, span logs.Span, item string, start time.Time, q *query.Query, now func() time.Time) *lane {
	l := &lane{
		ask: a, caps: a.Source.vendor.Capabilities, addr: a.Target.String(), span: span, item: item,
		start: start, match: q.Match, some: q.String() != "", now: now, call: a.Source.read, place: p, next: p.Off,
		watch: watchOf(a, q),
	}
	for _, h := range p.Seen {
		l.known.add(h)
	}
	if p.Mode == modeDown || p.Mode == modeUp {
		l.ahead = slices.Clone(p.Seen)
	}
	if p.Anchor != 0 {
		l.known.add(p.Anchor)
	}
	return l
}

// fill reads until the lane has a row to show or an end. It stops early, without
// an error, when the request's budget is spent.
func (l *lane) fill(ctx context.Context) error {
	for len(l.buf) == 0 && l.place.Done == nil && !l.spent() {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		l.calls++
		if err := l.step(ctx); err != nil {
			return err
		}
		l.skim()
	}
	return nil
}

// spent reports whether the lane made its calls for this request. Finding spans
// that fit a page takes calls of its own, and a span that was begun is read on,
// unless it takes long. A filter that keeps entries back is not waited for: the
// reader sees how far it is.
func (l *lane) spent() bool {
	if l.some && l.calls > 0 && l.now().Sub(l.began) > stride {
		return true
	}
	most := maxCalls
	if l.place.Mode == modeWindow {
		most += mostPages
	}
	return (l.calls >= most && l.open == nil) || (l.calls > 0 && l.now().Sub(l.began) > maxElapsed)
}

// wants reports whether the lane should read on for the current request.
func (l *lane) wants() bool {
	return len(l.buf) == 0 && l.place.Done == nil && l.err == nil && !l.spent()
}

// step makes one call, or all calls of what must be read at once.
func (l *lane) step(ctx context.Context) error {
	switch l.place.Mode {
	case modeFresh:
		return l.stepFresh(ctx)
	case modeDown:
		return l.stepDown(ctx)
	case modeUp:
		return l.stepUp(ctx)
	case modeGather:
		return l.gather(ctx, nil)
	case modeWindow:
		return l.stepWindow(ctx)
	case modeTime:
		return l.stepTime(ctx)
	}
	return fault.New(fault.Invalid, "walk").Saying("this cursor is of another version; start again without it")
}

func (l *lane) stepFresh(ctx context.Context) error {
	switch l.caps.Paging {
	case driver.ByWindow:
		l.place.Mode = modeWindow
		return l.stepWindow(ctx)
	case driver.ByTime:
		l.place.Mode = modeTime
		return l.stepTime(ctx)
	}
	if l.caps.Order == driver.NewestFirst {
		l.place.Mode = modeDown
		return l.stepDown(ctx)
	}
	return l.stepDetect(ctx)
}

// read makes one call for the lane's target and turns the page into rows. again
// reports whether the row at the page's far end stood in the page before, so that
// the vendor took us no further.
func (l *lane) read(ctx context.Context, r driver.Read) (pg driver.Page, rows []row, again bool, err error) {
	if l.item != "" && !l.caps.Items {
		return pg, nil, false, fault.New(fault.Unsupported, "read one item").
			Saying(l.ask.Source.vendor.Title + " cannot look for one item")
	}
	r.Path, r.Item, r.Pin, r.Terms = l.ask.Target.Path, l.item, l.place.Pin, l.place.push.terms()
	pg, err = l.call(ctx, r)
	if l.place.push != nil && l.place.Read == 0 && refused(err) {
		// The vendor does not take this filter after all, or not here. Without it the
		// answer is as right, and what else was wrong will be refused again.
		l.place.push, r.Terms = nil, nil
		pg, err = l.call(ctx, r)
	}
	if err != nil {
		return pg, nil, false, err
	}
	l.place.Pin = pg.Pin
	l.place.Read += len(pg.Entries)
	rows = make([]row, len(pg.Entries))
	hashes := make([]uint64, len(rows))
	eff := time.Time{}
	for i := range pg.Entries {
		e := &pg.Entries[i]
		e.Src = l.addr
		if usable(e.Time) {
			eff = e.Time
		}
		l.watch = slices.DeleteFunc(l.watch, func(w watched) bool { return w.in.Match(e) })
		hashes[i] = hashID(e.ID)
		rows[i] = row{entry: *e, hash: hashes[i], eff: eff, shown: l.span.Holds(e.Time) && l.match(e)}
	}
	// Leading rows without a time get that of the first that has one.
	for i := len(rows) - 2; i >= 0; i-- {
		if rows[i].eff.IsZero() {
			rows[i].eff = rows[i+1].eff
		}
	}
	if n := len(hashes); n > 0 {
		again = slices.Contains(l.prev, hashes[n-1])
	}
	l.same = slices.Equal(l.prev, hashes)
	l.prev = hashes
	return pg, rows, again, nil
}

// stalled counts calls that brought the walk no further.
func (l *lane) stalled(moved bool) bool {
	if moved {
		l.stall = 0
		return false
	}
	l.stall++
	return l.stall >= maxStalls || l.same && l.stall >= 2
}

// size is how many rows to ask for: little at first, so that something shows
// soon, and the vendor's most from then on, because every call costs.
func (l *lane) size() int {
	n := l.caps.MaxLimit
	if l.place.Read == 0 {
		n = min(n, max(2*l.want, 50))
	}
	return max(1, n)
}

// skim consumes the rows at the head that are not shown.
func (l *lane) skim() {
	for len(l.buf) > 0 && !l.buf[0].shown {
		l.take()
	}
}

// take consumes the head of the buffer.
func (l *lane) take() row {
	r := l.buf[0]
	l.buf[0] = row{}
	l.buf = l.buf[1:]
	l.scanned++
	p := &l.place
	if usable(r.entry.Time) {
		p.Past = nanos(r.eff)
	}
	switch p.Mode {
	case modeDown, modeUp:
		r.mark.consumed = true
		l.advance()
	case modeTime:
		l.consumeTime(r)
	default:
		l.consumeTotal(r)
	}
	return r
}

// where returns the lane's place for a cursor. It shares nothing with the lane.
func (l *lane) where() place {
	p := l.place
	p.Seen, p.Trail, p.Gaps = slices.Clone(p.Seen), slices.Clone(p.Trail), slices.Clone(p.Gaps)
	if len(l.buf) > 0 {
		p.Done = nil // the end was seen, but not by the reader
	}
	switch p.Mode {
	case modeDown, modeUp:
		p.Seen = slices.Clone(l.ahead)
		for _, m := range l.marks {
			if m.consumed {
				p.Seen = append(p.Seen, m.hash)
			}
		}
		if len(l.marks) == 0 {
			p.Off = l.next
		}
	case modeWindow:
		if l.open != nil && l.open.page > 0 {
			// What was read of the span lies in memory only. Where that is lost, a
			// narrower one is tried, in the end one of a single call.
			p.Wide = int64(max(leastWide, l.open.high.Sub(l.open.low)/4))
		}
		if len(l.buf) == 0 && !l.low.IsZero() {
			p.Hi = nanos(l.low)
		} else if p.Anchor != 0 && p.Time < p.Hi {
			p.Hi = p.Time + 1
		}
	}
	return p
}

// done reports whether the lane will never give another row.
func (l *lane) done() bool { return len(l.buf) == 0 && l.place.Done != nil }

// trustSteps is how many different times in a row a page must list in order before
// the order is taken as the vendor's: 10 rows in no order look sorted once in
// 3.6 million pages.
const trustSteps = 10

// sorted reports whether rows stand newest first, or oldest first, beyond chance.
func sorted(rows []row) (down, up bool) {
	steps := 0
	down, up = true, true
	for i := 1; i < len(rows); i++ {
		switch rows[i-1].eff.Compare(rows[i].eff) {
		case -1:
			down = false
			steps++
		case 1:
			up = false
			steps++
		}
	}
	return down && steps >= trustSteps-1, up && steps >= trustSteps-1
}

// usable reports whether a time can be told in nanoseconds since 1970. Vendors'
// mistakes such as the year 9999 count as no time.
func usable(t time.Time) bool {
	return !t.IsZero() && t.Year() > 1678 && t.Year() < 2262
}

// newestFirst sorts rows by time and leaves equal ones as they stand, which is
// the vendor's order.
func newestFirst(rows []row) {
	slices.SortStableFunc(rows, func(a, b row) int { return b.eff.Compare(a.eff) })
}

func hashID(id string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(id))
	if v := h.Sum64(); v != 0 {
		return v
	}
	return 1
}

// moment is a row's time as a number that sorts; rows without one are the oldest.
func moment(t time.Time) int64 {
	if t.IsZero() {
		return math.MinInt64
	}
	return t.UnixNano()
}

// recent remembers rows, and forgets the oldest of them when they become many: a
// vendor repeats a row soon or not at all.
type recent struct {
	fresh, old map[uint64]struct{}
}

// recentRows is more than twice the largest page.
const recentRows = 16_384

func (s *recent) add(h uint64) {
	if len(s.fresh) >= recentRows {
		s.old, s.fresh = s.fresh, nil
	}
	if s.fresh == nil {
		s.fresh = map[uint64]struct{}{}
	}
	s.fresh[h] = struct{}{}
}

func (s *recent) has(h uint64) bool {
	if _, ok := s.fresh[h]; ok {
		return true
	}
	_, ok := s.old[h]
	return ok
}
