package server

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/wire"
	"github.com/logpane/logpane/bff/source/driver"
)

// hooks is a vendor with integrations and jobs: of integration "ship", job A was
// tried three times, B once, and C is only on the vendor's own list.
type hooks struct{ refuse string } // path or "names" or "list", which it refuses

func (h *hooks) Close()                       {}
func (h *hooks) Verify(context.Context) error { return nil }
func (h *hooks) Request(driver.Read) (driver.Request, error) {
	return driver.Request{Method: "GET", URL: "https://hooks.example/logs"}, nil
}

func (h *hooks) Targets(context.Context) ([]driver.Target, error) {
	if h.refuse == "names" {
		return nil, fault.New(fault.Unavailable, "hooks: list").Saying("no names today")
	}
	return []driver.Target{
		{Label: "Whole store", Kind: "store"},
		{Path: []string{"integrations", "ship"}, Label: "Order shipping", Detail: "hooks.example.com", Status: "enabled", Events: []string{"order.paid", "order.shipped"}},
		{Path: []string{"integrations", "erp"}, Label: "ERP", Detail: "erp.example.com"},
	}, nil
}

func (h *hooks) ListJobs(_ context.Context, path []string, most int) ([]string, error) {
	if h.refuse == "list" {
		return nil, fault.New(fault.Forbidden, "hooks: list jobs").Saying("no jobs today").Quoting("go away")
	}
	return []string{"A", "C", "C"}, nil
}

func (h *hooks) Read(_ context.Context, r driver.Read) (driver.Page, error) {
	if h.refuse != "" && h.refuse == strings.Join(r.Path, "/") {
		return driver.Page{}, fault.New(fault.NotFound, "hooks: read").Saying("no such job")
	}
	all := []logs.Entry{
		hook("e5", "A", "ship", 3, 1, 200), hook("e4", "B", "ship", 1, 3, 200), hook("e3", "A", "ship", 2, 5, 500),
		hook("e2", "A", "ship", 1, 9, 404), hook("e1", "Z", "erp", 1, 20, 200),
	}
	pg := driver.Page{More: driver.MoreNo}
	for _, e := range all {
		if len(r.Path) > 1 && r.Path[1] != e.Fields.Text("integration") || len(r.Path) > 3 && r.Path[3] != e.Job {
			continue
		}
		pg.Entries = append(pg.Entries, e)
	}
	pg.Total = len(pg.Entries)
	return pg, nil
}

// hook is an attempt so many minutes ago.
func hook(id, job, integration string, attempt, ago, status int) logs.Entry {
	e := logs.Entry{
		ID: id, Job: job, Attempt: attempt, Time: time.Now().Add(-time.Duration(ago) * time.Minute), Status: status, Outcome: logs.OutcomeFailed,
		Took: time.Duration(attempt) * time.Second, HasTook: true, Summary: id, Raw: json.RawMessage(`{}`),
		Fields: logs.Fields{{Name: "integration", Value: integration}},
	}
	if status == 200 {
		e.Outcome = logs.OutcomeSucceeded
	}
	return e
}

// hooked is a stand with an account of hooks.
func hooked(t *testing.T, refuse string) func(query string) (wire.Jobs, string) {
	st := newStand(t)
	vendors := append(slices.Clone(st.o.Vendors), driver.Vendor{
		Name: "hooks", Title: "Hooks", Account: driver.Field{Name: "account", Label: "Account"},
		Regions:      []driver.Region{{Name: "here", Label: "Here", URL: "https://hooks.example"}},
		Capabilities: driver.Capabilities{Paging: driver.ByOffset, Order: driver.NewestFirst, MaxLimit: 10, Precision: time.Second, Whole: true, Jobs: true},
		Names:        []string{"outcome", "status", "job", "attempt", "integration"},
		Open:         func(driver.Config) (driver.Driver, error) { return &hooks{refuse}, nil },
	})
	st.o.Vendors, st.accounts.o.Vendors = vendors, vendors
	if resp, body := st.do("POST", "/api/connections", `{"vendor":"hooks","region":"here","account":"s","credentials":{}}`, nil); resp.StatusCode != 201 {
		t.Fatalf("connect: %d %s", resp.StatusCode, body)
	}
	return func(query string) (wire.Jobs, string) {
		t.Helper()
		var out wire.Jobs
		_, body := st.do("GET", "/api/jobs?"+query, "", nil)
		if err := json.Unmarshal([]byte(body), &out); err != nil {
			t.Fatalf("%v: %s", err, body)
		}
		return out, body
	}
}

