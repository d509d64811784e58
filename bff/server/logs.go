package server

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/app/item"
	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/query"
	"github.com/logpane/logpane/app/view"
	"github.com/logpane/logpane/app/wire"
	"github.com/logpane/logpane/bff/session"
	"github.com/logpane/logpane/bff/source"
)

// Parameters of a page's address that mean nothing to the API and are let pass,
// because addresses are pasted from one to the other.
var pageOnly = []string{"tz", "cols", "sort", "group", "sel", "live", "wrap", "v"}

// besideRaw is about as many bytes as an entry's JSON has beside Raw, so that a
// page is seldom copied while it grows.
const besideRaw = 1 << 10

// logs answers GET /api/logs.
func (s *Server) logs(w http.ResponseWriter, r *http.Request) error {
	req, err := s.question(r, true, "src", "q", "item", "from", "to", "limit", "cursor", "facets", "reveal")
	if err != nil {
		return err
	}
	lens, err := s.lens(s.who(r), r.URL.Query().Get("reveal"))
	if err != nil {
		return err
	}
	page, err := s.search(r, req)
	if err != nil {
		return err
	}
	through(lens, page.Entries, page.Coverage, page.Facets)
	size := 4 << 10
	for i := range page.Entries {
		size += len(page.Entries[i].Raw) + besideRaw
	}
	body, err := wire.AppendPage(make([]byte, 0, size), page)
	if err != nil {
		return fault.New(fault.Internal, "encode page").Because(err)
	}
	return writePage(w, r, body)
}

// requests answers GET /api/requests: the calls that logs would make, without
// making one, be it to find a connection.
func (s *Server) requests(w http.ResponseWriter, r *http.Request) error {
	req, err := s.question(r, false, "src", "q", "item", "from", "to", "limit", "cursor", "facets")
	if err != nil {
		return err
	}
	out, err := s.o.Searcher.Requests(r.Context(), req)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, out)
}

// search asks for one page and counts it.
func (s *Server) search(r *http.Request, req source.Request) (*wire.Page, error) {
	page, err := s.o.Searcher.Search(r.Context(), req)
	if err != nil {
		return nil, err
	}
	s.metrics.entries.WithLabelValues("read").Add(float64(page.Scanned))
	s.metrics.entries.WithLabelValues("given").Add(float64(len(page.Entries)))
	for _, c := range page.Coverage {
		vendor, _, _ := strings.Cut(c.Src, "/")
		s.metrics.vendor.WithLabelValues(vendor, string(c.State)).Inc()
	}
	return page, nil
}

// question reads the parameters that ask for entries. allowed names those that
// the route takes; call lets a vendor be called to find the connection of a target.
func (s *Server) question(r *http.Request, call bool, allowed ...string) (source.Request, error) {
	var req source.Request
	q, err := parameters(r, allowed...)
	if err != nil {
		return req, err
	}
	if req.Asks, err = s.asks(r, s.who(r), call, q["src"]); err != nil {
		return req, err
	}
	if req.Query, err = parseQuery(q.Get("q")); err != nil {
		return req, err
	}
	if req.Span, req.Text, err = s.span(q.Get("from"), q.Get("to")); err != nil {
		return req, err
	}
	req.Limit = wire.DefaultLimit
	if text := q.Get("limit"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > wire.MaxLimit {
			return req, invalid("limit=" + cut(text) + " is not a number from 1 to " + strconv.Itoa(wire.MaxLimit))
		}
		req.Limit = n
	}
	req.Cursor = q.Get("cursor")
	if req.Item = q.Get("item"); len(req.Item) > item.MaxItemBytes {
		return req, invalid("item is longer than " + strconv.Itoa(item.MaxItemBytes) + " bytes")
	}
	switch text := q.Get("facets"); text {
	case "", "0":
	case "1":
		req.Facets = true
	default:
		return req, invalid("facets=" + cut(text) + " is neither 0 nor 1")
	}
	return req, nil
}

