package viewer

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/view"
	"github.com/logpane/logpane/app/wire"
)

// mixed are n entries of a target: every third an error with status 500, every
// seventh of the index products, others of pages, without index every fifth.
func mixed(src string, n int) []logs.Entry {
	es := entries(src, 0, n)
	for i := range es {
		if i%3 == 0 {
			es[i].Level, es[i].Status = logs.LevelError, 500
		} else {
			es[i].Status = 200
		}
		switch {
		case i%5 == 0:
		case i%7 == 0:
			es[i].Fields = logs.Fields{{Name: "index", Value: "products"}}
		default:
			es[i].Fields = logs.Fields{{Name: "index", Value: "pages"}}
		}
	}
	return es
}

// loaded starts a story with one page of mixed entries and more to come.
func loaded(tb testing.TB, v view.View, n int) story {
	tb.Helper()
	s, effects := open(tb, v)
	s.tell(PageLoaded{loadOf(tb, effects).Generation, body(tb, wire.Page{Entries: mixed(v.Src[0], n), Cursor: "c", Scanned: n, Coverage: more(v.Src[0], time.Duration(n)*time.Second)})})
	return s
}

// work does all work that is left.
func (s story) work() {
	s.Helper()
	for range 1000 {
		if !s.Pending() {
			return
		}
		s.Work(func() bool { return true })
	}
	s.Fatal("the work does not end")
}

func ids(s story) string {
	var out []string
	var r Row
	for i := range s.Len() {
		s.Row(i, &r)
		out = append(out, strings.TrimLeft(r.ID, "0")+"")
	}
	return strings.Join(out, " ")
}

func TestQueryEdited_FiltersTheLoadedRowsAndAsksNobody(t *testing.T) {
	s := loaded(t, viewOf(algolia), 30)
	s.tell(PageLoaded{2, body(t, wire.Page{})})
	s.want(s.tell(QueryEdited{"status:500"}))
	if s.Len() != 10 || s.Status() != "10 of 30 loaded match – Enter searches the rest" {
		t.Fatalf("%d rows, %q", s.Len(), s.Status())
	}
	if f := s.Foot(); f.State != FootAsk || f.Text != "10 of 30 loaded match – Enter searches the rest." || len(f.Actions) > 0 {
		t.Fatalf("%+v", f)
	}
	s.want(s.tell(QueryEdited{"status:500 index:products"}))
	if got := ids(s); got != "21" {
		t.Fatalf("rows %s", got)
	}
	s.want(s.tell(Scrolled{1, 400, 20}, Scrolled{0, 400, 20})) // the end is near, but only what is submitted asks
	s.want(s.tell(QueryEdited{""}))
	if s.Len() != 30 {
		t.Fatalf("%d rows", s.Len())
	}
}

func TestQueryEdited_ScrollingToTheEndOfFewRowsAsksNobody(t *testing.T) {
	s := loaded(t, viewOf(algolia), 200)
	s.want(s.tell(QueryEdited{"index:products"}, Scrolled{40, 400, 20}))
	if l := loadOf(t, s.tell(QueryEdited{""}, Scrolled{3600, 400, 20})); l.Cursor != "c" {
		t.Fatalf("%+v", l)
	}
}

func TestTargetsChosen_BeginsAtTheTop(t *testing.T) {
	s := loaded(t, viewOf(algolia), 200)
	s.tell(Scrolled{1000, 400, 20}, RowFocused{55})
	l := loadOf(t, s.tell(TargetsChosen{[]string{algolia, coveo}}))
	s.want(s.tell(PageLoaded{l.Generation, body(t, wire.Page{Entries: mixed(algolia, 200)})}), ScrollTo{0})
	if s.Focused() != -1 {
		t.Fatalf("focus %d", s.Focused())
	}
}

