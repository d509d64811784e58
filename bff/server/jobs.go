package server

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/wire"
	"github.com/logpane/logpane/bff/source"
)

// Bounds of an answer that needs several pages.
const (
	jobEntries    = 2000             // entries of one job
	jobList       = 500              // jobs of a target
	assertEntries = 20_000           // entries read to judge items
	assertItems   = 5000             // items of one question
	assertSpan    = 24 * time.Hour   // looked back when the question says nothing
	severalPages  = 45 * time.Second // wall clock
)

// jobs answers GET /api/jobs: the entries of one job, or the jobs of a target.
func (s *Server) jobs(w http.ResponseWriter, r *http.Request) error {
	req, err := s.question(r, true, "src", "job", "from", "to")
	if err != nil {
		return err
	}
	if len(req.Asks) != 1 {
		return invalid("src must name one target")
	}
	if err := req.Asks[0].Err; err != nil {
		return err
	}
	if job := r.URL.Query().Get("job"); job != "" {
		return s.job(w, r, req, job)
	}
	return s.jobList(w, r, req)
}

// job answers with the entries of one job, oldest attempt last, as every page.
func (s *Server) job(w http.ResponseWriter, r *http.Request, req source.Request, job string) error {
	if len(job) > logs.MaxAddress {
		return invalid("job is longer than an id can be")
	}
	ask := &req.Asks[0]
	asked := ask.Target.String()
	caps := ask.Source.Vendor().Capabilities
	path := ask.Target.Path
	switch {
	case caps.Jobs && len(path) == 2:
		// The vendor lists the job by itself.
		ask.Target = ask.Target.Below(path[0], path[1], "jobs", job)
	case caps.Items:
		req.Item = job
	}
	req.Text += " job " + job
	entries, coverage, err := s.all(r, req, jobEntries, func(e *logs.Entry) bool { return e.Job == job })
	if err != nil {
		return err
	}
	for i := range entries {
		entries[i].Src = asked
	}
	for i := range coverage {
		coverage[i].Src = asked
	}
	return writeJSON(w, http.StatusOK, wire.Jobs{Entries: entries, Coverage: coverage})
}

// jobList groups what was read of a target by job, newest first, and adds the
// jobs that only the vendor's own list names.
func (s *Server) jobList(w http.ResponseWriter, r *http.Request, req source.Request) error {
	ask := req.Asks[0]
	addr := ask.Target.String()
	entries, coverage, err := s.all(r, req, jobEntries, func(e *logs.Entry) bool { return e.Job != "" })
	if err != nil {
		return err
	}
	index := map[string]int{}
	out := []wire.Job{}
	for i := range entries {
		e := &entries[i]
		at, ok := index[e.Job]
		if !ok {
			at = len(out)
			index[e.Job] = at
			out = append(out, wire.Job{ID: e.Job, Src: addr, Last: e.Time, Outcome: e.Outcome.String(), Status: e.Status})
		}
		j := &out[at]
		j.Entries++
		j.Attempts = max(j.Attempts, e.Attempt)
		if !e.Time.IsZero() {
			j.First = e.Time
		}
	}
	if caps := ask.Source.Vendor().Capabilities; caps.Jobs && len(ask.Target.Path) == 2 && len(out) < jobList {
		ids, err := ask.Source.ListJobs(r.Context(), ask.Target.Path, jobList)
		if err != nil {
			f := fault.Of(err)
			coverage = append(coverage, logs.Coverage{
				Src: addr, State: logs.Failed, Reason: "the vendor's own list of jobs could not be read: " + f.Msg, Kind: string(f.Kind), Said: f.Said,
			})
		}
		for _, id := range ids {
			if _, ok := index[id]; !ok && len(out) < jobList {
				index[id] = len(out)
				out = append(out, wire.Job{ID: id, Src: addr})
			}
		}
	}
	return writeJSON(w, http.StatusOK, wire.Jobs{Jobs: out, Coverage: coverage})
}

