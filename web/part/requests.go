package part

import (
	"slices"
	"strconv"
	"strings"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/app/redact"
	"github.com/logpane/logpane/app/wire"
	"github.com/maxence-charriere/go-app/v9/pkg/app"
)

// RequestID returns What of the Copied event of a request, counted from 0.
func RequestID(i int) string { return "request:" + strconv.Itoa(i) }

// RequestsDialog shows the calls that a search makes of the vendors, as command
// lines.
type RequestsDialog struct {
	Requests []wire.Request
	Labels   map[string]string // of targets, by address
	Busy     bool
	Err      *fault.Error
	Copied   string // What of the last Copied that worked, for a moment
	Failed   string // and of the one that did not
	Lens     redact.Lens
}

// UI draws the dialog.
func (d RequestsDialog) UI(send Send) app.UI {
	var body nodes
	switch {
	case d.Err != nil:
		body.add(Fault{Err: d.Err, Retry: "requests"}.UI(send))
	case d.Busy:
		body = nodes{bones(4), txt("p", "sr", "Working out the requests")}
	case len(d.Requests) == 0:
		body.add(txt("p", "mut", "This view has no target that could be asked."))
	default:
		body.add(txt("p", "requests-lead", d.lead()))
	}
	for i := range d.Requests {
		r := &d.Requests[i]
		body.add(d.request(i, r, send))
	}
	return veil("requests", "Vendor request", "requests-close", MenuToggled{MenuRequests}, send, body...)
}

// lead says what the commands are, and what they lack.
func (d *RequestsDialog) lead() string {
	s := "How this search begins, as commands for a POSIX shell. "
	if len(d.Requests) > 1 {
		s = "How this search begins, one call for each target, as commands for a POSIX shell. "
	}
	var names []string
	for _, r := range d.Requests {
		for _, n := range placeholders(r.Curl) {
			if !slices.Contains(names, n) {
				names = append(names, n)
			}
		}
	}
	switch len(names) {
	case 0:
		return s
	case 1:
		return s + "The credential is left out: fill in " + names[0] + " before it runs."
	}
	return s + "Credentials are left out: fill in " + strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1] + " before they run."
}

// placeholders returns the shell variables in a command: $ALGOLIA_API_KEY.
func placeholders(s string) []string {
	var out []string
	for {
		_, rest, ok := strings.Cut(s, "$")
		if !ok {
			return out
		}
		rest = strings.TrimPrefix(rest, "{")
		end := strings.IndexFunc(rest, func(r rune) bool { return r != '_' && (r < 'A' || r > 'Z') && (r < '0' || r > '9') })
		if end < 0 {
			end = len(rest)
		}
		if end > 1 {
			out = append(out, "$"+rest[:end])
		}
		s = rest
	}
}

func (d *RequestsDialog) request(i int, r *wire.Request, send Send) app.UI {
	name := d.Labels[r.Src]
	if name == "" {
		name = r.Src
	}
	id := RequestID(i)
	label, sign := "Copy", "copy"
	switch id {
	case d.Copied:
		label, sign = "Copied", "check"
	case d.Failed:
		label, sign = "Refused", "alert"
	}
	host := r.URL
	if _, rest, ok := strings.Cut(host, "://"); ok {
		host, _, _ = strings.Cut(rest, "/")
	}
	return aloud("section", "request", "", name,
		el("div", "request-head",
			txt("h3", "ellipsis", name), txt("span", "mut ellipsis grow", r.Method+" "+host),
			button("btn small", send, Copied{id}, attrs{"aria-label", label + ": the command for " + name}, icon(sign), app.Text(label)),
		),
		elem("pre", "request-curl", attrs{"tabindex", "0", "role", "region", "aria-label", "Command for " + name}, txt("code", "", d.Lens.Text(r.Curl))),
	)
}

// veil is a modal layer with a head. shut is sent by its close button.
func veil(class, title, closeID string, shut any, send Send, body ...app.UI) app.UI {
	head := el("div", "sheet-head",
		txt("h2", "", title), grow(), pictured("btn icon quiet", "close", "Close", "", send, shut).ID(closeID),
	)
	return el("div", "veil", sheet(class, title, append([]app.UI{head}, body...)...))
}

// sheet is what lies on a modal layer.
func sheet(class, title string, body ...app.UI) app.UI {
	return elem("div", "sheet "+class, attrs{"id", IDDialog, "role", "dialog", "aria-modal", "true", "aria-label", title}, body...)
}