func tell(jobs []wire.Job) string {
	var out []string
	for _, j := range jobs {
		out = append(out, fmt.Sprintf("%s/%s %d of %d %s %d", j.Integration, j.ID, j.Entries, j.Attempts, j.Outcome, j.Status))
	}
	return strings.Join(out, ", ")
}

func TestJobs_OfOneIntegrationWithThoseThatOnlyTheVendorNames(t *testing.T) {
	ask := hooked(t, "")
	got, body := ask("src=hooks/here/s/integrations/ship")
	if want := "ship/A 3 of 3 succeeded 200, ship/B 1 of 1 succeeded 200, ship/C 0 of 0  0"; tell(got.Jobs) != want {
		t.Errorf("%s\nwant %s", tell(got.Jobs), want)
	}
	if len(got.Jobs) == 3 {
		if a := got.Jobs[0]; a.Overtaken != "B" || a.TookMS != 3000 || a.First.IsZero() || !a.First.Before(a.Last) || a.Swapped || a.Repeated {
			t.Errorf("%+v", a)
		}
	}
	if len(got.Integrations) != 1 || got.Integrations[0].Name != "Order shipping" || got.Integrations[0].Detail != "hooks.example.com" || strings.Join(got.Integrations[0].Events, " ") != "order.paid order.shipped" {
		t.Errorf("%+v", got.Integrations)
	}
	if strings.Contains(body, `"entries":[`) {
		t.Errorf("a list of jobs has entries: %s", body)
	}
}

func TestJobs_OfAStoreNameTheirIntegrations(t *testing.T) {
	got, _ := hooked(t, "")("src=hooks/here/s")
	if want := "ship/A 3 of 3 succeeded 200, ship/B 1 of 1 succeeded 200, erp/Z 1 of 1 succeeded 200"; tell(got.Jobs) != want {
		t.Errorf("%s\nwant %s", tell(got.Jobs), want)
	}
	if len(got.Integrations) != 2 {
		t.Errorf("%+v", got.Integrations)
	}
}

func TestJobs_OneJobWithItsIntegration(t *testing.T) {
	for _, src := range []string{"hooks/here/s/integrations/ship", "hooks/here/s"} {
		got, body := hooked(t, "")("job=A&src=" + url.QueryEscape(src))
		if len(got.Entries) != 3 || got.Entries[0].ID != "e5" || got.Entries[0].Src != src || len(got.Integrations) != 1 || got.Integrations[0].Name != "Order shipping" {
			t.Errorf("%s: %s", src, body)
		}
		if strings.Contains(body, `"jobs"`) {
			t.Errorf("one job has a list of jobs: %s", body)
		}
	}
}

// A list that was asked for is there even if nothing is in it: a program that reads
// it need not tell null and absent from empty.
func TestJobs_EmptyListsAreLists(t *testing.T) {
	ask := hooked(t, "")
	if got, body := ask("src=hooks/here/s/integrations/ship&job=nobody"); !strings.Contains(body, `"entries":[]`) || strings.Contains(body, `"jobs"`) || len(got.Integrations) != 1 {
		t.Errorf("a job without entries: %s", body)
	}
	if _, body := ask("src=hooks/here/s&from=now-30s"); !strings.Contains(body, `"jobs":[]`) || strings.Contains(body, `"entries"`) {
		t.Errorf("no jobs: %s", body)
	}
}

func TestJobs_WithoutNamesOrListAllElseIsThere(t *testing.T) {
	got, _ := hooked(t, "names")("src=hooks/here/s/integrations/ship")
	if len(got.Jobs) != 3 || len(got.Integrations) != 0 {
		t.Errorf("%+v", got)
	}
	got, _ = hooked(t, "list")("src=hooks/here/s/integrations/ship")
	last := got.Coverage[len(got.Coverage)-1]
	if len(got.Jobs) != 2 || last.State != logs.Failed || !strings.Contains(last.Reason, "no jobs today") || last.Said != "go away" {
		t.Errorf("%+v", got)
	}
}

func TestJobs_AJobThatTheVendorDoesNotKnow(t *testing.T) {
	st := hooked(t, "integrations/ship/jobs/gone")
	if _, body := st("src=hooks/here/s/integrations/ship&job=gone"); !strings.Contains(body, "no such job") {
		t.Error(body)
	}
}
