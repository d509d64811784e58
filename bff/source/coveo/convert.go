package coveo

// Their word        Our word              Where documented
//
// datetime          Time, TimeText        Swagger: date-time, milliseconds
// guid              ID                    Swagger: "unique log entry identifier"; absent in the sample of docs 59
// id                Item, Job             Swagger: the item's URI; repeats at every stage
// result            Level, Outcome        Swagger enum, an open list:
//   COMPLETED       info, succeeded
//   SKIPPED         info, skipped
//   WARNING         warning, warned
//   REJECTED        warning, rejected
//   ERROR           error, failed
// result            field result          the word itself
// task              field stage           Swagger enum; stages per docs 1893
// operation         field operation       Swagger enum
// sourceId          field source          docs 59
// resourceId        field resource        Swagger: id of an extension, or a word
// meta.errorMessage field error           docs 59
// meta.errorCode    field error_code      docs 59
// meta.duration     Took                  Swagger example "0.012": seconds as a string
// other meta        in Raw only
// organizationId    in Raw only           the account
// requestId         in Raw only           names our own call

import (
	"slices"
	"strings"

	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/bff/source/rest"
)

// results maps Coveo's words; others leave level and outcome unknown.
var results = map[string]struct {
	level   logs.Level
	outcome logs.Outcome
}{
	"COMPLETED": {logs.LevelInfo, logs.OutcomeSucceeded},
	"SKIPPED":   {logs.LevelInfo, logs.OutcomeSkipped},
	"WARNING":   {logs.LevelWarning, logs.OutcomeWarned},
	"REJECTED":  {logs.LevelWarning, logs.OutcomeRejected},
	"ERROR":     {logs.LevelError, logs.OutcomeFailed},
}

// Bounds of foreign text in bytes: a time string of Coveo's has 24, a summary
// must leave room for the error after the item's URI.
const (
	maxTimeText    = 64
	maxSummaryItem = 300
)

// convert makes an entry of a row.
func convert(r row, raw rest.Value) logs.Entry {
	e := logs.Entry{Raw: []byte(raw), ID: r.entryID(raw), Item: r.id, Job: r.id}
	e.TimeText = rest.Line(r.datetime, maxTimeText)
	e.Time = rest.Time(r.datetime)
	res := results[strings.ToUpper(r.result)]
	e.Level, e.Outcome = res.level, res.outcome

	e.Took, e.HasTook = r.meta.Get("duration").Seconds()
	problem, code := r.meta.Get("errorMessage").Text(), r.meta.Get("errorCode").Text()
	e.Fields = make(logs.Fields, 0, 7)
	e.Fields.Add("stage", r.task)
	e.Fields.Add("operation", r.operation)
	e.Fields.Add("result", r.result)
	e.Fields.Add("source", r.source)
	e.Fields.Add("resource", r.resource)
	e.Fields.Add("error", problem)
	e.Fields.Add("error_code", code)
	e.Summary = r.summary(problem, code)
	return e
}

// summary reads like "CONSUMING ADD ERROR http://www.example.com/ INVALID_DOCUMENT: No permissions are set".
func (r *row) summary(problem, code string) string {
	words := make([]string, 0, 6)
	for _, w := range []string{r.task, r.operation, r.result, rest.Cut(r.id, maxSummaryItem)} {
		if w != "" {
			words = append(words, w)
		}
	}
	switch {
	case code != "" && problem != "":
		words = append(words, code+": "+problem)
	case code+problem != "":
		words = append(words, code+problem)
	}
	if s := rest.Line(strings.Join(strings.Fields(strings.Join(words, " ")), " "), logs.MaxSummary); s != "" {
		return s
	}
	return "Coveo sent an entry without stage, result and item"
}

// entryID is the guid, else a hash of what tells two entries apart. Members of
// meta are taken in the order of their names: Coveo does not promise another.
func (r *row) entryID(raw rest.Value) string {
	if r.guid != "" {
		return rest.ID(r.guid)
	}
	if r.source+r.id+r.datetime+r.task+r.operation+r.result == "" {
		return rest.ID("", string(raw))
	}
	var meta []string
	for name, v := range r.meta.Members() {
		meta = append(meta, string(name)+"="+string(v))
	}
	slices.Sort(meta)
	parts := []string{r.source, r.id, r.datetime, r.task, r.operation, r.result, r.resource}
	return rest.ID("", append(parts, meta...)...)
}

// oddRow is the entry of a row that is no object.
func oddRow(v rest.Value) logs.Entry {
	return logs.Entry{
		Raw: []byte(v), ID: rest.ID("", string(v)),
		Summary: rest.Line("Coveo sent a row that is no object: "+string(v), logs.MaxSummary),
	}
}
