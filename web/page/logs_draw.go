package page

import (
	"slices"
	"strings"
	"time"

	alogs "github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/view"
	"github.com/logpane/logpane/app/viewer"
	"github.com/logpane/logpane/web/part"
	"github.com/maxence-charriere/go-app/v9/pkg/app"
)

// Render draws everything but the rows. The number and order of the children
// never changes: go-app tells them apart by their place, and the grid's element
// holds rows that it does not know of.
func (p *logs) Render() app.UI {
	defer p.workOn()
	var on part.Send = p.on
	v := p.m.View()
	problem, failed := p.m.Problem()
	_, loading := p.m.Loading()
	var details, layer app.UI
	class := "logs"
	stand := p.stand()
	if stand != nil && p.alone() {
		class += " standing"
	}
	if open := p.m.Open(); open >= 0 && p.place.is == nil {
		class += " with-details"
		details = p.details().UI(on)
	}
	var place app.UI
	if p.place.is != nil {
		class += " at-place"
		if p.covers() {
			class += " covered"
		}
		place = p.place.is.body()
	}
	switch p.menu {
	case part.MenuKeys:
		layer = part.Keys{Rows: keyRows(), Switch: true, Letters: p.set.letters}.UI(on)
	case part.MenuPalette:
		layer = part.Palette{Box: p.palette, Items: p.items()}.UI(on)
	case part.MenuRequests:
		layer = part.RequestsDialog{
			Requests: p.calls.Value, Labels: p.labels(), Busy: p.calls.Busy, Err: p.calls.Err, Copied: p.copied, Failed: p.refused, Lens: p.lens(),
		}.UI(on)
	case part.MenuExport:
		layer = p.exportDialog().UI(on)
	}
	wrong, isWrong := p.m.FilterProblem()
	empty := p.m.Empty()
	if isWrong && empty.Why == viewer.EmptyFailed {
		empty.Text, empty.Said = "Nothing was searched: the filter above cannot be read.", ""
	}
	cols := p.m.Columns()
	pills := part.Pills{Pills: p.m.Pills(), Requests: len(v.Src) > 0, Lens: p.lens()}
	find := p.m.Find()
	live := p.m.Live()
	return app.Div().Class(class).DataSet("density", p.set.density).Body(
		p.top(wrong).UI(on),
		part.Tools{
			Facets: p.set.facets, Histogram: p.set.histogram, Find: find.Open, Density: p.set.density,
			Wrap: v.Wrap, Columns: cols, Names: p.m.Names(), Sought: p.sought, Places: p.tabs(), Lens: p.lens(),
		}.UI(pills.UI(on), on),
		app.Div().Class("above").Body(p.notes(stand, problem, failed && !isWrong)...),
		&still{Part: p.histogram(loading), send: on},
		p.coverage(loading).UI(on),
		app.Main().Class("table").Body(
			&still{Part: p.facets(cols, loading), send: on},
			part.Grid{
				Columns: cols, Rows: p.m.Len(), Wrap: v.Wrap, Stale: p.m.Stale() && loading, Loading: loading,
				Foot: p.m.Foot(), Empty: empty,
			}.UI(on),
			app.Div().Class("side").Hidden(details == nil).Body(details),
			p.slow().UI(on),
			part.FindBar(find).UI(on),
			part.LiveBar{Live: live, Digest: p.m.Digest()}.UI(on),
		),
		app.Section().Class("place").Hidden(place == nil).Aria("label", "Drill-down").Body(place),
		part.Status{Text: p.status(), Quiet: live.On, Export: p.exportChip()}.UI(on),
		app.Div().Class("layer").Body(layer),
	)
}

// still draws a part that seldom changes: go-app draws it anew only where its
// exported field differs, and not with each thing that happens on the page.
type still struct {
	app.Compo
	Part interface{ UI(part.Send) app.UI } // not a type parameter: one component for all parts takes less of the download
	send part.Send                         // of the page, which outlives it
}

// Render draws the part.
func (s *still) Render() app.UI { return s.Part.UI(s.send) }

// details is the panel with the open entry.
func (p *logs) details() part.Details {
	v, drill, _ := p.drillDown(&p.entry)
	return part.Details{
		Drill: drill, DrillURL: v.URL(), Entry: p.entry, Row: p.drawn.row, At: p.m.Open(), Now: p.deps.Now(), Zone: p.m.Zone(), Copied: p.copied, Failed: p.refused,
		Vendor: vendorNamed(p.vendors.Value, vendorOf(p.entry.Src)).Title, State: p.panel, Marks: p.m.Marks(), Limit: p.set.limit, Sources: p.set.sources,
		Gone: p.deletesEntry(&p.entry), Lens: p.lens(),
	}
}

func vendorOf(src string) string {
	v, _, _ := strings.Cut(src, "/")
	return v
}

