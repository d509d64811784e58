// Package presence tells the replicas of a cluster what each has to say about a key
// at this moment: how many watch a stream there, and how its poller fares.
//
//	all, err := presence.Open(ctx, eng, presence.Config{Sealer: keyring})
//	defer all.Close()
//
//	seat := all.Join(stream, func() { … }) // called when Others may have changed
//	defer seat.Leave()
//	seat.Say(note)                         // the others hear it at once, and every few seconds
//	for _, note := range seat.Others() { … }
//
// What is said is for showing and for hints. It is not kept, may be lost, and is
// forgotten a while after its replica was heard last: who must be alone takes a
// lease, and what must not be lost goes to the feed. Notes are sealed under their key,
// so that who reads along at the engine learns nothing of them.
//
// With an embedded engine there are no others, and nothing is sent.
package presence

import (
	"context"
	"crypto/rand"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/bff/engine"
)

// MaxNote bounds a note in bytes.
const MaxNote = 4 << 10

const (
	subject = "presence."
	idBytes = 16
)

// Sealer encrypts what is said. session.Keyring is one.
type Sealer interface {
	Seal(aad string, plain []byte) []byte
	Open(aad string, sealed []byte) ([]byte, error)
}

// Config is the settings of a Presence. Only Sealer is required.
type Config struct {
	Sealer Sealer
	Every  time.Duration // how often notes are said again; 0 means 5 s. Others forget them after three times that
	Shared bool          // talk to others even if the engine is embedded
}

// Presence is one replica among the others of an engine. It is safe for concurrent
// use.
type Presence struct {
	nc     *nats.Conn // nil where there are no others
	sub    *nats.Subscription
	sealer Sealer
	every  time.Duration
	id     string // of this replica, idBytes long
	stop   context.CancelFunc
	done   sync.WaitGroup

	mu    sync.Mutex
	seats map[string]map[*Seat]bool
}

// The first byte of what is sealed.
const (
	saying  = 'n' // a note follows
	asking  = 'a' // a note follows, and the others are to say theirs
	leaving = 'l'
)

// Open begins to listen. Errors: Invalid without a Sealer; Unavailable if the engine
// does not answer.
func Open(ctx context.Context, eng *engine.Engine, cfg Config) (*Presence, error) {
	const op = "open the talk of replicas"
	if cfg.Sealer == nil {
		return nil, fault.New(fault.Invalid, op).Saying("what replicas tell each other needs keys to be sealed with")
	}
	if cfg.Every <= 0 {
		cfg.Every = 5 * time.Second
	}
	id := make([]byte, idBytes)
	_, _ = rand.Read(id) // never fails, per crypto/rand
	p := &Presence{sealer: cfg.Sealer, every: cfg.Every, id: string(id), seats: map[string]map[*Seat]bool{}, stop: func() {}}
	if eng.Local && !cfg.Shared {
		return p, nil
	}
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	p.nc = eng.NC
	var err error
	if p.sub, err = eng.NC.Subscribe(subject+">", p.heard); err == nil {
		err = eng.NC.FlushWithContext(ctx)
	}
	if err != nil {
		return nil, fault.New(fault.Unavailable, op).Saying("the engine does not answer; try again").Because(err)
	}
	run, stop := context.WithCancel(context.Background())
	p.stop = stop
	p.done.Go(func() { p.repeat(run) })
	return p, nil
}

// Close stops listening. Seats are the business of who took them.
func (p *Presence) Close() {
	if p.sub != nil {
		_ = p.sub.Unsubscribe()
	}
	p.stop()
	p.done.Wait()
}

// Seat is a say about one key. It is safe for concurrent use.
type Seat struct {
	p       *Presence
	key     string
	changed func()

	mu     sync.Mutex
	note   []byte
	said   bool
	others map[string]heard // by replica
}

type heard struct {
	note []byte
	at   time.Time
}

// Join takes a seat at a key, which has letters, digits, - and _ in parts separated by
// dots. changed is called, from any goroutine, when Others may be different; it must
// return at once. A replica takes at most one seat at a key at a time.
func (p *Presence) Join(key string, changed func()) *Seat {
	s := &Seat{p: p, key: key, changed: changed, others: map[string]heard{}}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.seats[key] == nil {
		p.seats[key] = map[*Seat]bool{}
	}
	p.seats[key][s] = true
	return s
}

// Say replaces the note of this seat, at most MaxNote bytes of it.
func (s *Seat) Say(note []byte) {
	s.mu.Lock()
	s.note = slices.Clone(note[:min(len(note), MaxNote)])
	kind := byte(saying)
	if !s.said {
		s.said, kind = true, asking
	}
	note = s.note
	s.mu.Unlock()
	s.p.send(s.key, kind, note)
}

// Others returns the newest note of each other replica that has a seat at the key.
func (s *Seat) Others() [][]byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out [][]byte
	for id, h := range s.others {
		if time.Since(h.at) > 3*s.p.every {
			delete(s.others, id)
			continue
		}
		out = append(out, h.note)
	}
	return out
}

// Leave gives the seat up. It may be called more than once.
func (s *Seat) Leave() {
	s.p.mu.Lock()
	here := s.p.seats[s.key][s]
	delete(s.p.seats[s.key], s)
	if len(s.p.seats[s.key]) == 0 {
		delete(s.p.seats, s.key)
	}
	s.p.mu.Unlock()
	if here {
		s.p.send(s.key, leaving, nil)
	}
}

// send says something to the others. What is lost is said again.
func (p *Presence) send(key string, kind byte, note []byte) {
	if p.nc == nil {
		return
	}
	plain := make([]byte, 0, 1+idBytes+len(note))
	plain = append(append(append(plain, kind), p.id...), note...)
	_ = p.nc.Publish(subject+key, p.sealer.Seal(subject+key, plain))
}

// repeat says all notes again from time to time, and wakes those who may have to
// forget one.
func (p *Presence) repeat(ctx context.Context) {
	tick := time.NewTicker(p.every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		for _, s := range p.all() {
			s.again(saying)
			s.mu.Lock()
			had := len(s.others)
			s.mu.Unlock()
			if len(s.Others()) != had {
				s.changed()
			}
		}
	}
}

// again says the note once more, if there is one.
func (s *Seat) again(kind byte) {
	s.mu.Lock()
	said, note := s.said, s.note
	s.mu.Unlock()
	if said {
		s.p.send(s.key, kind, note)
	}
}

func (p *Presence) all() (out []*Seat) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, of := range p.seats {
		for s := range of {
			out = append(out, s)
		}
	}
	return out
}

// heard takes what a replica said, this one included.
func (p *Presence) heard(msg *nats.Msg) {
	key := strings.TrimPrefix(msg.Subject, subject)
	p.mu.Lock()
	var seats []*Seat
	for s := range p.seats[key] {
		seats = append(seats, s)
	}
	p.mu.Unlock()
	if len(seats) == 0 {
		return
	}
	plain, err := p.sealer.Open(msg.Subject, msg.Data)
	if err != nil || len(plain) < 1+idBytes || string(plain[1:1+idBytes]) == p.id {
		return
	}
	id, note := string(plain[1:1+idBytes]), plain[1+idBytes:]
	for _, s := range seats {
		s.mu.Lock()
		before, known := s.others[id]
		if plain[0] == leaving {
			delete(s.others, id)
		} else {
			s.others[id] = heard{note, time.Now()}
		}
		s.mu.Unlock()
		if plain[0] == asking {
			s.again(saying)
		}
		if known != (plain[0] != leaving) || string(before.note) != string(note) {
			s.changed()
		}
	}
}
