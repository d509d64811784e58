package viewer

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/view"
	"github.com/logpane/logpane/app/wire"
)

// facetText writes facets as "index: pages 12 *chosen, …".
func (s story) facetText() string {
	s.Helper()
	s.Facets()
	s.work()
	var out []string
	for _, f := range s.Facets() {
		line := f.Field + ":"
		for _, v := range f.Values {
			line += " " + strings.ReplaceAll(v.Label, " ", "_") + "=" + fmt.Sprint(v.Count)
			if v.Vendor >= 0 {
				line += "/" + fmt.Sprint(v.Vendor)
			}
			if v.Chosen {
				line += "+"
			}
			if v.Excluded {
				line += "-"
			}
		}
		if f.Missing > 0 {
			line += fmt.Sprint(" missing=", f.Missing)
		}
		out = append(out, line)
	}
	return strings.Join(out, "\n")
}

func (s story) wantFacets(want ...string) {
	s.Helper()
	if got := s.facetText(); got != strings.Join(want, "\n") {
		s.Fatalf("facets\n%s\nwant\n%s", got, strings.Join(want, "\n"))
	}
}

func TestFacets_OfTheLoadedRows(t *testing.T) {
	s := loaded(t, viewOf(algolia), 30)
	s.wantFacets(
		"level: info=20 error=10",
		"status: 200=20 500=10",
		"index: pages=20 products=4 missing=6",
	)
	if f := s.Facets()[2]; !f.AtLeast || f.Title != "Index" || f.Vendor {
		t.Fatalf("%+v", f)
	}
	s.tell(QueryEdited{"status:500"})
	s.wantFacets(
		"level: error=10",
		"status: 500=10+ 200=-1", // known from before, so that it can be added
		"index: pages=7 products=1 missing=2",
	)
	s.tell(QueryEdited{"-status:500"})
	s.wantFacets(
		"level: info=20",
		"status: 200=20 500=-1-",
		"index: pages=13 products=3 missing=4",
	)
	s.tell(QueryEdited{""})
	s.wantFacets(
		"level: info=20 error=10",
		"status: 200=20 500=10",
		"index: pages=20 products=4 missing=6",
	)
}

func TestFacets_ASecondValueOfAFieldCanBeAdded(t *testing.T) {
	s := loaded(t, viewOf(algolia), 30)
	s.facetText()
	l := loadOf(t, s.tell(Included{"index", "products"}))
	var es []logs.Entry
	for _, e := range mixed(algolia, 60) {
		if e.Fields.Text("index") == "products" {
			es = append(es, e)
		}
	}
	s.tell(PageLoaded{l.Generation, body(t, wire.Page{Entries: es, Scanned: 60})})
	s.wantFacets("level: info=5 error=2", "status: 200=5 500=2", "index: products=7+ pages=-1")
	effects := s.tell(Included{"index", "pages"})
	if l := loadOf(t, effects); l.Query != "index:(products OR pages)" {
		t.Fatalf("%+v", l)
	}
	s.wantFacets("level: info=5 error=2", "status: 200=5 500=2", "index: products=7+ pages=-1+")
}

