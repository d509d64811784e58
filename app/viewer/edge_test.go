package viewer

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/view"
	"github.com/logpane/logpane/app/wire"
)

func TestEmpty_SaysWhyAndWhatNext(t *testing.T) {
	cov := func(state logs.State, reason string) []logs.Coverage {
		return []logs.Coverage{{Src: algolia, From: now.Add(-24 * time.Hour), To: now, State: state, Reason: reason}}
	}
	one := []wire.Connection{{ID: "c1"}}
	for _, c := range []struct {
		name string
		v    view.View
		msgs []Msg
		want Empty
	}{
		{"connections unknown", view.View{}, nil, Empty{Why: EmptyLoading, Text: "Looking up your connections…"}},
		{"no connection", view.View{}, []Msg{ConnectionsLoaded{}}, Empty{Why: NoConnection, Text: "You are not connected to any service yet.", Actions: []Action{ActConnect}}},
		{"no connection, demo", view.View{}, []Msg{ConnectionsLoaded{Demo: true}}, Empty{Why: NoConnection, Text: "You are not connected to any service yet. Connect one, or look around with demo data.", Actions: []Action{ActConnect, ActDemo}}},
		{"no target", view.View{}, []Msg{ConnectionsLoaded{Connections: one}}, Empty{Why: NoTarget, Text: "Pick what you want to see the logs of.", Actions: []Action{ActPick}}},
		{"loading", viewOf(algolia), nil, Empty{Why: EmptyLoading, Text: "Searching…", Actions: []Action{ActCancel}}},
		{"nothing in range", viewOf(algolia), []Msg{PageLoaded{1, body(t, wire.Page{Coverage: cov(logs.Complete, "")})}},
			Empty{Why: NothingInRange, Text: "There is nothing since 20 Nov 12:00.", Actions: []Action{ActWiden}, WidenTo: view.Presets[4]}},
		{"nothing at all", view.View{Src: []string{algolia}, From: "all"}, []Msg{PageLoaded{1, body(t, wire.Page{Coverage: cov(logs.Complete, "")})}},
			Empty{Why: NothingInRange, Text: "There is nothing in that span.", Actions: []Action{ActReload, ActPick}}},
		{"filter hides all", view.View{Src: []string{algolia}, Query: "x", From: "now-7d"}, []Msg{PageLoaded{1, body(t, wire.Page{Coverage: cov(logs.Complete, ""), Scanned: 1842})}},
			Empty{Why: FilterHidesAll, Text: "None of the 1,842 entries read since 14 Nov 12:00 matches the filter.", Actions: []Action{ActClear, ActWiden}, WidenTo: view.Presets[5]}},
		{"vendor filter finds nothing", view.View{Src: []string{algolia}, Query: "x", From: "all"}, []Msg{PageLoaded{1, body(t, wire.Page{Coverage: cov(logs.Complete, "")})}},
			Empty{Why: NothingInRange, Text: "Nothing matches the filter in that span.", Actions: []Action{ActClear}}},
		{"capped", viewOf(algolia), []Msg{PageLoaded{1, body(t, wire.Page{Coverage: cov(logs.Capped, "Algolia shows the last 1,000 calls")})}},
			Empty{Why: EmptyCapped, Text: "Algolia shows the last 1,000 calls.", Actions: []Action{ActEditSpan}}},
		{"expired", viewOf(algolia), []Msg{PageLoaded{1, body(t, wire.Page{Coverage: cov(logs.Expired, "")})}},
			Empty{Why: EmptyExpired, Text: "Algolia keeps nothing older.", Actions: []Action{ActEditSpan}}},
		{"lane failed", viewOf(algolia), []Msg{PageLoaded{1, body(t, wire.Page{Coverage: cov(logs.Failed, "Algolia timed out.")})}},
			Empty{Why: EmptyFailed, Text: "This could not be read: Algolia timed out.", Actions: []Action{ActReload}}},
		{"one of two failed so far", viewOf(algolia, coveo), []Msg{PageLoaded{1, body(t, wire.Page{Cursor: "c", Coverage: []logs.Coverage{{Src: coveo, To: now, State: logs.Failed, Reason: "it timed out", Said: "504"}}})}},
			Empty{Why: EmptyFailed, Text: "Not all targets answer. s1: This could not be read: it timed out.", Said: "504", Actions: []Action{ActRetry}}},
		{"call failed", viewOf(algolia), []Msg{PageFailed{1, fault.New(fault.Forbidden, "x").Saying("this key lacks the ACL \"logs\"").Quoting("Method not allowed with this API key")}},
			Empty{Why: EmptyFailed, Text: "This key lacks the ACL \"logs\".", Said: "Method not allowed with this API key", Actions: []Action{ActConnect, ActRetry}}},
		{"not signed in, demo", viewOf(algolia), []Msg{ConnectionsLoaded{Demo: true}, PageFailed{1, fault.New(fault.Unauthenticated, "x").Saying("connect to Algolia first")}},
			Empty{Why: EmptyFailed, Text: "Connect to Algolia first.", Actions: []Action{ActConnect, ActRetry, ActDemo}}},
		{"bad filter", view.View{Src: []string{algolia}, Query: "("}, nil,
			Empty{Why: EmptyFailed, Text: "Col 2: expected `)`.", Actions: []Action{ActEditQuery}}},
		{"bad span", view.View{Src: []string{algolia}, From: "soon"}, nil,
			Empty{Why: EmptyFailed, Text: "“soon” is no time; write now-15m, 2h, yesterday 17:30, 08:00 or 2026-11-21T02:14Z.", Actions: []Action{ActEditSpan}}},
	} {
		s, _ := open(t, c.v)
		s.tell(c.msgs...)
		got := s.Empty()
		if got.Why != c.want.Why || got.Text != c.want.Text || got.Said != c.want.Said || !slices.Equal(got.Actions, c.want.Actions) || got.WidenTo != c.want.WidenTo {
			t.Errorf("%s\n got %+v\nwant %+v", c.name, got, c.want)
		}
	}
}

