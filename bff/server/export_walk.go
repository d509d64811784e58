package server

import (
	"errors"
	"iter"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/logpane/logpane/app/export"
	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/wire"
	"github.com/logpane/logpane/bff/source"
)

// walk writes all that matches.
func (s *Server) walk(o *stream, r *http.Request, want wanted, run *running) (err error) {
	req := want.Request
	rows := func() int {
		switch {
		case !o.begun && want.most > 0:
			return min(firstRows, want.most)
		case !o.begun:
			return firstRows
		case want.most > 0:
			return min(wire.MaxLimit, want.most-o.Entries())
		}
		return wire.MaxLimit
	}
	sum := export.Summary{}
	defer func() { err = s.ended(o, r, run, &sum, err, recover()) }()
	for page, err := range s.pages(r, req, run, rows) {
		if err != nil {
			return err
		}
		if !o.begun {
			if err := allFailed(page); err != nil {
				return err
			}
			sum.Notes = page.Notes
			if o.begin(s.o.Now()) != nil {
				return errGone
			}
		}
		for i := range page.Entries {
			if o.Entry(&page.Entries[i]) != nil {
				return errGone
			}
		}
		if len(page.Entries) > 0 || page.Cursor == "" || o.last.IsZero() {
			err = o.push()
		} else {
			err = o.breathe()
		}
		if err != nil {
			return errGone
		}
		s.exports.wrote(want.Format, len(page.Entries))
		sum.Scanned += page.Scanned
		sum.Coverage = page.Coverage
		sum.Complete, sum.Reason = completeness(page, want.Span)
		if page.Cursor == "" {
			break
		}
		sum.Complete = false
		if want.most > 0 && o.Entries() >= want.most {
			sum.Reason = limitReason("newest", want.most)
			break
		}
	}
	return nil
}

func limitReason(which string, n int) string {
	return "limit: the " + which + " " + strconv.Itoa(n) + " were asked for, and there may be more"
}

// ended says the last words of an export that came to its end, or was brought to it
// by err or a panic. It returns what is still to be told to the reader.
func (s *Server) ended(o *stream, r *http.Request, run *running, sum *export.Summary, err error, panicked any) error {
	if !o.begun {
		if panicked != nil {
			panic(panicked)
		}
		return run.why(s, r, err)
	}
	switch {
	case panicked != nil:
		sum.Complete, sum.Reason = false, "something went wrong on our side: ask again"
	case err != nil:
		sum.Complete, sum.Reason = false, fault.Of(run.why(s, r, err)).Msg
	}
	if !errors.Is(err, errGone) && !run.gone() {
		_ = o.end(*sum) // where that fails nobody is there to read it
		s.exports.ended(o.want.Format, *sum)
	}
	if panicked != nil {
		panic(panicked)
	}
	return nil
}

// pages yields the pages of a walk to its end, at most rows() entries each. A target
// that fails is tried again after a pause, and left out after a few; whether the asker
// may still read is looked at before each page. An error ends the walk.
func (s *Server) pages(r *http.Request, req source.Request, run *running, rows func() int) iter.Seq2[*wire.Page, error] {
	return func(yield func(*wire.Page, error) bool) {
		req.Strict = true
		patience := newPatience(req.Asks)
		for {
			req.Limit = rows()
			page, err := s.search(r, req)
			if err != nil {
				yield(nil, err)
				return
			}
			wait := patience.after(page, req.Asks)
			if !yield(page, nil) || page.Cursor == "" {
				return
			}
			if err := run.pause(s, r, wait); err != nil {
				yield(nil, err)
				return
			}
			req.Cursor = page.Cursor
		}
	}
}

// errGone says that the reader takes nothing any more.
var errGone = errors.New("the reader is gone")

// allFailed returns the failure of an answer that holds nothing but failures.
func allFailed(page *wire.Page) error {
	var first *fault.Error
	for _, c := range page.Coverage {
		if c.State != logs.Failed {
			return nil
		}
		if first == nil {
			first = fault.New(fault.Kind(c.Kind), "export").Saying(c.Reason)
			first.Said, first.RetryAfter = c.Said, time.Duration(c.RetryAfterMS)*time.Millisecond
		}
	}
	if first == nil || len(page.Entries) > 0 {
		return nil
	}
	return first
}

// completeness says whether the coverage of an answer leaves nothing out, and what it
// does leave out. What a vendor has deleted is missing only where it was asked for.
func completeness(page *wire.Page, span logs.Span) (complete bool, reason string) {
	var missing []string
	failed := 0 // of them; they come first, because something can be done about them
	for _, c := range page.Coverage {
		if c.State == logs.Complete || c.State == logs.Expired && span.From.IsZero() {
			continue
		}
		text := c.Src + ": " + c.Reason
		if c.State == logs.Failed {
			text = c.Src + " failed: " + c.Reason
		}
		switch {
		case slices.Contains(missing, text):
		case c.State == logs.Failed:
			missing = slices.Insert(missing, failed, text)
			failed++
		default:
			missing = append(missing, text)
		}
	}
	if more := len(missing) - 5; more > 0 {
		missing = append(missing[:5], strconv.Itoa(more)+" more")
	}
	return len(missing) == 0, strings.Join(missing, "; ")
}

// patience is how the failures of targets are borne: a fault that may pass is waited
// for and tried again a few times, and then the others go on without it.
type patience struct {
	tries []int
	spent []time.Duration
}

func newPatience(asks []source.Ask) *patience {
	return &patience{make([]int, len(asks)), make([]time.Duration, len(asks))}
}

// after returns how long to wait before the next page, and leaves targets that are
// given up out of it.
func (p *patience) after(page *wire.Page, asks []source.Ask) (wait time.Duration) {
	for i := range asks {
		a := &asks[i]
		if a.Source == nil || a.Left != nil {
			continue
		}
		at := slices.IndexFunc(page.Coverage, func(c logs.Coverage) bool { return c.State == logs.Failed && c.Src == a.Target.String() })
		if at < 0 {
			p.tries[i], p.spent[i] = 0, 0
			continue
		}
		c := page.Coverage[at]
		p.tries[i]++
		pause := max(time.Duration(c.RetryAfterMS)*time.Millisecond, firstRecover<<(2*(p.tries[i]-1)))
		p.spent[i] += pause
		passes := slices.Contains([]fault.Kind{fault.RateLimited, fault.Unavailable, fault.Timeout, fault.BadUpstream}, fault.Kind(c.Kind))
		if !passes || p.tries[i] > maxTries || p.spent[i] > maxPatience {
			left := fault.New(fault.Kind(c.Kind), "export").Saying(c.Reason)
			left.Said = c.Said
			a.Left = left
			continue
		}
		wait = max(wait, pause)
	}
	return wait
}
