package drivertest

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/bff/simulate"
	"github.com/logpane/logpane/bff/source"
	"github.com/logpane/logpane/bff/source/rest"
)

// testCoverage provokes states of coverage.
func testCoverage(t *testing.T, h Harness) {
	g := newRig(t, h, simulate.Options{Entries: 120})
	p := g.page(t, g.ask(1, h.Path...))
	if c := p.Coverage[len(p.Coverage)-1]; c.State != logs.More || p.Cursor == "" {
		t.Errorf("one of many: %s, cursor %q", c.State, p.Cursor)
	}
	req := g.ask(1000, h.Path...)
	req.Span.From = time.Now().Add(-time.Hour)
	if _, c := g.walk(t, req, nil); c.State != logs.Complete || !c.From.Equal(req.Span.From) {
		t.Errorf("the last hour: %+v", c)
	}
	if _, c := g.walk(t, g.ask(1000, h.Path...), nil); c.State != h.End || c.State != logs.Complete && c.Reason == "" {
		t.Errorf("everything: %+v", c)
	}
	// A target that fails beside one that does not.
	other := newRig(t, h, simulate.Options{})
	other.answer(say(403, "application/json", h.Forbidden))
	both := g.ask(10, h.Path...)
	both.Asks = append(both.Asks, other.ask(1, h.Path...).Asks[0])
	both.Asks[1].Target.Account = "other"
	p = g.page(t, both)
	c := p.Coverage[len(p.Coverage)-1]
	if c.State != logs.Failed || c.Kind != string(fault.Forbidden) || c.Reason == "" || len(p.Entries) == 0 {
		t.Errorf("one of two fails: %+v with %d entries", c, len(p.Entries))
	}
	if c := p.Coverage[0]; c.State == logs.Failed {
		t.Errorf("the other one: %+v", c)
	}
}

const words = "gone fishing, back on Monday"

