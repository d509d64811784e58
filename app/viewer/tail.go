package viewer

import (
	"bytes"
	"encoding/json"
	"slices"
	"time"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/store"
	"github.com/logpane/logpane/app/view"
	"github.com/logpane/logpane/app/wire"
)

// What the tail goes by.
const (
	silence  = 2500 * time.Millisecond // without a frame: the connection is taken for dead; frames come every wire.TailBeat
	opening  = 10 * time.Second        // for a connection to come about
	firstTry = 500 * time.Millisecond  // the least pause before connecting again …
	lastTry  = 15 * time.Second        // … and the longest
	reach    = 5 * time.Minute         // how far before the search it begins at most
	newFor   = 2500 * time.Millisecond // rows are marked as new
	digestIn = 10 * time.Second        // between two spoken digests
	edge     = 16                      // CSS pixels from the newest row within which the table follows
)

// MaxTail is how many bytes of entries a tab holds before its tail ends: what a
// reader was promised to scroll to is never dropped silently.
const MaxTail = 512 << 20

// LiveState is how the tail stands.
type LiveState uint8

// The states.
const (
	LiveOff        LiveState = iota
	LiveWaiting              // for the search, whose newest entry it begins at
	LiveConnecting           // there is no connection
	LiveOn                   // frames come
)

// pause is why the table does not follow.
type pause uint8

const (
	following pause = iota
	scrolledAway
	byReader // ends only when the reader says so
)

// tail is the state of following what is new. View.Live says whether the reader
// wants it; follow makes the rest obey after each message.
type tail struct {
	state      LiveState
	generation int    // of the last OpenTail
	socket     bool   // it is open, or being opened
	opened     bool   // it was open
	after      string // where the next one goes on
	heard      time.Time
	lost       time.Time // since when nothing comes; zero while all came
	tries      int
	retryAt    time.Time
	jitter     float64
	said       string // by the end frame
	reason     string // why there is no connection
	note       string // why it ended by itself, or cannot begin
	cure       Action
	lanes      []LiveLane

	pause    pause
	held     *store.Store // what came while it does not follow; nil for nothing
	poured   int          // entries of held that went to the table
	pouring  bool
	boundary int // newest entry before what is poured, to read on from; -1 for none
	hidden   bool
	offline  bool
	fresh    int // entries that came while paused or hidden
	errors   int // of them
	marks    []stretch
	gaps     map[string]*gap // by id
	missing  []logs.Coverage // of the gaps that nothing filled

	budget Budget
	since  time.Time
	ticked time.Time
	spent  float64 // calls

	second    time.Time
	inSecond  int
	perSecond int

	told     []told
	digest   string
	digested time.Time
}

// stretch is entries that came at once.
type stretch struct {
	first, end int
	at         time.Time
}

// follow makes the tail obey the view after a message, and pauses it where the
// reader is doing something that moving rows would spoil.
func (m *Model) follow(msg Msg) []Effect {
	t := &m.tail
	switch {
	case !m.view.Live && t.state != LiveOff:
		return m.endTail()
	case !m.view.Live:
		return nil
	}
	var effects, more []Effect
	if t.state == LiveOff {
		t.state, t.pause, t.note = LiveWaiting, following, ""
		t.since, t.ticked, t.digested, t.spent, t.after, t.lost = m.now, m.now, m.now, 0, "", time.Time{}
		if !m.newestFirst() {
			m.view = m.view.SortBy(view.ByTime, false)
			effects = append(m.applySort(), m.replaceURL()...)
		}
	}
	if t.state == LiveWaiting {
		if span, err := m.view.Span(m.now, m.zone); err == nil && !span.To.IsZero() && !span.To.After(m.now) {
			return append(effects, m.stop("this span ends "+m.moment(span.To)+", and nothing new falls into it", ActFollowNow)...)
		}
		if len(m.view.Src) > 0 && m.load.generation > 0 && !m.load.replace {
			effects = append(effects, m.openTail())
		}
	}
	hold, resume := false, false
	switch msg.(type) {
	case LiveChosen, WentNewest, LiveResumed:
		resume = true
	case Scrolled:
		if away := m.place.top > edge; away && t.pause == following {
			t.pause = scrolledAway
		} else {
			resume = !away && t.pause == scrolledAway
		}
	case RowOpened, DetailsOpened:
		hold = m.open >= 0
	case FindEdited, FindStepped, Paused:
		hold = true
	case RowFocused, Stepped, Jumped, WentOldest:
		hold = m.Focused() > 0
	case SortChosen:
		hold = !m.newestFirst()
	case PauseToggled:
		hold = t.pause == following
		resume = !hold
	case NewShown:
		if t.held != nil && !t.pouring {
			if t.pause, t.boundary = byReader, -1; m.table.Len() > 0 {
				t.boundary = m.table.At(0)
			}
			t.pouring, t.fresh, t.errors = true, 0, 0
			more = m.slice()
		}
	}
	if hold {
		t.pause = byReader
	}
	if resume {
		more = m.resumeLive()
	}
	return append(effects, more...)
}

