package simulate

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

type elasticLog struct {
	ID            string  `json:"id"`
	Type          string  `json:"type"`
	Succeeded     *bool   `json:"succeeded"`
	Attempt       *int    `json:"attempt"`
	Took          float64 `json:"processing_time"`
	Body          *string `json:"body"`
	StatusCode    *int    `json:"status_code"`
	Detail        string  `json:"error_detail"`
	Relationships struct {
		Integration, Job struct {
			Data struct{ Type, ID string }
		}
	} `json:"relationships"`
	Meta struct {
		Timestamps struct {
			CreatedAt string `json:"created_at"`
		} `json:"timestamps"`
	} `json:"meta"`
}

func (l elasticLog) at() string          { return l.Meta.Timestamps.CreatedAt }
func (l elasticLog) integration() string { return l.Relationships.Integration.Data.ID }
func (l elasticLog) job() string         { return l.Relationships.Job.Data.ID }

type elasticPage struct {
	Data []elasticLog `json:"data"`
	Meta *struct {
		Limit, Offset, Current, Total int
	} `json:"meta"`
	Results *struct{ Total int } `json:"results"`
}

type elasticFailure struct {
	Errors []struct {
		Status    any    `json:"status"`
		Title     string `json:"title"`
		Detail    string `json:"detail"`
		RequestID string `json:"request_id"`
	} `json:"errors"`
}

type elasticToken struct {
	Token      string `json:"access_token"`
	Type       string `json:"token_type"`
	ExpiresIn  int    `json:"expires_in"`
	Expires    int64  `json:"expires"`
	Identifier string `json:"identifier"`
}

func (g *rig) token(vendor, form string) elasticToken {
	g.tb.Helper()
	var tok elasticToken
	g.decode(g.do("POST", "/"+vendor+"/oauth/access_token", form, "Content-Type", "application/x-www-form-urlencoded"), 200, &tok)
	return tok
}

const clientForm = "grant_type=client_credentials&client_id=" + ElasticPathClient + "&client_secret=" + ElasticPathSecret

func elasticRig(tb testing.TB, vendor string, opts Options) *rig {
	g := newRig(tb, opts)
	return g.as("Authorization", "Bearer "+g.token(vendor, clientForm).Token)
}

func (g *rig) elastic(path string, params ...string) elasticPage {
	g.tb.Helper()
	var page elasticPage
	g.get(http.StatusOK, &page, path, params...)
	return page
}

// walk reads all pages of a log list.
func (g *rig) walk(path string) []elasticLog {
	g.tb.Helper()
	var all []elasticLog
	for {
		page := g.elastic(path, "page[limit]", "100", "page[offset]", fmt.Sprint(len(all)))
		all = append(all, page.Data...)
		if len(all) >= page.Results.Total {
			return all
		}
		if len(page.Data) == 0 {
			g.tb.Fatalf("empty page at %d of %d", len(all), page.Results.Total)
		}
	}
}

const elasticLogs = "/elasticpath/v2/integrations/logs"

func TestElasticPath_TokensAreFlatAndExpire(t *testing.T) {
	g := newRig(t, Options{Entries: 30})
	tok := g.token("elasticpath", clientForm)
	if tok.Type != "Bearer" || tok.ExpiresIn != 3600 || tok.Expires != testNow.Unix()+3600 || tok.Identifier != "client_credentials" {
		t.Errorf("%+v", tok)
	}
	g = g.as("Authorization", "Bearer "+tok.Token)
	g.get(200, nil, elasticLogs)
	g.clock.advance(time.Hour - time.Second)
	g.get(200, nil, elasticLogs)
	g.clock.advance(time.Second)
	var e elasticFailure
	g.get(401, &e, elasticLogs)
	if e.Errors[0].Status != "401" || e.Errors[0].Title != "Unable to validate access token" || e.Errors[0].RequestID == "" {
		t.Errorf("%+v", e)
	}
	again := g.token("elasticpath", clientForm)
	if again.Token == tok.Token {
		t.Error("the same token twice")
	}
	g.as("Authorization", "Bearer "+again.Token).get(401, nil, "/moltin/v2/integrations")
}

