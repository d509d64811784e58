package store

import (
	"errors"
	"unsafe"
)

// chunkBits is the size of a chunk as a power of two: 1 MiB.
const (
	chunkBits = 20
	chunkSize = 1 << chunkBits
	maxChunks = 1 << (32 - chunkBits) // positions are uint32: 4 GiB, which is all that a wasm memory has
)

// errFull is returned when the arena has no position left.
var errFull = errors.New("store: the store is full")

// arena keeps bytes for good, in chunks without pointers that the garbage
// collector does not look into. What was added never moves and never changes, so
// that slices and strings of it stay valid. The zero value is empty.
type arena struct {
	chunks [][]byte
	bytes  int // bytes added
}

// ref is a piece of the arena.
type ref struct {
	at, n uint32
}

// add copies b to the arena. A piece never spans two chunks: one that is larger
// than a chunk gets an allocation of its own, which takes several places in the
// table of chunks, so that any position inside of it is found the usual way.
func (a *arena) add(b []byte) (uint32, error) {
	a.bytes += len(b)
	if len(b) > chunkSize {
		places := (len(b) + chunkSize - 1) >> chunkBits
		if len(a.chunks)+places > maxChunks {
			return 0, errFull
		}
		own := make([]byte, len(b))
		copy(own, b)
		at := len(a.chunks)
		for i := range places {
			a.chunks = append(a.chunks, own[i<<chunkBits:])
		}
		return uint32(at << chunkBits), nil
	}
	last := len(a.chunks) - 1
	if last < 0 || cap(a.chunks[last])-len(a.chunks[last]) < len(b) || len(a.chunks[last])+len(b) > chunkSize {
		if len(a.chunks) >= maxChunks {
			return 0, errFull
		}
		a.chunks = append(a.chunks, make([]byte, 0, chunkSize))
		last++
	}
	at := len(a.chunks[last])
	a.chunks[last] = append(a.chunks[last], b...)
	return uint32(last<<chunkBits | at), nil
}

// get returns a piece. The caller must not write to it.
func (a *arena) get(r ref) []byte {
	if r.n == 0 {
		return nil
	}
	off := r.at & (chunkSize - 1)
	return a.chunks[r.at>>chunkBits][off : off+r.n : off+r.n]
}

// text returns a piece as a string without copying it. It holds its whole chunk
// in memory for as long as it is kept.
func (a *arena) text(r ref) string {
	if r.n == 0 {
		return ""
	}
	return textOf(a.get(r))
}

// textOf views bytes that never change as a string.
func textOf(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }
