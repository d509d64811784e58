package viewer

import (
	"slices"
	"strings"
	"time"

	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/query"
	"github.com/logpane/logpane/app/store"
)

type tableFacet struct {
	Field          string
	Values         []tableValue
	Other, Missing int
}
type tableValue struct {
	Value string
	Count int
}
type tableBucket struct {
	From  time.Time
	Marks [5]int
	Total int
}

type rows struct {
	s    *store.Store
	opts query.Options
	q    *query.Query
	find *query.Query
	name string
	asc  bool
	list []int
	redo bool
}

func newRows(s *store.Store, o query.Options) *rows {
	t := &rows{s: s, opts: o, redo: true}
	t.Work(nil)
	return t
}
func (t *rows) Len() int     { return len(t.list) }
func (t *rows) At(i int) int { return t.list[i] }
func (t *rows) RowOf(e int) int {
	return slices.Index(t.list, e)
}
func (t *rows) Appended()                     { t.redo = true; t.Work(nil) }
func (t *rows) SetQuery(q *query.Query)       { t.q, t.redo = q, true }
func (t *rows) SetSort(name string, asc bool) { t.name, t.asc, t.redo = name, asc, true }
func (t *rows) SetFind(q *query.Query)        { t.find = q }
func (t *rows) Progress() (int, int)          { return t.s.Len(), t.s.Len() }
func (t *rows) Work(more func() bool) (done bool) {
	if !t.redo {
		return true
	}
	t.redo = false
	base := store.NewTable(t.s, t.opts)
	t.list = t.list[:0]
	for i := range base.Len() {
		e := t.s.Entry(base.At(i))
		if t.q.Match(&e) {
			t.list = append(t.list, base.At(i))
		}
	}
	switch {
	case t.name == "" || t.name == "time":
		if t.asc && t.name != "" {
			slices.Reverse(t.list)
		}
	default:
		slices.SortStableFunc(t.list, func(a, b int) int {
			x, y := t.key(a), t.key(b)
			if (x == "") != (y == "") {
				if x == "" {
					return 1
				}
				return -1
			}
			c := strings.Compare(x, y)
			if len(x) != len(y) && t.name == "took" {
				c = len(x) - len(y)
			}
			if !t.asc {
				return -c
			}
			return c
		})
	}
	return true
}
func (t *rows) key(e int) string {
	if t.name == "took" {
		if d, ok := t.s.Took(e); ok {
			return time.Duration(d).String()
		}
		return ""
	}
	return storeText(t.s, e, t.name)
}
func (t *rows) Facets(fields []string) []tableFacet {
	var out []tableFacet
	for _, f := range fields {
		n := map[string]int{}
		tf := tableFacet{Field: f}
		for _, e := range t.list {
			if v := storeText(t.s, e, f); v != "" {
				n[v]++
			} else {
				tf.Missing++
			}
		}
		for v, c := range n {
			tf.Values = append(tf.Values, tableValue{v, c})
		}
		slices.SortFunc(tf.Values, func(a, b tableValue) int {
			if a.Count != b.Count {
				return b.Count - a.Count
			}
			return strings.Compare(a.Value, b.Value)
		})
		out = append(out, tf)
	}
	return out
}
func (t *rows) Histogram(from, to time.Time, n int) []tableBucket {
	out := make([]tableBucket, n)
	for i := range out {
		out[i].From = from.Add(to.Sub(from) / time.Duration(n) * time.Duration(i))
	}
	for _, e := range t.list {
		at := t.s.Time(e)
		if at.Before(from) || !at.Before(to) {
			continue
		}
		i := int(int64(at.Sub(from)) * int64(n) / int64(to.Sub(from)))
		out[i].Marks[t.s.Mark(e)]++
		out[i].Total++
	}
	return out
}
func (t *rows) FindCount() (n int, done bool) {
	if t.find == nil {
		return 0, true
	}
	for _, e := range t.list {
		x := t.s.Entry(e)
		if t.find.Match(&x) {
			n++
		}
	}
	return n, true
}
func (t *rows) FindNext(row int, back bool) (int, bool) {
	if t.find == nil {
		return 0, false
	}
	step := 1
	if back {
		step = -1
	}
	for i := row + step; i >= 0 && i < len(t.list); i += step {
		x := t.s.Entry(t.list[i])
		if t.find.Match(&x) {
			return i, true
		}
	}
	return 0, false
}

func storeNames(s *store.Store) []string {
	var out []string
	for e := range s.Len() {
		x := s.Entry(e)
		for _, f := range x.Fields {
			if !slices.Contains(out, f.Name) {
				out = append(out, f.Name)
			}
		}
	}
	slices.Sort(out)
	return out
}

func storeText(s *store.Store, e int, name string) string {
	x := s.Entry(e)
	switch name {
	case "level":
		if x.Level != logs.LevelUnknown {
			return x.Level.String()
		}
		return ""
	case "outcome":
		if x.Outcome != logs.OutcomeUnknown {
			return x.Outcome.String()
		}
		return ""
	case "src":
		return x.Src
	case "status":
		if x.Status > 0 {
			return logs.TextOf(float64(x.Status))
		}
		return ""
	case "job":
		return x.Job
	case "item":
		return x.Item
	case "request":
		return x.Request
	case "summary":
		return x.Summary
	}
	return x.Fields.Text(name)
}
