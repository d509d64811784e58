//go:build unix

package feed

import (
	"context"
	"fmt"
	"sync"
	"syscall"
	"testing"
	"time"
)

// spent reports the processor time of the whole process per iteration, which says
// more than the clock where a machine is busy with other things.
func spent(b *testing.B) {
	now := func() time.Duration {
		var u syscall.Rusage
		if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
			b.Fatal(err)
		}
		return time.Duration(u.Utime.Nano() + u.Stime.Nano())
	}
	begin := now()
	b.Cleanup(func() { b.ReportMetric(float64((now()-begin).Microseconds())/float64(b.N), "cpu-µs/op") })
}

// BenchmarkAppend is one poll of so many entries, acknowledged; the floor is the
// same bytes published as they are.
func BenchmarkAppend(b *testing.B) {
	for _, n := range []int{1, 10, 100, 256} {
		poll := Poll{At: time.Now(), Entries: lines(0, n)}
		b.Run(fmt.Sprintf("entries=%d", n), func(b *testing.B) {
			f := openFeed(b, local(b), Config{})
			w := writer(b, f, "s")
			spent(b)
			for b.Loop() {
				if _, err := w.Append(context.Background(), poll); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(fmt.Sprintf("entries=%d/floor", n), func(b *testing.B) {
			eng := local(b)
			openFeed(b, eng, Config{})
			body := cut(poll)[0].body
			spent(b)
			for b.Loop() {
				if _, err := eng.JS.Publish(context.Background(), subjectRoot+"s", body); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkSeal is what compressing and sealing a frame of 100 entries costs, and
// reading it back.
func BenchmarkSeal(b *testing.B) {
	f := cut(Poll{Entries: lines(0, 100)})[0]
	f.Number = 1
	k := keys(b, "x")
	plain := f.encode()
	sealed := k.Seal("feed/s", plain)
	b.Run("encode", func(b *testing.B) {
		b.SetBytes(int64(len(f.body)))
		spent(b)
		for b.Loop() {
			f.encode()
		}
	})
	b.Run("encode+seal", func(b *testing.B) {
		b.SetBytes(int64(len(f.body)))
		b.ReportMetric(float64(len(sealed))/float64(len(f.body)), "of_json")
		spent(b)
		for b.Loop() {
			k.Seal("feed/s", f.encode())
		}
	})
	b.Run("decode", func(b *testing.B) {
		b.SetBytes(int64(len(f.body)))
		spent(b)
		for b.Loop() {
			if _, err := decode(plain); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("open+decode", func(b *testing.B) {
		b.SetBytes(int64(len(f.body)))
		spent(b)
		for b.Loop() {
			plain, err := k.Open("feed/s", sealed)
			if err != nil {
				b.Fatal(err)
			}
			if _, err := decode(plain); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkFanOut is one poll of ten entries until the last of so many readers has
// it; the floor is the same wake-up through plain channels, after a plain publish.
func BenchmarkFanOut(b *testing.B) {
	poll := Poll{At: time.Now(), Entries: lines(0, 10)}
	for _, n := range []int{1, 100, 1000} {
		b.Run(fmt.Sprintf("readers=%d", n), func(b *testing.B) {
			f := openFeed(b, local(b), Config{})
			w := writer(b, f, "s")
			ctx, cancel := context.WithCancel(context.Background())
			var got, gone sync.WaitGroup
			for range n {
				r := begin(b, f, "s", 0)
				gone.Go(func() {
					for {
						frames, err := r.Next(ctx)
						if err != nil {
							return
						}
						got.Add(-len(frames))
					}
				})
			}
			spent(b)
			for b.Loop() {
				got.Add(n)
				if _, err := w.Append(ctx, poll); err != nil {
					b.Fatal(err)
				}
				got.Wait()
			}
			cancel()
			gone.Wait()
		})
		b.Run(fmt.Sprintf("readers=%d/floor", n), func(b *testing.B) {
			eng := local(b)
			openFeed(b, eng, Config{})
			body := cut(poll)[0].body
			var got, gone sync.WaitGroup
			all := make([]chan struct{}, n)
			for i := range all {
				all[i] = make(chan struct{}, 1)
				gone.Go(func() {
					for range all[i] {
						got.Done()
					}
				})
			}
			spent(b)
			for b.Loop() {
				got.Add(n)
				if _, err := eng.JS.Publish(context.Background(), subjectRoot+"s", body); err != nil {
					b.Fatal(err)
				}
				for _, c := range all {
					c <- struct{}{}
				}
				got.Wait()
			}
			for _, c := range all {
				close(c)
			}
			gone.Wait()
		})
	}
}

// BenchmarkRebuild is a new poller that reads 10,000 known ids back, from frames
// of so many entries each.
func BenchmarkRebuild(b *testing.B) {
	for _, per := range []int{1, 10, 100} {
		b.Run(fmt.Sprintf("per_frame=%d", per), func(b *testing.B) {
			f := openFeed(b, local(b), Config{})
			w := writer(b, f, "s")
			for i := 0; i < 10_000; i += per {
				if _, err := w.Append(context.Background(), Poll{Entries: lines(i, per)}); err != nil {
					b.Fatal(err)
				}
			}
			spent(b)
			for b.Loop() {
				w := writer(b, f, "s")
				seen := make(map[string]struct{}, 10_000)
				for fr, err := range w.Back(context.Background()) {
					if err != nil {
						b.Fatal(err)
					}
					for i := range fr.Len() {
						seen[fr.ID(i)] = struct{}{}
					}
				}
				if len(seen) != 10_000 {
					b.Fatal(len(seen))
				}
			}
		})
	}
}

// BenchmarkResume is a reader who comes back: to the frames that the ring has, and
// to the 64 frames after a place far behind it.
func BenchmarkResume(b *testing.B) {
	f := openFeed(b, local(b), Config{RingBytes: 256 << 10})
	w := writer(b, f, "s")
	var seqs []uint64
	for i := range 1000 {
		seq, err := w.Append(context.Background(), Poll{Entries: lines(i*10, 10)})
		if err != nil {
			b.Fatal(err)
		}
		seqs = append(seqs, seq)
	}
	keep := begin(b, f, "s", seqs[998])
	read(b, keep, 10)
	for name, after := range map[string]uint64{"ring": seqs[990], "store": seqs[100]} {
		b.Run(name, func(b *testing.B) {
			spent(b)
			for b.Loop() {
				r, err := f.Reader("s", after, nil)
				if err != nil {
					b.Fatal(err)
				}
				if frames, err := r.Next(context.Background()); err != nil || len(frames) == 0 {
					b.Fatal(err)
				}
				r.Close()
			}
		})
	}
}