// testFaults answers the log call with everything that goes wrong.
func testFaults(t *testing.T, h Harness) {
	page := h.Page([]json.RawMessage{h.Row(1, time.Now().UTC().Add(-time.Hour).Truncate(time.Second), "a row")}, false)
	hasty := func(status int) http.HandlerFunc { return say(status, "application/json", h.Error(status, words)) }
	cases := map[string]struct {
		script http.HandlerFunc
		kind   fault.Kind
		said   string
		again  bool // worth another try
	}{
		"400":              {hasty(400), fault.Invalid, words, false},
		"401":              {hasty(401), fault.Unauthenticated, "", false},
		"403":              {say(403, "application/json", h.Forbidden), fault.Forbidden, "", false},
		"404":              {hasty(404), fault.NotFound, words, false},
		"422":              {hasty(422), fault.Invalid, words, false},
		"429":              {hasty(429), fault.RateLimited, words, true},
		"429, and when":    {say(429, "application/json", h.Error(429, words), "Retry-After", "60"), fault.RateLimited, words, false},
		"500":              {hasty(500), fault.Unavailable, words, true},
		"502 as HTML":      {say(502, "text/html", "<html><h1>502 Bad Gateway</h1><p>"+words+"</html>"), fault.Unavailable, words, true},
		"503":              {hasty(503), fault.Unavailable, words, true},
		"504":              {hasty(504), fault.Timeout, words, true},
		"redirect":         {say(302, "text/html", "", "Location", "https://example.com/"), fault.BadUpstream, "", true},
		"HTML as success":  {say(200, "text/html", "<html>"+words+"</html>"), fault.BadUpstream, words, true},
		"empty body":       {say(200, "application/json", ""), fault.BadUpstream, "", true},
		"other shape":      {say(200, "application/json", `{"greeting":"hello"}`), fault.BadUpstream, "", true},
		"list of nothing":  {say(200, "application/json", `[1,2,"x",null]`), fault.BadUpstream, "", true},
		"cut JSON":         {say(200, "application/json", page[:len(page)/2]), fault.BadUpstream, "", true},
		"body breaks off":  {breaksOff(page), fault.BadUpstream, "", true},
		"connection drops": {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, fault.Unavailable, "", true},
		"huge body":        {huge, fault.BadUpstream, "", true},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := newRig(t, h, simulate.Options{Entries: 1})
			g.answer(c.script)
			began := time.Now()
			_, err := g.seek.Search(t.Context(), g.ask(10, h.Path...))
			var f *fault.Error
			if !errors.As(err, &f) {
				t.Fatalf("%v is no fault", err)
			}
			if f.Kind != c.kind || !strings.Contains(f.Said, c.said) {
				t.Errorf("%s: %q, said %q; want %s saying %q", f.Kind, f.Msg, f.Said, c.kind, c.said)
			}
			if len(f.Msg) < 15 || strings.Contains(f.Msg, "%!") || !strings.Contains(f.Msg, " ") {
				t.Errorf("%q is no plain sentence", f.Msg)
			}
			if name == "429, and when" && f.RetryAfter != time.Minute {
				t.Errorf("Retry-After became %s", f.RetryAfter)
			}
			// A driver may ask once more by itself: with a fresh token, or for less.
			if n := g.calls.Load(); c.again && n < 2 || !c.again && n > 2 || n > 6 {
				t.Errorf("%d calls", n)
			}
			if took := time.Since(began); took > 20*time.Second {
				t.Errorf("took %s", took)
			}
			// Afterwards all is well again, at the time that the vendor named.
			g.answer(say(200, "application/json", page))
			if name == "429, and when" {
				n := g.calls.Load()
				_, err := g.seek.Search(t.Context(), g.ask(10, h.Path...))
				if f := fault.Of(err); f == nil || f.Kind != fault.RateLimited || f.RetryAfter < 50*time.Second || g.calls.Load() != n {
					t.Errorf("asked again at once: %v, %d calls", err, g.calls.Load()-n)
				}
				g.reopen(t)
			}
			if p := g.page(t, g.ask(10, h.Path...)); len(p.Entries) != 1 {
				t.Errorf("%d entries once the trouble is over", len(p.Entries))
			}
		})
	}
	t.Run("strange JSON", func(t *testing.T) {
		t.Parallel()
		g := newRig(t, h, simulate.Options{Entries: 1})
		for _, row := range []string{`null`, `1`, `"x"`, `[]`, `{}`, `{"id":{},"sha1":[],"guid":1,"log_id":null}`, `{"meta":3,"relationships":"x","inner_queries":{},"exceptions":[[]]}`} {
			g.answer(say(200, "application/json", h.Page([]json.RawMessage{json.RawMessage(row)}, false)))
			p := g.page(t, g.ask(10, h.Path...))
			if len(p.Entries) != 1 || p.Entries[0].ID == "" {
				t.Errorf("a row %s became %d entries", row, len(p.Entries))
			}
		}
	})
}

// breaksOff sends half of a body that was announced whole.
func breaksOff(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", fmt.Sprint(len(body)))
		_, _ = w.Write([]byte(body[:len(body)/2]))
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}
}

// huge sends more than a client reads.
func huge(w http.ResponseWriter, r *http.Request) {
	block := []byte("[" + strings.Repeat(" ", 1<<20-1))
	for n := 0; n <= rest.MaxBody && r.Context().Err() == nil; n += len(block) {
		if _, err := w.Write(block); err != nil {
			return
		}
	}
}

// testMock lets a mock generated from the vendor's specification answer for ever.
func testMock(t *testing.T, h Harness) {
	g := newRig(t, h, simulate.Options{Entries: 1})
	g.answer(say(200, "application/json", h.Mock))
	got, edge := g.walk(t, g.ask(100, h.Path...), nil)
	if len(got) == 0 || len(got) > 3 || g.calls.Load() > 100 {
		t.Errorf("%d entries after %d calls", len(got), g.calls.Load())
	}
	for _, e := range got {
		if !e.Time.IsZero() || e.ID == "" {
			t.Errorf("time %s, id %q", e.Time, e.ID)
		}
	}
	if edge.State == logs.More || edge.State == logs.Failed {
		t.Errorf("ends %s: %s", edge.State, edge.Reason)
	}
}

