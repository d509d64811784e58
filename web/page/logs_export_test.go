package page

import (
	"strings"
	"testing"

	"github.com/logpane/logpane/web/dom"
	"github.com/logpane/logpane/web/part"
	"github.com/maxence-charriere/go-app/v9/pkg/app"
)

// exportStage is a page of the table whose exports are in the test's hands.
type exportStage struct {
	*stage
	t        *testing.T
	p        *logs
	file     dom.Export
	begun    int
	canceled int
}

func openExports(t *testing.T, address string) *exportStage {
	t.Helper()
	x := &exportStage{t: t}
	x.stage = open(t, address, pages, func(d Deps) app.Composer {
		d.Export = func(file dom.Export) (cancel func()) {
			x.file = file
			x.begun++
			return func() { x.canceled++ }
		}
		return newLogs(d)
	})
	x.p = x.mount.(*logs)
	x.html()
	return x
}

// starts exports the view in a format.
func (x *exportStage) starts(format string) {
	x.p.on(nil, part.ExportAsked{})
	x.p.on(nil, part.ExportFormat{Format: format})
	x.p.on(nil, part.ExportStarted{})
}

// ends tells the page what the browser does at the end of a file.
func (x *exportStage) ends(how dom.ExportEnd, line string, lines int) (tail string) {
	tail = x.file.Ends(how, line, "", lines)
	x.file.Saved(1_234_567)
	return tail
}

func (x *exportStage) says(want ...string) {
	x.t.Helper()
	html := strings.Join(strings.Fields(x.html()), " ")
	for _, w := range want {
		if !strings.Contains(html, w) {
			x.t.Errorf("%q is missing in %s", w, html)
		}
	}
}

func TestExport_SaysWhatItWillHold(t *testing.T) {
	x := openExports(t, "/logs?q=status:500&src=algolia/eu/APP&cols=time,status,ip&wrap=1&sort=-took&what=ever")
	x.p.on(nil, part.ExportAsked{})
	if x.p.menu != part.MenuExport || !x.p.menu.Modal() {
		t.Fatal("the dialog is not open")
	}
	x.says("not only the", "status:500", "Last 24 hours: ", "It is fixed when the export starts.", "Time, Status, IP.", "Masked",
		`curl -OJ -H &#34;Authorization: Bearer $LOGPANE_TOKEN&#34; &#39;https://logpane.example/logs.csv?q=status:500&amp;src=algolia/eu/APP&amp;tz=UTC&amp;cols=time,status,ip&#39;`)
	x.p.on(nil, part.ExportFormat{Format: "ndjson"})
	x.p.on(nil, part.ExportRevealed{On: true})
	x.says("will hold e-mails", `/logs.ndjson?q=status:500&amp;src=algolia/eu/APP&amp;tz=UTC&amp;reveal=1&#39;`)
	if html := x.html(); strings.Contains(html, "As in the table") {
		t.Error("NDJSON has columns")
	}
	x.p.command(cmdClose, false)
	if x.p.menu != part.NoMenu || x.begun != 0 {
		t.Errorf("Escape left menu %d, %d exports begun", x.p.menu, x.begun)
	}
	x.p.on(nil, part.ExportAsked{})
	if box := x.p.exports.box; box.Reveal || box.Format != "ndjson" {
		t.Errorf("opened again with %+v", box)
	}
}

func TestExport_WhatTheTableSaysAsLevelHasColumnsOfItsOwn(t *testing.T) {
	for cols, want := range map[string]struct{ names, says string }{
		"":                            {"time,level,outcome,attempt,status,took,summary", "Time, Level with outcome and attempt, Status, Took, Summary."},
		"time,outcome,level":          {"time,outcome,level,attempt", "Time, Outcome, Level with attempt."},
		"attempt,level,outcome,index": {"attempt,level,outcome,index", "Attempt, Level, Outcome, Index."},
		"time,status":                 {"time,status", "Time, Status."},
	} {
		x := openExports(t, "/logs?src=algolia/eu/APP&cols="+cols)
		x.p.on(nil, part.ExportAsked{})
		x.says("cols="+want.names+"&#39;", "The table&#39;s: "+want.says)
		x.p.on(nil, part.ExportColumns{All: true})
		if command := x.p.exportDialog().Command; strings.Contains(command, "cols=") {
			t.Errorf("all usual columns are %s", command)
		}
	}
}