// parameters reads the parameters of a route.
func parameters(r *http.Request, allowed ...string) (url.Values, error) {
	return parametersBeside(r, nil, allowed...)
}

// parametersBeside is parameters for a route that takes others beside those that it
// names to who writes a wrong one.
func parametersBeside(r *http.Request, beside []string, allowed ...string) (url.Values, error) {
	q, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, invalid("the address holds a badly escaped parameter")
	}
	for name, values := range q {
		if slices.Contains(pageOnly, name) {
			continue
		}
		if !slices.Contains(allowed, name) && !slices.Contains(beside, name) {
			return nil, invalid("there is no parameter \"" + cut(name) + "\"; there is " + strings.Join(allowed, ", "))
		}
		if name != "src" && len(values) > 1 {
			return nil, invalid("the parameter " + name + " is given more than once")
		}
	}
	return q, nil
}

// asks resolves the targets of a question at the same time, since finding the
// connection of one may take a call.
func (s *Server) asks(r *http.Request, who session.View, call bool, values []string) ([]source.Ask, error) {
	var targets []logs.Target
	for _, v := range values {
		for _, address := range strings.Split(v, ",") {
			if address == "" {
				continue
			}
			t, err := logs.ParseTarget(address)
			if err != nil {
				return nil, invalid("src: " + cut(err.Error()))
			}
			if slices.ContainsFunc(targets, func(o logs.Target) bool { return o.String() == t.String() }) {
				continue
			}
			targets = append(targets, t)
		}
	}
	switch {
	case len(targets) == 0:
		return nil, invalid("src is missing: name at least one target, vendor/region/account[/path]")
	case len(targets) > wire.MaxTargets:
		return nil, invalid("src names more than " + strconv.Itoa(wire.MaxTargets) + " targets")
	}
	asks := make([]source.Ask, len(targets))
	var wg sync.WaitGroup
	for i, t := range targets {
		wg.Go(func() { asks[i] = s.accounts.ask(r.Context(), who, t, call) })
	}
	wg.Wait()
	return asks, nil
}

func parseQuery(text string) (*query.Query, error) {
	if strings.TrimSpace(text) == "" {
		return nil, nil
	}
	if len(text) > wire.MaxQueryBytes {
		return nil, invalid("q is longer than " + strconv.Itoa(wire.MaxQueryBytes) + " bytes")
	}
	q, err := query.Parse(text)
	if err == nil {
		return q, nil
	}
	f := fault.New(fault.Invalid, "parse query").Saying("the filter is not right: " + err.Error())
	var qe *query.Error
	if errors.As(err, &qe) {
		f.Column = qe.Column
		f.Msg = "the filter is not right at column " + strconv.Itoa(qe.Column) + ": " + qe.Reason
		if qe.Suggestion != "" {
			f.Msg += "; " + qe.Suggestion
		}
	}
	return nil, f
}

// span reads from and to. The text is what a cursor is bound to: relative times
// are resolved once, when a walk begins.
func (s *Server) span(from, to string) (logs.Span, string, error) {
	return s.spanIn(from, to, time.UTC)
}

// spanIn is span for times that are written in a zone unless they say another.
func (s *Server) spanIn(from, to string, zone *time.Location) (logs.Span, string, error) {
	var span logs.Span
	now := s.o.Now()
	var err error
	if from != "" {
		if span.From, err = view.ParseTime(from, now, zone); err != nil {
			return span, "", invalid("from: " + fault.Of(err).Msg)
		}
	}
	if to != "" {
		if span.To, err = view.ParseTime(to, now, zone); err != nil {
			return span, "", invalid("to: " + fault.Of(err).Msg)
		}
	}
	if !span.From.IsZero() && !span.To.IsZero() && !span.From.Before(span.To) {
		return span, "", invalid("from (" + from + ") is not before to (" + to + ")")
	}
	return span, from + " " + to, nil
}

func invalid(msg string) error { return fault.New(fault.Invalid, "read parameters").Saying(msg) }
