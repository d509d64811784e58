package elasticpath

// their word                          our word             where documented
//
// id                                  ID                   "Get Integration Logs", sample (its OpenAPI file calls it the integration's: wrong)
// meta.timestamps.created_at          Time, TimeText       same; nanoseconds there, milliseconds in the SDK's fixture
// succeeded false / true              Level error / info   same; failed means not 2xx or slower than 10 s, "Integrations"
// succeeded false / true              Outcome failed / succeeded
// processing_time                     Took                 same; the unit is not documented, seconds by its size
// status_code                         Status               same; 0 or absent for queues
// attempt                             Attempt, attempt     same; Moltin's Go SDK does not know it
// error_detail                        error, Summary       same
// body                                body, Summary        same; foreign text, cut at 16 KB
// relationships.integration.data.id   integration          same
// relationships.job.data.id           Job                  same
// name of "Get all integrations"      integration_name     of the list of integrations, where it could be read
// configuration.url, its host         url                  same; nothing else of the configuration, which holds secrets

import (
	"encoding/json"
	"strconv"
	"strings"

	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/bff/source/driver"
	"github.com/logpane/logpane/bff/source/rest"
)

const (
	// maxBody bounds the fields body and error, in bytes; Raw has all of them.
	maxBody = 16 << 10
	// maxName bounds an integration's name in a summary, in bytes.
	maxName = 80
	// maxTime bounds Entry.TimeText, in bytes.
	maxTime = 64
)

// convert turns one page of logs, read from offset on, into entries.
func convert(l list, offset int, names map[string]known) driver.Page {
	p := driver.Page{Entries: make([]logs.Entry, 0, len(l.rows)), Total: l.total}
	for _, row := range l.rows {
		p.Entries = append(p.Entries, entry(row, names))
	}
	switch {
	case len(l.rows) == 0:
		p.More = driver.MoreNo
	case l.total < 0:
		p.More = driver.MoreUnknown
	case offset+len(l.rows) >= l.total:
		p.More = driver.MoreNo
	default:
		p.More = driver.MoreYes
	}
	return p
}

func entry(row rest.Value, names map[string]known) logs.Entry {
	if !row.IsObject() {
		return logs.Entry{
			ID: rest.ID("", string(row)), Raw: json.RawMessage(row),
			Summary: rest.Line("a row that is no object: "+string(row), logs.MaxSummary),
		}
	}
	r := parseRecord(row)
	of := names[r.integration]
	e := logs.Entry{
		Time: rest.Time(r.created), TimeText: rest.Line(r.created, maxTime),
		Took: r.took, HasTook: r.hasTook, Status: r.status, Job: r.job, Attempt: r.attempt,
		Summary: summary(r, of.title()), Raw: json.RawMessage(row),
	}
	if r.id != "" {
		e.ID = rest.ID(r.id)
	} else {
		e.ID = rest.ID("", string(row))
	}
	if r.succeeded != nil {
		e.Level, e.Outcome = logs.LevelError, logs.OutcomeFailed
		if *r.succeeded {
			e.Level, e.Outcome = logs.LevelInfo, logs.OutcomeSucceeded
		}
	}
	e.Fields = make(logs.Fields, 0, 6)
	e.Fields.Add("integration", r.integration)
	e.Fields.Add("integration_name", of.name)
	e.Fields.Add("url", of.host)
	if r.attempt > 0 {
		e.Fields.Add("attempt", float64(r.attempt))
	}
	e.Fields.Add("error", rest.Cut(r.detail, maxBody))
	e.Fields.Add("body", rest.Cut(r.body, maxBody))
	return e
}

// summary is "404 Order notification, attempt 1: Received a status code outside of
// 2xx range", without what is not known.
func summary(r record, integration string) string {
	var head []string
	if r.status > 0 {
		head = append(head, strconv.Itoa(r.status))
	}
	if integration != "" {
		head = append(head, rest.Line(integration, maxName))
	}
	if r.attempt > 0 {
		if integration != "" {
			head[len(head)-1] += ","
		}
		head = append(head, "attempt "+strconv.Itoa(r.attempt))
	}
	text := rest.Line(r.detail, logs.MaxSummary)
	if text == "" {
		text = rest.Line(r.body, logs.MaxSummary)
	}
	if text == "" && r.succeeded != nil {
		text = map[bool]string{true: "succeeded", false: "failed"}[*r.succeeded]
	}
	switch {
	case len(head) == 0 && text == "":
		return "log without details"
	case len(head) == 0:
		return text
	case text == "":
		return strings.Join(head, " ")
	}
	return rest.Cut(strings.Join(head, " ")+": "+text, logs.MaxSummary)
}
