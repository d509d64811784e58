package page

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/logpane/logpane/app/fault"
	alogs "github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/wire"
	"github.com/logpane/logpane/web/client"
	"github.com/logpane/logpane/web/part"
)

// delivery is the n-th attempt of a job, a minute after the one before.
func delivery(job string, n, status int, body string) alogs.Entry {
	e := alogs.Entry{
		ID: job + "-" + strconv.Itoa(n), Src: "elasticpath/eu/S", Job: job, Attempt: n, Time: noon.Add(time.Duration(n-1000) * time.Minute), Status: status,
		Outcome: alogs.OutcomeFailed, Took: 9 * time.Second, HasTook: true, Summary: "delivery", Raw: json.RawMessage(`{}`),
		Fields: alogs.Fields{{Name: "integration", Value: "I"}, {Name: "body", Value: body}},
	}
	if status < 300 {
		e.Outcome = alogs.OutcomeSucceeded
	}
	return e
}

// store is a fake with a connected store that delivered job J in three attempts.
func store(f *client.Fake) {
	f.Config.Vendors = append(f.Config.Vendors, wire.Vendor{
		Name: "elasticpath", Title: "Elastic Path", Regions: []wire.Region{{Name: "eu", Label: "Europe"}}, Capabilities: wire.Capabilities{Whole: true, Jobs: true},
	})
	f.Conns = []wire.Connection{{ID: "c1", Vendor: "elasticpath", Region: "eu", Account: "S", Address: "elasticpath/eu/S"}}
	f.Jobs = map[string]wire.Jobs{
		"J": {
			Entries:      []alogs.Entry{delivery("J", 3, 200, "fine"), delivery("J", 2, 500, "one\ntwo\n"), delivery("J", 1, 500, "one\n")},
			Integrations: []wire.Integration{{ID: "I", Name: "Order shipping", Detail: "hooks.example.com", Events: []string{"order.paid"}}},
		},
	}
}

const jobAddress = "/ep/jobs/I/J?src=elasticpath/eu/S"

// rungsOf returns the ids of the attempts that are drawn.
func rungsOf(html string) []string {
	var out []string
	for _, piece := range strings.Split(html, `data-attempt=`)[1:] {
		n, _, _ := strings.Cut(piece[1:], `"`)
		out = append(out, n)
	}
	return out
}

func TestJob_AttemptsInOrderWithWhatChanged(t *testing.T) {
	s, _ := openLogs(t, jobAddress, store)
	html := s.html()
	if got := rungsOf(html); !slices.Equal(got, []string{"1", "2", "3"}) {
		t.Errorf("attempts %q", got)
	}
	for _, want := range []string{"Order shipping", "hooks.example.com", "order.paid", "succeeded after 3 attempts", "+1 min", "near the limit", "<ins>two"} {
		if !strings.Contains(html, want) {
			t.Errorf("%q is missing in %s", want, html)
		}
	}
	i := slices.IndexFunc(s.Calls(), func(c client.Call) bool { return c.Path == wire.PathJobs })
	if q := s.Calls()[i].Query; q.Get("src") != "elasticpath/eu/S/integrations/I" || q.Get("job") != "J" || len(q) != 2 {
		t.Errorf("asked for %v", q)
	}
	if s.asked("GET", wire.PathLogs) > 0 {
		t.Error("the table was asked for, which nobody sees")
	}
}

func TestJob_OfMoltinIsReadThroughItsEvent(t *testing.T) {
	s, _ := openLogs(t, "/moltin/jobs/I/J?src=moltin/api/S", store)
	s.html()
	i := slices.IndexFunc(s.Calls(), func(c client.Call) bool { return c.Path == wire.PathJobs })
	if got := s.Calls()[i].Query.Get("src"); got != "moltin/api/S/events/I" {
		t.Errorf("asked for %s", got)
	}
}

func TestJob_ManyAttemptsAreDrawnInSteps(t *testing.T) {
	many := func(f *client.Fake) {
		store(f)
		var all []alogs.Entry
		for n := range 500 {
			all = append(all, delivery("J", n+1, 500, strconv.Itoa(n/9)))
		}
		f.Jobs["J"] = wire.Jobs{Entries: all}
	}
	span := func(html string) string {
		r := rungsOf(html)
		if len(r) == 0 {
			return ""
		}
		return fmt.Sprint(r[0], " to ", r[len(r)-1], ", ", strings.Count(html, "Not compared yet"), " left")
	}
	s, p := openLogs(t, jobAddress, many)
	if got := span(s.html()); got != "451 to 500, 0 left" {
		t.Error(got)
	}
	p.on(p.ctx, part.RungsShown{Earlier: true})
	if got := span(s.html()); got != "401 to 500, 0 left" {
		t.Error(got)
	}
	s, p = openLogs(t, jobAddress+"&sel=J-250", many)
	if got := span(s.html()); got != "225 to 274, 0 left" {
		t.Error(got)
	}
	p.on(p.ctx, part.RungsShown{})
	if got := span(s.html()); got != "225 to 324, 0 left" {
		t.Error(got)
	}
}