func TestElasticPath_AuthenticationRefusals(t *testing.T) {
	g := newRig(t, Options{Entries: 30})
	for form, status := range map[string]int{
		"grant_type=client_credentials&client_id=demo-client&client_secret=wrong": 401,
		"grant_type=client_credentials&client_id=x&client_secret=demo-secret":     401,
		"grant_type=password&client_id=demo-client":                               400,
		"": 400,
	} {
		var e elasticFailure
		g.decode(g.do("POST", "/elasticpath/oauth/access_token", form, "Content-Type", "application/x-www-form-urlencoded"), status, &e)
		if e.Errors[0].Status != fmt.Sprint(status) || e.Errors[0].RequestID == "" {
			t.Errorf("%q: %+v", form, e)
		}
	}
	g.decode(g.do("POST", "/elasticpath/oauth/access_token", clientForm, "Content-Type", "application/json"), 400, nil)
	implicit := g.token("elasticpath", "grant_type=implicit&client_id="+ElasticPathClient)
	if implicit.Identifier != "implicit" {
		t.Errorf("%+v", implicit)
	}
	var e elasticFailure
	g.as("Authorization", "Bearer "+implicit.Token).get(403, &e, elasticLogs)
	if e.Errors[0].Status != "403" {
		t.Errorf("%+v", e)
	}
}

func TestElasticPath_MetaCountsPagesAndResultsCountRecords(t *testing.T) {
	g := elasticRig(t, "elasticpath", Options{})
	held := len(g.sim.Entries("elasticpath"))
	page := g.elastic(elasticLogs)
	if len(page.Data) != 25 || page.Meta.Limit != 25 || page.Meta.Current != 1 || page.Results.Total != held || page.Meta.Total != (held+24)/25 {
		t.Errorf("%d rows, %+v %+v", len(page.Data), page.Meta, page.Results)
	}
	page = g.elastic(elasticLogs, "page[limit]", "100", "page[offset]", "200")
	if page.Meta.Offset != 200 || page.Meta.Current != 3 {
		t.Errorf("%+v", page.Meta)
	}
	page = g.elastic(elasticLogs, "page[offset]", "10000")
	if len(page.Data) != 0 || page.Data == nil || page.Results.Total != held {
		t.Errorf("past the end: %+v", page)
	}
	none := g.elastic("/elasticpath/v2/integrations/" + elasticIntegrations[orders].id + "/jobs/00000000-0000-4000-8000-000000000000/logs")
	if none.Meta == nil || none.Results == nil || none.Results.Total != 0 || len(none.Data) != 0 {
		t.Errorf("unknown job: %+v", none)
	}
}

func TestElasticPath_OrdersAreTheSameRows(t *testing.T) {
	g := elasticRig(t, "elasticpath", Options{})
	ids := func() (out []string) {
		for _, l := range g.walk(elasticLogs) {
			out = append(out, l.ID)
		}
		return out
	}
	oldest := ids()
	g.sim.SetOrder("newest")
	newest := ids()
	slices.Reverse(newest)
	g.sim.SetOrder("shuffled")
	shuffled := ids()
	if !slices.Equal(oldest, newest) {
		t.Error("newest is not oldest backwards")
	}
	if slices.Equal(oldest, shuffled) || !slices.Equal(slices.Sorted(slices.Values(oldest)), slices.Sorted(slices.Values(shuffled))) {
		t.Error("shuffled is not a permutation")
	}
	if len(oldest) != len(g.sim.Entries("elasticpath")) {
		t.Error("rows are missing")
	}
	g.sim.AppendStory("elasticpath", 5)
	if again := ids(); len(again) != len(shuffled)+5 {
		t.Errorf("%d rows after five arrived, %d before", len(again), len(shuffled))
	}
	g.sim.SetOrder("sideways")
	if len(ids()) != len(shuffled)+5 {
		t.Error("an unknown order changes something")
	}
}

