package part

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/app/job"
	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/wire"
	"github.com/maxence-charriere/go-app/v9/pkg/app"
)

var jobTime = time.Date(2026, 3, 2, 23, 58, 0, 0, time.UTC)

// try is an attempt of a job; body is what was answered.
func try(n, minutes, status int, took time.Duration, body string) logs.Entry {
	e := logs.Entry{
		ID: fmt.Sprint("e", n, "-", minutes), Job: "job-0123456789abcdef0123456789abcdef", Attempt: n, Time: jobTime.Add(time.Duration(minutes) * time.Minute), Status: status,
		Outcome: logs.OutcomeFailed, Took: took, HasTook: took > 0,
		Fields: logs.Fields{{Name: "integration", Value: "I"}, {Name: "integration_name", Value: "Order shipping"}, {Name: "url", Value: "hooks.example.com"}, {Name: "body", Value: body}},
	}
	switch status {
	case 200:
		e.Outcome = logs.OutcomeSucceeded
	case 0:
		e.Outcome = logs.OutcomeUnknown
	}
	return e
}

// tries are attempts of which each differs from the one before in another way.
func tries() []logs.Entry {
	text := strings.Repeat("an equal line\n", 12)
	same, late := try(7, 9, 500, 9*time.Second, "short"), try(6, 10, 500, 11*time.Second, "")
	late.Fields = append(late.Fields, logs.Field{Name: "error", Value: "connection reset"})
	none := try(0, 0, 0, 0, "")
	none.Time = time.Time{}
	return []logs.Entry{
		try(2, 0, 500, time.Second, `{"error":{"code":1,"text":"the first words are equal"},"at":"here"}`),
		try(3, 1, 502, 9*time.Second, `{"error":{"code":2,"text":"the first words are other"},"now":[1]}`),
		try(4, 3, 502, 20*time.Second, text+"one\n"+text),
		try(5, 3, 502, 20*time.Second, text+"two\n"+text+"three"),
		try(7, 8, 500, time.Second, "short"), same, late,
		try(8, 400, 200, time.Millisecond, "fine"), none,
	}
}

// ladderOf is a ladder of which all attempts were compared.
func ladderOf(entries []logs.Entry) Ladder {
	l := job.Build(entries)
	out := Ladder{Job: &l, Rungs: make([]Rung, len(l.Rungs)), To: len(l.Rungs), Chosen: 1, Limit: 10 * time.Second, Zone: time.UTC}
	var before *logs.Entry
	for i := range l.Rungs {
		e := l.Rungs[i].Entry
		d := job.Compare(before, e)
		out.Rungs[i] = Rung{Diff: &d, Answer: ReadAnswer(i, job.Answer(e))}
		before = e
	}
	return out
}

func TestLadder_Markup(t *testing.T) {
	l := ladderOf(tries())
	golden(t, "ladder", l.UI(nil))
	for i := range l.Rungs {
		for _, path := range []string{".answer", ".same", ".keys", ".lines"} {
			l.State = l.State.Next(NodeToggled{fmt.Sprint(i, path), true})
		}
	}
	golden(t, "ladder-open", l.UI(nil))
	few := l
	few.Rungs = append([]Rung{}, l.Rungs...)
	few.From, few.To, few.Chosen, few.Rungs[2].Diff = 1, 3, -1, nil
	golden(t, "ladder-cut", few.UI(nil))
}

func TestJobHead_Markup(t *testing.T) {
	l := job.Build(tries())
	in := wire.Integration{ID: "integration-0123456789abcdef0123456789", Name: "Orders", Detail: "in.example.com", Status: "disabled", Events: []string{"order.paid", "order.sent"}}
	head := JobHead{
		ID: l.ID, Job: &l, Integration: in, Word: "integration", Vendor: "Elastic Path", JobsURL: "/jobs", EntriesURL: "/entries",
		Limit: 10 * time.Second, Zone: time.UTC, Now: jobTime.Add(time.Hour),
	}
	bare := JobHead{ID: "J", Job: &job.Ladder{Final: -1}, Word: "event", JobsURL: "/jobs", EntriesURL: "/entries", WrongLimit: true, Copied: "link", Limit: time.Minute, Zone: time.UTC}
	one := job.Build(tries()[:1])
	single := JobHead{ID: "J", Job: &one, Integration: wire.Integration{ID: "I"}, Word: "event", JobsURL: "/jobs", EntriesURL: "/entries", Copied: "job", Limit: time.Minute, Zone: time.UTC, Now: jobTime}
	golden(t, "job-head", app.Div().Body(head.UI(nil), bare.UI(nil), single.UI(nil)))
}

func TestJobWait_Markup(t *testing.T) {
	err := fault.New(fault.Unauthenticated, "read jobs").Saying("connect the account")
	target := logs.Target{Vendor: "elasticpath", Region: "eu", Account: "S"}
	var all []app.UI
	for _, w := range []JobWait{
		{Vendor: "Moltin"},
		{Vendor: "Moltin", Busy: true},
		{Vendor: "Moltin", Busy: true, Shown: 1, For: 3 * time.Second, Notes: []string{"one", "two"}},
		{Vendor: "Moltin", Err: err, Retry: "job"},
		{Vendor: "Moltin", Err: err, Target: target, Label: "Europe"},
		{Vendor: "Moltin", Err: err, Target: target, Label: "Europe", Lacks: true},
		{Vendor: "Moltin", Empty: "Nothing is there.", Of: 8, Comparing: 3},
		{Vendor: "Moltin", Of: 8, Stopped: true},
	} {
		all = append(all, w.UI(nil))
	}
	golden(t, "job-wait", app.Div().Body(all...))
}

func TestJobs_Markup(t *testing.T) {
	at := func(minutes int) time.Time { return jobTime.Add(time.Duration(minutes) * time.Minute) }
	l := Jobs{
		Jobs: []wire.Job{
			{ID: "fine", Integration: "I", Entries: 1, Attempts: 1, First: at(0), Last: at(0), Outcome: "succeeded", Status: 200, TookMS: 120},
			{ID: "slow-0123456789abcdef0123456789abcdef", Integration: "J", Entries: 3, Attempts: 3, First: at(0), Last: at(9), Outcome: "failed", Status: 500, TookMS: 9500, Repeated: true, Swapped: true, Overtaken: "fine"},
			{ID: "unread", Integration: "K"},
			{ID: "timeless", Entries: 2, Attempts: 2},
		},
		URLs: []string{"/fine", "/slow", "", "/timeless"}, Names: map[string]string{"I": "Orders", "J": "Prices"}, Rows: 3, Chosen: 1, Limit: 10 * time.Second, Zone: time.UTC,
	}
	failed := l
	failed.Keep, failed.Rows, failed.Chosen = FailedJobs, 100, -1
	none := l
	none.Jobs = l.Jobs[:1]
	none.Keep = StrangeJobs
	golden(t, "jobs", app.Div().Body(
		JobsHead{
			Title: "Jobs of Orders", Integration: wire.Integration{ID: "integration-0123456789abcdef0123456789", Name: "Orders", Detail: "in.example.com", Status: "enabled", Events: []string{"order.paid"}},
			Word: "integration", Span: "Last 24 hours", EntriesURL: "/entries", AllURL: "/all", StoreURL: "/store", Copied: "integration",
		}.UI(nil),
		JobsHead{Title: "Jobs", Word: "event", Span: "All", EntriesURL: "/entries"}.UI(nil),
		l.UI(nil), failed.UI(nil), none.UI(nil), Jobs{}.UI(nil),
	))
}
