package page

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/logpane/logpane/app/fault"
	alogs "github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/wire"
	"github.com/logpane/logpane/web/client"
	"github.com/logpane/logpane/web/dom"
	"github.com/logpane/logpane/web/part"
)

func TestShareMenu_LinkIsOfTheMomentThatItShows(t *testing.T) {
	_, p := openAt(t, "UTC", "/logs?src=algolia/eu/APP&from=now-15m", pages)
	at := noon
	p.deps.Now = func() time.Time { return at }
	p.on(nil, part.MenuToggled{Menu: part.MenuShare})
	shown := p.share().Exact
	at = at.Add(17 * time.Second)
	if got := p.share().Exact; got != shown {
		t.Errorf("the open menu says %q, and %q a little later", shown, got)
	}
	if got := p.text(part.CopiedLink); !strings.Contains(got, "to=2026-11-21T12:00:00Z") {
		t.Errorf("the link is %s, the menu says %s", got, shown)
	}
	p.on(nil, part.Copied{What: part.CopiedLink})
	if p.menu != part.NoMenu {
		t.Error("the menu stays open over what was copied")
	}
	if got := p.text(part.CopiedLink); !strings.Contains(got, "to=2026-11-21T12:00:17Z") {
		t.Errorf("without the menu the link is %s, want that of now", got)
	}
}

func TestMenus_KeysOfTheTableLeaveTheirRowsAlone(t *testing.T) {
	s, p := openLogs(t, "/logs?src=algolia/eu/APP", pages)
	for _, menu := range []part.Menu{part.MenuShare, part.MenuMore, part.MenuZone, part.MenuSpan, part.MenuTargets, part.MenuLive, part.MenuSettings, part.MenuSaved} {
		p.on(nil, part.MenuToggled{Menu: menu})
		s.disp.Consume()
		row := p.m.Focused()
		for _, name := range []string{"ArrowDown", "ArrowUp", "Home", "End", "PageDown", "j", "G"} {
			if p.key(dom.Key{Name: name, Control: true}) {
				t.Errorf("menu %d: %s on a row of it is used for the table", menu, name)
			}
		}
		if p.m.Focused() != row {
			t.Errorf("menu %d: the table moved to row %d", menu, p.m.Focused())
		}
		p.key(dom.Key{Name: "Escape", Control: true})
		if s.disp.Consume(); p.menu != part.NoMenu {
			t.Errorf("menu %d does not close", menu)
		}
	}
	if !p.key(dom.Key{Name: "ArrowDown", Control: true}) {
		t.Error("without a menu, an arrow on a button of the page does not move the table")
	}
}

func TestPalette_FindsWhatIsCalledOtherwise(t *testing.T) {
	s, p := openLogs(t, "/logs?src=algolia/eu/APP", pages)
	found := func(text string) (ids []string) {
		for _, x := range part.Rank(p.items(), text) {
			ids = append(ids, x.ID)
		}
		return ids
	}
	for _, reveal := range []bool{false, true} {
		p.reveal = reveal
		for _, text := range []string{"mask", "reveal", "personal data", "privacy"} {
			if got := found(text); !slices.Contains(got, itemLens) {
				t.Errorf("revealed %v: %q finds %q", reveal, text, got)
			}
		}
	}
	if got := found("token"); len(got) == 0 || got[0] != itemTokens {
		t.Errorf("token finds %q", got)
	}
	p.choose(itemTokens)
	if len(s.went) != 1 || s.went[0] != "/tokens" {
		t.Errorf("went to %q", s.went)
	}
}

func TestLost_SaysWhoseTimeItIs(t *testing.T) {
	s, p := openAt(t, "Europe/London", "/e/algolia/eu/APP/nobody?t=2026-11-21T09:00:00Z&tz=Europe/Paris", func(f *client.Fake) {
		algoliaConn(f)
		f.Pages[""] = wire.Page{Coverage: []alogs.Coverage{{Src: "algolia/eu/APP", State: alogs.Complete}}}
	})
	html := s.html()
	for _, want := range []string{"of 21 Nov 2026 10:00:00 UTC+1. It may", "Times are as the sender saw them: Europe/Paris (10:00). Yours would be 09:00."} {
		if !strings.Contains(html, want) {
			t.Errorf("%q is missing in %s", want, html)
		}
	}
	p.on(nil, zoneKept{})
	if strings.Contains(s.html(), "as the sender saw them") {
		t.Error("the note cannot be put away")
	}
}

func TestJoin_DemoSaysThatOneClickConnectsAll(t *testing.T) {
	s, p := openAt(t, "UTC", "/logs?src=algolia/demo/A,deepset/demo/W/pipelines/p", func(f *client.Fake) {
		pages(f)
		f.Conns = nil
		f.Fail("GET", wire.PathLogs, fault.New(fault.Unauthenticated, "").Saying("not connected"))
	})
	html := s.html()
	if !strings.Contains(html, "One click connects both demo accounts") || strings.Contains(html, "asked for next") {
		t.Errorf("shows %s", html)
	}
	if got := p.m.Status(); got != "Not connected to A and p" {
		t.Errorf("the status line says %q", got)
	}
}