func TestFacets_VendorCountsStandBesideOurs(t *testing.T) {
	s, _ := open(t, viewOf(algolia, coveo, "coveo/us/org/sources/s2"))
	es := entries(coveo, 0, 4)
	for i := range es {
		es[i].Fields = logs.Fields{{Name: "stage", Value: []string{"INDEXING", "MAPPING"}[i%2]}}
	}
	counts := func(effects []Effect) (asked []LoadCounts) {
		for _, e := range effects {
			if c, ok := e.(LoadCounts); ok {
				asked = append(asked, c)
			}
		}
		return asked
	}
	effects := s.tell(TargetsLoaded{[]wire.Target{{Address: coveo, Label: "Products feed"}}}, PageLoaded{1, body(t, wire.Page{Entries: es, Cursor: "c"})})
	if asked := counts(effects); len(asked) > 0 {
		t.Fatalf("nobody looks, and yet vendors are asked to count: %+v", asked)
	}
	asked := counts(s.tell(FacetsShown{true}))
	if len(asked) != 1 || asked[0].Generation != 1 || strings.Join(asked[0].Src, " ") != coveo+" coveo/us/org/sources/s2" {
		t.Fatalf("asked for %+v", asked)
	}
	if again := counts(s.tell(FacetsShown{false}, FacetsShown{true})); len(again) > 0 {
		t.Fatalf("asked again: %+v", again)
	}
	s.tell(CountsLoaded{Generation: 0, Facets: []logs.Facet{{Src: coveo, Field: "stage", Values: []logs.FacetValue{{Value: "LATE", Count: 1}}}}})
	s.tell(CountsLoaded{Generation: 1, Facets: []logs.Facet{
		{Src: coveo, Field: "stage", Values: []logs.FacetValue{{Value: "INDEXING", Count: 400}, {Value: "STREAMING", Count: 7}}},
		{Src: "coveo/us/org/sources/s2", Field: "stage", Values: []logs.FacetValue{{Value: "INDEXING", Count: 5}}},
		{Src: "coveo/us/org/sources/s2", Field: "result", Values: []logs.FacetValue{{Value: "COMPLETED", Count: 5}}},
	}})
	s.wantFacets(
		"level: info=4",
		"src: Products_feed=4",
		"stage: INDEXING=2/405 MAPPING=2 STREAMING=0/7",
		"result: COMPLETED=0/5 missing=4",
	)
	if f := s.Facets(); !f[2].Vendor || f[0].Vendor {
		t.Fatalf("%+v", f)
	}
	effects = s.tell(QuerySubmitted{Query: "stage:MAPPING"})
	load := loadOf(t, effects)
	if asked := counts(s.tell(PageLoaded{load.Generation, body(t, wire.Page{Entries: es[1:2]})})); len(asked) != 1 || asked[0].Query != "stage:MAPPING" {
		t.Fatalf("a new search counts anew: %+v", asked)
	}
}

func TestFacets_WholeOnlyWhereAllWasRead(t *testing.T) {
	for state, want := range map[logs.State]bool{logs.Complete: false, logs.Capped: true, logs.Failed: true, logs.Expired: false} {
		s, _ := open(t, viewOf(algolia))
		s.tell(PageLoaded{1, body(t, wire.Page{Entries: mixed(algolia, 3), Coverage: []logs.Coverage{{Src: algolia, State: state}}})})
		if f := s.Facets(); len(f) == 0 || f[0].AtLeast != want {
			t.Errorf("%s: %+v", state, f)
		}
	}
}

func TestFacets_OtherTargetsForgetTheValues(t *testing.T) {
	s := loaded(t, viewOf(algolia), 30)
	s.facetText()
	s.tell(Included{"status", "500"})
	s.tell(TargetsChosen{[]string{coveo}})
	if got := s.facetText(); strings.Contains(got, "200=-1") {
		t.Fatal(got)
	}
}

func TestFacets_TargetsOfOneNameAreToldApart(t *testing.T) {
	const ep, moltin = "elasticpath/eu/store", "moltin/eu/store"
	s, _ := open(t, viewOf(ep, moltin))
	s.tell(PageLoaded{1, body(t, wire.Page{Entries: append(entries(ep, 0, 3), entries(moltin, 3, 2)...)})})
	s.wantFacets("level: info=5", "src: E_store=3 M_store=2")
}

func TestFacets_SourcesAreCalledByTheirNames(t *testing.T) {
	const org = "coveo/us/org"
	s, _ := open(t, viewOf(org))
	es := entries(org, 0, 2)
	for i := range es {
		es[i].Fields.Add("source", []string{"org-s1", "org-s2"}[i])
	}
	s.tell(PageLoaded{1, body(t, wire.Page{Entries: es})})
	s.wantFacets("level: info=2", "source: org-s1=1 org-s2=1")
	s.tell(TargetsLoaded{[]wire.Target{{Address: org + "/sources/org-s1", Label: "Products feed"}}})
	s.wantFacets("level: info=2", "source: Products_feed=1 org-s2=1")
}

