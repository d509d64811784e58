package dom

import (
	"encoding/binary"
	"slices"
	"strconv"
	"strings"
	"time"
)

// parseOffset reads what Intl writes as a long offset: "GMT", "GMT+02:00",
// "GMT-00:25:21".
func parseOffset(s string) (time.Duration, bool) {
	s, ok := strings.CutPrefix(s, "GMT")
	if !ok {
		return 0, false
	}
	if s == "" {
		return 0, true
	}
	sign := time.Duration(1)
	switch {
	case strings.HasPrefix(s, "+"):
		s = s[1:]
	case strings.HasPrefix(s, "-"), strings.HasPrefix(s, "\u2212"):
		sign, s = -1, strings.TrimPrefix(strings.TrimPrefix(s, "-"), "\u2212")
	default:
		return 0, false
	}
	var d time.Duration
	for i, part := range strings.Split(s, ":") {
		n, err := strconv.Atoi(part)
		if err != nil || i > 2 || n < 0 || n > 59 {
			return 0, false
		}
		d += time.Duration(n) * [...]time.Duration{time.Hour, time.Minute, time.Second}[i]
	}
	return sign * d, true
}

// The years between which a zone's changes are looked up. Logs are not older,
// and the version of the file format that Go reads without more ends in 2038.
const (
	firstYear = 2015
	endYear   = 2037
)

// zoneFile writes what a zone does as a file that time.LoadLocationFromTZData
// reads, out of the offsets in seconds at moments, which is all that a browser
// tells. Changes are found by looking every four weeks, then halving: two changes within
// four weeks that cancel each other out, which some countries have around
// Ramadan, last longer than that.
func zoneFile(offsetAt func(unix int64) int) []byte {
	type change struct {
		at     int64
		offset int
	}
	const step = 28 * 24 * 3600
	at := time.Date(firstYear, 1, 1, 0, 0, 0, 0, time.UTC).Unix()
	end := time.Date(endYear, 1, 1, 0, 0, 0, 0, time.UTC).Unix()
	offsets := []int{offsetAt(at)}
	var changes []change
	for was := offsets[0]; at < end; at += step {
		is := offsetAt(at + step)
		if is == was {
			continue
		}
		lo, hi := at, at+step // the offset at lo is the old one, at hi the new one
		for hi-lo > 1 {
			if mid := lo + (hi-lo)/2; offsetAt(mid) == was {
				lo = mid
			} else {
				hi = mid
			}
		}
		changes = append(changes, change{hi, is})
		if !slices.Contains(offsets, is) {
			offsets = append(offsets, is)
		}
		was = is
	}
	// RFC 9636, version 1: header, times, types of the times, types, names.
	b := append([]byte("TZif"), make([]byte, 16)...)
	for _, n := range []int{0, 0, 0, len(changes), len(offsets), 1} {
		b = binary.BigEndian.AppendUint32(b, uint32(n))
	}
	for _, c := range changes {
		b = binary.BigEndian.AppendUint32(b, uint32(c.at))
	}
	for _, c := range changes {
		b = append(b, byte(slices.Index(offsets, c.offset)))
	}
	for _, o := range offsets {
		b = append(binary.BigEndian.AppendUint32(b, uint32(o)), 0, 0)
	}
	return append(b, 0)
}
