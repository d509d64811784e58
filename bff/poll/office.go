package poll

import (
	"context"
	"encoding/json"
	"sync"
	"time"

	"github.com/logpane/logpane/app/wire"
	"github.com/logpane/logpane/bff/source"
	"github.com/logpane/logpane/bff/tail"
)

// seat is what pollers need of presence. *presence.Seat is one.
type seat interface {
	Say(note []byte)
	Others() [][]byte
	Leave()
}

// nobody is a seat without others.
type nobody struct{}

func (nobody) Say([]byte)       {}
func (nobody) Others() [][]byte { return nil }
func (nobody) Leave()           {}

// note is what a replica tells the others of a stream.
type note struct {
	Viewers int       `json:"v"`
	Hidden  bool      `json:"h,omitempty"` // nobody there can see it
	Since   time.Time `json:"s,omitzero"`
	// Of the poller, where it runs there.
	Polls  bool      `json:"p,omitempty"`
	State  string    `json:"st,omitempty"`
	Next   time.Time `json:"n,omitzero"`
	Calls  int       `json:"c,omitempty"`
	Reason string    `json:"r,omitempty"`
}

// sayLeast is the pause between two notes that differ only in when the next poll is.
const sayLeast = time.Second

// office passes on between the sockets here, the poller, and the other replicas.
type office struct {
	d    tail.Demand
	seat seat
	rest *source.Rest
	wake chan struct{} // to the poller
	news chan struct{} // from other replicas

	mu     sync.Mutex
	mine   bool        // the poller runs here
	status tail.Status // of the poller here, or what is known of another
	poller note        // the newest note of a poller elsewhere
	said   note
	at     time.Time // when said was said
}

func newOffice(d tail.Demand, rest *source.Rest) *office {
	return &office{
		d: d, rest: rest, wake: make(chan struct{}, 1), news: make(chan struct{}, 1),
		status: tail.Status{State: wire.TailWaiting},
	}
}

// changed takes the word that other replicas said something.
func (o *office) changed() { ring(o.news) }

func ring(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// attend tells the others of the sockets here, and the sockets and the poller here of
// the others, until ctx ends.
func (o *office) attend(ctx context.Context) {
	o.say(true)
	for {
		select {
		case <-ctx.Done():
			return
		case <-o.d.Wake:
			o.say(true)
		case <-o.news:
			o.mu.Lock()
			o.show()
			o.mu.Unlock()
		}
		ring(o.wake)
	}
}

// others are the notes of the other replicas.
func (o *office) others() []note {
	var out []note
	for _, b := range o.seat.Others() {
		var n note
		if json.Unmarshal(b, &n) == nil {
			out = append(out, n)
		}
	}
	return out
}

// hidden is of source.Demand, for all replicas.
func (o *office) hidden() bool {
	if !o.d.Hidden() {
		return false
	}
	for _, n := range o.others() {
		if !n.Hidden && n.Viewers > 0 {
			return false
		}
	}
	return true
}

// since is of source.Demand, for all replicas.
func (o *office) since() time.Time {
	first := o.d.Since()
	for _, n := range o.others() {
		if !n.Since.IsZero() && (first.IsZero() || n.Since.Before(first)) {
			first = n.Since
		}
	}
	return first
}

// take notes that the poller runs here from now on. It leaves a vendor alone that
// failed the poller before it.
func (o *office) take() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.mine = true
	if p := o.poller; p.State == wire.TailFailing || p.State == wire.TailStopped {
		o.rest.Until(p.Next)
	}
}

// leave notes that it does not any more.
func (o *office) leave() {
	o.mu.Lock()
	o.mine = false
	o.mu.Unlock()
	o.say(true)
}

// report takes a status of the poller here.
func (o *office) report(s tail.Status) {
	o.mu.Lock()
	news := s.State != o.status.State || s.Reason != o.status.Reason
	o.status = s
	o.show()
	o.mu.Unlock()
	o.say(news)
}

// wait takes what is known of a poller elsewhere, where it says nothing itself.
func (o *office) wait(s tail.Status) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.status = s
	o.show()
}

// show tells the sockets here. o.mu is held.
func (o *office) show() {
	s := o.status
	for _, n := range o.others() {
		s.Others += n.Viewers
		if n.Polls {
			o.poller = n
			if !o.mine {
				s.State, s.Next, s.CallsPerHour, s.Reason = n.State, n.Next, n.Calls, n.Reason
			}
		}
	}
	o.d.Report(s)
}

// say tells the others, at once where there is news.
func (o *office) say(news bool) {
	n := note{Viewers: o.d.Viewers(), Hidden: o.d.Hidden(), Since: o.d.Since()}
	o.mu.Lock()
	if n.Polls = o.mine; o.mine {
		n.State, n.Next, n.Calls, n.Reason = o.status.State, o.status.Next, o.status.CallsPerHour, cut(o.status.Reason)
	}
	if !news && time.Since(o.at) < sayLeast || n == o.said {
		o.mu.Unlock()
		return
	}
	o.said, o.at = n, time.Now()
	o.mu.Unlock()
	b, err := json.Marshal(n)
	if err != nil {
		return // a time beyond the year 9999; the others look at the stream
	}
	o.seat.Say(b)
}
