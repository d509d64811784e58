package simulate

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

type deepsetLog struct {
	LogID      string          `json:"log_id"`
	Message    string          `json:"message"`
	LoggedAt   string          `json:"logged_at"`
	Level      string          `json:"level"`
	Origin     string          `json:"origin"`
	Extra      json.RawMessage `json:"extra_fields"`
	Exceptions []struct {
		Type, Value string
		Trace       []struct {
			Filename string `json:"filename"`
			Line     int    `json:"line_number"`
			Name     string `json:"name"`
		} `json:"trace"`
	} `json:"exceptions"`
}

type deepsetPage struct {
	Data  []deepsetLog `json:"data"`
	More  *bool        `json:"has_more"`
	Total *int         `json:"total"`
}

const ragProd = "/deepset/api/v1/workspaces/production/pipelines/rag-prod/logs"

func deepsetRig(tb testing.TB, opts Options) *rig {
	return newRig(tb, opts).as("Authorization", "Bearer "+DeepsetKey)
}

func (g *rig) deepset(path string, params ...string) deepsetPage {
	g.tb.Helper()
	var page deepsetPage
	g.get(http.StatusOK, &page, path, params...)
	if page.More == nil || page.Total == nil || page.Data == nil {
		g.tb.Fatal("data, has_more or total is missing")
	}
	return page
}

func (g *rig) deepsetWalk(path string, params ...string) []deepsetLog {
	g.tb.Helper()
	var all []deepsetLog
	cursor := []string{"limit", "100"}
	for {
		page := g.deepset(path, append(cursor, params...)...)
		all = append(all, page.Data...)
		if !*page.More {
			return all
		}
		cursor = []string{"limit", "100", "after", page.Data[len(page.Data)-1].LoggedAt}
	}
}

func TestDeepset_PagesByCursorInBothOrders(t *testing.T) {
	g := deepsetRig(t, Options{})
	if page := g.deepset(ragProd); len(page.Data) != 10 || !*page.More || *page.Total != len(g.sim.Entries("deepset/production/rag-prod")) {
		t.Errorf("default page: %d of %d", len(page.Data), *page.Total)
	}
	down := g.deepsetWalk(ragProd)
	up := g.deepsetWalk(ragProd, "order", "ASC")
	if len(down) < 300 {
		t.Fatalf("%d rows", len(down))
	}
	for i := 1; i < len(down); i++ {
		if down[i].LoggedAt > down[i-1].LoggedAt {
			t.Fatalf("row %d is newer than the row before it", i)
		}
	}
	for i := 1; i < len(up); i++ {
		if up[i].LoggedAt < up[i-1].LoggedAt {
			t.Fatalf("ASC row %d is older than the row before it", i)
		}
	}
	seen := map[string]bool{}
	for _, l := range down {
		if seen[l.LogID] {
			t.Fatalf("%s twice", l.LogID)
		}
		seen[l.LogID] = true
		if _, err := time.Parse("2006-01-02T15:04:05.000000Z", l.LoggedAt); err != nil || len(l.LogID) != 20 {
			t.Fatalf("row %+v", l)
		}
	}
}

func TestDeepset_RowsOfTheCursorsMicrosecond(t *testing.T) {
	for _, inclusive := range []bool{false, true} {
		g := deepsetRig(t, Options{AfterInclusive: inclusive, Entries: 30})
		at := testNow.Format("2006-01-02T15:04:05.000000Z")
		for i := range 3 {
			if err := g.sim.Append("deepset/production/draft", json.RawMessage(fmt.Sprintf(`{"log_id":"id%d","logged_at":%q,"message":"m","level":"info","origin":"unknown"}`, i, at))); err != nil {
				t.Fatal(err)
			}
		}
		path := strings.Replace(ragProd, "rag-prod", "draft", 1)
		first := g.deepset(path, "limit", "2")
		if first.Data[0].LogID != "id2" || first.Data[1].LogID != "id1" || !*first.More {
			t.Fatalf("%+v", first)
		}
		for _, order := range []string{"ASC", "DESC"} {
			next := g.deepset(path, "after", first.Data[1].LoggedAt, "order", order)
			if want := map[bool]int{false: 0, true: 3}[inclusive]; len(next.Data) != want || *next.Total != 3 {
				t.Errorf("inclusive=%t %s: %d rows, want %d", inclusive, order, len(next.Data), want)
			}
		}
		// Milliseconds are not enough: cut to them the cursor lies before all three.
		cut := testNow.Truncate(time.Millisecond).Format(time.RFC3339Nano)
		if next := g.deepset(path, "after", cut, "order", "DESC"); len(next.Data) != 0 {
			t.Errorf("%d rows before %s", len(next.Data), cut)
		}
	}
}

