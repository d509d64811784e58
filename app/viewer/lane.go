package viewer

import (
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/wire"
)

// Lane is what is known of one target: which stretches of time were read, and
// why the reading ends where it does.
type Lane struct {
	Src       string
	Label     string
	Tag       string
	Stretches []logs.Coverage // as the server gave them, the edge last; later ones are drawn over earlier ones; not to be changed
	State     logs.State      // of the edge; Unasked before the first answer
	Reason    string
	Said      string    // the vendor's own words, where the edge is a failure
	Gaps      []string  // sentences on what is missing in what was read
	From      time.Time // how far back it was read; zero when all the way, or not at all
	Missing   bool      // nothing failed: the session has no connection for its account
}

// Name is what the target is called beside others: its tag and its label, as in the
// table.
func (l Lane) Name() string { return l.Tag + " " + l.Label }

// Account names the account that a target is of: "Algolia, account APP (eu)".
func Account(src string) string {
	t, err := logs.ParseTarget(src)
	if err != nil {
		return src
	}
	return vendorOf(src) + ", account " + t.Account + " (" + t.Region + ")"
}

// Waiting reports whether the target's vendor is still answering.
func (l Lane) Waiting() bool {
	return slices.ContainsFunc(l.Stretches, func(c logs.Coverage) bool { return c.Waiting })
}

// Pending reports whether more of a target exists and nothing of it was read yet,
// as while it is still answering.
func (l Lane) Pending() bool {
	return l.State == logs.More && !slices.ContainsFunc(l.Stretches, func(c logs.Coverage) bool { return c.State == logs.Complete })
}

// Lanes returns a lane for each target of the view, in the view's order. A search
// of a single target that failed is that target's failure, although no page came
// to say so.
func (m *Model) Lanes() []Lane {
	out := make([]Lane, 0, len(m.view.Src))
	for _, src := range m.view.Src {
		lane := Lane{Src: src, State: logs.Unasked}
		if e := m.load.err; e != nil && m.load.replace && len(m.view.Src) == 1 && e.Kind != fault.Invalid && e.Kind != fault.Canceled {
			lane.State, lane.Reason, lane.Said = logs.Failed, e.Msg, e.Said
			lane.Stretches = []logs.Coverage{{Src: src, From: m.load.span.From, To: m.load.span.To, State: logs.Failed, Reason: e.Msg}}
		} else if i := slices.IndexFunc(m.lanes, func(l Lane) bool { return l.Src == src }); i >= 0 {
			lane = m.lanes[i]
		}
		lane.Missing = m.missing(&lane)
		lane.Stretches, lane.Reason = m.lived(lane), forReaders(lane.Reason)
		n := m.nameOf(src)
		lane.Label, lane.Tag = n.label, n.tag
		out = append(out, lane)
	}
	return out
}

// missing reports whether a target was not read for want of a connection, as the
// server says and the session's own list agrees: a credential that a vendor refuses is
// of the same kind, and another matter.
func (m *Model) missing(l *Lane) bool {
	kind := ""
	if m.load.err != nil && m.load.replace {
		kind = string(m.load.err.Kind)
	} else if n := len(l.Stretches); n > 0 && l.State == logs.Failed {
		kind = l.Stretches[n-1].Kind
	}
	t, err := logs.ParseTarget(l.Src)
	return err == nil && m.connected && kind == string(fault.Unauthenticated) && !slices.ContainsFunc(m.connections, func(c wire.Connection) bool {
		return c.Vendor == t.Vendor && c.Region == t.Region && c.Account == t.Account
	})
}

// unconnected names the targets that lack a connection, "" for none. all is set where
// no other target is left.
func (m *Model) unconnected() (text string, all bool) {
	var names []string
	for _, l := range m.Lanes() {
		if l.Missing {
			names = append(names, m.called(l.Src))
		}
	}
	switch n := len(names); n {
	case 0:
		return "", false
	case 1, 2:
		text = strings.Join(names, " and ")
	default:
		text = count(n) + " targets"
	}
	return "not connected to " + text, len(names) == len(m.view.Src)
}

