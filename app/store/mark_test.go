package store

import (
	"testing"
	"time"

	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/wire"
)

func TestTook(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0 ms", 400 * time.Microsecond: "0.4 ms", 4 * time.Millisecond: "4 ms", 9949 * time.Microsecond: "9.9 ms", 9950 * time.Microsecond: "10 ms",
		252 * time.Millisecond: "252 ms", 999499 * time.Microsecond: "999 ms", 999500 * time.Microsecond: "1 s", 9800 * time.Millisecond: "9.8 s",
		59949 * time.Millisecond: "59.9 s", 59950 * time.Millisecond: "1 m", 125 * time.Second: "2 m 5 s", 3599500 * time.Millisecond: "1 h",
		200 * time.Minute: "3 h 20 m", -5 * time.Second: "-5 s", 1<<63 - 1: "2562047 h 46 m", -1 << 63: "-2562047 h 46 m",
	} {
		if got := Took(d); got != want {
			t.Errorf("Took(%v) = %q, want %q", int64(d), got, want)
		}
	}
}

func TestMark(t *testing.T) {
	for _, c := range []struct {
		e    logs.Entry
		want Mark
	}{
		{logs.Entry{}, MarkNone}, {logs.Entry{Level: logs.LevelInfo, Status: 200}, MarkNone}, {logs.Entry{Level: logs.LevelCritical}, MarkError},
		{logs.Entry{Outcome: logs.OutcomeFailed}, MarkError}, {logs.Entry{Outcome: logs.OutcomeRejected}, MarkError}, {logs.Entry{Status: 503}, MarkError},
		{logs.Entry{Status: 400, Level: logs.LevelWarning, Outcome: logs.OutcomeFailed}, MarkWarning}, {logs.Entry{Status: 500, Level: logs.LevelWarning, Outcome: logs.OutcomeFailed}, MarkError},
		{logs.Entry{Level: logs.LevelWarning, Outcome: logs.OutcomeRejected}, MarkError}, {logs.Entry{Status: 404, Outcome: logs.OutcomeFailed}, MarkError},
		{logs.Entry{Status: 404}, MarkWarning}, {logs.Entry{Level: logs.LevelWarning}, MarkWarning}, {logs.Entry{Attempt: 2, Outcome: logs.OutcomeSucceeded}, MarkWarning},
		{logs.Entry{Src: "elasticpath/us/s", Attempt: 1, Outcome: logs.OutcomeSucceeded}, MarkOK}, {logs.Entry{Src: "moltin/us/s", Outcome: logs.OutcomeSucceeded}, MarkOK},
		{logs.Entry{Src: "elasticpath/us/s", Attempt: 2, Outcome: logs.OutcomeSucceeded}, MarkWarning}, {logs.Entry{Src: "moltin/us/s", Outcome: logs.OutcomeFailed}, MarkError},
		{logs.Entry{Src: coveo, Outcome: logs.OutcomeSucceeded, Summary: "INDEXING ADD COMPLETED x"}, MarkOK},
		{logs.Entry{Src: coveo, Outcome: logs.OutcomeSucceeded, Summary: "STREAMING ADD COMPLETED INDEXING x"}, MarkNone}, {logs.Entry{Src: coveo, Outcome: logs.OutcomeSucceeded}, MarkNone},
		{logs.Entry{Src: algolia, Outcome: logs.OutcomeSucceeded, Status: 200, Summary: "INDEXING x"}, MarkNone}, {logs.Entry{Outcome: logs.OutcomeSucceeded}, MarkNone}, {logs.Entry{Level: logs.LevelDebug}, MarkQuiet}, {logs.Entry{Outcome: logs.OutcomeSkipped}, MarkQuiet},
	} {
		s := New()
		c.e.ID = "a"
		if _, err := s.AppendPage(body(t, wire.Page{Entries: []logs.Entry{c.e}})); err != nil {
			t.Fatal(err)
		}
		if got := s.Mark(0); got != c.want {
			t.Errorf("%+v: %q, want %q", c.e, got, c.want)
		}
	}
}
