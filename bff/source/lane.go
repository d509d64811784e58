package source

import (
	"context"
	"hash/fnv"
	"slices"
	"time"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/bff/source/driver"
)

// Brakes of one lane within one request.
const (
	maxCalls   = 12               // vendor calls, a gathering lane aside
	maxStalls  = 3                // calls in a row that brought nothing new
	maxElapsed = 20 * time.Second // no new call is begun after it
	maxGather  = 60 * time.Second // the same for a lane that must read everything first
)

// jitter is how far the rows of a vendor that lists by time may stand out of
// order: rows are logged by several of its servers at once. A page that is older
// than the span by less is not taken as proof that nothing newer follows.
const jitter = time.Minute

// lane walks one target, newest first. It is used by one goroutine at a time.
//
// Where it stands is kept in place, in one of two ways. A vendor that pages by
// offset is remembered by position: how many of its rows are consumed, and which
// row was the last. New rows shift the offsets, so each page is asked for with
// one row of overlap, and what stands before the remembered row is old news. A
// vendor that pages by time, and one whose order cannot be trusted, is
// remembered by time: everything newer than Time is consumed, and of that very
// moment the rows in Seen.
type lane struct {
	ask   Ask
	caps  driver.Capabilities
	addr  string
	span  logs.Span
	item  string
	start time.Time // of the walk
	match func(*logs.Entry) bool
	now   func() time.Time

	place place
	buf   []row               // read, not consumed; newest first
	marks []*mark             // offset modes: the vendor's rows from the frontier on, in walking order
	next  int                 // modeDown: the offset to read next; modeUp: rows before it are unread
	low   time.Time           // modeWindow: everything from here on was read
	known map[uint64]struct{} // rows consumed or buffered, as far as memory reaches
	last  uint64              // digest of the newest page, to notice one that repeats
	stall int

	// Of the current request.
	calls   int
	scanned int
	want    int
	began   time.Time
	err     error
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

// ending says why a lane has nothing more to read.
type ending struct {
	State  logs.State `json:"s"`
	Reason string     `json:"r,omitempty"`
	Edge   int64      `json:"e,omitempty"` // ns: where the state begins, looking back; 0 for the oldest row
}

// newLane returns a lane at a place; the zero place is the newest edge.
func newLane(a Ask, p place, span logs.Span, item string, start time.Time, match func(*logs.Entry) bool, now func() time.Time) *lane {
	l := &lane{
		ask: a, caps: a.Source.vendor.Capabilities, addr: a.Target.String(), span: span, item: item,
		start: start, match: match, now: now, place: p, known: map[uint64]struct{}{},
	}
	l.next = p.Off
	for _, h := range p.Seen {
		l.known[h] = struct{}{}
	}
	if p.Anchor != 0 {
		l.known[p.Anchor] = struct{}{}
	}
	return l
}

// fill reads until the lane has a row to show or an end. It stops early, without
// an error, when the request's budget is spent.
func (l *lane) fill(ctx context.Context) error {
	for len(l.buf) == 0 && l.place.Done == nil && !l.spent() {
		if err := ctx.Err(); err != nil {
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

func (l *lane) spent() bool {
	return l.calls >= maxCalls || (l.calls > 0 && l.now().Sub(l.began) > maxElapsed)
}

// wants reports whether the lane should read on for the current request.
func (l *lane) wants() bool {
	return len(l.buf) == 0 && l.place.Done == nil && l.err == nil && !l.spent()
}

// step makes one call, or all calls of a gathering.
func (l *lane) step(ctx context.Context) error {
	switch l.place.Mode {
	case modeFresh:
		return l.stepFresh(ctx)
	case modeDown:
		return l.stepDown(ctx)
	case modeUp:
		return l.stepUp(ctx)
	case modeGather:
		return l.stepGather(ctx)
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

// read makes one call for the lane's target and turns the page into rows.
func (l *lane) read(ctx context.Context, r driver.Read) (driver.Page, []row, error) {
	r.Path, r.Item, r.Pin = l.ask.Target.Path, l.item, l.place.Pin
	pg, err := l.ask.Source.read(ctx, r)
	if err != nil {
		return pg, nil, err
	}
	l.place.Pin = pg.Pin
	l.place.Read += len(pg.Entries)
	rows := make([]row, len(pg.Entries))
	eff := time.Time{}
	digest := uint64(len(rows)) + 1
	for i := range pg.Entries {
		e := &pg.Entries[i]
		e.Src = l.addr
		if !e.Time.IsZero() {
			eff = e.Time
		}
		rows[i] = row{entry: *e, hash: hashID(e.ID), eff: eff}
		digest = digest*1099511628211 ^ rows[i].hash
	}
	// Leading rows without a time get that of the first that has one.
	for i := len(rows) - 1; i >= 0; i-- {
		if rows[i].eff.IsZero() && i+1 < len(rows) {
			rows[i].eff = rows[i+1].eff
		}
	}
	for i := range rows {
		e := &rows[i].entry
		rows[i].shown = l.span.Holds(e.Time) && l.match(e)
	}
	if len(rows) > 0 && digest == l.last {
		l.stall = maxStalls
	}
	l.last = digest
	return pg, rows, nil
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

// stepDetect finds out in which order a vendor lists that does not say: the
// first page and the last one are compared, as the vendor counts.
func (l *lane) stepDetect(ctx context.Context) error {
	first, rows, err := l.read(ctx, driver.Read{Limit: l.caps.MaxLimit})
	if err != nil {
		return err
	}
	whole := first.More == driver.MoreNo || len(rows) == 0 || (first.Total >= 0 && len(rows) >= first.Total) || len(rows) > l.caps.MaxLimit
	if whole {
		l.place.Mode = modeGather
		l.sortIn(rows)
		l.place.Done = l.bottom()
		return nil
	}
	down, up := sorted(rows)
	if first.Total < 0 {
		if down && !up {
			l.place.Mode = modeDown
			l.accept(rows, 0)
			l.next = len(rows)
			return nil
		}
		return l.gatherFrom(ctx, rows)
	}
	reach := first.Total
	if most := l.caps.MaxRows; most > 0 && reach > most {
		reach = most
	}
	l.calls++
	_, tail, err := l.read(ctx, driver.Read{Offset: max(0, reach-l.caps.MaxLimit), Limit: l.caps.MaxLimit})
	if err != nil {
		return err
	}
	tailDown, tailUp := sorted(tail)
	switch {
	case len(tail) > 0 && down && tailDown && !rows[0].eff.Before(tail[0].eff) && !(up && tailUp && rows[0].eff.Equal(tail[0].eff)):
		l.place.Mode = modeDown
		l.accept(rows, 0)
		l.next = len(rows)
	case len(tail) > 0 && up && tailUp && !rows[0].eff.After(tail[0].eff):
		l.place.Mode = modeUp
		if first.Total > reach {
			l.place.Gaps = append(l.place.Gaps, l.caps.CapReason)
		}
		slices.Reverse(tail)
		l.next = max(0, reach-l.caps.MaxLimit)
		l.accept(tail, l.next+len(tail))
		l.floor(tail)
	default:
		return l.gatherFrom(ctx, rows)
	}
	return nil
}

// stepDown reads the next page of a vendor that lists newest first.
func (l *lane) stepDown(ctx context.Context) error {
	over := 0
	if l.place.Anchor != 0 && l.next > 0 {
		over = 1
	}
	off, size := l.next-over, l.size()
	if most := l.caps.MaxRows; most > 0 {
		if l.next >= most {
			l.place.Done = l.capped()
			return nil
		}
		size = min(size, most-off)
	}
	pg, rows, err := l.read(ctx, driver.Read{Offset: off, Limit: size})
	if err != nil {
		return err
	}
	fresh, i := l.beyondAnchor(rows)
	l.next = off + len(rows)
	l.accept(fresh, off+i)
	switch {
	case pg.More == driver.MoreNo, len(rows) == 0:
		l.place.Done = l.bottom()
	case l.stalled(len(fresh)):
		l.place.Done = l.bottom()
	case l.caps.MaxRows > 0 && l.next >= l.caps.MaxRows:
		l.place.Done = l.capped()
	default:
		l.floor(rows)
	}
	return nil
}

// stepUp reads the page before the last one read of a vendor that lists oldest
// first, so that the newest come first to us.
func (l *lane) stepUp(ctx context.Context) error {
	if l.next <= 0 {
		l.place.Done = l.bottom()
		return nil
	}
	high := l.next
	if l.place.Anchor != 0 {
		high++
	}
	off := max(0, high-l.size())
	_, rows, err := l.read(ctx, driver.Read{Offset: off, Limit: high - off})
	if err != nil {
		return err
	}
	if len(rows) > high-off {
		rows = rows[:high-off]
	}
	slices.Reverse(rows)
	fresh, i := l.beyondAnchor(rows)
	l.next = off
	l.accept(fresh, off+len(rows)-i)
	switch {
	case off == 0, l.stalled(len(fresh)) && len(rows) > 0:
		l.place.Done = l.bottom()
	default:
		l.floor(rows)
	}
	return nil
}

// beyondAnchor returns the rows after the one consumed last, and their index.
// Where that row is gone, rows as old as it and unknown are the ones beyond.
func (l *lane) beyondAnchor(rows []row) ([]row, int) {
	if l.place.Anchor == 0 {
		return rows, 0
	}
	for i := range rows {
		if rows[i].hash == l.place.Anchor {
			return rows[i+1:], i + 1
		}
	}
	edge := at(l.place.Time)
	for i := range rows {
		if _, ok := l.known[rows[i].hash]; !ok && !rows[i].eff.After(edge) {
			return rows[i:], i
		}
	}
	return nil, len(rows)
}

// accept buffers rows of an offset mode, given in walking order. off is the
// place of the first: its offset when walking down, one past it when walking up.
func (l *lane) accept(rows []row, off int) {
	l.place.Off = off
	for i := range rows {
		if _, ok := l.known[rows[i].hash]; ok {
			continue
		}
		l.known[rows[i].hash] = struct{}{}
		m := &mark{hash: rows[i].hash, eff: rows[i].eff}
		rows[i].mark = m
		l.marks = append(l.marks, m)
		l.buf = append(l.buf, rows[i])
	}
	newestFirst(l.buf)
}

// stalled counts calls that brought nothing new.
func (l *lane) stalled(fresh int) bool {
	if fresh > 0 {
		l.stall = 0
		return false
	}
	l.stall++
	return l.stall >= maxStalls
}

// floor ends a lane whose page lies below the span.
func (l *lane) floor(rows []row) {
	if l.span.From.IsZero() || len(rows) == 0 {
		return
	}
	newest, oldest := rows[0].eff, rows[0].eff
	for _, r := range rows {
		if r.eff.After(newest) {
			newest = r.eff
		}
		if r.eff.Before(oldest) {
			oldest = r.eff
		}
	}
	if oldest.IsZero() {
		return
	}
	if newest.Before(l.span.From) || oldest.Before(l.span.From.Add(-jitter)) {
		l.place.Done = &ending{State: logs.Complete}
	}
}

// stepGather reads everything again and keeps what was not consumed before.
func (l *lane) stepGather(ctx context.Context) error { return l.gatherFrom(ctx, nil) }

// gatherFrom reads all pages of a vendor that lists in no order, the first of
// which may be given, and sorts them. Rows that arrive meanwhile can only push
// others to higher offsets, so none is passed by.
func (l *lane) gatherFrom(ctx context.Context, all []row) error {
	l.place.Mode = modeGather
	have := map[uint64]struct{}{}
	for _, r := range all {
		have[r.hash] = struct{}{}
	}
	done := l.bottom()
	for off := len(all); ; {
		if l.now().Sub(l.began) > maxGather {
			return fault.New(fault.Timeout, "gather").Saying(l.ask.Source.vendor.Title +
				" lists its entries in no order, and reading them all took too long; pick a narrower target")
		}
		size := l.caps.MaxLimit
		if most := l.caps.MaxRows; most > 0 {
			if off >= most {
				done = l.capped()
				break
			}
			size = min(size, most-off)
		}
		pg, rows, err := l.read(ctx, driver.Read{Offset: off, Limit: size})
		if err != nil {
			return err
		}
		fresh := 0
		for _, r := range rows {
			if _, ok := have[r.hash]; !ok {
				have[r.hash] = struct{}{}
				all = append(all, r)
				fresh++
			}
		}
		off += len(rows)
		if pg.More == driver.MoreNo || len(rows) == 0 || l.stalled(fresh) || (pg.Total >= 0 && off >= pg.Total) {
			break
		}
	}
	l.sortIn(all)
	l.place.Done = done
	return nil
}

// sortIn buffers rows of a mode that is remembered by time, without those that
// were consumed.
func (l *lane) sortIn(rows []row) {
	for _, r := range rows {
		if l.isConsumed(r) {
			continue
		}
		if _, ok := l.known[r.hash]; ok {
			continue
		}
		l.known[r.hash] = struct{}{}
		l.buf = append(l.buf, r)
	}
	newestFirst(l.buf)
}

func (l *lane) isConsumed(r row) bool {
	if l.place.Time == 0 {
		return false
	}
	t := nanos(r.eff)
	return t > l.place.Time || (t == l.place.Time && slices.Contains(l.place.Seen, r.hash))
}

// stepTime reads the rows older than the oldest consumed, of a vendor that pages
// by time. The vendor may or may not include the moment itself, so it is asked
// for a moment later, and what comes twice is dropped.
func (l *lane) stepTime(ctx context.Context) error {
	before := ""
	switch {
	case l.place.Text != "" && l.stall > 0:
		before = l.place.Text
	case l.place.Text != "":
		before = later(l.place.Text, l.caps.Precision)
	case !l.span.To.IsZero():
		before = stamp(l.span.To, l.caps.Precision)
	}
	pg, rows, err := l.read(ctx, driver.Read{Before: before, Limit: l.size()})
	if err != nil {
		return err
	}
	l.sortIn(rows)
	switch {
	case pg.More == driver.MoreNo, len(rows) == 0:
		l.place.Done = l.bottom()
	case !timed(rows):
		l.place.Done = &ending{State: logs.Capped, Reason: l.ask.Source.vendor.Title + " sent entries without a time, so older ones cannot be asked for"}
	case len(l.buf) == 0:
		if l.stall++; l.stall >= 2 {
			l.place.Done = &ending{State: logs.Capped, Reason: l.ask.Source.vendor.Title + " keeps answering with the same entries, so older ones cannot be reached"}
			break
		}
		l.place.Gaps = append(l.place.Gaps, "more than a page of entries share one moment; some of them may be missing")
	default:
		l.stall = 0
		l.floor(rows)
	}
	return nil
}

// bottom is the ending of a lane that reached the vendor's oldest entry.
func (l *lane) bottom() *ending {
	if keep := l.caps.Retention; keep > 0 {
		edge := l.start.Add(-keep)
		if l.span.From.Before(edge) {
			return &ending{State: logs.Expired, Reason: l.caps.ExpiredReason, Edge: nanos(edge)}
		}
	}
	return &ending{State: logs.Complete}
}

func (l *lane) capped() *ending { return &ending{State: logs.Capped, Reason: l.caps.CapReason} }

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
	t := nanos(r.eff)
	if t != 0 && (l.place.Past == 0 || t < l.place.Past) {
		l.place.Past = t
	}
	if r.mark != nil {
		r.mark.consumed = true
		for len(l.marks) > 0 && l.marks[0].consumed {
			l.place.Anchor, l.place.Time = l.marks[0].hash, nanos(l.marks[0].eff)
			if l.place.Mode == modeUp {
				l.place.Off--
			} else {
				l.place.Off++
			}
			l.marks = l.marks[1:]
		}
		return r
	}
	if t != l.place.Time {
		l.place.Time, l.place.Seen = t, nil
	}
	l.place.Seen = append(l.place.Seen, r.hash)
	if r.entry.TimeText != "" {
		l.place.Text = r.entry.TimeText
	}
	return r
}

// where returns the lane's place for a cursor.
func (l *lane) where() place {
	p := l.place
	if len(l.buf) > 0 {
		p.Done = nil // the end was seen, but not by the reader
	}
	switch p.Mode {
	case modeDown, modeUp:
		p.Seen = nil
		for _, m := range l.marks {
			if m.consumed {
				p.Seen = append(p.Seen, m.hash)
			}
		}
	case modeWindow:
		if len(l.buf) == 0 && !l.low.IsZero() {
			p.Hi, p.Seen = nanos(l.low), nil
		} else if p.Time != 0 && p.Time < p.Hi {
			p.Hi = p.Time + 1
		}
	}
	return p
}

// done reports whether the lane will never give another row.
func (l *lane) done() bool { return len(l.buf) == 0 && l.place.Done != nil }

// coverage says what the lane's answers cover so far, the edge last.
func (l *lane) coverage() []logs.Coverage {
	to := l.span.To
	if to.IsZero() {
		to = l.start
	}
	past := at(l.place.Past)
	if past.IsZero() || past.After(to) {
		past = to
	}
	edge := logs.Coverage{Src: l.addr, From: l.span.From, To: past, State: logs.More, Reason: "more exists: ask on"}
	switch d := l.place.Done; {
	case l.err != nil:
		f := fault.Of(l.err)
		edge.State, edge.Reason, edge.Kind, edge.Said = logs.Failed, f.Msg, string(f.Kind), f.Said
		edge.RetryAfterMS = f.RetryAfter.Milliseconds()
	case d != nil && len(l.buf) == 0:
		edge.State, edge.Reason = d.State, d.Reason
		if d.Edge != 0 {
			past = at(d.Edge)
			edge.To = past
		}
		if d.State == logs.Complete {
			edge.To = to
			return append(l.gaps(), edge)
		}
	case l.calls == 0 && l.place.Read == 0:
		edge.State, edge.Reason = logs.Unasked, "not asked yet: ask on"
	case l.spent():
		edge.Reason = "searched back to here within the limits of one request: ask on"
	}
	out := l.gaps()
	if past.Before(to) {
		out = append(out, logs.Coverage{Src: l.addr, From: past, To: to, State: logs.Complete})
	}
	return append(out, edge)
}

func (l *lane) gaps() []logs.Coverage {
	var out []logs.Coverage
	for _, g := range l.place.Gaps {
		out = append(out, logs.Coverage{Src: l.addr, To: l.start, State: logs.Capped, Reason: g})
	}
	return out
}

// sorted reports whether rows stand newest first, and oldest first. Equal times
// fit both.
func sorted(rows []row) (down, up bool) {
	down, up = true, true
	for i := 1; i < len(rows); i++ {
		switch rows[i-1].eff.Compare(rows[i].eff) {
		case -1:
			down = false
		case 1:
			up = false
		}
	}
	return down, up
}

func timed(rows []row) bool {
	return slices.ContainsFunc(rows, func(r row) bool { return !r.entry.Time.IsZero() })
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

// stamp writes a time with as many decimals as the vendor keeps.
func stamp(t time.Time, precision time.Duration) string {
	layout := "2006-01-02T15:04:05"
	switch {
	case precision < time.Microsecond:
		layout += ".000000000"
	case precision < time.Millisecond:
		layout += ".000000"
	case precision < time.Second:
		layout += ".000"
	}
	return t.UTC().Format(layout + "Z")
}

// later returns the moment after a vendor's time string, and the string itself
// when it is not RFC 3339.
func later(text string, precision time.Duration) string {
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return text
	}
	return stamp(t.Add(precision), precision)
}
