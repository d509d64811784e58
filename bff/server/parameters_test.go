package server

import (
	"strings"
	"testing"

	"github.com/logpane/logpane/app/fault"
)

func TestExport_UnknownParameterNamesThoseThereAre(t *testing.T) {
	st := newStand(t)
	st.connect("a")
	const there = `there is no parameter \"frm\"; there is src, q, from, to, item, tz, cols, limit, reveal, live"`
	for _, path := range []string{"/api/logs.csv", "/api/logs.ndjson", "/logs.json", "/logs.md"} {
		if _, body := st.do("GET", path+"?frm=now-7d&src=shelf/here/a", "", nil); kind(body) != fault.Invalid || !strings.Contains(body, there) {
			t.Errorf("%s: %s", path, body)
		}
		// What only the page has is let pass, also what means the same as one of them.
		if resp, body := st.do("GET", path+"?sel=x&pick=1&sort=took&group=job&wrap=1&v=1&uri=item4&from=all&src=shelf/here/a", "", nil); resp.StatusCode != 200 {
			t.Errorf("%s of a page's address: %d %s", path, resp.StatusCode, body)
		}
		if _, body := st.do("GET", path+"?uri=a&uri=b&src=shelf/here/a", "", nil); kind(body) != fault.Invalid {
			t.Errorf("%s with two uri: %s", path, body)
		}
	}
}
