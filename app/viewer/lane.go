package viewer

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/logpane/logpane/app/logs"
)

// Lane is what is known of one target: which stretches of time were read, and
// why the reading ends where it does.
type Lane struct {
	Src       string
	Label     string
	Tag       string
	Stretches []logs.Coverage // newest first, not overlapping; not to be changed
	State     logs.State      // of the oldest stretch; Unasked before the first answer
	Reason    string
	From      time.Time // how far back it was read; zero when all the way, or not at all
}

// Lanes returns a lane for each target of the view, in the view's order.
func (m *Model) Lanes() []Lane {
	out := make([]Lane, 0, len(m.view.Src))
	for _, src := range m.view.Src {
		lane := Lane{Src: src, State: logs.Unasked}
		if i := slices.IndexFunc(m.lanes, func(l Lane) bool { return l.Src == src }); i >= 0 {
			lane = m.lanes[i]
		}
		n := m.nameOf(src)
		lane.Label, lane.Tag = n.label, n.tag
		out = append(out, lane)
	}
	return out
}

// cover takes in what a page says it covers.
func (m *Model) cover(coverage []logs.Coverage) {
	for _, c := range coverage {
		i := slices.IndexFunc(m.lanes, func(l Lane) bool { return l.Src == c.Src })
		if i < 0 {
			i = len(m.lanes)
			m.lanes = append(m.lanes, Lane{Src: c.Src})
		}
		m.lanes[i].add(c)
	}
}

// add puts a stretch into a lane. What it says replaces what was said before of
// the same time, and a stretch that ended because more existed grows into the
// older one that begins where it ended.
func (l *Lane) add(c logs.Coverage) {
	var kept []logs.Coverage
	for _, old := range l.Stretches {
		if inside(old, c) {
			continue
		}
		// The part of an older statement that the new one does not cover stays.
		if laterThan(c.To, old.From) && laterThan(old.To, c.From) {
			if laterThan(old.To, c.To) {
				newer := old
				newer.From = c.To
				kept = append(kept, newer)
			}
			if !c.From.IsZero() && (old.From.IsZero() || old.From.Before(c.From)) {
				old.To = c.From
				kept = append(kept, old)
			}
			continue
		}
		kept = append(kept, old)
	}
	kept = append(kept, c)
	slices.SortStableFunc(kept, func(a, b logs.Coverage) int { return b.From.Compare(a.From) })
	joined := kept[:1]
	for _, c := range kept[1:] {
		last := &joined[len(joined)-1]
		if joins(*last, c) {
			last.From, last.State, last.Reason = c.From, c.State, c.Reason
			continue
		}
		joined = append(joined, c)
	}
	l.Stretches = slices.Clip(joined)
	oldest := joined[len(joined)-1]
	l.State, l.Reason, l.From = oldest.State, oldest.Reason, oldest.From
	if oldest.State == logs.Unasked || oldest.State == logs.Failed {
		l.From = oldest.To
	}
}

// read reports whether everything that the vendor shows of a stretch is there.
func read(s logs.State) bool { return s == logs.Complete || s == logs.More }

// joins reports whether an older stretch goes on where a newer one ends, so that
// both are one.
func joins(newer, older logs.Coverage) bool {
	return read(newer.State) && older.State != logs.Failed && older.State != logs.Unasked && older.State != logs.Expired &&
		!older.To.IsZero() && !newer.From.IsZero() && !older.To.Before(newer.From)
}

// inside reports whether a lies in b.
func inside(a, b logs.Coverage) bool {
	from := b.From.IsZero() || !a.From.IsZero() && !a.From.Before(b.From)
	to := b.To.IsZero() || !a.To.IsZero() && !a.To.After(b.To)
	return from && to
}

// laterThan reports whether an end lies after a beginning; zero is open.
func laterThan(end, begin time.Time) bool {
	return end.IsZero() || begin.IsZero() || end.After(begin)
}

// searchedTo returns how far back every target was read, zero when that is not
// known. Among several it is the least far: only so far is the table whole.
func (m *Model) searchedTo() time.Time {
	var least time.Time
	for _, l := range m.lanes {
		if l.State == logs.More && l.From.After(least) {
			least = l.From
		}
	}
	return least
}

// name is how the rows of a target are marked.
type name struct {
	label, tag string
}

// nameTargets works out the labels and tags of all targets: of those of the view
// and, should there be others, of the loaded entries.
func (m *Model) nameTargets() {
	srcs := slices.Clone(m.view.Src)
	for _, s := range m.store.srcs {
		if !slices.Contains(srcs, s) {
			srcs = append(srcs, s)
		}
	}
	letters := map[string]int{}
	for _, s := range srcs {
		letters[letter(s)]++
	}
	m.names = make(map[string]name, len(srcs))
	used := map[string]int{}
	for _, s := range srcs {
		n := name{label: m.label(s), tag: letter(s)}
		if letters[n.tag] > 1 {
			used[n.tag]++
			n.tag += strconv.Itoa(used[n.tag])
		}
		m.names[s] = n
	}
}

func (m *Model) nameOf(src string) name {
	if n, ok := m.names[src]; ok {
		return n
	}
	return name{label: m.label(src), tag: letter(src)}
}

// label returns what people call a target: its label where the server told one,
// else the last part of its address.
func (m *Model) label(src string) string {
	if l := m.labels[src]; l != "" {
		return l
	}
	t, err := logs.ParseTarget(src)
	if err != nil {
		return src
	}
	if len(t.Path) > 0 {
		return t.Path[len(t.Path)-1]
	}
	return t.Account
}

// letter returns the first letter of a target's vendor.
func letter(src string) string {
	if src == "" || src[0] < 'a' || src[0] > 'z' {
		return "?"
	}
	return strings.ToUpper(src[:1])
}

// vendors are the vendors' own names for themselves.
var vendors = map[string]string{
	"algolia": "Algolia", "coveo": "Coveo", "deepset": "deepset", "elasticpath": "Elastic Path", "moltin": "Moltin",
}

// vendorOf returns the name of a target's vendor.
func vendorOf(src string) string {
	v, _, _ := strings.Cut(src, "/")
	if n, ok := vendors[v]; ok {
		return n
	}
	if v == "" {
		return "The vendor"
	}
	return v
}