func TestJob_StepsThroughAttemptsInTheAddress(t *testing.T) {
	s, p := openLogs(t, jobAddress, store)
	s.html()
	for _, c := range []struct {
		cmd  command
		want string
	}{{cmdPrevAttempt, "J-3"}, {cmdPrevAttempt, "J-2"}, {cmdNextAttempt, "J-3"}, {cmdNextAttempt, "J-3"}} {
		if !p.place.is.key(c.cmd) {
			t.Error("the key is not used")
		}
		html := s.html()
		if got := p.here().Sel; got != c.want {
			t.Errorf("the address names %q, want %s", got, c.want)
		}
		if strings.Count(html, ` chosen"`) != 1 {
			t.Error("not one attempt is the chosen one")
		}
	}
}

func TestJob_LimitIsKept(t *testing.T) {
	s, p := openLogs(t, jobAddress, store)
	kept := map[string]string{}
	p.set.store = Storage{Get: func(k string) string { return kept[k] }, Set: func(k, v string) { kept[k] = v }}
	p.on(p.ctx, part.LimitChosen{Limit: 30 * time.Second})
	if html := s.html(); strings.Contains(html, "near the limit") || !strings.Contains(html, "of 30 s") {
		t.Error("the gauges do not know the limit")
	}
	if got := readSettings(p.set.store).limit; got != 30*time.Second {
		t.Errorf("kept %v as %v", kept, got)
	}
	p.on(p.ctx, part.Typed{ID: part.IDLimit}) // there is no text in a field without a browser
	if html := s.html(); !strings.Contains(html, `limit wrong"`) || p.set.limit != 30*time.Second {
		t.Error("what is no limit was taken, or not told")
	}
	p.on(p.ctx, part.LimitChosen{Limit: 10 * time.Second})
	if _, ok := kept[limitKey]; ok && kept[limitKey] != "" {
		t.Errorf("the usual limit is kept as %q", kept[limitKey])
	}
	kept[limitKey] = "soon"
	if got := readSettings(p.set.store).limit; got != 10*time.Second {
		t.Errorf("what cannot be read is %v", got)
	}
}

func TestJob_AnswersOpenAndCopy(t *testing.T) {
	s, p := openLogs(t, jobAddress, store)
	s.html()
	if strings.Contains(s.html(), `data-block="2.body"`) {
		t.Error("an answer is open before anybody asked")
	}
	p.on(p.ctx, part.NodeToggled{Path: "2.answer", Open: true})
	if html := s.html(); !strings.Contains(html, `data-block="2.body"`) || !strings.Contains(html, "fine") {
		t.Error("the answer is not shown")
	}
	j := p.place.is.(*jobPlace)
	for what, want := range map[string]string{"block:2.body": "fine", "block:0.body": "one\n", "job": "J", "block:9.body": "", "block:1.body": "", "raw": ""} {
		if got := j.ladder.Copy(what); got != want {
			t.Errorf("%s copies %q, want %q", what, got, want)
		}
	}
}

func TestJob_LoadedAttemptsStandWhileTheVendorFails(t *testing.T) {
	s, p := openLogs(t, "/logs?src=elasticpath/eu/S", func(f *client.Fake) {
		store(f)
		other := delivery("J", 9, 200, "")
		other.Fields = alogs.Fields{{Name: "integration", Value: "another"}}
		f.Pages[""] = wire.Page{Entries: []alogs.Entry{delivery("J", 2, 500, "x"), other, delivery("K", 1, 200, "y")}, Coverage: []alogs.Coverage{{Src: "elasticpath/eu/S", State: alogs.Complete}}}
		f.Fail("GET", wire.PathJobs, fault.New(fault.Unavailable, "").Saying("the vendor is away"))
	})
	s.html()
	u, _ := url.Parse("https://logpane.example" + jobAddress)
	s.disp.Nav(u)
	html := s.html()
	if got := rungsOf(html); !slices.Equal(got, []string{"2"}) || !strings.Contains(html, "The vendor is away") || !strings.Contains(html, "Try again") {
		t.Errorf("attempts %q in %s", got, html)
	}
	p.on(p.ctx, part.Retried{What: jobRetry})
	if got := rungsOf(s.html()); !slices.Equal(got, []string{"1", "2", "3"}) {
		t.Errorf("attempts %q", got)
	}
}

func TestJob_WhoMustConnectIsLedBack(t *testing.T) {
	s, p := openLogs(t, jobAddress+"&sel=J-2", func(f *client.Fake) {
		store(f)
		f.Conns = nil
		f.Fail("GET", wire.PathJobs, fault.New(fault.Unauthenticated, "").Saying("not connected"))
	})
	if html := s.html(); !strings.Contains(html, "Connect Elastic Path") || !strings.Contains(html, "account S (Europe)") || strings.Contains(html, "The credential was refused") {
		t.Errorf("shows %s", html)
	}
	p.joinPost(vendorNamed(s.Config, "elasticpath"), wire.Connect{Vendor: "elasticpath", Region: "eu", Account: "S", Credentials: map[string]string{"client_id": "i", "client_secret": "s"}})
	if got := rungsOf(s.html()); len(got) == 0 || len(s.went) != 0 {
		t.Errorf("after connecting there are the attempts %q, went to %q", got, s.went)
	}
}