func TestElasticPath_LogsTellTheStory(t *testing.T) {
	g := elasticRig(t, "elasticpath", Options{})
	failing := elasticIntegrations[shipping].id
	attempts := map[string][]int{}
	seen := map[string]bool{}
	statuses := map[int]int{}
	var absent, swapped, html, brokenJSON, recovered, twice int
	var before string
	bodies := map[string]int{}
	for _, l := range g.walk(elasticLogs) {
		at, err := time.Parse("2006-01-02T15:04:05.000000000Z", l.at())
		if err != nil || at.After(testNow) {
			t.Fatalf("created_at %q", l.at())
		}
		if seen[l.ID] || l.Type != "integration-log" || l.Succeeded == nil {
			t.Fatalf("row %+v", l)
		}
		seen[l.ID] = true
		if l.at() < before {
			swapped++
		}
		before = l.at()
		if l.StatusCode == nil {
			absent++
		}
		if l.Body != nil && strings.Contains(*l.Body, "received") {
			if bodies[l.job()+*l.Body]++; bodies[l.job()+*l.Body] > 1 {
				twice++
			}
		}
		if l.Body != nil {
			if strings.HasPrefix(*l.Body, "<") {
				html++
			}
			if strings.HasPrefix(*l.Body, "{") && !json.Valid([]byte(*l.Body)) {
				brokenJSON++
			}
			if !utf8.ValidString(*l.Body) {
				t.Error("body is not UTF-8")
			}
		}
		if l.integration() != failing {
			continue
		}
		switch {
		case at.Before(testNow.Add(-failingSince)):
			if !*l.Succeeded {
				t.Errorf("failed at %s, before the incident", l.at())
			}
		case !*l.Succeeded:
			attempts[l.job()] = append(attempts[l.job()], *l.Attempt)
			if l.StatusCode != nil {
				statuses[*l.StatusCode]++
				if *l.StatusCode == 500 && (l.Took < 9.5 || l.Took > 10) {
					t.Errorf("500 after %v s", l.Took)
				}
			}
		case at.After(testNow.Add(-recoveringSince)):
			recovered++
		}
	}
	longest := 0
	for _, list := range attempts {
		longest = max(longest, len(list))
	}
	if longest != 4 || statuses[404] < 5 || statuses[500] < 5 {
		t.Errorf("longest job %d attempts, statuses %v", longest, statuses)
	}
	for what, n := range map[string]int{"absent status": absent, "swapped": swapped, "html": html, "broken JSON": brokenJSON, "recovered": recovered, "delivered twice": twice} {
		if n == 0 {
			t.Errorf("no %s in the story", what)
		}
	}
}

func TestElasticPath_JobsAndTheirLogs(t *testing.T) {
	g := elasticRig(t, "elasticpath", Options{})
	id := elasticIntegrations[shipping].id
	base := "/elasticpath/v2/integrations/" + id
	byJob := map[string]int{}
	logs := g.walk(base + "/logs")
	for _, l := range logs {
		if l.integration() != id {
			t.Fatalf("log of %s", l.integration())
		}
		byJob[l.job()]++
	}
	if len(logs) != len(g.sim.Entries("elasticpath/"+id)) || len(logs) == 0 {
		t.Errorf("%d logs", len(logs))
	}
	var jobs struct {
		Data []map[string]string `json:"data"`
		Meta any                 `json:"meta"`
	}
	g.get(200, &jobs, base+"/jobs")
	if len(jobs.Data) != len(byJob) || jobs.Meta != nil {
		t.Errorf("%d jobs, want %d", len(jobs.Data), len(byJob))
	}
	for _, j := range jobs.Data[len(jobs.Data)-10:] {
		if got := slices.Sorted(maps.Keys(j)); !slices.Equal(got, []string{"id", "type"}) || j["type"] != "integration-job" {
			t.Fatalf("job %v", j)
		}
		if page := g.elastic(base + "/jobs/" + j["id"] + "/logs"); page.Results.Total != byJob[j["id"]] || page.Data[0].job() != j["id"] {
			t.Errorf("job %s: %+v", j["id"], page.Results)
		}
	}
}

