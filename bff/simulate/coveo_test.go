package simulate

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

type coveoEntry struct {
	GUID       string            `json:"guid"`
	ID         string            `json:"id"`
	Org        string            `json:"organizationId"`
	SourceID   string            `json:"sourceId"`
	Task       string            `json:"task"`
	Operation  string            `json:"operation"`
	Result     string            `json:"result"`
	Datetime   string            `json:"datetime"`
	ResourceID string            `json:"resourceId"`
	RequestID  string            `json:"requestId"`
	Meta       map[string]string `json:"meta"`
}

type coveoPage struct {
	Entries []coveoEntry `json:"documentLogEntries"`
	More    *bool        `json:"hasNextPage"`
}

type coveoError struct {
	Code    string `json:"errorCode"`
	Message string `json:"message"`
}

const coveoLogs = "/coveo/logs/v1/organizations/" + CoveoOrg

func coveoRig(tb testing.TB, opts Options) *rig {
	return newRig(tb, opts).as("Authorization", "Bearer "+CoveoToken, "Content-Type", "application/json")
}

// week is the parameters of the last seven days.
func (g *rig) week(more ...string) string {
	now := g.clock.now()
	return encode(append([]string{"from", now.Add(-7 * 24 * time.Hour).Format(coveoTime), "to", now.Format(coveoTime)}, more...)...)
}

func (g *rig) coveo(body string, params ...string) coveoPage {
	g.tb.Helper()
	var page coveoPage
	g.decode(g.do("POST", coveoLogs+g.week(params...), body), http.StatusOK, &page)
	if page.More == nil {
		g.tb.Fatal("no hasNextPage")
	}
	return page
}

func (g *rig) coveoAll(body string, params ...string) []coveoEntry {
	g.tb.Helper()
	var all []coveoEntry
	for n := 0; ; n++ {
		page := g.coveo(body, append([]string{"page", fmt.Sprint(n), "perPage", "1000"}, params...)...)
		all = append(all, page.Entries...)
		if !*page.More {
			return all
		}
	}
}

func TestCoveo_PagesAreOldestFirstAndComplete(t *testing.T) {
	g := coveoRig(t, Options{})
	if page := g.coveo("{}"); len(page.Entries) != 50 || !*page.More {
		t.Errorf("default page: %d, %t", len(page.Entries), *page.More)
	}
	all := g.coveoAll("{}")
	var small []coveoEntry
	for n := 0; ; n++ {
		page := g.coveo(`{}`, "page", fmt.Sprint(n), "perPage", "333")
		small = append(small, page.Entries...)
		if !*page.More {
			break
		}
	}
	if len(small) != len(all) || len(all) < 1000 {
		t.Fatalf("%d by 333, %d by 1000", len(small), len(all))
	}
	var noGUID int
	for i, e := range all {
		if e.ID != small[i].ID || e.Datetime != small[i].Datetime || i > 0 && e.Datetime < all[i-1].Datetime {
			t.Fatalf("row %d out of order", i)
		}
		if _, err := time.Parse(coveoTime, e.Datetime); err != nil || len(e.Datetime) != 24 {
			t.Fatalf("datetime %q", e.Datetime)
		}
		if e.GUID == "" {
			noGUID++
		}
	}
	if noGUID == 0 || noGUID > len(all)/4 {
		t.Errorf("%d rows of %d without guid", noGUID, len(all))
	}
	if page := g.coveo("{}", "page", "9223372036854775807", "perPage", "1000"); len(page.Entries) != 0 || *page.More {
		t.Error("a page past the end is not empty")
	}
}

func TestCoveo_RequestIDChangesWithEveryCall(t *testing.T) {
	g := coveoRig(t, Options{Entries: 100})
	a, b := g.coveo("{}", "perPage", "5"), g.coveo("{}", "perPage", "5")
	if a.Entries[0].RequestID == "" || a.Entries[0].RequestID != a.Entries[4].RequestID || a.Entries[0].RequestID == b.Entries[0].RequestID {
		t.Errorf("%q %q", a.Entries[0].RequestID, b.Entries[0].RequestID)
	}
	for _, raw := range g.sim.Entries("coveo") {
		if strings.Contains(string(raw), "requestId") {
			t.Fatal("requestId is stored")
		}
	}
}