func TestFoot_SaysWhyTheTableEnds(t *testing.T) {
	for _, c := range []struct {
		name  string
		state logs.State
		why   string
		text  string
	}{
		{"complete", logs.Complete, "", "That is everything since 20 Nov 12:00."},
		{"capped", logs.Capped, "Algolia keeps 1,000 calls per server; older ones are gone", "Algolia keeps 1,000 calls per server; older ones are gone."},
		{"capped without a reason", logs.Capped, "", "Algolia shows no more than this."},
		{"expired", logs.Expired, "Algolia keeps 7 days.", "Algolia keeps 7 days."},
		{"failed", logs.Failed, "the vendor timed out", "This could not be read: the vendor timed out."},
		{"unasked", logs.Unasked, "the scan budget was spent", "This was not asked for: the scan budget was spent."},
		{"more without a cursor", logs.More, "ask on", "More exist."},
	} {
		s, _ := open(t, viewOf(algolia))
		cov := []logs.Coverage{{Src: algolia, From: now.Add(-time.Hour), To: now, State: c.state, Reason: c.why}}
		s.tell(PageLoaded{1, body(t, wire.Page{Entries: entries(algolia, 0, 3), Coverage: cov})})
		if f := s.Foot(); f.State != FootEnd || f.Text != c.text {
			t.Errorf("%s: %+v", c.name, f)
		}
	}
}

func TestFoot_SeveralTargetsEachSayTheirs(t *testing.T) {
	s, _ := open(t, viewOf(algolia, coveo))
	s.tell(PageLoaded{1, body(t, wire.Page{Entries: entries(algolia, 0, 3), Coverage: []logs.Coverage{
		{Src: algolia, From: now.Add(-time.Hour), To: now, State: logs.Capped, Reason: "Algolia shows the last 1,000 calls"},
		{Src: coveo, From: now.Add(-time.Hour), To: now, State: logs.Failed, Reason: "timed out"},
	}})})
	f := s.Foot()
	if f.Text != "This is the end of what could be read." || !slices.Equal(f.Lines, []string{"APP: Algolia shows the last 1,000 calls.", "s1: This could not be read: timed out."}) || !slices.Equal(f.Actions, []Action{ActReload}) {
		t.Fatalf("%+v", f)
	}
	if got := s.Status(); got != "3 entries · s1 failed" {
		t.Fatalf("%q", got)
	}
}

