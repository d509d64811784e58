package dom

import (
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