func TestCoveo_Filters(t *testing.T) {
	g := coveoRig(t, Options{})
	all := g.coveoAll("{}")
	source, items := CoveoBatch()
	for name, c := range map[string]struct {
		body   string
		params []string
		want   func(coveoEntry) bool
	}{
		"source":           {fmt.Sprintf(`{"sourcesIds":[%q]}`, source), nil, func(e coveoEntry) bool { return e.SourceID == source }},
		"not source":       {fmt.Sprintf(`{"excludeSourceIds":[%q]}`, source), nil, func(e coveoEntry) bool { return e.SourceID != source }},
		"results":          {`{"results":["ERROR","REJECTED"]}`, nil, func(e coveoEntry) bool { return e.Result == "ERROR" || e.Result == "REJECTED" }},
		"not results":      {`{"excludeResults":["COMPLETED"]}`, nil, func(e coveoEntry) bool { return e.Result != "COMPLETED" }},
		"tasks":            {`{"tasks":["CONSUMING"]}`, nil, func(e coveoEntry) bool { return e.Task == "CONSUMING" }},
		"not tasks":        {`{"excludeTasks":["CONSUMING"]}`, nil, func(e coveoEntry) bool { return e.Task != "CONSUMING" }},
		"operations":       {`{"operations":["DELETE"]}`, nil, func(e coveoEntry) bool { return e.Operation == "DELETE" }},
		"not operations":   {`{"excludeOperations":["ADD"]}`, nil, func(e coveoEntry) bool { return e.Operation != "ADD" }},
		"resources":        {`{"resourceIds":["MAPPING_EXTENSION"]}`, nil, func(e coveoEntry) bool { return e.ResourceID == "MAPPING_EXTENSION" }},
		"not resources":    {`{"excludeResourceIds":["MAPPING_EXTENSION"]}`, nil, func(e coveoEntry) bool { return e.ResourceID != "MAPPING_EXTENSION" }},
		"allow beats":      {`{"tasks":["CONSUMING"],"excludeTasks":["CONSUMING"]}`, nil, func(e coveoEntry) bool { return e.Task == "CONSUMING" }},
		"two kinds":        {`{"tasks":["CONSUMING"],"results":["ERROR"]}`, nil, func(e coveoEntry) bool { return e.Task == "CONSUMING" && e.Result == "ERROR" }},
		"item":             {`{}`, []string{"documentId", items[0]}, func(e coveoEntry) bool { return e.ID == items[0] }},
		"item exact":       {`{}`, []string{"documentId", items[0], "documentIdMatching", "EXACT"}, func(e coveoEntry) bool { return e.ID == items[0] }},
		"item partial":     {`{}`, []string{"documentId", "sku-2000", "documentIdMatching", "PARTIAL"}, func(e coveoEntry) bool { return strings.Contains(e.ID, "sku-2000") }},
		"item wildcard":    {`{}`, []string{"documentId", "https://*/p/sku-2000?", "documentIdMatching", "WILDCARD"}, func(e coveoEntry) bool { return strings.HasPrefix(e.ID, "https://shop.example.com/p/sku-2000") }},
		"empty allow list": {`{"tasks":[]}`, nil, func(coveoEntry) bool { return true }},
	} {
		want := 0
		for _, e := range all {
			if c.want(e) {
				want++
			}
		}
		got := g.coveoAll(c.body, c.params...)
		if len(got) != want || want == 0 {
			t.Errorf("%s: %d, want %d", name, len(got), want)
		}
		for _, e := range got {
			if !c.want(e) {
				t.Errorf("%s: shows %+v", name, e)
				break
			}
		}
		var stats map[string]map[string]int
		g.decode(g.do("POST", coveoLogs+"/facetsStats"+g.week(c.params...), c.body), 200, &stats)
		sum := 0
		for _, n := range stats["tasks"] {
			sum += n
		}
		if sum != want {
			t.Errorf("%s: facetsStats counts %d, want %d", name, sum, want)
		}
	}
}

func TestCoveo_Facets(t *testing.T) {
	g := coveoRig(t, Options{})
	var facets map[string][]string
	g.decode(g.do("POST", coveoLogs+"/facets"+g.week(), `{"results":["ERROR"]}`), 200, &facets)
	if len(facets) != 5 || !slices.Equal(facets["results"], []string{"ERROR"}) || !slices.Contains(facets["tasks"], "CONSUMING") {
		t.Errorf("%v", facets)
	}
}

func TestCoveo_WindowIsInclusiveAndClampedToTheRetention(t *testing.T) {
	g := coveoRig(t, Options{Entries: 30})
	at := testNow.Add(-time.Minute).Truncate(time.Second)
	if err := g.sim.Append("coveo", json.RawMessage(fmt.Sprintf(`{"id":"late","datetime":%q}`, at.Format(time.RFC3339)))); err != nil {
		t.Fatal(err)
	}
	ask := func(from, to time.Time) int {
		var page coveoPage
		g.decode(g.do("POST", coveoLogs+encode("from", from.Format(coveoTime), "to", to.Format(coveoTime), "documentId", "late"), "{}"), 200, &page)
		return len(page.Entries)
	}
	if ask(at, at) != 1 || ask(at.Add(time.Millisecond), at.Add(time.Hour)) != 0 || ask(at.Add(-time.Hour), at.Add(-time.Millisecond)) != 0 {
		t.Error("the window is not exactly from to to")
	}
	g.clock.advance(14*24*time.Hour - 2*time.Minute)
	if ask(at, at) != 1 {
		t.Error("gone before 14 days")
	}
	g.clock.advance(2 * time.Minute)
	if ask(at, at) != 0 {
		t.Error("still there after 14 days")
	}
}

