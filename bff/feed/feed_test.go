package feed

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/bff/engine"
)

func TestAppend_CutsALargePollAndKeepsItsBytes(t *testing.T) {
	f := openFeed(t, local(t), Config{})
	w := writer(t, f, "cred.view")
	at := time.Unix(1_700_000_000, 5).UTC()
	var poll Poll
	poll.At, poll.State = at, []byte("watermark")
	poll.Gap = &Hole{From: at.Add(-time.Hour), To: at, Reason: "more than 1,000 calls"}
	poll.Entries = entries(0, 600)
	poll.Entries = append(poll.Entries, Entry{ID: "big", JSON: []byte(`"` + strings.Repeat("<é", 200_000) + `"`)}, Entry{ID: "", JSON: []byte("1")})
	if _, err := w.Append(t.Context(), poll); err != nil {
		t.Fatal(err)
	}
	var frames []*Frame
	var all []byte
	n := 0
	for fr, err := range f.Scan(t.Context(), "cred.view", time.Time{}) {
		if err != nil {
			t.Fatal(err)
		}
		frames = append(frames, fr)
		for i := range fr.Len() {
			if want := poll.Entries[n]; fr.ID(i) != want.ID || !bytes.Equal(fr.Entry(i), want.JSON) {
				t.Fatalf("entry %d is %q %.80s", n, fr.ID(i), fr.Entry(i))
			}
			n++
		}
		if fr.Len() > MaxFrameEntries {
			t.Errorf("a frame of %d entries", fr.Len())
		}
		all = append(append(all, '['), fr.JSON()...)
		all = append(all, ']', '\n')
	}
	if n != len(poll.Entries) || len(frames) != 6 {
		t.Fatalf("%d entries in %d frames", n, len(frames))
	}
	for dec := json.NewDecoder(bytes.NewReader(all)); dec.More(); {
		var v []any
		if err := dec.Decode(&v); err != nil {
			t.Fatalf("a frame's JSON between brackets: %v", err)
		}
	}
	first, last := uint64(1), uint64(0)
	for i, fr := range frames {
		if fr.Number != uint64(i+1) || fr.Prev != last || fr.First != first || fr.Seq <= last {
			t.Errorf("frame %d: number %d, prev %d, first %d, seq %d", i, fr.Number, fr.Prev, fr.First, fr.Seq)
		}
		last, first = fr.Seq, first+uint64(fr.Len())
		// Only with the last piece is the poll a complete one.
		if done := i == len(frames)-1; fr.Polled.Equal(at) != done || (string(fr.State) == "watermark") != done {
			t.Errorf("frame %d: polled %v, state %q", i, fr.Polled, fr.State)
		}
	}
	if g := frames[0]; g.Kind != Gap || g.Lost || g.Hole != (Hole{at.Add(-time.Hour), at, "more than 1,000 calls"}) {
		t.Errorf("the gap: %+v", g)
	}
	if edge := w.Edge(); edge.Seq != last || !edge.Polled.Equal(at) {
		t.Errorf("edge %d, polled %v", edge.Seq, edge.Polled)
	}
}

