package page

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/logpane/logpane/app/fault"
	alogs "github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/shape"
	"github.com/logpane/logpane/app/view"
	"github.com/logpane/logpane/app/wire"
	"github.com/logpane/logpane/web/client"
	"github.com/logpane/logpane/web/part"
)

// calls answers with 30 calls of one shape, those of every fourth slow and with a
// parameter of their own that is no part of the shape, and 5 of another, which find
// nothing.
func calls(f *client.Fake) {
	algoliaConn(f)
	page := wire.Page{Coverage: []alogs.Coverage{{Src: "algolia/eu/APP", State: alogs.Complete}}, Scanned: 35}
	for i := range 35 {
		took, params, hits, size := 10+i%4, "page=0", "12", "20"
		if i%4 == 0 {
			took, params = 400+i, "page=40"
		}
		if i >= 30 {
			size, hits, took = "5", "0", 1
		}
		raw, _ := json.Marshal(map[string]any{
			"method": "POST", "url": "/1/indexes/products/query?x-algolia-api-key=0123456789abcdef0123456789abcdef", "index": "products", "answer_code": "200",
			"query_body": fmt.Sprintf(`{"params":"query=shoes&hitsPerPage=%s&%s"}`, size, params), "processing_time_ms": fmt.Sprint(took), "query_nb_hits": hits,
		})
		e := alogs.Entry{ID: fmt.Sprint("c", i), Src: "algolia/eu/APP", Time: noon.Add(-time.Duration(i) * time.Minute), Took: time.Duration(took) * time.Millisecond, HasTook: true, Raw: raw}
		e.Fields.Add("query", "shoes")
		page.Entries = append(page.Entries, e)
	}
	f.Pages[""] = page
}

// shapeOf returns the fingerprint of the calls with so many hits a page.
func shapeOf(t *testing.T, size string) string {
	t.Helper()
	c, ok := shape.Read(`{"method":"POST","url":"/1/indexes/products/query","index":"products","query_body":"{\"params\":\"query=x&hitsPerPage=` + size + `\"}"}`)
	if !ok {
		t.Fatal("no call")
	}
	return shape.Of(&c).ID
}

func says(t *testing.T, html string, want ...string) {
	t.Helper()
	for _, w := range want {
		if !strings.Contains(html, w) {
			t.Errorf("%q is missing in %s", w, html)
		}
	}
}

func TestShapes_ListTellsTimesAndZeroHits(t *testing.T) {
	s, p := openLogs(t, "/algolia/shapes?src=algolia/eu/APP", calls)
	html := s.html()
	says(t, html, "35 calls in 2 shapes", "server time only, network not included", "few calls", "hitsPerPage=20", "5 of 35 (14 %)", "“shoes”",
		"/algolia/shapes/"+shapeOf(t, "20")+"?src=algolia/eu/APP", "/logs?q=hits:0&src=algolia/eu/APP", `aria-sort="descending"`)
	if strings.Count(html, "few calls") != 1 {
		t.Error("a shape of 30 calls has few, or one of 5 has not")
	}
	if strings.Contains(html, "≥") {
		t.Error("all was read, and yet the counts are lower bounds")
	}
	p.on(nil, part.ShapesSorted{Column: "calls"})
	p.on(nil, part.ShapesSorted{Column: "calls"})
	if html = s.html(); strings.Index(html, "hitsPerPage=5") > strings.Index(html, "hitsPerPage=20") || !strings.Contains(html, `aria-sort="ascending"`) {
		t.Error("fewest calls do not come first")
	}
	p.on(nil, part.ShapesGrouped{Index: true})
	says(t, s.html(), "Calls by index", "q=index:products")
}

func TestShapes_OpenShapeTellsWhatDiffers(t *testing.T) {
	s, p := openLogs(t, "/algolia/shapes/"+shapeOf(t, "20")+"?src=algolia/eu/APP", calls)
	html := s.html()
	says(t, html, "products · query", "What differs: slow against fast", "Slow: the slowest quarter, 8 calls of 400 ms and more. Fast: the other 22.", "8 of 8", "0 of 22",
		"This shape&#39;s 30 calls against 5 calls of other shapes to the same index.", "30 of 30", "over 30 calls")
	place := p.place.is.(*shapes)
	if len(place.list) != 30 || place.list[0].Took != 428*time.Millisecond || !place.list[7].Slow || place.list[8].Slow {
		t.Fatalf("the calls are %+v", place.list)
	}
	p.on(nil, part.CallPicked{Key: place.list[0].Key})
	says(t, s.html(), `aria-label="Details"`, "Copy as cURL", "In the table", "sel=c28", "server time only")
	if curl := place.details().Copy("curl"); !strings.Contains(curl, "$ALGOLIA_API_KEY") || strings.Contains(curl, "0123456789abcdef") || !strings.Contains(curl, "https://APP-dsn.algolia.net/1/indexes/products/query") {
		t.Errorf("the command is %s", curl)
	}
	place.key(cmdDown)
	if place.picked != place.list[1].Key {
		t.Errorf("down shows %q", place.picked)
	}
	place.key(cmdClose)
	if place.picked != "" {
		t.Error("Esc leaves the call open")
	}
	p.on(nil, part.ShapesSorted{Column: "time"})
	if place.list[0].Key != "c0" {
		t.Errorf("the newest call is %+v", place.list[0])
	}
}

func TestShapes_WhoMustConnectIsToldSo(t *testing.T) {
	s, _ := openLogs(t, "/algolia/shapes/0123456789?src=algolia/eu/APP", func(f *client.Fake) {
		f.Fail("GET", wire.PathLogs, fault.New(fault.Unauthenticated, "").Saying("not connected"))
	})
	html := s.html()
	says(t, html[strings.Index(html, `class="place"`):], "Connect")
}

func TestShapes_UnknownFingerprintIsNoBlank(t *testing.T) {
	s, p := openLogs(t, "/algolia/shapes/nothing?src=algolia/eu/APP", calls)
	says(t, s.html(), "No call of this shape is among the entries shown.", "All shapes")
	e := p.m.Entry(0)
	if v, what, ok := p.drillDown(&e); !ok || what != "shape" || v.Place() != (view.Place{Kind: view.Shapes, A: shapeOf(t, "20")}) {
		t.Errorf("a call leads to %s, %q", v.URL(), what)
	}
}