func TestStatus(t *testing.T) {
	s, _ := open(t, viewOf(algolia))
	if got := s.Status(); got != "Searching" {
		t.Fatalf("%q", got)
	}
	s.tell(PageLoaded{1, body(t, wire.Page{Entries: entries(algolia, 0, 842), Cursor: "c", Scanned: 1000, Coverage: more(algolia, 230*time.Minute)})})
	if got := s.Status(); got != "842 of ≥ 1,000 loaded · searched back to 08:10" {
		t.Fatalf("%q", got)
	}
}

func TestView_IsTheCallersOwn(t *testing.T) {
	s, _ := open(t, viewOf(algolia, coveo))
	s.View().Src[0] = "changed"
	if got := s.View().Src[0]; got != algolia {
		t.Fatalf("the model's own target became %q", got)
	}
}

func TestStatus_NothingIsSearchedBackWhileATargetStillAnswers(t *testing.T) {
	s, _ := open(t, viewOf(algolia, coveo))
	late := logs.Coverage{Src: coveo, From: now.Add(-24 * time.Hour), State: logs.More, Reason: "Coveo is still answering: ask on"}
	s.tell(PageLoaded{1, body(t, wire.Page{Entries: entries(algolia, 0, 100), Cursor: "c", Coverage: append(more(algolia, 99*time.Second), late), Scanned: 100})})
	if got := s.Status(); got != "100 loaded, more exist · nothing of s1 yet" {
		t.Errorf("status %q", got)
	}
	lanes := s.Lanes()
	if lanes[0].Pending() || !lanes[1].Pending() {
		t.Errorf("lanes %+v", lanes)
	}
	s.tell(MoreAsked{}, PageLoaded{2, body(t, wire.Page{Entries: entries(coveo, 0, 1), Cursor: "d", Coverage: append(more(algolia, 99*time.Second), more(coveo, time.Minute)...), Scanned: 1})})
	if got := s.Status(); got != "101 loaded, more exist · searched back to 11:59" {
		t.Errorf("status %q", got)
	}
}

func TestLanes_AFailedSearchIsItsOnlyTargetsFailure(t *testing.T) {
	for kind, want := range map[fault.Kind]logs.State{
		fault.Unavailable: logs.Failed, fault.RateLimited: logs.Failed, fault.Forbidden: logs.Failed,
		fault.Invalid: logs.Unasked, fault.Canceled: logs.Unasked, // the vendor has no part in these
	} {
		s, _ := open(t, viewOf(algolia))
		s.tell(PageFailed{1, fault.New(kind, "x").Saying("no").Quoting("vendor words")})
		if l := s.Lanes()[0]; l.State != want || want == logs.Failed && (l.Reason != "no" || l.Said != "vendor words" || len(l.Stretches) != 1) {
			t.Errorf("%s: %+v", kind, l)
		}
	}
}

func TestLanes_AFailedSearchClaimsNothingOfTheOneBefore(t *testing.T) {
	done := func(src string) logs.Coverage {
		return logs.Coverage{Src: src, From: now.Add(-time.Hour), To: now, State: logs.Complete}
	}
	for kind, fail := range map[string]Msg{
		"a filter that cannot be read": PageFailed{2, fault.New(fault.Invalid, "x").Saying("no")},
		"no connection":                PageFailed{2, fault.New(fault.Unavailable, "x").Saying("no")},
		"stopped by the reader":        LoadCanceled{},
		"an answer that is none":       PageLoaded{2, []byte("?")},
	} {
		s, _ := open(t, viewOf(algolia, coveo))
		s.tell(PageLoaded{1, body(t, wire.Page{Entries: entries(algolia, 0, 3), Coverage: []logs.Coverage{done(algolia), done(coveo)}, Scanned: 3})})
		s.tell(QuerySubmitted{Query: "entry"}, fail)
		for _, again := range []bool{false, true} {
			if again {
				s.tell(Retried{})
			}
			for _, l := range s.Lanes() {
				if l.State != logs.Unasked || len(l.Stretches) != 0 {
					t.Errorf("%s, asked again %t: %+v", kind, again, l)
				}
			}
		}
		if s.Len() != 3 {
			t.Errorf("%s: %d rows are left of 3", kind, s.Len())
		}
	}
}

