package viewer

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/store"
	"github.com/logpane/logpane/app/wire"
)

// Live is what the page shows of the tail.
type Live struct {
	On     bool // the reader wants it
	State  LiveState
	Paused bool   // rows stay where they are; what comes is counted
	New    int    // entries that came meanwhile
	Errors int    // of them
	Held   bool   // NewShown would show some
	Bad    bool   // some target cannot be read now, or there is no connection
	Text   string // how it stands: a sentence
	Note   string // why it ended by itself; "" for nothing to say
	Cure   Action // what helps against that
	Lanes  []LiveLane
	Calls  int // an hour, of all targets
	Budget Budget
}

// LiveLane is one target that is followed.
type LiveLane struct {
	Src, Label string
	State      string // as wire.TailFrame has it
	NextPoll   time.Time
	Viewers    int
	Calls      int // an hour, however many watch
	Reason     string
	upTo       time.Time // when it was last seen to be read
}

// Budget is what the reader lets a tail cost; the zero value is no limit.
type Budget struct {
	Calls int           // of vendors
	For   time.Duration // that it runs
}

// Live returns how the tail stands.
func (m *Model) Live() Live {
	t := &m.tail
	l := Live{
		On: m.view.Live, State: t.state, Note: t.note, Cure: t.cure, Budget: t.budget, New: t.fresh, Errors: t.errors,
		Paused: t.state != LiveOff && t.pause != following, Held: t.held != nil && !t.pouring,
	}
	switch t.state {
	case LiveOff:
		return l
	case LiveWaiting:
		l.Text = "Live begins when the search has found its newest entry."
		return l
	case LiveConnecting:
		l.Bad, l.Text = true, "Connecting…"
		if t.reason != "" {
			l.Text = "Not live: " + stopped(t.reason)
			if wait := t.retryAt.Sub(m.now).Round(time.Second); t.socket || wait <= 0 {
				l.Text += " Connecting…"
			} else {
				l.Text += " Trying again in " + Took(wait) + "."
			}
		}
		return l
	}
	l.Calls = m.callsPerHour()
	for _, o := range t.lanes {
		if o.Label = m.nameOf(o.Src).label; len(t.lanes) > 1 {
			o.Label = m.nameOf(o.Src).full
		}
		if o.State == wire.TailFailing || o.State == wire.TailStopped {
			l.Bad = true
			l.Text += o.Label + ": " + stopped(o.Reason) + " "
		}
		l.Lanes = append(l.Lanes, o)
	}
	if l.Text = strings.TrimSuffix(l.Text, " "); l.Text == "" {
		l.Text = "New entries come by themselves."
	}
	return l
}

func (m *Model) callsPerHour() int {
	n := 0
	for _, l := range m.tail.lanes {
		n += l.Calls
	}
	return n
}

// laneTold takes in how a target stands.
func (m *Model) laneTold(f wire.TailFrame) {
	t := &m.tail
	i := slices.IndexFunc(t.lanes, func(l LiveLane) bool { return l.Src == f.Src })
	if i < 0 {
		i = len(t.lanes)
		t.lanes = append(t.lanes, LiveLane{Src: f.Src})
	}
	l := &t.lanes[i]
	l.State, l.NextPoll, l.Viewers, l.Calls, l.Reason = f.State, f.NextPoll, f.Viewers, f.CallsPerHour, f.Reason
	if f.State == wire.TailLive {
		l.upTo = m.now
	}
}

// TitleMark returns what stands before the title of the page: how many entries came
// while nobody saw them, and a sign if errors are among them.
func (m *Model) TitleMark() string {
	t := &m.tail
	switch {
	case t.fresh == 0:
		return ""
	case t.errors > 0:
		return "● (" + count(t.fresh) + ") "
	}
	return "(" + count(t.fresh) + ") "
}

// told is what a digest says of a vendor.
type told struct {
	of        string
	n, errors int
}