func TestExport_BelongsToTheViewAtItsStart(t *testing.T) {
	x := openExports(t, "/logs?q=status:500&src=algolia/eu/APP")
	x.p.on(nil, part.ExportAsked{})
	x.p.on(nil, part.ExportStarted{})
	const address = "/api/logs.csv?q=status:500&src=algolia/eu/APP&from=2026-11-20T12:00:00Z&to=2026-11-21T12:00:00Z&tz=UTC&cols="
	if !strings.HasPrefix(x.file.URL, address) || !x.file.Quoted || x.file.Name != "logpane-algolia-20261121-120000.csv" || x.file.Type != "text/csv" {
		t.Fatalf("%q %q %q %v", x.file.URL, x.file.Name, x.file.Type, x.file.Quoted)
	}
	x.says("Waiting for the first entries", "Canceling keeps what came")
	x.p.on(nil, part.MenuToggled{Menu: part.MenuExport})
	x.p.submit("status:404")
	x.file.Moved(41_201, 12_345_678, "2026-11-20T18:00:00Z,APP,error\r\n")
	x.says("41,200 entries · 12.3 MB · back to 20 Nov 18:00", "export-chip")
	x.p.on(nil, part.ExportStarted{}) // while one runs
	if x.begun != 1 {
		t.Errorf("%d exports run", x.begun)
	}
	if tail := x.ends(dom.ExportDone, "2026-11-20T12:00:01Z,APP,error\r\n", 50_001); tail != "2026-11-20T12:00:01Z,APP,error\r\n" {
		t.Errorf("a complete file ends with %q", tail)
	}
	x.says("50,000 entries · complete", "Dismiss")
	x.p.on(nil, part.MenuToggled{Menu: part.MenuExport})
	x.says("Personal data is masked in it", "status:500")
	x.p.on(nil, part.ExportRead{})
	x.says("Everything that matches is exported", "status:404")
}

func TestExport_TellsTheDayThatItReached(t *testing.T) {
	x := openExports(t, "/logs?src=algolia/eu/APP&from=2025-11-17T00:00:00Z&to=2026-11-19T00:00:00Z&tz=%2B14:00") // it is 2:00 of the 22nd there
	x.p.on(nil, part.ExportAsked{})
	x.p.on(nil, part.ExportStarted{})
	for _, at := range []struct{ when, want string }{
		{"2026-11-21T10:41:32Z", "00:41:32"}, // in the zone it is today
		{"2026-11-21T09:41:32Z", "21 Nov 23:41"},
		{"2026-11-18T10:41:32Z", "19 Nov 00:41"}, // the day on which the span ends
		{"2025-11-18T08:41:32Z", "18 Nov 2025 22:41"},
	} {
		x.file.Moved(9, 100, at.when+",APP\r\n")
		x.says("8 entries · 100 B · back to " + at.want)
	}
}

func TestExport_CanceledKeepsWhatCameAndSaysSo(t *testing.T) {
	x := openExports(t, "/logs?src=algolia/eu/APP")
	x.starts("ndjson")
	x.p.on(nil, part.MenuToggled{Menu: part.MenuExport})
	x.p.on(nil, part.ExportCanceled{})
	if x.canceled != 1 {
		t.Fatalf("canceled %d times", x.canceled)
	}
	x.says("Canceling")
	tail := x.ends(dom.ExportCanceled, `{"id":"e9","time":"2026-11-21T10:00:00Z"}`+"\n", 10)
	if !strings.HasPrefix(tail, `{"id":"e9"`) || !strings.Contains(tail, `{"end":true,"complete":false,"reason":"canceled by the reader","entries":10,`) || !strings.HasSuffix(tail, "}\n") {
		t.Errorf("the file ends with %s", tail)
	}
	x.says("10 entries · canceled, which the file says")
	x.p.on(nil, part.ExportRead{})
	if html := x.html(); strings.Contains(html, "canceled, which") || x.p.exports.run != nil {
		t.Error("it is told for ever")
	}
}

func TestExport_CanceledAfterItsEndSaysWhatTheEndDoes(t *testing.T) {
	for _, end := range []struct {
		format, line string
		lines        int
		want         string
	}{
		{"ndjson", `{"end":true,"complete":false,"reason":"Coveo answered 503","entries":9}`, 10, "9 entries · incomplete"},
		{"ndjson", `{"end":true,"complete":true,"entries":9}`, 10, "9 entries · complete"},
		{"json", `],"end":{"end":true,"complete":true,"entries":9}}`, 11, "9 entries · complete"},
		{"csv", "# incomplete: Coveo answered 503,,,", 11, "9 entries · incomplete"},
		{"md", "9 entries, newest first. **Incomplete:** Coveo answered 503.", 13, "9 entries · incomplete"},
	} {
		x := openExports(t, "/logs?src=algolia/eu/APP")
		x.starts(end.format)
		x.p.on(nil, part.ExportCanceled{})
		if tail := x.ends(dom.ExportCanceled, end.line+"\n", end.lines); tail != end.line+"\n" {
			t.Errorf("%s: the end became %q", end.line, tail)
		}
		x.says(end.want)
		if html := x.html(); strings.Contains(html, "canceled, which") {
			t.Errorf("the dialog says canceled of %s", end.line)
		}
	}
}