func TestProblem_CuresFitWhatWasRefused(t *testing.T) {
	long := make([]string, wire.MaxTargets+1)
	for i := range long {
		long[i] = algolia + "/indices/i" + strconv.Itoa(i)
	}
	for name, c := range map[string]struct {
		srcs  []string
		err   fault.Error
		want  Action
		query string
	}{
		"an address that is none":   {[]string{"foo"}, fault.Error{Msg: "no"}, ActPick, "a"},
		"a target that is unknown":  {[]string{algolia}, fault.Error{Msg: `target "foo" is not vendor/region/account`}, ActPick, "a"},
		"a parameter by its name":   {[]string{algolia}, fault.Error{Msg: "src: target is too long"}, ActPick, "a"},
		"too many targets":          {long, fault.Error{Msg: "at most so many"}, ActPick, "a"},
		"a long filter":             {[]string{algolia}, fault.Error{Msg: "the filter is longer than 4096 bytes"}, ActEditQuery, "a"},
		"a filter on a word target": {[]string{algolia}, fault.Error{Msg: "target cannot be compared", Column: 1}, ActEditQuery, "a"},
		"no filter to be wrong":     {[]string{algolia}, fault.Error{Msg: "Pick an index"}, ActPick, ""},
	} {
		v := viewOf(c.srcs...)
		v.Query = c.query
		s, _ := open(t, v)
		c.err.Kind = fault.Invalid
		s.tell(PageFailed{1, &c.err})
		p, _ := s.Problem()
		if !slices.Equal(p.Actions, []Action{c.want}) || !slices.Equal(s.Empty().Actions, p.Actions) {
			t.Errorf("%s: %v, in the empty table %v, want %v", name, p.Actions, s.Empty().Actions, c.want)
		}
	}
}

func TestCapital_NamesOfParametersStay(t *testing.T) {
	for in, want := range map[string]string{
		"":                               "",
		"q is longer than 4096 bytes":    "q is longer than 4096 bytes",
		"src: target is too long":        "src: target is too long",
		"src is missing":                 "src is missing",
		"quite another":                  "Quite another",
		"the filter is longer than that": "The filter is longer than that",
		"Élan":                           "Élan",
	} {
		if got := Capital(in); got != want {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
	}
}

func TestEmpty_MissingConnectionsOfAllTargetsOfferToConnect(t *testing.T) {
	s, _ := open(t, viewOf(algolia, coveo))
	var cs []logs.Coverage
	for _, src := range []string{algolia, coveo} {
		cs = append(cs, logs.Coverage{Src: src, State: logs.Failed, Kind: string(fault.Unauthenticated), Reason: "not connected to " + src})
	}
	s.tell(PageLoaded{1, body(t, wire.Page{Coverage: cs})})
	e := s.Empty()
	if e.Why != EmptyFailed || len(e.Actions) == 0 || e.Actions[0] != ActConnect || e.Text != "Not connected to "+algolia+". Not connected to "+coveo+"." {
		t.Errorf("%+v", e)
	}
}

func TestStatus_TargetsOfOneNameAreToldApart(t *testing.T) {
	one, other := "elasticpath/eu/shop", "moltin/eu/shop"
	s, _ := open(t, viewOf(one, other))
	s.tell(PageLoaded{1, body(t, wire.Page{Entries: entries(one, 0, 3), Coverage: []logs.Coverage{
		{Src: one, State: logs.Complete}, {Src: other, State: logs.Failed, Reason: "timed out"},
	}})})
	if got := s.Status(); !strings.Contains(got, "M shop failed") {
		t.Errorf("status %q", got)
	}
}

func TestPageFailed_WhoFollowsNeedNotAskAgain(t *testing.T) {
	for _, live := range []bool{false, true} {
		v := viewOf(algolia)
		v.Live = live
		s, _ := open(t, v)
		s.tell(PageFailed{Generation: 1, Err: fault.New(fault.Unavailable, "x").Saying("the server cannot be reached")})
		effects := s.tell(Ticked{now.Add(4 * time.Second)})
		if asked := slices.ContainsFunc(effects, func(e Effect) bool { _, ok := e.(LoadPage); return ok }); asked != live {
			t.Errorf("live %v: asked again %v", live, asked)
		}
	}
}
