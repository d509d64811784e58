package rest

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/bff/secret"
)

const planted = "planted/secret-4711"

// options are those of most tests.
func options() Options {
	return Options{Vendor: "Acme", Timeout: 10 * time.Second, Secrets: []secret.Value{secret.New(planted)}}
}

// server starts h and returns a client that may reach it, and its address.
func server(t *testing.T, o Options, h http.HandlerFunc) (*Client, string) {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	n := NewNet(Policy{Operator: []string{srv.URL}})
	t.Cleanup(n.Close)
	return n.Client(o), srv.URL
}

// pipe returns a client whose every connection ends at serve, which gets it once
// a request has arrived. It needs no network, so that a test's bubble sees every
// goroutine and every clock; a goroutine left behind fails the test.
func pipe(o Options, serve func(conn net.Conn)) (c *Client, n *Net) {
	n = NewNet(Policy{Operator: []string{"http://vendor.test"}})
	n.tr.DialContext = func(context.Context, string, string) (net.Conn, error) {
		ours, theirs := net.Pipe()
		go func() {
			defer theirs.Close()
			req, err := http.ReadRequest(bufio.NewReader(theirs))
			if err == nil {
				_, err = io.Copy(io.Discard, req.Body)
			}
			if err == nil {
				serve(theirs)
			}
		}()
		return ours, nil
	}
	return n.Client(o), n
}

// hang blocks until the other side closes.
func hang(conn net.Conn) { _, _ = io.Copy(io.Discard, conn) }

func TestDo_Request(t *testing.T) {
	var got *http.Request
	var body string
	c, base := server(t, options(), func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		got, body = r, string(b)
		w.Header().Set("X-Rows", "2")
		io.WriteString(w, "\ufeff {\"a\":1} ")
	})
	a, err := c.Do(t.Context(), Call{
		Op: "list", Method: "POST", Base: base + "/pre%20fix/", Path: []string{"a/b", "c d", "é", "...", "%2e%2e"},
		Query: url.Values{"q": {"x&y"}}, Header: map[string]string{"Authorization": "Bearer t"}, Body: []byte("{}"), Type: "application/json",
	})
	if err != nil {
		t.Fatal(err)
	}
	if want := "/pre%20fix/a%2Fb/c%20d/%C3%A9/.../%252e%252e?q=x%26y"; got.RequestURI != want || body != "{}" {
		t.Errorf("asked for %s %q, want %s", got.RequestURI, body, want)
	}
	for name, want := range map[string]string{
		"Authorization": "Bearer t", "Content-Type": "application/json", "Accept": "application/json", "User-Agent": "logpane", "Cookie": "", "Referer": "",
	} {
		if h := got.Header.Get(name); h != want {
			t.Errorf("header %s is %q, want %q", name, h, want)
		}
	}
	if string(a.Body) != ` {"a":1} ` || a.Status != 200 || a.Header.Get("X-Rows") != "2" {
		t.Errorf("answer %d %q %v", a.Status, a.Body, a.Header)
	}
}

