package server

import (
	"strings"
	"testing"

	"github.com/logpane/logpane/app/fault"
)

// A script cannot connect an account, and has no use for the words with which a
// vendor refused one that another account of the token tried.
func TestBearer_AccountThatTheTokenDoesNotHold(t *testing.T) {
	st := newStand(t)
	st.connect("a")
	token := st.mint("one account").Token
	const says = `this access token does not include Shelf \"locked\" in region here; make one that does at /tokens`
	for _, path := range []string{"/api/logs", "/api/logs.ndjson", "/logs.csv", "/api/requests", "/api/jobs"} {
		resp, body := st.ask("GET", path+"?src=shelf/here/locked", token, nil)
		if resp.StatusCode != 401 || kind(body) != fault.Unauthenticated || !strings.Contains(body, says) || strings.Contains(body, `"said"`) || strings.Contains(body, "connect it") {
			t.Errorf("%s: %d %s", path, resp.StatusCode, body)
		}
	}
	// A session can connect it, and is told why the connection it has does not do.
	if _, body := st.do("GET", "/api/logs?src=shelf/here/locked", "", nil); !strings.Contains(body, "connect it to see this") || !strings.Contains(body, `"said":"locked"`) {
		t.Errorf("by session: %s", body)
	}
}
