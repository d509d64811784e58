package server

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/logpane/logpane/app/export"
	"github.com/logpane/logpane/app/item"
	"github.com/logpane/logpane/app/view"
	"github.com/logpane/logpane/app/wire"
	"github.com/logpane/logpane/bff/session"
	"github.com/logpane/logpane/bff/source"
)

// An export is all that matches, and not only what a page holds: the walk of GET
// /api/logs from its newest page to its last, written while it is read. It holds one
// page at a time. A reader who is slow makes the walk slow, one who is gone ends it.

// Bounds of an export.
const (
	firstRows    = 100              // entries of the first page, so that something comes soon
	longest      = 6 * time.Hour    // of an export
	longestLive  = 24 * time.Hour   // of one that follows
	stalled      = 5 * time.Minute  // a reader who takes nothing for so long is given up
	lastWords    = 3 * time.Second  // for the end of an export that is ended
	quietFor     = 15 * time.Second // between two signs of life
	mostEntries  = 1_000_000_000    // of limit=
	maxTries     = 3                // of a target that fails, in a row
	maxPatience  = 2 * time.Minute  // of all waits of a target, in a row
	firstRecover = time.Second      // wait after the first failure, four times as long after each further one
)

// Headers and trailers of an export.
const (
	headerComplete = "Logpane-Complete" // true, or false
	headerEntries  = "Logpane-Entries"
)

// exportRoutes registers the addresses of exports: of the API, and of the page itself
// with the format at the end of its path.
func (s *Server) exportRoutes() {
	for _, f := range export.Formats() {
		for _, path := range []string{wire.PathLogs, view.PathLogs} {
			s.api("GET "+path+"."+string(f), func(w http.ResponseWriter, r *http.Request) error {
				return s.export(w, r, f, path == view.PathLogs)
			}, forScripts)
		}
	}
}

// wanted is what an export was asked for.
type wanted struct {
	export.Options
	source.Request
	live bool
	back bool // from was given
	most int  // entries; 0 for all
	src  []string
	who  session.View
}

// export answers GET /api/logs.FORMAT and GET /logs.FORMAT.
func (s *Server) export(w http.ResponseWriter, r *http.Request, f export.Format, page bool) error {
	want, err := s.wanted(r, f, page)
	if err != nil {
		return err
	}
	if r.Method == http.MethodHead {
		exportHeaders(w.Header(), want, s.o.Now())
		w.WriteHeader(http.StatusOK)
		return nil
	}
	run, err := s.exports.enter(r, want)
	if err != nil {
		return err
	}
	defer run.leave()
	r = r.WithContext(run.ctx)
	if want.Asks, err = s.asks(r, want.who, true, want.src); err != nil {
		return err
	}
	out := newStream(w, r, want)
	defer out.close()
	if want.live {
		return s.follow(out, r, want, run)
	}
	return s.walk(out, r, want, run)
}

// wanted reads the parameters of an export. They are those of GET /api/logs and of a
// page's address; what only a page can do is let pass.
func (s *Server) wanted(r *http.Request, f export.Format, page bool) (wanted, error) {
	want := wanted{who: s.who(r)}
	q, err := parametersBeside(r, []string{"uri", "pick"}, "src", "q", "from", "to", "item", "tz", "cols", "limit", "reveal", "live")
	if err != nil {
		return want, err
	}
	want.src = q["src"]
	want.Format, want.Lens.Key = f, s.o.MaskKey
	if want.Zone, err = zoneOf(q.Get("tz")); err != nil {
		return want, err
	}
	if want.Lens.Reveal, err = onOff("reveal", q.Get("reveal")); err != nil {
		return want, err
	}
	if want.live, err = onOff("live", q.Get("live")); err != nil {
		return want, err
	}
	if want.live && page && f != export.NDJSON {
		want.live = false // the page followed: the file holds what there is
	}
	if want.live && f != export.NDJSON {
		return want, invalid("live=1 gives lines as they come, which only .ndjson can: ask for " + wire.PathLogs + ".ndjson, or leave live=1 out")
	}
	if cols := q.Get("cols"); cols != "" {
		if want.Columns, err = export.Columns(strings.Split(cols, ",")); err != nil {
			return want, err
		}
	}
	if want.Query, err = parseQuery(q.Get("q")); err != nil {
		return want, err
	}
	from, to := q.Get("from"), q.Get("to")
	want.back = from != ""
	if page && from == "" && to == "" && !want.live {
		from = view.DefaultFrom
	}
	if from == view.All {
		from = ""
	}
	if want.Span, want.Text, err = s.spanIn(from, to, want.Zone); err != nil {
		return want, err
	}
	if want.live && to != "" {
		return want, invalid("live=1 goes on without an end: leave to out")
	}
	if text := q.Get("limit"); text != "" {
		if want.most, err = strconv.Atoi(text); err != nil || want.most < 1 || want.most > mostEntries {
			return want, invalid("limit=" + cut(text) + " is not a number from 1 to " + strconv.Itoa(mostEntries))
		}
	}
	if want.Item = cmp.Or(q.Get("item"), q.Get("uri")); len(want.Item) > item.MaxItemBytes {
		return want, invalid("item is longer than " + strconv.Itoa(item.MaxItemBytes) + " bytes")
	}
	if want.live && want.Item != "" {
		return want, invalid("one item cannot be followed: leave item out, and ask for it with q=item:…")
	}
	return want, nil
}

func onOff(name, text string) (bool, error) {
	switch text {
	case "", "0", "false":
		return false, nil
	case "1", "true":
		return true, nil
	}
	return false, invalid(name + "=" + cut(text) + " is neither 0 nor 1")
}

// zoneOf returns the zone of a name, UTC for "".
func zoneOf(name string) (*time.Location, error) {
	if name == "" {
		return time.UTC, nil
	}
	if zone, ok := view.Location(name); ok {
		return zone, nil
	}
	if zone, err := time.LoadLocation(name); err == nil && name != "Local" && len(name) <= 64 {
		return zone, nil
	}
	return nil, invalid("tz=" + cut(name) + " is no time zone; write one as Europe/Berlin, UTC or +02:00")
}

// exportHeaders sets what is known of an export before it is read.
func exportHeaders(h http.Header, want wanted, now time.Time) {
	h.Set("Content-Type", want.Format.Type())
	h.Set("Content-Disposition", `attachment; filename="`+exportName(want, now)+`"`)
	h.Set("X-Accel-Buffering", "no") // nginx would gather it
	h.Set("Vary", "Accept-Encoding")
	h.Set("Trailer", headerComplete+", "+headerEntries)
}

// exportName names the file: whose logs, and when. It tells nothing of what was looked for.
func exportName(want wanted, now time.Time) string {
	var vendors []string
	for _, a := range want.Asks {
		if v := a.Target.Vendor; !slices.Contains(vendors, v) {
			vendors = append(vendors, v)
		}
	}
	name := "logs"
	if len(vendors) > 0 && len(vendors) <= 3 {
		name = strings.Map(func(r rune) rune {
			if 'a' <= r && r <= 'z' || '0' <= r && r <= '9' || r == '-' {
				return r
			}
			return '_'
		}, strings.Join(vendors, "-"))
	}
	return "logpane-" + name + "-" + now.In(want.Zone).Format("20060102-150405") + "." + string(want.Format)
}