func TestDo_RefusedBeforeAnyConnection(t *testing.T) {
	c, base := server(t, options(), func(w http.ResponseWriter, r *http.Request) { t.Errorf("%s was called", r.URL) })
	host := strings.TrimPrefix(base, "http://")
	for name, call := range map[string]Call{
		"no base":                {},
		"no host":                {Base: "https:///x"},
		"broken base":            {Base: "https://a b/%zz"},
		"plain http":             {Base: "http://vendor.example"},
		"another port":           {Base: "https://vendor.example:8443"},
		"user info":              {Base: "https://user:" + "pw@vendor.example"},
		"user info, operator's":  {Base: "http://user:pw@" + host},
		"operator's other port":  {Base: "http://127.0.0.1:1"},
		"other scheme":           {Base: "file://" + host + "/etc/passwd"},
		"empty segment":          {Base: base, Path: []string{"a", ""}},
		"dots":                   {Base: base, Path: []string{".."}},
		"dot":                    {Base: base, Path: []string{"."}},
		"control in credentials": {Base: base, Header: map[string]string{"Authorization": planted + "\r\nX: y"}},
	} {
		call.Method = "GET"
		_, err := c.Do(t.Context(), call)
		if fault.KindOf(err) != fault.Invalid || strings.Contains(fmt.Sprintf("%v %#v", err, err), planted) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestDo_Statuses(t *testing.T) {
	for status, want := range map[int]fault.Kind{
		400: fault.Invalid, 401: fault.Unauthenticated, 402: fault.Forbidden, 403: fault.Forbidden, 404: fault.NotFound,
		405: fault.Invalid, 408: fault.Timeout, 409: fault.Invalid, 410: fault.Invalid, 412: fault.Invalid, 415: fault.Invalid,
		418: fault.Invalid, 422: fault.Invalid, 429: fault.RateLimited, 500: fault.Unavailable, 501: fault.Unavailable,
		502: fault.Unavailable, 503: fault.Unavailable, 504: fault.Timeout, 599: fault.Unavailable,
		300: fault.BadUpstream, 301: fault.BadUpstream, 302: fault.BadUpstream, 304: fault.BadUpstream, 307: fault.BadUpstream, 308: fault.BadUpstream,
	} {
		c, base := server(t, options(), func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/" && r.URL.Path != "" {
				t.Errorf("%d was followed to %s", status, r.URL)
			}
			w.Header().Set("Location", "/elsewhere")
			w.WriteHeader(status)
		})
		_, err := c.Do(t.Context(), Call{Op: "read", Method: "GET", Base: base})
		var e *fault.Error
		if !errors.As(err, &e) || e.Kind != want || e.Status != status || e.Msg == "" || e.Op != "acme: read" {
			t.Errorf("%d: %v, want %s", status, err, want)
		}
	}
}

func TestDo_SuccessesThatAreNone(t *testing.T) {
	for _, c := range []struct{ name, ctype, body, said string }{
		{"HTML", "text/html", "<!doctype html><title>Sign  in</title><p>please", "Sign in please"},
		{"HTML called JSON", "application/json", "<html>x</html>", "x"},
		{"nothing", "application/json", "", "an empty body"},
		{"blank", "application/json", " \n", "an empty body"},
		{"words", "text/plain", "try later " + planted, "try later [redacted]"},
		{"words that start like a literal", "text/plain", "temporarily down", "temporarily down"},
		{"a string", "application/json", `"string"`, "string"},
	} {
		cl, base := server(t, options(), func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", c.ctype)
			io.WriteString(w, c.body)
		})
		_, err := cl.Do(t.Context(), Call{Method: "GET", Base: base})
		if e := fault.Of(err); e == nil || e.Kind != fault.BadUpstream || e.Said != c.said {
			t.Errorf("%s: %v, said %q", c.name, err, e.Said)
		}
		if a, err := cl.Do(t.Context(), Call{Method: "GET", Base: base, AnyType: true}); err != nil || string(a.Body) != c.body {
			t.Errorf("%s, any type: %v", c.name, err)
		}
	}
	// JSON with the wrong label is read: an object never is a web page.
	cl, base := server(t, options(), func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		io.WriteString(w, "[]")
	})
	if a, err := cl.Do(t.Context(), Call{Method: "GET", Base: base}); err != nil || string(a.Body) != "[]" {
		t.Errorf("mislabelled JSON: %v", err)
	}
}

