package server

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/app/item"
	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/wire"
	"github.com/logpane/logpane/bff/source"
)

// Bounds of an assertion.
const (
	assertSpan  = 24 * time.Hour           // looked back when the question says nothing
	assertPlain = slowAnswer - time.Minute // wall clock of an answer that comes at once
	assertLines = 30 * time.Minute         // wall clock of one that says how far it is
	assertLook  = time.Second              // how often it is looked whether the asker may still read
)

// assert answers POST /api/assert: whether items were processed. It says how far
// it is where lines are accepted: a call of Coveo's may take a minute.
func (s *Server) assert(w http.ResponseWriter, r *http.Request) error {
	a, err := s.assertion(r)
	if err != nil {
		return err
	}
	if strings.Contains(r.Header.Get("Accept"), wire.Lines) {
		return s.assertLines(w, r, a)
	}
	ctx, cancel := context.WithTimeout(r.Context(), assertPlain)
	defer cancel()
	judged, coverage, p, err := s.o.Searcher.Assert(ctx, a, nil)
	if err != nil {
		return err
	}
	s.assertCounted(a, p, coverage)
	verdicts := s.told(r, judged, coverage)
	body, err := json.Marshal(wire.Verdicts{Verdicts: verdicts, Coverage: coverage, Calls: p.Calls, Scanned: p.Read})
	if err != nil {
		return fault.New(fault.Internal, "encode answer").Because(err)
	}
	return writePage(w, r, body)
}

// assertion reads the question.
func (s *Server) assertion(r *http.Request) (source.Assertion, error) {
	var in wire.Assert
	var a source.Assertion
	if err := readJSON(r, &in); err != nil {
		return a, err
	}
	switch {
	case len(in.Items) == 0:
		return a, invalid("items is empty: give at least one item")
	case len(in.Items) > item.MaxItems:
		return a, invalid("items holds more than 5,000 items")
	}
	for _, it := range in.Items {
		if it == "" || len(it) > item.MaxItemBytes {
			return a, invalid("items holds one that is empty or longer than 4096 bytes")
		}
	}
	asks, err := s.asks(r, s.who(r), true, []string{in.Src})
	if err != nil {
		return a, err
	}
	if len(asks) != 1 {
		return a, invalid("src must name one target")
	}
	if asks[0].Err != nil {
		return a, asks[0].Err
	}
	if v := asks[0].Source.Vendor(); !v.Capabilities.Items {
		return a, fault.New(fault.Unsupported, "assert items").Saying(v.Title + " does not log items that go through stages")
	}
	a.Ask, a.Items = asks[0], in.Items
	if a.Span, _, err = s.span(in.From, in.To); err != nil {
		return a, err
	}
	if a.Span.From.IsZero() {
		a.Span.From = s.o.Now().Add(-assertSpan)
		if !a.Span.To.IsZero() {
			a.Span.From = a.Span.To.Add(-assertSpan)
		}
	}
	return a, nil
}

// assertLines answers with lines of progress, then the verdicts.
func (s *Server) assertLines(w http.ResponseWriter, r *http.Request, a source.Assertion) error {
	ctx, cancel := context.WithTimeout(r.Context(), assertLines)
	defer cancel()
	control := http.NewResponseController(w)
	w.Header().Set("Content-Type", wire.Lines)
	w.Header().Set("X-Accel-Buffering", "no") // a proxy that waits for more would hide the progress
	write := func(line wire.AssertLine) {
		b, err := json.Marshal(line)
		if err != nil {
			return
		}
		_ = control.SetWriteDeadline(time.Now().Add(slowAnswer))
		if _, err := w.Write(append(b, '\n')); err != nil {
			cancel() // nobody reads it
			return
		}
		_ = control.Flush()
	}
	type result struct {
		judged   []source.Judged
		coverage []logs.Coverage
		progress source.Progress
		err      error
	}
	told := make(chan source.Progress, 1)
	done := make(chan result, 1)
	go func() {
		var out result
		defer func() {
			if v := recover(); v != nil {
				// One strange answer must not end the process for everybody.
				out.err = fmt.Errorf("panic: %v\n%s", v, debug.Stack())
			}
			done <- out
		}()
		out.judged, out.coverage, out.progress, out.err = s.o.Searcher.Assert(ctx, a, func(p source.Progress) {
			select {
			case <-told: // the newest is enough
			default:
			}
			told <- p
		})
	}()
	var last source.Progress
	write(progressLine(last))
	beat := time.NewTicker(wire.AssertBeat)
	defer beat.Stop()
	look := time.NewTicker(assertLook)
	defer look.Stop()
	failed := func(err error) {
		rec := recordOf(r.Context())
		f := fault.Of(err)
		rec.kind, rec.err = f.Kind, err
		p := wire.ProblemOf(f, rec.id)
		write(wire.AssertLine{Problem: &p})
	}
	for {
		select {
		case <-look.C:
			if err := s.still(r); err != nil && !fault.KindOf(err).Temporary() {
				failed(err)
				return nil
			}
		case last = <-told:
			write(progressLine(last))
		case <-beat.C:
			write(progressLine(last))
		case out := <-done:
			if out.err != nil {
				failed(out.err)
				return nil
			}
			s.assertCounted(a, out.progress, out.coverage)
			for v := s.told(r, out.judged, out.coverage); len(v) > 0; {
				n := min(len(v), wire.AssertPart)
				write(wire.AssertLine{Verdicts: v[:n]})
				v = v[n:]
			}
			write(wire.AssertLine{End: &wire.AssertEnd{Coverage: out.coverage, Calls: out.progress.Calls, Scanned: out.progress.Read}})
			return nil
		}
	}
}

func progressLine(p source.Progress) wire.AssertLine {
	return wire.AssertLine{Progress: &wire.AssertProgress{Calls: p.Calls, Scanned: p.Read, Settled: p.Settled, Back: p.Back}}
}

// assertCounted counts what an assertion read.
func (s *Server) assertCounted(a source.Assertion, p source.Progress, coverage []logs.Coverage) {
	s.metrics.entries.WithLabelValues("read").Add(float64(p.Read))
	for _, c := range coverage {
		s.metrics.vendor.WithLabelValues(a.Ask.Target.Vendor, string(c.State)).Inc()
	}
}

// told returns verdicts as the asker of a request sees them. The items are the asker's
// own words.
func (s *Server) told(r *http.Request, judged []source.Judged, coverage []logs.Coverage) []wire.Verdict {
	out := VerdictsOf(judged)
	if lens, err := s.lens(s.who(r), ""); err == nil && lens != nil {
		for i := range out {
			out[i].Reason = lens.Text(out[i].Reason)
		}
		through(lens, nil, coverage, nil)
	}
	return out
}

// VerdictsOf writes verdicts as they cross to whoever asked.
func VerdictsOf(judged []source.Judged) []wire.Verdict {
	out := make([]wire.Verdict, len(judged))
	for i, j := range judged {
		out[i] = wire.Verdict{
			Item: j.Item, Verdict: j.State.Word(), Removed: j.State == item.Removed,
			Stage: j.Stage, Code: j.Code, Reason: j.Reason, Time: j.Step.Time,
		}
	}
	return out
}