// tailed takes in the messages of the tail.
func (m *Model) tailed(msg Msg) (effects []Effect, mine bool) {
	t := &m.tail
	now := func(at time.Time) {
		if at.After(m.now) {
			m.now = at
		}
	}
	ours := func(generation int, at time.Time) bool {
		now(at)
		return generation == t.generation && t.socket
	}
	mine = true
	switch msg := msg.(type) {
	case LiveChosen:
		m.view.Live = msg.On
		effects = m.replaceURL()
		if msg.On && t.cure == ActFollowNew {
			t.cure = NoAction
			effects = append(effects, m.search(fromTop)...)
		}
	case LiveForced:
		from := m.view.From
		if at, _, ok := m.bounds(); ok && from == "" {
			from = view.Stamp(at)
		}
		m.view.Live = true
		effects = m.toSpan(from, "")
	case TailOpened:
		if ours(msg.Generation, msg.Now) {
			t.heard, t.opened, t.jitter = m.now, true, msg.Jitter
		}
	case TailFrame:
		if ours(msg.Generation, msg.Now) {
			effects = m.tailFrame(msg.Data)
		}
	case TailClosed:
		if ours(msg.Generation, msg.Now) {
			effects = m.tailClosed(msg)
		}
	case TailRefused:
		if e := fault.Of(msg.Err); e != nil && msg.Generation == t.generation && t.state == LiveConnecting {
			switch e.Kind {
			case fault.Unauthenticated, fault.Forbidden, fault.NotFound:
				effects = m.stop(e.Msg, ActConnect)
			case fault.Invalid, fault.Unsupported:
				effects = m.stop(e.Msg, ActFollow)
			}
		}
	case TailTicked:
		now(msg.Now)
		effects = m.tailTicked()
	case WentOnline:
		t.offline = !msg.On
		switch {
		case !msg.On && t.state == LiveOn:
			effects = m.lose("")
		case msg.On && t.state == LiveConnecting && !t.socket:
			effects = []Effect{m.openTail()}
		}
	case Hid:
		if t.hidden = msg.On; !msg.On && t.pause == following {
			t.fresh, t.errors = 0, 0
		}
	case BudgetChosen:
		t.budget, t.since, t.spent = msg.Budget, m.now, 0
	case NoteClosed:
		t.note = ""
	case PauseToggled, Paused, LiveResumed, NewShown: // for follow
	default:
		mine = false
	}
	return effects, mine
}

// openTail orders a connection. It goes on where the last one was; the first begins
// at the newest entry that the search found, but not far before it: what is older
// the search has read.
func (m *Model) openTail() Effect {
	t := &m.tail
	t.generation++
	t.state, t.socket, t.opened, t.heard, t.said = LiveConnecting, true, false, m.now, ""
	e := OpenTail{Src: m.view.Src, Query: m.Asked(), After: t.after, Generation: t.generation}
	if t.after == "" {
		since := m.load.began.Add(-reach)
		if at := time.Unix(0, m.times.newest); m.times.known && at.After(since) {
			if since = at; since.After(m.load.began) {
				since = m.load.began
			}
		}
		e.Since = bound(since)
	}
	return e
}

// closeTail orders the connection to be given up, if there is one.
func (m *Model) closeTail() []Effect {
	if !m.tail.socket {
		return nil
	}
	m.tail.socket = false
	return []Effect{CloseTail{}}
}

// tailAnew forgets what came for another search.
func (m *Model) tailAnew() []Effect {
	t := &m.tail
	effects := m.closeTail()
	t.held, t.pouring, t.poured, t.after, t.lost = nil, false, 0, "", time.Time{}
	t.fresh, t.errors, t.marks, t.gaps, t.missing, t.lanes, t.tries = 0, 0, nil, nil, nil, nil, 0
	if t.state != LiveOff {
		t.state = LiveWaiting
	}
	return effects
}

// endTail ends it. What was held back goes to its rows; those in view stay where
// they are.
func (m *Model) endTail() []Effect {
	t := &m.tail
	effects := m.closeTail()
	t.state, t.fresh, t.errors = LiveOff, 0, 0
	if t.held != nil {
		t.pouring, t.boundary = true, -1
		effects = append(effects, m.slice()...)
	}
	return effects
}

// stop ends the tail and says why, and what helps.
func (m *Model) stop(reason string, cure Action) []Effect {
	m.view.Live = false
	effects := append(m.endTail(), m.replaceURL()...)
	m.tail.note, m.tail.cure = stopped("Live ended: "+reason), cure
	return effects
}