func TestFacets_ValuesOutliveWhatIsTypedOnTheWay(t *testing.T) {
	s := loaded(t, viewOf(algolia), 30)
	s.facetText()
	// The beginning of a name is a word that no entry has.
	s.tell(QueryEdited{"inde"})
	s.wantFacets()
	s.tell(QueryEdited{"index:pro"})
	s.wantFacets("index: pro=0+ pages=-1 products=-1")
}

func TestIncluded_ATarget(t *testing.T) {
	s, _ := open(t, viewOf(algolia, coveo))
	s.tell(PageLoaded{1, body(t, wire.Page{Entries: append(entries(algolia, 0, 3), entries(coveo, 3, 2)...)})})
	s.wantFacets("level: info=5", "src: APP=3 s1=2")
	if l := loadOf(t, s.tell(Included{"src", s.Facets()[1].Values[1].Value})); s.Len() != 2 || l.Query == "" {
		t.Fatalf("%d rows for %s", s.Len(), l.Query)
	}
	s.wantFacets("level: info=2", "src: s1=2+ APP=-1")
}

func TestColumns_AddDropMoveAndKeep(t *testing.T) {
	s := loaded(t, viewOf(algolia), 30)
	names := func() string {
		var out []string
		for _, c := range s.Columns() {
			out = append(out, c.Name)
		}
		return strings.Join(out, ",")
	}
	for _, c := range []struct {
		msg  Msg
		want string
	}{
		{ColumnAdded{"index"}, "time,level,status,took,index,summary"},
		{ColumnAdded{"ep.error_detail"}, "time,level,status,took,index,ep.error_detail,summary"},
		{ColumnMoved{"index", 1}, "time,index,level,status,took,ep.error_detail,summary"},
		{ColumnDropped{"summary"}, "time,index,level,status,took,ep.error_detail"},
		{ColumnMoved{"time", 99}, "index,level,status,took,ep.error_detail,time"},
		{ColumnAdded{"job"}, "index,level,status,took,ep.error_detail,time,job"},
	} {
		effects := s.tell(c.msg)
		if names() != c.want {
			t.Fatalf("%+v: %s, want %s", c.msg, names(), c.want)
		}
		s.want(effects, ReplaceURL{"/logs?src=algolia/eu/APP&cols=" + c.want}, KeepColumns{"algolia", strings.Split(c.want, ",")})
	}
	for _, nothing := range []Msg{ColumnAdded{"job"}, ColumnAdded{"no name"}, ColumnDropped{"summary"}, ColumnMoved{"time", 5}, ColumnMoved{"nope", 1}} {
		s.want(s.tell(nothing))
	}
	if c := s.Columns()[4]; c.Title != "Error detail" || c.Grow || c.Fixed {
		t.Fatalf("%+v", c)
	}
	if c := s.Columns()[6]; !c.Grow {
		t.Fatalf("%+v", c)
	}
	s.want(s.tell(ColumnsReset{}), ReplaceURL{"/logs?src=algolia/eu/APP"}, KeepColumns{Kind: "algolia"})
	if names() != "time,level,status,took,summary" || !s.Columns()[0].Fixed || !s.Columns()[4].Grow || !s.Columns()[2].Right {
		t.Fatalf("%+v", s.Columns())
	}
}

func TestColumns_TheLastOneStays(t *testing.T) {
	s := loaded(t, view.View{Src: []string{algolia}, Cols: []string{"took"}}, 3)
	s.want(s.tell(ColumnDropped{"took"}))
}

