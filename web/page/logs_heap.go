package page

import (
	"runtime"
	"runtime/debug"
	"time"
)

// In a browser's one thread the program stands still while garbage is collected: some
// milliseconds for what is held, however many entries there are, and as long again for
// every ten megabytes of garbage. So it is collected while nobody waits, and what
// gathers meanwhile is bounded: memory once taken is never given back to the browser.

// heap is what the page knows of its garbage.
type heap struct {
	percent int       // of SetGCPercent, 0 for what it is by itself
	used    time.Time // when something happened that leaves garbage
	dirty   bool      // since garbage was collected
}

const (
	// pageBytes is about what is held without entries, and perEntry what an entry takes
	// for each byte of it.
	pageBytes = 16 << 20
	perEntry  = 1.3
	// leastRoom is the garbage that may gather in any case, bytes; moreRoom what may be
	// added to that, as a share of what is held.
	leastRoom = 24 << 20
	moreRoom  = 0.1
	// quiet is how long nothing has happened when garbage is collected.
	quiet = 600 * time.Millisecond
)

// touched notes that something happened that leaves garbage.
func (p *logs) touched() { p.heap.used, p.heap.dirty = time.Now(), true }

// tidy bounds the garbage by what is held, and collects it where nobody waits.
func (p *logs) tidy() {
	h := &p.heap
	held := pageBytes + perEntry*float64(p.m.Bytes())
	percent := int(100 * (leastRoom + moreRoom*held) / held)
	if h.percent != percent {
		h.percent = percent
		debug.SetGCPercent(percent)
	}
	if _, loading := p.m.Loading(); h.dirty && !loading && p.working == nil && time.Since(h.used) > quiet {
		h.dirty = false
		runtime.GC()
	}
}
