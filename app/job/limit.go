package job

import (
	"strconv"
	"strings"
	"time"

	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/query"
)

// Use is how much of its time limit a delivery used.
type Use uint8

// The uses. Per Elastic Path's "Integrations" a delivery fails when it takes longer
// than 10 s; older pages of the same say 30 s, which is why the limit is a setting.
const (
	Untold Use = iota // the vendor did not say how long it took
	Fine
	Near // 80 % and more: the next one may fail, even if this one succeeded
	Over
)

// near is the share of the limit from which on a delivery is near it.
const near = 0.8

// Used returns the share of the limit that an attempt took, and what to think of it.
// A limit of 0 stands for query.DefaultLimit.
func Used(e *logs.Entry, limit time.Duration) (share float64, use Use) {
	if !e.HasTook {
		return 0, Untold
	}
	if limit <= 0 {
		limit = query.DefaultLimit
	}
	share = max(float64(e.Took)/float64(limit), 0)
	switch {
	case share >= 1:
		return share, Over
	case share >= near:
		return share, Near
	}
	return share, Fine
}

// Bounds of a limit that a reader may set.
const (
	MinLimit = time.Second
	MaxLimit = 10 * time.Minute
)

// ParseLimit reads a limit as people write it: "10", "30 s", "1.5s", "2 min". It
// reports false for what is none, or beyond the bounds.
func ParseLimit(text string) (time.Duration, bool) {
	text = strings.ToLower(strings.TrimSpace(text))
	unit := time.Second
	for _, u := range [...]struct {
		word string
		is   time.Duration
	}{{"ms", time.Millisecond}, {"seconds", time.Second}, {"sec", time.Second}, {"s", time.Second}, {"min", time.Minute}, {"m", time.Minute}} {
		if rest, ok := strings.CutSuffix(text, u.word); ok {
			text, unit = strings.TrimSpace(rest), u.is
			break
		}
	}
	n, err := strconv.ParseFloat(strings.Replace(text, ",", ".", 1), 64)
	if err != nil || !(n > 0 && n*float64(unit) < 2*float64(MaxLimit)) {
		return 0, false
	}
	d := time.Duration(n * float64(unit)).Round(time.Millisecond)
	return d, MinLimit <= d && d <= MaxLimit
}
