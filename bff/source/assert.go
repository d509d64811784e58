package source

import (
	"context"
	"math"
	"slices"
	"time"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/app/item"
	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/bff/source/driver"
)

// Bounds of an assertion.
const (
	assertCalls = 600 // of the vendor; Coveo may take a minute for each
	assertSteps = 64  // entries kept of one item: its verdict rests on the newest
	assertEach  = 40  // items asked for one by one, once there are others: what is left to read is a guess
)

// Assertion asks what became of items.
type Assertion struct {
	Ask   Ask
	Items []string
	Span  logs.Span // From must be set
}

// Progress is how far an assertion is.
type Progress struct {
	Calls   int       // of the vendor
	Read    int       // entries
	Settled int       // items of which the verdict cannot change any more
	Back    time.Time // everything from here on was read; zero while nothing is certain
}

// Judged is an item and its verdict.
type Judged struct {
	Item string
	item.Verdict
}

// Assert reads what the vendor says of items and judges each, in the order given.
// tell, which may be nil, is called after each call of the vendor, on a goroutine
// of Assert's own making.
//
// Coveo takes one item URI in a call and no list of them (Swagger of the Source
// Logs service: documentId). Patterns (documentIdMatching) could stand for several
// and are not used: how they compare is not documented, and one that finds too
// little would make items unseen that are there. So there are two ways, and the one
// that takes fewer calls is taken: reading the whole span by pages, newest part
// first, until every item is settled; or asking for each item that is left. Which
// one that is shows once a page has told how dense the log is.
//
// When the time of ctx is up, what was read by then is judged and the coverage says
// the rest; a reader who goes away (context.Canceled) ends it with an error. Faults
// as Search's where nothing could be read at all.
func (s *Searcher) Assert(ctx context.Context, a Assertion, tell func(Progress)) ([]Judged, []logs.Coverage, Progress, error) {
	if tell == nil {
		tell = func(Progress) {}
	}
	w := &assertion{Assertion: a, tell: tell, now: s.now, files: make(map[string]*file, len(a.Items))}
	for _, it := range a.Items {
		w.files[it] = &file{}
	}
	w.open = len(w.files)
	coverage, err := w.read(ctx)
	if err != nil {
		return nil, nil, w.progress, err
	}
	whole := !slices.ContainsFunc(coverage, func(c logs.Coverage) bool { return c.State != logs.Complete })
	out := make([]Judged, len(a.Items))
	for i, it := range a.Items {
		f := w.files[it]
		// An item that was asked for by itself has a coverage of its own.
		v := item.OfSteps(slices.Clone(f.steps)).Verdict(whole || f.whole)
		if f.failed != "" && !f.settled {
			v = item.Verdict{State: item.Unknown, Reason: f.failed}
		}
		out[i] = Judged{it, v}
	}
	return out, coverage, w.progress, nil
}

// assertion is an Assertion under way.
type assertion struct {
	Assertion
	tell     func(Progress)
	now      func() time.Time
	files    map[string]*file
	open     int // files that are not settled
	progress Progress
	calls    float64 // made for spans that were read whole
	width    time.Duration
}

// file is what was read of one item.
type file struct {
	steps   []item.Step
	settled bool
	whole   bool   // all that the vendor has of it was read
	failed  string // why it could not be asked for
}

// lane returns a lane for one item, or for all with "".
func (w *assertion) lane(name string) *lane {
	l := newLane(w.Ask, place{}, w.Span, name, w.now(), nil, w.now)
	l.began, l.want = w.now(), math.MaxInt32
	l.only = func(e *logs.Entry) bool { return w.files[e.Item] != nil }
	call := l.call
	l.call = func(ctx context.Context, r driver.Read) (driver.Page, error) {
		w.progress.Calls++
		pg, err := call(ctx, r)
		w.progress.Read += len(pg.Entries)
		w.tell(w.progress)
		return pg, err
	}
	return l
}

// read reads until every item is settled or nothing is left, and returns what was
// covered.
func (w *assertion) read(ctx context.Context) ([]logs.Coverage, error) {
	if w.open == 1 && w.Ask.Source.vendor.Capabilities.Items {
		return w.each(ctx, nil)
	}
	l := w.lane("")
	for {
		w.take(l)
		if l.done() {
			return l.coverage(), nil
		}
		if w.open == 0 {
			return unfinished(l.coverage(), "all items were found after this: older entries say nothing new"), nil
		}
		if w.cheaper(l) {
			return w.each(ctx, l)
		}
		if over, err := w.over(ctx); over {
			return unfinished(l.coverage(), ""), err
		}
		hi := l.high()
		calls := w.progress.Calls
		if err := l.step(ctx); err != nil {
			return w.broken(ctx, l, err)
		}
		w.calls += float64(w.progress.Calls - calls)
		if now := l.high(); l.open == nil && now.Before(hi) {
			w.width += hi.Sub(now)
		}
	}
}

// high is the moment from which on everything was read by a window lane.
func (l *lane) high() time.Time {
	switch {
	case !l.low.IsZero():
		return l.low
	case l.place.Hi != 0:
		return at(l.place.Hi)
	}
	if l.span.To.IsZero() {
		return l.start.Add(ahead)
	}
	return l.span.To
}