func TestDo_HugeBody(t *testing.T) {
	o := options()
	o.MaxBody = 100_000
	row := []byte(`{"a":"` + strings.Repeat("x", 1000) + `"},`)
	for name, h := range map[string]http.HandlerFunc{
		"announced": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", "1000000000000")
			for {
				if _, err := w.Write(row); err != nil {
					return
				}
			}
		},
		"endless": func(w http.ResponseWriter, r *http.Request) {
			for {
				if _, err := w.Write(row); err != nil {
					return
				}
			}
		},
		"gzip": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			z := gzip.NewWriter(w)
			for {
				if _, err := z.Write(row); err != nil {
					return
				}
			}
		},
	} {
		c, base := server(t, o, h)
		_, err := c.Do(t.Context(), Call{Method: "GET", Base: base})
		if e := fault.Of(err); e == nil || e.Kind != fault.BadUpstream || !strings.Contains(e.Msg, "larger than 100000 bytes") {
			t.Errorf("%s: %v", name, err)
		}
	}
	// Exactly the bound is allowed; compressed bytes do not count.
	c, base := server(t, o, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		z.Write([]byte("[" + strings.Repeat(" ", int(o.MaxBody)-2) + "]"))
		z.Close()
	})
	if a, err := c.Do(t.Context(), Call{Method: "GET", Base: base}); err != nil || int64(len(a.Body)) != o.MaxBody {
		t.Errorf("a body of the bound: %v", err)
	}
	// Of an error only the start is read.
	c, base = server(t, o, func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(500)
		for {
			if _, err := w.Write([]byte("down ")); err != nil {
				return
			}
		}
	})
	if _, err := c.Do(t.Context(), Call{Method: "GET", Base: base}); fault.KindOf(err) != fault.Unavailable || len(fault.Of(err).Said) > fault.MaxSaid {
		t.Errorf("endless error: %v", err)
	}
}

func TestDo_BrokenAndSlowAnswers(t *testing.T) {
	for _, c := range []struct {
		name  string
		serve func(net.Conn)
		want  fault.Kind
		took  time.Duration
	}{
		{"no header", hang, fault.Timeout, 10 * time.Second},
		{"half a header", func(c net.Conn) { io.WriteString(c, "HTTP/1.1 200 OK\r\nConte"); hang(c) }, fault.Timeout, 10 * time.Second},
		{"no body", func(c net.Conn) { io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"); hang(c) }, fault.Timeout, 10 * time.Second},
		{"half a body", func(c net.Conn) { io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{\"a\":"); hang(c) }, fault.Timeout, 10 * time.Second},
		{"a body byte by byte", func(c net.Conn) {
			io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n")
			for range 99 {
				if _, err := io.WriteString(c, "{"); err != nil {
					return
				}
				time.Sleep(time.Second)
			}
		}, fault.Timeout, 10 * time.Second},
		{"half an error's body", func(c net.Conn) {
			io.WriteString(c, "HTTP/1.1 503 No\r\nContent-Length: 9\r\n\r\ndown")
			hang(c)
		}, fault.Unavailable, 10 * time.Second},
		{"closed at once", func(c net.Conn) {}, fault.Unavailable, 0},
		{"closed in the header", func(c net.Conn) { io.WriteString(c, "HTTP/1.1 200") }, fault.Unavailable, 0},
		{"no HTTP", func(c net.Conn) { io.WriteString(c, "SSH-2.0-"+planted+"\r\n\r\n") }, fault.Unavailable, 0},
		{"cut body", func(c net.Conn) { io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{\"a\":") }, fault.BadUpstream, 0},
		{"cut chunks", func(c net.Conn) {
			io.WriteString(c, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"a\":\r\n")
		}, fault.BadUpstream, 0},
		{"cut gzip", func(c net.Conn) {
			var b bytes.Buffer
			z := gzip.NewWriter(&b)
			z.Write(bytes.Repeat([]byte("{}"), 1000))
			z.Close()
			fmt.Fprintf(c, "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%s", b.Len()/2, b.Bytes()[:b.Len()/2])
		}, fault.BadUpstream, 0},
		{"another protocol", func(c net.Conn) {
			io.WriteString(c, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n")
		}, fault.BadUpstream, 0},
		{"an endless header", func(c net.Conn) {
			io.WriteString(c, "HTTP/1.1 200 OK\r\n")
			for {
				if _, err := io.WriteString(c, "X-A: "+strings.Repeat("a", 1000)+"\r\n"); err != nil {
					return
				}
			}
		}, fault.Unavailable, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cl, n := pipe(options(), c.serve)
				began := time.Now()
				_, err := cl.Do(t.Context(), Call{Op: "read", Method: "GET", Base: "http://vendor.test"})
				if fault.KindOf(err) != c.want || time.Since(began) != c.took {
					t.Errorf("%v after %v, want %s after %v", err, time.Since(began), c.want, c.took)
				}
				if strings.Contains(fmt.Sprintf("%v %#v", err, err), planted) {
					t.Errorf("the secret shows in %v", err)
				}
				n.Close()
				time.Sleep(time.Minute) // of the bubble: the other side notices
			})
		})
	}
}