func TestCoveo_Refusals(t *testing.T) {
	g := coveoRig(t, Options{Entries: 30})
	noView := g.as("Authorization", "Bearer "+CoveoTokenNoView, "Content-Type", "application/json")
	week := g.week()
	for name, c := range map[string]struct {
		rig              *rig
		path, body, kind string
		status           int
		want             string
	}{
		"no window":        {g, coveoLogs, "{}", "", 400, "from"},
		"no to":            {g, coveoLogs + "?from=2026-03-14T00:00:00Z", "{}", "", 400, "to"},
		"not a time":       {g, coveoLogs + "?from=yesterday&to=today", "{}", "", 400, "from"},
		"backwards":        {g, coveoLogs + "?from=2026-03-14T00:00:01Z&to=2026-03-14T00:00:00Z", "{}", "", 400, "before"},
		"over seven days":  {g, coveoLogs + "?from=2026-03-01T00:00:00.000Z&to=2026-03-08T00:00:00.001Z", "{}", "", 400, "7 days"},
		"perPage":          {g, coveoLogs + week + "&perPage=1001", "{}", "", 400, "perPage"},
		"page":             {g, coveoLogs + week + "&page=-1", "{}", "", 400, "page"},
		"parameter":        {g, coveoLogs + week + "&limit=10", "{}", "", 400, "limit"},
		"facets paging":    {g, coveoLogs + "/facets" + week + "&page=1", "{}", "", 400, "page"},
		"matching":         {g, coveoLogs + week + "&documentIdMatching=REGEX", "{}", "", 400, "documentIdMatching"},
		"no body":          {g, coveoLogs + week, "", "", 400, "object"},
		"array body":       {g, coveoLogs + week, "[]", "", 400, "object"},
		"broken body":      {g, coveoLogs + week, `{"tasks"`, "", 400, "JSON"},
		"sourceIds":        {g, coveoLogs + week, `{"sourceIds":["x"]}`, "", 400, "sourceIds"},
		"key in caps":      {g, coveoLogs + week, `{"SourcesIds":["x"]}`, "", 400, "SourcesIds"},
		"string for array": {g, coveoLogs + week, `{"tasks":"CONSUMING"}`, "", 400, "array"},
		"unknown task":     {g, coveoLogs + week, `{"tasks":["DREAMING"]}`, "", 400, "DREAMING"},
		"form":             {g, coveoLogs + week, "{}", "text/plain", 415, "application/json"},
		"bad token":        {g.as("Authorization", "Bearer x"), coveoLogs + week, "{}", "application/json", 401, "token"},
		"no token":         {g.as(), coveoLogs + week, "{}", "application/json", 401, "token"},
		"no privilege":     {noView, coveoLogs + week, "{}", "", 403, "sources"},
		"another org":      {g, "/coveo/logs/v1/organizations/other" + week, "{}", "", 404, "other"},
	} {
		var header []string
		if c.kind != "" {
			header = []string{"Content-Type", c.kind}
		}
		var e coveoError
		r := c.rig.do("POST", c.path, c.body, header...)
		c.rig.decode(r, c.status, &e)
		if e.Code == "" || !strings.Contains(e.Message, c.want) {
			t.Errorf("%s: %+v", name, e)
		}
		if r.header.Get("X-Request-ID") == "" {
			t.Errorf("%s: no X-Request-ID", name)
		}
	}
}

func TestCoveo_LenientIgnoresUnknownKeysAndSoReturnsAllSources(t *testing.T) {
	g := coveoRig(t, Options{Lenient: true})
	source, _ := CoveoBatch()
	if n := len(g.coveoAll(fmt.Sprintf(`{"sourceIds":[%q]}`, source))); n != len(g.coveoAll("{}")) {
		t.Errorf("%d rows", n)
	}
}

func TestCoveo_DeprecatedGetAnswersEverySource(t *testing.T) {
	g := coveoRig(t, Options{Entries: 60})
	var page coveoPage
	g.decode(g.do("GET", coveoLogs+g.week("perPage", "1000"), ""), 200, &page)
	if len(page.Entries) != len(g.coveoAll("{}")) {
		t.Errorf("%d rows", len(page.Entries))
	}
}