func TestJob_WithoutEntriesOrAccountSaysSo(t *testing.T) {
	s, _ := openLogs(t, "/ep/jobs/I/none?src=elasticpath/eu/S", func(f *client.Fake) {
		store(f)
		f.Jobs["none"] = wire.Jobs{Entries: []alogs.Entry{}}
	})
	if html := s.html(); !strings.Contains(html, "gave no entries of this job") || !strings.Contains(html, "Ask again") {
		t.Errorf("shows %s", html)
	}
	s, _ = openLogs(t, "/ep/jobs/I/J", store)
	if html := s.html(); !strings.Contains(html, "names no account") {
		t.Errorf("shows %s", html)
	}
	if s.asked("GET", wire.PathJobs) > 0 {
		t.Error("the server was asked for nothing")
	}
}

// jobList is a store with jobs of every kind.
func jobList(f *client.Fake) {
	store(f)
	list := []wire.Job{
		{ID: "good", Integration: "I", Entries: 1, Attempts: 1, Outcome: "succeeded", Status: 200, First: noon, Last: noon, TookMS: 300},
		{ID: "bad", Integration: "I", Entries: 3, Attempts: 3, Outcome: "failed", Status: 500, First: noon.Add(-time.Minute), Last: noon, TookMS: 9000},
		{ID: "odd", Integration: "I", Entries: 2, Attempts: 1, Outcome: "succeeded", Repeated: true, Swapped: true, Overtaken: "good", First: noon, Last: noon},
	}
	for n := range 300 {
		list = append(list, wire.Job{ID: fmt.Sprint("old", n), Integration: "I"})
	}
	f.Jobs[""] = wire.Jobs{Jobs: list, Integrations: f.Jobs["J"].Integrations, Coverage: []alogs.Coverage{{State: alogs.More}}}
}

func TestJobs_KindsStepsAndLinks(t *testing.T) {
	s, p := openLogs(t, "/ep/jobs/I?src=elasticpath/eu/S", jobList)
	html := s.html()
	for _, want := range []string{
		"Jobs of Order shipping", "500 failed", "3 attempts", "no entries loaded", "order swapped", "duplicate", "overtaken", "Older entries exist",
		`href="/ep/jobs/I/bad?src=elasticpath/eu/S"`, "Show 203 more jobs",
	} {
		if !strings.Contains(html, want) {
			t.Errorf("%q is missing in %s", want, html)
		}
	}
	rows := func() int { return strings.Count(s.html(), "job-row") }
	if rows() != jobRows {
		t.Errorf("%d rows", rows())
	}
	p.on(p.ctx, part.JobsGrown{})
	if rows() != 303 {
		t.Errorf("%d rows", rows())
	}
	for kind, want := range map[part.JobKind]int{part.FailedJobs: 1, part.RetriedJobs: 1, part.SlowJobs: 1, part.StrangeJobs: 1} {
		if p.on(p.ctx, part.JobsKept{Keep: kind}); rows() != want {
			t.Errorf("%d jobs of kind %d, want %d", rows(), kind, want)
		}
	}
	i := slices.IndexFunc(s.Calls(), func(c client.Call) bool { return c.Path == wire.PathJobs })
	if q := s.Calls()[i].Query; q.Get("src") != "elasticpath/eu/S/integrations/I" || q.Get("from") != noon.Add(-24*time.Hour).Format(time.RFC3339) {
		t.Errorf("asked for %v", q)
	}
}

func TestJobs_KeysMoveThroughTheList(t *testing.T) {
	s, p := openLogs(t, "/ep/jobs/I?src=elasticpath/eu/S", jobList)
	s.html()
	for _, cmd := range []command{cmdUp, cmdDown, cmdDown, cmdUp} {
		if !p.place.is.key(cmd) {
			t.Error("the key is not used")
		}
	}
	html := s.html()
	if n := strings.Count(html, ` chosen"`); n != 1 || p.place.is.(*jobsPlace).list.Chosen != 1 {
		t.Errorf("%d are chosen, of them %d", n, p.place.is.(*jobsPlace).list.Chosen)
	}
}

func TestJob_FromTheListToAJobAndBack(t *testing.T) {
	s, _ := openLogs(t, "/ep/jobs/I?src=elasticpath/eu/S", jobList)
	s.html()
	for _, c := range []struct{ address, has, not string }{{jobAddress, "succeeded after 3 attempts", "job-row"}, {"/ep/jobs/I?src=elasticpath/eu/S", "job-row", "after 3 attempts"}} {
		u, _ := url.Parse("https://logpane.example" + c.address)
		s.disp.Nav(u)
		if html := s.html(); !strings.Contains(html, c.has) || strings.Contains(html, c.not) {
			t.Errorf("%s shows %s", c.address, html)
		}
	}
}
