package rest

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"

	"github.com/logpane/logpane/app/logs"
)

// maxID bounds an id that is taken over from a vendor, in bytes.
const maxID = 64

// ID returns the vendor's own id of an entry where it has one that can stand in
// an address as it is, and else a hash of the parts that make the entry what it
// is. Parts must be the same whenever the vendor sends the entry again. own
// without parts is hashed itself when it cannot be taken over.
func ID(own string, parts ...string) string {
	if own != "" && len(own) <= maxID && plainID(own) {
		return own
	}
	h := sha256.New()
	for _, p := range append(parts, own) {
		h.Write([]byte(strconv.Itoa(len(p))))
		h.Write([]byte{':'})
		h.Write([]byte(p))
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// plainID reports whether s needs no escaping in a URL. The tilde is left to
// [Distinct].
func plainID(s string) bool {
	for i := range len(s) {
		switch c := s[i]; {
		case c >= '0' && c <= '9', c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c == '-', c == '_', c == '.':
		default:
			return false
		}
	}
	return s != "." && s != ".."
}

// Distinct makes the ids of one answer distinct: the second entry with an id gets
// "~2" after it, the third "~3". It counts from the oldest entry on, where the
// order is known, so that an entry keeps its id when newer ones arrive.
func Distinct(entries []logs.Entry, newestFirst bool) {
	seen := make(map[string]int, len(entries))
	for i := range entries {
		e := &entries[i]
		if newestFirst {
			e = &entries[len(entries)-1-i]
		}
		seen[e.ID]++
		if n := seen[e.ID]; n > 1 {
			e.ID += "~" + strconv.Itoa(n)
		}
	}
}