// digestOf says what came: "14 new, 2 errors from Elastic Path".
func digestOf(list []told) string {
	var parts []string
	for _, o := range list {
		s := count(o.n) + " new"
		if o.errors == 1 {
			s += ", 1 error"
		} else if o.errors > 1 {
			s += ", " + count(o.errors) + " errors"
		}
		parts = append(parts, s+" from "+o.of)
	}
	return strings.Join(parts, "; ")
}

// Digest returns what to say aloud about what came. It changes every 10 s at most.
func (m *Model) Digest() string {
	if m.tail.state == LiveOff {
		return ""
	}
	return m.tail.digest
}

// rate says that more comes than can be seen, "" where it can.
func (m *Model) rate() string {
	t := &m.tail
	if t.state != LiveOn || t.pause != following || m.place.row <= 0 || float64(t.perSecond)*m.place.row < m.place.height {
		return ""
	}
	return "showing the newest; " + count(t.perSecond) + " arrived in the last second"
}

// gap is a stretch of time without data.
type gap struct {
	src      string // "" for ours
	from, to time.Time
	reason   string
	filled   bool
	ours     bool // it was the connection to the browser
	n        int  // entries that filled it
}

// maxGaps bounds the gaps that are drawn.
const maxGaps = 500

// addGap gives a gap its row.
func (m *Model) addGap(g *gap) []Effect {
	t := &m.tail
	at := g.to
	if at.IsZero() {
		at = m.now
	}
	src := g.src
	if src == "" {
		src = m.view.Src[0]
	}
	id := "gap " + src + " " + strconv.FormatInt(g.from.UnixMilli(), 36) + " " + strconv.FormatInt(at.UnixMilli(), 36) + " " + strconv.FormatBool(g.filled)
	if t.gaps[id] != nil || len(t.gaps) >= maxGaps {
		return nil
	}
	if t.gaps == nil {
		t.gaps = map[string]*gap{}
	}
	t.gaps[id] = g
	if !g.filled && !g.from.IsZero() {
		t.missing = append(t.missing, logs.Coverage{Src: src, From: g.from, To: at, State: logs.Failed, Reason: g.reason})
	}
	return m.receive(func(s *store.Store) error { return s.AppendGap(src, id, at, g.text()) })
}

// text is what the row of a gap says.
func (g *gap) text() string {
	s := "Without data"
	if !g.from.IsZero() && !g.to.IsZero() {
		s = Took(g.to.Sub(g.from)) + " without data"
	}
	if g.ours {
		return Took(g.to.Sub(g.from)) + " without connection – " + count(g.n) + " back-filled"
	}
	reason := ""
	if g.reason != "" {
		reason = ": " + g.reason
	}
	if g.filled {
		return s + " – " + count(g.n) + " back-filled" + reason
	}
	return s + " – could not be filled" + reason
}

// gapText returns what the row of a gap says by now.
func (m *Model) gapText(e int) string {
	if g := m.tail.gaps[m.store.ID(e)]; g != nil {
		return g.text()
	}
	return m.store.Summary(e)
}

// lived adds to the stretches of a lane what was followed since the search.
func (m *Model) lived(lane Lane) []logs.Coverage {
	i := slices.IndexFunc(m.tail.lanes, func(l LiveLane) bool { return l.Src == lane.Src })
	if i < 0 || len(lane.Stretches) == 0 || lane.Pending() || !m.tail.lanes[i].upTo.After(m.load.began) {
		return lane.Stretches
	}
	out := []logs.Coverage{{Src: lane.Src, From: m.load.began, To: m.tail.lanes[i].upTo, State: logs.Complete}}
	for _, c := range m.tail.missing {
		if c.Src == lane.Src {
			out = append(out, c)
		}
	}
	return append(out, lane.Stretches...)
}

// loaded returns how many entries are held, without the rows of gaps; shown how many
// of them are shown.
func (m *Model) loaded() int { return m.store.Len() - m.store.Gaps() }
func (m *Model) shown() int  { return max(m.table.Len()-m.store.Gaps(), 0) }
