package part

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/logpane/logpane/app/viewer"
	"github.com/maxence-charriere/go-app/v9/pkg/app"
)

func tableColumns() []viewer.Column {
	return []viewer.Column{
		{Name: "time", Title: "Time", Fixed: true, Sorted: -1}, {Name: "level", Title: "Level"}, {Name: "ep.error", Title: "ep.error"},
		{Name: "took", Title: "Took", Right: true}, {Name: "summary", Title: "Summary", Grow: true},
	}
}

func TestGrid_HeaderSortsMovesAndSizes(t *testing.T) {
	golden(t, "grid-head", Grid{Columns: tableColumns(), Rows: 3}.UI(ignore))
}

func TestColumnHeads_FixedColumnsStay(t *testing.T) {
	html := markup(app.Div().Body(columnHeads(tableColumns(), ignore)...))
	menus := strings.Split(html, `role="menu"`)[1:]
	for i, want := range []struct{ left, right bool }{{}, {right: true}, {true, true}, {true, true}, {left: true}} {
		if got := strings.Contains(menus[i], "Move left"); got != want.left {
			t.Errorf("column %d can move left: %v", i, got)
		}
		if got := strings.Contains(menus[i], "Move right"); got != want.right {
			t.Errorf("column %d can move right: %v", i, got)
		}
	}
	if n := strings.Count(html, `tabindex="0"`); n != 3 {
		t.Errorf("%d places for the Tab key in the header, want those of one column", n)
	}
}

func TestCells_PhoneShowsThree(t *testing.T) {
	for _, tt := range []struct{ cols, want string }{
		{"time level target status took summary", "time level target summary"},
		{"time status took", "time status took"},
		{"time target status took summary", "time target summary"},
		{"index summary", "index summary"},
	} {
		var cols []viewer.Column
		for _, n := range strings.Fields(tt.cols) {
			cols = append(cols, viewer.Column{Name: n})
		}
		var got []string
		for i, c := range Cells(cols) {
			if c.Phone {
				got = append(got, cols[i].Name)
			}
		}
		if strings.Join(got, " ") != tt.want {
			t.Errorf("of %s a phone shows %v, want %s", tt.cols, got, tt.want)
		}
	}
}

func TestCells_TimeHasRoomForTheDayWhereRowsAreNotByTime(t *testing.T) {
	cols := tableColumns()
	if c := Cells(cols)[0].Class; c != "fixed time" {
		t.Errorf("by time: %q", c)
	}
	cols[0].Sorted, cols[3].Sorted = 0, -1
	if c := Cells(cols)[0].Class; c != "fixed time date" {
		t.Errorf("by another column: %q", c)
	}
}

func histogram() Histogram {
	from := noon.Add(-24 * time.Hour)
	h := Histogram{Histogram: viewer.Histogram{From: from, To: noon, Max: 40}, Zone: time.UTC, Open: true}
	for i := range Bars {
		b := viewer.Bucket{From: from.Add(time.Duration(i) * 15 * time.Minute), Covered: viewer.CoveredAll}
		b.To = b.From.Add(15 * time.Minute)
		if i < 10 {
			b.Covered = viewer.CoveredNone
		} else {
			b.Marks[viewer.MarkNone] = i % 7
			b.Total = i % 7
		}
		h.Buckets = append(h.Buckets, b)
	}
	b := &h.Buckets[50]
	b.Marks, b.Total = [5]int{viewer.MarkNone: 20, viewer.MarkError: 12, viewer.MarkWarning: 1, viewer.MarkOK: 7}, 40
	return h
}

func TestHistogram_BarsStackAndUnreadTimeIsTold(t *testing.T) {
	h := histogram()
	h.Zoomed = true
	golden(t, "histogram", h.UI(ignore))
	html := markup(h.UI(ignore))
	// 12 of 40 are 30 hundredths at the foot of bar 50; the one warning above can still be seen.
	for _, want := range []string{`d="M401 70h7v30h-7z" data-mark="err"`, `d="M401 66h7v4h-7z" data-mark="warn"`, "Zoom out", "not read yet", "12 errors, 1 warning"} {
		if !strings.Contains(html, want) {
			t.Errorf("%s is missing in %s", want, html)
		}
	}
	h.Open = false
	if html = markup(h.UI(ignore)); strings.Contains(html, "plot") {
		t.Errorf("a closed histogram is drawn: %s", html)
	}
}

func TestHistogram_PartsNeverGrowOutOfTheirBar(t *testing.T) {
	h := Histogram{Histogram: viewer.Histogram{From: noon, To: noon.Add(time.Minute), Max: 1000}}
	h.Buckets = []viewer.Bucket{{From: h.From, To: h.To, Marks: [5]int{995, 1, 1, 1, 2}, Total: 1000}}
	html := markup(app.Div().Body(h.paths()...))
	if !strings.Contains(html, `d="M1 0h7v88h-7z" data-mark="other"`) {
		t.Errorf("the last part does not end at the top: %s", html)
	}
}