func TestDeepset_Filters(t *testing.T) {
	g := deepsetRig(t, Options{})
	all := g.sim.Entries("deepset/production/rag-prod")
	count := func(want func(deepsetLog) bool) (n int) {
		for _, raw := range all {
			var l deepsetLog
			if err := json.Unmarshal(raw, &l); err != nil {
				t.Fatal(err)
			}
			if want(l) {
				n++
			}
		}
		return n
	}
	for filter, want := range map[string]func(deepsetLog) bool{
		"level eq 'error'":                                func(l deepsetLog) bool { return l.Level == "error" },
		"origin eq 'haystack'":                            func(l deepsetLog) bool { return l.Origin == "haystack" },
		"level eq 'warning' and origin eq 'haystack'":     func(l deepsetLog) bool { return l.Level == "warning" && l.Origin == "haystack" },
		" origin  eq 'querypipeline' AND level eq 'info'": func(l deepsetLog) bool { return l.Level == "info" && l.Origin == "querypipeline" },
	} {
		page := g.deepset(ragProd, "filter", filter, "limit", "100")
		if n := count(want); *page.Total != n || n == 0 || len(page.Data) != min(100, n) || *page.More != (n > 100) {
			t.Errorf("%s: total %d, want %d", filter, *page.Total, n)
		}
		for _, l := range page.Data {
			if !want(l) {
				t.Errorf("%s: shows %s %s", filter, l.Level, l.Origin)
			}
		}
	}
	for _, filter := range []string{"level eq 'it''s'", "level eq 'error' and level eq 'info'"} {
		if page := g.deepset(ragProd, "filter", filter); *page.Total != 0 || *page.More {
			t.Errorf("%s: total %d", filter, *page.Total)
		}
	}
	for _, filter := range []string{"level", "level eq error", "level ne 'error'", "level eq 'error", "message eq 'x'", "level eq 'error' or origin eq 'x'",
		"level eq 'error' and", "level eq 'error'and origin eq 'x'", "logged_at ge '2025-01-01'", "(level eq 'error')"} {
		var e struct{ Detail string }
		g.get(400, &e, ragProd, "filter", filter)
		if e.Detail != deepsetBad {
			t.Errorf("%s: %+v", filter, e)
		}
	}
}

func TestDeepset_Refusals(t *testing.T) {
	g := deepsetRig(t, Options{Entries: 30})
	for query, param := range map[string]string{"?limit=101": "limit", "?limit=0": "limit", "?limit=x": "limit", "?order=desc": "order",
		"?after=yesterday": "after", "?page_number=2": "page_number"} {
		var e struct {
			Detail []struct {
				Loc       []string
				Msg, Type string
				Input     any
			}
		}
		g.get(422, &e, ragProd+query)
		if len(e.Detail) != 1 || !slices.Equal(e.Detail[0].Loc, []string{"query", param}) || e.Detail[0].Msg == "" || e.Detail[0].Type == "" {
			t.Errorf("%s: %+v", query, e)
		}
	}
	for path, want := range map[string]string{
		strings.Replace(ragProd, "rag-prod", "nope", 1):                          deepsetNoLogs,
		strings.Replace(ragProd, "rag-prod", "indexes%2Fdocs-index", 1):          deepsetNoLogs,
		strings.Replace(ragProd, "production", "nope", 1):                        "Workspace not found.",
		"/deepset/api/v1/workspaces/staging/pipelines/rag-prod/logs":             deepsetNoLogs,
		"/deepset/api/v1/workspaces/production/indexes/rag-prod/logs":            deepsetNoLogs,
		"/deepset/api/v2/workspaces/production/pipelines/rag-prod/logs?limit=10": "Not Found",
	} {
		var e struct{ Detail string }
		g.get(404, &e, path)
		if e.Detail != want {
			t.Errorf("%s: %+v", path, e)
		}
	}
	var e struct{ Detail string }
	g.as("Authorization", "Bearer x").get(401, &e, ragProd)
	if e.Detail == "" {
		t.Error("401 without detail")
	}
	if page := g.deepset(strings.Replace(ragProd, "rag-prod", "draft", 1)); len(page.Data) != 0 || *page.Total != 0 || *page.More {
		t.Errorf("never deployed: %+v", page)
	}
}

