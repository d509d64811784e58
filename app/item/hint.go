package item

import (
	"strings"

	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/query"
)

// Hint is what we can say about a step that did not complete. Every text rests on
// something that Coveo published; what we conclude from it says "probably".
type Hint struct {
	Meaning string // a sentence
	Cause   string // a sentence; "" where nothing is known
	Next    string // what to do, a sentence
	Query   string // the filter that shows the other entries like it; "" for none
	Label   string // of the link with that filter
	Page    string // where Coveo writes about it: a page of docs.coveo.com
}

// known is a row of the catalogue; the first that fits a step counts. Empty
// members fit everything.
type known struct {
	code    string // the error code, exactly
	says    string // a part of the error message
	outcome logs.Outcome
	stage   string
	meaning string
	cause   string
	next    string
	page    string
}

const (
	docsLogs   = "https://docs.coveo.com/en/59/"   // Get the logs of a source with the API
	docsBrowse = "https://docs.coveo.com/en/1864/" // Review source logs (Log Browser)
	docsStages = "https://docs.coveo.com/en/1893/" // Coveo indexing pipeline: the stages
)

// catalogue is reviewed by hand. Coveo publishes no list of error codes: a code
// stands here once a text of Coveo's shows it, and the others get what is said of
// their result and their stage. The comment behind a row names its source.
var catalogue = []known{
	{ // docs 59, sample response: this code with this message, at CONSUMING
		code: "INVALID_DOCUMENT", says: "No permissions are set on document",
		meaning: "Coveo took the push and then found the document invalid: it carries no permissions.",
		cause:   "Probably the pushed item has no permissions of its own, and the source expects them with each item.",
		next:    "Add permissions to the item, or let the source give the same to all, and push it again.",
		page:    docsLogs,
	},
	{ // docs 59, sample response: the code; its message says "The document message … is invalid. Cause: …"
		code:    "INVALID_DOCUMENT",
		meaning: "Coveo took the push and then found the document invalid.",
		cause:   "The error message names it after “Cause:”.",
		next:    "Correct what the message names and push the item again.",
		page:    docsLogs,
	},
	{ // Swagger of the Source Logs service: result REJECTED; docs 1893: extensions run at this stage
		outcome: logs.OutcomeRejected, stage: "EXTENSION",
		meaning: "The item was rejected while an indexing pipeline extension ran on it.",
		cause:   "Probably the extension that “resource” names rejects items like this one, as its script says.",
		next:    "Read the extension's script; see what else it rejected.",
		page:    docsStages,
	},
	{ // Swagger: result REJECTED
		outcome: logs.OutcomeRejected,
		meaning: "Coveo rejected the item at this stage. That is a decision, not a breakdown.",
		next:    "See what else was rejected here.",
		page:    docsStages,
	},
	{ // docs 1893: crawling is where the connector fetches items
		outcome: logs.OutcomeFailed, stage: "CRAWLING",
		meaning: "The connector could not fetch the item from its system.",
		next:    "Open the item's address as the crawler would, then rebuild or rescan the source.",
		page:    docsStages,
	},
	{ // docs 1893: streaming is where the Push API receives items
		outcome: logs.OutcomeFailed, stage: "STREAMING",
		meaning: "The Push API did not take the item in.",
		next:    "Check the answer that your push got, and push again.",
		page:    docsStages,
	},
	{ // docs 1893: streaming extension is where the Stream API applies partial updates
		outcome: logs.OutcomeFailed, stage: "STREAMING_EXTENSION",
		meaning: "The Stream API could not apply the update to the item.",
		next:    "Check the update that was sent, and send it again.",
		page:    docsStages,
	},
	{ // docs 1893: consuming moves items from the push queue to the document queue
		outcome: logs.OutcomeFailed, stage: "CONSUMING",
		meaning: "Coveo took the push and could not hand the item on to processing.",
		next:    "Read the error, correct the item and push it again.",
		page:    docsStages,
	},
	{ // docs 1893: mapping fills the fields of the index
		outcome: logs.OutcomeFailed, stage: "MAPPING",
		meaning: "The item's values could not be mapped to the fields of the index.",
		next:    "Compare the value that the error names with the field's type, and the source's mappings.",
		page:    docsStages,
	},
	{ // docs 1893: processing converts items
		outcome: logs.OutcomeFailed, stage: "PROCESSING",
		meaning: "The item's content could not be processed.",
		next:    "Read the error; see what else failed here.",
		page:    docsStages,
	},
	{ // docs 1893: an extension runs before or after the conversion
		outcome: logs.OutcomeFailed, stage: "EXTENSION",
		meaning: "An indexing pipeline extension failed on the item.",
		cause:   "Probably the script of the extension that “resource” names.",
		next:    "Read the extension's script; see what else it failed on.",
		page:    docsStages,
	},
	{ // docs 1893: indexing is the last stage
		outcome: logs.OutcomeFailed, stage: "INDEXING",
		meaning: "The item came all the way and the index did not take it.",
		next:    "Read the error, correct the item and push it again.",
		page:    docsStages,
	},
	{ // Swagger: result ERROR; docs 1864: reviewing errors is one of the two uses of the logs
		outcome: logs.OutcomeFailed,
		meaning: "This stage failed on the item.",
		next:    "Read the error; see what else failed here.",
		page:    docsBrowse,
	},
	{ // Swagger: result SKIPPED
		outcome: logs.OutcomeSkipped,
		meaning: "Coveo left the item as it was.",
		next:    "Nothing is wrong if it did not change; look at the run before.",
		page:    docsBrowse,
	},
	{ // Swagger: result WARNING; docs 1864: reviewing warnings
		outcome: logs.OutcomeWarned,
		meaning: "The stage has something to say and went on.",
		next:    "Read the message; see what else was warned of here.",
		page:    docsBrowse,
	},
}