func TestDo_TimeLimitOfOneCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, n := pipe(Options{Vendor: "Acme"}, hang)
		for _, want := range []time.Duration{DefaultTimeout, 3 * time.Second} {
			began := time.Now()
			_, err := c.Do(t.Context(), Call{Method: "GET", Base: "http://vendor.test", Timeout: want % DefaultTimeout})
			if fault.KindOf(err) != fault.Timeout || time.Since(began) != want || !strings.Contains(err.Error(), seconds(want)) {
				t.Errorf("%v after %v, want a timeout after %v", err, time.Since(began), want)
			}
		}
		n.Close()
	})
}

func TestDo_CallerGoesAway(t *testing.T) {
	cause := errors.New("the tab was closed")
	for _, c := range []struct {
		name  string
		serve func(net.Conn)
	}{
		{"before the header", hang},
		{"in the body", func(c net.Conn) { io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{\"a\":"); hang(c) }},
		{"in the body of an error", func(c net.Conn) { io.WriteString(c, "HTTP/1.1 500 No\r\nContent-Length: 9\r\n\r\nno"); hang(c) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cl, n := pipe(options(), c.serve)
				ctx, cancel := context.WithCancelCause(t.Context())
				time.AfterFunc(time.Second, func() { cancel(cause) })
				if _, err := cl.Do(ctx, Call{Method: "GET", Base: "http://vendor.test"}); !errors.Is(err, context.Canceled) {
					t.Errorf("%v, want context.Canceled", err)
				}
				ctx2, cancel2 := context.WithTimeout(t.Context(), time.Second)
				defer cancel2()
				if _, err := cl.Do(ctx2, Call{Method: "GET", Base: "http://vendor.test"}); !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("%v, want context.DeadlineExceeded", err)
				}
				n.Close()
			})
		})
	}
}

func TestDo_RetryAfter(t *testing.T) {
	for _, c := range []struct {
		header string
		want   time.Duration
		msg    string
	}{
		{"7", 7 * time.Second, "wait 7 s"},
		{" 0.5 ", 500 * time.Millisecond, "wait"},
		{"0", 0, ""},
		{"-3", 0, ""},
		{"1e300", MaxRetryAfter, "wait 900 s"},
		{"Inf", MaxRetryAfter, "wait"},
		{"NaN", 0, ""},
		{"soon", 0, ""},
		{"", 0, ""},
		{"Sat, 01 Jan 2000 00:01:00 GMT", time.Minute, "wait 60 s"}, // a bubble's clock starts in 2000
		{"Saturday, 01-Jan-00 00:01:00 GMT", time.Minute, "wait 60 s"},
		{"Fri, 31 Dec 1999 00:00:00 GMT", 0, ""},
		{"Fri, 31 Dec 2038 00:00:00 GMT", MaxRetryAfter, "wait 900 s"},
	} {
		synctest.Test(t, func(t *testing.T) {
			cl, n := pipe(options(), func(conn net.Conn) {
				io.WriteString(conn, "HTTP/1.1 429 Slow\r\nContent-Length: 0\r\nRetry-After: "+c.header+"\r\n\r\n")
			})
			_, err := cl.Do(t.Context(), Call{Method: "GET", Base: "http://vendor.test"})
			e := fault.Of(err)
			if e.Kind != fault.RateLimited || e.RetryAfter != c.want || !strings.Contains(e.Msg, c.msg) || c.msg == "" && strings.Contains(e.Msg, "wait") {
				t.Errorf("%q: %v, %v", c.header, e.RetryAfter, e.Msg)
			}
			n.Close()
		})
	}
}