// testEndless answers every call with the same page, which says that more follows.
func testEndless(t *testing.T, h Harness) {
	g := newRig(t, h, simulate.Options{Entries: 1})
	var rows []json.RawMessage
	now := time.Now().UTC().Truncate(time.Second)
	for i := range g.vendor.Capabilities.MaxLimit {
		rows = append(rows, h.Row(i, now.Add(-time.Duration(i+1)*time.Second), "again"))
	}
	g.answer(say(200, "application/json", h.Page(rows, true)))
	got, _ := g.walk(t, g.ask(500, h.Path...), nil)
	ids := map[string]bool{}
	for _, e := range got {
		ids[e.ID] = true
	}
	if len(got) != len(ids) || len(got) != len(rows) || g.calls.Load() > 200 {
		t.Errorf("%d entries, %d of them different, of %d rows, after %d calls", len(got), len(ids), len(rows), g.calls.Load())
	}
}

// testCancel ends a call that waits for its header, and one that waits for its body.
func testCancel(t *testing.T, h Harness) {
	for name, start := range map[string]string{"slow header": "", "slow body": "{"} {
		g := newRig(t, h, simulate.Options{Entries: 1})
		ctx, cancel := context.WithCancel(t.Context())
		released := make(chan struct{})
		g.answer(func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body) // else the server does not notice that the client hangs up
			if start != "" {
				_, _ = w.Write([]byte(start))
				_ = http.NewResponseController(w).Flush()
			}
			cancel()
			<-r.Context().Done() // the driver hung up
			close(released)
		})
		_, err := g.seek.Search(ctx, g.ask(10, h.Path...))
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", name, err)
		}
		select {
		case <-released:
		case <-time.After(10 * time.Second):
			t.Fatalf("%s: the call goes on", name)
		}
	}
}

// testSecrets has the vendor repeat the credentials wherever it can.
func testSecrets(t *testing.T, h Harness) {
	g := newRig(t, h, simulate.Options{Entries: 60})
	var all []string
	for k, v := range h.Credentials {
		if h.field(k).Secret {
			all = append(all, v)
		}
	}
	if len(all) == 0 {
		t.Fatal("the vendor has no secret credential")
	}
	leak := "you sent " + strings.Join(all, " and ")
	check := func(where string, text ...any) {
		t.Helper()
		for _, x := range text {
			for _, form := range []string{"%v", "%+v", "%#v"} {
				if found := h.revealing(fmt.Appendf(nil, form, x)); len(found) > 0 {
					t.Errorf("%s: the %v stands in %s", where, found, form)
				}
			}
		}
	}
	check("source", g.src, g.vendor)
	for _, status := range []int{200, 302, 400, 401, 403, 404, 418, 429} {
		for _, body := range []string{h.Error(status, leak), "<p>" + leak, `{"message":"` + leak + `","x":`} {
			g.reopen(t) // a wish to be left alone would keep the vendor from answering
			g.answer(say(status, "application/json", body, "Location", "https://example.com/?"+all[0], "Retry-After", "60"))
			p, err := g.seek.Search(t.Context(), g.ask(10, h.Path...))
			if err == nil {
				check(fmt.Sprint(status), p)
				continue
			}
			f := fault.Of(err)
			check(fmt.Sprint(status), err, f.Msg, f.Said, f, f.Err)
		}
	}
	g.reopen(t)
	g.answer(nil)
	g.put(t, h.Row(1, time.Now().UTC().Add(-time.Hour).Truncate(time.Second), leak))
	req := g.ask(5, h.Path...)
	for range maxPages {
		p := g.page(t, req)
		for _, e := range p.Entries {
			b, err := e.AppendJSON(nil)
			if err != nil {
				t.Fatal(err)
			}
			check("entry", string(b))
		}
		b, err := json.Marshal(p.Coverage)
		if err != nil {
			t.Fatal(err)
		}
		plain, _, _ := strings.Cut(p.Cursor, ".")
		inside, err := base64.RawURLEncoding.DecodeString(plain)
		if err != nil {
			t.Fatal(err)
		}
		check("page", string(b), p.Cursor, string(inside))
		if req.Cursor = p.Cursor; req.Cursor == "" {
			break
		}
	}
	for name, script := range map[string]http.HandlerFunc{"drop": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }} {
		g.answer(script)
		_, err := g.seek.Search(t.Context(), source.Request{Asks: g.ask(1, h.Path...).Asks, Limit: 1})
		check(name, err)
	}
}