// lose takes the connection for lost and plans the next.
func (m *Model) lose(reason string) []Effect {
	t := &m.tail
	if t.state == LiveOn {
		t.lost = t.heard
	}
	if t.offline {
		reason = "this computer is offline"
	}
	pause := min(firstTry<<min(t.tries, 10), lastTry)
	pause = max(firstTry, time.Duration(float64(pause)*(0.5+t.jitter/2)))
	t.state, t.reason, t.retryAt = LiveConnecting, reason, m.now.Add(pause)
	t.tries++
	return m.closeTail()
}

func (m *Model) tailClosed(msg TailClosed) []Effect {
	t := &m.tail
	t.socket, t.jitter = false, msg.Jitter
	reason := t.said
	if reason == "" {
		reason = msg.Reason
	}
	switch {
	case msg.Code == wire.CloseSession:
		if reason == "" {
			reason = "this session has ended"
		}
		return m.stop(reason, ActConnect)
	case msg.Code == wire.CloseAbuse:
		return m.stop(reason, ActFollow)
	case reason == "" && t.opened:
		reason = "the connection broke"
	case reason == "":
		reason = "the server cannot be reached"
	}
	opened := t.opened
	effects := m.lose(reason)
	if !opened && t.tries > 1 {
		// Browsers do not say why a connection was refused: ask the server otherwise.
		effects = append(effects, CheckTail{Src: m.view.Src, Query: m.Asked(), Generation: t.generation})
	}
	return effects
}

// tailTicked sees to what follows from the time.
func (m *Model) tailTicked() []Effect {
	t := &m.tail
	t.marks = slices.DeleteFunc(t.marks, func(s stretch) bool { return m.now.Sub(s.at) >= newFor })
	if t.state == LiveOff {
		return nil
	}
	if t.state == LiveOn {
		t.spent += float64(m.callsPerHour()) * m.now.Sub(t.ticked).Hours()
	}
	t.ticked = m.now
	if m.now.Sub(t.second) >= time.Second {
		t.second, t.perSecond, t.inSecond = m.now, t.inSecond, 0
	}
	if t.told != nil && m.now.Sub(t.digested) >= digestIn {
		t.digested, t.digest, t.told = m.now, digestOf(t.told), nil
	}
	over, silent := "", ""
	switch since := m.now.Sub(t.heard); {
	case t.budget.For > 0 && m.now.Sub(t.since) >= t.budget.For:
		over = "the " + Took(t.budget.For) + " that you set are over"
	case t.budget.Calls > 0 && t.spent >= float64(t.budget.Calls):
		over = "the " + count(t.budget.Calls) + " calls that you set are used up"
	case t.state == LiveOn && since >= silence:
		silent = "the server has not answered for 3 s"
	case t.state == LiveConnecting && t.socket && since >= opening:
		silent = "the server does not answer"
	case t.state == LiveConnecting && !t.socket && !m.now.Before(t.retryAt):
		return []Effect{m.openTail()}
	}
	if over != "" {
		return m.stop(over, ActFollow)
	}
	if silent != "" {
		return m.lose(silent)
	}
	return nil
}

// tailFrame takes in what the server sent.
func (m *Model) tailFrame(data []byte) []Effect {
	t := &m.tail
	head := data
	if i := bytes.Index(data, []byte(`,"entries":[`)); i > 0 {
		head = append(slices.Clone(data[:i]), '}') // the store reads the rest, much faster
	}
	var f wire.TailFrame
	if json.Unmarshal(head, &f) != nil {
		return nil
	}
	t.heard = m.now
	var effects, more []Effect
	if t.state == LiveConnecting && f.Type != wire.TailEnd {
		t.state, t.tries, t.reason = LiveOn, 0, ""
		if !t.lost.IsZero() {
			effects = m.addGap(&gap{from: t.lost, to: m.now, filled: true, ours: true})
			t.lost = time.Time{}
		}
	}
	switch f.Type {
	case wire.TailEntries:
		n := m.store.Len()
		if m.holding() {
			n = t.held.Len()
		}
		more = m.receive(func(s *store.Store) error { _, err := s.AppendTail(data); return err })
		m.count(n)
	case wire.TailGap:
		more = m.addGap(&gap{src: f.Src, from: f.From, to: f.To, reason: f.Reason, filled: f.Filled})
	case wire.TailStatus:
		m.laneTold(f)
	case wire.TailEnd:
		t.said = f.Reason
	}
	effects = append(effects, more...)
	if f.Seq != "" {
		t.after = f.Seq
	}
	if m.store.Bytes()+bytesOf(t.held) > m.most && m.view.Live {
		effects = append(effects, m.stop("this tab holds "+count(m.most>>20)+" MB of entries, and more would make it slow; narrow the filter, or begin with what is new", ActFollowNew)...)
	}
	return effects
}
