package part

import (
	"strings"
	"time"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/app/redact"
	"github.com/logpane/logpane/app/viewer"
	"github.com/maxence-charriere/go-app/v9/pkg/app"
)

// Retried says that the reader wants what failed done again. What names it.
type Retried struct{ What string }

// heads say in a few words what kind of trouble there is.
var heads = glossary{
	string(fault.Invalid), "That cannot be right yet",
	string(fault.Unauthenticated), "The credential was refused",
	string(fault.Forbidden), "A right is missing",
	string(fault.NotFound), "Not found",
	string(fault.Conflict), "Somebody was faster",
	string(fault.Unsupported), "This vendor cannot do that",
	string(fault.RateLimited), "The vendor asks for a pause",
	string(fault.Unavailable), "No connection",
	string(fault.Timeout), "No answer in time",
	string(fault.BadUpstream), "The answer could not be read",
	string(fault.Canceled), "Canceled",
	string(fault.Internal), "Something went wrong on our side",
}

// Fault shows an error in the place that it concerns: what it is, what to do,
// and the vendor's own words apart from ours.
type Fault struct {
	Err   *fault.Error
	Retry string // what a retry is about; "" offers none
	Small bool   // within a card or a lane
}

// UI draws the error, or nothing where there is none.
func (f Fault) UI(send Send) app.UI {
	if f.Err == nil {
		return nil
	}
	class := "fault"
	if f.Small {
		class += " small"
	}
	msg := f.Err.Msg
	if f.Err.RetryAfter > 0 {
		msg += " (in " + Length(f.Err.RetryAfter.Round(time.Second)) + ")"
	}
	var said, retry app.UI
	if f.Err.Said != "" {
		said = el("p", "said", txt("span", "said-who", "The vendor says: "), txt("q", "", redact.Lens{}.Text(f.Err.Said)))
	}
	if f.Retry != "" {
		retry = worded("btn", "Try again", send, Retried{f.Retry})
	}
	return elem("div", class, attrs{"role", "alert"},
		icon("alert"),
		el("div", "fault-text", txt("strong", "", heads.of(string(f.Err.Kind))), txt("p", "", Sentence(msg)), said, retry),
	)
}

// Sentence writes a message with a capital and a full stop.
func Sentence(s string) string {
	if s == "" {
		return ""
	}
	return ended(viewer.Capital(s))
}

// ended adds the full stop that a sentence lacks.
func ended(s string) string {
	if s == "" || strings.ContainsRune(".!?)\"", rune(s[len(s)-1])) || strings.HasSuffix(s, "”") {
		return s
	}
	return s + "."
}
