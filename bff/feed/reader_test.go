package feed

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/bff/engine"
)

func TestReader_HistoryThenLiveOnAnotherReplica(t *testing.T) {
	eng := local(t)
	one, two := openFeed(t, eng, Config{}), openFeed(t, eng, Config{})
	w := writer(t, one, "s")
	for i := range 200 {
		add(t, w, i, 1)
	}
	r := begin(t, two, "s", 0)
	if got := read(t, r, 200); !slices.Equal(got, ids(0, 200)) {
		t.Fatalf("history: %d, from %v", len(got), got[:min(len(got), 3)])
	}
	live := begin(t, two, "s", FromNow)
	if frames, err := live.Take(t.Context()); err != nil || frames != nil {
		t.Errorf("from now on: %v, %v", frames, err)
	}
	for i := range 50 {
		add(t, w, 200+i, 1)
	}
	for name, r := range map[string]*Reader{"from the start": r, "from now": live} {
		if got := read(t, r, 50); !slices.Equal(got, ids(200, 50)) {
			t.Errorf("%s, live: %v", name, got)
		}
	}
	// A reconnect to the other replica.
	again := begin(t, one, "s", r.Seq())
	add(t, w, 250, 3)
	if got := read(t, again, 3); !slices.Equal(got, ids(250, 3)) {
		t.Errorf("on the other replica: %v", got)
	}
}

