package source

import (
	"context"
	"errors"
	"strings"

	"github.com/logpane/logpane/app/wire"
	"github.com/logpane/logpane/bff/source/driver"
)

// errNoted ends a walk whose first call was noted instead of made.
var errNoted = errors.New("noted")

// Requests describes the calls with which the newest page of a search begins, one
// for each target that can be read, and makes none. It walks as Search does, up to
// the driver, so that it says what Search would do. r.Cursor is ignored. The error
// is that of the only target.
func (s *Searcher) Requests(ctx context.Context, r Request) (*wire.Requests, error) {
	r.Cursor = ""
	w, _, err := s.begin(r, "")
	if err != nil {
		return nil, err
	}
	defer w.cancel()
	w.open(r, s.now())
	out := &wire.Requests{Requests: []wire.Request{}}
	for i, l := range w.lanes {
		var call driver.Request
		err := r.Asks[i].Err
		if l != nil {
			l.call = func(_ context.Context, read driver.Read) (driver.Page, error) {
				if call, err = l.ask.Source.driver.Request(read); err != nil {
					return driver.Page{}, err
				}
				return driver.Page{}, errNoted
			}
			if err = l.step(ctx); errors.Is(err, errNoted) {
				err = nil
			} else if err == nil {
				continue // nothing to ask for
			}
		}
		switch {
		case err != nil && len(r.Asks) == 1:
			return nil, err
		case err != nil || l == nil:
			continue
		}
		out.Requests = append(out.Requests, wire.Request{
			Src: r.Asks[i].Target.String(), Method: call.Method, URL: call.URL, Headers: call.Headers, Body: call.Body, Curl: curl(call),
		})
	}
	return out, nil
}

// curl writes a call as a command line for a POSIX shell, which puts its own
// variables in the place of placeholders.
func curl(c driver.Request) string {
	var b strings.Builder
	b.WriteString("curl")
	if strings.ContainsAny(c.URL, "[]{}") {
		b.WriteString(" --globoff")
	}
	if c.Method != "GET" || c.Body != "" {
		b.WriteString(" -X " + word(c.Method))
	}
	for _, h := range c.Headers {
		b.WriteString(" \\\n  -H " + word(h[0]+": "+h[1], c.Secrets...))
	}
	if c.Body != "" {
		b.WriteString(" \\\n  --data-raw " + word(c.Body))
	}
	b.WriteString(" \\\n  " + word(c.URL))
	return b.String()
}

// word quotes a text as one word of a POSIX shell. Placeholders stand in double
// quotes, where the shell expands them.
func word(s string, placeholders ...string) string {
	plain := func(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }
	if s == "" {
		return "''"
	}
	var b strings.Builder
	for s != "" {
		at, which := len(s), ""
		for _, p := range placeholders {
			if i := strings.Index(s, p); p != "" && i >= 0 && i < at {
				at, which = i, p
			}
		}
		if at > 0 {
			b.WriteString(plain(s[:at]))
		}
		if which != "" {
			b.WriteString(`"` + which + `"`)
		}
		s = s[at+len(which):]
	}
	return b.String()
}