// over reports whether the assertion must end, with an error where nobody waits.
func (w *assertion) over(ctx context.Context) (bool, error) {
	if ctx.Err() == nil {
		return w.progress.Calls >= assertCalls, nil
	}
	if err := context.Cause(ctx); fault.Of(err).Kind != fault.Timeout {
		return true, err
	}
	return true, nil
}

// broken ends a walk that failed: with the error where it gave nothing, else with
// what it gave.
func (w *assertion) broken(ctx context.Context, l *lane, err error) ([]logs.Coverage, error) {
	if over, err := w.over(ctx); over && ctx.Err() != nil {
		return unfinished(l.coverage(), ""), err
	}
	if w.progress.Read == 0 {
		return nil, err
	}
	l.err = err
	return l.coverage(), nil
}

// unfinished marks the edge of a coverage that was given up.
func unfinished(cov []logs.Coverage, reason string) []logs.Coverage {
	if reason == "" {
		reason = "not read within the time and the calls of one question: ask for a shorter span"
	}
	if e := &cov[len(cov)-1]; e.State == logs.More || e.State == logs.Unasked {
		e.Reason = reason
	}
	return cov
}

// take moves what a lane has read to the files. A span is in a lane's buffer only
// when it was read whole, so that of each item the newest entries come first.
func (w *assertion) take(l *lane) {
	for len(l.buf) > 0 {
		r := l.take()
		if !r.shown {
			continue
		}
		// Within the moment in which an item was settled more of it may come.
		f := w.files[r.entry.Item]
		if f == nil || len(f.steps) >= assertSteps || f.settled && f.steps[len(f.steps)-1].Time.After(r.entry.Time) {
			continue
		}
		f.steps = append(f.steps, item.StepOf(&r.entry))
		if !f.settled && item.OfSteps(slices.Clone(f.steps)).Settled() {
			f.settled = true
			w.open--
			w.progress.Settled++
		}
	}
	switch {
	case l.item != "":
	case l.place.Mode != modeWindow:
		w.progress.Back = at(l.place.Past)
	case w.width > 0 || l.place.Done != nil:
		w.progress.Back = l.high()
	}
}

// cheaper reports whether asking for each item that is left takes fewer calls than
// reading on.
func (w *assertion) cheaper(l *lane) bool {
	caps := w.Ask.Source.vendor.Capabilities
	if !caps.Items || caps.Paging != driver.ByWindow || w.open == len(w.files) && w.progress.Calls == 0 {
		return false
	}
	spans := 1.0
	bottom := l.span.From
	if end := l.bottom(); end.Edge != 0 {
		bottom = at(end.Edge)
	}
	if most := caps.MaxSpan; most > 0 {
		to := l.span.To
		if to.IsZero() {
			to = l.start
		}
		spans = math.Ceil(to.Sub(bottom).Hours() / most.Hours())
	}
	left := l.high().Sub(bottom).Hours()
	perHour := 0.0
	switch o := l.open; {
	case o != nil && o.page > 0:
		reached := o.reach.Sub(o.low).Hours()
		if !o.up || reached <= 0 {
			return false // nothing tells how much is left
		}
		perHour = float64(o.page) / reached
		left -= reached
	case w.width > 0:
		perHour = w.calls / w.width.Hours()
	case l.place.Wide > 0:
		perHour = aPart / time.Duration(l.place.Wide).Hours()
	}
	one := float64(w.open) * spans
	return one <= assertEach && one < perHour*left
}

// each asks for every item that is left by itself. l is the walk so far, nil
// without one.
func (w *assertion) each(ctx context.Context, l *lane) ([]logs.Coverage, error) {
	var covered, edge []logs.Coverage
	failed := ""
	for _, name := range w.Items {
		f := w.files[name]
		if f.settled || f.whole || f.failed != "" {
			continue
		}
		if failed != "" {
			f.failed = failed
			continue
		}
		f.steps = nil
		one := w.lane(name)
		for !one.done() {
			w.take(one)
			if f.settled {
				break
			}
			over, err := w.over(ctx)
			if !over {
				err = one.step(ctx)
				if err == nil {
					continue
				}
				if o, gone := w.over(ctx); o && ctx.Err() != nil {
					over, err = true, gone
				}
			}
			if over && err != nil {
				return nil, err
			}
			if !over {
				if w.progress.Read == 0 && l == nil {
					return nil, err
				}
				one.err = err
			}
			failed = "not among what could be read; see the coverage"
			edge = unfinished(one.coverage(), "")
			break
		}
		w.take(one)
		if failed != "" {
			if !f.settled {
				f.failed = failed
			}
			continue
		}
		cov := one.coverage()
		f.whole = !slices.ContainsFunc(cov, func(c logs.Coverage) bool { return c.State != logs.Complete })
		if !f.settled {
			covered = cov
		}
	}
	switch {
	case edge != nil:
		return edge, nil
	case covered != nil:
		return covered, nil
	case l != nil:
		return l.coverage(), nil
	}
	return []logs.Coverage{{Src: w.Ask.Target.String(), From: w.Span.From, To: w.Span.To, State: logs.Complete}}, nil
}
