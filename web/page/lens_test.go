package page

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	alogs "github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/redact"
	"github.com/logpane/logpane/app/viewer"
	"github.com/logpane/logpane/app/wire"
	"github.com/logpane/logpane/web/client"
	"github.com/logpane/logpane/web/part"
)

func withPerson(f *client.Fake) {
	algoliaConn(f)
	f.Config.MaskKey = "00000000000000ff"
	e := alogs.Entry{
		ID: "e0", Src: "algolia/eu/APP", Time: noon, Summary: "by zebedee@planted.example", Fields: alogs.Fields{{Name: "ip", Value: "203.0.113.199"}},
		Raw: json.RawMessage(`{"ip":"203.0.113.199","password":"zebedee-password"}`),
	}
	other := e
	other.ID, other.Time = "e1", noon.Add(-time.Minute)
	f.Pages[""] = wire.Page{Entries: []alogs.Entry{e, other}, Coverage: []alogs.Coverage{{Src: e.Src, State: alogs.Complete}}, Scanned: 2}
}

func TestLens_RevealIsOfThisTabAlone(t *testing.T) {
	s, p := openLogs(t, "/logs?src=algolia/eu/APP", withPerson)
	if got := p.lens(); got != (redact.Lens{Key: 255}) {
		t.Fatalf("the page looks through %+v", got)
	}
	p.do(viewer.RowOpened{Row: 0})
	for _, html := range []string{s.html(), p.text("raw"), p.text("field:ip")} {
		if strings.Contains(html, "zebedee") || strings.Contains(html, "203.0.113.199") || !strings.Contains(html, "[ip ") {
			t.Errorf("masked: %s", html)
		}
	}
	address, kept := p.m.View().URL(), len(s.html())
	generation := p.drawn.generation
	p.on(nil, part.RevealChosen{On: true})
	html := s.html()
	for _, want := range []string{"zebedee@planted.example", "203.0.113.199", ">Revealed<"} {
		if !strings.Contains(html, want) {
			t.Errorf("revealed, %q is missing", want)
		}
	}
	if strings.Contains(html, "zebedee-password") || strings.Contains(p.text("raw"), "zebedee-password") {
		t.Error("revealed, a password is shown")
	}
	if p.drawn.generation == generation {
		t.Error("the rows are not drawn anew")
	}
	if p.m.View().URL() != address || kept == 0 {
		t.Errorf("the address became %s", p.m.View().URL())
	}
	p.choose(itemLens)
	if strings.Contains(s.html(), "zebedee") {
		t.Error("the palette does not mask again")
	}
	if _, again := openLogs(t, address, withPerson); again.lens().Reveal {
		t.Error("another page reveals, too")
	}
}

func TestLens_ComparisonIsMadeAnew(t *testing.T) {
	s, p := openLogs(t, "/compare?src=algolia/eu/APP&pick=e0&pick=e1", withPerson)
	s.disp.Consume()
	if html := s.html(); p.place.is == nil || strings.Contains(html, "zebedee") || !strings.Contains(html, "[e-mail ") {
		t.Fatalf("masked: %s", html)
	}
	p.on(nil, part.RevealChosen{On: true})
	if html := s.html(); !strings.Contains(html, "zebedee@planted.example") || strings.Contains(html, "zebedee-password") {
		t.Errorf("revealed: %s", html)
	}
}