// HintOf returns what is known about a step that did not complete, and whether
// there is anything to say.
func HintOf(s Step) (Hint, bool) {
	if s.Outcome == logs.OutcomeSucceeded || s.Outcome == logs.OutcomeUnknown {
		return Hint{}, false
	}
	for i := range catalogue {
		k := &catalogue[i]
		if k.code != "" && k.code != s.Code || k.says != "" && !strings.Contains(s.Error, k.says) ||
			k.outcome != logs.OutcomeUnknown && k.outcome != s.Outcome || k.stage != "" && !strings.EqualFold(k.stage, s.Stage) {
			continue
		}
		h := Hint{Meaning: k.meaning, Cause: k.cause, Next: k.next, Page: k.page}
		h.Query, h.Label = alike(&s)
		return h, true
	}
	return Hint{}, false
}

// alike returns the filter for entries like s, the most telling one.
func alike(s *Step) (filter, label string) {
	all := "All " + s.Outcome.String()
	and := " outcome:" + s.Outcome.String()
	switch {
	case s.Code != "":
		return clause("error_code", s.Code), "All with " + s.Code
	case s.Resource != "":
		return clause("resource", s.Resource) + and, all + " by " + s.Resource
	case s.Stage != "":
		return clause("stage", s.Stage) + and, all + " at " + s.Stage
	}
	return "", ""
}

func clause(field, value string) string {
	c, err := query.Is(field, value)
	if err != nil {
		return ""
	}
	return c.String()
}

// StageMeaning says what happens at a stage, per docs 1893; "" for one that is not
// known here.
func StageMeaning(stage string) string {
	switch strings.ToUpper(stage) {
	case "CRAWLING":
		return "The connector fetches the item"
	case "STREAMING":
		return "The Push API receives the item"
	case "STREAMING_EXTENSION":
		return "The Stream API applies an update"
	case "CONSUMING":
		return "The item goes from the push queue to the document queue"
	case "EXTENSION":
		return "An indexing pipeline extension runs, before or after the conversion"
	case "PROCESSING":
		return "The item's content is converted"
	case "MAPPING":
		return "The item's values are mapped to fields"
	case "PREINDEXING", "INDEXING":
		return "The item goes into the index"
	}
	return ""
}