func TestQueryEdited_OneThatCannotBeReadKeepsTheRows(t *testing.T) {
	s := loaded(t, viewOf(algolia), 30)
	s.tell(QueryEdited{"status:500"}, QueryEdited{"status:500 (index:products"})
	p, ok := s.FilterProblem()
	if !ok || p.Query != "status:500 (index:products" || p.Column != 27 || p.Reason != "Expected `)`." || p.Fixed != "status:500 (index:products)" || p.AsText != `"status:500 (index:products"` {
		t.Fatalf("%+v", p)
	}
	if s.Len() != 10 {
		t.Fatalf("%d rows", s.Len())
	}
	s.want(s.tell(QuerySubmitted{"status:500 (index:products"}))
	if s.Len() != 10 || s.View().Query != "" || s.Draft() != "status:500 (index:products" || s.Lanes()[0].State != logs.More {
		t.Fatalf("%d rows, %+v, %+v", s.Len(), s.View(), s.Lanes())
	}
	effects := s.tell(SuggestionTaken{})
	s.want(effects[:1], PushURL{"/logs?q=status:500+(index:products)&src=algolia/eu/APP"})
	if l := loadOf(t, effects); l.Query != "status:500 (index:products)" || s.Draft() != l.Query {
		t.Fatalf("%+v, box %q", l, s.Draft())
	}
	if _, ok := s.FilterProblem(); ok {
		t.Fatal("the problem is still told")
	}
}

func TestTextSearched_LooksForWhatCannotBeRead(t *testing.T) {
	s := loaded(t, viewOf(algolia), 30)
	s.tell(QueryEdited{"took:>2parsecs"})
	if l := loadOf(t, s.tell(TextSearched{})); l.Query != `"took:>2parsecs"` {
		t.Fatalf("%+v", l)
	}
	s.want(s.tell(TextSearched{})) // there is nothing to mend any longer
}

func TestFilterProblem_GuessesWhatWasForgotten(t *testing.T) {
	s := loaded(t, viewOf(algolia), 3)
	for in, want := range map[string]string{
		"(a OR b": "(a OR b)", "a OR": "a", "a AND": "a", "a) b": "a b", "status:[500 TO 599": "status:[500 TO 599]", "took:>2parsecs": "",
		"ip:": "ip:*", "level:error ip: ": "level:error ip:*", `"a`: `"a"`,
	} {
		s.tell(QueryEdited{in})
		if p, ok := s.FilterProblem(); !ok || p.Fixed != want {
			t.Errorf("%q: %t, %q, want %q (%s)", in, ok, p.Fixed, want, p.Reason)
		}
	}
}

func TestQuerySubmitted_KeepsRowsFocusDetailsAndPlace(t *testing.T) {
	s := loaded(t, viewOf(algolia), 90)
	s.tell(Scrolled{600, 400, 20}, RowOpened{45}) // an error, 15 rows below the edge
	id := s.Entry(45).ID
	effects := s.tell(QueryEdited{"status:500"})
	// Rows 0, 3, … remain: 45 is the 15th, which stays 300 px below the edge.
	s.want(effects, ScrollTo{0})
	if s.Open() != 15 || s.Focused() != 15 || s.Entry(15).ID != id {
		t.Fatalf("open %d, focus %d", s.Open(), s.Focused())
	}
	effects = s.tell(QuerySubmitted{"status:500"})
	l := loadOf(t, effects)
	s.want(effects[:1], PushURL{"/logs?q=status:500&src=algolia/eu/APP&sel=00045"})
	if s.Len() != 30 || s.Stale() || s.Open() != 15 {
		t.Fatalf("%d rows, stale %t, open %d", s.Len(), s.Stale(), s.Open())
	}
	var es []logs.Entry
	for _, e := range mixed(algolia, 300) {
		if e.Status == 500 {
			es = append(es, e)
		}
	}
	effects = s.tell(PageLoaded{l.Generation, body(t, wire.Page{Entries: es, Scanned: 300})})
	s.want(effects)
	if s.Len() != 100 || s.Open() != 15 || s.Focused() != 15 || s.Entry(15).ID != id || s.View().Sel != "00045" {
		t.Fatalf("%d rows, open %d, focus %d", s.Len(), s.Open(), s.Focused())
	}
}

