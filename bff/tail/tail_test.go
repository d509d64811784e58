package tail

import (
	"maps"
	"testing"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/app/wire"
	"github.com/logpane/logpane/bff/engine"
	"github.com/logpane/logpane/bff/feed"
	"github.com/logpane/logpane/bff/session"
)

// openFeed opens a feed of its own, with a writer of the stream "s".
func openFeed(t *testing.T) (*feed.Feed, *feed.Writer) {
	t.Helper()
	dir := t.TempDir()
	eng, err := engine.Open(t.Context(), engine.Config{DataDir: dir})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(eng.Close)
	keys, err := session.OpenKeys(dir)
	if err != nil {
		t.Fatal(err)
	}
	frames, err := feed.Open(t.Context(), eng, feed.Config{Sealer: keys})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(frames.Close)
	w, err := frames.Writer(t.Context(), "s")
	if err != nil {
		t.Fatal(err)
	}
	return frames, w
}

// TestSeq_HoldsThePlaceOfEveryTarget also holds that it fits its bound.
func TestSeq_HoldsThePlaceOfEveryTarget(t *testing.T) {
	s := &socket{}
	want := map[string]uint64{}
	for i := range wire.MaxTargets {
		key := keyOf("credential-0123456789012." + string(rune('a'+i)))
		seq := uint64(1)<<62 - uint64(i)
		s.lanes = append(s.lanes, lane{key: key, seq: seq}, lane{}) // one that cannot be followed
		want[key] = seq
	}
	text := s.seq()
	got, err := parsePlaces(text)
	if err != nil || !maps.Equal(got, want) || len(want) != wire.MaxTargets || len(text) > wire.MaxAfter {
		t.Errorf("%d bytes, %v: %v", len(text), err, got)
	}
}

func FuzzParsePlaces(f *testing.F) {
	for _, s := range []string{"", "abcdef1", "abcdef1.ghijklz9", "abcdef", "abcdef-1", "....", "abcdef3w5e11264sgsg"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		places, err := parsePlaces(text)
		if err != nil {
			if fault.KindOf(err) != fault.Invalid {
				t.Errorf("%v", err)
			}
			return
		}
		s := &socket{}
		for key, seq := range places {
			s.lanes = append(s.lanes, lane{key: key, seq: seq})
		}
		again, err := parsePlaces(s.seq())
		if len(s.seq()) <= wire.MaxAfter && (err != nil || !maps.Equal(again, places)) {
			t.Errorf("%q became %q, %v", text, s.seq(), err)
		}
	})
}
