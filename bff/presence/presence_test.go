package presence

import (
	"context"
	"encoding/base64"
	"io"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/bff/engine"
	"github.com/logpane/logpane/bff/session"
)

func openEngine(t *testing.T) *engine.Engine {
	t.Helper()
	eng, err := engine.Open(context.Background(), engine.Config{DataDir: t.TempDir(), Logger: slog.New(slog.NewTextHandler(io.Discard, nil))})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(eng.Close)
	return eng
}

func keys(t *testing.T, letter string) *session.Keyring {
	t.Helper()
	k, err := session.ParseKeys("k001:" + base64.StdEncoding.EncodeToString([]byte(strings.Repeat(letter, 32))))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func open(t *testing.T, eng *engine.Engine, cfg Config) *Presence {
	t.Helper()
	p, err := Open(context.Background(), eng, cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return p
}

// listener is a seat and the news of it.
type listener struct {
	*Seat
	t    *testing.T
	news chan struct{}
}

func join(t *testing.T, p *Presence, key string) *listener {
	l := &listener{t: t, news: make(chan struct{}, 1)}
	l.Seat = p.Join(key, func() {
		select {
		case l.news <- struct{}{}:
		default:
		}
	})
	t.Cleanup(l.Leave)
	return l
}

// hears waits until the others say exactly this.
func (l *listener) hears(want ...string) {
	l.t.Helper()
	late := time.After(20 * time.Second)
	for {
		var got []string
		for _, n := range l.Others() {
			got = append(got, string(n))
		}
		if slices.Sort(got); slices.Equal(got, want) {
			return
		}
		select {
		case <-l.news:
		case <-late:
			l.t.Fatalf("hears %q, want %q", got, want)
		}
	}
}

func TestPresence_ReplicasHearEachOther(t *testing.T) {
	eng := openEngine(t)
	cfg := Config{Sealer: keys(t, "a"), Shared: true, Every: 100 * time.Millisecond}
	pa, pb, pc := open(t, eng, cfg), open(t, eng, cfg), open(t, eng, cfg)
	a := join(t, pa, "stream.one")
	a.Say([]byte("a1"))
	b := join(t, pb, "stream.one")
	b.Say([]byte("b1")) // and asks: a need not wait
	a.hears("b1")
	b.hears("a1")
	other := join(t, pb, "stream.two")
	other.Say([]byte("elsewhere"))
	c := join(t, pc, "stream.one")
	c.hears("a1", "b1") // from what is said again
	c.Say([]byte("c1"))
	b.Say([]byte("b2"))
	a.hears("b2", "c1")
	b.Leave()
	a.hears("c1")
	// A replica that dies says nothing.
	pc.Close()
	a.hears()
	other.hears()
}

func TestPresence_NotesAreSealed(t *testing.T) {
	eng := openEngine(t)
	sub, err := eng.NC.SubscribeSync(subject + ">")
	if err != nil {
		t.Fatal(err)
	}
	replica := func(letter string) *Presence {
		return open(t, eng, Config{Sealer: keys(t, letter), Shared: true, Every: time.Hour})
	}
	foreign := join(t, replica("b"), "k")
	moved := join(t, replica("a"), "moved")
	s := join(t, replica("a"), "k")
	s.Say([]byte("a reason that names an account"))
	msg, err := sub.NextMsg(20 * time.Second)
	if err != nil || strings.Contains(string(msg.Data), "account") {
		t.Errorf("%q, %v", msg.Data, err)
	}
	// Neither with other keys, nor under another key.
	if err := eng.NC.Publish(subject+"moved", msg.Data); err != nil {
		t.Fatal(err)
	}
	// What comes later is heard later: these two are all that is believed.
	join(t, replica("a"), "moved").Say([]byte("in its place"))
	moved.hears("in its place")
	join(t, replica("b"), "k").Say([]byte("with their keys"))
	foreign.hears("with their keys")
}

func TestPresence_AloneSaysNothing(t *testing.T) {
	eng := openEngine(t)
	sub, err := eng.NC.SubscribeSync(subject + ">")
	if err != nil {
		t.Fatal(err)
	}
	p := open(t, eng, Config{Sealer: keys(t, "a")})
	s := p.Join("k", func() { t.Error("heard something") })
	s.Say([]byte("x"))
	s.Leave()
	s.Leave()
	if err := eng.NC.Flush(); err != nil {
		t.Fatal(err)
	}
	if n, _, _ := sub.Pending(); n != 0 || len(s.Others()) != 0 {
		t.Errorf("%d messages", n)
	}
	if _, err := Open(t.Context(), eng, Config{}); fault.KindOf(err) != fault.Invalid {
		t.Errorf("without keys: %v", err)
	}
}