func TestCoveo_BatchTellsTheFateOfEachItem(t *testing.T) {
	g := coveoRig(t, Options{})
	source, items := CoveoBatch()
	last := map[string]coveoEntry{}
	for _, e := range g.coveoAll(fmt.Sprintf(`{"sourcesIds":[%q]}`, source)) {
		last[e.ID] = e
	}
	fates := map[string]int{}
	for _, item := range items {
		e, seen := last[item]
		switch {
		case !seen:
			fates["not seen"]++
		case e.Result == "ERROR" || e.Result == "REJECTED":
			fates["failed"]++
			if e.Task == "CONSUMING" && (e.Meta["errorCode"] != "INVALID_DOCUMENT" || !strings.HasSuffix(e.Meta["errorMessage"], "No permissions are set on document.")) {
				t.Errorf("meta %v", e.Meta)
			}
		case e.Task == "INDEXING":
			fates["indexed"]++
		default:
			fates["under way"]++
		}
	}
	if len(items) != 240 || fates["not seen"] != 1 || fates["failed"] != 6 || fates["under way"] != 2 || fates["indexed"] != 231 {
		t.Errorf("%v", fates)
	}
}

func TestCoveo_PickLists(t *testing.T) {
	g := coveoRig(t, Options{Entries: 30})
	const base = "/coveo-platform/rest/organizations/" + CoveoOrg + "/sources"
	var pages struct {
		Models []struct{ ID, Name, SourceType string } `json:"sourceModels"`
		Pages  int                                     `json:"totalPages"`
		Total  int                                     `json:"totalEntries"`
	}
	g.get(200, &pages, base+"/pages", "page", "1", "perPage", "2", "sortingType", "NAME")
	if pages.Pages != 2 || pages.Total != 3 || len(pages.Models) != 1 || pages.Models[0].Name != "Team wiki" {
		t.Errorf("%+v", pages)
	}
	g.get(200, &pages, base+"/pages", "filter", "push")
	if pages.Total != 1 || pages.Models[0].SourceType != "PUSH" {
		t.Errorf("%+v", pages)
	}
	var bare []json.RawMessage
	g.get(200, &bare, base)
	if len(bare) != 3 || !strings.Contains(string(bare[0]), "demo-source-password") {
		t.Errorf("%s", bare)
	}
	g.get(400, nil, base+"/pages", "filter", "x")
	g.as("Authorization", "Bearer "+CoveoTokenNoView).get(403, nil, base)
	g.as().get(401, nil, base)

	form := []string{"Content-Type", "application/x-www-form-urlencoded"}
	g.decode(g.do("POST", "/coveo-platform/oauth/check_token", "token="+CoveoToken, form...), 200, nil)
	g.decode(g.do("POST", "/coveo-platform/oauth/check_token", "token=x", form...), 400, nil)
	g.decode(g.do("POST", "/coveo-platform/oauth/check_token", "token=x"), 415, nil)
}

func TestCoveo_FaultsCanBeAFirewall(t *testing.T) {
	g := coveoRig(t, Options{Entries: 30})
	g.sim.Fault("coveo", Fault{Status: 403, Count: 1, Body: "<html>blocked</html>", ContentType: "text/html", Header: map[string]string{"x-coveo-waf-action": "block"}})
	r := g.do("POST", coveoLogs+g.week(), "{}")
	if r.status != 403 || r.header.Get("X-Coveo-Waf-Action") != "block" || r.header.Get("Content-Type") != "text/html" || string(r.body) != "<html>blocked</html>" {
		t.Errorf("%d %v %s", r.status, r.header, r.body)
	}
	g.sim.Fault("coveo", Fault{Status: 502, Count: 1, ContentType: "text/html"})
	if r := g.do("POST", coveoLogs+g.week(), "{}"); r.status != 502 || len(r.body) != 0 {
		t.Errorf("%d %s", r.status, r.body)
	}
	g.coveo("{}")
}

func TestCoveo_AppendedEntriesAreSortedInByTime(t *testing.T) {
	g := coveoRig(t, Options{Entries: 200})
	old := testNow.Add(-48 * time.Hour).Format(coveoTime)
	if err := g.sim.Append("coveo", json.RawMessage(`{"id":"x","requestId":"r","datetime":"`+old+`"}`), json.RawMessage(`{}`)); err != nil {
		t.Fatal(err)
	}
	all := g.coveoAll("{}")
	if !slices.IsSortedFunc(all, func(a, b coveoEntry) int { return strings.Compare(a.Datetime, b.Datetime) }) {
		t.Error("not sorted")
	}
	if last := all[len(all)-1]; last.Datetime != testNow.Format(coveoTime) || last.ID != "" {
		t.Errorf("%+v", last)
	}
}