func (p *logs) histogram(loading bool) part.Histogram {
	v := p.m.View()
	_, preset := v.Preset()
	h := part.Histogram{Open: p.set.histogram, Zone: p.m.Zone(), Zoomed: !preset}
	if h.Open {
		if !p.typing && p.bars.due(loading || p.live.sock != nil) {
			p.bars.is = p.m.Histogram(part.Bars)
		}
		h.Histogram = p.bars.is
	}
	return h
}

func (p *logs) facets(cols []viewer.Column, loading bool) part.Facets {
	f := part.Facets{Open: p.set.facets, Loading: loading, Rail: p.rail, Lens: p.lens()}
	if !f.Open {
		return f
	}
	if !p.typing && p.counts.due(loading || p.live.sock != nil) {
		p.counts.is = p.m.Facets()
	}
	if now, more := nearer(p.counted, p.counts.is); more {
		p.counted = now
		p.redrawNext()
	} else {
		p.counted = p.counts.is
	}
	f.Facets = p.counted
	for _, c := range cols {
		f.Columns = append(f.Columns, c.Name)
	}
	for _, src := range p.m.View().Src {
		if v := vendorOf(src); v == "coveo" {
			f.Vendor = vendorNamed(p.vendors.Value, v).Title
		}
	}
	return f
}

// labels are the targets' names by address.
func (p *logs) labels() map[string]string {
	out := map[string]string{}
	lanes := p.m.Lanes()
	for _, l := range lanes {
		if out[l.Src] = l.Label; len(lanes) > 1 {
			out[l.Src] = l.Name()
		}
	}
	return out
}

// slow is the note on a search whose first page is under way.
func (p *logs) slow() part.Slow {
	since, loading := p.m.Loading()
	e := p.m.Empty()
	if !loading || e.Why != viewer.EmptyLoading && !p.m.Stale() {
		return part.Slow{}
	}
	s := part.Slow{On: true, Text: e.Text, For: p.deps.Now().Sub(since)}
	if s.Text == "" {
		s.Text = "Searching…"
	}
	return s
}

// status is the text of the status line: for a moment what was copied.
func (p *logs) status() string {
	switch {
	case p.trying:
		return "Connecting the demo…"
	case p.told != "":
		return p.told
	case p.refused != "":
		return "The browser refused to copy"
	case p.copied == part.CopiedLink:
		return "Link copied: it shows this exact time"
	case p.copied == part.CopiedMoving:
		return "Link copied: its window moves with time"
	case p.copied == part.CopiedEntry:
		return "Link to this entry copied"
	case p.copied != "" && p.masked:
		return "Copied, personal data masked"
	case p.copied != "":
		return "Copied"
	}
	if p.covers() {
		return "" // the table's would be told of what is not in sight
	}
	return p.m.Status()
}

func (p *logs) top(wrong viewer.FilterProblem) part.Top {
	v := p.m.View()
	now := p.deps.Now()
	zone := p.m.Zone()
	t := part.Top{
		Name: p.name(), Title: p.fullName(), Demo: p.demo(), Open: p.menu,
		Zone: part.OffsetName(now.In(zone)), ZoneAt: zone.String(), Box: p.box, Picker: p.picker(),
		Search: part.Search{Box: p.search, Problem: wrong, Typing: !p.given, Lens: p.lens()},
	}
	if reason, better, ok := p.m.Hint(); ok {
		t.Search.Hint, t.Search.Better = reason, better
	}
	t.Box.Now = "-"
	s, err := v.Span(now, zone)
	preset, ok := v.Preset()
	switch {
	case ok:
		t.Span, t.Box.Now = preset.Label, preset.From
	case err == nil:
		t.Span = view.SpanText(s, zone)
	default:
		t.Span = "Choose a time"
	}
	if err == nil {
		const at = "Mon 2 Jan 2006 15:04:05"
		if !s.From.IsZero() {
			t.Box.From = s.From.In(zone).Format(at)
		}
		if t.Box.To = "now"; !s.To.IsZero() {
			t.Box.To = s.To.In(zone).Format(at)
		}
	}
	zones := p.zones
	zones.Now, zones.Own = zone.String(), p.deps.Zone
	t.Zones = zones
	saved := p.saved
	for _, x := range p.set.views {
		saved.Views = append(saved.Views, part.SavedView{Name: x.Name, URL: x.URL})
	}
	here := v
	here.Sel = ""
	saved.Here = here.URL()
	t.Live = p.following()
	t.Share = p.share()
	if p.covers() {
		t.At, t.Demo = p.whereabouts()
	}
	t.More = part.More{Saved: saved, Settings: part.Settings{
		Theme: p.set.theme, Density: p.set.density, Wrap: v.Wrap, Facets: p.set.facets, Histogram: p.set.histogram, Letters: p.set.letters,
	}}
	return t
}

