package server

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/app/job"
	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/redact"
	"github.com/logpane/logpane/app/wire"
	"github.com/logpane/logpane/bff/source"
)

// Bounds of an answer that needs several pages.
const (
	jobEntries   = 2000             // entries of one job
	jobList      = 500              // jobs of a target that only the vendor's list names
	namesLimit   = 5 * time.Second  // of the names of what jobs belong to
	severalPages = 45 * time.Second // wall clock
)

// jobs answers GET /api/jobs: the entries of one job, or the jobs of a target.
func (s *Server) jobs(w http.ResponseWriter, r *http.Request) error {
	req, err := s.question(r, true, "src", "job", "from", "to", "reveal")
	if err != nil {
		return err
	}
	lens, err := s.lens(s.who(r), r.URL.Query().Get("reveal"))
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
		return s.job(w, r, req, job, lens)
	}
	return s.jobList(w, r, req, lens)
}

// job answers with the entries of one job, newest first, as every page.
func (s *Server) job(w http.ResponseWriter, r *http.Request, req source.Request, id string, lens *redact.Lens) error {
	if len(id) > logs.MaxAddress {
		return invalid("job is longer than an id can be")
	}
	ask := &req.Asks[0]
	asked := ask.Target.String()
	caps := ask.Source.Vendor().Capabilities
	path := ask.Target.Path
	told := s.integrations(r.Context(), *ask)
	switch {
	case caps.Jobs && len(path) == 2:
		// The vendor lists the job by itself.
		ask.Target = ask.Target.Below(path[0], path[1], "jobs", id)
	case caps.Items:
		req.Item = id
	}
	req.Text += " job " + id
	entries, coverage, err := s.all(r, req, jobEntries, func(e *logs.Entry) bool { return e.Job == id })
	if err != nil {
		return err
	}
	for i := range entries {
		entries[i].Src = asked
	}
	for i := range coverage {
		coverage[i].Src = asked
	}
	out := wire.Jobs{Entries: entries, Coverage: coverage}
	of := map[string]bool{}
	for i := range entries {
		of[entries[i].Fields.Text("integration")] = true
	}
	for _, in := range told() {
		if of[in.ID] || len(path) == 2 && path[1] == in.ID {
			out.Integrations = append(out.Integrations, in)
		}
	}
	through(lens, out.Entries, out.Coverage, nil)
	return writeJSON(w, http.StatusOK, out)
}

// jobList groups what was read of a target by job, newest first, and adds the
// jobs that only the vendor's own list names.
func (s *Server) jobList(w http.ResponseWriter, r *http.Request, req source.Request, lens *redact.Lens) error {
	ask := req.Asks[0]
	addr := ask.Target.String()
	told, named := s.integrations(r.Context(), ask), s.namedJobs(r.Context(), ask)
	entries, coverage, err := s.all(r, req, jobEntries, func(e *logs.Entry) bool { return e.Job != "" })
	if err != nil {
		return err
	}
	out := wire.Jobs{Jobs: []wire.Job{}, Coverage: coverage}
	read, of := map[string]bool{}, map[string]bool{}
	for _, j := range job.Group(entries) {
		read[j.ID], of[j.Integration] = true, true
		out.Jobs = append(out.Jobs, wire.Job{
			ID: j.ID, Src: addr, Integration: j.Integration, Entries: j.Entries, Attempts: j.Attempts, First: j.First, Last: j.Last,
			Outcome: j.Outcome.String(), Status: j.Status, TookMS: float64(j.Took) / float64(time.Millisecond),
			Repeated: j.Badges&(job.Repeated|job.Again) != 0, Swapped: j.Badges&job.Late != 0, Overtaken: j.Overtaken,
		})
	}
	ids, err := named()
	if err != nil {
		f := fault.Of(err)
		out.Coverage = append(out.Coverage, logs.Coverage{
			Src: addr, State: logs.Failed, Reason: "the vendor's own list of jobs could not be read: " + f.Msg, Kind: string(f.Kind), Said: f.Said,
		})
	}
	for _, id := range ids {
		if !read[id] {
			read[id] = true
			out.Jobs = append(out.Jobs, wire.Job{ID: id, Src: addr, Integration: ask.Target.Path[1]})
		}
	}
	for _, in := range told() {
		if of[in.ID] || len(ask.Target.Path) == 2 && ask.Target.Path[1] == in.ID {
			out.Integrations = append(out.Integrations, in)
		}
	}
	through(lens, nil, out.Coverage, nil)
	return writeJSON(w, http.StatusOK, out)
}

// namedJobs asks for the ids of a target's jobs while entries are read. The function
// that it returns waits for them; there are none where the vendor lists none.
func (s *Server) namedJobs(ctx context.Context, ask source.Ask) func() ([]string, error) {
	if !ask.Source.Vendor().Capabilities.Jobs || len(ask.Target.Path) != 2 {
		return func() ([]string, error) { return nil, nil }
	}
	return aside(ctx, severalPages, func(ctx context.Context) ([]string, error) {
		return ask.Source.ListJobs(ctx, ask.Target.Path, jobList)
	})
}

// integrations asks for what a target's entries call by ids, while those are read.
// The function that it returns waits for it. Failing is no failure of the jobs: they
// are shown without names.
func (s *Server) integrations(ctx context.Context, ask source.Ask) func() []wire.Integration {
	if !ask.Source.Vendor().Capabilities.Jobs {
		return func() []wire.Integration { return nil }
	}
	told := aside(ctx, namesLimit, ask.Source.Targets)
	return func() []wire.Integration {
		list, err := told()
		if err != nil {
			return nil
		}
		var out []wire.Integration
		for _, t := range list {
			if len(t.Path) == 2 {
				out = append(out, wire.Integration{ID: t.Path[1], Name: t.Label, Detail: t.Detail, Status: t.Status, Events: t.Events})
			}
		}
		return out
	}
}

// aside makes a call while another one is under way, within a time of its own. The
// function that it returns waits for the answer.
func aside[T any](ctx context.Context, limit time.Duration, call func(context.Context) (T, error)) func() (T, error) {
	type answer struct {
		v   T
		err error
	}
	c := make(chan answer, 1)
	go func() {
		ctx, cancel := context.WithTimeout(ctx, limit)
		defer cancel()
		v, err := call(ctx)
		c <- answer{v, err}
	}()
	return func() (T, error) {
		a := <-c
		return a.v, a.err
	}
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
