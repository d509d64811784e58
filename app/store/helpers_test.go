package store

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/wire"
)

const (
	algolia = "algolia/eu/APP"
	coveo   = "coveo/us/org/sources/s1"
)

var now = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// entry returns an entry of a target, age before now.
func entry(src, id string, age time.Duration) logs.Entry {
	return logs.Entry{
		ID: id, Src: src, Time: now.Add(-age), Summary: "entry " + id, Level: logs.LevelInfo,
		Raw: json.RawMessage(`{"id":"` + id + `"}`),
	}
}

// body returns the JSON of a page.
func body(tb testing.TB, p wire.Page) []byte {
	tb.Helper()
	b, err := wire.AppendPage(nil, &p)
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

// more is the coverage of a page that was read so far back, with more to read.
func more(src string, back time.Duration) []logs.Coverage {
	return []logs.Coverage{
		{Src: src, From: now.Add(-back), To: now, State: logs.Complete},
		{Src: src, From: now.Add(-24 * time.Hour), To: now.Add(-back), State: logs.More, Reason: "more exists: ask on"},
	}
}
