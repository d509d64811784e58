package viewer

import (
	"testing"
	"time"

	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/wire"
)

func TestLimit_ServerIsAskedForTheReadersDurations(t *testing.T) {
	v := viewOf(algolia)
	v.Query = "took:>80%limit level:error"
	s, effects := open(t, v)
	if got := loadOf(t, effects).Query; got != v.Query {
		t.Errorf("asked %q with the limit that everybody knows", got)
	}
	if p := s.Pills()[0]; p.Means != "80 % of 10 s" {
		t.Errorf("means %q", p.Means)
	}
	e := loadOf(t, s.tell(LimitChosen{30 * time.Second}))
	if e.Query != "took:>24s level:error" {
		t.Errorf("asked %q with another limit", e.Query)
	}
	s.tell(PageLoaded{e.Generation, body(t, wire.Page{
		Entries: []logs.Entry{{ID: "1", Src: algolia, Time: now, Took: 25 * time.Second, HasTook: true, Level: logs.LevelError}},
		Plan:    []logs.Clause{{Src: algolia, Query: "took:>24s", Where: logs.WhereHere}, {Src: algolia, Query: "level:error", Where: logs.WhereVendor}},
		Scanned: 7,
	})})
	pills := s.Pills()
	if p := pills[0]; p.Text != "took:>80%limit" || p.Means != "80 % of 30 s" || p.Where != "here, on 7 read" {
		t.Errorf("pill %+v", p)
	}
	if p := pills[1]; p.Means != "" || !p.AtVendor {
		t.Errorf("pill %+v", p)
	}
	if s.View().Query != v.Query || s.Len() != 1 {
		t.Errorf("the address holds %q, %d rows", s.View().Query, s.Len())
	}
	// The loaded rows obey the box with the limit of now.
	s.tell(QueryEdited{"took:>80%limit level:error -x"})
	if s.Len() != 1 {
		t.Errorf("%d rows at 30 s", s.Len())
	}
	s.tell(QueryEdited{"took:>95%limit"})
	if s.Len() != 0 {
		t.Errorf("%d rows above 28.5 s", s.Len())
	}
	if e := loadOf(t, s.tell(LimitChosen{20 * time.Second})); e.Query != "took:>16s level:error" || s.Len() != 1 {
		t.Errorf("asked %q; %d rows above 19 s", e.Query, s.Len())
	}
	if got := s.tell(LimitChosen{20 * time.Second}); len(got) != 0 {
		t.Errorf("the same again: %v", got)
	}
}