func TestColumns_RememberedForAKindUnlessTheLinkSaysMore(t *testing.T) {
	kept := func(kind string) []string {
		return map[string][]string{"algolia": {"time", "index"}, "mixed": {"time", "target"}}[kind]
	}
	first := func(s story) string { return s.Columns()[len(s.Columns())-1].Name }
	s := story{t, New()}
	effects := s.tell(Opened{View: viewOf(algolia), Now: now, Columns: kept})
	s.want(effects[:1], ReplaceURL{"/logs?src=algolia/eu/APP&cols=time,index"})
	if first(s) != "index" {
		t.Fatalf("%+v", s.Columns())
	}
	effects = s.tell(TargetsChosen{[]string{algolia, coveo}})
	s.want(effects[:1], PushURL{"/logs?src=algolia/eu/APP,coveo/us/org/sources/s1&cols=time,target"})
	s.tell(TargetsChosen{[]string{coveo}})
	if first(s) != "summary" || s.Kind() != "coveo" {
		t.Fatalf("%+v", s.Columns())
	}
	s.tell(TargetsChosen{[]string{algolia}}, ColumnsReset{}, TargetsChosen{[]string{coveo}}, TargetsChosen{[]string{algolia}})
	if first(s) != "summary" {
		t.Fatal("columns that were forgotten are back")
	}
	s.tell(Opened{View: view.View{Src: []string{algolia}, Cols: []string{"time", "ip"}}, Now: now, Columns: kept})
	s.tell(TargetsChosen{[]string{coveo}})
	if first(s) != "ip" {
		t.Fatalf("%+v", s.Columns())
	}
}