func TestDeepset_LogsTellTheStory(t *testing.T) {
	g := deepsetRig(t, Options{})
	var chained, traceless, noFields, fields, long, equal int
	first, deployed, before := "", "", ""
	for _, l := range g.deepsetWalk(ragProd) {
		if l.LoggedAt == before {
			equal++
		}
		before = l.LoggedAt
		if strings.HasPrefix(l.Message, "Deploying pipeline") {
			deployed = l.LoggedAt
		}
		if len(l.Message) > 10_000 {
			long++
		}
		if string(l.Extra) == "null" {
			noFields++
		} else {
			fields++
		}
		if l.Level != "error" {
			continue
		}
		first = l.LoggedAt
		if len(l.Exceptions) == 0 || l.Exceptions[0].Type != "TypeError" {
			t.Fatalf("error without TypeError: %+v", l)
		}
		if len(l.Exceptions) == 2 {
			chained++
			own, foreign := false, false
			for _, e := range l.Exceptions {
				for _, f := range e.Trace {
					foreign = foreign || strings.Contains(f.Filename, "site-packages/haystack")
					own = own || strings.HasPrefix(f.Filename, "/app/")
				}
			}
			if !own || !foreign {
				t.Errorf("frames %+v", l.Exceptions)
			}
		}
		if l.Exceptions[0].Trace == nil {
			traceless++
		}
	}
	if deployed == "" || first < deployed {
		t.Errorf("deployed at %q, first error at %q", deployed, first)
	}
	for what, n := range map[string]int{"chained exceptions": chained, "missing traces": traceless, "extra fields": fields, "long messages": long, "equal times": equal} {
		if n == 0 {
			t.Errorf("no %s in the story", what)
		}
	}
	for _, l := range g.deepsetWalk("/deepset/api/v1/workspaces/production/indexes/docs-index/logs") {
		if l.Origin != "indexingpipeline" {
			t.Fatalf("%+v", l)
		}
		noFields++
	}
	support := g.deepset("/deepset/api/v1/workspaces/production/pipelines/support-bot/logs")
	if len(support.Data) == 0 || string(support.Data[0].Extra) != "null" {
		t.Errorf("support-bot: %+v", support)
	}
}

func TestDeepset_PickListsPageByBefore(t *testing.T) {
	g := deepsetRig(t, Options{Entries: 30})
	var spaces []struct {
		Name string `json:"name"`
		ID   string `json:"workspace_id"`
	}
	g.get(200, &spaces, "/deepset/api/v1/workspaces")
	if len(spaces) != 2 || spaces[0].Name != "production" || spaces[1].Name != "staging" || spaces[0].ID == "" {
		t.Errorf("%+v", spaces)
	}
	type list struct {
		Data  []map[string]any `json:"data"`
		More  bool             `json:"has_more"`
		Total int              `json:"total"`
	}
	got := map[string]any{}
	before := []string{}
	for {
		var l list
		g.get(200, &l, "/deepset/api/v1/workspaces/production/pipelines", append(before, "limit", "3")...)
		if l.Total != 4 {
			t.Fatalf("%+v", l)
		}
		for _, p := range l.Data {
			got[p["name"].(string)] = p["status"]
		}
		if !l.More {
			break
		}
		before = []string{"before", l.Data[len(l.Data)-1]["pipeline_id"].(string)}
	}
	if len(got) != 4 || got["rag-prod"] != "DEPLOYED" || got["search-v2"] != "DEPLOYED" || got["support-bot"] != "FAILED" || got["draft"] != "UNDEPLOYED" {
		t.Errorf("%v", got)
	}
	var l list
	g.get(200, &l, "/deepset/api/v1/workspaces/production/indexes")
	if len(l.Data) != 1 || l.Data[0]["pipeline_index_id"] == nil || l.Data[0]["name"] != "docs-index" {
		t.Errorf("%+v", l)
	}
	g.get(422, nil, "/deepset/api/v1/workspaces/production/pipelines", "before", "nope")
	g.get(422, nil, "/deepset/api/v1/workspaces/production/pipelines", "after", "x")
}

func TestDeepset_CSVByAccept(t *testing.T) {
	g := deepsetRig(t, Options{})
	r := g.do("GET", ragProd+"?limit=100", "", "Accept", "text/csv")
	if r.status != 200 || !strings.HasPrefix(r.header.Get("Content-Type"), "text/csv") {
		t.Fatalf("%d %v", r.status, r.header)
	}
	rows, err := csv.NewReader(strings.NewReader(string(r.body))).ReadAll()
	if err != nil || len(rows) != 101 || !slices.Equal(rows[0], csvColumns) {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	for i, l := range g.deepset(ragProd, "limit", "100").Data {
		if rows[i+1][0] != l.LogID || rows[i+1][1] != l.LoggedAt || rows[i+1][4] != l.Message {
			t.Fatalf("row %d: %v", i, rows[i+1])
		}
	}
}

func TestDeepset_AppendChoosesTheTarget(t *testing.T) {
	g := deepsetRig(t, Options{Entries: 30})
	raw := []json.RawMessage{
		json.RawMessage(`{"message":"a"}`),
		json.RawMessage(`{"message":"b","extra_fields":{"pipeline_id":"search-v2"}}`),
		json.RawMessage(`{"message":"c","extra_fields":{"pipeline_id":"92d5e0b7-1c46-4f83-ae09-37b8f60d4c12"}}`),
	}
	if err := g.sim.Append("deepset", raw...); err != nil {
		t.Fatal(err)
	}
	for target, message := range map[string]string{"production/rag-prod": "a", "production/search-v2": "b", "staging/rag-staging": "c"} {
		var l deepsetLog
		if err := json.Unmarshal(g.sim.Entries("deepset/" + target)[0], &l); err != nil || l.Message != message || l.LogID == "" || l.LoggedAt == "" {
			t.Errorf("%s: %+v (%v)", target, l, err)
		}
	}
	if g.sim.Append("deepset/production/nope", raw[0]) == nil {
		t.Error("an unknown target is accepted")
	}
}