func TestHistogram_AxisIsOfTheZone(t *testing.T) {
	for _, tt := range []struct {
		span time.Duration
		zone string
		want string
		n    int
	}{
		{24 * time.Hour, "UTC", "Sat 21 Nov", 7},
		{24 * time.Hour, "Asia/Kolkata", "18:00", 8},
		{time.Hour, "UTC", "11:10", 5},
		{10 * time.Second, "UTC", "11:59:55", 1},
		{40 * 24 * time.Hour, "UTC", "Sat 17 Oct", 7},
	} {
		loc, err := time.LoadLocation(tt.zone)
		if err != nil {
			t.Fatal(err)
		}
		h := Histogram{Histogram: viewer.Histogram{From: noon.Add(-tt.span), To: noon}, Zone: loc}
		html := markup(app.Div().Body(h.axis()...))
		if n := strings.Count(html, "<text"); n != tt.n || !strings.Contains(html, tt.want) {
			t.Errorf("%v in %s: %d labels, want %d with %s: %s", tt.span, tt.zone, n, tt.n, tt.want, html)
		}
	}
}

func TestHistogram_BrushedIsWithinTheSpan(t *testing.T) {
	h := histogram()
	if b := h.Brushed(0.5, 0.75); !b.From.Equal(noon.Add(-12*time.Hour)) || !b.To.Equal(noon.Add(-6*time.Hour)) {
		t.Errorf("half to three quarters are %v", b)
	}
	if b := h.Brushed(-1, 7); !b.From.Equal(h.From) || !b.To.Equal(h.To) {
		t.Errorf("beyond the edges is %v", b)
	}
}

func facets() Facets {
	status := viewer.Facet{Field: "status", Title: "Status", AtLeast: true, Missing: 12}
	for i := range 20 {
		status.Values = append(status.Values, viewer.FacetValue{Value: fmt.Sprint(200 + i), Count: 100 - i, Vendor: -1})
	}
	status.Values[15].Chosen = true
	return Facets{Open: true, Vendor: "Coveo", Columns: []string{"status"}, Facets: []viewer.Facet{
		{Field: "level", Title: "Level", Values: []viewer.FacetValue{{Value: "error", Count: 12, Vendor: -1}, {Value: "info", Count: 80, Vendor: 4211}, {Value: "debug", Count: -1, Vendor: -1, Excluded: true}}},
		status,
	}}
}

func TestFacets_Values(t *testing.T) {
	golden(t, "facets", facets().UI(ignore))
	html := markup(facets().UI(ignore))
	for _, want := range []string{"at Coveo", "≥ 100", "Show 14 more", "12 without", "mark-err", "mark-quiet excluded", `id="facet-status"`} {
		if !strings.Contains(html, want) {
			t.Errorf("%s is missing in %s", want, html)
		}
	}
	if !strings.Contains(html, `aria-label="215, at least 85" aria-pressed class`) {
		t.Error("a chosen value is hidden behind more")
	}
}

func TestRail_FoldsExpandsAndSeeks(t *testing.T) {
	f := facets()
	step := func(msg any, text string) string {
		r, ok := f.Rail.With(msg, text)
		if !ok {
			t.Fatalf("%T is not taken", msg)
		}
		f.Rail = r
		return markup(f.UI(ignore))
	}
	before := f.Rail
	if html := step(FacetFolded{"level"}, ""); strings.Contains(html, "at Coveo") {
		t.Error("a folded facet shows its values")
	}
	if html := step(FacetExpanded{"status"}, ""); strings.Count(html, `class="fv`) < 20 || !strings.Contains(html, "Show fewer") {
		t.Error("not all values are shown")
	}
	if html := step(Typed{"facet-status"}, "21"); strings.Count(html, `class="fv-main"`) != 10 {
		t.Errorf("%d values are like 21", strings.Count(html, `class="fv-main"`))
	}
	if before.turned != nil || before.all != nil || before.find != nil {
		t.Error("the rail before was changed in place")
	}
	if _, ok := f.Rail.With(Typed{"q"}, "x"); ok {
		t.Error("another field is taken for one of the rail")
	}
}

func TestFacets_NothingYet(t *testing.T) {
	if html := markup(Facets{Open: true, Loading: true}.UI(ignore)); !strings.Contains(html, "facet-bones") {
		t.Error("no bones while loading")
	}
	if html := markup(Facets{Open: true}.UI(ignore)); !strings.Contains(html, "appear here") {
		t.Error("an empty rail says nothing")
	}
	if html := markup(Facets{Facets: facets().Facets}.UI(ignore)); strings.Contains(html, "fv") {
		t.Error("a closed rail is drawn")
	}
}

func TestTools_States(t *testing.T) {
	tools := Tools{Facets: true, Histogram: true, Density: "compact", Columns: tableColumns(), Names: []string{"index", "status", "level"}}
	golden(t, "tools", tools.UI(app.Span().Text("pills"), ignore))
	tools.Sought = " IND "
	html := markup(tools.UI(nil, ignore))
	if strings.Count(html, "menuitemcheckbox") != 2 || !strings.Contains(html, "index") { // the other is wrapping
		t.Errorf("columns like ind: %s", html)
	}
	tools.Sought = "nothing"
	if !strings.Contains(markup(tools.UI(nil, ignore)), "No field is named like that.") {
		t.Error("an empty menu says nothing")
	}
}