func TestCell_ShowsWhatTheColumnSays(t *testing.T) {
	s, _ := open(t, viewOf(algolia, coveo))
	e := entry(coveo, "a", 61001*1e6)
	e.Level, e.Status, e.HasTook, e.Took, e.Attempt = logs.LevelInfo, 200, true, 252*1e6, 2
	e.Fields = logs.Fields{{Name: "hits", Value: 12.0}, {Name: "user", Value: "b"}}
	s.tell(PageLoaded{1, body(t, wire.Page{Entries: []logs.Entry{e, {ID: "b", Src: algolia}}})})
	for name, want := range map[string]string{
		"time": "11:58:58.999", "level": "retry 1", "target": "C s1", "src": "C s1", "status": "200", "took": "252 ms", "summary": "entry a",
		"attempt": "2", "hits": "12", "user": "b", "nothing": "", "coveo.id": "a", "id": "a",
	} {
		if got := s.Cell(0, name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	for _, name := range []string{"time", "level", "status", "took", "summary", "attempt", "hits"} {
		if got := s.Cell(1, name); got != "" {
			t.Errorf("%s of an empty entry: %q", name, got)
		}
	}
}

func TestSortChosen_GreatestThenLeastThenTime(t *testing.T) {
	s, _ := open(t, viewOf(algolia))
	es := entries(algolia, 0, 150)
	for i := range es {
		es[i].Took, es[i].HasTook = []time.Duration{5, 900, 2000, 0, 70}[i%5]*time.Millisecond, i%5 != 3
	}
	s.tell(PageLoaded{1, body(t, wire.Page{Entries: es, Cursor: "c", Scanned: 150, Coverage: more(algolia, 50)})}, Scrolled{200, 400, 20})
	s.tell(RowFocused{12})
	id := s.Entry(12).ID
	s.want(s.tell(SortChosen{"took"}), ScrollTo{0}, ReplaceURL{"/logs?src=algolia/eu/APP&sort=-took"})
	if s.Cell(0, "took") != "2 s" || s.Cell(149, "took") != "" || s.Columns()[3].Sorted != -1 || s.Entry(s.Focused()).ID != id {
		t.Fatalf("%s, %s, %+v", s.Cell(0, "took"), s.Cell(149, "took"), s.Columns())
	}
	if s.Cell(0, "time") != "21 Nov 11:59:58" || s.DayAt(0) != "" {
		t.Fatalf("%s, day %q", s.Cell(0, "time"), s.DayAt(0))
	}
	if f := s.Foot(); f.State != FootAsk || f.Text != "Sorted by took over the 150 loaded; more exist." || !slices.Contains(f.Actions, ActAll) {
		t.Fatalf("%+v", f)
	}
	if got := s.Status(); !strings.Contains(got, "sorted by took over the 150 loaded; more exist") {
		t.Fatal(got)
	}
	s.want(s.tell(Scrolled{2600, 400, 20})) // older entries may go anywhere
	s.want(s.tell(SortChosen{"took"}), ScrollTo{0}, ReplaceURL{"/logs?src=algolia/eu/APP&sort=took"})
	if s.Cell(0, "took") != "5 ms" || s.Cell(149, "took") != "" {
		t.Fatalf("%s", s.Cell(0, "took"))
	}
	s.want(s.tell(SortChosen{"took"}), ReplaceURL{"/logs?src=algolia/eu/APP"})
	s.want(s.tell(SortChosen{"time"}), ReplaceURL{"/logs?src=algolia/eu/APP&sort=ts"})
	if s.Entry(0).ID != "00149" || s.Columns()[0].Sorted != 1 {
		t.Fatalf("%s on top", s.Entry(0).ID)
	}
	s.want(s.tell(SortChosen{"target"}), ReplaceURL{"/logs?src=algolia/eu/APP&sort=-src"})
}

func TestAppendPage_IntoASortedAndFilteredTableKeepsThePlace(t *testing.T) {
	s := loaded(t, view.View{Src: []string{algolia}, Sort: "-status"}, 300)
	s.work()
	s.tell(Scrolled{1000, 400, 20})
	top := s.Entry(50).ID
	l := loadOf(t, s.tell(MoreAsked{}))
	es := mixed(algolia, 600)[300:]
	effects := s.tell(PageLoaded{l.Generation, body(t, wire.Page{Entries: es, Cursor: "d"})})
	s.work()
	row := int(s.layout().at() / 20)
	if s.Entry(row).ID != top {
		t.Fatalf("%s is where %s was, %+v", s.Entry(row).ID, top, effects)
	}
}

func TestFind_MarksAndStepsWithoutFiltering(t *testing.T) {
	s := loaded(t, viewOf(algolia), 90)
	s.tell(Scrolled{0, 400, 20}, FindEdited{"products"})
	s.work()
	if f := s.Find(); !f.Open || f.Count != 10 || f.At != 0 || !f.Done || s.Len() != 90 {
		t.Fatalf("%+v, %d rows", f, s.Len())
	}
	s.want(s.tell(FindStepped{}))
	if f := s.Find(); s.Focused() != 7 || f.At != 1 {
		t.Fatalf("focus %d, %+v", s.Focused(), f)
	}
	s.tell(FindStepped{}, FindStepped{Back: true})
	effects := s.tell(FindStepped{Back: true}) // round the end
	if f := s.Find(); s.Focused() != 84 || f.At != 10 || len(effects) != 1 {
		t.Fatalf("focus %d, %+v, %+v", s.Focused(), f, effects)
	}
	s.tell(FindStepped{})
	s.tell(DetailsOpened{})
	s.want(s.tell(FindStepped{}), ReplaceURL{"/logs?src=algolia/eu/APP&sel=00014"})
	s.tell(QueryEdited{"status:500"})
	s.work()
	if f := s.Find(); f.Count != 4 {
		t.Fatalf("%+v", f)
	}
	s.tell(FindEdited{`"quoted" \ and (all`})
	s.work()
	if f := s.Find(); f.Count != 0 || !f.Done {
		t.Fatalf("%+v", f)
	}
	s.want(s.tell(FindStepped{}))
	s.tell(FindClosed{})
	if f := s.Find(); f != (FindState{Done: true}) {
		t.Fatalf("%+v", f)
	}
}

func TestFindStepped_WaitsForTheLooking(t *testing.T) {
	s, _ := open(t, viewOf(algolia))
	es := entries(algolia, 0, 6000)
	es[5990].Summary = "the needle"
	s.tell(PageLoaded{1, body(t, wire.Page{Entries: es, Cursor: "c"})})
	s.work()
	s.tell(Scrolled{0, 400, 20}, FindEdited{"needle"})
	if s.Pending() {
		s.want(s.tell(FindStepped{}))
	} else {
		t.Fatal("the looking is done at once: the test needs more entries")
	}
	var effects []Effect
	for s.Pending() {
		effects = append(effects, s.Work(func() bool { return false })...)
	}
	s.want(effects, ScrollTo{119600})
	if s.Focused() != 5990 || s.Find().At != 1 {
		t.Fatalf("focus %d, %+v", s.Focused(), s.Find())
	}
}

func TestAllAsked_ReadsToTheEndWithProgress(t *testing.T) {
	s := loaded(t, view.View{Src: []string{algolia}, Query: "entry"}, 100)
	if f := s.Foot(); !slices.Contains(f.Actions, ActAll) {
		t.Fatalf("%+v", f)
	}
	effects := s.tell(AllAsked{})
	for i := 1; i <= 20; i++ {
		l := loadOf(t, effects)
		if l.Limit != wire.MaxLimit || l.Cursor == "" {
			t.Fatalf("%+v", l)
		}
		if i == 6 {
			want := "Loading all · searched back to 07:00 · 5,100 read · 600 match · about 20 s left"
			if f := s.Foot(); f.Text != want || f.State != FootLoading || f.Actions[0] != ActCancel {
				t.Fatalf("%+v", f)
			}
		}
		at := now.Add(time.Duration(-i) * time.Hour)
		s.tell(Ticked{now.Add(time.Duration(i) * time.Second)})
		p := wire.Page{Entries: entries(algolia, 100*i, 100), Scanned: 1000, Cursor: fmt.Sprint("c", i), Coverage: more(algolia, now.Sub(at))}
		if i == 20 {
			p.Cursor = ""
		}
		effects = s.tell(PageLoaded{l.Generation, body(t, p)})
	}
	s.want(effects)
	if s.Len() != 2100 || s.Foot().State != FootEnd {
		t.Fatalf("%d rows, %+v", s.Len(), s.Foot())
	}
}

func TestAllAsked_CancelKeepsWhatIsThere(t *testing.T) {
	s := loaded(t, view.View{Src: []string{algolia}, Query: "entry"}, 100)
	l := loadOf(t, s.tell(AllAsked{}))
	l = loadOf(t, s.tell(PageLoaded{l.Generation, body(t, wire.Page{Entries: entries(algolia, 100, 100), Cursor: "d"})}))
	s.want(s.tell(LoadCanceled{}), CancelLoad{l.Generation})
	s.want(s.tell(Ticked{now.Add(3600e9)}, Scrolled{3800, 400, 20}))
	if s.Len() != 200 || s.Foot().State != FootAsk {
		t.Fatalf("%d rows, %+v", s.Len(), s.Foot())
	}
	if l := loadOf(t, s.tell(MoreAsked{})); l.Limit != 500 {
		t.Fatalf("%+v", l)
	}
}

// A target that is still answering is asked when its time comes, and not at once
// after each page that had nothing.
func TestAllAsked_DoesNotPressATargetThatStillAnswers(t *testing.T) {
	s, _ := open(t, viewOf(algolia, coveo))
	slow := logs.Coverage{Src: coveo, State: logs.More, Waiting: true}
	s.tell(PageLoaded{1, body(t, wire.Page{Entries: entries(algolia, 0, 100), Cursor: "c1", Coverage: []logs.Coverage{slow}})})
	l := loadOf(t, s.tell(AllAsked{}))
	s.want(s.tell(PageLoaded{l.Generation, body(t, wire.Page{Cursor: "c2", Coverage: []logs.Coverage{slow}})}))
	if l := loadOf(t, s.tell(Ticked{now.Add(60e9)})); l.Cursor != "c2" || l.Limit != wire.MaxLimit {
		t.Fatalf("%+v", l)
	}
}
