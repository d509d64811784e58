package page

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/logpane/logpane/app/exception"
	alogs "github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/view"
	"github.com/logpane/logpane/app/viewer"
	"github.com/logpane/logpane/app/wire"
	"github.com/logpane/logpane/web/client"
	"github.com/logpane/logpane/web/part"
)

// failing is the n-th entry of a pipeline, the newest first. Every third fails: in one
// place, and, where rare is set, once in another.
func failing(n int, rare bool) alogs.Entry {
	e := alogs.Entry{
		ID: fmt.Sprintf("e%d", n), Src: "deepset/eu/W/p", Item: "rag", Time: noon.Add(-time.Duration(n) * time.Minute), Summary: fmt.Sprintf("Query %d answered", n),
		Fields: alogs.Fields{{Name: "pipeline", Value: "rag"}, {Name: "origin", Value: "querypipeline"}},
	}
	exceptions := "null"
	if n%3 == 0 {
		e.Level = alogs.LevelError
		exceptions = fmt.Sprintf(`[{"type":"TypeError","value":"no sum of %d","trace":[{"filename":"/app/x.py","line_number":7,"name":"f"}]}]`, n)
	}
	if rare {
		exceptions = `[{"type":"KeyError","value":"'a'","trace":[{"filename":"/app/y.py","line_number":1,"name":"g"}]}]`
	}
	e.Raw = json.RawMessage(`{"message":"Query ` + fmt.Sprint(n) + ` failed","exceptions":` + exceptions + `}`)
	return e
}

// pipeline is a fake with pages of 100 entries, the last of which holds a rare failure.
func pipeline(pages int, end alogs.State) func(*client.Fake) {
	return func(f *client.Fake) {
		f.Conns = []wire.Connection{{ID: "d1", Vendor: "deepset", Region: "eu", Account: "W", Address: "deepset/eu/W"}}
		for p := range pages {
			page := wire.Page{Coverage: []alogs.Coverage{{Src: "deepset/eu/W/p", From: noon.Add(-time.Duration(p+1) * time.Hour), To: noon, State: alogs.More}}, Scanned: 100}
			for i := range 100 {
				page.Entries = append(page.Entries, failing(100*p+i, p == pages-1 && i == 99))
			}
			key := ""
			if p > 0 {
				key = fmt.Sprint(p)
			}
			if page.Cursor = fmt.Sprint(p + 1); p == pages-1 {
				page.Cursor, page.Coverage[0].State = "", end
			}
			f.Pages[key] = page
		}
	}
}

// settle lets the page take in what it asked for, until it asks for no more.
func (s *stage) settle() string {
	html := ""
	for before := -1; before != s.asked("GET", wire.PathLogs); {
		before = s.asked("GET", wire.PathLogs)
		html = s.html()
	}
	return html
}

func printOf(e alogs.Entry) string {
	r, _ := exception.Read(&e)
	return r.Fingerprint
}

func TestExceptions_ReadOnAndCountWhatWasRead(t *testing.T) {
	for _, c := range []struct {
		pages int
		want  string // of the card in which every third entry is
	}{
		{1, ">33×<"}, // 0, 3 … 96: the rare one is the 99th
		{3, ">100×<"},
		{15, ">≥ 334×<"}, // of the first 1,000
	} {
		s, _ := openLogs(t, "/deepset/exceptions?src=deepset/eu/W/p", pipeline(c.pages, alogs.Complete))
		if html := s.settle(); !strings.Contains(html, c.want) {
			t.Errorf("%d pages: no %s in %s", c.pages, c.want, html)
		}
		if got := s.asked("GET", wire.PathLogs); got != min(c.pages, readOn/100) {
			t.Errorf("%d pages: asked %d times", c.pages, got)
		}
	}
}