func TestElasticPath_Refusals(t *testing.T) {
	g := elasticRig(t, "elasticpath", Options{Entries: 30})
	for path, status := range map[string]int{
		elasticLogs + "?page[limit]=101":                                                          422,
		elasticLogs + "?page[limit]=0":                                                            422,
		elasticLogs + "?page[limit]=many":                                                         400,
		elasticLogs + "?page[offset]=10001":                                                       422,
		elasticLogs + "?page[offset]=-1":                                                          400,
		elasticLogs + "?filter=eq(status_code,500)":                                               400,
		elasticLogs + "?sort=-created_at":                                                         400,
		"/elasticpath/v2/integrations/nope/logs":                                                  404,
		"/elasticpath/v2/integrations/nope/jobs":                                                  404,
		"/elasticpath/v2/integrations/" + elasticIntegrations[0].id:                               404,
		"/elasticpath/v2/integrations/" + elasticIntegrations[0].id + "/jobs?page[limit]=10":      400,
		"/elasticpath/integrations/logs":                                                          404,
		"/elasticpath/v2/integrations/" + elasticIntegrations[0].id + "/jobs/x/logs?status=error": 400,
	} {
		var e elasticFailure
		g.get(status, &e, path)
		if len(e.Errors) != 1 || e.Errors[0].Status != float64(status) || e.Errors[0].RequestID == "" {
			t.Errorf("%s: %+v", path, e)
		}
	}
	g.as().get(401, nil, elasticLogs)
}

func TestElasticPath_PickListShowsSecretsAsTheVendorDoes(t *testing.T) {
	g := elasticRig(t, "elasticpath", Options{Entries: 30})
	r := g.do("GET", "/elasticpath/v2/integrations", "")
	var list struct {
		Data []struct {
			ID, Name, Type, Description string
			Kind                        string `json:"integration_type"`
			Enabled                     bool
			Observes                    []string
			Configuration               map[string]string
		} `json:"data"`
	}
	g.decode(r, 200, &list)
	if len(list.Data) != 5 || list.Data[0].Name != "Order shipping notification" || list.Data[0].Type != "integration" ||
		list.Data[0].Configuration["secret_key"] == "" || list.Data[3].Configuration["aws_secret_access_key"] == "" || len(list.Data[0].Observes) == 0 {
		t.Errorf("%+v", list)
	}
}

func TestMoltin_AnswersEverythingInOnePageWithoutMeta(t *testing.T) {
	g := elasticRig(t, "moltin", Options{})
	var keys map[string]json.RawMessage
	g.get(200, &keys, "/moltin/v2/integrations/logs", "page[limit]", "10", "page[offset]", "50")
	if !slices.Equal(slices.Sorted(maps.Keys(keys)), []string{"data"}) {
		t.Errorf("keys %v", slices.Sorted(maps.Keys(keys)))
	}
	page := g.elastic("/moltin/v2/integrations/logs")
	if len(page.Data) != len(g.sim.Entries("moltin")) || len(page.Data) < 250 {
		t.Errorf("%d rows", len(page.Data))
	}
	missing := 0
	for _, l := range page.Data {
		if l.Attempt == nil {
			missing++
		}
	}
	if missing == 0 || missing > len(page.Data)/2 {
		t.Errorf("%d rows of %d without attempt", missing, len(page.Data))
	}
	g.get(200, &keys, "/moltin/v2/integrations")
	if len(keys) != 1 {
		t.Errorf("keys %v", slices.Sorted(maps.Keys(keys)))
	}
	g.get(400, nil, "/moltin/v2/integrations/logs", "sort", "x")
	job := page.Data[0]
	if got := g.elastic("/moltin/v2/integrations/" + job.integration() + "/jobs/" + job.job() + "/logs"); len(got.Data) == 0 {
		t.Error("no logs of the job")
	}
}

func TestElasticPath_AppendedEntriesComeInOrderOfArrival(t *testing.T) {
	g := elasticRig(t, "elasticpath", Options{Entries: 60})
	old := `{"id":"one","succeeded":true,"meta":{"timestamps":{"created_at":"2026-01-01T00:00:00.000Z"}},"x":1.50}`
	if err := g.sim.Append("elasticpath", json.RawMessage(old), json.RawMessage(`{"succeeded":false}`)); err != nil {
		t.Fatal(err)
	}
	all := g.walk(elasticLogs)
	if all[len(all)-2].ID != "one" || all[len(all)-1].at() != testNow.Format(elasticTime) || all[len(all)-1].ID == "" {
		t.Errorf("%+v", all[len(all)-2:])
	}
	if held := g.sim.Entries("elasticpath"); string(held[len(held)-2]) != old {
		t.Errorf("changed to %s", held[len(held)-2])
	}
}