func TestQuerySubmitted_ClosesDetailsThatItHides(t *testing.T) {
	s := loaded(t, viewOf(algolia), 30)
	s.tell(RowOpened{4}, QueryEdited{"status:500"})
	var r Row
	if e, ok := s.Opened(&r); s.Open() != -1 || !ok || e.ID != "00004" || r.ID != e.ID || r.Target != "APP" {
		t.Fatalf("open %d, %t, %s", s.Open(), ok, e.ID)
	}
	s.tell(QueryEdited{""})
	if s.Open() != 4 {
		t.Fatalf("open %d", s.Open())
	}
	effects := s.tell(QueryEdited{"status:500"}, QuerySubmitted{"status:500"})
	s.want(effects[:1], PushURL{"/logs?q=status:500&src=algolia/eu/APP"})
	if _, ok := s.Opened(&r); ok || s.View().Sel != "" {
		t.Fatalf("open %d, %+v", s.Open(), s.View())
	}
}

func TestQuerySubmitted_AsksForAsManyAsTheReaderIsLookingAt(t *testing.T) {
	s := loaded(t, viewOf(algolia), 500)
	s.tell(Scrolled{6000, 400, 20}, RowFocused{310})
	if l := loadOf(t, s.tell(QuerySubmitted{"entry"})); l.Limit != 328 {
		t.Fatalf("asks for %d", l.Limit)
	}
}

func TestAnchor_StandsByTheTimeWhenAllRowsInViewAreGone(t *testing.T) {
	s := loaded(t, viewOf(algolia), 2000)
	s.tell(Scrolled{20010, 400, 20}) // row 1000, half a row in
	effects := s.tell(QueryEdited{"id:(00040 OR 00100 OR 00990 OR 01900 OR 01901 OR 01902 OR 01903 OR 01904 OR 01905 OR 01906 OR 01907 OR 01908 OR 01909 OR 01910 OR 01911 OR 01912 OR 01913 OR 01914 OR 01915 OR 01916 OR 01917 OR 01918 OR 01919 OR 01920 OR 01921 OR 01922 OR 01923 OR 01924)"})
	s.work()
	s.want(effects, ScrollTo{70}) // row 3 is the first that is older
}

func TestWork_InSlicesComesToTheSame(t *testing.T) {
	s := loaded(t, viewOf(algolia), 3000)
	s.tell(Scrolled{30000, 400, 20}, RowFocused{1503})
	s.tell(QueryEdited{"index:pages status:500"})
	slices := 0
	for ; s.Pending(); slices++ {
		s.Work(func() bool { return false })
		s.check()
	}
	focus := s.Focused()
	whole := loaded(t, viewOf(algolia), 3000)
	whole.tell(QueryEdited{"index:pages status:500"})
	whole.work()
	if got, want := ids(s), ids(whole); got != want || focus < 0 || slices == 0 {
		t.Fatalf("focus %d after %d slices; %d and %d rows", focus, slices, s.Len(), whole.Len())
	}
	if at := s.layout().at(); float64(focus)*20 < at || float64(focus+1)*20 > at+400 {
		t.Fatalf("the focused row %d is out of view at %v", focus, at)
	}
}

func TestPills_SayWhereEachClauseRan(t *testing.T) {
	v := view.View{Src: []string{algolia, coveo}, Query: `status:500 -index:pages "connection refused"`}
	s, _ := open(t, v)
	if got := s.Pills(); len(got) != 3 || got[0].Where != "" {
		t.Fatalf("%+v", got)
	}
	es := mixed(algolia, 30)[:1]
	es = append(es, mixed(coveo, 30)[5:6]...)
	s.tell(PageLoaded{1, body(t, wire.Page{Entries: es, Scanned: 842, Plan: []logs.Clause{
		{Src: algolia, Query: "status:500", Where: logs.WhereHere}, {Src: coveo, Query: "status:500", Where: logs.WhereVendor},
		{Src: algolia, Query: "-index:pages", Where: logs.WhereHere}, {Src: coveo, Query: "-index:pages", Where: logs.WhereHere},
		{Src: algolia, Query: `"connection refused"`, Where: logs.WhereVendor}, {Src: coveo, Query: `"connection refused"`, Where: logs.WhereVendor},
	}})})
	s.work()
	got := s.Pills()
	want := []Pill{
		{Text: "status:500", Field: "status", Values: []string{"500"}, Where: "at Coveo; here for Algolia"},
		{Text: "-index:pages", Field: "index", Values: []string{"pages"}, Negated: true, Where: "here, on 842 read", Missing: 2},
		{Text: `"connection refused"`, Values: []string{"connection refused"}, Where: "at Algolia and Coveo", AtVendor: true},
	}
	for i, p := range want {
		if g := got[i]; g.Text != p.Text || g.Field != p.Field || !slices.Equal(g.Values, p.Values) || g.Negated != p.Negated || g.Where != p.Where || g.AtVendor != p.AtVendor || g.Missing != p.Missing {
			t.Errorf("got %+v\nwant %+v", g, p)
		}
	}
}

