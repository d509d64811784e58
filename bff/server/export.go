package server

import (
	"cmp"
	"context"
	"errors"
	"io"
	"iter"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/klauspost/compress/gzip"

	"github.com/logpane/logpane/app/export"
	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/app/item"
	"github.com/logpane/logpane/app/logs"
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

// stream is where an export goes: the encoder, the compressor, the connection.
type stream struct {
	*export.Writer
	w       http.ResponseWriter
	control *http.ResponseController
	ctx     context.Context
	want    wanted
	zip     *gzip.Writer // nil where the reader takes none
	begun   bool
	last    time.Time // when something was written

	mu    sync.Mutex
	cut   bool // the deadline is that of the last words
	uncut func() bool
}

func newStream(w http.ResponseWriter, r *http.Request, want wanted) *stream {
	o := &stream{w: w, control: http.NewResponseController(w), ctx: r.Context(), want: want}
	o.uncut = context.AfterFunc(o.ctx, func() { o.deadline(lastWords, true) }) // a write may wait for a reader who does not read
	var to io.Writer = (*paced)(o)
	if weights(r.Header.Values("Accept-Encoding"))["gzip"] > 0 {
		o.zip = compressors.Get().(*gzip.Writer)
		o.zip.Reset(to)
		to = o.zip
	}
	o.Writer = export.NewWriter(to, want.Options)
	return o
}

// paced writes to the connection, each piece with a deadline of its own.
type paced stream

func (p *paced) Write(b []byte) (int, error) {
	(*stream)(p).deadline(stalled, false)
	return p.w.Write(b)
}

// deadline gives the next writes so long. The last words are the last.
func (o *stream) deadline(d time.Duration, last bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.cut {
		o.cut = last
		_ = o.control.SetWriteDeadline(time.Now().Add(d))
	}
}

// begin sends the head of the answer and what stands before the first entry.
func (o *stream) begin(now time.Time) error {
	h := o.w.Header()
	exportHeaders(h, o.want, now)
	if o.zip != nil {
		h.Set("Content-Encoding", "gzip")
	}
	o.begun = true
	o.w.WriteHeader(http.StatusOK)
	return o.Begin()
}

// push sends what was gathered, all the way.
func (o *stream) push() error {
	err := o.Flush()
	if err == nil && o.zip != nil {
		err = o.zip.Flush()
	}
	if err == nil {
		err = o.control.Flush()
	}
	o.last = time.Now()
	return err
}

// breathe sends something that means nothing where the format has such a thing, so
// that nobody on the way takes a long search for a dead connection.
func (o *stream) breathe() error {
	if time.Since(o.last) < quietFor || o.want.Format != export.NDJSON && o.want.Format != export.JSON {
		return nil
	}
	if err := o.Space(); err != nil {
		return err
	}
	return o.push()
}

// end sends the last words.
func (o *stream) end(sum export.Summary) error {
	err := o.End(sum)
	if err == nil && o.zip != nil {
		err = o.zip.Close()
	}
	h := o.w.Header()
	h.Set(headerComplete, strconv.FormatBool(sum.Complete))
	h.Set(headerEntries, strconv.Itoa(o.Entries()))
	return err
}

func (o *stream) close() {
	o.uncut()
	o.mu.Lock()
	o.cut = true // the connection is not ours any more
	o.mu.Unlock()
	if o.zip != nil {
		o.zip.Reset(io.Discard)
		compressors.Put(o.zip)
	}
}

// walk writes all that matches.
func (s *Server) walk(o *stream, r *http.Request, want wanted, run *running) (err error) {
	req := want.Request
	rows := func() int {
		switch {
		case !o.begun && want.most > 0:
			return min(firstRows, want.most)
		case !o.begun:
			return firstRows
		case want.most > 0:
			return min(wire.MaxLimit, want.most-o.Entries())
		}
		return wire.MaxLimit
	}
	sum := export.Summary{}
	defer func() { err = s.ended(o, r, run, &sum, err, recover()) }()
	for page, err := range s.pages(r, req, run, rows) {
		if err != nil {
			return err
		}
		if !o.begun {
			if err := allFailed(page); err != nil {
				return err
			}
			sum.Notes = page.Notes
			if o.begin(s.o.Now()) != nil {
				return errGone
			}
		}
		for i := range page.Entries {
			if o.Entry(&page.Entries[i]) != nil {
				return errGone
			}
		}
		if len(page.Entries) > 0 || page.Cursor == "" || o.last.IsZero() {
			err = o.push()
		} else {
			err = o.breathe()
		}
		if err != nil {
			return errGone
		}
		s.exports.wrote(want.Format, len(page.Entries))
		sum.Scanned += page.Scanned
		sum.Coverage = page.Coverage
		sum.Complete, sum.Reason = completeness(page, want.Span)
		if page.Cursor == "" {
			break
		}
		sum.Complete = false
		if want.most > 0 && o.Entries() >= want.most {
			sum.Reason = limitReason("newest", want.most)
			break
		}
	}
	return nil
}

func limitReason(which string, n int) string {
	return "limit: the " + which + " " + strconv.Itoa(n) + " were asked for, and there may be more"
}

// ended says the last words of an export that came to its end, or was brought to it
// by err or a panic. It returns what is still to be told to the reader.
func (s *Server) ended(o *stream, r *http.Request, run *running, sum *export.Summary, err error, panicked any) error {
	if !o.begun {
		if panicked != nil {
			panic(panicked)
		}
		return run.why(s, r, err)
	}
	switch {
	case panicked != nil:
		sum.Complete, sum.Reason = false, "something went wrong on our side: ask again"
	case err != nil:
		sum.Complete, sum.Reason = false, fault.Of(run.why(s, r, err)).Msg
	}
	if !errors.Is(err, errGone) && !run.gone() {
		_ = o.end(*sum) // where that fails nobody is there to read it
		s.exports.ended(o.want.Format, *sum)
	}
	if panicked != nil {
		panic(panicked)
	}
	return nil
}

// pages yields the pages of a walk to its end, at most rows() entries each. A target
// that fails is tried again after a pause, and left out after a few; whether the asker
// may still read is looked at before each page. An error ends the walk.
func (s *Server) pages(r *http.Request, req source.Request, run *running, rows func() int) iter.Seq2[*wire.Page, error] {
	return func(yield func(*wire.Page, error) bool) {
		req.Strict = true
		patience := newPatience(req.Asks)
		for {
			req.Limit = rows()
			page, err := s.search(r, req)
			if err != nil {
				yield(nil, err)
				return
			}
			wait := patience.after(page, req.Asks)
			if !yield(page, nil) || page.Cursor == "" {
				return
			}
			if err := run.pause(s, r, wait); err != nil {
				yield(nil, err)
				return
			}
			req.Cursor = page.Cursor
		}
	}
}

// errGone says that the reader takes nothing any more.
var errGone = errors.New("the reader is gone")

// allFailed returns the failure of an answer that holds nothing but failures.
func allFailed(page *wire.Page) error {
	var first *fault.Error
	for _, c := range page.Coverage {
		if c.State != logs.Failed {
			return nil
		}
		if first == nil {
			first = fault.New(fault.Kind(c.Kind), "export").Saying(c.Reason)
			first.Said, first.RetryAfter = c.Said, time.Duration(c.RetryAfterMS)*time.Millisecond
		}
	}
	if first == nil || len(page.Entries) > 0 {
		return nil
	}
	return first
}

// completeness says whether the coverage of an answer leaves nothing out, and what it
// does leave out. What a vendor has deleted is missing only where it was asked for.
func completeness(page *wire.Page, span logs.Span) (complete bool, reason string) {
	var missing []string
	failed := 0 // of them; they come first, because something can be done about them
	for _, c := range page.Coverage {
		if c.State == logs.Complete || c.State == logs.Expired && span.From.IsZero() {
			continue
		}
		text := c.Src + ": " + c.Reason
		if c.State == logs.Failed {
			text = c.Src + " failed: " + c.Reason
		}
		switch {
		case slices.Contains(missing, text):
		case c.State == logs.Failed:
			missing = slices.Insert(missing, failed, text)
			failed++
		default:
			missing = append(missing, text)
		}
	}
	if more := len(missing) - 5; more > 0 {
		missing = append(missing[:5], strconv.Itoa(more)+" more")
	}
	return len(missing) == 0, strings.Join(missing, "; ")
}

// patience is how the failures of targets are borne: a fault that may pass is waited
// for and tried again a few times, and then the others go on without it.
type patience struct {
	tries []int
	spent []time.Duration
}

func newPatience(asks []source.Ask) *patience {
	return &patience{make([]int, len(asks)), make([]time.Duration, len(asks))}
}

// after returns how long to wait before the next page, and leaves targets that are
// given up out of it.
func (p *patience) after(page *wire.Page, asks []source.Ask) (wait time.Duration) {
	for i := range asks {
		a := &asks[i]
		if a.Source == nil || a.Left != nil {
			continue
		}
		at := slices.IndexFunc(page.Coverage, func(c logs.Coverage) bool { return c.State == logs.Failed && c.Src == a.Target.String() })
		if at < 0 {
			p.tries[i], p.spent[i] = 0, 0
			continue
		}
		c := page.Coverage[at]
		p.tries[i]++
		pause := max(time.Duration(c.RetryAfterMS)*time.Millisecond, firstRecover<<(2*(p.tries[i]-1)))
		p.spent[i] += pause
		passes := slices.Contains([]fault.Kind{fault.RateLimited, fault.Unavailable, fault.Timeout, fault.BadUpstream}, fault.Kind(c.Kind))
		if !passes || p.tries[i] > maxTries || p.spent[i] > maxPatience {
			left := fault.New(fault.Kind(c.Kind), "export").Saying(c.Reason)
			left.Said = c.Said
			a.Left = left
			continue
		}
		wait = max(wait, pause)
	}
	return wait
}