// name calls the view in a few words.
func (p *logs) name() string {
	lanes := p.m.Lanes()
	switch len(lanes) {
	case 0:
		return "Pick targets"
	case 1:
		return lanes[0].Label
	}
	return part.Some(len(lanes), "target")
}

func (p *logs) fullName() string {
	s := ""
	for _, l := range p.m.Lanes() {
		if s != "" {
			s += ", "
		}
		s += l.Label
	}
	return s
}

func (p *logs) picker() part.Picker {
	if p.menu != part.MenuTargets {
		return part.Picker{}
	}
	out := part.Picker{Marked: p.marked, Find: p.find, Busy: p.conns.Busy}
	for _, c := range p.conns.Value {
		v := vendorNamed(p.vendors.Value, c.Vendor)
		g := part.Group{ID: c.ID, Title: v.Title, Account: c.Account, Demo: c.Demo}
		if v.Capabilities.Whole {
			g.Whole = c.Address
		}
		if l := p.picks[c.ID]; l != nil {
			g.Busy, g.Err, g.Targets = l.Busy, l.Err, l.Value
		}
		out.Groups = append(out.Groups, g)
	}
	return out
}

func (p *logs) coverage(loading bool) part.Coverage {
	c := part.Coverage{Lanes: p.m.Lanes(), Zone: p.m.Zone(), Open: p.lane, All: p.lanes, Loading: loading}
	now := p.deps.Now()
	if s, err := p.m.View().Span(now, p.m.Zone()); err == nil {
		c.From, c.To = s.From, s.To
	}
	if c.From.IsZero() {
		if h := p.m.Histogram(part.Bars); !h.From.IsZero() { // one axis for both
			c.From, c.To = h.From, h.To
		}
	}
	if c.To.IsZero() {
		c.To = now
	}
	return c
}

// notes are the lines above the table: what the reader should know of the
// address, of missing connections, and of a search that failed.
func (p *logs) notes(stand *part.Stand, problem viewer.Problem, failed bool) []app.UI {
	out := []app.UI{nil} // what stands here keeps its place: a form in it holds what is typed
	if stand != nil {
		out[0] = stand.UI(p.on)
	}
	note := func(text, label string, msg any, bad bool) {
		out = append(out, part.Note{Text: text, Label: label, Msg: msg, Bad: bad}.UI(p.on))
	}
	if p.tryErr != nil {
		note("The demo could not be connected. "+part.Sentence(p.tryErr.Msg), "Try again", part.ActionGiven{Action: viewer.ActDemo}, true)
	}
	if t, _, ok := p.joins(); ok && stand == nil {
		v := vendorNamed(p.vendors.Value, t.Vendor)
		note("This view reads "+v.Title+", account "+t.Account+" ("+regionLabel(v, t.Region)+"), which this session is not connected to.",
			"Connect "+v.Title, part.ConnectMissing{Vendor: t.Vendor, Region: t.Region, Account: t.Account}, true)
	}
	if failed && !problem.Older && p.m.Len() > 0 {
		act := viewer.ActRetry
		if !slices.Contains(problem.Actions, act) && len(problem.Actions) > 0 {
			act = problem.Actions[0]
		}
		text := part.Sentence(problem.Fault.Msg)
		if problem.Fault.Said != "" {
			text += " The vendor says: " + p.lens().Text(problem.Fault.Said)
		}
		if problem.RetryIn > 0 {
			text += " Trying again in " + part.Length(problem.RetryIn.Round(time.Second)) + "."
		}
		note(text, part.Offer(act), part.ActionGiven{Action: act}, true)
	}
	_, lost := p.m.Lost()
	if n := p.sharing.zone; n != nil && (stand == nil || lost && stand.Form == nil) {
		var open *alogs.Entry
		if p.m.Open() >= 0 {
			open = &p.entry
		}
		out = append(out, part.Note{
			Text: n.text(open), Label: "Show my time (" + n.mine.String() + ")", Msg: zoneTaken{}, Close: zoneKept{},
		}.UI(p.on))
	}
	if lost && stand == nil {
		note("The entry that this link opens is not among these; it may be gone, or not visible with your connection.", "Dismiss", viewer.DetailsClosed{}, false)
	}
	if gone := p.expired(); gone != "" && stand == nil {
		note(gone, "Dismiss", expiredRead{}, false)
	}
	if n, ok := p.aroundNote(); ok {
		out = append(out, n.UI(p.on))
	}
	if l := p.m.Live(); l.Note != "" {
		label, msg := part.Offer(l.Cure), any(part.ActionGiven{Action: l.Cure})
		if label == "" {
			label, msg = "Dismiss", viewer.NoteClosed{}
		}
		note(l.Note, label, msg, false)
	}
	for _, n := range p.notices {
		note(n.Text, "Dismiss", part.NoticesClosed{}, false)
	}
	return out
}
