package page

import (
	"strings"
	"time"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/app/view"
	"github.com/logpane/logpane/app/viewer"
	"github.com/logpane/logpane/web/dom"
	"github.com/logpane/logpane/web/part"
)

// zone returns the zone of that name, nil for "" and for one that is unknown.
func (p *logs) zone(name string) *time.Location {
	if name == "" {
		return nil
	}
	if loc, ok := view.Location(name); ok {
		return loc
	}
	loc, _ := dom.Location(name)
	return loc
}

// own returns the zone that the reader chose last, else the browser's.
func (p *logs) own() *time.Location {
	for _, name := range []string{p.deps.Storage.get(zoneKey), p.deps.Zone} {
		if loc := p.zone(name); loc != nil {
			return loc
		}
	}
	return time.UTC
}

// understand says how the text of the time box is read, or why it is not.
func (p *logs) understand(text string) (read, wrong string) {
	if strings.TrimSpace(text) == "" {
		return "", ""
	}
	now := p.deps.Now()
	from, to, err := view.ParseSpan(text, now, p.m.Zone())
	if err != nil {
		return "", fault.Of(err).Msg
	}
	s, err := view.View{From: from, To: to}.Span(now, p.m.Zone())
	if err != nil {
		return "", fault.Of(err).Msg
	}
	return view.SpanText(s, p.m.Zone()), ""
}

// spanGiven commits the text of the time box, if it can be read.
func (p *logs) spanGiven(text string) {
	from, to, err := view.ParseSpan(text, p.deps.Now(), p.m.Zone())
	if err != nil {
		p.box.Read, p.box.Wrong = "", fault.Of(err).Msg
		return
	}
	p.menu = part.NoMenu
	p.now()
	p.do(viewer.SpanChosen{From: from, To: to})
	p.focusGrid()
}

// onTime takes what happens in the boxes of span and zone, and reports whether msg
// is of them.
func (p *logs) onTime(msg any) bool {
	switch m := msg.(type) {
	case part.PresetGiven:
		p.menu = part.NoMenu
		p.now()
		p.do(viewer.SpanChosen{From: m.From})
		p.focusGrid()
	case part.SpanGiven:
		p.spanGiven(dom.Value(part.IDSpan))
	case part.ZoneGiven:
		p.menu = part.NoMenu
		p.zoneGiven(m.Name)
		p.focusGrid()
	case part.ZoneEntered:
		name := strings.TrimSpace(dom.Value(part.IDZone))
		if p.zone(name) == nil {
			p.zones.Wrong = "no time zone is called “" + name + "”; write a name such as Europe/Paris, UTC or +05:30"
			return true
		}
		p.menu = part.NoMenu
		p.zoneGiven(name)
		p.focusGrid()
	default:
		return false
	}
	return true
}

// zoneGiven shows times in a zone; "" is the browser's own. The address names a
// zone only where it is not the reader's own, so that a link shows others theirs
// unless one was chosen.
func (p *logs) zoneGiven(name string) {
	if name == p.deps.Zone {
		name = ""
	}
	loc := p.zone(name)
	if loc == nil {
		if loc = p.zone(p.deps.Zone); loc == nil {
			loc = time.UTC
		}
	}
	p.deps.Storage.set(zoneKey, name)
	p.sharing.zone = nil
	p.do(viewer.ZoneChosen{Name: name, Zone: loc})
}

// brushed takes the stretch of the histogram that was marked, in fractions of its
// width.
func (p *logs) brushed(from, to float64) {
	b := part.Histogram{Histogram: p.m.Histogram(part.Bars)}.Brushed(from, to)
	p.later(viewer.Zoomed{From: b.From, To: b.To})
}
