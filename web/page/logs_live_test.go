package page

import (
	"fmt"
	"strings"
	"testing"
	"time"

	alogs "github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/viewer"
	"github.com/logpane/logpane/app/wire"
	"github.com/logpane/logpane/web/client"
)

// openLive opens a view with live=1 and returns the sockets that the page dials.
func openLive(t *testing.T, address string) (*stage, *logs, *client.FakeSockets) {
	t.Helper()
	socks := &client.FakeSockets{}
	s, p := openLogs(t, address, func(f *client.Fake) {
		algoliaConn(f)
		f.Pages[""] = wire.Page{Entries: []alogs.Entry{{ID: "old", Src: "algolia/eu/APP", Time: noon.Add(-time.Minute)}}}
	})
	p.deps.Client = client.New(s.Do, socks.Dial)
	return s, p, socks
}

func arrived(id string) string {
	return fmt.Sprintf(`{"type":"entries","seq":"s1","src":"algolia/eu/APP","entries":[{"id":%q,"src":"algolia/eu/APP","time":"2026-11-21T12:00:01Z","level":"error","summary":"new"}]}`, id)
}

func TestLogs_LiveOpensASocketAndShowsWhatComes(t *testing.T) {
	s, p, socks := openLive(t, "/logs?src=algolia/eu/APP&q=status:500")
	if s.html(); len(socks.All()) != 0 {
		t.Fatal("a link without live=1 follows")
	}
	p.on(nil, viewer.LiveChosen{On: true})
	if s.html(); len(socks.All()) != 1 {
		t.Fatalf("%d sockets", len(socks.All()))
	}
	k := socks.All()[0]
	if got := k.Query.Encode(); got != "q=status%3A500&since=2026-11-21T11%3A59%3A00Z&src=algolia%2Feu%2FAPP" {
		t.Errorf("asked for %s", got)
	}
	k.Open()
	k.Send(arrived("a"), arrived("b"))
	if html := s.html(); p.m.Len() != 3 || !strings.Contains(html, `class="btn live on"`) {
		t.Errorf("%d rows, %s", p.m.Len(), html)
	}
	p.on(nil, viewer.RowOpened{Row: 0})
	k.Send(arrived("c"))
	if html := s.html(); p.m.Len() != 3 || !strings.Contains(html, "Paused – 1 new (1 error)") {
		t.Errorf("%d rows, %s", p.m.Len(), html)
	}
	p.hid(true)
	if len(k.Got) != 1 || k.Got[0] != `{"hidden":true}` {
		t.Errorf("the server was told %q", k.Got)
	}
	k.End(wire.CloseSession, "this session has ended")
	if html := s.html(); p.m.View().Live || !strings.Contains(html, "Live ended: this session has ended.") || !strings.Contains(html, ">Connect<") {
		t.Errorf("after the end: %s", html)
	}
}

func TestLogs_LiveClosesItsSocketWithThePage(t *testing.T) {
	s, p, socks := openLive(t, "/logs?src=algolia/eu/APP")
	p.on(nil, viewer.LiveChosen{On: true})
	s.html()
	p.OnDismount()
	if k := socks.All()[0]; !k.Closed {
		t.Error("the socket outlives the page")
	}
}