func TestExceptions_ALinkIsLookedForFurtherBack(t *testing.T) {
	rare := printOf(failing(0, true))
	s, _ := openLogs(t, "/deepset/exceptions/"+rare+"?src=deepset/eu/W/p", pipeline(13, alogs.Complete))
	if html := s.settle(); !strings.Contains(html, "KeyError") || !strings.Contains(html, "Occurrence 1 of 1") {
		t.Errorf("the card of page 13 is not found: %s", html)
	}
	s, _ = openLogs(t, "/deepset/exceptions/0123456789?src=deepset/eu/W/p", pipeline(3, alogs.Complete))
	if html := s.settle(); !strings.Contains(html, "No occurrence among the 300 entries shown.") {
		t.Errorf("what does not exist: %s", html)
	}
	s, _ = openLogs(t, "/deepset/exceptions/nonsense?src=deepset/eu/W/p", pipeline(13, alogs.Complete))
	if html := s.settle(); !strings.Contains(html, "is no fingerprint") || s.asked("GET", wire.PathLogs) > readOn/100 {
		t.Errorf("what is no fingerprint is looked for: %s", html)
	}
}

func TestExceptions_OccurrencesStepAndStandInTheAddress(t *testing.T) {
	s, p := openLogs(t, "/deepset/exceptions/"+printOf(failing(0, false))+"?src=deepset/eu/W/p", pipeline(1, alogs.Complete))
	s.settle()
	x := p.place.is.(*exceptions)
	step := func(by int) {
		x.on(nil, part.OccurrenceStepped{By: by})
		s.html()
	}
	step(1)
	step(1)
	if x.at() != 2 || p.m.View().Sel != "e6" || p.m.Open() != 6 {
		t.Errorf("at %d, %q, row %d", x.at(), p.m.View().Sel, p.m.Open())
	}
	if html := s.html(); !strings.Contains(html, "Query 6 failed") || strings.Contains(html, `role="complementary"`) {
		t.Error("the third occurrence is not the one that is shown, or the table's details are drawn beneath")
	}
	step(-1)
	if x.at() != 1 {
		t.Errorf("back at %d", x.at())
	}
	x.choose(len(x.of) - 1)
	step(1)
	if x.at() != len(x.of)-1 || p.told != "This is the oldest occurrence" {
		t.Errorf("past the end: %d, %q", x.at(), p.told)
	}
	x.choose(0)
	step(-1)
	if x.at() != 0 || p.told != "This is the newest occurrence" {
		t.Errorf("before the beginning: %d, %q", x.at(), p.told)
	}

	// New rows above: the same occurrence stays.
	x.choose(3)
	id := x.of[x.at()].ID
	if e, row, ok := x.entry(&x.of[x.at()]); !ok || e.ID != id || row != 9 {
		t.Errorf("the entry of %s is %s in row %d", id, e.ID, row)
	}
	x.of[3].At = 4 // another one's row, as before the next walk
	if e, _, ok := x.entry(&x.of[3]); !ok || e.ID != id {
		t.Errorf("a row that moved: %s instead of %s", e.ID, id)
	}
}

func TestExceptions_ContextGoesToTheTable(t *testing.T) {
	s, p := openLogs(t, "/deepset/exceptions/"+printOf(failing(0, false))+"?src=deepset/eu/W/p&q=level:error", pipeline(1, alogs.Complete))
	s.settle()
	p.place.is.on(nil, part.ContextAsked{})
	v, _ := view.Parse("/logs", strings.TrimPrefix(s.went[0], "/logs?"))
	if v.Query != "" || v.Sel != "e0" || v.From != view.Stamp(noon.Add(-30*time.Second)) || v.To != view.Stamp(noon.Add(30*time.Second)) {
		t.Errorf("went to %s", s.went[0])
	}
}