// assert answers POST /api/assert: whether items were processed.
func (s *Server) assert(w http.ResponseWriter, r *http.Request) error {
	var in wire.Assert
	if err := readJSON(r, &in); err != nil {
		return err
	}
	switch {
	case len(in.Items) == 0:
		return invalid("items is empty: give at least one item")
	case len(in.Items) > assertItems:
		return invalid("items holds more than 5,000 items")
	}
	asks, err := s.asks(r, s.o.Sessions.View(r.Context()), true, []string{in.Src})
	if err != nil {
		return err
	}
	if len(asks) != 1 {
		return invalid("src must name one target")
	}
	ask := asks[0]
	if ask.Err != nil {
		return ask.Err
	}
	if v := ask.Source.Vendor(); !v.Capabilities.Items {
		return fault.New(fault.Unsupported, "assert items").Saying(v.Title + " does not log items that go through stages")
	}
	req := source.Request{Asks: asks}
	if req.Span, req.Text, err = s.span(in.From, in.To); err != nil {
		return err
	}
	if req.Span.From.IsZero() {
		req.Span.From = s.o.Now().Add(-assertSpan)
	}
	waiting := map[string]bool{}
	for _, it := range in.Items {
		waiting[it] = true
	}
	newest := map[string]*logs.Entry{}
	if len(waiting) == 1 {
		req.Item = in.Items[0]
	}
	_, coverage, err := s.all(r, req, assertEntries, func(e *logs.Entry) bool {
		if waiting[e.Item] {
			delete(waiting, e.Item)
			newest[e.Item] = e
		}
		return false
	}, func() bool { return len(waiting) == 0 })
	if err != nil {
		return err
	}
	whole := len(coverage) > 0
	for _, c := range coverage {
		whole = whole && c.State == logs.Complete
	}
	out := wire.Verdicts{Coverage: coverage}
	for _, it := range in.Items {
		out.Verdicts = append(out.Verdicts, verdict(it, newest[it], whole))
	}
	return writeJSON(w, http.StatusOK, out)
}

// verdict judges an item by its newest entry. Not having seen it means something
// only where everything was read.
func verdict(item string, e *logs.Entry, whole bool) wire.Verdict {
	v := wire.Verdict{Item: item}
	if e == nil {
		v.Verdict, v.Reason = "unknown", "not among what could be read; see the coverage"
		if whole {
			v.Verdict, v.Reason = "not_seen", ""
		}
		return v
	}
	v.Stage = e.Fields.Text("stage")
	v.Reason = e.Fields.Text("error")
	operation := e.Fields.Text("operation")
	switch {
	case e.Outcome == logs.OutcomeFailed || e.Outcome == logs.OutcomeRejected:
		v.Verdict = "failed"
	case e.Outcome == logs.OutcomeSucceeded && v.Stage == "INDEXING" && len(operation) >= 6 && operation[:6] == "DELETE":
		v.Verdict, v.Reason = "failed", "removed: the newest operation on it is "+operation
	case e.Outcome == logs.OutcomeSucceeded && v.Stage == "INDEXING":
		v.Verdict = "indexed"
	default:
		v.Verdict = "under_way"
	}
	return v
}

// all reads pages until the end, the bound, the wall clock, or enough says stop,
// and returns the entries that keep wants, with the last page's coverage.
func (s *Server) all(r *http.Request, req source.Request, most int, keep func(*logs.Entry) bool, enough ...func() bool) ([]logs.Entry, []logs.Coverage, error) {
	ctx, cancel := context.WithTimeout(r.Context(), severalPages)
	defer cancel()
	r = r.WithContext(ctx)
	req.Limit = wire.MaxLimit
	out := []logs.Entry{}
	for read := 0; ; {
		page, err := s.search(r, req)
		if err != nil {
			return nil, nil, err
		}
		read += len(page.Entries)
		for i := range page.Entries {
			if keep(&page.Entries[i]) {
				out = append(out, page.Entries[i])
			}
		}
		stop := slices.ContainsFunc(enough, func(f func() bool) bool { return f() })
		if page.Cursor == "" || read >= most || len(out) >= most || stop {
			return out, page.Coverage, nil
		}
		// A failed stretch would be asked for again and again.
		if slices.ContainsFunc(page.Coverage, func(c logs.Coverage) bool { return c.State == logs.Failed }) {
			return out, page.Coverage, nil
		}
		req.Cursor = page.Cursor
	}
}