func TestClauses_EachChangeIsOneStepOfTheHistory(t *testing.T) {
	s := loaded(t, view.View{Src: []string{algolia}, Query: "status:500 index:pages"}, 30)
	for _, c := range []struct {
		msg  Msg
		want string
	}{
		{ClauseFlipped{1}, "status:500 -index:pages"},
		{ClauseDropped{0}, "-index:pages"},
		{Included{"index", "products"}, "-index:pages index:products"},
		{Included{"index", "a b"}, `-index:pages index:(products OR "a b")`},
		{Excluded{"status", "404"}, `-index:pages index:(products OR "a b") -status:404`},
		{Unchosen{"index", "pages"}, `index:(products OR "a b") -status:404`},
		{Included{"status", "404"}, `index:(products OR "a b") status:404`},
	} {
		effects := s.tell(c.msg)
		v := s.View()
		if v.Query != c.want || s.Draft() != c.want {
			t.Fatalf("%+v: %q, box %q, want %q", c.msg, v.Query, s.Draft(), c.want)
		}
		s.want(effects[:1], PushURL{v.URL()})
		if l := loadOf(t, effects); l.Query != c.want {
			t.Fatalf("%+v", l)
		}
	}
	s.want(s.tell(Included{"status", "404"}), ReplaceURL{s.View().URL()}) // nothing changes
}

func TestIncluded_JoinsWhatIsTyped(t *testing.T) {
	s := loaded(t, viewOf(algolia), 30)
	s.tell(QueryEdited{"status:500"})
	if l := loadOf(t, s.tell(Included{"index", "pages"})); l.Query != "status:500 index:pages" {
		t.Fatalf("%+v", l)
	}
}

func TestIncluded_WhatNoFieldCanHaveIsTold(t *testing.T) {
	s := loaded(t, viewOf(algolia), 30)
	s.want(s.tell(Included{"took", "soon"}))
	if p, ok := s.FilterProblem(); !ok || p.Reason == "" {
		t.Fatalf("%+v", p)
	}
}

func TestSpan_IsCommittedWithAWrongFilterStillInTheBox(t *testing.T) {
	s := loaded(t, view.View{Src: []string{algolia}, Query: "status:500"}, 30)
	s.tell(QueryEdited{"status:500 ("})
	effects := s.tell(SpanChosen{From: "now-1h"})
	s.want(effects[:1], PushURL{"/logs?q=status:500&src=algolia/eu/APP&from=now-1h"})
	if p, ok := s.FilterProblem(); !ok || s.Draft() != "status:500 (" || p.Query != s.Draft() {
		t.Fatalf("box %q, %+v", s.Draft(), p)
	}
}

func TestHint_PastedIdsAndMisspeltNames(t *testing.T) {
	s := loaded(t, viewOf(algolia), 30)
	for in, want := range map[string][2]string{
		"3b69a1de-1111-2222-3333-444455556666": {"This looks like a job id.", "job:3b69a1de-1111-2222-3333-444455556666"},
		"satus:500 index:pages":                {"No entry loaded so far has a field `satus`: did you mean `status`?", "status:500 index:pages"},
		"indxe:pages -Indxe:a":                 {"No entry loaded so far has a field `indxe`: did you mean `index`?", "index:pages -index:a"},
		"zzzzzzzz:1":                           {"No entry loaded so far has a field `zzzzzzzz`.", ""},
	} {
		s.tell(QueryEdited{in})
		reason, better, ok := s.Hint()
		if !ok || reason != want[0] || better != want[1] {
			t.Errorf("%q: %t, %q, %q", in, ok, reason, better)
		}
	}
	s.tell(QueryEdited{"satus:500"})
	if l := loadOf(t, s.tell(SuggestionTaken{})); l.Query != "status:500" {
		t.Fatalf("%+v", l)
	}
	s.tell(QueryEdited{"status:500"})
	if _, _, ok := s.Hint(); ok {
		t.Fatal("a hint on a filter that is right")
	}
}

