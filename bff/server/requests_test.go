package server

import (
	"context"
	"encoding/json"
	"net/http"
	"runtime"
	"strings"
	"testing"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/app/wire"
)

func TestRequests_DescribeCallsAndMakeNone(t *testing.T) {
	st := newStand(t)
	st.connect("a")
	calls := st.calls.Load()
	resp, body := st.do("GET", "/api/requests?limit=7&src=shelf/here/a,shelf/here/a/boxes/b&q=stage:INDEXING&tz=UTC&cursor=x", "", nil)
	var out wire.Requests
	if err := json.Unmarshal([]byte(body), &out); err != nil || resp.StatusCode != http.StatusOK || len(out.Requests) != 2 {
		t.Fatalf("%d %v %s", resp.StatusCode, err, body)
	}
	r := out.Requests[0]
	if r.Src != "shelf/here/a" || r.Method != "GET" || r.URL != "https://shelf.example/rows?limit=10" ||
		!strings.Contains(r.Curl, `-H 'Authorization: Bearer '"$SHELF_KEY" \`) || strings.Contains(body, "right") {
		t.Errorf("%s", body)
	}
	if st.calls.Load() != calls {
		t.Error("a vendor was called")
	}
}

// An account that a connection may be able to read is only known to be read once a
// call has proved it, which describing does not make.
func TestRequests_OfAnotherAccountOnlyOnceItWasRead(t *testing.T) {
	st := newStand(t)
	st.connect("mine")
	calls := st.calls.Load()
	if _, body := st.do("GET", "/api/requests?src=shelf/here/other", "", nil); kind(body) != fault.Unauthenticated || st.calls.Load() != calls {
		t.Errorf("before: %s, after %d calls", body, st.calls.Load()-calls)
	}
	st.do("GET", "/api/logs?src=shelf/here/other", "", nil)
	calls = st.calls.Load()
	if _, body := st.do("GET", "/api/requests?src=shelf/here/other", "", nil); !strings.Contains(body, `"src":"shelf/here/other"`) || st.calls.Load() != calls {
		t.Errorf("afterwards: %s, after %d calls", body, st.calls.Load()-calls)
	}
}

func TestRequests_BadParameters(t *testing.T) {
	st := newStand(t)
	st.connect("a")
	for _, q := range []string{"", "src=x", "src=shelf/here/a&q=(", "src=shelf/here/a&limit=0", "src=shelf/here/a&nope=1", "src=shelf/here/a&facets=2"} {
		if _, body := st.do("GET", "/api/requests?"+q, "", nil); kind(body) != fault.Invalid {
			t.Errorf("%q: %s", q, body)
		}
	}
	if _, body := st.do("GET", "/api/logs?src=shelf/here/a&facets=yes", "", nil); kind(body) != fault.Invalid {
		t.Errorf("facets=yes: %s", body)
	}
}

func TestLogs_ReaderWhoLeavesEndsTheVendorsCall(t *testing.T) {
	st := newStand(t)
	st.connect("a")
	st.Server.accounts.close() // the shelf is opened again, and waits
	st.slow = make(chan struct{})
	for _, q := range []string{"", "&q=entry", "&q=stage:nowhere"} {
		before := st.left.Load()
		calls := st.calls.Load()
		ctx, cancel := context.WithCancel(t.Context())
		req, err := http.NewRequestWithContext(ctx, "GET", st.web.URL+"/api/logs?src=shelf/here/a"+q, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set(wire.Header, "1")
		done := make(chan error, 1)
		go func() {
			resp, err := st.http.Do(req)
			if err == nil {
				resp.Body.Close()
			}
			done <- err
		}()
		for st.calls.Load() == calls {
			runtime.Gosched()
		}
		cancel()
		if err := <-done; err == nil {
			t.Fatal("there was an answer")
		}
		for st.left.Load() == before { // the test's time limit is the bound
			runtime.Gosched()
		}
		if n := st.calls.Load() - calls; n != 1 {
			t.Errorf("%q: %d calls", q, n)
		}
	}
}

func TestLogs_NotesOnNamesThatNothingHas(t *testing.T) {
	st := newStand(t)
	st.connect("a")
	var page wire.Page
	_, body := st.do("GET", "/api/logs?src=shelf/here/a&q=stge:x", "", nil)
	if err := json.Unmarshal([]byte(body), &page); err != nil || len(page.Notes) != 1 || page.Notes[0].Near != "stage" {
		t.Errorf("%v %s", err, body)
	}
	if _, body := st.do("GET", "/api/logs?src=shelf/here/a&q=stage:INDEXING&facets=1", "", nil); strings.Contains(body, "notes") || strings.Contains(body, "facets") {
		t.Errorf("%.300s", body)
	}
}