func TestDo_SecretsInErrors(t *testing.T) {
	escaped := strings.NewReplacer("/", `\/`, "p", `\u0070`).Replace(planted)
	for i, body := range []string{
		planted, `{"message":"` + planted + `"}`, `{"message":"` + escaped + `"}`, `<p>` + planted + `</p>`, `{"other":"` + planted + `"}`,
		url.QueryEscape(planted), strings.Repeat("<p>", 1365-6) + planted, strings.Repeat("x", 590) + planted,
	} {
		for _, status := range []int{200, 400, 500} {
			o := options()
			o.Explain = func(e *fault.Error, _ int, _ http.Header, b []byte) {
				e.Said = Cut(e.Said, 400) + " " + strings.Repeat("y", 8)
				e.Msg += "."
			}
			c, base := server(t, o, func(w http.ResponseWriter, r *http.Request) {
				w.WriteHeader(status)
				io.WriteString(w, body)
			})
			_, err := c.Do(t.Context(), Call{Method: "GET", Base: base, Header: map[string]string{"K": planted}, Path: []string{"keys", planted}})
			e := fault.Of(err)
			if status == 200 && err == nil {
				continue // a JSON object is an answer; what it says is the driver's to mask
			}
			for _, form := range []string{planted, url.QueryEscape(planted), planted[:8]} {
				if all := fmt.Sprintf("%v %+v", err, *e); strings.Contains(all, form) {
					t.Errorf("body %d, %d: %q shows in %s", i, status, form, all)
				}
			}
		}
	}
}

func TestDo_ExplainRefines(t *testing.T) {
	o := options()
	o.Explain = func(e *fault.Error, status int, h http.Header, body []byte) {
		if e.Kind != fault.Forbidden || e.Said != "no right" || status != 403 || h.Get("X-Id") != "7" || string(body) != `{"message":"no right"}` {
			t.Errorf("explain got %+v %d %v %s", e, status, h, body)
		}
		e.Kind, e.Msg, e.Said = fault.Unauthenticated, "because of "+planted, e.Said+"\n(7)"
	}
	c, base := server(t, o, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Id", "7")
		w.Header().Set("Retry-After", "3")
		w.WriteHeader(403)
		io.WriteString(w, `{"message":"no right"}`)
	})
	_, err := c.Do(t.Context(), Call{Method: "GET", Base: base})
	if e := fault.Of(err); e.Kind != fault.Unauthenticated || e.Msg != "because of [redacted]; it says to wait 3 s" || e.Said != "no right (7)" {
		t.Errorf("%+v", e)
	}
}

func TestDo_ConcurrentCalls(t *testing.T) {
	c, base := server(t, options(), func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, `{"n":%q}`, r.FormValue("n"))
	})
	done := make(chan error)
	for i := range 64 {
		go func() {
			n := strconv.Itoa(i)
			a, err := c.Do(t.Context(), Call{Method: "GET", Base: base, Query: url.Values{"n": {n}}})
			if err == nil && Value(a.Body).Get("n").Text() != n {
				err = fmt.Errorf("call %s got %s", n, a.Body)
			}
			done <- err
		}()
	}
	for range 64 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

func TestWords(t *testing.T) {
	for body, want := range map[string]string{
		`{"message":"no","status":403}`:            "no",
		`{"errorCode":"E1","message":"no"}`:        "E1; no",
		`{"errors":[{"title":"T","detail":"D"}]}`:  "T; D",
		`{"detail":[{"loc":["q"],"msg":"bad q"}]}`: "bad q",
		`{"detail":"Not found"}`:                   "Not found",
		`{"error":"e","error_description":"e"}`:    "e",
		`{"errors":["a","b","c","d"]}`:             "a; b; c",
		`{"odd":"words"}`:                          `{"odd":"words"}`,
		`{"message":{"message":{"message":{"message":{"message":{"message":"deep"}}}}}}`: `{"message":{"message":{"message":{"message":{"message":{"message":"deep"}}}}}}`,
		`"plain"`: "plain",
		`[]`:      "[]",
		`<html><b>Bad</b> gateway<script>x</script>`: "Bad gateway x",
		`1 < 2 and text`: "1",
		``:               "",
	} {
		if got := Words([]byte(body)); got != want {
			t.Errorf("%s: %q, want %q", body, got, want)
		}
	}
}
