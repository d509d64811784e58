package source

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/bff/source/driver"
)

// countLimit bounds how long a page waits for counts. They are asked for after the
// entries, so that they do not take the vendor's time from them.
const countLimit = 10 * time.Second

// counts asks the vendors that count. Only where the vendor filters all of the
// query its counts are those of what is asked for; others, and those that fail or
// take long, give none.
func (s *Searcher) counts(ctx context.Context, w *walk, r Request, c cursor) []logs.Facet {
	ctx, cancel := context.WithTimeout(ctx, countLimit)
	defer cancel()
	byTarget := make([][]logs.Facet, len(r.Asks))
	var wg sync.WaitGroup
	for i, a := range r.Asks {
		if a.Source == nil || w.pending[i] != nil || w.lanes[i].err != nil {
			continue
		}
		p := c.Places[i].push
		d, ok := a.Source.driver.(driver.Counter)
		if whole := p == nil && r.Query.String() == "" || p != nil && len(p.Taken) == len(r.Query.Clauses()); !ok || !whole {
			continue
		}
		read := driver.Read{Path: a.Target.Path, Item: r.Item, Terms: p.terms()}
		wg.Go(func() {
			byTarget[i] = a.Source.counts(ctx, d, read, c.span(), at(c.Start))
			for j := range byTarget[i] {
				byTarget[i][j].Src = a.Target.String()
			}
		})
	}
	wg.Wait()
	return slices.Concat(byTarget...)
}

// counts adds up the counts of a span, which may be longer than the vendor takes
// at once; nil where a call failed.
func (s *Source) counts(ctx context.Context, d driver.Counter, r driver.Read, span logs.Span, now time.Time) []logs.Facet {
	caps := s.vendor.Capabilities
	if span.To.IsZero() || span.To.After(now) {
		span.To = now
	}
	if caps.Retention > 0 && span.From.Before(now.Add(-caps.Retention)) {
		span.From = now.Add(-caps.Retention)
	}
	if span.From.IsZero() && caps.MaxSpan > 0 {
		return nil // nobody knows how many calls that would take
	}
	total := map[string]map[string]int{}
	var fields []string
	for to := span.To; to.After(span.From); {
		r.Span = logs.Span{From: span.From, To: to}
		if most := caps.MaxSpan - 2*caps.Precision; caps.MaxSpan > 0 && r.Span.To.Sub(r.Span.From) > most {
			r.Span.From = to.Add(-most)
		}
		facets, err := paced(ctx, s, func(ctx context.Context) ([]logs.Facet, error) { return d.Counts(ctx, r) })
		if err != nil {
			return nil
		}
		for _, f := range facets {
			if total[f.Field] == nil {
				total[f.Field] = map[string]int{}
				fields = append(fields, f.Field)
			}
			for _, v := range f.Values {
				total[f.Field][v.Value] += v.Count
			}
		}
		to = r.Span.From.Add(-caps.Precision) // both ends of a span count
	}
	out := []logs.Facet{}
	for _, name := range fields {
		f := logs.Facet{Field: name, Values: []logs.FacetValue{}}
		for value, n := range total[name] {
			f.Values = append(f.Values, logs.FacetValue{Value: value, Count: n})
		}
		slices.SortFunc(f.Values, func(a, b logs.FacetValue) int {
			return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Value, b.Value))
		})
		f.Values = f.Values[:min(len(f.Values), maxFacetValues)]
		out = append(out, f)
	}
	return out
}

// maxFacetValues bounds the values of one facet; the most frequent stay.
const maxFacetValues = 200