// forReaders takes out of a reason what it says to a program: that asking on with
// the cursor goes on. Readers have a button for that.
func forReaders(reason string) string {
	s, program := strings.CutSuffix(reason, ": ask on")
	if program && s == "more exists" {
		return "more exists further back"
	}
	return s
}

// cover takes in what a page says of its targets. Each page tells of a target
// all that is known so far, the edge last, so that it replaces what was said.
func (m *Model) cover(coverage []logs.Coverage) {
	told := map[string][]logs.Coverage{}
	for _, c := range coverage {
		told[c.Src] = append(told[c.Src], c)
	}
	for src, cs := range told {
		i := slices.IndexFunc(m.lanes, func(l Lane) bool { return l.Src == src })
		if i < 0 {
			i = len(m.lanes)
			m.lanes = append(m.lanes, Lane{Src: src})
		}
		m.lanes[i].replace(cs)
	}
	sort.SliceStable(m.lanes, func(a, b int) bool { return m.lanes[a].Src < m.lanes[b].Src })
}

// replace takes in all that is known of a lane. A target that is still answering
// tells only that more exists; what was read of it before stands.
func (l *Lane) replace(cs []logs.Coverage) {
	edge := cs[len(cs)-1]
	isRead := func(c logs.Coverage) bool { return c.State == logs.Complete }
	if (edge.State == logs.More || edge.State == logs.Unasked) && !slices.ContainsFunc(cs, isRead) && slices.ContainsFunc(l.Stretches, isRead) {
		l.Reason = edge.Reason
		return
	}
	*l = Lane{Src: l.Src, Stretches: slices.Clone(cs), State: edge.State, Reason: edge.Reason, Said: edge.Said}
	for _, c := range cs[:len(cs)-1] {
		if isRead(c) {
			l.From = c.From
		} else if c.Reason != "" {
			l.Gaps = append(l.Gaps, c.Reason)
		}
	}
}

// searchedTo returns how far back every target was read, zero when that is not
// known, as while nothing of one was read yet. Among several it is the least far:
// only so far is the table whole.
func (m *Model) searchedTo() time.Time {
	var least time.Time
	for _, l := range m.lanes {
		if l.Pending() {
			return time.Time{}
		}
		if l.State == logs.More && l.From.After(least) {
			least = l.From
		}
	}
	return least
}

// failing returns the edge of a target whose last call failed, and reports
// whether there is one. Among several it is the one that asks to wait longest.
func (m *Model) failing() (logs.Coverage, bool) {
	var worst logs.Coverage
	found := false
	for _, l := range m.lanes {
		if l.State != logs.Failed {
			continue
		}
		if edge := l.Stretches[len(l.Stretches)-1]; !found || edge.RetryAfterMS > worst.RetryAfterMS {
			worst, found = edge, true
		}
	}
	return worst, found
}

// name is how the rows of a target are marked.
type name struct {
	label, tag string
	full       string // both
}

// nameTargets works out the labels and tags of all targets: of those of the view
// and, should there be others, of the loaded entries.
func (m *Model) nameTargets() {
	srcs := slices.Clone(m.view.Src)
	for _, s := range m.store.Srcs() {
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
		n.full = n.tag + " " + n.label
		m.names[s] = n
	}
}

func (m *Model) nameOf(src string) name {
	if n, ok := m.names[src]; ok {
		return n
	}
	n := name{label: m.label(src), tag: letter(src)}
	n.full = n.tag + " " + n.label
	return n
}

// called returns what people call a target in a sentence, with its tag where
// another of the view has the same name.
func (m *Model) called(src string) string {
	own := m.nameOf(src)
	for _, other := range m.view.Src {
		if other != src && m.nameOf(other).label == own.label {
			return own.full
		}
	}
	return own.label
}

// label returns what people call a target: a whole account by its name, and what is
// within one by its label where the server told it, else by the last part of its
// address. A pick list's label for a whole account ("Whole store") says something
// only beneath the account's name.
func (m *Model) label(src string) string {
	t, err := logs.ParseTarget(src)
	switch {
	case err != nil:
		return src
	case len(t.Path) == 0:
		return t.Account
	case m.labels[src] != "":
		return m.labels[src]
	}
	return t.Path[len(t.Path)-1]
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