func TestAppend_RefusesWhatNoFrameHolds(t *testing.T) {
	f := openFeed(t, local(t), Config{})
	w := writer(t, f, "s")
	for name, p := range map[string]Poll{
		"empty entry":     {Entries: []Entry{{ID: "a"}}},
		"entry too large": {Entries: []Entry{{ID: "a", JSON: make([]byte, MaxEntryBytes+1)}}},
		"id too large":    {Entries: []Entry{{ID: strings.Repeat("a", maxIDBytes+1), JSON: []byte("1")}}},
		"state too large": {State: make([]byte, MaxStateBytes+1)},
	} {
		if _, err := w.Append(t.Context(), p); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	// The largest there may be, and not compressible, still fits into a message.
	noise := make([]byte, MaxEntryBytes)
	x := uint64(1)
	for i := range noise {
		x = x*6364136223846793005 + 1442695040888963407
		noise[i] = byte(x >> 56)
	}
	seq, err := w.Append(t.Context(), Poll{State: noise[:MaxStateBytes], Entries: []Entry{{ID: "a", JSON: noise}}})
	if err != nil {
		t.Fatal(err)
	}
	if got, err := f.Last(t.Context(), "s"); err != nil || got.Seq != seq || !bytes.Equal(got.Entry(0), noise) {
		t.Errorf("read back: %v", err)
	}
	for _, name := range []string{"", "a..b", ".a", "a.", "a b", "a.*", ">", strings.Repeat("a", 201)} {
		if _, err := f.Writer(t.Context(), name); fault.KindOf(err) != fault.Invalid {
			t.Errorf("stream %q: %v", name, err)
		}
	}
}

func TestAppend_FencesTheOlderOfTwoWriters(t *testing.T) {
	eng := local(t)
	one, two := openFeed(t, eng, Config{}), openFeed(t, eng, Config{})
	zombie := writer(t, one, "s")
	add(t, zombie, 0, 2)
	fresh := writer(t, two, "s")
	add(t, fresh, 2, 2)
	if _, err := zombie.Append(t.Context(), Poll{Entries: entries(100, 1)}); !errors.Is(err, ErrFenced) {
		t.Fatalf("the zombie's append: %v", err)
	}
	if _, err := zombie.Append(t.Context(), Poll{Entries: entries(100, 1)}); !errors.Is(err, ErrFenced) {
		t.Fatalf("its second: %v", err)
	}
	add(t, fresh, 4, 1)
	if got := read(t, begin(t, one, "s", 0), 5); !slices.Equal(got, ids(0, 5)) {
		t.Errorf("got %v", got)
	}
}

func TestAppend_AnswerLostIsNotAppendedTwice(t *testing.T) {
	f := openFeed(t, local(t), Config{})
	w := writer(t, f, "s")
	add(t, w, 0, 1)
	// As after a first try whose answer was lost: the frame is there, and the
	// Writer expects the one before it.
	edge, expect := w.edge, w.expect
	seq := add(t, w, 1, 1)
	w.mu.Lock()
	w.edge, w.expect = edge, expect
	w.mu.Unlock()
	if again := add(t, w, 1, 1); again != seq {
		t.Errorf("the second try says %d, the first was %d", again, seq)
	}
	add(t, w, 2, 1)
	if got := read(t, begin(t, f, "s", 0), 3); !slices.Equal(got, ids(0, 3)) {
		t.Errorf("got %v", got)
	}
}

func TestAppend_UnknownOutcomeFences(t *testing.T) {
	eng := local(t)
	f := openFeed(t, eng, Config{})
	w := writer(t, f, "s")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := w.Append(ctx, Poll{Entries: entries(0, 1)}); !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v", err)
	}
	if _, err := w.Append(t.Context(), Poll{Entries: entries(0, 1)}); !errors.Is(err, ErrFenced) {
		t.Fatalf("after it: %v", err)
	}
}

func TestWriter_RebuildsFromTheStream(t *testing.T) {
	eng := local(t)
	f := openFeed(t, eng, Config{})
	w := writer(t, f, "s")
	other := writer(t, f, "other")
	for i := range 150 { // more than four blocks
		add(t, w, i*2, 2)
		if i%3 == 0 {
			add(t, other, i, 1)
		}
	}
	if _, err := w.Append(t.Context(), Poll{At: time.Unix(9000, 0), State: []byte("edge")}); err != nil {
		t.Fatal(err)
	}
	next := writer(t, openFeed(t, eng, Config{}), "s")
	if e := next.Edge(); e.Kind != Mark || string(e.State) != "edge" || e.Polled.Unix() != 9000 || e.First != 301 {
		t.Errorf("edge: %+v", e)
	}
	var got []string
	for fr, err := range next.Back(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		w := words(fr)
		slices.Reverse(w)
		got = append(got, w...)
	}
	slices.Reverse(got)
	if !slices.Equal(got, ids(0, 300)) {
		t.Errorf("%d ids, from %v", len(got), got[:min(5, len(got))])
	}
	add(t, next, 300, 1)

	n := 0
	for fr, err := range f.Back(t.Context(), "s") {
		if err != nil || n == 0 && fr.ID(0) != "e000300" {
			t.Fatal(fr, err)
		}
		if n++; n == 40 {
			break
		}
	}
	if n != 40 {
		t.Errorf("broke off after %d", n)
	}
	for range f.Back(t.Context(), "nothing") {
		t.Error("a stream without frames yields one")
	}
}

func TestScan_SinceATime(t *testing.T) {
	f := openFeed(t, local(t), Config{})
	w := writer(t, f, "s")
	for i := range 100 {
		add(t, w, i, 1)
	}
	mid, err := f.Last(t.Context(), "s")
	if err != nil {
		t.Fatal(err)
	}
	add(t, w, 100, 200)
	for since, want := range map[time.Time][]string{
		{}:                          ids(0, 300),
		mid.Stored:                  ids(99, 201),
		mid.Stored.Add(time.Minute): nil,
	} {
		var got []string
		for fr, err := range f.Scan(t.Context(), "s", since) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, words(fr)...)
		}
		if !slices.Equal(got, want) {
			t.Errorf("since %v: %d entries, want %d", since, len(got), len(want))
		}
	}
}