func TestReader_WhatIsGoneIsToldAsAGap(t *testing.T) {
	eng := local(t)
	f := openFeed(t, eng, Config{})
	w := writer(t, f, "s")
	var seqs []uint64
	for i := range 10 {
		seqs = append(seqs, add(t, w, i, 1))
	}
	purge(t, eng, "s", seqs[5]) // frames 0 to 4 are gone
	for name, c := range map[string]struct {
		after uint64
		want  []string
	}{
		"from the oldest kept":     {0, ids(5, 5)},
		"after one that is gone":   {seqs[1], append([]string{"gap"}, ids(5, 5)...)},
		"after the last that went": {seqs[4], ids(5, 5)},
		"after one that is kept":   {seqs[7], ids(8, 2)},
		"beyond the end":           {seqs[9] + 1000, append([]string{"gap"}, ids(5, 5)...)},
	} {
		r := begin(t, f, "s", c.after)
		if got := read(t, r, len(c.want)-boolInt(c.want[0] == "gap")); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
		if r.Seq() != seqs[9] {
			t.Errorf("%s: ends at %d", name, r.Seq())
		}
	}

	// Everything is gone: nothing tells whether something came in between.
	last := seqs[9]
	purge(t, eng, "s", 0)
	fresh := openFeed(t, eng, Config{})
	r := begin(t, fresh, "s", last)
	frames, err := r.Next(t.Context())
	if err != nil || len(frames) != 1 || frames[0].Kind != Gap || !frames[0].Lost || frames[0].Hole.Reason != reasonUnknown {
		t.Fatalf("everything gone: %v, %v", frames, err)
	}
	add(t, w, 10, 1)
	if got := read(t, r, 1); !slices.Equal(got, ids(10, 1)) {
		t.Errorf("after the gap: %v", got)
	}
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

func TestReader_AllExpiredUnderAWriterMissesNothing(t *testing.T) {
	eng := local(t)
	f := openFeed(t, eng, Config{})
	w := writer(t, f, "s")
	add(t, w, 0, 2)
	r := begin(t, f, "s", 0)
	read(t, r, 2)
	purge(t, eng, "s", 0)
	add(t, w, 2, 2)
	if got := read(t, r, 2); !slices.Equal(got, ids(2, 2)) {
		t.Errorf("got %v", got)
	}
}

func TestReader_GapsAreToldWhereRetentionOvertakesASlowReader(t *testing.T) {
	f := openFeed(t, local(t), Config{RingBytes: 1, Keep: Keep{Frames: 20}})
	w := writer(t, f, "s")
	add(t, w, 0, 1)
	slow := begin(t, f, "s", 0)
	read(t, slow, 1)
	fast := begin(t, f, "s", slow.Seq())
	for i := 1; i <= 100; i++ {
		add(t, w, i, 1)
		if got := read(t, fast, 1); !slices.Equal(got, ids(i, 1)) {
			t.Fatalf("the fast reader got %v at %d", got, i)
		}
	}
	if got := read(t, slow, 20); !slices.Equal(got, append([]string{"gap"}, ids(81, 20)...)) {
		t.Errorf("the slow reader got %v", got)
	}
	// The gap is told once: who resumes at it gets the rest without another.
	frames, err := begin(t, f, "s", 1).Next(t.Context())
	if err != nil || frames[0].Kind != Gap {
		t.Fatal(frames, err)
	}
	if got := read(t, begin(t, f, "s", frames[0].Seq), 20); !slices.Equal(got, ids(81, 20)) {
		t.Errorf("resumed at the gap: %v", got)
	}
}

func TestReader_SlowOneHoldsUpNobodyAndMissesNothing(t *testing.T) {
	f := openFeed(t, local(t), Config{RingBytes: 4 << 10})
	w := writer(t, f, "s")
	slow, fast := begin(t, f, "s", 0), begin(t, f, "s", 0)
	const n = 200
	var all []string
	for i := range n {
		add(t, w, i*3, 3)
		all = append(all, read(t, fast, 3)...)
	}
	if !slices.Equal(all, ids(0, 3*n)) {
		t.Error("the fast reader did not get every entry once and in order")
	}
	if v := slow.hub.view.Load(); v.bytes > 4<<10 || len(v.frames) >= n {
		t.Errorf("the ring holds %d bytes in %d frames", v.bytes, len(v.frames))
	}
	if got := read(t, slow, 3*n); !slices.Equal(got, ids(0, 3*n)) {
		t.Error("the slow reader did not get every entry once and in order")
	}
	add(t, w, 3*n, 1)
	if got := read(t, slow, 1); got[0] != ids(3*n, 1)[0] {
		t.Errorf("caught up, live: %v", got)
	}
}

func TestReader_ThousandOfOneStreamShareOneHub(t *testing.T) {
	f := openFeed(t, local(t), Config{})
	w := writer(t, f, "s")
	const readers, n = 1000, 20
	var done sync.WaitGroup
	errs := make(chan error, readers)
	for range readers {
		r := begin(t, f, "s", 0)
		done.Go(func() {
			want := ids(0, n)
			for len(want) > 0 {
				frames, err := r.Next(context.Background())
				if err != nil {
					errs <- err
					return
				}
				for _, fr := range frames {
					for i := range fr.Len() {
						if fr.ID(i) != want[0] {
							errs <- errors.New("got " + fr.ID(i) + ", want " + want[0])
							return
						}
						want = want[1:]
					}
				}
			}
		})
	}
	for i := range n {
		add(t, w, i, 1)
	}
	done.Wait()
	close(errs)
	for err := range errs {
		t.Error(err)
	}
	if f.Streams() != 1 {
		t.Errorf("%d streams followed", f.Streams())
	}
}

func TestHub_DroppedSomeTimeAfterItsLastReader(t *testing.T) {
	f := openFeed(t, local(t), Config{Linger: time.Hour})
	r, other := begin(t, f, "s", 0), begin(t, f, "s", 0)
	r.Close()
	r.Close()
	f.dropIdle(time.Now().Add(2 * time.Hour))
	if f.Streams() != 1 {
		t.Fatal("dropped under a reader")
	}
	other.Close()
	f.dropIdle(time.Now().Add(59 * time.Minute))
	if f.Streams() != 1 {
		t.Fatal("dropped at once")
	}
	f.dropIdle(time.Now().Add(61 * time.Minute))
	if f.Streams() != 0 {
		t.Fatal("not dropped")
	}
	add(t, writer(t, f, "s"), 0, 1)
	if got := read(t, begin(t, f, "s", 0), 1); len(got) != 1 {
		t.Errorf("followed anew: %v", got)
	}
}

func TestReader_EndsWithItsContextAndWithTheFeed(t *testing.T) {
	f := openFeed(t, local(t), Config{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := begin(t, f, "s", 0).Next(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("canceled: %v", err)
	}
	closed := begin(t, f, "s", 0)
	closed.Close()
	if _, err := closed.Next(t.Context()); fault.KindOf(err) != fault.Canceled {
		t.Errorf("closed: %v", err)
	}
	r := begin(t, f, "s", 0)
	go f.Close()
	if _, err := r.Next(t.Context()); fault.KindOf(err) != fault.Canceled {
		t.Errorf("feed closed: %v", err)
	}
	for _, err := range f.Tail(t.Context(), "no such name", 0) {
		if fault.KindOf(err) != fault.Invalid {
			t.Errorf("bad name: %v", err)
		}
	}
}

func TestReader_AcrossALostConnection(t *testing.T) {
	dir := t.TempDir()
	srv, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: server.RANDOM_PORT, JetStream: true, StoreDir: dir, NoSigs: true, NoLog: true})
	if err != nil {
		t.Fatal(err)
	}
	srv.Start()
	t.Cleanup(func() { srv.Shutdown(); srv.WaitForShutdown() })
	url := srv.ClientURL()
	here, there := openEngine(t, engine.Config{URLs: []string{url}}), openEngine(t, engine.Config{URLs: []string{url}})
	f, other := openFeed(t, here, Config{Look: time.Hour}), openFeed(t, there, Config{})
	w := writer(t, other, "s")
	r := begin(t, f, "s", 0)
	add(t, w, 0, 2)
	if got := read(t, r, 2); !slices.Equal(got, ids(0, 2)) {
		t.Fatal(got)
	}
	// The reader's connection is cut; what is appended meanwhile has no hint for it.
	id, err := here.NC.GetClientID()
	if err != nil {
		t.Fatal(err)
	}
	if err := srv.DisconnectClientByID(id); err != nil {
		t.Fatal(err)
	}
	add(t, w, 2, 3)
	if got := read(t, r, 3); !slices.Equal(got, ids(2, 3)) {
		t.Errorf("after the cut: %v", got)
	}
	if err := r.Stalled(); err != nil {
		t.Errorf("still stalled: %v", err)
	}
}

// TestReaders_EveryFrameOnceOrAGap appends at random to one stream, from writers
// that replace each other, with retention that runs behind; readers of two
// replicas stop, resume elsewhere, fall behind and catch up.
func TestReaders_EveryFrameOnceOrAGap(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	for round := range uint64(4) {
		rnd := rand.New(rand.NewPCG(seed, round))
		keep := Keep{Frames: 10_000}
		if round%2 == 1 {
			keep.Frames = 40
		}
		eng := local(t)
		feeds := []*Feed{
			openFeed(t, eng, Config{Keep: keep, RingBytes: 2 << 10, Linger: time.Millisecond}),
			openFeed(t, eng, Config{Keep: keep, RingBytes: 64 << 10}),
		}
		type reader struct {
			r    *Reader
			feed int
			seen int // the number of the next entry; -1 after a gap
		}
		readers := make([]*reader, 6)
		for i := range readers {
			readers[i] = &reader{r: begin(t, feeds[i%2], "s", 0), feed: i % 2}
			if round%2 == 1 {
				readers[i].seen = -1 // what is kept when it first looks may begin anywhere
			}
		}
		var total int
		check := func(x *reader, frames []*Frame) {
			t.Helper()
			for _, f := range frames {
				if f.Kind == Gap {
					if keep.Frames > 1000 {
						t.Fatalf("round %d: a gap where everything is kept", round)
					}
					x.seen = -1
				}
				for i := range f.Len() {
					n := int(f.First) - 1 + i
					if x.seen >= 0 && n != x.seen || f.ID(i) != ids(n, 1)[0] {
						t.Fatalf("round %d: entry %d (%s), want %d", round, n, f.ID(i), x.seen)
					}
					x.seen = n + 1
				}
			}
		}
		w := writer(t, feeds[0], "s")
		for range 200 {
			switch x := readers[rnd.IntN(len(readers))]; rnd.IntN(8) {
			case 0, 1, 2, 3:
				n := rnd.IntN(4)
				if rnd.IntN(20) == 0 {
					n = 300
				}
				add(t, w, total, n)
				total += n
			case 4:
				w = writer(t, feeds[rnd.IntN(2)], "s") // handed over
			case 5: // another socket, on whichever replica
				after := x.r.Seq()
				x.r.Close()
				x.feed = rnd.IntN(2)
				x.r = begin(t, feeds[x.feed], "s", after)
			default:
				frames, err := x.r.Take(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				check(x, frames)
			}
		}
		add(t, w, total, 1)
		total++
		for i, x := range readers {
			for x.seen != total {
				frames, err := x.r.Next(timeout(t, 20*time.Second))
				if err != nil {
					t.Fatalf("round %d, reader %d at %d of %d: %v", round, i, x.seen, total, err)
				}
				check(x, frames)
			}
		}
	}
}