func TestEmpty_NamesTheClauseThatHidesAll(t *testing.T) {
	s := loaded(t, viewOf(algolia), 842)
	s.tell(QueryEdited{"status:500 index:nothing level:error"})
	s.work()
	e := s.Empty()
	if e.Why != FilterHidesAll || e.Text != "0 of 842 loaded match; without `index:nothing` 281 would. Enter searches the rest." || e.Actions[0] != ActDrop || e.Query != "status:500 level:error" {
		t.Fatalf("%+v", e)
	}
	l := loadOf(t, s.tell(QuerySubmitted{"status:500 index:nothing level:error"}))
	s.tell(PageLoaded{l.Generation, body(t, wire.Page{Scanned: 2000, Coverage: []logs.Coverage{{Src: algolia, State: logs.Complete}}})})
	e = s.Empty()
	if e.Text != "None of the 2,000 entries read since 20 Nov 12:00 matches the filter. Without `index:nothing` 281 of the 842 loaded before would." || e.Actions[0] != ActDrop || !slices.Contains(e.Actions, ActClear) {
		t.Fatalf("%+v", e)
	}
}

func TestEmpty_OneClauseAloneHidesAll(t *testing.T) {
	s := loaded(t, viewOf(algolia), 30)
	s.tell(QueryEdited{"nowhere-to-be-found"})
	if e := s.Empty(); e.Text != "0 of 30 loaded match; without `nowhere-to-be-found` 30 would. Enter searches the rest." || e.Query != "" {
		t.Fatalf("%+v", e)
	}
}

func TestOpened_AFilterThatCannotBeReadAsksNobody(t *testing.T) {
	s, effects := open(t, view.View{Src: []string{algolia}, Query: "(a"})
	s.want(effects)
	p, ok := s.FilterProblem()
	if _, failed := s.Problem(); !ok || !failed || p.Column != 3 || s.Empty().Why != EmptyFailed {
		t.Fatalf("%+v, %+v", p, s.Empty())
	}
	if l := loadOf(t, s.tell(QuerySubmitted{"a"})); l.Query != "a" {
		t.Fatalf("%+v", l)
	}
}

func TestFilterProblem_OfTheServer(t *testing.T) {
	s, _ := open(t, view.View{Src: []string{algolia}, Query: "a"})
	e := fault.New(fault.Invalid, "x").Saying("no such thing")
	e.Column = 7
	s.tell(PageFailed{1, e})
	if p, ok := s.FilterProblem(); !ok || p.Column != 7 || p.Reason != "No such thing." || p.Query != "a" {
		t.Fatalf("%+v", p)
	}
}

func TestHint_OfTheServerOnACommittedFilter(t *testing.T) {
	s, _ := open(t, view.View{Src: []string{algolia}, Query: "satus:500"})
	notes := []logs.Note{{Text: "Algolia compares x letter by letter", Name: "x"}, {Text: "no entry of Algolia has a field satus", Name: "satus", Near: "status"}}
	s.tell(PageLoaded{1, body(t, wire.Page{Notes: notes, Scanned: 30, Coverage: []logs.Coverage{{Src: algolia, State: logs.Complete}}})})
	reason, better, ok := s.Hint()
	if !ok || reason != "No entry of Algolia has a field satus. Did you mean `status`?" || better != "status:500" {
		t.Fatalf("%t, %q, %q", ok, reason, better)
	}
	e := s.Empty()
	if e.Text != "None of the 30 entries read since 20 Nov 12:00 matches the filter. "+reason || e.Actions[0] != ActCorrect {
		t.Fatalf("%+v", e)
	}
	if l := loadOf(t, s.tell(SuggestionTaken{})); l.Query != "status:500" {
		t.Fatalf("%+v", l)
	}
}

// Whatever the loaded entries have, the server has looked at more.
func TestHint_NothingOfACommittedFilterThatTheServerKnows(t *testing.T) {
	s := loaded(t, view.View{Src: []string{algolia}, Query: "frame:x"}, 3)
	if reason, _, ok := s.Hint(); ok {
		t.Fatal(reason)
	}
}