func TestExport_TriesAgainOnlyWhatMayPass(t *testing.T) {
	x := openExports(t, "/logs?src=algolia/eu/APP")
	x.starts("ndjson")
	name := x.p.exports.run.named[0]
	if name == x.p.exports.run.src[0] {
		t.Fatalf("the target is called %s", name)
	}
	for reason, want := range map[string]struct {
		says  string
		again bool
	}{
		"algolia/eu/APP: Algolia keeps the last 1,000 calls per server and no more": {name + ": Algolia keeps the last 1,000 calls per server and no more.", false},
		"algolia/eu/APP failed: Algolia answered 503; ask later":                    {name + " failed: Algolia answered 503; ask later.", true},
		"algolia/eu/APP: nothing that old; algolia/eu/APP failed: no answer":        {name + ": nothing that old; " + name + " failed: no answer.", true},
		"algolia/eu/APP: nothing that old; 2 more":                                  {name + ": nothing that old; 2 more.", false},
		"algolia/eu/APPLE: not of this export":                                      {"Algolia/eu/APPLE: not of this export.", true},
		"this server is about to restart":                                           {"This server is about to restart.", true},
	} {
		x.p.exports.run.ExportRun = part.ExportRun{}
		x.ends(dom.ExportDone, `{"end":true,"complete":false,"reason":"`+reason+`","entries":9}`+"\n", 10)
		x.says(want.says + " The file says so at its end.")
		if html := x.html(); strings.Contains(html, "Try again") != want.again || x.p.exports.run.Again != want.again {
			t.Errorf("%q may be tried again: %v", reason, !want.again)
		}
	}
	x.p.exports.run.ExportRun = part.ExportRun{}
	x.ends(dom.ExportCanceled, `{"id":"e9"}`+"\n", 9)
	x.says("9 entries · canceled", "Try again")
	x.p.on(nil, part.ExportStarted{})
	if x.begun != 2 {
		t.Errorf("%d begun", x.begun)
	}
}

func TestExport_IncompleteSaysWhyAndTriesTheSameAgain(t *testing.T) {
	x := openExports(t, "/logs?src=algolia/eu/APP")
	x.starts("ndjson")
	first := x.file.URL
	end := `{"end":true,"complete":false,"reason":"Coveo answered 503","entries":12000,"coverage":[]}` + "\n"
	if tail := x.ends(dom.ExportDone, end, 12_001); tail != end {
		t.Errorf("the server's end became %q", tail)
	}
	x.says("12,000 entries · incomplete", "Coveo answered 503. The file says so at its end.", "Try again")
	x.p.submit("status:404")
	x.p.on(nil, part.ExportStarted{})
	if x.begun != 2 || x.file.URL != first {
		t.Errorf("%d begun, the second of %s", x.begun, x.file.URL)
	}
	x.says("Waiting for the first entries")
	x.file.Refused(503, "application/problem+json", []byte(`{"status":503,"kind":"unavailable","detail":"Coveo cannot be reached"}`))
	x.says("No connection", "Coveo cannot be reached.", "Try again", "Change it")
	x.p.on(nil, part.ExportStarted{})
	x.file.Refused(0, "", nil)
	x.says("logpane server cannot be reached")
	x.p.on(nil, part.ExportStarted{})
	x.file.Failed("disk full")
	x.says("The browser could not write the file: disk full.")
	x.p.on(nil, part.ExportStarted{})
	x.file.Left()
	x.says("Everything that matches is exported")
	if x.p.exports.run != nil {
		t.Error("an export that never began is kept")
	}
}

func TestExport_IsFoundByItsNameAndOutlivesThePage(t *testing.T) {
	x := openExports(t, "/logs?src=algolia/eu/APP")
	x.p.on(nil, part.PaletteChosen{ID: itemExport})
	x.p.on(nil, part.ExportStarted{})
	other := openExports(t, "/logs?src=algolia/eu/APP")
	other.p.exports = x.p.exports
	other.p.OnDismount()
	x.file.Moved(8, 100, "") // nobody shows it
	other.p.exports.tell = other.p.around
	x.file.Moved(9, 100, "")
	other.says("8 entries · 100 B")
}

func TestExport_OfAPlaceIsOfWhatThatIsAbout(t *testing.T) {
	for address, want := range map[string]string{
		"/ep/jobs/i1/j1?src=elasticpath/eu/s":                         "/api/logs.csv?q=job:j1&src=elasticpath/eu/s&from=",
		"/coveo/items?src=coveo/eu/o/sources/s&uri=https://shop/1":    "&uri=https://shop/1",
		"/algolia/shapes?src=algolia/eu/APP&q=status:500&from=now-1h": "/api/logs.csv?q=status:500&src=algolia/eu/APP&from=2026-11-21T11:00:00Z&to=2026-11-21T12:00:00Z",
	} {
		x := openExports(t, address)
		x.p.on(nil, part.ExportAsked{})
		x.p.on(nil, part.ExportStarted{})
		if !strings.Contains(x.file.URL, want) {
			t.Errorf("%s is exported from %s", address, x.file.URL)
		}
	}
}