func TestOpen_NothingIsKeptInClear(t *testing.T) {
	eng := local(t)
	f := openFeed(t, eng, Config{})
	add(t, writer(t, f, "s"), 0, 10)
	stream, err := eng.JS.Stream(t.Context(), streamName)
	if err != nil {
		t.Fatal(err)
	}
	msg, err := stream.GetMsg(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	for _, clear := range []string{"e000000", "algolia", "src"} {
		if bytes.Contains(msg.Data, []byte(clear)) || strings.Contains(fmt.Sprint(msg.Header), clear) {
			t.Errorf("the stored message shows %q", clear)
		}
	}
	// Somebody else's stream, and another key, do not open it.
	if _, err := eng.JS.Publish(t.Context(), subjectRoot+"stolen", msg.Data); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		f      *Feed
		stream string
	}{"another stream": {f, "stolen"}, "another key": {openFeed(t, eng, Config{Sealer: keys(t, "y")}), "s"}} {
		got, err := c.f.Last(t.Context(), c.stream)
		if err != nil || got.Kind != Gap || !got.Lost || got.Len() != 0 {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	// A poller goes on after what nobody can read.
	other := openFeed(t, eng, Config{Sealer: keys(t, "y")})
	w := writer(t, other, "s")
	add(t, w, 10, 2)
	if got := read(t, begin(t, other, "s", 0), 2); !slices.Equal(got, append([]string{"gap"}, ids(10, 2)...)) {
		t.Errorf("got %v", got)
	}
}

func TestOpen_NeedsKeysAndAnEngine(t *testing.T) {
	eng := local(t)
	if _, err := Open(t.Context(), eng, Config{}); fault.KindOf(err) != fault.Invalid {
		t.Errorf("without a sealer: %v", err)
	}
	eng.Close()
	if _, err := Open(t.Context(), eng, Config{Sealer: keys(t, "x")}); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("engine closed: %v", err)
	}
}

func TestRestart_OnTheSameFolder(t *testing.T) {
	dir := t.TempDir()
	eng := openEngine(t, engine.Config{DataDir: dir})
	f := openFeed(t, eng, Config{})
	w := writer(t, f, "s")
	add(t, w, 0, 3)
	after := add(t, w, 3, 3)
	add(t, w, 6, 3)
	f.Close()
	eng.Close()
	if _, err := w.Append(timeout(t, 300*time.Millisecond), Poll{}); err == nil {
		t.Error("an append to a closed engine succeeded")
	}

	f = openFeed(t, openEngine(t, engine.Config{DataDir: dir}), Config{})
	r := begin(t, f, "s", after)
	w = writer(t, f, "s")
	if w.Edge().Number != 3 || w.Edge().ID(2) != "e000008" {
		t.Errorf("edge: %+v", w.Edge())
	}
	add(t, w, 9, 1)
	if got := read(t, r, 4); !slices.Equal(got, ids(6, 4)) {
		t.Errorf("got %v", got)
	}
}

func timeout(t *testing.T, d time.Duration) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), d)
	t.Cleanup(cancel)
	return ctx
}

func TestForget_RemovesAStreamAndThoseBelow(t *testing.T) {
	f := openFeed(t, local(t), Config{})
	for _, s := range []string{"a", "a.x", "a.y", "ab"} {
		add(t, writer(t, f, s), 0, 1)
	}
	if err := f.Forget(t.Context(), "a"); err != nil {
		t.Fatal(err)
	}
	for s, kept := range map[string]bool{"a": false, "a.x": false, "a.y": false, "ab": true} {
		if got, err := f.Last(t.Context(), s); err != nil || (got != nil) != kept {
			t.Errorf("%s: %v, %v", s, got, err)
		}
	}
}

// purge removes frames below seq, as retention does.
func purge(t *testing.T, eng *engine.Engine, stream string, seq uint64) {
	t.Helper()
	s, err := eng.JS.Stream(t.Context(), streamName)
	if err != nil {
		t.Fatal(err)
	}
	opts := []jetstream.StreamPurgeOpt{jetstream.WithPurgeSubject(subjectRoot + stream)}
	if seq != 0 {
		opts = append(opts, jetstream.WithPurgeSequence(seq))
	}
	if err := s.Purge(t.Context(), opts...); err != nil {
		t.Fatal(err)
	}
}