func TestExceptions_CancelStopsReadingOn(t *testing.T) {
	s, p := openLogs(t, "/deepset/exceptions?src=deepset/eu/W/p", pipeline(12, alogs.Complete))
	s.settle()
	x := p.place.is.(*exceptions)
	x.fp = "0123456789" // looked for further than cards read by themselves
	p.on(nil, part.ActionGiven{Action: viewer.ActCancel})
	x.counted()
	s.settle()
	if got := s.asked("GET", wire.PathLogs); got != readOn/100 {
		t.Errorf("asked %d times after all", got)
	}
	p.on(nil, part.ActionGiven{Action: viewer.ActSearchOn})
	s.settle()
	if got := s.asked("GET", wire.PathLogs); got != 12 {
		t.Errorf("asked %d times: the reader wanted more", got)
	}
}

func TestExceptions_EscapeGoesUpWhereThereIsNoWayBack(t *testing.T) {
	fp := printOf(failing(0, false))
	s, p := openLogs(t, "/deepset/exceptions/"+fp+"?src=deepset/eu/W/p", pipeline(1, alogs.Complete))
	s.settle()
	if !p.place.is.key(cmdClose) {
		t.Fatal("Escape is left to the page")
	}
	s.html()
	if len(s.went) != 1 || s.went[0] != "/deepset/exceptions?src=deepset/eu/W/p" {
		t.Errorf("went to %q", s.went)
	}
	s, p = openLogs(t, "/deepset/exceptions?src=deepset/eu/W/p", pipeline(1, alogs.Complete))
	s.settle()
	p.place.is.key(cmdClose)
	s.html()
	if len(s.went) != 1 || s.went[0] != "/logs?src=deepset/eu/W/p" {
		t.Errorf("went to %q", s.went)
	}
}

func TestExceptions_WithoutAConnectionOfferOne(t *testing.T) {
	s, p := openLogs(t, "/deepset/exceptions/"+printOf(failing(0, false))+"?src=deepset/eu/W/p", nil)
	html := s.settle()
	if !strings.Contains(html, "Connect deepset to see this") || !strings.Contains(html, part.IDCredential("key")) {
		t.Fatalf("no way to connect: %s", html)
	}
	if p.place.kind != view.Exceptions {
		t.Errorf("the place is %v", p.place.kind)
	}
}

func TestExceptions_SourcesAreKept(t *testing.T) {
	kept := map[string]string{}
	store := Storage{Get: func(k string) string { return kept[k] }, Set: func(k, text string) { kept[k] = text }}
	set := readSettings(store)
	want := exception.Sources{Under: "/app/", Link: "https://git.example.com/{path}"}
	set.setSources(want)
	if got := readSettings(store).sources; got != want {
		t.Errorf("kept %+v", got)
	}
	set.setSources(exception.Sources{})
	if kept[sourcesKey] != "" {
		t.Error("nothing is kept as something")
	}
}

func TestExceptions_SaysWhatIsReadWithoutTheReaderAsking(t *testing.T) {
	s, p := openLogs(t, "/deepset/exceptions?src=deepset/eu/W/p", pipeline(12, alogs.Complete))
	if html := s.settle(); strings.Contains(html, "to group them") {
		t.Errorf("still reading after %d entries: %s", readOn, html)
	}
	x := p.place.is.(*exceptions)
	x.goal = 2 * readOn // as while it reads
	html := s.html()
	for _, want := range []string{"Read 1,000 of 2,000 entries, to group them", ">Stop<", ">Read all<"} {
		if !strings.Contains(html, want) {
			t.Errorf("%q is missing in %s", want, html)
		}
	}
	p.on(nil, part.ActionGiven{Action: viewer.ActCancel})
	if html := s.settle(); !x.stopped || strings.Contains(html, "to group them") {
		t.Errorf("stopped: %t, %s", x.stopped, html)
	}
	x.goal = 2 * readOn
	p.on(nil, part.ActionGiven{Action: viewer.ActAll})
	if html := s.settle(); strings.Contains(html, "to group them") || s.asked("GET", wire.PathLogs) != 12 {
		t.Errorf("asked %d times for all: %s", s.asked("GET", wire.PathLogs), html)
	}
}
