package feed

import (
	"bytes"
	"testing"
	"time"
)

func FuzzDecode(f *testing.F) {
	for i, fr := range cut(Poll{Gap: &Hole{From: time.Unix(1, 0), Reason: "cap"}, Entries: lines(0, 5)}) {
		fr.Number, fr.State, fr.Polled = uint64(i+1), []byte("state"), time.Unix(5, 6)
		f.Add(fr.encode())
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		fr, err := decode(b)
		if err != nil {
			return
		}
		for i := range fr.Len() {
			_, _ = fr.ID(i), fr.Entry(i)
		}
		again, err := decode(fr.encode())
		if err != nil || again.Len() != fr.Len() || !bytes.Equal(again.JSON(), fr.JSON()) || again.Number != fr.Number {
			t.Errorf("%x does not come back: %v", b, err)
		}
	})
}

func TestDecode_DamagedBytesAreRefused(t *testing.T) {
	fr := cut(Poll{Entries: lines(0, 3)})[0]
	fr.Number = 1
	whole := fr.encode()
	for n := range whole {
		if _, err := decode(whole[:n]); err == nil {
			t.Errorf("the first %d of %d bytes pass for a frame", n, len(whole))
		}
	}
}

func TestShare_IsMadeOnce(t *testing.T) {
	fr := cut(Poll{Entries: lines(0, 1)})[0]
	made := 0
	for range 3 {
		got := fr.Share(func(f *Frame) any { made++; return f.Len() })
		if got != 1 || made != 1 {
			t.Errorf("got %v, made %d times", got, made)
		}
	}
}
